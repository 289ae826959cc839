/* SPDX-License-Identifier: MIT */
/*
 * The ledger where births are told by four-tuple and endings of every TCP socket of the host by
 * cookie (mode events), and what else it keeps: joins, gauges, its bound, and slots that change
 * hands. WAN n owns 10.0.0.n.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "tests/tap.h"

enum { WAN1 = 1, WAN2 = 2, TOKEN = 77, ESTABLISHED = 1, SYN_SENT = 2, SYN_RECV = 3 };

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg;
	if (bound_ifindex)
		return (uint8_t)bound_ifindex;
	return local->bytes[3] == WAN1 || local->bytes[3] == WAN2 ? local->bytes[3] : UNATTRIBUTED;
}

static struct ledger *stand(enum accounting mode, uint32_t most)
{
	struct ledger_settings settings = { .owner = owner, .seed = 1, .subflows_most = most };
	struct ledger *ledger = ledger_new(&settings);

	ledger_mode(ledger, mode);
	return ledger;
}

static void end(struct ledger *ledger)
{
	static uint64_t now_ms;

	ledger_dump_end(ledger, true, NULL, 0, now_ms += 5000);
}

static void empty_dump(struct ledger *ledger)
{
	ledger_dump_begin(ledger);
	end(ledger);
}

static struct ledger *stand_with_baseline(enum accounting mode)
{
	struct ledger *ledger = stand(mode, 1000);

	empty_dump(ledger);
	return ledger;
}

static struct life life(enum life_kind kind, uint8_t wan, uint16_t port)
{
	return (struct life){
		.kind = kind,
		.tuple = { { AF_INET, { 10, 0, 0, wan } },
			   { AF_INET, { 192, 0, 2, 1 } },
			   port,
			   443 },
	};
}

/* As mptcp_pm_events tells it: no cookie. */
static void born(struct ledger *ledger, uint16_t port, uint32_t token)
{
	struct life birth = life(BORN, WAN1, port);

	birth.token = token;
	birth.mptcp = true;
	ledger_life(ledger, &birth);
}

/* As the destroy groups tell it: a cookie, and it may have been any socket. */
static void ended(struct ledger *ledger, uint64_t cookie, uint16_t port, uint64_t out)
{
	struct life ending = life(ENDED, WAN1, port);

	ending.cookie = cookie;
	ending.octets.out = out;
	ledger_life(ledger, &ending);
}

static void ended_cleared(struct ledger *ledger, uint64_t cookie)
{
	struct life ending = life(ENDED, 0, 0);

	ending.cookie = cookie;
	ending.cleared = true;
	ledger_life(ledger, &ending);
}

static void closed(struct ledger *ledger, uint32_t token)
{
	struct life closing = { .kind = CONNECTION_CLOSED, .token = token, .mptcp = true };

	ledger_life(ledger, &closing);
}

static struct subflow_row row_of(uint64_t cookie, uint16_t port, uint64_t out)
{
	return (struct subflow_row){ .cookie = cookie,
				     .tuple = life(BORN, WAN1, port).tuple,
				     .state = ESTABLISHED,
				     .token = TOKEN,
				     .octets = { .out = out, .sent = out } };
}

static void row(struct ledger *ledger, uint64_t cookie, uint16_t port, uint64_t out)
{
	struct subflow_row subflow = row_of(cookie, port, out);

	ledger_row(ledger, &subflow);
}

static void dump_of(struct ledger *ledger, uint64_t cookie, uint16_t port, uint64_t out)
{
	ledger_dump_begin(ledger);
	row(ledger, cookie, port, out);
	end(ledger);
}

static const struct tally *wan1(const struct ledger *ledger)
{
	return &ledger_tallies(ledger)[WAN1];
}

