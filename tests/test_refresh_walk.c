/* SPDX-License-Identifier: MIT */
/*
 * Subflows read by walks of our own program, and where a dump costs less; whose flag was gone.
 */
#include <errno.h>
#include <linux/types.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "tests/stand.h"
#include "tests/tap.h"

static const uint64_t SECOND = 1000000, MINUTE = 60 * 1000000;
static const char MANY[] = "sockets: used 900\nTCP: inuse 500 orphan 0 tw 0 alloc 500 mem 9\n";
static const char FEW[] = "sockets: used 900\nTCP: inuse 3 orphan 0 tw 0 alloc 500 mem 9\n";
static const char WAITING[] = "sockets: used 900\nTCP: inuse 3 orphan 0 tw 50000 alloc 500 mem 9\n";

static struct stand *stand_with_a_walk(const char *load)
{
	struct stand *s = stand_of(load);

	s->fake->walk_error = 0;
	stand_poll(s, 0);
	is_text(s->fake->log, "010w10", "the first poll is a walk");
	return s;
}

static void a_walk_is_in_place_of_a_dump(void)
{
	struct stand *s = stand_with_a_walk(FEW);

	stand_grow(s, 500);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "where others are few");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "growth of the one");
	is_u64(stand_wan(s, "wan2")->in_octets, 500, "and of the other");
	ok(!s->now->answers[Q_SUBFLOWS].error && s->now->answers[Q_SUBFLOWS].rows == 2, "answered");
	stand_free(s);
	s = stand_with_a_walk(MANY);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "each by itself where others are many");
	stand_poll(s, 5 * MINUTE);
	is_text(s->fake->log, "010w10", "and a walk from time to time");
	stand_free(s);
}

static void who_has_none_is_asked_once(void)
{
	struct stand *s = stand_of(FEW);

	for (int i = 0; i < 3; i++)
		stand_poll(s, 5 * SECOND);
	is_u64(s->fake->asked_walk, 1, "there is none");
	is_u64(s->fake->asked[Q_SUBFLOWS], 3, "dumps");
	stand_free(s);
	s = stand_of(FEW);
	s->fake->walk_error = -EAGAIN;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010wq10", "not now: a dump");
	s->fake->walk_error = 0;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "but then");
	stand_free(s);
}

static void a_walk_that_fails_is_followed_by_a_dump(void)
{
	struct stand *s = stand_with_a_walk(FEW);

	stand_grow(s, 500);
	s->fake->walk_error = -EIO;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010wq10", "in the same poll");
	ok(!s->now->answers[Q_SUBFLOWS].error, "which has answered");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "nothing counts twice");
	is_u64(s->now->host.subflows.value, 2, "nobody either");
	s->fake->walk_error = 0;
	s->fake->walked.len--;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010wq10", "so is one that ends within a record");
	is_u64(s->now->host.subflows.value, 2, "both are there");
	fake_forget(s->fake, Q_SUBFLOWS);
	stand_grow(s, 700);
	((struct subflow_record *)s->fake->walked.bytes)->socket.family = AF_UNIX;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010wq10", "and one with a record of no family of ours");
	is_u64(stand_wan(s, "wan1")->out_octets, 700, "what was before it counts once");
	stand_free(s);
}

static void more_than_one_looks_ahead_for(void)
{
	enum { MORE = 100 };
	struct stand *s = stand_of(FEW);

	s->fake->walk_error = 0;
	for (uint16_t i = 0; i < MORE; i++)
		fake_subflow(s->fake, 100 + i, 1, (uint16_t)(50000 + i), 77, 0, 0);
	stand_poll(s, 0);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "a datagram of many records");
	is_u64(s->now->host.subflows.value, MORE + 2, "each is there");
	stand_free(s);
}

/* Each of them costs a walk more than a dump. */
static void where_most_are_in_time_wait_a_dump_is_cheaper(void)
{
	struct stand *s = stand_with_a_walk(WAITING);

	stand_grow(s, 500);
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "the first one gave the flags, then dumps");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "which tell the same");
	is_u64(s->now->host.accounting, ACCOUNTING_EXACT, "exact all the while");
	stand_poll(s, 5 * MINUTE);
	is_text(s->fake->log, "010w10", "a walk from time to time, for who has lost its flag");
	fake_text(s->fake, Q_LOAD, "sockets: used 9\nTCP: inuse 3 orphan 0 tw 1000\n");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "a thousand are few");
	for (uint16_t i = 0; i < 510; i++)
		fake_subflow(s->fake, 100 + i, 1, (uint16_t)(50000 + i), 77, 0, 0);
	fake_text(s->fake, Q_LOAD, "sockets: used 9\nTCP: inuse 3 orphan 0 tw 1024\n");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "none of those that come is known yet");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "two for each subflow");
	fake_text(s->fake, Q_LOAD, "sockets: used 9\nTCP: inuse 3 orphan 0 tw 1025\n");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "and one more");
	s->fake->errors[Q_LOAD] = -ENOENT;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "nobody knows");
	stand_free(s);
}

