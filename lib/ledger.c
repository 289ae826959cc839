/* SPDX-License-Identifier: MIT */
/*
 * An entry is one life of a socket cookie. It begins NOTED (a row of the dump under way) or LIVE (a
 * birth), and ends DEAD. What it has given to its WAN's tally by now is in `given`; growth over
 * that is all that is ever added.
 *
 * Baseline: a subflow older than we are gives nothing for what it carried before. Whoever was
 * absent from an earlier complete dump, or whose birth was told, is not older.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/births.h"
#include "lib/ledger.h"
#include "lib/lives.h"

enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_SYN_RECV = 3 };

enum {
	MISSED_MOST = 2,	    /* complete dumps without it */
	ENDING_LATE_MS = 60 * 1000, /* and so long may its ending take, where endings are told */
	BIRTH_GRACE = 2		    /* dumps after the end of a connection */
};

struct ledger {
	struct ledger_settings settings;
	struct lives lives;
	struct births births;
	struct tally tallies[WANS_MAX + 1];
	struct gauge gauges[WANS_MAX + 1], next_gauges[WANS_MAX + 1];
	enum accounting mode;
	uint32_t dump;				/* number of the last dump begun */
	uint32_t lost_in; /* a loss was noticed while this was the last one begun */
	bool degraded, baseline, over_bound;
	uint64_t truncated, events_lost;
};

struct ledger *ledger_new(const struct ledger_settings *settings)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->settings = *settings;
	ledger->mode = ACCOUNTING_SAMPLED;
	lives_init(&ledger->lives, settings->subflows_most);
	births_init(&ledger->births, settings->seed);
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	births_free(&ledger->births);
	lives_clear(&ledger->lives);
	free(ledger);
}

void ledger_mode(struct ledger *ledger, enum accounting mode)
{
	ledger->mode = mode;
}

enum accounting ledger_accounting(const struct ledger *ledger)
{
	return ledger->degraded || ledger->over_bound ? ACCOUNTING_SAMPLED : ledger->mode;
}

/*
 * --- entries -----------------------------------------------------------------------------------
 */

/* NULL when there is no room: from then on absence proves nothing. */
static struct entry *add(struct ledger *ledger, uint64_t cookie, enum phase phase)
{
	struct entry *entry = lives_add(&ledger->lives, cookie, phase);

	if (!entry)
		ledger->over_bound = true;
	return entry;
}

static uint8_t owner(struct ledger *ledger, const struct tuple *tuple, uint32_t bound_ifindex)
{
	return ledger->settings.owner(ledger->settings.owner_arg, &tuple->local, bound_ifindex);
}

/*
 * --- counting ----------------------------------------------------------------------------------
 */

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
static void count(struct ledger *ledger, struct entry *entry, const struct octets *octets)
{
	struct tally *tally = &ledger->tallies[entry->slot];

	raise_to(&entry->given.out, octets->out, &tally->out_octets);
	raise_to(&entry->given.retrans, octets->retrans, &tally->retrans_octets);
	raise_to(&entry->given.in, octets->in, &tally->in_octets);
}

static bool noted_now(const struct ledger *ledger, const struct entry *entry)
{
	return entry->noted_dump == ledger->dump && entry->noted_dump;
}

/* Absence from the ledger proves youth: an earlier dump was complete, and all of it is here. */
static bool absence_proves(const struct ledger *ledger)
{
	return ledger->baseline && !ledger->over_bound;
}

/*
 * Whether this socket, new to the ledger, began on our watch; its WAN may be known from the birth.
 */
static bool began_here(struct ledger *ledger, struct entry *entry)
{
	struct birth birth;

	if (births_take(&ledger->births, &entry->tuple, &birth)) {
		entry->born = true;
		entry->slot = birth.slot;
		return true;
	}
	if (!absence_proves(ledger))
		return false;
	ledger->tallies[entry->slot].opened++;
	return true;
}

