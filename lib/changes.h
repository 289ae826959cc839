/* SPDX-License-Identifier: MIT */
#ifndef LIB_CHANGES_H
#define LIB_CHANGES_H
#include <syslog.h>
#include "lib/settings.h"

/*
 * What a log is told of polls: a thing when it is new, and when it is over; never at every poll.
 */

/* Priority as of syslog. The line is valid only during the call. */
typedef void (*say_fn)(void *arg, int priority, const char *line);

/*
 * "WHAT: NOW", a warning, or "WHAT: all well again" where now is ""; nothing when `last`, which has
 * `size` octets, more than now takes, and becomes what is now, was the same.
 */
void changes_say(char *last, size_t size, const char *now, const char *what, say_fn fn, void *arg);

/* What was said of snapshots; all 0 before the first. */
struct changes {
	uint32_t accounting;
	char reason[REASON_LEN], kernel[REASON_LEN], enabled[REASON_LEN], pace[REASON_LEN];
};

/* How a new snapshot counts, what the kernel did not tell, and whether MPTCP is switched off. */
void changes_of(struct changes *, const struct host *, say_fn fn, void *arg);

/* That polls are further apart than these settings of the monitor have it. */
void changes_of_pace(struct changes *, const struct settings *, const struct host *, say_fn fn,
		     void *arg);
#endif
