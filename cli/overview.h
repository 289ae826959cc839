/* SPDX-License-Identifier: MIT */
#ifndef CLI_OVERVIEW_H
#define CLI_OVERVIEW_H
#include <stdio.h>
#include "lib/metrics.h"

/*
 * The state for people: a table of the WANs by name; below it sums, limits, how far the octets can
 * be trusted, and what could not be read. now_s: seconds since 1970, for ages. 0 or -ENOMEM.
 */
int overview_print(FILE *, const struct snapshot *, uint64_t now_s, size_t width);
#endif
