/* SPDX-License-Identifier: MIT */
/*
 * What the diagnosis learns from the ledger: how joins and connections begin, octets of plain TCP,
 * and the subflows of a dump, each told as it is. 10.0.0.1 is WAN 1, its cookies are its ports.
 */
#include <errno.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "lib/suspects.h"
#include "tests/tap.h"

enum { WAN1 = 1, TOKEN = 77, ESTABLISHED = 1, SYN_SENT = 2, FIN_WAIT1 = 4 };
enum { SIGHTS = 8 };

static struct {
	struct sight sights[SIGHTS];
	size_t count;
} told;

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)bound_ifindex;
	return local->bytes[3] == WAN1 ? WAN1 : UNATTRIBUTED;
}

static void seen(void *arg, const struct sight *sight)
{
	(void)arg;
	if (told.count < SIGHTS)
		told.sights[told.count] = *sight;
	told.count++;
}

static uint64_t now_ms;

static void begin(struct ledger *ledger)
{
	memset(&told, 0, sizeof(told));
	ledger_dump_begin(ledger);
}

static void end(struct ledger *ledger, bool complete)
{
	const uint32_t fallback[] = { 5, 90 };

	now_ms += 5000;
	ledger_dump_end(ledger, complete, fallback, 2, now_ms);
}

static struct ledger *stand_for(enum accounting mode, uint32_t subflows_most)
{
	const struct ledger_settings settings = {
		.owner = owner, .seen = seen, .seed = 1, .subflows_most = subflows_most
	};
	struct ledger *ledger = ledger_new(&settings);

	ledger_mode(ledger, mode);
	begin(ledger);
	end(ledger, true);
	return ledger;
}

static struct ledger *stand(enum accounting mode)
{
	return stand_for(mode, 100);
}

static struct life life(enum life_kind kind, uint16_t port)
{
	return (struct life){ .kind = kind,
			      .cookie = port,
			      .tuple = { { AF_INET, { 10, 0, 0, 1 } },
					 { AF_INET, { 192, 0, 2, 1 } },
					 port,
					 443 },
			      .token = TOKEN,
			      .mptcp = true,
			      .ours = true };
}

static struct subflow_row row(uint16_t port, uint64_t out)
{
	return (struct subflow_row){ .cookie = port,
				     .tuple = life(BORN, port).tuple,
				     .state = ESTABLISHED,
				     .token = TOKEN,
				     .ours = true,
				     .octets = { .out = out, .in = 2 * out, .sent = out } };
}

static void dump_of(struct ledger *ledger, const struct subflow_row *subflow)
{
	begin(ledger);
	ledger_row(ledger, subflow);
	end(ledger, true);
}

static const struct tally *wan1(const struct ledger *ledger)
{
	return &ledger_tallies(ledger)[WAN1];
}

/*
 * --- beginnings --------------------------------------------------------------------------------
 */

static void connects(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct life failure = life(FAILED, 40000);

	failure.error = ETIMEDOUT;
	ledger_life(ledger, &failure);
	failure.error = EHOSTUNREACH;
	ledger_life(ledger, &failure);
	failure.error = ECONNREFUSED;
	ledger_life(ledger, &failure);
	failure.error = 0;
	ledger_life(ledger, &failure);
	is_u64(wan1(ledger)->connects_unanswered, 2, "no SYN/ACK");
	is_u64(wan1(ledger)->connects_refused, 1, "a RST; closed before its answer is neither");
	is_u64(wan1(ledger)->joins_unanswered + wan1(ledger)->joins_refused, 0, "no joins");
	failure.error = ETIMEDOUT;
	failure.ours = false;
	ledger_life(ledger, &failure);
	is_u64(wan1(ledger)->connects_unanswered, 2, "theirs is not ours");
	ledger_clear_slot(ledger, WAN1);
	is_u64(wan1(ledger)->connects_unanswered, 0, "a new WAN begins at zero");
	ledger_free(ledger);
}

static void joins_that_are_confirmed(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct life birth = life(BORN, 40000), ending = life(ENDED, 40000);
	struct subflow_row subflow = row(40000, 10);

	birth.join = ending.join = subflow.join = true;
	ledger_life(ledger, &birth);
	dump_of(ledger, &subflow);
	is_u64(wan1(ledger)->joins_established, 0, "answered, and not yet confirmed");
	subflow.complete = true;
	dump_of(ledger, &subflow);
	is_u64(wan1(ledger)->joins_established, 1, "the far end has confirmed it");
	dump_of(ledger, &subflow);
	ending.complete = true;
	ending.error = ECONNRESET;
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 1, "once");
	is_u64(wan1(ledger)->joins_reset, 0, "what happens later is no failed join");

	birth.cookie = ending.cookie = 40001;
	ending.error = 0;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 2, "confirmed between two dumps");
	birth.cookie = ending.cookie = 40002;
	birth.join = ending.join = false;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 2, "a first subflow is no join");
	birth.cookie = ending.cookie = 40003;
	birth.join = ending.join = true;
	birth.ours = ending.ours = false;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 2, "nor is theirs ours");
	ledger_free(ledger);
}

