/* SPDX-License-Identifier: MIT */
/* What alarms tell: rows and columns, worsening, shelving, the cursor, and memory that runs out. */
#include <errno.h>
#include <stdlib.h>
#include "tests/alarm_world.h"
#include "tests/scarce.h"
#include "tests/tap.h"

static struct world world;

static void fill_in(struct wan *wan)
{
	wan->subflows = 0;
	wan->share_in = (struct maybe_u32){ true, 17 };
	world.snapshot.host.wans_carrying = 4;
	world.snapshot.host.wans_joined = 5;
}

static void a_row_is_of_its_moment(void)
{
	const struct alarm_record *row;

	world_begin(&world);
	ok(!world.snapshot.alarm_log, "no log while there are no rows");
	world_wan(&world, 5, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	fill_in(&world.wans[4]);
	world_run(&world, 65);
	row = world_row(&world, 0);
	is_u64(row->sequence, 1, "sequence");
	is_u64(row->epoch, 7, "epoch");
	is_u64(row->transition, ALARM_RAISED, "transition");
	is_u64(row->time_s, 1700000075, "time");
	is_u64(row->wan_index, 5, "WAN");
	is_text(row->wan_name, "wan5", "name");
	is_text(row->wan_label, "line 5", "label");
	is_u64(row->ifindex, 15, "interface");
	is_u64(row->type, ALARM_UP_BUT_IDLE, "type");
	is_u64(row->cause, CAUSE_SUBFLOW_LIMIT, "cause");
	is_u64(row->severity, SEVERITY_MAJOR, "severity");
	is_u64(row->state, WAN_UNJOINED, "state");
	is_u64(row->raised_by, 1, "raised by itself");
	is_u64(row->subflows, 0, "subflows");
	ok(row->share_in.known && row->share_in.value == 17 && !row->share_out.known, "shares");
	ok(row->wans_carrying == 4 && row->wans_joined == 5 && row->wans_configured == 6, "WANs");
	is_text(row->text, "wan5: so it is. Now: do it", "text");

	world_wan(&world, 5, WAN_CARRYING, CAUSE_NONE, 0);
	world_host(&world, CAUSE_FALLBACK, VERDICT_YES, 0);
	world_run(&world, 65);
	row = world_row(&world, 1);
	is_u64(row->sequence, 2, "the next row");
	is_u64(row->transition, ALARM_CLEARED, "... clears");
	is_u64(row->raised_by, 1, "... what the first one raised");
	is_u64(row->cause, CAUSE_SUBFLOW_LIMIT, "... its cause still told");
	is_u64(row->severity, SEVERITY_MAJOR, "... and its severity");
	is_u64(row->state, WAN_CARRYING, "... but the state is that of now");
	is_u64(row->subflows, 2, "... as are the subflows");
	row = world_row(&world, 0);
	is_u64(row->type, ALARM_HOST + CAUSE_FALLBACK, "a row of the host");
	ok(!row->wan_index && !row->ifindex && !*row->wan_name && !*row->wan_label,
	   "... of no WAN");
	is_u64(row->state, WAN_UNKNOWN, "... without a state");
	is_u64(row->subflows, 12, "... with all subflows");
	is_text(row->text, "so it is. Now: do it", "... and its text");
	world_end(&world);
}

static void without_a_clock(void)
{
	world_begin(&world);
	world.snapshot.wall_ms = 86400 * 1000;
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 65);
	is_u64(world_row(&world, 0)->time_s, 0, "a row has no time");
	is_u64(world.snapshot.alarms[0].raised_s, 0, "nor has the alarm");
	world_end(&world);
}

