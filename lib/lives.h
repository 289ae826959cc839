/* SPDX-License-Identifier: MIT */
#ifndef LIB_LIVES_H
#define LIB_LIVES_H
#include <stdbool.h>
#include <stddef.h>
#include "lib/index.h"
#include "lib/parse.h"

/*
 * The ledger's table of subflow lives, found by socket cookie. It grows by blocks, which never
 * move: a pointer is valid until its entry is dropped. Places are used again; what was never used
 * costs nothing.
 */

/*
 * NOTED is a row of the dump under way that is not entered yet. DEAD is a tombstone: it keeps the
 * rows of a dump which began before the death from being taken for a new life.
 */
enum phase { FREE, NOTED, LIVE, DEAD };

/*
 * What a row of a dump noted: growth over `given`. In 32 bits, for there are as many of these as
 * there are subflows; what does not fit is a note of the ledger's own, see life_note().
 */
struct growth {
	uint32_t out, retrans, in, sent;
};

enum { MISSED_MOST = 2 };	/* complete dumps without an entry, before it is given up */

/* Most of what a live subflow costs. The rest of IPv6 addresses lies apart, see lives_tuple(). */
struct entry {
	uint64_t cookie;
	struct octets given;		/* to the WAN's tally; a baseline is taken as given */
	struct growth growth;		/* by the row of a dump, not entered yet */
	uint8_t local[4], remote[4];	/* their first octets */
	uint16_t local_port, remote_port;
	union {
		uint32_t token;		/* of its connection */
		uint32_t next_free;	/* FREE: the next such place */
	};
	uint32_t bound_ifindex;		/* as last noted */
	uint32_t rtt_us, min_rtt_us;	/* as last noted */
	uint32_t acked_ago_ms, rwnd_limited_ms;	/* ... too */
	uint32_t rwnd_entered_ms;	/* rwnd_limited_ms of the last complete dump with it */
	uint32_t missed_ms;		/* when a complete dump first missed it; wraps */
	uint8_t slot;
	uint8_t phase : 2;
	uint8_t missed : 2;		/* complete dumps without it, at most MISSED_MOST */
	uint8_t state : 4;		/* TCP_ESTABLISHED ..., as last noted */
	/* Of the dump under way. */
	bool noted : 1;			/* a row of it was seen */
	bool wide : 1;			/* ... and growth.out is the place of the ledger's note */
	bool deaf : 1;			/* it ended since that dump began: its rows are of before */
	bool born : 1;			/* its birth was told */
	bool given_up : 1;		/* DEAD, or was: nobody told of its ending */
	bool v4 : 1, v6 : 1;		/* the family of its addresses */
	bool backup : 1, ours : 1, complete : 1, full : 1, pending : 1;	/* as last noted */
	bool join : 1;			/* ours, by its birth: its outcome is to be counted */
	bool joined : 1;		/* ... and was, as established */
	bool plain : 1;			/* of a connection in fallback */
};

struct lives {
	struct block **blocks;
	size_t block_count;
	size_t top;			/* positions from here on were never used */
	size_t used;			/* entries that are not FREE */
	size_t live;			/* ... that are LIVE */
	size_t most;			/* never more used than this */
	uint32_t free_head;
	struct index by_cookie;
};

void lives_init(struct lives *, size_t most);
void lives_clear(struct lives *);

/* The entry at a position below `top`. */
struct entry *lives_at(const struct lives *, size_t position);

struct entry *lives_find(const struct lives *, uint64_t cookie);		/* NULL: none */

/* It will be looked for soon: of many, memory fetches one while another is dealt with. */
void lives_expect(const struct lives *, uint64_t cookie);

/*
 * An entry, all zero but for cookie and phase, for a cookie that has none. NULL: no memory, or the
 * bound is reached.
 */
struct entry *lives_add(struct lives *, uint64_t cookie, enum phase);

/* Its two ends, and to set them. */
struct tuple lives_tuple(const struct lives *, const struct entry *);
void lives_set_tuple(struct lives *, struct entry *, const struct tuple *);

void lives_drop(struct lives *, struct entry *);
void lives_set_phase(struct lives *, struct entry *, enum phase);	/* not FREE: drop it */

/* A new life under the same cookie: all zero again but for the cookie; LIVE. */
void lives_renew(struct lives *, struct entry *);
#endif
