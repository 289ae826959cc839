/* SPDX-License-Identifier: MIT */
/* How far apart polls are. Two percent of 5 s are 100 ms of CPU time. */
#include "lib/pace.h"
#include "tests/tap.h"

enum { INTERVAL_MS = 5000, PERCENT = 2 };

/* The interval after some polls of that cost, 5 s apart. */
static uint32_t after(struct pace *pace, unsigned int polls, uint64_t poll_ms, uint64_t events_ms)
{
	const struct pace_cost cost = { poll_ms * 1000, events_ms * 1000, INTERVAL_MS };

	while (polls--)
		pace_add(pace, &cost, PERCENT);
	return pace_interval(pace, INTERVAL_MS);
}

static void as_configured_while_it_suffices(void)
{
	struct pace pace = { 0 };

	is_u64(pace_interval(&pace, INTERVAL_MS), 5000, "before the first poll");
	is_u64(after(&pace, 1, 900, 0), 5000, "the first one finds its memory");
	is_u64(after(&pace, 1, 4, 0), 5000, "the second is as it will be");
	is_u64(after(&pace, 9, 100, 0), 5000, "as much as the budget");
	is_u64(after(&pace, 9, 0, 0), 5000, "and nothing at all");
}

static void so_many_times_it_as_the_budget_needs(void)
{
	struct pace pace = { 0 };

	is_u64(after(&pace, 3, 101, 0), 10000, "a little more: twice");
	is_u64(after(&pace, 3, 300, 0), 15000, "three times as much: three times");
	is_u64(after(&pace, 3, 301, 0), 20000, "or more");
	is_u64(after(&pace, 3, 1200, 0), 60000, "up to a minute");
	is_u64(after(&pace, 3, 99999, 0), 60000, "whatever it takes");
	is_u64(pace_interval(&pace, 7000), 56000, "which is no more than a minute");
	is_u64(pace_interval(&pace, 40000), 40000, "... either");
	is_u64(pace_interval(&pace, 600000), 600000, "longer only as configured");
	is_u64(after(&pace, 3, 4, 0), 5000, "and back");
}

static void one_slow_poll_stretches_nothing(void)
{
	struct pace pace = { 0 };

	after(&pace, 5, 50, 0);
	is_u64(after(&pace, 1, 5000, 0), 5000, "one");
	is_u64(after(&pace, 1, 50, 0), 5000, "one before");
	is_u64(after(&pace, 1, 5000, 0), 60000, "two of three do");
	is_u64(after(&pace, 1, 50, 0), 5000, "but not for long");
}

static void it_does_not_swing(void)
{
	struct pace pace = { 0 };

	is_u64(after(&pace, 3, 101, 0), 10000, "over the budget");
	is_u64(after(&pace, 3, 99, 0), 10000, "a little below is not enough to go back");
	is_u64(after(&pace, 3, 101, 0), 10000, "nor forth");
	is_u64(after(&pace, 3, 90, 0), 5000, "a tenth is");
}

static void events_leave_polls_a_part(void)
{
	struct pace pace = { 0 };

	is_u64(after(&pace, 3, 60, 40), 5000, "together they are within it");
	is_u64(after(&pace, 3, 60, 60), 10000, "polls have what events leave");
	is_u64(after(&pace, 3, 22, 99), 5000, "or a quarter");
	is_u64(after(&pace, 3, 26, 400), 10000, "even if events alone take more");
}

static void the_next_one_is_due_in_step(void)
{
	is_u64(pace_due(1000, 1004, 100), 1100, "after a short poll");
	is_u64(pace_due(1000, 1099, 100), 1100, "after a long one");
	is_u64(pace_due(1000, 1100, 100), 1200, "never at once: what was missed is left out");
	is_u64(pace_due(1000, 1450, 100), 1500, "however much it was");
}

static void why_is_told(void)
{
	char why[PACE_WHY_LEN];

	pace_why(5000, 5000, 2, why);
	is_text(why, "", "as configured");
	pace_why(5000, 10000, 2, why);
	is_text(why, "each 5 s would take more than 2 % of a core (cpu-budget): they are further apart",
		"stretched");
	pace_why(500, 1000, 100, why);
	is_text(why,
		"each 500 ms would take more than 100 % of a core (cpu-budget): they are further apart",
		"in milliseconds");
}

int main(void)
{
	as_configured_while_it_suffices();
	so_many_times_it_as_the_budget_needs();
	one_slow_poll_stretches_nothing();
	it_does_not_swing();
	events_leave_polls_a_part();
	the_next_one_is_due_in_step();
	why_is_told();
	return tap_done();
}
