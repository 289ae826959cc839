/* SPDX-License-Identifier: MIT */
/*
 * Subflows read one by one, by walks and by dumps: what is told is the same, and all are read where
 * there is any doubt.
 */
#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "tests/stand.h"
#include "tests/tap.h"

enum { SYN_SENT = 2 };
static const uint64_t SECOND = 1000000, MINUTE = 60 * 1000000;
static const char MANY[] = "sockets: used 900\nTCP: inuse 500 orphan 0 tw 0 alloc 500 mem 9\n";
static const char FEW[] = "sockets: used 900\nTCP: inuse 3 orphan 0 tw 0 alloc 500 mem 9\n";

/* Among many other sockets; its first poll is a dump. */
static struct stand *stand_among_many(void)
{
	struct stand *s = stand_of(MANY);

	stand_poll(s, 0);
	is_text(s->fake->log, "010q10", "the first poll is a dump");
	return s;
}

static void each_is_asked_for_where_others_are_many(void)
{
	struct stand *s = stand_among_many();

	fake_plain(s->fake, 99, 1, 50000);
	stand_grow(s, 500);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "then each by itself, between the same drains");
	is_u64(s->fake->asked_each, 2, "two of them");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "growth of the one");
	is_u64(stand_wan(s, "wan2")->in_octets, 500, "and of the other");
	is_u64(s->now->host.subflows.value, 2, "both are there");
	ok(!s->now->answers[Q_SUBFLOWS].error && s->now->answers[Q_SUBFLOWS].rows == 2, "answered");
	stand_free(s);
}

static void all_are_asked_for_where_others_are_few(void)
{
	struct stand *s = stand_of(FEW);

	stand_poll(s, 0);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "two of three");
	fake_text(s->fake, Q_LOAD, "sockets: used 9\nTCP: inuse 4\n");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "two of four");
	fake_text(s->fake, Q_LOAD, "sockets: used 9\nTCP: inuse 5\n");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "two of five");
	s->fake->errors[Q_LOAD] = -ENOENT;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "of nobody knows how many");
	stand_free(s);
}

static void who_has_no_bpf_asks_for_all(void)
{
	struct stand *s = stand_of(MANY);

	s->fake->refused[STREAM_LIFE] = -EPERM;
	stand_poll(s, 0);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_EVENTS, "by netlink events");
	is_u64(s->fake->asked[Q_SUBFLOWS], 2, "dumps");
	is_u64(s->fake->asked_each, 0, "only");
	stand_free(s);
}

/* A day in short: births, growth, endings, attempts; what the kernel shows at each poll. */
static void live_a_day(struct stand *s, size_t poll)
{
	stand_grow(s, poll * 100);
	if (poll == 1)
		fake_life(s->fake, LIFE_BIRTH, 3, 2, 40002, 0, 0);
	if (poll >= 1 && poll < 4)
		fake_subflow(s->fake, 3, 2, 40002, 77, poll * 50, 7);
	if (poll == 2)
		fake_add_life(s->fake, &(struct fake_life){ .step = LIFE_ATTEMPT,
							    .flags = LIFE_JOIN | LIFE_OURS,
							    .cookie = 4, .last = 1, .token = 77 });
	if (poll >= 2 && poll < 5)
		fake_add_subflow(s->fake, &(struct fake_subflow){
						  .cookie = 4, .last = 1, .port = 40003, .token = 77,
						  .state = SYN_SENT, .flags = 8 });
	if (poll == 4)
		fake_life(s->fake, LIFE_ENDING, 3, 2, 40002, 333, 9);
	if (poll == 5)
		fake_add_life(s->fake, &(struct fake_life){ .step = LIFE_FAILURE,
							    .flags = LIFE_JOIN | LIFE_OURS,
							    .cookie = 4, .last = 1, .token = 77,
							    .error = ETIMEDOUT });
}