static void columns(void)
{
	const struct host *host = &world.snapshot.host;
	const struct alarm *alarm;

	world_begin(&world);
	ok(!host->alarm && !host->wans_in_alarm && host->worst_severity == SEVERITY_NONE &&
		   !world.wans[0].alarm && world.wans[0].alarm_severity == SEVERITY_NONE &&
		   !world.snapshot.alarm_count,
	   "nothing is active");
	is_u64(host->alarm_epoch, 7, "the epoch is told");
	world_wan(&world, 6, WAN_IDLE, CAUSE_SCHEDULER_AVOIDS, 0);
	world_wan(&world, 2, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_WARNING);
	world_wan(&world, 3, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 3600);
	is_u64(world.snapshot.alarm_count, 3, "active");
	is_u64(host->wans_in_alarm, 2, "WANs up but idle");
	ok(!host->alarm, "none of the host");
	is_u64(host->worst_severity, SEVERITY_MAJOR, "the worst of all");
	ok(world.wans[1].alarm && world.wans[1].alarm_severity == SEVERITY_WARNING, "of wan2");
	ok(world.wans[2].alarm && world.wans[2].alarm_severity == SEVERITY_MAJOR, "of wan3");
	ok(world.wans[5].alarm && world.wans[5].alarm_severity == SEVERITY_MINOR, "of wan6");
	ok(!world.wans[0].alarm, "not of wan1");
	is_u64(host->alarm_sequence, 3, "rows so far");
	is_u64(host->notifications_pending, 3, "... nobody has taken");
	world_host(&world, CAUSE_FAR_END_SILENT, VERDICT_YES, 0);
	world_host(&world, CAUSE_FALLBACK, VERDICT_YES, 0);
	world_run(&world, 65);
	ok(host->alarm && host->worst_severity == SEVERITY_CRITICAL, "of the host");
	alarm = world.snapshot.alarms;
	ok(alarm[0].type == ALARM_HOST + CAUSE_FALLBACK &&
		   alarm[1].type == ALARM_HOST + CAUSE_FAR_END_SILENT && alarm[2].wan_index == 2 &&
		   alarm[3].wan_index == 3 && alarm[4].wan_index == 6,
	   "sorted by WAN and type");
	ok(alarm[3].type == ALARM_LINE_DOWN && alarm[3].cause == CAUSE_LINK_DOWN &&
		   alarm[3].sequence == 2 && alarm[3].raised_s == 1700000075,
	   "an alarm knows the row that raised it");
	is_text(alarm[3].text, "wan3: so it is. Now: do it", "... and its story");
	world_end(&world);
}

/* A line down that was in alarm: both for a while, the worst is told. */
static void two_alarms_of_a_line(void)
{
	world_begin(&world);
	world.settings.clear_after_ms = 600 * 1000;
	world_wan(&world, 2, WAN_IDLE, CAUSE_SCHEDULER_AVOIDS, 0);
	world_run(&world, 1000);
	world_wan(&world, 2, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 65);
	is_u64(world.snapshot.alarm_count, 2, "up-but-idle and line-down");
	ok(world.snapshot.alarms[0].type == ALARM_UP_BUT_IDLE &&
		   world.snapshot.alarms[1].type == ALARM_LINE_DOWN,
	   "... in this order");
	is_u64(world.wans[1].alarm_severity, SEVERITY_MAJOR, "the worst of them");
	is_u64(world.snapshot.host.wans_in_alarm, 1, "one WAN up but idle");
	world_end(&world);
}

static void the_log_is_shared_until_it_changes(void)
{
	const struct alarm_log *log;

	world_begin(&world);
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 65);
	log = alarm_log_hold(world.snapshot.alarm_log);
	world_poll(&world);
	ok(world.snapshot.alarm_log == log, "no row: the same log");
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	world_run(&world, 65);
	ok(world.snapshot.alarm_log != log && world.snapshot.alarm_log->count == 2, "a new one");
	ok(log->count == 1 && log->rows[0].transition == ALARM_RAISED, "the old is its holder's");
	alarm_log_release(log);
	world_end(&world);
}

