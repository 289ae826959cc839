/* SPDX-License-Identifier: MIT */
#ifndef LIB_LEDGER_H
#define LIB_LEDGER_H
#include <stddef.h>
#include "lib/model.h"
#include "lib/parse.h"

/*
 * Who sent what: totals per WAN that survive the death of subflows. Two things feed it, in any
 * order: what the streams say of a subflow's life, and dumps of those alive. Rows of a dump only
 * leave a note; they are entered when the dump has ended and the streams were drained, so an ending
 * always has the last word.
 *
 * No total ever falls, and none counts too much: what cannot be proven to be ours and new is left
 * out, and counted as truncated. The WAN of a subflow is fixed at first sight.
 */
struct ledger;

/* The slot (0 to WANS_MAX - 1, or UNATTRIBUTED) of a socket's local end, at this moment. */
typedef uint8_t (*owner_fn)(void *arg, const struct address *local, uint32_t bound_ifindex);

/* A subflow of a dump, as told to who wants to join subflows to their connections. */
struct sight {
	uint32_t token;
	uint8_t slot, state;		/* state: TCP_ESTABLISHED, TCP_SYN_SENT ... */
	bool ours, backup, complete;	/* as in struct subflow_row */
	bool full;			/* ... and not for want of the receiver's window */
	bool pending;
	uint32_t acked_ago_ms;
	uint64_t grown_in, grown_out;	/* octets since the dump before */
	uint8_t family;			/* AF_INET or AF_INET6 */
};
typedef void (*sight_fn)(void *arg, const struct sight *);

struct ledger_settings {
	owner_fn owner;
	sight_fn seen;		/* of each subflow in a dump, SYN_SENT as its row comes, the others
				   when it has ended whole; may be NULL */
	void *owner_arg, *seen_arg;
	uint64_t seed;		/* random: of the hash of four-tuples */
	uint32_t subflows_most; /* memory: what is alive beyond it is not followed, and accounting
				   says so */
};

struct ledger *ledger_new(const struct ledger_settings *);	/* NULL: no memory */
void ledger_free(struct ledger *);				/* NULL is allowed */

/*
 * Which streams are being read from now on: ACCOUNTING_EXACT (births and endings with cookies),
 * _EVENTS or _SAMPLED.
 */
void ledger_mode(struct ledger *, enum accounting);

/* What holds: the mode, or ACCOUNTING_SAMPLED after a loss until the next complete dump. */
enum accounting ledger_accounting(const struct ledger *);

/* One step in the life of a subflow. */
void ledger_life(struct ledger *, const struct life *);

/* A stream has lost `count` events. */
void ledger_lost(struct ledger *, uint32_t count);

/*
 * A dump of the subflows: begin before it is asked for, one row at a time, then drain the streams,
 * then end. `fallback` are the sorted tokens of connections in fallback; now_ms as source_now_ms().
 * A dump begun anew replaces the one before.
 */
void ledger_dump_begin(struct ledger *);
void ledger_row(struct ledger *, const struct subflow_row *);
void ledger_expect(const struct ledger *, uint64_t cookie);	/* its row comes soon; only for speed */
void ledger_dump_end(struct ledger *, bool complete, const uint32_t *fallback,
		     size_t fallback_count, uint64_t now_ms);

/*
 * By slot, WANS_MAX + 1 of them (the last is UNATTRIBUTED); valid as long as the ledger. Gauges are
 * of the last complete dump.
 */
const struct tally *ledger_tallies(const struct ledger *);
const struct gauge *ledger_gauges(const struct ledger *);

/*
 * A WAN's slot goes to another one: its octets become unattributed, so that their sum never falls,
 * its other totals begin at zero, and its live subflows belong to no WAN.
 */
void ledger_clear_slot(struct ledger *, uint8_t slot);

/*
 * Those followed, one a call; *position is 0 before the first. False when there is none left. Rows
 * may be entered in between.
 */
bool ledger_next_live(const struct ledger *, size_t *position, struct socket_id *out);

/*
 * The far end of some live subflow of that family over a WAN, which one within the host is not;
 * false when there is none.
 */
bool ledger_peer(const struct ledger *, uint8_t family, struct address *out);

uint64_t ledger_truncated(
	const struct ledger *); /* subflows that ended with less than their final counters known */
uint64_t ledger_events_lost(const struct ledger *);
size_t ledger_live(const struct ledger *);		/* subflows followed at the moment */
size_t ledger_missing(const struct ledger *);		/* ... that the last two dumps did not show */
bool ledger_over_bound(const struct ledger *);		/* some are not, for lack of room */
#endif
