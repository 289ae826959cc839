/* SPDX-License-Identifier: MIT */
/* Findings to alarms: what must hold for how long until one is raised, and what raises none. */
#include "tests/alarm_world.h"
#include "tests/tap.h"

static struct world world;

static void each_kind_holds_for_its_time(void)
{
	static const struct { enum wan_state state; enum cause cause; uint32_t s; } cases[] = {
		{ WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 60 },
		{ WAN_DETACHED, CAUSE_NO_ENDPOINT, 60 },
		{ WAN_QUIET, CAUSE_JOIN_UNANSWERED, 60 },
		{ WAN_STANDBY, CAUSE_BACKUP_NOT_READY, 600 },
		{ WAN_IDLE, CAUSE_UNEXPLAINED, 115 },	/* the first reading is of 5 s, too */
		{ WAN_IDLE, CAUSE_SCHEDULER_AVOIDS, 895 },
		{ WAN_DOWN, CAUSE_LINK_DOWN, 60 },
		{ WAN_ABSENT, CAUSE_INTERFACE_ABSENT, 60 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool down = cause_kind(cases[i].cause) == FINDING_DOWN;

		world_begin(&world);
		world_wan(&world, 2, cases[i].state, cases[i].cause, 0);
		is_u64(world_until_row(&world, 3600), cases[i].s, "%s: raised after",
		       cause_words[cases[i].cause]);
		ok(world_row_is(&world, 0, ALARM_RAISED, "wan2",
				down ? ALARM_LINE_DOWN : ALARM_UP_BUT_IDLE),
		   "... of its type");
		is_u64((uint64_t)world_run(&world, 3600), 0, "... once");
		world_end(&world);
	}
	world_begin(&world);
	world_host(&world, CAUSE_FAR_END_SILENT, VERDICT_YES, 0);
	is_u64(world_until_row(&world, 3600), 60, "of the host: raised after");
	ok(world_row_is(&world, 0, ALARM_RAISED, "", ALARM_HOST + CAUSE_FAR_END_SILENT),
	   "... of its type");
	is_u64((uint64_t)world_run(&world, 3600), 0, "... once");
	world_end(&world);
}

static void one_reading_never_raises(void)
{
	static const enum wan_state states[] = { WAN_UNJOINED, WAN_IDLE, WAN_DOWN };
	static const enum cause causes[] = { CAUSE_UNEXPLAINED, CAUSE_UNEXPLAINED,
					     CAUSE_LINK_DOWN };

	for (size_t i = 0; i < 3; i++) {
		world_begin(&world);
		world.settings.raise_after_ms = world.settings.raise_idle_after_ms = 0;
		world_wan(&world, 1, states[i], causes[i], 0);
		is_u64((uint64_t)world_poll(&world), 0, "%s: not by one poll",
		       state_words[states[i]]);
		is_u64((uint64_t)world_poll(&world), 1, "... by two");
		world_end(&world);
	}
}

static void severe_enough(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_MISSING_ON_OLD_CONNECTIONS, SEVERITY_INFO);
	world_wan(&world, 2, WAN_DOWN, CAUSE_ADMIN_DOWN, SEVERITY_INFO);
	world_wan(&world, 3, WAN_STANDBY, CAUSE_BACKUP_IN_USE, SEVERITY_MAJOR);
	world_wan(&world, 4, WAN_DOWN, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);
	world_wan(&world, 5, WAN_CARRYING, CAUSE_MISSING_ON_OLD_CONNECTIONS, SEVERITY_MAJOR);
	world_wan(&world, 6, WAN_UNKNOWN, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);
	world_host(&world, CAUSE_DRIFT, VERDICT_YES, SEVERITY_INFO);
	is_u64((uint64_t)world_run(&world, 3600), 0, "info, the wrong kind, the wrong state: none");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_MISSING_ON_OLD_CONNECTIONS, SEVERITY_WARNING);
	world_host(&world, CAUSE_DRIFT, VERDICT_YES, SEVERITY_WARNING);
	is_u64((uint64_t)world_run(&world, 3600), 2, "a warning is enough");
	world_end(&world);
}

