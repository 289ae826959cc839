/* SPDX-License-Identifier: MIT */
/*
 * Dumps of the subflows that are alive. A row only leaves a note; the notes are entered when the
 * dump is complete and the streams were drained, so that an ending always has the last word.
 */
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/ledger_life.h"

enum {
	ENDING_LATE_MS = 60 * 1000, /* and so long may its ending take, where endings are told */
	TOMBSTONE_MS = 600 * 1000,  /* of one that we gave up */
	BIRTH_GRACE = 2		    /* dumps after the end of a connection */
};

/* Notes are of one dump, and so is deafness. */
static void forget_notes(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->lives.top; i++) {
		struct entry *entry = lives_at(&ledger->lives, i);

		entry->noted = entry->deaf = false;
	}
	life_forget_notes(ledger);
}

void ledger_dump_begin(struct ledger *ledger)
{
	if (ledger->dumping)
		forget_notes(ledger);
	ledger->dumping = true;
	ledger->dump++;
	memset(ledger->next_gauges, 0, sizeof(ledger->next_gauges));
}

static void attempt(struct ledger *ledger, const struct subflow_row *row)
{
	const struct sight sight = {
		.token = row->token,
		.slot = life_owner(ledger, &row->tuple, row->bound_ifindex),
		.state = row->state,
		.ours = row->ours,
		.family = row->tuple.local.family,
	};

	ledger->next_gauges[sight.slot].attempted++;
	if (ledger->settings.seen)
		ledger->settings.seen(ledger->settings.seen_arg, &sight);
}

void ledger_expect(const struct ledger *ledger, uint64_t cookie)
{
	lives_expect(&ledger->lives, cookie);
}

void ledger_row(struct ledger *ledger, const struct subflow_row *row)
{
	struct entry *entry;

	if (row->state == TCP_SYN_SENT)
		attempt(ledger, row);
	if (row->state == TCP_SYN_SENT || row->state == TCP_SYN_RECV)
		return;
	entry = lives_find(&ledger->lives, row->cookie);
	if (entry && entry->deaf)
		return;
	if (entry && entry->phase == DEAD) {
		/*
		 * We had given it up too early: it goes on from what it has given. Whose ending was
		 * told stays dead.
		 */
		if (!entry->given_up) {
			entry->noted = true;
			return;
		}
		lives_set_phase(&ledger->lives, entry, LIVE);
	}
	if (!entry) {
		entry = life_add(ledger, row->cookie, NOTED);
		if (!entry)
			return;
		entry->slot = life_owner(ledger, &row->tuple, row->bound_ifindex);
	}
	if (!life_note(ledger, entry, &row->octets)) {
		life_reject(ledger);
		return;
	}
	lives_set_tuple(&ledger->lives, entry, &row->tuple);
	entry->bound_ifindex = row->bound_ifindex;
	entry->token = row->token;
	entry->state = row->state & 15;
	entry->backup = row->backup;
	entry->ours = row->ours;
	entry->complete = row->complete;
	entry->full = row->full;
	entry->pending = row->pending;
	entry->acked_ago_ms = row->acked_ago_ms;
	entry->rwnd_limited_ms = row->rwnd_limited_ms;
	entry->rtt_us = row->rtt_us;
	entry->min_rtt_us = row->min_rtt_us;
}

/* Where no birth is told, raw counters that fall are a new life. */
static void enter_live(struct ledger *ledger, struct entry *entry)
{
	const struct octets noted = life_noted(ledger, entry);
	const bool fell = noted.sent < entry->given.sent || noted.in < entry->given.in;
	struct tuple tuple;

	entry->missed = 0;
	if (fell && ledger_accounting(ledger) == ACCOUNTING_SAMPLED) {
		ledger->truncated++;
		ledger->tallies[entry->slot].closed++;
		tuple = lives_tuple(&ledger->lives, entry);
		entry->slot = life_owner(ledger, &tuple, entry->bound_ifindex);
		ledger->tallies[entry->slot].opened++;
		entry->given = (struct octets){ 0 };
	}
	life_count(ledger, entry, &noted);
}

static void enter_noted(struct ledger *ledger, struct entry *entry)
{
	const struct octets noted = life_noted(ledger, entry);

	/* Older than we are: what it has carried by now was not on our watch. */
	if (!life_began_here(ledger, entry))
		entry->given = noted;
	lives_set_phase(&ledger->lives, entry, LIVE);
	life_count(ledger, entry, &noted);
}

static void missed(struct ledger *ledger, struct entry *entry, uint64_t now_ms)
{
	bool told = ledger_accounting(ledger) != ACCOUNTING_SAMPLED;

	if (!entry->missed)
		entry->missed_ms = (uint32_t)now_ms;
	if (entry->missed < MISSED_MOST)
		entry->missed++;
	/*
	 * Its connection may keep it, unhashed, for a while after it closed: the ending comes late,
	 * and is exact.
	 */
	if (entry->missed < MISSED_MOST)
		return;
	if (told && (uint32_t)now_ms - entry->missed_ms < ENDING_LATE_MS) {
		ledger->missing++;
		return;
	}
	life_give_up(ledger, entry);
	/* Where each ending is told this one was lost, whoever kept it from us. */
	if (ledger_accounting(ledger) == ACCOUNTING_EXACT)
		ledger_lost(ledger, 1);
}

static bool has_token(const uint32_t *tokens, size_t tokens_count, uint32_t token)
{
	size_t low = 0, high = tokens_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tokens[middle] < token)
			low = middle + 1;
		else
			high = middle;
	}
	return low < tokens_count && tokens[low] == token;
}

