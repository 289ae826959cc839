/* SPDX-License-Identifier: MIT */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H
#include "lib/metrics.h"

struct json_object;

/*
 * The numbers that a finding rests on: metrics of its WAN and of the host, counters of the kernel,
 * and the WAN's endpoints, by a table of causes.
 */

/* *at begins at 0. False after the last one; those without a value are passed over. */
struct evidence {
	enum evidence_kind { EVIDENCE_OF_WAN, EVIDENCE_OF_HOST, EVIDENCE_COUNTER } kind;
	const char *name;	     /* a metric's key, or the counter's */
	const struct metric *metric; /* NULL: a counter */
	struct metric_value value;
};
bool evidence_next(const struct snapshot *, const struct finding *, size_t *at, struct evidence *);

/*
 * All of one kind in words: "state unjoined, subflows 0, connections eligible 2"; "" for none.
 * Returns text.
 */
enum { EVIDENCE_LEN = 1024 };
char *evidence_text(const struct snapshot *, const struct finding *, enum evidence_kind,
		    char text[EVIDENCE_LEN]);

/*
 * "2: 192.168.12.2 subflow; 7: 10.0.0.9 backup fullmesh (not usable)": the endpoints of the
 * finding's WAN, or of no WAN for the host. "" where they say nothing about the cause.
 */
char *evidence_endpoints(const struct snapshot *, const struct finding *, char text[EVIDENCE_LEN]);

/* Numbers by their names: {"wan": {...}, "host": {...}, "counters": {...}}. NULL: no memory. */
struct json_object *evidence_json(const struct snapshot *, const struct finding *);
#endif
