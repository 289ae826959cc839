/* SPDX-License-Identifier: MIT */
/* Conditions that come and go: one alarm, however often, and a long calm before it is cleared. */
#include "lib/alarm_condition.h"
#include "tests/alarm_world.h"
#include "tests/tap.h"

static struct world world;

static void down(void)
{
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
}

static void back(void)
{
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
}

/* Comes and goes for so long; rows gained. */
static int flap(uint32_t down_s, uint32_t back_s, uint32_t s)
{
	int rows = 0;

	for (uint32_t passed = 0; passed < s; passed += down_s + back_s) {
		down();
		rows += world_run(&world, down_s);
		back();
		rows += world_run(&world, back_s);
	}
	return rows;
}

static bool is_flapping(void)
{
	return world.snapshot.alarm_count == 1 && world.snapshot.alarms[0].flapping;
}

/* Down for less than it takes to raise an alarm, or back for less than it takes to clear one. */
static void two_notifications_an_episode(void)
{
	static const struct { uint32_t down_s, back_s; } periods[] = {
		{ 5, 5 }, { 10, 10 }, { 10, 50 }, { 20, 25 }, { 30, 60 }, { 55, 30 },
		{ 60, 15 }, { 90, 25 },
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		uint32_t down_s = periods[i].down_s, back_s = periods[i].back_s;

		world_begin(&world);
		is_u64((uint64_t)flap(down_s, back_s, 3 * 3600), 1,
		       "down for %u s, back for %u s, for three hours: one row", down_s, back_s);
		ok(is_flapping(), "... an alarm marked as flapping");
		is_u64((uint64_t)world_run(&world, 3600), 1, "calm: a second row");
		is_u64(world_row(&world, 0)->transition, ALARM_CLEARED, "... that clears it");
		world_end(&world);
	}
}

/*
 * Slow enough to be raised and cleared like any other the first time: then it is known, and is one
 * episode.
 */
static void slow_ones_are_known_by_their_return(void)
{
	static const struct { uint32_t down_s, back_s; } periods[] = {
		{ 65, 40 }, { 90, 90 }, { 120, 60 }, { 300, 290 },
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		uint32_t down_s = periods[i].down_s, back_s = periods[i].back_s;

		world_begin(&world);
		is_u64((uint64_t)flap(down_s, back_s, 6 * 3600), 3,
		       "down for %u s, back for %u s, for six hours: raised, cleared, raised",
		       down_s, back_s);
		ok(is_flapping(), "... now marked as flapping");
		is_u64((uint64_t)world_run(&world, 3600), 1, "calm: cleared");
		world_end(&world);
	}
}

static void three_times_are_no_flapping(void)
{
	world_begin(&world);
	is_u64((uint64_t)flap(30, 30, 180), 0, "three times down for 30 s: nothing");
	down();
	is_u64((uint64_t)world_run(&world, 30), 0, "the fourth: nothing yet");
	back();
	world_run(&world, 5);
	down();
	is_u64((uint64_t)world_run(&world, 5), 1, "down again after the fourth: raised");
	ok(is_flapping(), "... and marked");
	world_end(&world);

	world_begin(&world);
	is_u64((uint64_t)flap(30, 190, 3600), 0, "but three times in any ten minutes: never");
	world_end(&world);

	world_begin(&world);
	world.snapshot.taken_ms = 0;
	is_u64((uint64_t)flap(30, 30, 180), 0, "three times just after the machine's start");
	down();
	is_u64((uint64_t)world_run(&world, 55), 0, "... are not four");
	world_end(&world);
}

static void what_flaps_must_add_up(void)
{
	world_begin(&world);
	is_u64((uint64_t)flap(5, 95, 3600), 0, "six times down for 5 s in ten minutes: 30 s of 60");
	world.settings.raise_after_ms = 25 * 1000;
	is_u64((uint64_t)flap(5, 95, 1000), 1, "enough when 25 are");
	world_end(&world);
}

static void a_long_calm_clears(void)
{
	world_begin(&world);
	flap(10, 10, 600);
	ok(is_flapping(), "given: an alarm that flaps");
	down();
	world_run(&world, 10);
	back();
	is_u64(world_until_row(&world, 3600), 300, "cleared after ten times 30 s of calm");
	ok(!world.snapshot.alarm_count, "... and gone");
	world_end(&world);
}

/* One that is active is marked, too, when it comes and goes. */
static void an_active_one_is_marked(void)
{
	world_begin(&world);
	down();
	world_run(&world, 120);
	ok(world.snapshot.alarm_count && !is_flapping(), "given: an alarm that does not flap");
	flap(10, 10, 60);
	ok(!is_flapping(), "three times: not yet");
	alarms_saved(world.alarms);
	flap(10, 10, 20);
	ok(is_flapping(), "four times: marked");
	ok(alarms_dirty(world.alarms), "... worth saving");
	is_u64(world.snapshot.host.alarm_sequence, 1, "... without a row");
	world_end(&world);
}

static void a_return_is_marked_at_once(void)
{
	world_begin(&world);
	down();
	world_run(&world, 120);
	back();
	is_u64(world_until_row(&world, 3600), 30, "raised, cleared as ever");
	down();
	is_u64(world_until_row(&world, 3600), 60, "again, after the time it always takes");
	ok(is_flapping(), "... marked");
	back();
	is_u64(world_until_row(&world, 3600), 300, "cleared only after ten times 30 s");
	world_run(&world, 545);
	down();
	is_u64(world_until_row(&world, 3600), 60, "ten minutes later");
	ok(!is_flapping(), "... it is a new one");
	world_end(&world);
}

/* A line that is used now and then and silent under pressure else. */
static void idle_flaps_by_pressed_seconds(void)
{
	world_begin(&world);
	for (int i = 0; i < 4; i++) {
		world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
		world.wans[0].pressed_ms = 2500;
		world_run(&world, 40);
		back();
		world_run(&world, 20);
	}
	world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
	world.wans[0].pressed_ms = 2500;
	is_u64(world_until_row(&world, 3600), 75, "80 s by then, 40 of the 80 s that follow");
	world_end(&world);
}

static void silence_is_no_going(void)
{
	world_begin(&world);
	for (int i = 0; i < 20; i++) {
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_run(&world, 5);
		world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
		world_run(&world, 5);
	}
	ok(world.snapshot.alarm_count == 1 && !is_flapping(), "quiet in between is no flapping");
	world_end(&world);
}

/* What was seen once, and could be neither said nor denied for long after, is not kept for ever. */
static void what_has_lapsed_is_let_go(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_run(&world, 35);
	world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
	world_run(&world, 1800);
	is_u64(world.alarms->count, 1, "pending for idle-memory");
	world_poll(&world);
	is_u64(world.alarms->count, 0, "and no longer");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_run(&world, 120);
	world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
	world_run(&world, 86400);
	is_u64(world.alarms->count, 1, "an alarm is");
	world_end(&world);
}

int main(void)
{
	two_notifications_an_episode();
	slow_ones_are_known_by_their_return();
	three_times_are_no_flapping();
	what_flaps_must_add_up();
	a_long_calm_clears();
	an_active_one_is_marked();
	a_return_is_marked_at_once();
	idle_flaps_by_pressed_seconds();
	silence_is_no_going();
	what_has_lapsed_is_let_go();
	return tap_done();
}