static void gauge_entry(struct gauge *gauge, const struct entry *entry)
{
	gauge->subflows++;
	gauge->backup += entry->backup;
	if (entry->v4)
		gauge->v4++;
	else
		gauge->v6++;
	gauge->rtt_sum_us += entry->rtt_us;
	if (entry->min_rtt_us && (!gauge->min_rtt_us || entry->min_rtt_us < gauge->min_rtt_us))
		gauge->min_rtt_us = entry->min_rtt_us;
}

/* Who waited for the receiver's window half of the time is not short of lines. */
static bool short_of_lines(const struct ledger *ledger, const struct entry *entry, uint64_t now_ms)
{
	uint64_t elapsed_ms = now_ms - ledger->dumped_ms;
	uint64_t grown_ms = entry->rwnd_limited_ms > entry->rwnd_entered_ms
				    ? entry->rwnd_limited_ms - entry->rwnd_entered_ms
				    : 0;

	return entry->full && (!ledger->dumped_ms || grown_ms * 2 < elapsed_ms);
}

static void tell_sight(struct ledger *ledger, const struct entry *entry, uint64_t now_ms)
{
	const struct sight sight = {
		.token = entry->token,
		.slot = entry->slot,
		.state = entry->state,
		.ours = entry->ours,
		.backup = entry->backup,
		.complete = entry->complete,
		.full = short_of_lines(ledger, entry, now_ms),
		.pending = entry->pending,
		.acked_ago_ms = entry->acked_ago_ms,
		.grown_in = ledger->grown.in,
		.grown_out = ledger->grown.out,
		.family = entry->v4 ? AF_INET : AF_INET6,
	};

	ledger->settings.seen(ledger->settings.seen_arg, &sight);
}

/*
 * Its ending may still be told: a tombstone that we made ourselves must be there then, or it would
 * count anew.
 */
static bool awaits_ending(const struct ledger *ledger, const struct entry *entry, uint64_t now_ms)
{
	return entry->given_up && ledger->mode != ACCOUNTING_SAMPLED &&
	       (uint32_t)now_ms - entry->missed_ms < TOMBSTONE_MS;
}

/* Enters the notes of a complete dump, one entry at a time. */
static void enter(struct ledger *ledger, struct entry *entry, uint64_t now_ms)
{
	switch (entry->phase) {
	case NOTED:
		if (entry->noted)
			enter_noted(ledger, entry);
		else
			lives_drop(&ledger->lives, entry);
		break;
	case LIVE:
		if (entry->noted) {
			life_take_late_birth(ledger, entry);
			enter_live(ledger, entry);
		} else {
			missed(ledger, entry, now_ms);
		}
		break;
	case DEAD:
		if (!entry->deaf && !entry->noted &&
		    !awaits_ending(ledger, entry, now_ms))
			lives_drop(&ledger->lives, entry);
		break;
	}
}

static void ending_never_told(void *arg, const struct birth *birth)
{
	struct ledger *ledger = arg;

	ledger->tallies[birth->slot].opened++;
	ledger->tallies[birth->slot].closed++;
	ledger->truncated++;
}

static void judge_suspect(void *arg, const struct suspect *suspect)
{
	struct tally *tally = &((struct ledger *)arg)->tallies[suspect->slot];

	tally->joins_reset += suspect->lives;
	tally->joins_abandoned += !suspect->lives;
}

static void drop_notes(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->lives.top; i++) {
		struct entry *entry = lives_at(&ledger->lives, i);

		if (entry->phase == NOTED)
			lives_drop(&ledger->lives, entry);
	}
	forget_notes(ledger);
}

/* One that is alive, and was in the dump. */
static void enter_sight(struct ledger *ledger, struct entry *entry, uint64_t now_ms)
{
	if (entry->complete)
		life_join_established(ledger, entry);
	if (ledger->settings.seen)
		tell_sight(ledger, entry, now_ms);
	entry->rwnd_entered_ms = entry->rwnd_limited_ms;
	if (entry->state == TCP_ESTABLISHED)
		suspects_see(&ledger->suspects, entry->token);
	if (entry->state == TCP_ESTABLISHED && !entry->plain)
		gauge_entry(&ledger->next_gauges[entry->slot], entry);
}

void ledger_dump_end(struct ledger *ledger, bool complete, const uint32_t *fallback,
		     size_t fallback_count, uint64_t now_ms)
{
	ledger->dumping = false;
	if (!complete) {
		drop_notes(ledger);
		return;
	}
	suspects_sort(&ledger->suspects);
	ledger->missing = 0;
	for (size_t i = 0; i < ledger->lives.top; i++) {
		struct entry *entry = lives_at(&ledger->lives, i);

		if (entry->phase == FREE)
			continue;
		ledger->grown = (struct octets){ 0 };
		entry->plain |= has_token(fallback, fallback_count, entry->token);
		enter(ledger, entry, now_ms);
		if (entry->phase == LIVE && entry->noted)
			enter_sight(ledger, entry, now_ms);
		entry->noted = entry->deaf = false;
	}
	life_forget_notes(ledger);
	ledger->dumped_ms = now_ms;
	suspects_judge(&ledger->suspects, ledger->dump, judge_suspect, ledger);
	births_sweep(&ledger->births, ledger->dump, BIRTH_GRACE, ending_never_told, ledger);
	memcpy(ledger->gauges, ledger->next_gauges, sizeof(ledger->gauges));
	/* All that is alive is here again, if there was room for it. */
	ledger->baseline = true;
	if (ledger->rejected_in < ledger->dump)
		ledger->over_bound = false;
	if (ledger->degraded && ledger->lost_in < ledger->dump)
		ledger->degraded = false;
}
