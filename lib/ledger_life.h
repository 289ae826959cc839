/* SPDX-License-Identifier: MIT */
#ifndef LIB_LEDGER_LIFE_H
#define LIB_LEDGER_LIFE_H
#include "lib/births.h"
#include "lib/ledger.h"
#include "lib/lives.h"
#include "lib/suspects.h"

/*
 * The inside of the ledger, for its own three files: ledger.c takes in what the streams say,
 * ledger_dump.c the dumps, and both do to a life what is here.
 */
struct ledger {
	struct ledger_settings settings;
	struct lives lives;
	struct births births;
	struct suspects suspects;
	struct tally tallies[WANS_MAX + 1];
	struct gauge gauges[WANS_MAX + 1], next_gauges[WANS_MAX + 1];
	enum accounting mode;
	uint32_t dump;	/* number of the last dump begun */
	bool dumping;	/* ... and it has not ended */
	struct octets *wide;	/* notes that do not fit into struct growth, of the dump under way */
	size_t wide_count, wide_size;
	uint32_t lost_in;	/* the last one begun when a loss was noticed */
	uint32_t rejected_in;	/* ... when there was no room for a life */
	bool degraded, baseline, over_bound;
	struct octets grown;	/* what life_count() has added; its callers set it back */
	uint64_t dumped_ms;	/* when the last complete dump ended; 0: never */
	uint64_t truncated, events_lost;
	size_t missing;		/* LIVE, and missed as often as one may be */
};

/* An entry for a cookie that has none. NULL, and life_reject(), when there is no room. */
struct entry *life_add(struct ledger *, uint64_t cookie, enum phase);

/*
 * A life is not here as it should be, for lack of room or memory: from now on absence proves
 * nothing, until a later dump is entered whole.
 */
void life_reject(struct ledger *);

/* The slot of the WAN that the socket belongs to at this moment. */
uint8_t life_owner(struct ledger *, const struct tuple *, uint32_t bound_ifindex);

/* Adds what has grown to the tally of its WAN. */
void life_count(struct ledger *, struct entry *, const struct octets *);

/* The far end has confirmed it: counts it as a join of ours, if it is one, once. */
void life_join_established(struct ledger *, struct entry *);

/*
 * Takes a note of what a row of the dump under way says; false, and no note, when there is no
 * memory. What was noted, of an entry that is `noted`; and the end of all notes.
 */
bool life_note(struct ledger *, struct entry *, const struct octets *);
struct octets life_noted(const struct ledger *, const struct entry *);
void life_forget_notes(struct ledger *);

/* Absence from the ledger proves youth: an earlier dump was complete, and all of it is here. */
bool life_absence_proves(const struct ledger *);

/*
 * Whether this socket, new to the ledger, began on our watch; then it counts as opened. Its WAN may
 * be known from the birth.
 */
bool life_began_here(struct ledger *, struct entry *);

/* Takes the birth, if its row was quicker: it is not to wait for another socket. */
void life_take_late_birth(struct ledger *, struct entry *);

/*
 * It ended: from now on a tombstone. Given up: nobody told us how; what we have seen of it stands.
 */
void life_bury(struct ledger *, struct entry *);
void life_give_up(struct ledger *, struct entry *);
#endif