static void bury(struct ledger *ledger, struct entry *entry)
{
	ledger->tallies[entry->slot].closed++;
	entry->dead_dump = ledger->dump;
	entry->noted_dump = 0;
	lives_set_phase(&ledger->lives, entry, DEAD);
}

/* It ended, nobody told us how: what we have seen of it stands. */
static void give_up(struct ledger *ledger, struct entry *entry)
{
	ledger->truncated++;
	bury(ledger, entry);
}

/*
 * --- lives -------------------------------------------------------------------------------------
 */

/* A cookie lives again after tcp_disconnect(): from zero, and deaf to rows of the life before. */
static void live_again(struct ledger *ledger, struct entry *entry)
{
	uint32_t dead_dump;

	if (entry->phase == LIVE)
		give_up(ledger, entry);
	dead_dump = entry->dead_dump;
	lives_renew(&ledger->lives, entry);
	entry->dead_dump = dead_dump;
}

static void born(struct ledger *ledger, const struct life *life)
{
	uint8_t slot = owner(ledger, &life->tuple, life->bound_ifindex);
	struct entry *entry;

	ledger->tallies[slot].opened++;
	if (!life->cookie) {
		if (births_add(&ledger->births, &life->tuple, life->token, slot))
			ledger_lost(ledger, 1);
		return;
	}
	entry = lives_find(&ledger->lives, life->cookie);
	if (!entry)
		entry = add(ledger, life->cookie, LIVE);
	else if (entry->phase == NOTED)
		lives_set_phase(&ledger->lives, entry,
				LIVE); /* its row was quicker than its birth */
	else
		live_again(ledger, entry);
	if (!entry)
		return;
	entry->tuple = life->tuple;
	entry->token = life->token;
	entry->slot = slot;
	entry->born = true;
}

/*
 * The join was answered and did not last: a box on the path stripped the option, or the far end
 * said no.
 */
static void judge_join(struct ledger *ledger, const struct entry *entry, const struct life *life)
{
	struct tally *tally = &ledger->tallies[entry->slot];

	if (!life->join || !life->ours || life->complete || !entry->born)
		return;
	if (life->over || (life->joined && !life->error))
		tally->joins_abandoned++;
	else
		tally->joins_reset++;
}

/*
 * An ending of a cookie that the ledger does not hold. Returns its tombstone, with `born` set when
 * it began on our watch, or NULL when there is nothing to count.
 */
static struct entry *ended_unseen(struct ledger *ledger, const struct life *life)
{
	struct birth birth;
	struct entry *entry;
	bool ours;

	if (!life->mptcp) {
		/* Any TCP socket of the host: only a birth tells that it was a subflow. */
		if (life->cleared || life->stillborn ||
		    !births_take(&ledger->births, &life->tuple, &birth))
			return NULL;
		ours = true;
	} else {
		birth.slot = owner(ledger, &life->tuple, life->bound_ifindex);
		ours = absence_proves(ledger);
		ledger->tallies[birth.slot].opened += ours;
	}
	entry = add(ledger, life->cookie, NOTED);
	if (!entry) {
		ledger->truncated++;
		return NULL;
	}
	entry->slot = birth.slot;
	entry->born = ours;
	return entry;
}

static void ended(struct ledger *ledger, const struct life *life)
{
	struct entry *entry = lives_find(&ledger->lives, life->cookie);
	bool ours = true;

	if (entry && entry->phase == DEAD)
		return;
	if (!entry) {
		entry = ended_unseen(ledger, life);
		if (!entry)
			return;
		ours = entry->born;
	} else if (entry->phase == NOTED) {
		ours = began_here(ledger, entry);
	}
	if (life->cleared || !ours)
		ledger->truncated++;
	if (ours && !life->cleared)
		count(ledger, entry, &life->octets);
	else if (ours && noted_now(ledger, entry))
		count(ledger, entry, &entry->noted);
	judge_join(ledger, entry, life);
	bury(ledger, entry);
}

