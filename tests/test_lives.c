/* SPDX-License-Identifier: MIT */
/*
 * What is kept of each subflow, in as few octets as there may be: both ends of it, of either
 * family, over several blocks of the table; and notes of a dump that do not fit into 32 bits.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "lib/lives.h"
#include "tests/tap.h"

enum { MANY = 2000, ESTABLISHED = 1 };
#define GB (UINT64_C(1) << 30)

/*
 * --- the table ---------------------------------------------------------------------------------
 */

/* Every second one IPv6; no two alike, in any octet that is there. */
static struct tuple tuple_of(uint64_t number)
{
	const bool v6 = number % 2;
	struct tuple tuple = { .local_port = (uint16_t)number, .remote_port = (uint16_t)~number };

	tuple.local.family = tuple.remote.family = v6 ? AF_INET6 : AF_INET;
	for (size_t i = 0; i < (v6 ? 16 : 4); i++) {
		tuple.local.bytes[i] = (uint8_t)(number >> (i % 2 ? 8 : 0)) ^ (uint8_t)i;
		tuple.remote.bytes[i] = (uint8_t)~tuple.local.bytes[i];
	}
	return tuple;
}

static bool is_kept(const struct lives *lives, uint64_t cookie, uint64_t number)
{
	const struct entry *entry = lives_find(lives, cookie);
	struct tuple kept, wanted = tuple_of(number);

	if (!entry || entry->cookie != cookie)
		return false;
	kept = lives_tuple(lives, entry);
	return kept.local_port == wanted.local_port && kept.remote_port == wanted.remote_port &&
	       kept.local.family == wanted.local.family &&
	       kept.remote.family == wanted.remote.family &&
	       !memcmp(kept.local.bytes, wanted.local.bytes, sizeof(kept.local.bytes)) &&
	       !memcmp(kept.remote.bytes, wanted.remote.bytes, sizeof(kept.remote.bytes));
}

static void both_ends_are_kept(void)
{
	struct lives lives;
	struct entry *first;
	struct tuple tuple;
	size_t kept = 0;

	lives_init(&lives, MANY);
	for (uint64_t i = 1; i <= MANY; i++) {
		tuple = tuple_of(i);
		lives_set_tuple(&lives, lives_add(&lives, i, LIVE), &tuple);
	}
	first = lives_find(&lives, 1);
	for (uint64_t i = 1; i <= MANY; i++)
		kept += is_kept(&lives, i, i);
	is_u64(kept, MANY, "of each, whatever came after it");
	ok(!lives_add(&lives, MANY + 1, LIVE), "there is no room for one more");

	/* Who takes a place that was another's is of the other family. */
	for (uint64_t i = 2; i <= MANY; i += 2)
		lives_drop(&lives, lives_find(&lives, i));
	is_u64(lives.live, MANY / 2, "half of them are gone");
	for (uint64_t i = 2; i <= MANY; i += 2) {
		tuple = tuple_of(i + 1);
		lives_set_tuple(&lives, lives_add(&lives, MANY + i, LIVE), &tuple);
	}
	is_u64(lives.top, MANY, "their places are used again");
	kept = 0;
	for (uint64_t i = 1; i <= MANY; i++)
		kept += i % 2 ? is_kept(&lives, i, i) : is_kept(&lives, MANY + i, i + 1);
	is_u64(kept, MANY, "those who stayed, and those who came");
	ok(lives_find(&lives, 1) == first, "nobody has moved");
	tuple = tuple_of(4);
	lives_renew(&lives, first);
	lives_set_tuple(&lives, first, &tuple);
	ok(is_kept(&lives, 1, 4), "a second life is by IPv4");
	lives_clear(&lives);
}

/*
 * --- notes -------------------------------------------------------------------------------------
 */

static uint8_t first_slot(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)local, (void)bound_ifindex;
	return 0;
}

static struct ledger *ledger_of(enum accounting mode)
{
	struct ledger_settings settings = { .owner = first_slot, .subflows_most = 100 };
	struct ledger *ledger = ledger_new(&settings);

	ledger_mode(ledger, mode);
	ledger_dump_begin(ledger);
	ledger_dump_end(ledger, true, NULL, 0, 1000);
	return ledger;
}