#define is_wan1(ledger, out, n_opened, n_closed, n_truncated, what)                                \
	do {                                                                                       \
		is_u64(wan1(ledger)->out_octets, out, "%s: octets", what);                         \
		is_u64(wan1(ledger)->opened, n_opened, "%s: opened", what);                        \
		is_u64(wan1(ledger)->closed, n_closed, "%s: closed", what);                        \
		is_u64(ledger_truncated(ledger), n_truncated, "%s: truncated", what);              \
	} while (0)

static void a_connection_shorter_than_any_poll_counts_whole(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	born(ledger, 40000, TOKEN);
	ended(ledger, 1, 40000, 100);
	empty_dump(ledger);
	is_wan1(ledger, 100, 1, 1, 0, "between two polls");
	ledger_free(ledger);
}

static void those_that_end_between_two_polls_take_no_room(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EVENTS, 2);

	empty_dump(ledger);
	for (uint16_t i = 0; i < 100; i++) {
		born(ledger, 40000 + i, TOKEN);
		ended(ledger, 1U + i, 40000 + i, 10);
	}
	ok(!ledger_over_bound(ledger), "a hundred where two may be followed");
	born(ledger, 41000, TOKEN);
	dump_of(ledger, 200, 41000, 5);
	ended(ledger, 200, 41000, 7);
	is_u64(ledger_live(ledger), 0, "nor does one that a dump had shown");
	is_wan1(ledger, 1007, 101, 101, 0, "each counts once");
	ledger_dump_begin(ledger);
	born(ledger, 41001, TOKEN);
	ended(ledger, 201, 41001, 3);
	row(ledger, 201, 41001, 2);
	end(ledger);
	is_wan1(ledger, 1010, 102, 102, 0, "also where a row comes after its ending");
	is_u64(ledger_gauges(ledger)[WAN1].subflows, 0, "which is no subflow any more");
	ledger_free(ledger);
}

static void plain_tcp_counts_nothing(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	ended(ledger, 1, 40000, 100);
	ended_cleared(ledger, 2); /* also what a listener's end looks like */
	empty_dump(ledger);
	is_wan1(ledger, 0, 0, 0, 0, "plain TCP, and a listener");
	ledger_free(ledger);
}

static void a_four_tuple_born_twice_before_its_endings(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	born(ledger, 40000, TOKEN);
	born(ledger, 40000, TOKEN + 1);
	ended(ledger, 1, 40000, 100);
	ended(ledger, 2, 40000, 50);
	ended(ledger, 3, 40000, 7); /* plain TCP on the same ports, later */
	is_wan1(ledger, 150, 2, 2, 0, "two births, two endings");
	ledger_free(ledger);
}

static void a_missing_socket_takes_no_birth_of_its_successor(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EVENTS, 1000);

	dump_of(ledger, 1, 40000, 100); /* older than we */
	born(ledger, 40000, TOKEN + 1); /* its ports again, while its connection still keeps it */
	empty_dump(ledger);
	ended(ledger, 2, 40000, 50);
	is_u64(wan1(ledger)->out_octets, 50, "the successor has its own birth");
	ended(ledger, 1, 40000, 130);
	is_u64(wan1(ledger)->out_octets, 80, "and the first its own end");
	ledger_free(ledger);
}

static void a_cleared_ending_keeps_what_was_seen(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	born(ledger, 40000, TOKEN);
	dump_of(ledger, 1, 40000, 100);
	ended_cleared(ledger, 1);
	is_wan1(ledger, 100, 1, 1, 1, "seen by a dump");
	closed(ledger, TOKEN);
	for (int i = 0; i < 5; i++)
		empty_dump(ledger);
	is_wan1(ledger, 100, 1, 1, 1, "truncated once only");

	born(ledger, 40001, TOKEN);
	ledger_dump_begin(ledger);
	row(ledger, 2, 40001, 30);
	ended_cleared(ledger, 2);
	end(ledger);
	is_wan1(ledger, 130, 2, 2, 2, "seen by the dump under way");
	ledger_free(ledger);
}

