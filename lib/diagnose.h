/* SPDX-License-Identifier: MIT */
#ifndef LIB_DIAGNOSE_H
#define LIB_DIAGNOSE_H
#include "lib/history.h"

/*
 * From a snapshot and those before it to what may be said: rates and shares, the state of each WAN
 * and since when, what the connections ask of it, the findings that explain it, and the verdicts on
 * what stops bonding as a whole. Pure: the same arguments give the same result, byte for byte. What
 * must be remembered between polls travels in the snapshots themselves (struct memory).
 *
 * States, first match: unknown, absent, down, carrying, standby, detached, unjoined, idle, quiet.
 * Returns 0 or -ENOMEM: then states are as they should be, and findings are missing.
 */
int diagnose(struct snapshot *, const struct history *, const struct harvest *,
	     const struct settings *);
#endif
