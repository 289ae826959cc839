/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_CHANGES_H
#define COLLECTD_PLUGIN_CHANGES_H
#include <syslog.h>
#include "lib/settings.h"
#include "lib/metrics.h"
#include "lib/pace.h"

/* What a log is told: a thing when it is new, and when it is over; never at every read. */
struct changes {
	uint32_t accounting;
	char reason[REASON_LEN], kernel[REASON_LEN], enabled[REASON_LEN];
	char state[WHY_LEN], start[WHY_LEN], pace[PACE_WHY_LEN];
};

/* Priority as of syslog. The line is valid only during the call. */
typedef void (*say_fn)(void *arg, int priority, const char *line);

/* Of a new snapshot. */
void changes_of(struct changes *, const struct snapshot *, say_fn fn, void *arg);

/* That polls are further apart than configured. */
void changes_of_pace(struct changes *, const struct settings *, const struct snapshot *, say_fn fn,
		     void *arg);

/* Why no state is kept, and why nothing can be watched at all; "" for all well. */
void changes_of_state(struct changes *, const char *why, say_fn fn, void *arg);
void changes_of_start(struct changes *, const char *why, say_fn fn, void *arg);
#endif
