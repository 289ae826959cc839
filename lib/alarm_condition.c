/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/alarm_condition.h"

/*
 * --- sliding sums ------------------------------------------------------------------------------
 */

static void sliding_move(struct sliding *sliding, uint32_t window_ms, uint64_t now_ms)
{
	uint64_t part_ms = window_ms < SLIDING_PARTS ? 1 : window_ms / SLIDING_PARTS;
	uint64_t newest = now_ms / part_ms;

	/* Other settings: parts of another length do not add up with these. */
	if (sliding->part_ms != part_ms || newest < sliding->newest ||
	    newest - sliding->newest >= SLIDING_PARTS) {
		memset(sliding, 0, sizeof(*sliding));
		sliding->part_ms = part_ms;
		sliding->newest = newest;
	}
	while (sliding->newest < newest)
		sliding->ms[++sliding->newest % SLIDING_PARTS] = 0;
}

static void sliding_add(struct sliding *sliding, uint32_t window_ms, uint64_t now_ms, uint64_t ms)
{
	sliding_move(sliding, window_ms, now_ms);
	sliding->ms[sliding->newest % SLIDING_PARTS] += (uint32_t)ms;
}

static uint64_t sliding_sum(struct sliding *sliding, uint32_t window_ms, uint64_t now_ms)
{
	uint64_t sum = 0;

	sliding_move(sliding, window_ms, now_ms);
	for (size_t i = 0; i < SLIDING_PARTS; i++)
		sum += sliding->ms[i];
	return sum;
}

/*
 * --- a condition -------------------------------------------------------------------------------
 */

static bool pressed_only(enum hold hold)
{
	return hold == HOLD_IDLE || hold == HOLD_AVOIDED;
}

/* One that the scheduler avoids needs as much pressure as any idle one, and a longer wait. */
static uint32_t hold_ms(const struct settings *settings, enum hold hold)
{
	const uint32_t holds_ms[HOLDS] = {
		[HOLD_FIRM] = settings->raise_after_ms,
		[HOLD_BACKUP] = settings->raise_backup_after_ms,
		[HOLD_IDLE] = settings->raise_idle_after_ms,
		[HOLD_AVOIDED] = settings->raise_idle_after_ms,
	};

	return holds_ms[hold];
}

/*
 * What was seen for a moment, and could be neither said nor denied for long after, does not add up
 * to an alarm with what is seen another day.
 */
static bool lapsed(const struct condition *condition, const struct poll_time *moment)
{
	return !condition->active && condition->for_polls &&
	       moment->now_ms - condition->last_for_ms > moment->settings->idle_memory_ms;
}

static void forget_pending(struct condition *condition)
{
	memset(condition->for_ms, 0, sizeof(condition->for_ms));
	memset(&condition->pressed, 0, sizeof(condition->pressed));
	condition->for_polls = 0;
	condition->last = EVIDENCE_NONE;
}

static void take_for(struct condition *condition, const struct reading *reading,
		     const struct poll_time *moment)
{
	const struct settings *settings = moment->settings;
	uint64_t elapsed_ms = moment->elapsed_ms;

	condition->against_ms = 0;
	condition->against_polls = 0;
	if (lapsed(condition, moment))
		forget_pending(condition);
	condition->last_for_ms = moment->now_ms;
	if (pressed_only(reading->hold)) {
		if (elapsed_ms > reading->pressed_ms)
			elapsed_ms = reading->pressed_ms;
		if (!sliding_sum(&condition->pressed, settings->idle_memory_ms, moment->now_ms))
			condition->pressed_since_ms = moment->now_ms - elapsed_ms;
		sliding_add(&condition->pressed, settings->idle_memory_ms, moment->now_ms,
			    elapsed_ms);
	} else if (condition->last == EVIDENCE_FOR) {
		/* The clock starts with the first reading: before it, nobody knows. */
		condition->for_ms[reading->hold] += elapsed_ms;
	}
	/* What flaps as fast as we poll is never seen twice on end: here each reading counts. */
	sliding_add(&condition->seen, settings->flap_window_ms, moment->now_ms, elapsed_ms);
	if (condition->for_polls < POLLS_LEAST)
		condition->for_polls++;
	condition->last = EVIDENCE_FOR;
	condition->last_for = *reading;
	condition->last_for.finding = NULL;
}