static void note(struct ledger *ledger, uint64_t cookie, uint64_t out, uint64_t in)
{
	struct subflow_row row = { .cookie = cookie,
				   .state = ESTABLISHED,
				   .tuple = tuple_of(cookie),
				   .octets = { .out = out, .sent = out, .in = in } };

	ledger_row(ledger, &row);
}

static void is_carried(struct ledger *ledger, uint64_t out, uint64_t in, const char *what)
{
	is_u64(ledger_tallies(ledger)[0].out_octets, out, "%s: sent", what);
	is_u64(ledger_tallies(ledger)[0].in_octets, in, "%s: received", what);
}

static void notes_of_any_size(void)
{
	struct ledger *ledger = ledger_of(ACCOUNTING_SAMPLED);

	ledger_dump_begin(ledger);
	note(ledger, 1, 9000 * GB, 5);
	note(ledger, 2, 7, 4 * GB - 1);
	note(ledger, 3, 7, 4 * GB);
	ledger_dump_end(ledger, true, NULL, 0, 2000);
	is_carried(ledger, 9000 * GB + 14, 8 * GB + 4, "at first sight");

	ledger_dump_begin(ledger);
	note(ledger, 1, 9001 * GB, 15);
	note(ledger, 3, 4 * GB + 6, 9 * GB);
	note(ledger, 2, 5 * GB, 10 * GB);
	ledger_dump_end(ledger, true, NULL, 0, 3000);
	is_carried(ledger, 9010 * GB + 6, 19 * GB + 15, "since then");
	ledger_free(ledger);
}

/* The first try of a dump notes much, the second is the one that counts. */
static void notes_of_a_dump_begun_anew(void)
{
	struct ledger *ledger = ledger_of(ACCOUNTING_SAMPLED);

	ledger_dump_begin(ledger);
	note(ledger, 1, 10, 20 * GB);
	note(ledger, 2, 20 * GB, 10);
	note(ledger, 4, 50 * GB, 1);
	ledger_dump_begin(ledger);
	note(ledger, 2, 30 * GB, 10);
	note(ledger, 1, 10, 30 * GB);
	note(ledger, 3, 1, 1);
	ledger_dump_end(ledger, true, NULL, 0, 2000);
	is_carried(ledger, 30 * GB + 11, 30 * GB + 11, "begun anew");

	ledger_dump_begin(ledger);
	note(ledger, 1, 99 * GB, 99 * GB);
	ledger_dump_end(ledger, false, NULL, 0, 3000);
	ledger_dump_begin(ledger);
	note(ledger, 1, 10, 40 * GB);
	note(ledger, 2, 30 * GB, 10);
	note(ledger, 3, 1, 1);
	ledger_dump_end(ledger, true, NULL, 0, 4000);
	is_carried(ledger, 30 * GB + 11, 40 * GB + 11, "after one that came to nothing");
	ledger_free(ledger);
}

/* Of an ending that the kernel has cleared, the row of the dump under way is the last that is
 * known. */
static void an_ending_takes_the_note(void)
{
	const struct life ending = { .kind = ENDED, .cookie = 1, .mptcp = true, .cleared = true };
	struct ledger *ledger = ledger_of(ACCOUNTING_EVENTS);

	ledger_dump_begin(ledger);
	note(ledger, 1, 6 * GB, 7);
	ledger_dump_end(ledger, true, NULL, 0, 2000);
	ledger_dump_begin(ledger);
	note(ledger, 1, 17 * GB, 8);
	ledger_life(ledger, &ending);
	ledger_dump_end(ledger, true, NULL, 0, 3000);
	is_carried(ledger, 17 * GB, 8, "by its last row");
	ledger_free(ledger);
}

static void a_great_fall(void)
{
	struct ledger *ledger = ledger_of(ACCOUNTING_SAMPLED);

	ledger_dump_begin(ledger);
	note(ledger, 1, 50 * GB, 60 * GB);
	ledger_dump_end(ledger, true, NULL, 0, 2000);
	ledger_dump_begin(ledger);
	note(ledger, 1, 40 * GB, 70 * GB);
	ledger_dump_end(ledger, true, NULL, 0, 3000);
	is_carried(ledger, 90 * GB, 130 * GB, "a second life, all of it new");
	ledger_free(ledger);
}

int main(void)
{
	both_ends_are_kept();
	notes_of_any_size();
	notes_of_a_dump_begun_anew();
	an_ending_takes_the_note();
	a_great_fall();
	return tap_done();
}
