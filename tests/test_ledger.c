/* SPDX-License-Identifier: MIT */
/*
 * The orders in which dumps and endings can arrive, and what each must not miscount. Cookies here
 * are also ports; WAN n owns 10.0.0.n. Most cases begin with an empty complete dump: from then on
 * whoever is new to the ledger is new.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "tests/tap.h"

enum { WAN1 = 1, WAN2 = 2, OTHER = 3, TOKEN = 77, ESTABLISHED = 1, SYN_SENT = 2, SYN_RECV = 3 };

struct stand {
	struct ledger *ledger;
	uint8_t slot_of[256]; /* by the last octet of the local address */
	uint64_t now_ms;
};

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)bound_ifindex;
	return ((struct stand *)arg)->slot_of[local->bytes[3]];
}

static void begin(struct stand *s)
{
	ledger_dump_begin(s->ledger);
}

static void end(struct stand *s, bool complete)
{
	s->now_ms += 5000;
	ledger_dump_end(s->ledger, complete, NULL, 0, s->now_ms);
}

static void empty_dump(struct stand *s)
{
	begin(s);
	end(s, true);
}

static struct stand *stand_of(enum accounting mode, uint32_t most)
{
	struct stand *s = calloc(1, sizeof(*s));
	struct ledger_settings settings = {
		.owner = owner, .owner_arg = s, .seed = 1, .subflows_most = most
	};

	for (size_t i = 0; i < 256; i++)
		s->slot_of[i] = i == WAN1 || i == WAN2 || i == OTHER ? (uint8_t)i : UNATTRIBUTED;
	s->ledger = ledger_new(&settings);
	ledger_mode(s->ledger, mode);
	return s;
}

static struct stand *stand(enum accounting mode)
{
	return stand_of(mode, 1000);
}

static struct stand *stand_with_baseline(enum accounting mode)
{
	struct stand *s = stand(mode);

	empty_dump(s);
	return s;
}

static void leave(struct stand *s)
{
	ledger_free(s->ledger);
	free(s);
}

static struct tuple tuple(uint8_t wan, uint64_t port)
{
	return (struct tuple){ .local = { AF_INET, { 10, 0, 0, wan } },
			       .remote = { AF_INET, { 192, 0, 2, 1 } },
			       .local_port = (uint16_t)port,
			       .remote_port = 443 };
}

static void tell(struct stand *s, enum life_kind kind, uint64_t cookie, uint8_t wan, uint64_t out,
		 uint64_t in)
{
	struct life life = { .kind = kind,
			     .cookie = cookie,
			     .tuple = tuple(wan, cookie),
			     .token = TOKEN,
			     .mptcp = true,
			     .octets = { .out = out, .in = in, .sent = out } };

	ledger_life(s->ledger, &life);
}

static void born(struct stand *s, uint64_t cookie, uint8_t wan)
{
	tell(s, BORN, cookie, wan, 0, 0);
}

static void ended(struct stand *s, uint64_t cookie, uint8_t wan, uint64_t out, uint64_t in)
{
	tell(s, ENDED, cookie, wan, out, in);
}

static void row(struct stand *s, uint64_t cookie, uint8_t wan, uint64_t out, uint64_t in)
{
	struct subflow_row subflow = { .cookie = cookie,
				       .tuple = tuple(wan, cookie),
				       .state = ESTABLISHED,
				       .token = TOKEN,
				       .octets = { .out = out, .in = in, .sent = out } };

	ledger_row(s->ledger, &subflow);
}

/* A complete dump with this one row. */
static void dump_of(struct stand *s, uint64_t cookie, uint8_t wan, uint64_t out, uint64_t in)
{
	begin(s);
	row(s, cookie, wan, out, in);
	end(s, true);
}

static const struct tally *tally(const struct stand *s, uint8_t slot)
{
	return &ledger_tallies(s->ledger)[slot];
}

#define is_tally(s, slot, out, in, what)                                                           \
	do {                                                                                       \
		is_u64(tally(s, slot)->out_octets, out, "%s: octets sent", what);                  \
		is_u64(tally(s, slot)->in_octets, in, "%s: octets received", what);                \
	} while (0)
#define is_count(s, n_opened, n_closed, n_truncated, what)                                         \
	do {                                                                                       \
		is_u64(tally(s, WAN1)->opened, n_opened, "%s: opened", what);                      \
		is_u64(tally(s, WAN1)->closed, n_closed, "%s: closed", what);                      \
		is_u64(ledger_truncated((s)->ledger), n_truncated, "%s: truncated", what);         \
	} while (0)

