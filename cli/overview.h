/* SPDX-License-Identifier: MIT */
#ifndef CLI_OVERVIEW_H
#define CLI_OVERVIEW_H
#include "cli/table.h"
#include "lib/metrics.h"

/*
 * The state for people: a table of the WANs by name; below it sums, limits, how far the octets can
 * be trusted, what could not be read, and what is wrong with what to do about it. now_s: seconds
 * since 1970, for ages. 0 or -ENOMEM.
 */
int overview_print(const struct screen *, const struct snapshot *, uint64_t now_s);

/* Its parts, for those who show something else beside them. */
int overview_wans(const struct screen *, const struct snapshot *);
void overview_sums(const struct screen *, const struct snapshot *, uint64_t now_s);

/* Why no WAN is known, and what to do: what follows "No WAN is known: ". */
extern const char overview_no_wan[];

/* What the table says of a WAN in the column of that metric. */
void overview_cell(const struct snapshot *, const struct wan *, const char *key, struct cell *);

/* Why it is so. In a narrow column a word says more than the beginning of a sentence. */
void overview_why(const struct snapshot *, const struct wan *, size_t width, struct cell *);

/* The snapshot's WANs by name (wan2 before wan10), for the caller to free; NULL: no memory. */
const struct wan **overview_by_name(const struct snapshot *);

/* That order, for qsort() over pointers to WANs: their indexes only tell which was known first. */
int overview_compare_names(const void *, const void *);

/* How a WAN's state is told. */
enum style overview_state_style(const struct wan *);
#endif
