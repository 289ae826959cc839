/* SPDX-License-Identifier: MIT */
/*
 * The ledger without memory: what it cannot note is told, and never counts too much.
 */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "tests/tap.h"

enum { WAN1 = 1 };
static const uint64_t MUCH = 10000000000; /* what does not fit into 32 bits is noted apart */

static bool scarce;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	return scarce ? NULL : __real_realloc(memory, size);
}

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)local, (void)bound_ifindex;
	return WAN1;
}

/* A complete dump of one subflow, five seconds after the one before. */
static void dump_of(struct ledger *ledger, uint64_t out)
{
	static uint64_t now_ms;
	const struct subflow_row row = { .cookie = 1,
					 .tuple = { .local = { AF_INET, { 10, 0, 0, 1 } },
						    .remote = { AF_INET, { 192, 0, 2, 1 } } },
					 .state = TCP_ESTABLISHED,
					 .token = 77,
					 .octets = { .out = out, .sent = out } };

	ledger_dump_begin(ledger);
	ledger_row(ledger, &row);
	now_ms += 5000;
	ledger_dump_end(ledger, true, NULL, 0, now_ms);
}

static void no_memory_for_a_note_is_no_proof_of_youth(void)
{
	const struct ledger_settings settings = { .owner = owner, .seed = 1, .subflows_most = 10 };
	struct ledger *ledger = ledger_new(&settings);
	const struct tally *tally = &ledger_tallies(ledger)[WAN1];

	ledger_mode(ledger, ACCOUNTING_EXACT);
	scarce = true;
	dump_of(ledger, MUCH);
	scarce = false;
	is_u64(ledger_accounting(ledger), ACCOUNTING_SAMPLED, "it is told");
	dump_of(ledger, MUCH);
	is_u64(tally->out_octets, 0, "older than we, though seen late");
	is_u64(tally->opened, 0, "nor did it open here");
	is_u64(ledger_accounting(ledger), ACCOUNTING_EXACT, "all is here again");
	dump_of(ledger, MUCH + 5);
	is_u64(tally->out_octets, 5, "from here on it counts");
	ledger_free(ledger);
}

int main(void)
{
	no_memory_for_a_note_is_no_proof_of_youth();
	return tap_done();
}
