/* SPDX-License-Identifier: MIT */
/* An alarm that was raised: what freezes it, and what clears it. */
#include "tests/alarm_world.h"
#include "tests/tap.h"

static struct world world;

static void raise_wan1(enum wan_state state, enum cause cause)
{
	world_begin(&world);
	world_wan(&world, 1, state, cause, 0);
	world_run(&world, 3600);
	ok(world_row_is(&world, 0, ALARM_RAISED, "wan1", ALARM_UP_BUT_IDLE) &&
		   world.snapshot.host.alarm_sequence == 1,
	   "given: wan1 in alarm by %s", cause_words[cause]);
}

/* What happens to the alarm that raise_wan1() made: seconds until it is cleared, 3600 for never. */
static void clears_after(uint32_t s, const char *text)
{
	is_u64(world_until_row(&world, 3600), s, "%s: cleared after", text);
	if (s < 3600)
		ok(world_row_is(&world, 0, ALARM_CLEARED, "wan1", ALARM_UP_BUT_IDLE) &&
			   strstr(world_row(&world, 0)->text, text) != NULL,
		   "... and says so: %s", world_row(&world, 0)->text);
	world_end(&world);
}

/*
 * --- freezing ----------------------------------------------------------------------------------
 */

static void quiet_and_unknown_freeze(void)
{
	static const enum wan_state states[] = { WAN_QUIET, WAN_UNKNOWN };
	enum { MONTH_S = 30 * 24 * 3600 };

	for (size_t i = 0; i < 2; i++) {
		raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
		world.snapshot.host.interval_ms = 60 * 1000;
		world_wan(&world, 1, states[i], CAUSE_NONE, 0);
		is_u64((uint64_t)world_run(&world, MONTH_S), 0, "%s for a month: the alarm stays",
		       state_words[states[i]]);
		is_u64(world.snapshot.alarm_count, 1, "... active");
		world_end(&world);

		world_begin(&world);
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_run(&world, 35);
		world_wan(&world, 1, states[i], CAUSE_NONE, 0);
		is_u64((uint64_t)world_run(&world, 1700), 0, "%s for a while: nothing is raised",
		       state_words[states[i]]);
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		is_u64(world_until_row(&world, 3600), 25, "... and the clock goes on where it was");
		world_end(&world);

		world_begin(&world);
		for (unsigned int day = 0; day < 30; day++) {
			world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
			world_run(&world, 35);
			world_wan(&world, 1, states[i], CAUSE_NONE, 0);
			world_run(&world, 3600);
		}
		is_u64(world.snapshot.host.alarm_sequence, 0,
		       "%s for an hour: what was seen before has lapsed", state_words[states[i]]);
		world_end(&world);

		raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_run(&world, 20);
		world_wan(&world, 1, states[i], CAUSE_NONE, 0);
		is_u64((uint64_t)world_run(&world, 86400), 0, "... nor cleared");
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		clears_after(10, "carries again");
	}
}

static void a_night_within_a_standing_alarm(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	for (int night = 0; night < 30; night++) {
		for (uint32_t i = 1; i <= WORLD_WANS; i++)
			world_wan(&world, i, WAN_QUIET, CAUSE_NONE, 0);
		is_u64((uint64_t)world_run(&world, 8 * 3600), 0, "night %d: no row", night);
		for (uint32_t i = 2; i <= WORLD_WANS; i++)
			world_wan(&world, i, WAN_CARRYING, CAUSE_NONE, 0);
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		is_u64((uint64_t)world_run(&world, 3600), 0, "day %d: no row", night);
	}
	world_end(&world);
}

static void a_fault_of_the_host_silences_the_lines(void)
{
	world_begin(&world);
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_UNJOINED, CAUSE_FALLBACK, 0);
	world_host(&world, CAUSE_FALLBACK, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 3600), 1, "six lines without a subflow: one alarm");
	ok(world_row_is(&world, 0, ALARM_RAISED, "", ALARM_HOST + CAUSE_FALLBACK),
	   "... of the host");
	world_end(&world);

	raise_wan1(WAN_STANDBY, CAUSE_BACKUP_NOT_READY);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_FAR_END_SILENT, 0);
	is_u64((uint64_t)world_run(&world, 3600), 0, "a line's alarm stays under it");
	world_end(&world);

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_FAR_END_SILENT, 0);
	is_u64((uint64_t)world_run(&world, 3600), 0, "... whatever its role is now");
	world_end(&world);
}

static void the_host_is_not_judged_by_silence(void)
{
	world_begin(&world);
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_YES, 0);
	world_run(&world, 30);
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_UNKNOWN, 0);
	is_u64((uint64_t)world_run(&world, 1700), 0, "unknown raises nothing");
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 60), 1, "raised");
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_UNKNOWN, 0);
	is_u64((uint64_t)world_run(&world, 86400), 0, "unknown clears nothing");
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_NO, 0);
	is_u64(world_until_row(&world, 3600), 30, "no: cleared after");
	is_text(world_row(&world, 0)->text, "over; it had been blackhole for 1 d 0 h", "... said");
	world_host(&world, CAUSE_DRIFT, VERDICT_YES, SEVERITY_WARNING);
	world_run(&world, 120);
	world_host(&world, CAUSE_DRIFT, VERDICT_YES, SEVERITY_INFO);
	is_u64(world_until_row(&world, 3600), 30, "yes, but only worth knowing: cleared after");
	world_end(&world);
}

/*
 * --- clearing ----------------------------------------------------------------------------------
 */