/* Evening load comes in bursts of 20 s, a few minutes apart. */
static void pressed_seconds_add_up(void)
{
	uint32_t bursts = 0;

	world_begin(&world);
	while (!world.snapshot.host.alarm_sequence && bursts < 100) {
		world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
		world_run(&world, 20);
		bursts++;
		world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
		world_run(&world, 200);
	}
	is_u64(bursts, 6, "bursts of 20 s within half an hour that make 120");
	world_end(&world);

	world_begin(&world);
	for (bursts = 0; !world.snapshot.host.alarm_sequence && bursts < 100; bursts++) {
		world_wan(&world, 1, WAN_IDLE, CAUSE_SCHEDULER_AVOIDS, 0);
		world_run(&world, 20);
		world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
		world_run(&world, 100);
	}
	is_u64(bursts, 9, "one that the scheduler avoids: 120 of them, and a quarter of an hour");
	world_end(&world);

	world_begin(&world);
	for (bursts = 0; bursts < 100; bursts++) {
		world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
		world_run(&world, 20);
		world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
		world_run(&world, 400);
	}
	is_u64(world.snapshot.host.alarm_sequence, 0, "too far apart: forgotten before it is 120");
	world_end(&world);

	world_begin(&world);
	for (bursts = 0; bursts < 100; bursts++) {
		world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
		world_run(&world, 100);
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_run(&world, 300);
	}
	is_u64(world.snapshot.host.alarm_sequence, 0, "a line that carries begins anew");
	world_end(&world);

	world_begin(&world);
	world_wan(&world, 1, WAN_IDLE, CAUSE_UNEXPLAINED, 0);
	world.wans[0].pressed_ms = 1000;
	is_u64(world_until_row(&world, 3600), 595, "a second in five was under pressure");
	world_end(&world);
}

/* No longer than two intervals count, however long nobody looked. */
static void a_gap_is_no_evidence(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_poll(&world);
	world.snapshot.taken_ms += 1200 * 1000;
	is_u64((uint64_t)world_poll(&world), 0, "a while away: not raised by it");
	is_u64(world_until_row(&world, 3600), 45, "... 10 s of it count");
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	world_poll(&world);
	world.snapshot.taken_ms += 3600 * 1000;
	is_u64((uint64_t)world_poll(&world), 0, "nor cleared");
	is_u64(world_until_row(&world, 3600), 15, "... 10 s of it count");
	world_end(&world);
}

/* What lies between two polls was waited for by the interval of the first one. */
static void a_shorter_interval_makes_no_gap(void)
{
	world_begin(&world);
	world.snapshot.host.interval_ms = 60 * 1000;
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_poll(&world);
	world.snapshot.host.interval_ms = 5000;
	world.snapshot.taken_ms += 45 * 1000;
	is_u64((uint64_t)world_poll(&world), 0, "50 s");
	is_u64(world_until_row(&world, 3600), 5, "... count whole");
	world_end(&world);
}

static void the_contrary_begins_it_anew(void)
{
	world_begin(&world);
	for (int i = 0; i < 3; i++) {
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		is_u64((uint64_t)world_run(&world, 55), 0, "not long enough");
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_poll(&world);
	}
	world_end(&world);

	world_begin(&world);
	world.settings.raise_after_ms = 0;
	for (int i = 0; i < 3; i++) {
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		is_u64((uint64_t)world_poll(&world), 0, "one reading at a time is never enough");
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_poll(&world);
	}
	world_end(&world);
}

/* A line does not become guilty at once of one kind of fault by what it was suspected of before. */
static void each_kind_has_its_clock(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_BACKUP_NOT_READY, 0);
	world_run(&world, 300);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	is_u64(world_until_row(&world, 3600), 55, "structural after backup");
	world_end(&world);
}

/*
 * --- when the agent or its sight is new --------------------------------------------------------
 */

static void warm_up(void)
{
	world_begin(&world);
	world.settings.raise_after_ms = 0;
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world.snapshot.host.polls = 0;
	is_u64((uint64_t)world_poll(&world), 0, "poll 1 says nothing");
	is_u64((uint64_t)world_poll(&world), 0, "nor poll 2");
	is_u64((uint64_t)world_poll(&world), 0, "poll 3 is the first");
	is_u64((uint64_t)world_poll(&world), 1, "... and poll 4 the second");
	world_end(&world);
}

static void after_a_resynchronisation(void)
{
	world_begin(&world);
	world.settings.raise_after_ms = 0;
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_UNKNOWN, CAUSE_NONE, 0);
	world_poll(&world);
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_host(&world, CAUSE_FALLBACK, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 15), 0, "two polls say nothing, one is not enough");
	is_u64((uint64_t)world_poll(&world), WORLD_WANS + 1, "then it is as ever");
	world_end(&world);

	world_begin(&world);
	world.settings.raise_after_ms = 0;
	world_wan(&world, 1, WAN_UNKNOWN, CAUSE_NONE, 0);
	world_poll(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	is_u64((uint64_t)world_run(&world, 10), 1, "one line unknown is no resynchronisation");
	world_end(&world);

	world_begin(&world);
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_UNKNOWN, CAUSE_SOURCE_UNREADABLE, 0);
	world_host(&world, CAUSE_SOURCE_UNREADABLE, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 3600), 1, "unreadable for an hour: that is told");
	world_end(&world);
}

int main(void)
{
	each_kind_holds_for_its_time();
	one_reading_never_raises();
	severe_enough();
	pressed_seconds_add_up();
	a_gap_is_no_evidence();
	a_shorter_interval_makes_no_gap();
	the_contrary_begins_it_anew();
	each_kind_has_its_clock();
	warm_up();
	after_a_resynchronisation();
	return tap_done();
}