static void an_ending_that_never_comes_is_truncated_once(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	born(ledger, 40000, TOKEN);
	ended_cleared(ledger, 1); /* nobody can tell whose it is */
	closed(ledger, TOKEN);
	empty_dump(ledger);
	empty_dump(ledger);
	is_u64(ledger_truncated(ledger), 0, "within the grace it may still come");
	empty_dump(ledger);
	is_u64(ledger_truncated(ledger), 1, "then it is truncated");
	empty_dump(ledger);
	empty_dump(ledger);
	is_u64(ledger_truncated(ledger), 1, "once");
	ended(ledger, 2, 40000, 100);
	is_u64(wan1(ledger)->out_octets, 0, "its birth waits for nobody any more");

	born(ledger, 40001, TOKEN + 1);
	closed(ledger, TOKEN + 1);
	empty_dump(ledger);
	ended(ledger, 3, 40001, 60);
	for (int i = 0; i < 4; i++)
		empty_dump(ledger);
	is_u64(wan1(ledger)->out_octets, 60, "an ending after CLOSED, within the grace, is whole");
	is_u64(ledger_truncated(ledger), 1, "and not truncated");
	ledger_free(ledger);
}

static void a_dump_row_claims_its_birth(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EVENTS, 1000);

	born(ledger, 40000, TOKEN);
	dump_of(ledger, 1, 40000, 70);
	is_wan1(ledger, 70, 1, 0, 0, "born here, although there is no baseline yet");
	ended(ledger, 1, 40000, 90);
	is_wan1(ledger, 90, 1, 1, 0, "ended");
	closed(ledger, TOKEN);
	for (int i = 0; i < 4; i++)
		empty_dump(ledger);
	is_wan1(ledger, 90, 1, 1, 0, "its birth does not wait for another ending");
	ledger_free(ledger);
}

static void a_row_may_be_quicker_than_its_birth(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	dump_of(ledger, 1, 40000, 70);
	born(ledger, 40000, TOKEN);
	dump_of(ledger, 1, 40000, 80);
	ended(ledger, 1, 40000, 90);
	closed(ledger, TOKEN);
	for (int i = 0; i < 4; i++)
		empty_dump(ledger);
	is_wan1(ledger, 90, 1, 1, 0, "row, birth, row, ending");

	dump_of(ledger, 2, 40001, 5);
	born(ledger, 40001, TOKEN);
	ended(ledger, 2, 40001, 10);
	closed(ledger, TOKEN);
	for (int i = 0; i < 4; i++)
		empty_dump(ledger);
	is_wan1(ledger, 100, 2, 2, 0, "row, birth, ending");
	ledger_free(ledger);
}