static void a_dump_row_after_the_ending_is_of_the_dead(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	born(s, 1, WAN1);
	begin(s);
	ended(s, 1, WAN1, 100, 200);
	row(s, 1, WAN1, 90, 200);
	end(s, true);
	is_tally(s, WAN1, 100, 200, "row after the ending");
	is_count(s, 1, 1, 0, "row after the ending");
	is_u64(ledger_live(s->ledger), 0, "and nobody is alive");
	is_u64(ledger_gauges(s->ledger)[WAN1].subflows, 0, "nor shown");

	begin(s);
	ended(s, 2, WAN1, 10, 0);
	row(s, 2, WAN1, 10, 0);
	end(s, true);
	empty_dump(s);
	is_tally(s, WAN1, 110, 200, "the same, birth unseen");
	leave(s);
}

/* The tracepoint tells of an ending a moment before the socket leaves the table that is dumped. */
static void a_tombstone_stands_until_a_later_dump_is_complete(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	born(s, 1, WAN1);
	ended(s, 1, WAN1, 100, 0);
	begin(s);
	row(s, 1, WAN1, 100, 0);
	end(s, false);
	is_u64(ledger_live(s->ledger), 0, "its row in a later dump revives nobody");
	dump_of(s, 1, WAN1, 100, 0);
	is_u64(ledger_gauges(s->ledger)[WAN1].subflows, 0, "nor is it shown");
	for (int i = 0; i < 15; i++)
		empty_dump(s);
	is_tally(s, WAN1, 100, 0, "row of a later dump");
	is_count(s, 1, 1, 0, "row of a later dump");
	leave(s);
}

static void an_ending_has_the_last_word_over_its_row(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	begin(s);
	row(s, 1, WAN1, 90, 0);
	born(s, 1, WAN1);
	ended(s, 1, WAN1, 100, 0);
	end(s, true);
	is_tally(s, WAN1, 100, 0, "row, birth, ending");
	is_count(s, 1, 1, 0, "row, birth, ending");
	leave(s);
}

static void older_than_we_dying_before_the_first_dump(void)
{
	struct stand *s = stand(ACCOUNTING_EXACT);

	ended(s, 1, WAN1, 100, 200);
	empty_dump(s);
	is_tally(s, WAN1, 0, 0, "died before the first dump");
	is_u64(ledger_truncated(s->ledger), 1, "which is told");
	is_u64(tally(s, WAN1)->opened, 0, "it did not open on our watch");
	leave(s);
}

static void older_than_we_dying_during_the_first_dump(void)
{
	struct stand *s = stand(ACCOUNTING_EXACT);

	begin(s);
	row(s, 1, WAN1, 100, 200);
	ended(s, 1, WAN1, 150, 250);
	end(s, true);
	is_tally(s, WAN1, 0, 0, "died during the first dump");
	is_u64(ledger_truncated(s->ledger), 1, "which is told");
	leave(s);
}

static void older_than_we_dying_after_the_first_dump(void)
{
	struct stand *s = stand(ACCOUNTING_EXACT);

	dump_of(s, 1, WAN1, 100, 200);
	is_tally(s, WAN1, 0, 0, "older than we: a baseline");
	dump_of(s, 1, WAN1, 120, 200);
	is_tally(s, WAN1, 20, 0, "its growth counts");
	ended(s, 1, WAN1, 150, 250);
	is_tally(s, WAN1, 50, 50, "to its end");
	is_u64(ledger_truncated(s->ledger), 0, "nothing is missing");
	leave(s);
}

static void an_incomplete_dump_is_no_baseline(void)
{
	struct stand *s = stand(ACCOUNTING_EXACT);

	begin(s);
	row(s, 1, WAN1, 70, 0);
	end(s, false);
	is_u64(ledger_live(s->ledger), 0, "rows of an incomplete dump are thrown away");
	ended(s, 2, WAN1, 500, 0);
	dump_of(s, 1, WAN1, 100, 0);
	is_tally(s, WAN1, 0, 0, "after an incomplete dump");
	is_u64(ledger_truncated(s->ledger), 1, "the one that died is truncated");
	dump_of(s, 1, WAN1, 130, 0);
	is_tally(s, WAN1, 30, 0, "after a complete one");

	begin(s);
	row(s, 1, WAN1, 140, 0);
	begin(s); /* the kernel interrupted it: asked again */
	row(s, 1, WAN1, 150, 0);
	end(s, true);
	is_tally(s, WAN1, 50, 0, "a dump begun anew");
	leave(s);
}

