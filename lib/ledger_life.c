/* SPDX-License-Identifier: MIT */
/*
 * An entry is one life of a socket cookie. It begins NOTED (a row of the dump under way) or LIVE (a
 * birth), and ends DEAD. What it has given to its WAN's tally by now is in `given`; growth over
 * that is all that is ever added.
 *
 * Baseline: a subflow older than we are gives nothing for what it carried before. Whoever was
 * absent from an earlier complete dump, or whose birth was told, is not older.
 */
#include <stdlib.h>
#include "lib/ledger_life.h"

struct entry *life_add(struct ledger *ledger, uint64_t cookie, enum phase phase)
{
	struct entry *entry = lives_add(&ledger->lives, cookie, phase);

	if (!entry)
		life_reject(ledger);
	return entry;
}

void life_reject(struct ledger *ledger)
{
	ledger->over_bound = true;
	ledger->rejected_in = ledger->dump;
}

uint8_t life_owner(struct ledger *ledger, const struct tuple *tuple, uint32_t bound_ifindex)
{
	return ledger->settings.owner(ledger->settings.owner_arg, &tuple->local, bound_ifindex);
}

static void raise_to(uint64_t *given, uint64_t now, uint64_t *total)
{
	if (now > *given) {
		*total += now - *given;
		*given = now;
	}
}

/*
 * Adds what has grown. Within a life only the greatest counts: a counter read half-way through an
 * update may fall.
 */
void life_count(struct ledger *ledger, struct entry *entry, const struct octets *octets)
{
	struct tally *tally = &ledger->tallies[entry->slot];
	struct octets before = entry->given;

	raise_to(&entry->given.out, octets->out, &tally->out_octets);
	raise_to(&entry->given.retrans, octets->retrans, &tally->retrans_octets);
	raise_to(&entry->given.in, octets->in, &tally->in_octets);
	entry->given.sent = octets->sent;
	ledger->grown.out += entry->given.out - before.out;
	ledger->grown.in += entry->given.in - before.in;
	if (entry->plain) {
		tally->plain_out_octets += entry->given.out - before.out;
		tally->plain_in_octets += entry->given.in - before.in;
	}
}

void life_join_established(struct ledger *ledger, struct entry *entry)
{
	ledger->tallies[entry->slot].joins_established += entry->join && !entry->joined;
	entry->joined = true;
}

/* What fell at all, or grew by 4 GB or more since it was entered last, is kept as it is. */
static bool fits(const struct octets *given, const struct octets *now)
{
	return now->in >= given->in && now->in - given->in <= UINT32_MAX &&
	       now->out >= given->out && now->out - given->out <= UINT32_MAX &&
	       now->retrans >= given->retrans && now->retrans - given->retrans <= UINT32_MAX &&
	       now->sent >= given->sent && now->sent - given->sent <= UINT32_MAX;
}

static bool note_wide(struct ledger *ledger, struct entry *entry, const struct octets *octets)
{
	if (ledger->wide_count == ledger->wide_size) {
		size_t size = ledger->wide_size ? ledger->wide_size * 2 : 16;
		struct octets *grown = realloc(ledger->wide, size * sizeof(*grown));

		if (!grown)
			return false;
		ledger->wide = grown;
		ledger->wide_size = size;
	}
	entry->growth = (struct growth){ .out = (uint32_t)ledger->wide_count };
	ledger->wide[ledger->wide_count++] = *octets;
	return true;
}

bool life_note(struct ledger *ledger, struct entry *entry, const struct octets *octets)
{
	const struct octets *given = &entry->given;
	const bool wide = !fits(given, octets);

	if (wide && !note_wide(ledger, entry, octets))
		return false;
	if (!wide)
		entry->growth = (struct growth){
			.out = (uint32_t)(octets->out - given->out),
			.retrans = (uint32_t)(octets->retrans - given->retrans),
			.in = (uint32_t)(octets->in - given->in),
			.sent = (uint32_t)(octets->sent - given->sent),
		};
	entry->wide = wide;
	entry->noted = true;
	return true;
}

struct octets life_noted(const struct ledger *ledger, const struct entry *entry)
{
	const struct octets *given = &entry->given;
	const struct growth *growth = &entry->growth;

	if (entry->wide)
		return ledger->wide[growth->out];
	return (struct octets){
		.out = given->out + growth->out,
		.retrans = given->retrans + growth->retrans,
		.in = given->in + growth->in,
		.sent = given->sent + growth->sent,
	};
}

void life_forget_notes(struct ledger *ledger)
{
	free(ledger->wide);
	ledger->wide = NULL;
	ledger->wide_count = ledger->wide_size = 0;
}

bool life_absence_proves(const struct ledger *ledger)
{
	return ledger->baseline && !ledger->over_bound;
}

static bool take_birth(struct ledger *ledger, const struct entry *entry, struct birth *out)
{
	const struct tuple tuple = lives_tuple(&ledger->lives, entry);

	return births_take(&ledger->births, &tuple, entry->token, out);
}

bool life_began_here(struct ledger *ledger, struct entry *entry)
{
	struct birth birth;

	if (take_birth(ledger, entry, &birth)) {
		entry->born = true;
		entry->slot = birth.slot;
	} else if (!life_absence_proves(ledger)) {
		return false;
	}
	ledger->tallies[entry->slot].opened++;
	return true;
}

void life_bury(struct ledger *ledger, struct entry *entry)
{
	if (!entry->given_up)
		ledger->tallies[entry->slot].closed++;
	entry->deaf = ledger->dumping;
	entry->noted = false;
	lives_set_phase(&ledger->lives, entry, DEAD);
}

void life_give_up(struct ledger *ledger, struct entry *entry)
{
	ledger->truncated += !entry->given_up;
	life_bury(ledger, entry);
	entry->given_up = true;
}

void life_take_late_birth(struct ledger *ledger, struct entry *entry)
{
	struct birth birth;

	if (!entry->born && ledger->mode == ACCOUNTING_EVENTS)
		entry->born = take_birth(ledger, entry, &birth);
}
