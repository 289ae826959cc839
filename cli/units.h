/* SPDX-License-Identifier: MIT */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H
#include <stdint.h>
#include "lib/metrics.h"

/* Values in words for people, in short. */

enum { UNIT_LEN = 32 };

/* 900 kbit/s, 4.1 Mbit/s, 41 Mbit/s */
void rate_text(uint64_t kbps, char text[UNIT_LEN]);

/* 900 B, 4.1 kB, 41 MB: thousands, as rates are */
void octets_text(uint64_t octets, char text[UNIT_LEN]);

/* Of 1/100 %: 27 %, <1 %, 0 % */
void share_text(uint64_t share, char text[UNIT_LEN]);

/* 500 ms, 1 s, 1.5 s */
void duration_text(uint64_t ms, char text[UNIT_LEN]);

/* How long: 12 s, 3 min, 2 h 5 min, 4 d 1 h */
void age_text(uint64_t s, char text[UNIT_LEN]);

/* Of KiB: 900 KiB, 1.2 MiB */
void kib_text(uint64_t kib, char text[UNIT_LEN]);

/* "1 subflow", "3 subflows", "? subflows" */
void count_text(struct maybe_u32 count, const char *one, const char *many, char *text, size_t size);

/* The metric of that key, which must be one of the table's. */
const struct metric *metric_of(const struct metric_table *, const char *key);

/*
 * A field of a row by its key, as a cell: rates and shares as above, words for what has words, `-`
 * for what is absent.
 */
void metric_text(const struct metric_table *, const char *key, const void *row, char *text,
		 size_t size);

/* The same of a value that was read. Moments are figures: who knows the present tells them better. */
void metric_value_text(const struct metric *, const struct metric_value *, char *text, size_t size);
#endif
