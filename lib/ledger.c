/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/ledger_life.h"

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
	suspects_free(&ledger->suspects);
	life_forget_notes(ledger);
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
 * --- what the streams say ----------------------------------------------------------------------
 */

/* A cookie lives again after tcp_disconnect(): from zero, and deaf to rows of the life before. */
static void live_again(struct ledger *ledger, struct entry *entry)
{
	bool deaf;

	if (entry->phase == LIVE)
		life_give_up(ledger, entry);
	deaf = entry->deaf;
	lives_renew(&ledger->lives, entry);
	entry->deaf = deaf;
}

/* Its row, and the end of that dump, were quicker than its birth, which waited in the ring. */
static bool is_late(const struct entry *entry, const struct life *life)
{
	return entry->phase == LIVE && !entry->born && entry->token == life->token;
}

static void born(struct ledger *ledger, const struct life *life)
{
	uint8_t slot = life_owner(ledger, &life->tuple, life->bound_ifindex);
	struct entry *entry;

	/* Without a cookie it is counted when it finds its socket. */
	if (!life->cookie) {
		if (births_add(&ledger->births, &life->tuple, life->token, slot))
			ledger_lost(ledger, 1);
		return;
	}
	entry = lives_find(&ledger->lives, life->cookie);
	if (entry && is_late(entry, life)) {
		entry->born = true;
		entry->join = life->join && life->ours;
		return;
	}
	if (!entry)
		entry = life_add(ledger, life->cookie, LIVE);
	else if (entry->phase == NOTED)
		lives_set_phase(&ledger->lives, entry,
				LIVE); /* its row was quicker than its birth */
	else
		live_again(ledger, entry);
	if (!entry)
		return;
	ledger->tallies[slot].opened++;
	lives_set_tuple(&ledger->lives, entry, &life->tuple);
	entry->bound_ifindex = life->bound_ifindex;
	entry->token = life->token;
	entry->slot = slot;
	entry->born = true;
	entry->join = life->join && life->ours;
}

/*
 * The join was answered and did not last: a box on the path stripped the option, or the far end
 * said no. Whether it did so because it was closing the connection anyway, the next dump tells.
 */
static void judge_join(struct ledger *ledger, struct entry *entry, const struct life *life)
{
	struct tally *tally = &ledger->tallies[entry->slot];

	if (!life->join || !life->ours || !entry->born)
		return;
	if (life->complete || entry->joined) {
		life_join_established(ledger, entry);
	} else if (life->over) {
		tally->joins_abandoned++;
	} else if (!life->joined) {
		tally->joins_reset++;
		tally->joins_stripped++;
	} else if (!suspects_add(&ledger->suspects, entry->token, entry->slot, ledger->dump)) {
		tally->joins_abandoned++; /* nobody is accused without proof */
	}
}

/*
 * A tombstone keeps an ending from counting twice: a row of the dump under way may come after it.
 * Our own program tells of it a moment before the socket leaves the kernel's table, so that one of
 * a later dump may, too, and perhaps tells it again. sock_diag tells it once, and after that moment;
 * to hold the thousands that end between two dumps would cost a tenth of what an ending does.
 */
static bool needs_tombstone(const struct ledger *ledger, const struct life *life)
{
	return life->mptcp || ledger->dumping;
}

/*
 * An ending of a cookie that the ledger does not hold. Returns its tombstone, or *passing where it
 * needs none, with `born` set when it began on our watch, or NULL when there is nothing to count.
 */
static struct entry *ended_unseen(struct ledger *ledger, const struct life *life,
				  struct entry *passing)
{
	struct birth birth;
	struct entry *entry;
	bool ours;

	if (!life->mptcp) {
		/* Any TCP socket of the host: only a birth tells that it was a subflow. */
		if (life->cleared || life->stillborn ||
		    !births_take(&ledger->births, &life->tuple, 0, &birth))
			return NULL;
		ours = true;
	} else {
		birth.slot = life_owner(ledger, &life->tuple, life->bound_ifindex);
		birth.token = life->token;
		ours = life_absence_proves(ledger);
	}
	entry = needs_tombstone(ledger, life) ? life_add(ledger, life->cookie, NOTED) : passing;
	if (!entry) {
		ledger->truncated++;
		return NULL;
	}
	ledger->tallies[birth.slot].opened += ours;
	entry->slot = birth.slot;
	entry->token = birth.token;
	entry->born = ours;
	entry->join = life->join && life->ours;
	return entry;
}