/* Its birth was lost: the ending alone tells of what it was, and of which connection. */
static void joins_whose_ending_alone_is_told(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct life ending = life(ENDED, 40000);
	const struct subflow_row other = row(40009, 0);

	begin(ledger);
	end(ledger, true);
	ending.join = ending.joined = ending.complete = true;
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 1, "one was confirmed");
	ending = life(ENDED, 40001);
	ending.join = ending.joined = true;
	ledger_life(ledger, &ending);
	dump_of(ledger, &other);
	ok(wan1(ledger)->joins_reset == 1 && wan1(ledger)->joins_abandoned == 0,
	   "one was turned away: its connection lives on");
	ending = life(ENDED, 40002);
	ending.complete = true;
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_established, 1, "a first subflow is no join");
	ledger_free(ledger);
}

static void joins_that_are_turned_away(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct life birth = life(BORN, 40000), ending = life(ENDED, 40000);
	struct subflow_row first = row(50000, 10);

	birth.join = ending.join = true;
	ending.error = ECONNRESET;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	ok(wan1(ledger)->joins_reset == 1 && wan1(ledger)->joins_stripped == 1,
	   "a SYN/ACK without the option");
	birth.cookie = ending.cookie = 40001;
	ending.joined = true;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->joins_reset, 1, "with it: the connection may be about to end");
	dump_of(ledger, &first);
	dump_of(ledger, &first);
	ok(wan1(ledger)->joins_reset == 2 && wan1(ledger)->joins_stripped == 1,
	   "it lives on: the far end said no");
	birth.cookie = ending.cookie = 40002;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	first.token = TOKEN + 1;
	dump_of(ledger, &first);
	dump_of(ledger, &first);
	ok(wan1(ledger)->joins_reset == 2 && wan1(ledger)->joins_abandoned == 1,
	   "it does not: the join was abandoned");
	ledger_free(ledger);
}

/* Nobody is accused without proof. */
static void more_are_turned_away_than_can_be_remembered(void)
{
	struct ledger *ledger = stand_for(ACCOUNTING_EXACT, 2 * SUSPECTS_MOST);
	struct life birth = life(BORN, 0), ending = life(ENDED, 0);
	struct subflow_row first = row(50000, 10);

	birth.join = ending.join = ending.joined = true;
	ending.error = ECONNRESET;
	for (uint16_t i = 1; i <= SUSPECTS_MOST + 10; i++) {
		birth.cookie = ending.cookie = 100000U + i;
		birth.tuple.local_port = ending.tuple.local_port = (uint16_t)(40000 + i);
		ledger_life(ledger, &birth);
		ledger_life(ledger, &ending);
	}
	ok(wan1(ledger)->joins_reset == 0 && wan1(ledger)->joins_abandoned == 10,
	   "ten for whom there was no room: abandoned");
	dump_of(ledger, &first);
	dump_of(ledger, &first);
	ok(wan1(ledger)->joins_reset == SUSPECTS_MOST && wan1(ledger)->joins_abandoned == 10,
	   "the others were refused, for their connection lives on");
	ledger_free(ledger);
}

/*
 * --- plain TCP ---------------------------------------------------------------------------------
 */

static void plain_octets(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct life birth = life(BORN, 40000), ending = life(ENDED, 40000);
	struct subflow_row subflow = row(40000, 100);

	ledger_life(ledger, &birth);
	dump_of(ledger, &subflow);
	ok(wan1(ledger)->out_octets == 100 && !wan1(ledger)->plain_out_octets, "MPTCP");
	birth = life(BORN, 40001);
	birth.token = 90;
	ledger_life(ledger, &birth);
	subflow = row(40001, 30);
	subflow.token = 90;
	dump_of(ledger, &subflow);
	is_u64(wan1(ledger)->out_octets, 130, "a connection in fallback counts");
	ok(wan1(ledger)->plain_out_octets == 30 && wan1(ledger)->plain_in_octets == 60, "as plain");
	ending = life(ENDED, 40001);
	ending.octets = (struct octets){ .out = 50, .in = 70 };
	ledger_life(ledger, &ending);
	ok(wan1(ledger)->plain_out_octets == 50 && wan1(ledger)->plain_in_octets == 70,
	   "to its end");
	birth = life(BORN, 40002);
	ending = life(ENDED, 40002);
	ending.plain = true;
	ending.octets.out = 7;
	ledger_life(ledger, &birth);
	ledger_life(ledger, &ending);
	is_u64(wan1(ledger)->plain_out_octets, 57, "or between two dumps, when its ending says so");
	ledger_clear_slot(ledger, WAN1);
	ok(!wan1(ledger)->plain_out_octets, "a new WAN begins at zero");
	is_u64(ledger_tallies(ledger)[UNATTRIBUTED].plain_out_octets, 57, "the old one's are kept");
	ledger_free(ledger);
}