static void a_cookie_that_lives_twice(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	born(s, 1, WAN1);
	dump_of(s, 1, WAN1, 60, 0);
	begin(s);
	ended(s, 1, WAN1, 100, 10);
	born(s, 1, WAN1);
	row(s, 1, WAN1, 100, 10); /* still of the first life */
	end(s, true);
	is_tally(s, WAN1, 100, 10, "rows of the old life are ignored for the new one");
	dump_of(s, 1, WAN1, 40, 5);
	is_tally(s, WAN1, 140, 15, "the second life counts from zero");
	ended(s, 1, WAN1, 60, 5);
	is_tally(s, WAN1, 160, 15, "to its end");
	is_count(s, 2, 2, 0, "two lives");

	born(s, 9, WAN1);
	dump_of(s, 9, WAN1, 70, 0);
	born(s, 9, WAN1);
	ended(s, 9, WAN1, 30, 0);
	is_tally(s, WAN1, 260, 15, "a birth without the ending before it");
	is_count(s, 4, 4, 1, "a birth without the ending before it");
	leave(s);
}

static void falling_counters_are_a_new_life_when_sampled(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_SAMPLED);

	dump_of(s, 1, WAN1, 100, 50);
	dump_of(s, 1, WAN1, 30, 60);
	is_tally(s, WAN1, 130, 110, "sent fell");
	dump_of(s, 1, WAN1, 40, 5);
	is_tally(s, WAN1, 170, 115, "received fell");
	is_count(s, 3, 2, 2, "three lives");
	leave(s);

	s = stand_with_baseline(ACCOUNTING_EXACT);
	born(s, 1, WAN1);
	dump_of(s, 1, WAN1, 100, 50);
	dump_of(s, 1, WAN1, 95, 50);
	dump_of(s, 1, WAN1, 110, 50);
	is_tally(s, WAN1, 110, 50, "where births are told a fall is a reading half-way");
	is_count(s, 1, 0, 0, "where births are told a fall is a reading half-way");
	leave(s);
}

/* bytes_sent is 1000 in both: only the part of it that was sent again has risen. */
static void a_retransmission_is_no_new_life(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_SAMPLED);
	struct subflow_row subflow = { .cookie = 1,
				       .tuple = tuple(WAN1, 1),
				       .token = TOKEN,
				       .state = ESTABLISHED,
				       .octets = { .out = 1000, .sent = 1000 } };

	begin(s);
	ledger_row(s->ledger, &subflow);
	end(s, true);
	subflow.octets = (struct octets){ .out = 900, .retrans = 100, .sent = 1000 };
	begin(s);
	ledger_row(s->ledger, &subflow);
	end(s, true);
	is_tally(s, WAN1, 1000, 0, "payload that turned out to be sent again");
	leave(s);
}

static void a_second_life_may_have_another_wan(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_SAMPLED);

	dump_of(s, 1, WAN1, 100, 0);
	dump_of(s, 1, WAN2, 30, 0);
	is_tally(s, WAN1, 100, 0, "sampled, first life");
	is_tally(s, WAN2, 30, 0, "sampled, second life elsewhere");
	leave(s);

	s = stand_with_baseline(ACCOUNTING_EXACT);
	born(s, 1, WAN1);
	ended(s, 1, WAN1, 100, 0);
	born(s, 1, WAN2);
	ended(s, 1, WAN2, 30, 0);
	is_tally(s, WAN1, 100, 0, "exact, first life");
	is_tally(s, WAN2, 30, 0, "exact, second life elsewhere");
	leave(s);
}

static void missing_from_two_dumps_is_truncated(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_SAMPLED);

	dump_of(s, 1, WAN1, 100, 0);
	empty_dump(s);
	is_count(s, 1, 0, 0, "missing from one dump");
	empty_dump(s);
	is_count(s, 1, 1, 1, "missing from two dumps");
	dump_of(s, 1, WAN1, 130, 0);
	is_tally(s, WAN1, 130, 0, "seen again, it goes on from where it was");
	empty_dump(s);
	empty_dump(s);
	is_u64(tally(s, WAN1)->closed, 1, "and it closes once only");
	is_u64(ledger_live(s->ledger), 0, "it is gone");
	leave(s);
}

/* A birth may have waited behind another's record while the dump with its row came and ended. */
static void a_late_birth_and_a_late_ending_count_exactly(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	dump_of(s, 4, WAN1, 100, 0);
	born(s, 4, WAN1);
	ended(s, 4, WAN1, 130, 0);
	is_tally(s, WAN1, 130, 0, "born late");
	is_count(s, 1, 1, 0, "born late, and ended");
	leave(s);

	s = stand_with_baseline(ACCOUNTING_EXACT);
	born(s, 1, WAN1);
	dump_of(s, 1, WAN1, 100, 0);
	for (int i = 0; i < 12; i++)
		empty_dump(s);
	ended(s, 1, WAN1, 130, 0);
	is_tally(s, WAN1, 130, 0, "55 s after it was missed first");
	is_count(s, 1, 1, 0, "55 s after it was missed first");

	born(s, 2, WAN2);
	dump_of(s, 2, WAN2, 100, 0);
	for (int i = 0; i < 13; i++)
		empty_dump(s);
	is_u64(ledger_truncated(s->ledger), 1, "after 60 s it is given up");
	is_u64(ledger_accounting(s->ledger), ACCOUNTING_SAMPLED, "and its ending counts as lost");
	ended(s, 2, WAN2, 130, 0);
	is_tally(s, WAN2, 100, 0, "its ending counts no more");

	born(s, 3, OTHER);
	dump_of(s, 3, OTHER, 100, 0);
	for (int i = 0; i < 15; i++)
		empty_dump(s);
	ended(s, 3, OTHER, 130, 0);
	ok(tally(s, OTHER)->out_octets <= 130,
	   "an ending after its tombstone counts nothing twice");
	leave(s);
}

