/* SPDX-License-Identifier: MIT */
/*
 * Alarms loaded late: who held the state ran beside us, and nothing of either is lost. `theirs` is
 * what they have seen, `ours` what we have; both watch wan1 to wan6.
 */
#include <errno.h>
#include <stdlib.h>
#include "lib/alarm_condition.h"
#include "tests/alarm_world.h"
#include "tests/scarce.h"
#include "tests/tap.h"

static struct world theirs, ours;

static void begin(void)
{
	world_begin(&theirs);
	world_begin(&ours);
	alarms_free(ours.alarms);
	ours.alarms = alarms_new(8);
	world_run(&ours, 15);
}

static void end(void)
{
	world_end(&theirs);
	world_end(&ours);
}

static void raise(struct world *world, uint32_t wan)
{
	world_wan(world, wan, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_run(world, 65);
}

static void cure(struct world *world, uint32_t wan)
{
	world_wan(world, wan, WAN_CARRYING, CAUSE_NONE, 0);
	world_run(world, 60);
}

static int load_theirs(void)
{
	char *text = alarms_save(theirs.alarms);
	int error = alarms_load(ours.alarms, text);

	free(text);
	return error;
}

static const struct alarm *alarm_of(uint32_t wan)
{
	static const struct alarm none = { .text = "none" };

	for (size_t i = 0; i < ours.snapshot.alarm_count; i++)
		if (ours.snapshot.alarms[i].wan_index == wan)
			return &ours.snapshot.alarms[i];
	return &none;
}

static void numbers_follow_each_other(uint32_t count)
{
	const struct alarm_log *log = ours.snapshot.alarm_log;
	bool good = log && log->count == count;

	for (size_t i = 0; good && i < count; i++)
		good = log->rows[i].sequence == ours.snapshot.host.alarm_sequence - count + 1 + i &&
		       log->rows[i].epoch == ours.snapshot.host.alarm_epoch;
	ok(good, "%u rows, without a gap", count);
}

/* What was joined is accepted by the next process. */
static void it_can_be_loaded_again(void)
{
	char *text = alarms_save(ours.alarms), *again = NULL;
	struct alarms *alarms = alarms_new(9);

	ok(!alarms_load(alarms, text), "saved and loaded again");
	again = alarms_save(alarms);
	is_text(again, text, "... as it was");
	free(again);
	free(text);
	alarms_free(alarms);
}

static void an_alarm_of_both_is_theirs(void)
{
	begin();
	raise(&theirs, 1);
	cure(&theirs, 1);
	raise(&theirs, 2);
	raise(&ours, 4);
	raise(&ours, 2);
	ok(!load_theirs(), "given: wan2 is of both");
	is_u64((uint64_t)world_run(&ours, 300), 0, "nothing is raised once more");
	is_u64(ours.snapshot.host.alarm_epoch, 7, "the numbering is theirs");
	is_u64(ours.snapshot.host.alarm_sequence, 5, "... with our rows behind");
	numbers_follow_each_other(5);
	is_u64(alarm_of(2)->sequence, 3, "the alarm is the one that they raised");
	is_u64(alarm_of(2)->raised_s, theirs.snapshot.alarms[0].raised_s, "... at that time");
	is_text(world_row(&ours, 0)->wan_name, "wan2", "our own row");
	is_u64(world_row(&ours, 0)->raised_by, 3, "... is about it");
	is_u64(alarm_of(4)->sequence, 4, "one of ours alone stays, under its new number");
	is_u64(world_row(&ours, 1)->raised_by, 4, "... which its row has, too");
	it_can_be_loaded_again();
	cure(&ours, 4);
	is_u64(world_row(&ours, 0)->raised_by, 4, "what ends is the one");
	cure(&ours, 2);
	is_u64(world_row(&ours, 0)->raised_by, 3, "... or the other");
	is_u64(world_row(&ours, 0)->sequence, 7, "... by the next rows");
	end();
}

static void one_of_theirs_alone_ends_by_evidence(void)
{
	begin();
	raise(&theirs, 3);
	raise(&theirs, 5);
	raise(&ours, 5);
	cure(&ours, 5);
	world_wan(&ours, 3, WAN_QUIET, CAUSE_NONE, 0);
	ours.wans[2].subflows = 0;
	ok(!load_theirs(), "given: we never saw wan3, and saw wan5 end");
	world_poll(&ours);
	ok(alarm_of(3)->sequence == 1 && alarm_of(5)->sequence == 2, "both are there");
	ok(ours.wans[2].alarm && ours.wans[4].alarm, "... and told");
	is_u64(world_until_row(&ours, 3600), 25, "the one that ended is cleared");
	is_u64(world_row(&ours, 0)->raised_by, 2, "... as theirs");
	is_u64(world_row(&ours, 0)->transition, ALARM_CLEARED, "... and not raised before");
	is_u64((uint64_t)world_run(&ours, 3600), 0, "of the other nothing can be said");
	is_u64(ours.snapshot.alarm_count, 1, "... so it stays");
	cure(&ours, 3);
	is_u64(ours.snapshot.alarm_count, 0, "until it carries");
	numbers_follow_each_other(6);
	end();
}

static void what_is_known_of_it_adds_up(void)
{
	begin();
	world_wan(&theirs, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_CRITICAL);
	world_run(&theirs, 65);
	world_wan(&ours, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_MINOR);
	world_run(&ours, 65);
	load_theirs();
	world_poll(&ours);
	is_u64(alarm_of(1)->severity, SEVERITY_MINOR, "as severe as it is now");
	world_wan(&ours, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_CRITICAL);
	is_u64((uint64_t)world_run(&ours, 60), 0, "as severe as they had it: no row");
	end();

	begin();
	raise(&ours, 1);
	for (int i = 0; i < 5; i++) {
		world_wan(&theirs, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_run(&theirs, 10);
		world_wan(&theirs, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_run(&theirs, 60);
	}
	ok(theirs.snapshot.alarms[0].flapping, "given: they saw it flap");
	load_theirs();
	world_poll(&ours);
	ok(alarm_of(1)->flapping, "it is marked");
	world_wan(&ours, 1, WAN_CARRYING, CAUSE_NONE, 0);
	is_u64(world_until_row(&ours, 3600), 300, "... and takes as long to end");
	end();
}

static void what_was_told_stays_told(void)
{
	begin();
	raise(&theirs, 1);
	raise(&theirs, 2);
	alarms_delivered(theirs.alarms, 2);
	raise(&ours, 1);
	raise(&ours, 2);
	alarms_delivered(ours.alarms, 1);
	load_theirs();
	world_poll(&ours);
	is_u64(alarms_delivered_to(ours.alarms), 3, "theirs, and of ours the one");
	is_u64(ours.snapshot.host.notifications_pending, 1, "... and not the other");
	end();

	begin();
	raise(&theirs, 1);
	raise(&theirs, 2);
	alarms_delivered(theirs.alarms, 1);
	for (uint32_t wan = 1; wan <= 4; wan++)
		raise(&ours, wan);
	alarms_delivered(ours.alarms, 4);
	load_theirs();
	world_poll(&ours);
	is_u64(alarms_delivered_to(ours.alarms), 1, "what they did not tell comes first");
	is_u64(ours.snapshot.host.notifications_pending, 5, "... and ours after it, once more");
	end();
}

static void a_fresh_state_takes_ours(void)
{
	begin();
	raise(&ours, 2);
	load_theirs();
	ok(alarms_dirty(ours.alarms), "there is something to save");
	is_u64((uint64_t)world_run(&ours, 60), 0, "it goes on");
	is_u64(alarm_of(2)->sequence, 1, "by its number");
	numbers_follow_each_other(1);
	it_can_be_loaded_again();
	end();
}

static void of_too_many_rows_the_newest_stay(void)
{
	begin();
	world_make_rows(&theirs, ALARM_LOG_MOST);
	raise(&ours, 5);
	raise(&ours, 6);
	load_theirs();
	world_poll(&ours);
	is_u64(ours.snapshot.host.alarm_sequence, ALARM_LOG_MOST + 2, "given: more than fit");
	numbers_follow_each_other(ALARM_LOG_MOST);
	is_u64(ours.snapshot.host.notifications_lost, 2, "the others are counted");
	it_can_be_loaded_again();
	end();
}

static void a_bad_text_changes_nothing(void)
{
	begin();
	raise(&ours, 2);
	is_u64((uint64_t)-alarms_load(ours.alarms, "{\"format\":1}"), EBADMSG, "refused");
	is_u64((uint64_t)world_run(&ours, 60), 0, "ours goes on");
	is_u64(alarm_of(2)->sequence, 1, "... by its number");
	is_u64(ours.snapshot.host.alarm_epoch, 8, "... of its numbering");
	end();
}

static void without_memory_nothing_is_joined(void)
{
	char *before, *after;
	int error = -ENOMEM;

	begin();
	raise(&theirs, 1);
	raise(&ours, 2);
	before = alarms_save(ours.alarms);
	for (int most = 0; error; most++) {
		scarce_allocations = most;
		error = alarms_join(ours.alarms, theirs.alarms);
		scarce_allocations = -1;
		after = alarms_save(ours.alarms);
		ok(!error == !!strcmp(before, after), "%d allocations: %s", most,
		   error ? "as before" : "joined");
		free(after);
	}
	free(before);
	end();
}

int main(void)
{
	an_alarm_of_both_is_theirs();
	one_of_theirs_alone_ends_by_evidence();
	what_is_known_of_it_adds_up();
	what_was_told_stays_told();
	a_fresh_state_takes_ours();
	of_too_many_rows_the_newest_stay();
	a_bad_text_changes_nothing();
	without_memory_nothing_is_joined();
	return tap_done();
}
