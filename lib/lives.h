/* SPDX-License-Identifier: MIT */
#ifndef LIB_LIVES_H
#define LIB_LIVES_H
#include <stdbool.h>
#include <stddef.h>
#include "lib/index.h"
#include "lib/parse.h"

/*
 * The ledger's table of subflow lives, found by socket cookie. A place is used again after a life
 * was dropped; the array only grows, so a pointer is valid until the next lives_add().
 */

/*
 * NOTED is a row of the dump under way that is not entered yet. DEAD is a tombstone: it keeps the
 * rows of a dump which began before the death from being taken for a new life.
 */
enum phase { FREE, NOTED, LIVE, DEAD };

struct entry {
	uint64_t cookie;
	struct octets given;		/* to the WAN's tally; a baseline is taken as given */
	struct octets noted;		/* by the row of a dump, not entered yet */
	uint64_t missed_ms;		/* when a complete dump first missed it */
	struct tuple tuple;
	uint32_t token;			/* of its connection */
	uint32_t bound_ifindex;		/* as last noted */
	uint32_t noted_dump;		/* the dump whose note it holds; 0 for none */
	uint32_t dead_dump;		/* rows of dumps up to this one are of an earlier life */
	uint32_t rtt_us, min_rtt_us;	/* as last noted */
	uint32_t acked_ago_ms, rwnd_limited_ms;	/* ... too */
	uint32_t rwnd_entered_ms;	/* rwnd_limited_ms of the last complete dump with it */
	uint32_t next_free;
	uint8_t phase, slot, state, missed;
	bool born;			/* its birth was told */
	bool given_up;			/* DEAD, or was: nobody told of its ending */
	bool backup, ours, complete, full, pending;	/* as last noted */
	bool join;			/* ours, by its birth: its outcome is to be counted */
	bool joined;			/* ... and was, as established */
	bool plain;			/* of a connection in fallback */
};

struct lives {
	struct entry *entries;
	size_t size;			/* places */
	size_t used;			/* ... that are not FREE */
	size_t live;			/* ... that are LIVE */
	size_t most;			/* never more used than this */
	uint32_t free_head;
	struct index by_cookie;
};

void lives_init(struct lives *, size_t most);
void lives_clear(struct lives *);

struct entry *lives_find(const struct lives *, uint64_t cookie);		/* NULL: none */

/*
 * An entry, all zero but for cookie and phase, for a cookie that has none. NULL: no memory, or the
 * bound is reached.
 */
struct entry *lives_add(struct lives *, uint64_t cookie, enum phase);

void lives_drop(struct lives *, struct entry *);
void lives_set_phase(struct lives *, struct entry *, enum phase);	/* not FREE: drop it */

/* A new life under the same cookie: all zero again but for the cookie; LIVE. */
void lives_renew(struct lives *, struct entry *);
#endif