/*
 * --- sights ------------------------------------------------------------------------------------
 */

static void a_sight(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct subflow_row subflow = row(40000, 100);
	const struct sight *sight = &told.sights[0];

	subflow.backup = subflow.complete = subflow.pending = true;
	subflow.acked_ago_ms = 1234;
	dump_of(ledger, &subflow);
	is_u64(told.count, 1, "one subflow");
	ok(sight->token == TOKEN && sight->slot == WAN1 && sight->state == ESTABLISHED, "whose");
	ok(sight->ours && sight->backup && sight->complete && !sight->full, "how");
	ok(sight->pending && sight->acked_ago_ms == 1234, "what waits");
	ok(sight->grown_out == 100 && sight->grown_in == 200, "new to us: all of it has grown");
	subflow.octets.out = 150;
	subflow.state = FIN_WAIT1;
	subflow.ours = false;
	dump_of(ledger, &subflow);
	ok(sight->grown_out == 50 && !sight->grown_in, "since the dump before");
	ok(sight->state == FIN_WAIT1 && !sight->ours, "as it is now");
	begin(ledger);
	ledger_row(ledger, &subflow);
	is_u64(told.count, 0, "told when the dump has ended");
	end(ledger, false);
	is_u64(told.count, 0, "and was whole");
	begin(ledger);
	end(ledger, true);
	is_u64(told.count, 0, "what is missing is not told");
	subflow = row(40001, 0);
	subflow.tuple.local.bytes[3] = 99;
	subflow.state = SYN_SENT;
	begin(ledger);
	ledger_row(ledger, &subflow);
	ok(told.count == 1 && sight->state == SYN_SENT && sight->slot == UNATTRIBUTED,
	   "a SYN that waits is told at once");
	end(ledger, true);
	is_u64(told.count, 1, "and once");
	ledger_free(ledger);
}

/* Its ending has the last word, whatever the dump said. */
static void no_sight_of_the_dead(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct subflow_row subflow = row(40000, 100);
	struct life ending = life(ENDED, 40000);

	begin(ledger);
	ledger_row(ledger, &subflow);
	ledger_life(ledger, &ending);
	end(ledger, true);
	is_u64(told.count, 0, "ended during the dump");
	ledger_free(ledger);
}

static void full_or_kept_by_the_receiver(void)
{
	struct ledger *ledger = stand(ACCOUNTING_EXACT);
	struct subflow_row subflow = row(40000, 100);
	const struct sight *sight = &told.sights[0];

	subflow.full = true;
	subflow.rwnd_limited_ms = 1000;
	dump_of(ledger, &subflow);
	ok(sight->full, "full, and waited for the receiver a second of five");
	subflow.rwnd_limited_ms += 2499;
	dump_of(ledger, &subflow);
	ok(sight->full, "nearly half of the time");
	subflow.rwnd_limited_ms += 2500;
	dump_of(ledger, &subflow);
	ok(!sight->full, "half: it is the receiver who is slow");
	subflow.rwnd_limited_ms += 3000;
	begin(ledger);
	ledger_row(ledger, &subflow);
	end(ledger, false);
	subflow.rwnd_limited_ms += 2000;
	dump_of(ledger, &subflow);
	ok(!sight->full, "half of the time since the last whole dump");
	subflow.rwnd_limited_ms += 2500;
	begin(ledger);
	ledger_row(ledger, &subflow);
	begin(ledger);
	ledger_row(ledger, &subflow);
	end(ledger, true);
	ok(!sight->full, "however often this one had to begin anew");
	subflow.rwnd_limited_ms = 0;
	dump_of(ledger, &subflow);
	ok(sight->full, "a counter that fell says nothing");
	subflow.full = false;
	dump_of(ledger, &subflow);
	ok(!sight->full, "not full at all");
	ledger_free(ledger);
}

int main(void)
{
	connects();
	joins_that_are_confirmed();
	joins_whose_ending_alone_is_told();
	joins_that_are_turned_away();
	more_are_turned_away_than_can_be_remembered();
	plain_octets();
	a_sight();
	no_sight_of_the_dead();
	full_or_kept_by_the_receiver();
	return tap_done();
}