static void a_loss_degrades_until_a_later_dump(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	is_u64(ledger_accounting(s->ledger), ACCOUNTING_EXACT, "exact");
	begin(s);
	ledger_lost(s->ledger, 3);
	is_u64(ledger_accounting(s->ledger), ACCOUNTING_SAMPLED, "a loss degrades");
	end(s, true);
	is_u64(ledger_accounting(s->ledger), ACCOUNTING_SAMPLED, "the dump had begun before");
	begin(s);
	end(s, false);
	is_u64(ledger_accounting(s->ledger), ACCOUNTING_SAMPLED, "the next was incomplete");
	dump_of(s, 1, WAN1, 80, 0);
	is_u64(ledger_accounting(s->ledger), ACCOUNTING_EXACT, "a later complete one heals");
	is_u64(ledger_events_lost(s->ledger), 3, "losses are told");
	is_tally(s, WAN1, 80, 0, "a birth that was lost is made good by the dump");
	ended(s, 1, WAN1, 90, 0);
	is_tally(s, WAN1, 90, 0, "and by the ending");
	leave(s);
}

static void the_wan_is_fixed_at_first_sight(void)
{
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);

	born(s, 1, WAN1);
	s->slot_of[WAN1] = WAN2; /* the address moved */
	dump_of(s, 1, WAN1, 100, 0);
	ended(s, 1, WAN1, 150, 0);
	is_tally(s, WAN1, 150, 0, "by birth");
	is_tally(s, WAN2, 0, 0, "the new owner");
	leave(s);

	s = stand_with_baseline(ACCOUNTING_SAMPLED);
	dump_of(s, 1, WAN1, 100, 0);
	s->slot_of[WAN1] = UNATTRIBUTED;
	dump_of(s, 1, WAN1, 150, 0);
	is_tally(s, WAN1, 150, 0, "by dump row");
	dump_of(s, 2, 200, 7, 8);
	is_tally(s, UNATTRIBUTED, 7, 8, "what fits no WAN is unattributed");
	leave(s);
}

static void who_lives_can_be_asked_for_one_by_one(void)
{
	const struct life device = { .kind = BORN, .cookie = 1, .tuple = tuple(WAN1, 1),
				     .bound_ifindex = 5, .mptcp = true };
	struct stand *s = stand_with_baseline(ACCOUNTING_EXACT);
	struct socket_id id;
	size_t position = 0;

	ledger_life(s->ledger, &device);
	born(s, 2, WAN2);
	ended(s, 2, WAN2, 0, 0);
	dump_of(s, 3, WAN2, 0, 0);
	ok(ledger_next_live(s->ledger, &position, &id), "by birth");
	ok(id.cookie == 1 && id.bound_ifindex == 5 && id.tuple.local_port == 1, "where it is");
	ok(ledger_next_live(s->ledger, &position, &id) && id.cookie == 3, "by dump row, no dead one");
	ok(!ledger_next_live(s->ledger, &position, &id), "and that is all");
	is_u64(ledger_missing(s->ledger), 0, "one dump without its row says nothing");
	dump_of(s, 3, WAN2, 0, 0);
	is_u64(ledger_missing(s->ledger), 1, "two do");
	dump_of(s, 1, WAN1, 0, 0);
	is_u64(ledger_missing(s->ledger), 0, "it is here again");
	leave(s);
}

int main(void)
{
	a_dump_row_after_the_ending_is_of_the_dead();
	a_tombstone_stands_until_a_later_dump_is_complete();
	an_ending_has_the_last_word_over_its_row();
	older_than_we_dying_before_the_first_dump();
	older_than_we_dying_during_the_first_dump();
	older_than_we_dying_after_the_first_dump();
	an_incomplete_dump_is_no_baseline();
	a_cookie_that_lives_twice();
	falling_counters_are_a_new_life_when_sampled();
	a_retransmission_is_no_new_life();
	a_second_life_may_have_another_wan();
	missing_from_two_dumps_is_truncated();
	a_late_birth_and_a_late_ending_count_exactly();
	a_loss_degrades_until_a_later_dump();
	the_wan_is_fixed_at_first_sight();
	who_lives_can_be_asked_for_one_by_one();
	return tap_done();
}
