/* SPDX-License-Identifier: MIT */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H
#include "cli/screen.h"
#include "lib/metrics.h"

/*
 * Findings for people. Those that say the same of several WANs are told once, with all their names:
 * the worst first, then as the snapshot has them.
 */

/*
 * Of a severity at least; returns how many groups were told. The whole of it: since when, the
 * numbers that it rests on, and all four parts of the advice.
 */
size_t findings_print(const struct screen *, const struct snapshot *, enum severity least,
		      bool whole);

/*
 * What the finding that explains the WAN's state says, its own or the host's, in a few words; "" for
 * none.
 */
const char *findings_why(const struct snapshot *, const struct wan *);

enum style findings_style(enum severity);
#endif