static void contrary_evidence_clears(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	clears_after(30, "wan1: carries again; it had been subflow-limit for 59 min 30 s");

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
	world.wans[0].subflows = 1;
	clears_after(30, "wan1: joined again; it had been subflow-limit");

	raise_wan1(WAN_STANDBY, CAUSE_BACKUP_NOT_READY);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_NONE, 0);
	world.wans[0].subflows = 1;
	clears_after(30, "wan1: joined again; it had been backup-not-ready");

	raise_wan1(WAN_IDLE, CAUSE_SCHEDULER_AVOIDS);
	world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
	world.wans[0].subflows = 1;
	clears_after(3600, "joined is nothing new for an idle line");

	raise_wan1(WAN_IDLE, CAUSE_UNEXPLAINED);
	world_wan(&world, 1, WAN_QUIET, CAUSE_NONE, 0);
	world.wans[0].subflows = 1;
	clears_after(3600, "nor for one without an explanation");

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world.wans[0].subflows = 1;
	clears_after(3600, "a subflow beside a finding that stands");

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_UNKNOWN, CAUSE_NONE, 0);
	world.wans[0].subflows = 1;
	clears_after(3600, "subflows of a moment long gone");

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_NONE, 0);
	clears_after(30, "wan1: is a backup line now; it had been subflow-limit");

	raise_wan1(WAN_STANDBY, CAUSE_BACKUP_NOT_READY);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_NONE, 0);
	clears_after(3600, "a night without connections, for a backup line");
}

static void a_line_that_goes_down(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	clears_after(30, "wan1: the line went down; it had been subflow-limit");

	raise_wan1(WAN_IDLE, CAUSE_SCHEDULER_AVOIDS);
	world_wan(&world, 1, WAN_ABSENT, CAUSE_INTERFACE_ABSENT, 0);
	clears_after(30, "wan1: the line went down; it had been scheduler-avoids");

	raise_wan1(WAN_DETACHED, CAUSE_NO_ENDPOINT);
	world_wan(&world, 1, WAN_DOWN, CAUSE_ADMIN_DOWN, 0);
	clears_after(30, "wan1: was switched off; it had been no-endpoint");
}

static void a_line_that_comes_back(void)
{
	static const struct {
		enum wan_state state;
		enum cause cause;
		const char *text;
	} cases[] = {
		{ WAN_QUIET, CAUSE_NONE, "wan3: is back; it had been link-down for 4 min 30 s" },
		{ WAN_UNJOINED, CAUSE_NONE, "wan3: is back; it had been link-down for 4 min 30 s" },
		{ WAN_DOWN, CAUSE_ADMIN_DOWN,
		  "wan3: was switched off; it had been link-down for 4 min 30 s" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_begin(&world);
		world_wan(&world, 3, WAN_DOWN, CAUSE_LINK_DOWN, 0);
		is_u64((uint64_t)world_run(&world, 300), 1, "line-down is raised");
		world_wan(&world, 3, cases[i].state, cases[i].cause, 0);
		is_u64(world_until_row(&world, 3600), 30, "cleared after");
		is_text(world_row(&world, 0)->text, cases[i].text, "... said");
		world_end(&world);
	}
	world_begin(&world);
	world_wan(&world, 3, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 300);
	world_wan(&world, 3, WAN_UNKNOWN, CAUSE_NONE, 0);
	is_u64((uint64_t)world_run(&world, 86400), 0, "unknown is not back");
	world_wan(&world, 3, WAN_DOWN, CAUSE_NONE, 0);
	is_u64((uint64_t)world_run(&world, 86400), 0, "nor is a line down without a reason");
	world_end(&world);
}

static void one_reading_never_clears(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world.settings.clear_after_ms = 0;
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	is_u64((uint64_t)world_poll(&world), 0, "not by one poll");
	is_u64((uint64_t)world_poll(&world), 1, "by two");
	world_end(&world);
}

static void a_fault_that_shows_again_holds_the_alarm(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	world_run(&world, 30);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_poll(&world);
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	clears_after(30, "carries again");
}

static void a_forgotten_line(void)
{
	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	world.snapshot.wans++;
	world.snapshot.wan_count--;
	is_u64((uint64_t)world_poll(&world), 1, "cleared at once");
	ok(world_row_is(&world, 0, ALARM_CLEARED, "wan1", ALARM_UP_BUT_IDLE), "... by its name");
	is_text(world_row(&world, 0)->text,
		"wan1: forgotten; it had been subflow-limit for 59 min 0 s", "... said");
	is_u64(world_row(&world, 0)->ifindex, 0, "... of no interface");
	is_u64(world.snapshot.alarm_count, 0, "... and gone");
	world_end(&world);

	raise_wan1(WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT);
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_UNKNOWN, CAUSE_NONE, 0);
	world_poll(&world);
	for (uint32_t i = 1; i <= WORLD_WANS; i++)
		world_wan(&world, i, WAN_CARRYING, CAUSE_NONE, 0);
	world.snapshot.wans++;
	world.snapshot.wan_count--;
	is_u64((uint64_t)world_run(&world, 10), 0, "while the others settle it is not forgotten");
	ok(!world.snapshot.alarm_count && !world.snapshot.host.wans_in_alarm, "... but not told");
	is_u64((uint64_t)world_poll(&world), 1, "then it is");
	world_end(&world);
}

int main(void)
{
	quiet_and_unknown_freeze();
	a_night_within_a_standing_alarm();
	a_fault_of_the_host_silences_the_lines();
	the_host_is_not_judged_by_silence();
	contrary_evidence_clears();
	a_line_that_goes_down();
	a_line_that_comes_back();
	one_reading_never_clears();
	a_fault_that_shows_again_holds_the_alarm();
	a_forgotten_line();
	return tap_done();
}
