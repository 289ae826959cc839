/* SPDX-License-Identifier: MIT */
#ifndef LIB_PACE_H
#define LIB_PACE_H
#include <stddef.h>
#include <stdint.h>

/*
 * How far apart polls are: as configured, or so many times that as the budget of CPU time needs, up
 * to a minute, so that alarms stay possible. Pure arithmetic; all zero to begin with.
 *
 * What events cost between polls no interval changes: polls have what it leaves of the budget, or a
 * quarter. Of the last three polls the middle one counts: a single slow one stretches nothing.
 */
enum { PACE_POLLS = 3, PACE_MOST_MS = 60 * 1000 };

struct pace {
	uint32_t needed_ms[PACE_POLLS]; /* interval that each would have needed */
	size_t count;			/* of polls */
	uint32_t times;			/* the configured interval; 0 at first */
};

/* What a poll has cost, and the time since the one before. */
struct pace_cost {
	uint64_t poll_us;   /* of CPU time, of the thread that polls */
	uint64_t events_us; /* ... since the poll before */
	uint64_t since_ms;  /* between them */
};

/* After a poll. `percent` of one core are its budget. */
void pace_add(struct pace *, const struct pace_cost *, uint32_t percent);

/* The interval in force. It becomes shorter when a tenth less would do. */
uint32_t pace_interval(struct pace *, uint32_t configured_ms);

/*
 * When the poll after the one that was due is; the ones that were missed meanwhile are left out, so
 * that none follows at once.
 */
uint64_t pace_due(uint64_t due_ms, uint64_t now_ms, uint32_t interval_ms);

/* For a log: why polls are further apart than configured; "" when they are not. */
enum { PACE_WHY_LEN = 128 };
void pace_why(uint32_t configured_ms, uint32_t in_force_ms, uint32_t percent, char *why);
#endif