static void worsening(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_MINOR);
	world_run(&world, 65);
	alarms_saved(world.alarms);
	snprintf(world.text, sizeof(world.text), "so it is now");
	is_u64((uint64_t)world_poll(&world), 0, "another text: no row");
	is_text(world.snapshot.alarms[0].text, "wan1: so it is now. Now: do it", "... but told");
	ok(!alarms_dirty(world.alarms), "... not worth a write");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_MINOR);
	is_u64((uint64_t)world_poll(&world), 0, "another cause: no row");
	is_u64(world.snapshot.alarms[0].cause, CAUSE_JOIN_UNANSWERED, "... but told");
	ok(alarms_dirty(world.alarms), "... worth a write");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_MAJOR);
	is_u64((uint64_t)world_poll(&world), 1, "more severe: a row");
	is_u64(world_row(&world, 0)->transition, ALARM_WORSENED, "... that says so");
	is_u64(world_row(&world, 0)->raised_by, 1, "... of the same alarm");
	is_u64(world_row(&world, 0)->severity, SEVERITY_MAJOR, "... how much");
	is_text(world_row(&world, 0)->text, "wan1: so it is now. Now: do it", "... and why");
	is_u64(world.snapshot.alarms[0].sequence, 1, "which was raised by the first row");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_WARNING);
	is_u64((uint64_t)world_poll(&world), 0, "less severe: no row");
	is_u64(world.snapshot.alarms[0].severity, SEVERITY_WARNING, "... but told");
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_MAJOR);
	is_u64((uint64_t)world_poll(&world), 0, "as severe as it was before: no row");
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	world_run(&world, 65);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_WARNING);
	world_run(&world, 65);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_JOIN_UNANSWERED, SEVERITY_MAJOR);
	is_u64((uint64_t)world_poll(&world), 1, "the next alarm may worsen anew");
	world_end(&world);
}

static void shelving(void)
{
	struct wan_settings *shelf = &world.settings.wans[0];

	world_begin(&world);
	world.settings.wan_count = 1;
	snprintf(shelf->name, sizeof(shelf->name), "wan2");
	shelf->shelved = 1U << ALARM_UP_BUT_IDLE;
	world.settings.shelved_host = 1U << CAUSE_FALLBACK;
	for (uint32_t i = 1; i <= 2; i++)
		world_wan(&world, i, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_host(&world, CAUSE_FALLBACK, VERDICT_YES, 0);
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 3600), 2, "what is shelved is not raised");
	ok(world.wans[0].alarm && !world.wans[1].alarm, "... of wan2");
	is_u64(world.snapshot.alarms[0].cause, CAUSE_BLACKHOLE, "... nor of the host's fallback");
	world_wan(&world, 2, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	is_u64((uint64_t)world_run(&world, 65), 1, "its other type is");
	shelf->shelved = 1U << ALARM_LINE_DOWN;
	is_u64((uint64_t)world_poll(&world), 1, "an active one is cleared at once");
	is_u64(world_row(&world, 0)->transition, ALARM_CLEARED, "... so");
	is_text(world_row(&world, 0)->text,
		"wan2: shelved by configuration; it had been link-down for 5 s", "... told");
	world.settings.shelved_host = 1U << CAUSE_BLACKHOLE;
	is_u64((uint64_t)world_run(&world, 50), 1, "the same for the host");
	is_text(world_row(&world, 0)->text,
		"shelved by configuration; it had been blackhole for 1 h 0 min", "... told");
	shelf->shelved = 0;
	is_u64((uint64_t)world_run(&world, 65), 2, "off the shelf: raised, the fallback, too");
	ok(!world.snapshot.alarms[2].flapping, "... which is no flapping");
	world_end(&world);
}