static void take_against(struct condition *condition, const struct poll_time *moment)
{
	if (condition->last == EVIDENCE_FOR) {
		memmove(condition->went_ms + 1, condition->went_ms,
			FLAPS_MOST * sizeof(condition->went_ms[0]));
		condition->went_ms[0] = moment->now_ms;
		if (condition->went_count <= FLAPS_MOST)
			condition->went_count++;
	}
	if (!condition->active)
		forget_pending(condition);
	if (condition->against_polls)
		condition->against_ms += moment->elapsed_ms;
	if (condition->against_polls < POLLS_LEAST)
		condition->against_polls++;
	condition->last = EVIDENCE_AGAINST;
}

void condition_take(struct condition *condition, const struct reading *reading,
		    const struct poll_time *moment)
{
	if (reading->evidence == EVIDENCE_FOR)
		take_for(condition, reading, moment);
	else if (reading->evidence == EVIDENCE_AGAINST)
		take_against(condition, moment);
}

static bool came_and_went(const struct condition *condition, const struct poll_time *moment)
{
	return condition->went_count > FLAPS_MOST &&
	       moment->now_ms - condition->went_ms[FLAPS_MOST] <= moment->settings->flap_window_ms;
}

static bool cleared_lately(const struct condition *condition, const struct poll_time *moment)
{
	return condition->cleared_ms &&
	       moment->now_ms - condition->cleared_ms <= moment->settings->flap_window_ms;
}

bool condition_flapping(const struct condition *condition, const struct poll_time *moment)
{
	return came_and_went(condition, moment) || cleared_lately(condition, moment);
}

bool condition_due(struct condition *condition, const struct poll_time *moment)
{
	const struct settings *settings = moment->settings;
	enum hold hold = condition->last_for.hold;
	uint32_t need_ms = hold_ms(settings, hold);
	uint64_t held_ms = condition->for_ms[hold];

	if (hold == HOLD_AVOIDED &&
	    moment->now_ms - condition->pressed_since_ms < settings->raise_avoided_after_ms)
		return false;
	if (pressed_only(hold))
		held_ms =
			sliding_sum(&condition->pressed, settings->idle_memory_ms, moment->now_ms);
	if (condition->for_polls >= POLLS_LEAST && held_ms >= need_ms)
		return true;
	return came_and_went(condition, moment) &&
	       sliding_sum(&condition->seen, settings->flap_window_ms, moment->now_ms) >= need_ms;
}

bool condition_over(const struct condition *condition, const struct poll_time *moment)
{
	uint64_t need_ms = moment->settings->clear_after_ms;

	if (condition->alarm.flapping)
		need_ms *= FLAP_CLEAR_FACTOR;
	return condition->against_polls >= POLLS_LEAST && condition->against_ms >= need_ms;
}

void condition_cleared(struct condition *condition, const struct poll_time *moment)
{
	struct condition fresh = {
		.alarm = { .wan_index = condition->alarm.wan_index, .type = condition->alarm.type },
		.present = condition->present,
		.last = EVIDENCE_AGAINST,
		.cleared_ms = moment->now_ms,
	};

	memcpy(fresh.alarm.wan_name, condition->alarm.wan_name, sizeof(fresh.alarm.wan_name));
	*condition = fresh;
}

bool condition_spent(const struct condition *condition, const struct poll_time *moment)
{
	if (condition->active || cleared_lately(condition, moment) ||
	    (condition->for_polls && !lapsed(condition, moment)))
		return false;
	return !condition->went_count ||
	       moment->now_ms - condition->went_ms[0] > moment->settings->flap_window_ms;
}
