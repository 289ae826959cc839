/* SPDX-License-Identifier: MIT */
#ifndef CLI_REFERENCE_H
#define CLI_REFERENCE_H
#include "cli/screen.h"
#include "lib/metrics.h"

/*
 * The reference of all metrics: what follows from a row of THE table without being in it, and the
 * page and the document that are made of all rows.
 */
enum { REFERENCE_NAME_LEN = 96 };

struct reference {
	const char *type;		/* in a word, for people */
	char oid[REFERENCE_NAME_LEN];	/* below the root: 1.2.1.11, 1.1.10.0 */
	char value[REFERENCE_NAME_LEN];	/* collectd's: WAN/count-state; "" for none */
	char source[4];			/* ... its part of a value with two, rx; "" for the only one */
	const char *kind;		/* ... GAUGE or DERIVE */
	const char *unit;		/* ... in which collectd gets it; NULL: none */
};

struct reference reference_of(const struct metric_table *, const struct metric *);

/* The OID of the root, in figures. */
const char *reference_root(char oid[REFERENCE_NAME_LEN]);

/* "1 unknown, 2 absent, ..." of a metric with words; returns text. */
enum { REFERENCE_WORDS_LEN = 2048 };
const char *reference_words(const struct metric *, char text[REFERENCE_WORDS_LEN]);

/* For people. */
void reference_text(const struct screen *);

/* doc/metrics.md below its mark. */
void reference_markdown(FILE *);

/* As JSON, for the caller to free; NULL: no memory. */
char *reference_json(void);
#endif