static void all_ways_tell_the_same(void)
{
	struct stand *each = stand_of(MANY), *all = stand_of(MANY), *walked = stand_of(FEW);

	all->fake->each_error = -ENOSYS;
	walked->fake->walk_error = 0;
	for (size_t poll = 0; poll < 7; poll++) {
		live_a_day(each, poll);
		live_a_day(all, poll);
		live_a_day(walked, poll);
		stand_poll(each, 5 * SECOND);
		stand_poll(all, 5 * SECOND);
		stand_poll(walked, 5 * SECOND);
		for (const char *name = "wan1"; name; name = name[3] == '1' ? "wan2" : NULL) {
			struct wan a = *stand_wan(each, name), b = *stand_wan(all, name),
				   c = *stand_wan(walked, name);

			ok(!memcmp(&a, &b, sizeof(a)), "poll %zu, %s: the same", poll, name);
			ok(!memcmp(&a, &c, sizeof(a)), "poll %zu, %s: by a walk, too", poll, name);
			if (name[3] == '1')
				is_u64(a.subflows_attempted, poll >= 2 && poll < 5,
				       "one waits for its answer from the third to the fifth");
		}
		ok(each->now->host.subflows.value == all->now->host.subflows.value &&
			   each->now->finding_count == all->now->finding_count,
		   "of the host, too");
	}
	is_u64(stand_wan(each, "wan2")->out_octets, 600 + 333, "by endings as by rows");
	is_u64(each->fake->asked[Q_SUBFLOWS], 1, "one dump");
	is_u64(all->fake->asked[Q_SUBFLOWS], 7, "and seven");
	is_u64(walked->fake->asked[Q_SUBFLOWS], 0, "and none");
	is_u64(walked->fake->asked_walk, 7, "but so many walks");
	stand_free(walked);
	stand_free(each);
	stand_free(all);
}

static void ends_meanwhile(struct fake *fake)
{
	fake_life(fake, LIFE_ENDING, 1, 1, 40000, 1700, 2000);
	fake->during_dump = NULL;
}

static void one_that_ends_between_is_no_failure(void)
{
	struct stand *s = stand_among_many();

	fake_life(s->fake, LIFE_BIRTH, 3, 2, 40002, 0, 0);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "the kernel says of the third that it is no more");
	ok(!s->now->answers[Q_SUBFLOWS].error, "which is an answer");
	is_u64(s->now->host.subflows.value, 2, "two are there");
	fake_life(s->fake, LIFE_ENDING, 3, 2, 40002, 60, 0);
	s->fake->during_dump = ends_meanwhile;
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->out_octets, 60, "its ending counts");
	is_u64(stand_wan(s, "wan1")->out_octets, 700, "the ending after a row has the last word");
	is_u64(stand_wan(s, "wan1")->subflows, 0, "and no subflow is left");
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.truncated_subflows, 0, "nothing is missing");
	stand_free(s);
}

static void a_loss_is_repaired_by_a_dump(void)
{
	struct stand *s = stand_among_many();

	s->fake->losses[STREAM_LIFE] = 3;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "at once");
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "a loss is told");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "and that is that");
	is_u64(s->now->host.accounting, ACCOUNTING_EXACT, "exact again");
	stand_free(s);
}

static void a_dump_from_time_to_time_finds_what_was_never_told(void)
{
	struct stand *s = stand_among_many();

	fake_subflow(s->fake, 7, 2, 40007, 77, 100, 0);
	for (int i = 0; i < 4; i++)
		stand_poll(s, MINUTE);
	is_u64(s->fake->asked[Q_SUBFLOWS], 1, "no other dump for four minutes");
	is_u64(s->now->host.subflows.value, 2, "nobody asks for one that nobody knows");
	stand_poll(s, MINUTE);
	is_text(s->fake->log, "010q10", "a dump after five");
	is_u64(s->now->host.subflows.value, 3, "shows it");
	is_u64(stand_wan(s, "wan2")->out_octets, 100, "with what it carried");
	stand_poll(s, MINUTE);
	is_text(s->fake->log, "010e10", "from then on it is asked for");
	is_u64(s->now->host.subflows.value, 3, "and there");
	stand_free(s);
}

