/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include "lib/pace.h"

enum { US_PER_MS_PERCENT = 10, EVENTS_LEAVE = 4 };

void pace_add(struct pace *pace, const struct pace_cost *cost, uint32_t percent)
{
	uint64_t allowed = (uint64_t)percent * US_PER_MS_PERCENT * cost->since_ms;
	uint64_t left = allowed > cost->events_us ? allowed - cost->events_us : 0;
	uint64_t needed_ms = PACE_MOST_MS;

	if (left < allowed / EVENTS_LEAVE)
		left = allowed / EVENTS_LEAVE;
	if (left && cost->poll_us < left * PACE_MOST_MS / (cost->since_ms ? cost->since_ms : 1))
		needed_ms = (cost->poll_us * cost->since_ms + left - 1) / left;
	pace->needed_ms[pace->count++ % PACE_POLLS] = (uint32_t)needed_ms;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* One poll alone says nothing of the others. */
static uint32_t middle(const struct pace *pace)
{
	const uint32_t *ms = pace->needed_ms;

	if (pace->count < 2)
		return 0;
	if (pace->count < PACE_POLLS)
		return lesser(ms[0], ms[1]);
	return greater(lesser(ms[0], ms[1]), lesser(greater(ms[0], ms[1]), ms[2]));
}

static uint32_t times_of(uint64_t needed_ms, uint32_t configured_ms)
{
	uint64_t times = (needed_ms + configured_ms - 1) / configured_ms;

	return times ? (uint32_t)times : 1;
}

uint32_t pace_interval(struct pace *pace, uint32_t configured_ms)
{
	uint32_t most = greater(PACE_MOST_MS / configured_ms, 1), needed_ms = middle(pace);
	uint32_t times = times_of(needed_ms, configured_ms);

	if (times < pace->times)
		times = lesser(pace->times, times_of((uint64_t)needed_ms * 11 / 10, configured_ms));
	pace->times = lesser(times, most);
	return pace->times * configured_ms;
}

uint64_t pace_due(uint64_t due_ms, uint64_t now_ms, uint32_t interval_ms)
{
	due_ms += interval_ms;
	if (due_ms > now_ms)
		return due_ms;
	return due_ms + ((now_ms - due_ms) / interval_ms + 1) * interval_ms;
}

void pace_why(uint32_t configured_ms, uint32_t in_force_ms, uint32_t percent, char *why)
{
	bool whole = configured_ms % 1000 == 0;

	*why = '\0';
	if (in_force_ms > configured_ms)
		snprintf(why, PACE_WHY_LEN,
			 "each %" PRIu32 " %s would take more than %" PRIu32
			 " %% of a core (cpu-budget): they are further apart",
			 whole ? configured_ms / 1000 : configured_ms, whole ? "s" : "ms", percent);
}
