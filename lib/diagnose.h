/* SPDX-License-Identifier: MIT */
#ifndef LIB_DIAGNOSE_H
#define LIB_DIAGNOSE_H
#include "lib/snapshot.h"

/*
 * The moments before this one, oldest first; pure data for diagnose(). Kept by the monitor, spaced
 * so that the state window is covered by no more than HISTORY_MOST of them.
 */
enum { HISTORY_MOST = 64 };

struct history {
	const struct snapshot *moments[HISTORY_MOST];
	size_t count;
};

/*
 * Takes hold of a sealed snapshot and lets go of those that no comparison needs any more. The
 * newest one always stays, and so does the newest one whose subflows were answered.
 */
void history_add(struct history *, const struct snapshot *, uint32_t window_ms);
void history_clear(struct history *);

/*
 * Fills in what can only be said by comparison: rates since the poll before, shares and
 * retransmission ratio over the state window, the state of each WAN (design: first match of
 * unknown, absent, down, carrying, standby, detached, unjoined, quiet) and since when, and the
 * host's counts of WANs. Pure: the same arguments give the same result.
 */
void diagnose(struct snapshot *, const struct history *, const struct harvest *,
	      const struct settings *);
#endif