static void joins_have_one_outcome_each(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EXACT);
	struct life attempt = life(ATTEMPTED, WAN1, 0), failure = life(FAILED, WAN1, 40000),
		    birth = life(BORN, WAN1, 40000), ending = life(ENDED, WAN1, 40000);
	const struct {
		bool joined, complete, over;
		uint32_t error, token;
	} endings[] = {
		{ true, true, false, 0, TOKEN },	    /* an ordinary end */
		{ true, true, false, ECONNRESET, TOKEN },   /* reset in full work: no failed join */
		{ false, false, false, ECONNRESET, TOKEN }, /* the option was stripped */
		{ true, false, false, ECONNRESET, TOKEN },  /* the far end took no more */
		{ true, false, false, 0, TOKEN },	    /* the same: our kernel answers by a RST */
		{ true, false, false, 0, TOKEN + 9 },	    /* the far end was closing */
		{ false, false, true, ECONNRESET, TOKEN },  /* the connection was over */
	};
	const struct {
		bool over;
		uint32_t error;
	} failures[] = {
		{ false, ETIMEDOUT },
		{ false, EHOSTUNREACH },
		{ false, ECONNREFUSED },
		{ true, ETIMEDOUT },
		{ false, 0 },
	};
	const size_t end_count = sizeof(endings) / sizeof(endings[0]),
		     failure_count = sizeof(failures) / sizeof(failures[0]);
	const struct tally *tally = wan1(ledger);

	attempt.mptcp = failure.mptcp = birth.mptcp = ending.mptcp = true;
	ledger_life(ledger, &attempt);
	is_u64(tally->joins_attempted, 0, "an initial SYN is no join");
	attempt.ours = failure.ours = birth.ours = ending.ours = true;
	attempt.join = failure.join = birth.join = ending.join = true;
	for (size_t i = 0; i < failure_count; i++) {
		failure.cookie = attempt.cookie = 100 + i;
		failure.error = failures[i].error;
		failure.over = failures[i].over;
		ledger_life(ledger, &attempt);
		ledger_life(ledger, &failure);
	}
	for (size_t i = 0; i < end_count; i++) {
		attempt.cookie = birth.cookie = ending.cookie = 200 + i;
		ending.joined = endings[i].joined;
		ending.complete = endings[i].complete;
		ending.over = endings[i].over;
		ending.error = endings[i].error;
		birth.token = endings[i].token;
		ledger_life(ledger, &attempt);
		ledger_life(ledger, &birth);
		ledger_life(ledger, &ending);
	}
	is_u64(tally->joins_attempted, failure_count + end_count, "attempted");
	/* Whether the far end turned a join away, or was closing anyway, the next dump tells. */
	is_u64(tally->joins_reset, 1, "stripped: known at once");
	dump_of(ledger, 1, 40000, 100);
	is_u64(tally->joins_unanswered, 2, "unanswered");
	is_u64(tally->joins_refused, 1, "refused");
	is_u64(tally->joins_reset, 3, "reset");
	is_u64(tally->joins_abandoned, 4, "abandoned: never failed");
	is_u64(tally->opened, end_count + 1, "opened, and one that lives");
	is_u64(tally->closed, end_count, "closed");

	is_u64(tally->joins_attempted,
	       tally->joins_unanswered + tally->joins_refused + tally->joins_reset +
		       tally->joins_abandoned + 2,
	       "each has one outcome; two were complete");

	failure.ours = ending.ours = attempt.ours = false;
	failure.over = ending.over = ending.complete = false;
	failure.error = ending.error = ECONNRESET;
	birth.cookie = ending.cookie = failure.cookie = 300;
	ledger_life(ledger, &failure);
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(tally->joins_unanswered + tally->joins_reset, 5,
	       "joins of the far end are not ours");
	ledger_free(ledger);
}

static void fallback_counts_but_is_not_shown(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EXACT);
	const uint32_t fallback[] = { 5, TOKEN, 90 };
	struct subflow_row subflow = row_of(2, 40001, 10);

	ledger_dump_begin(ledger);
	row(ledger, 1, 40000, 100);
	subflow.token = TOKEN + 1;
	subflow.backup = true;
	subflow.rtt_us = 3000;
	subflow.min_rtt_us = 2000;
	ledger_row(ledger, &subflow);
	subflow = row_of(3, 0, 0);
	subflow.state = SYN_SENT;
	ledger_row(ledger, &subflow);
	subflow.cookie = 4;
	subflow.state = SYN_RECV;
	ledger_row(ledger, &subflow);
	ledger_dump_end(ledger, true, fallback, 3, 0);
	is_u64(wan1(ledger)->out_octets, 110, "octets of a fallback count");
	is_u64(ledger_gauges(ledger)[WAN1].subflows, 1, "but it is not joined");
	is_u64(ledger_gauges(ledger)[WAN1].backup, 1, "backup");
	is_u64(ledger_gauges(ledger)[WAN1].v4, 1, "IPv4");
	is_u64(ledger_gauges(ledger)[WAN1].attempted, 1, "one waits for its SYN/ACK");
	is_u64(ledger_gauges(ledger)[WAN1].rtt_sum_us, 3000, "round trip");
	is_u64(ledger_gauges(ledger)[WAN1].min_rtt_us, 2000, "least round trip");
	ledger_dump_begin(ledger);
	ledger_dump_end(ledger, false, NULL, 0, 0);
	is_u64(ledger_gauges(ledger)[WAN1].subflows, 1, "gauges hold over an incomplete dump");
	ledger_free(ledger);
}