static void ended(struct ledger *ledger, const struct life *life)
{
	struct entry *entry = lives_find(&ledger->lives, life->cookie), passing = { 0 };
	struct octets noted;
	bool ours = true;

	if (entry && entry->phase == DEAD)
		return;
	if (!entry) {
		entry = ended_unseen(ledger, life, &passing);
		if (!entry)
			return;
		ours = entry->born;
	} else if (entry->phase == NOTED) {
		ours = life_began_here(ledger, entry);
	} else {
		life_take_late_birth(ledger, entry);
	}
	if (life->cleared || !ours)
		ledger->truncated++;
	entry->plain |= life->plain;
	if (ours && !life->cleared) {
		life_count(ledger, entry, &life->octets);
	} else if (ours && entry->noted) {
		noted = life_noted(ledger, entry);
		life_count(ledger, entry, &noted);
	}
	judge_join(ledger, entry, life);
	if (entry == &passing) {
		ledger->tallies[entry->slot].closed++;
		return;
	}
	life_bury(ledger, entry);
	if (!needs_tombstone(ledger, life))
		lives_drop(&ledger->lives, entry);
}

/* A SYN of ours came to nothing. */
static void failed(struct ledger *ledger, const struct life *life)
{
	struct tally *tally;

	if (!life->ours)
		return;
	tally = &ledger->tallies[life_owner(ledger, &life->tuple, life->bound_ifindex)];
	if (!life->join) {
		tally->connects_refused += life->error == ECONNREFUSED;
		tally->connects_unanswered += life->error && life->error != ECONNREFUSED;
	} else if (life->over || !life->error) {
		tally->joins_abandoned++;
	} else if (life->error == ECONNREFUSED) {
		tally->joins_refused++;
	} else {
		tally->joins_unanswered++;
	}
}

void ledger_life(struct ledger *ledger, const struct life *life)
{
	switch (life->kind) {
	case ATTEMPTED:
		if (life->join)
			ledger->tallies[life_owner(ledger, &life->tuple, life->bound_ifindex)]
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
	struct tally *rest = &ledger->tallies[UNATTRIBUTED], *gone = &ledger->tallies[slot];

	rest->in_octets += gone->in_octets;
	rest->out_octets += gone->out_octets;
	rest->retrans_octets += gone->retrans_octets;
	rest->plain_in_octets += gone->plain_in_octets;
	rest->plain_out_octets += gone->plain_out_octets;
	memset(gone, 0, sizeof(*gone));
	memset(&ledger->gauges[slot], 0, sizeof(ledger->gauges[slot]));
	memset(&ledger->next_gauges[slot], 0, sizeof(ledger->next_gauges[slot]));
	for (size_t i = 0; i < ledger->lives.top; i++) {
		struct entry *entry = lives_at(&ledger->lives, i);

		if (entry->slot == slot)
			entry->slot = UNATTRIBUTED;
	}
	births_move(&ledger->births, slot, UNATTRIBUTED);
	for (size_t i = 0; i < ledger->suspects.count; i++)
		if (ledger->suspects.rows[i].slot == slot)
			ledger->suspects.rows[i].slot = UNATTRIBUTED;
}

bool ledger_peer(const struct ledger *ledger, uint8_t family, struct address *out)
{
	for (size_t i = 0; i < ledger->lives.top; i++) {
		const struct entry *entry = lives_at(&ledger->lives, i);

		if (entry->phase == LIVE && entry->slot != UNATTRIBUTED &&
		    (family == AF_INET ? entry->v4 : entry->v6)) {
			*out = lives_tuple(&ledger->lives, entry).remote;
			return true;
		}
	}
	return false;
}

bool ledger_next_live(const struct ledger *ledger, size_t *position, struct socket_id *out)
{
	while (*position < ledger->lives.top) {
		const struct entry *entry = lives_at(&ledger->lives, (*position)++);

		if (entry->phase != LIVE)
			continue;
		*out = (struct socket_id){ entry->cookie, lives_tuple(&ledger->lives, entry),
					   entry->bound_ifindex };
		return true;
	}
	return false;
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

size_t ledger_missing(const struct ledger *ledger)
{
	return ledger->missing;
}

bool ledger_over_bound(const struct ledger *ledger)
{
	return ledger->over_bound;
}