/* A SYN of ours came to nothing. */
static void failed(struct ledger *ledger, const struct life *life)
{
	struct tally *tally;

	if (!life->join || !life->ours)
		return;
	tally = &ledger->tallies[owner(ledger, &life->tuple, life->bound_ifindex)];
	if (life->over || !life->error)
		tally->joins_abandoned++;
	else if (life->error == ECONNREFUSED)
		tally->joins_refused++;
	else
		tally->joins_unanswered++;
}

void ledger_life(struct ledger *ledger, const struct life *life)
{
	switch (life->kind) {
	case ATTEMPTED:
		if (life->join)
			ledger->tallies[owner(ledger, &life->tuple, life->bound_ifindex)]
				.joins_attempted++;
		break;
	case BORN:
		born(ledger, life);
		break;
	case FAILED:
		failed(ledger, life);
		break;
	case ENDED:
		ended(ledger, life);
		break;
	case CONNECTION_CLOSED:
		if (births_close(&ledger->births, life->token))
			ledger_lost(ledger, 1);
		break;
	case LIFE_NONE:
		break;
	}
}

void ledger_lost(struct ledger *ledger, uint32_t lost)
{
	ledger->events_lost += lost;
	ledger->degraded = true;
	ledger->lost_in = ledger->dump;
}

/*
 * --- dumps -------------------------------------------------------------------------------------
 */

void ledger_dump_begin(struct ledger *ledger)
{
	ledger->dump++;
	memset(ledger->next_gauges, 0, sizeof(ledger->next_gauges));
}

void ledger_row(struct ledger *ledger, const struct subflow_row *row)
{
	struct entry *entry;

	if (row->state == TCP_SYN_SENT)
		ledger->next_gauges[owner(ledger, &row->tuple, row->bound_ifindex)].attempted++;
	if (row->state == TCP_SYN_SENT || row->state == TCP_SYN_RECV)
		return;
	entry = lives_find(&ledger->lives, row->cookie);
	if (entry && entry->dead_dump >= ledger->dump)
		return;
	/* We had given it up too early: it goes on from what it has given. */
	if (entry && entry->phase == DEAD)
		lives_set_phase(&ledger->lives, entry, LIVE);
	if (!entry) {
		entry = add(ledger, row->cookie, NOTED);
		if (!entry)
			return;
		entry->tuple = row->tuple;
		entry->slot = owner(ledger, &row->tuple, row->bound_ifindex);
	}
	entry->token = row->token;
	entry->state = row->state;
	entry->backup = row->backup;
	entry->noted_dump = ledger->dump;
	entry->noted = row->octets;
	entry->rtt_us = row->rtt_us;
	entry->min_rtt_us = row->min_rtt_us;
}

/* Where no birth is told, raw counters that fall are a new life. */
static void enter_live(struct ledger *ledger, struct entry *entry)
{
	bool fell = entry->noted.out < entry->given.out || entry->noted.in < entry->given.in;

	entry->missed = 0;
	if (fell && ledger_accounting(ledger) == ACCOUNTING_SAMPLED) {
		ledger->truncated++;
		ledger->tallies[entry->slot].closed++;
		ledger->tallies[entry->slot].opened++;
		entry->given = (struct octets){ 0 };
	}
	count(ledger, entry, &entry->noted);
}

static void enter_noted(struct ledger *ledger, struct entry *entry)
{
	/* Older than we are: what it has carried by now was not on our watch. */
	if (!began_here(ledger, entry))
		entry->given = entry->noted;
	lives_set_phase(&ledger->lives, entry, LIVE);
	count(ledger, entry, &entry->noted);
}

static void missed(struct ledger *ledger, struct entry *entry, uint64_t now_ms)
{
	bool told = ledger_accounting(ledger) != ACCOUNTING_SAMPLED;

	if (!entry->missed)
		entry->missed_ms = now_ms;
	if (entry->missed < MISSED_MOST)
		entry->missed++;
	/*
	 * Its connection may keep it, unhashed, for a while after it closed: the ending comes late,
	 * and is exact.
	 */
	if (entry->missed == MISSED_MOST && (!told || now_ms - entry->missed_ms >= ENDING_LATE_MS))
		give_up(ledger, entry);
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
	if (entry->tuple.local.family == AF_INET)
		gauge->v4++;
	else
		gauge->v6++;
	gauge->rtt_sum_us += entry->rtt_us;
	if (entry->min_rtt_us && (!gauge->min_rtt_us || entry->min_rtt_us < gauge->min_rtt_us))
		gauge->min_rtt_us = entry->min_rtt_us;
}