/* Also what makes a capture of walks one that is replayed, whoever would have dumped. */
static void a_dump_that_fails_is_followed_by_a_walk(void)
{
	struct stand *s = stand_with_a_walk(WAITING);

	stand_grow(s, 500);
	s->fake->errors[Q_SUBFLOWS] = -ENODATA;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010qw10", "in the same poll");
	ok(!s->now->answers[Q_SUBFLOWS].error, "which has answered");
	is_u64(stand_wan(s, "wan1")->out_octets, 500, "nothing counts twice");
	s->fake->walk_error = -EIO;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010qw10", "and where that fails");
	ok(s->now->answers[Q_SUBFLOWS].error == -EIO, "it has failed");
	stand_free(s);
}

/* A loss has all of them read by a dump, and the walk is due when it was. */
static void a_walk_is_not_put_off(void)
{
	struct stand *s = stand_with_a_walk("sockets: used 900\nTCP: inuse 500 orphan 0 tw 50000\n");

	stand_poll(s, 4 * MINUTE);
	is_text(s->fake->log, "010e10", "each by itself");
	s->fake->losses[STREAM_LIFE] = 1;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "a dump");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010e10", "each again");
	stand_poll(s, 50 * SECOND);
	is_text(s->fake->log, "010w10", "five minutes after the last walk");
	stand_free(s);
}

/* Whose flag was gone has it again, but others may have ended meanwhile. */
static void who_was_muted_is_a_loss(void)
{
	struct stand *s = stand_with_a_walk(FEW);

	fake_forget(s->fake, Q_SUBFLOWS);
	fake_subflow(s->fake, 1, 1, 40000, 77, 1500, 2500);
	fake_add_subflow(s->fake, &(struct fake_subflow){
					  .cookie = 2, .last = 2, .port = 40001, .token = 77,
					  .out = 510, .in = 520, .muted = true });
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "it is told");
	ok(strstr(s->now->host.accounting_reason, "bpf = tracepoint") != NULL, "with the cure: %s",
	   s->now->host.accounting_reason);
	is_u64(s->now->host.events_lost, 1, "once a walk");
	is_u64(stand_wan(s, "wan2")->out_octets, 500, "what it carried counts");
	stand_grow(s, 600);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_EXACT, "and then no more");
	is_text(s->now->host.accounting_reason, "", "nor why");
	s->fake->losses[STREAM_LIFE] = 1;
	stand_poll(s, 5 * SECOND);
	is_text(s->now->host.accounting_reason, "events: some were lost, until the next poll",
		"another loss has another reason");
	stand_free(s);
}

/* A dump would say `exact` again, and not see who takes the flags away all the while. */
static void who_was_muted_is_walked_for_again(void)
{
	struct stand *s = stand_with_a_walk(WAITING);

	fake_forget(s->fake, Q_SUBFLOWS);
	fake_add_subflow(s->fake, &(struct fake_subflow){ .cookie = 1, .last = 1, .port = 40000,
							  .token = 77, .muted = true });
	stand_poll(s, 5 * MINUTE);
	is_text(s->fake->log, "010w10", "the walk that was due");
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "finds one without its flag");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010w10", "so the next poll is a walk");
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "and finds it again");
	stand_grow(s, 600);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_EXACT, "a walk that finds none says exact");
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "then a dump is cheaper");
	stand_free(s);
}

int main(void)
{
	a_walk_is_in_place_of_a_dump();
	who_has_none_is_asked_once();
	a_walk_that_fails_is_followed_by_a_dump();
	more_than_one_looks_ahead_for();
	where_most_are_in_time_wait_a_dump_is_cheaper();
	a_dump_that_fails_is_followed_by_a_walk();
	a_walk_is_not_put_off();
	who_was_muted_is_walked_for_again();
	who_was_muted_is_a_loss();
	return tap_done();
}