static void beyond_the_bound_nothing_counts_too_much(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT, 8);
	struct life ending;

	ledger_dump_begin(ledger);
	for (uint16_t i = 1; i <= 10; i++)
		row(ledger, i, i, 1000); /* older than we */
	end(ledger);
	ok(ledger_over_bound(ledger), "ten do not fit into eight, which is told");
	is_u64(ledger_accounting(ledger), ACCOUNTING_SAMPLED, "accounting is lowered");
	is_u64(ledger_live(ledger), 8, "eight are followed");

	for (uint16_t i = 1; i <= 5; i++) {
		ending = life(ENDED, WAN1, i);
		ending.cookie = i;
		ending.mptcp = true;
		ending.octets.out = 1000;
		ledger_life(ledger, &ending);
	}
	for (int dump = 0; dump < 4; dump++) {
		ledger_dump_begin(ledger);
		for (uint16_t i = 6; i <= 10; i++)
			row(ledger, i, i, 1000 + (uint64_t)dump);
		end(ledger);
	}
	ok(wan1(ledger)->out_octets <= 5 * 3, "what did not fit is no birth once there is room");
	ok(wan1(ledger)->out_octets >= 3 * 3, "what was followed counts");
	ok(!ledger_over_bound(ledger), "it recovers");
	is_u64(ledger_accounting(ledger), ACCOUNTING_EXACT, "so does accounting");
	is_u64(ledger_live(ledger), 5, "all five are followed");
	ledger_free(ledger);
}

static uint64_t sum_out(const struct ledger *ledger)
{
	uint64_t sum = 0;

	for (size_t slot = 0; slot <= WANS_MAX; slot++)
		sum += ledger_tallies(ledger)[slot].out_octets;
	return sum;
}

static void a_slot_that_changes_hands_begins_at_zero(void)
{
	struct ledger *ledger = stand_with_baseline(ACCOUNTING_EVENTS);

	born(ledger, 40000, TOKEN);
	dump_of(ledger, 1, 40000, 100);
	born(ledger, 40001, TOKEN); /* waits for its ending */
	ledger_clear_slot(ledger, WAN1);
	is_wan1(ledger, 0, 0, 0, 0, "cleared");
	is_u64(ledger_gauges(ledger)[WAN1].subflows, 0, "no gauge");
	is_u64(sum_out(ledger), 100, "the sum over all slots does not fall");
	ended(ledger, 1, 40000, 130);
	ended(ledger, 2, 40001, 5);
	is_u64(wan1(ledger)->out_octets, 0, "subflows of before are not the new WAN's");
	is_u64(sum_out(ledger), 135, "but count as unattributed");
	ledger_free(ledger);
}

int main(void)
{
	a_connection_shorter_than_any_poll_counts_whole();
	those_that_end_between_two_polls_take_no_room();
	plain_tcp_counts_nothing();
	a_four_tuple_born_twice_before_its_endings();
	a_missing_socket_takes_no_birth_of_its_successor();
	a_cleared_ending_keeps_what_was_seen();
	an_ending_that_never_comes_is_truncated_once();
	a_dump_row_claims_its_birth();
	a_row_may_be_quicker_than_its_birth();
	joins_have_one_outcome_each();
	fallback_counts_but_is_not_shown();
	beyond_the_bound_nothing_counts_too_much();
	a_slot_that_changes_hands_begins_at_zero();
	return tap_done();
}