/* Enters the notes of a complete dump, one entry at a time. */
static void enter(struct ledger *ledger, struct entry *entry, uint64_t now_ms)
{
	bool noted = noted_now(ledger, entry);
	struct birth birth;

	switch (entry->phase) {
	case NOTED:
		if (noted)
			enter_noted(ledger, entry);
		else
			lives_drop(&ledger->lives, entry);
		break;
	case LIVE:
		/*
		 * Its row may have been quicker than its birth: which is then not to wait for
		 * another socket.
		 */
		if (!entry->born && ledger->mode == ACCOUNTING_EVENTS)
			entry->born = births_take(&ledger->births, &entry->tuple, &birth);
		if (noted)
			enter_live(ledger, entry);
		else
			missed(ledger, entry, now_ms);
		break;
	case DEAD:
		if (entry->dead_dump < ledger->dump)
			lives_drop(&ledger->lives, entry);
		break;
	}
}

static void drop_notes(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->lives.size; i++) {
		struct entry *entry = &ledger->lives.entries[i];

		entry->noted_dump = 0;
		if (entry->phase == NOTED)
			lives_drop(&ledger->lives, entry);
	}
}

void ledger_dump_end(struct ledger *ledger, bool complete, const uint32_t *fallback,
		     size_t fallback_count, uint64_t now_ms)
{
	if (!complete) {
		drop_notes(ledger);
		return;
	}
	for (size_t i = 0; i < ledger->lives.size; i++) {
		struct entry *entry = &ledger->lives.entries[i];

		if (entry->phase == FREE)
			continue;
		enter(ledger, entry, now_ms);
		if (entry->phase == LIVE && noted_now(ledger, entry) &&
		    entry->state == TCP_ESTABLISHED &&
		    !has_token(fallback, fallback_count, entry->token))
			gauge_entry(&ledger->next_gauges[entry->slot], entry);
	}
	ledger->truncated += births_sweep(&ledger->births, ledger->dump, BIRTH_GRACE);
	memcpy(ledger->gauges, ledger->next_gauges, sizeof(ledger->gauges));
	/* All that is alive is here again, if there was room for it. */
	ledger->baseline = true;
	if (ledger->lives.used < ledger->lives.most / 8 * 7)
		ledger->over_bound = false;
	if (ledger->degraded && ledger->lost_in < ledger->dump)
		ledger->degraded = false;
}

/*
 * --- reading -----------------------------------------------------------------------------------
 */

const struct tally *ledger_tallies(const struct ledger *ledger)
{
	return ledger->tallies;
}

const struct gauge *ledger_gauges(const struct ledger *ledger)
{
	return ledger->gauges;
}

void ledger_clear_slot(struct ledger *ledger, uint8_t slot)
{
	memset(&ledger->tallies[slot], 0, sizeof(ledger->tallies[slot]));
	memset(&ledger->gauges[slot], 0, sizeof(ledger->gauges[slot]));
	for (size_t i = 0; i < ledger->lives.size; i++)
		if (ledger->lives.entries[i].slot == slot)
			ledger->lives.entries[i].slot = UNATTRIBUTED;
}

uint64_t ledger_truncated(const struct ledger *ledger)
{
	return ledger->truncated;
}

uint64_t ledger_events_lost(const struct ledger *ledger)
{
	return ledger->events_lost;
}

size_t ledger_live(const struct ledger *ledger)
{
	return ledger->lives.live;
}

bool ledger_over_bound(const struct ledger *ledger)
{
	return ledger->over_bound;
}