static void the_log_overflows(void)
{
	const struct host *host = &world.snapshot.host;

	world_begin(&world);
	world_make_rows(&world, 1100);
	is_u64(host->alarm_sequence, 1100, "1,100 rows");
	is_u64(world.snapshot.alarm_log->count, ALARM_LOG_MOST, "1,024 are kept");
	is_u64(world_row(&world, 0)->sequence, 1100, "... the newest");
	is_u64(world_row(&world, 1023)->sequence, 77, "... without a gap");
	is_u64(host->notifications_pending, 1024, "... all pending");
	is_u64(host->notifications_lost, 76, "the others are lost");
	alarms_delivered(world.alarms, 80);
	world_make_rows(&world, 2);
	is_u64(host->notifications_lost, 76, "two rows that were delivered are not");
	world_make_rows(&world, 4);
	is_u64(host->notifications_lost, 78, "of four, the two that were not");
	is_u64(host->notifications_pending, 1024, "pending");
	alarms_delivered(world.alarms, 1106);
	world_make_rows(&world, 100);
	is_u64(host->notifications_lost, 78, "none when all are delivered");
	is_u64(host->notifications_pending, 100, "pending since then");
	world_end(&world);
}

static void the_cursor_never_goes_back(void)
{
	world_begin(&world);
	world_make_rows(&world, 10);
	is_u64(world.snapshot.host.notifications_pending, 10, "pending");
	alarms_delivered(world.alarms, 6);
	alarms_delivered(world.alarms, 4);
	is_u64(alarms_delivered_to(world.alarms), 6, "up to the sixth");
	world_poll(&world);
	is_u64(world.snapshot.host.notifications_pending, 4, "four are left");
	alarms_delivered(world.alarms, 10);
	world_poll(&world);
	is_u64(world.snapshot.host.notifications_pending, 0, "none is left");
	world_end(&world);
}

/* The same poll, with less and less memory missing: all or nothing, and then all. */
static void memory_runs_out(void)
{
	int failures = 0;

	for (int allocations = 0; allocations < 20; allocations++) {
		int rows;

		world_begin(&world);
		world_wan(&world, 2, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_run(&world, 65);
		world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
		world_run(&world, 60);
		scarce_allocations = allocations;
		rows = world_poll(&world);
		scarce_allocations = -1;
		if (rows == -ENOMEM) {
			failures++;
			ok(world.snapshot.host.alarm_sequence == 1 && world.wans[1].alarm &&
				   !world.wans[0].alarm && world.snapshot.alarm_log->count == 1,
			   "after %d allocations: as it was", allocations);
			rows = world_poll(&world);
		}
		is_u64((uint64_t)rows, 1, "then a row");
		is_u64(world.snapshot.alarm_count, 2, "... and two alarms");
		is_u64((uint64_t)world_run(&world, 600), 0, "... and no more");
		world_end(&world);
	}
	ok(failures > 3, "%d ways to run out of it", failures);
}

static void the_same_again(void)
{
	struct alarm_log *first = NULL;

	for (int round = 0; round < 2; round++) {
		world_begin(&world);
		for (uint32_t i = 0; i < 3000; i++) {
			uint32_t dice = i * 2654435761U >> 16;

			world_wan(&world, 1 + dice % WORLD_WANS, WAN_ABSENT + dice / 7 % 8,
				  CAUSE_LINK_DOWN + dice / 56 % 40, 0);
			world_host(&world, 1 + dice / 5 % CAUSE_DRIFT, dice / 11 % 3, 0);
			world_run(&world, 10 + dice % 60);
		}
		if (!round)
			first = alarm_log_append(world.snapshot.alarm_log, NULL, 0);
		else
			ok(first->count == world.snapshot.alarm_log->count && first->count > 100 &&
				   !memcmp(first->rows, world.snapshot.alarm_log->rows,
					   first->count * sizeof(first->rows[0])),
			   "the same snapshots: the same %zu rows, byte for byte", first->count);
		world_end(&world);
	}
	alarm_log_release(first);
}

int main(void)
{
	a_row_is_of_its_moment();
	without_a_clock();
	columns();
	two_alarms_of_a_line();
	the_log_is_shared_until_it_changes();
	worsening();
	shelving();
	the_log_overflows();
	the_cursor_never_goes_back();
	memory_runs_out();
	the_same_again();
	return tap_done();
}