/* The connections' own count, which is asked for at each poll, has one more. */
static void a_connection_with_more_than_is_known_has_all_read(void)
{
	struct stand *s = stand_among_many();
	struct fake_connection more = { .token = 77, .extra = 2 };

	fake_subflow(s->fake, 7, 2, 40007, 77, 100, 0);
	fake_forget(s->fake, Q_CONNECTIONS);
	fake_add_connection(s->fake, &more);
	for (int i = 0; i < 5; i++)
		stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "the last one may have just begun, and all were read a while ago");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "half a minute after they were read, all are again");
	is_u64(s->now->host.subflows.value, 3, "and there it is");
	is_u64(stand_wan(s, "wan2")->out_octets, 100, "with what it carried");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "then no doubt is left");

	fake_forget(s->fake, Q_CONNECTIONS);
	more.extra = 3;
	fake_add_connection(s->fake, &more);
	s->fake->asked[Q_SUBFLOWS] = 0;
	for (int i = 0; i < 12; i++)
		stand_poll(s, 5 * SECOND);
	is_u64(s->fake->asked[Q_SUBFLOWS], 2, "one that nobody finds costs a dump each half minute, no more");
	stand_free(s);
}

static void what_fails_is_asked_otherwise_in_the_same_poll(void)
{
	struct stand *s = stand_among_many();

	s->fake->each_error = -ENOBUFS;
	stand_grow(s, 500);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010eq10", "requests, then a dump");
	ok(!s->now->answers[Q_SUBFLOWS].error, "which has answered");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "nothing counts twice");
	is_u64(s->now->host.subflows.value, 2, "nobody either");
	s->fake->each_error = 0;
	stand_poll(s, 4 * MINUTE);
	is_text(s->fake->log, "010q10", "not again for a while");
	stand_poll(s, MINUTE);
	is_text(s->fake->log, "010e10", "but then");
	stand_free(s);
}

static void what_is_interrupted_begins_anew(void)
{
	struct stand *s = stand_among_many();

	s->fake->interruptions[Q_SUBFLOWS] = 1;
	stand_grow(s, 500);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010ee10", "again");
	is_u64(s->fake->asked_each, 4, "both of them");
	is_u64(s->now->host.subflows.value, 2, "and both are there");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "counted once");
	stand_free(s);
}

static void a_dump_that_fails_is_followed_by_a_dump(void)
{
	struct stand *s = stand_among_many();

	s->fake->errors[Q_SUBFLOWS] = -ENOBUFS;
	stand_poll(s, 5 * MINUTE);
	ok(s->now->answers[Q_SUBFLOWS].error == -ENOBUFS, "it was due, and failed");
	s->fake->errors[Q_SUBFLOWS] = 0;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "a dump");
	stand_free(s);
}

static void one_that_is_missed_is_looked_for(void)
{
	struct stand *s = stand_among_many();

	fake_forget(s->fake, Q_SUBFLOWS);
	fake_subflow(s->fake, 1, 1, 40000, 77, 1000, 2000);
	stand_poll(s, 5 * SECOND);
	stand_poll(s, 5 * SECOND);
	is_u64(s->fake->asked[Q_SUBFLOWS], 1, "twice it was not there when asked for");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "and nobody told of its ending: a dump");
	stand_free(s);
}

int main(void)
{
	each_is_asked_for_where_others_are_many();
	all_are_asked_for_where_others_are_few();
	who_has_no_bpf_asks_for_all();
	all_ways_tell_the_same();
	one_that_ends_between_is_no_failure();
	a_loss_is_repaired_by_a_dump();
	a_dump_from_time_to_time_finds_what_was_never_told();
	a_connection_with_more_than_is_known_has_all_read();
	what_fails_is_asked_otherwise_in_the_same_poll();
	what_is_interrupted_begins_anew();
	a_dump_that_fails_is_followed_by_a_dump();
	one_that_is_missed_is_looked_for();
	return tap_done();
}
