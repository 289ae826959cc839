/* SPDX-License-Identifier: MIT */
#ifndef LIB_SNAPSHOT_H
#define LIB_SNAPSHOT_H
#include <stdatomic.h>
#include "lib/alarm_log.h"
#include "lib/harvest.h"
#include "lib/registry.h"

/* A far end that we have connected to. */
struct far_end {
	struct address address;
	uint16_t port;		/* services of one machine may differ */
	uint64_t spoke_ms;	/* the youngest connection with it that spoke MPTCP began then; 0: none */
	uint64_t fell_ms;	/* ... that fell back to plain TCP */
};

/*
 * What the diagnosis must remember from poll to poll: moments of the last time that something was
 * seen, 0 for never.
 */
struct memory {
	uint64_t begun_ms;		/* the first poll */
	uint64_t connected_ms;		/* a new connection was answered */
	uint64_t unanswered_ms;		/* one was not */
	uint64_t refused_ms;		/* one was refused */
	uint32_t failed_path;		/* index of the WAN by which either went last; 0: not known */
	uint64_t no_socket_ms;		/* a join failed before its SYN: no address, no route */
	uint64_t blackhole_ms;		/* the kernel left MPTCP out of a SYN */
	uint32_t endpoints_most;	/* that were ever seen in the kernel's table */
	uint32_t limit_most;		/* the greatest limit ever seen in force */
	uint32_t role;			/* enum host_role, as connections told it last; 0: none has yet */
	struct far_end far_ends[16];	/* the oldest gives way */
};

/* The same of a WAN: how its joins went since the last that was established. */
struct join_memory {
	uint64_t unanswered, refused, reset, stripped;	/* since that one */
	uint64_t failed_ms;		/* when the last failure was seen */
	uint64_t waiting_ms;		/* since when a SYN of a join waits, at every poll */
	uint64_t youngest_ms;		/* when the youngest connection of ours on this WAN began */
};

/*
 * One moment, joined: address to interface to WAN. Built by the collector, then sealed: from there
 * on everyone holds it const, and counts references, across threads.
 */
struct snapshot {
	atomic_uint holders;
	uint64_t taken_ms;		/* monotonic */
	uint64_t wall_ms;		/* the same moment, since 1970 */
	struct answer answers[QUESTIONS];
	struct host host;
	struct wan *wans;		/* sorted by index */
	struct endpoint *endpoints;	/* sorted by id */
	struct counter *counters;	/* sorted by number */
	size_t wan_count, endpoint_count, counter_count;
	struct memory memory;
	struct join_memory *joins;	/* by WAN, as wans */
	uint8_t verdicts[CAUSE_DRIFT + 1];	/* enum verdict, of each cause that stops bonding */
	/* Owned, each an allocation of its own. */
	struct finding *findings;	/* sorted by WAN index and cause; at most one each */
	size_t finding_count;
	char *stories;			/* what cause_text of the WANs points into; NULL: none */
	struct alarm *alarms;		/* active ones, sorted by WAN index and type */
	size_t alarm_count;
	const struct alarm_log *alarm_log;	/* held; NULL while there is none */
};

/* What a snapshot is made of. */
struct ingredients {
	const struct harvest *harvest;
	struct registry *registry;	/* learns which WANs have endpoints and subflows */
	const struct addressbook *book;
	const struct ledger *ledger;
	const struct settings *settings;
	enum accounting accounting;	/* of the time since the poll before */
	const char *accounting_reason;	/* why it is not exact */
	bool joins_known;		/* attempts to join are told, losses aside */
	uint32_t interval_ms;		/* between polls, in force */
	uint64_t now_ms, since_ms;	/* monotonic: of this moment, and when the totals began */
	uint64_t wall_ms;		/* this moment, since 1970 */
	uint64_t since_s;		/* since_ms in seconds since 1970; 0: not known */
};

/*
 * Joins everything there is about this moment. States, rates and shares are left to diagnose(),
 * poll counters to the caller. The caller is its only holder. NULL: no memory.
 */
struct snapshot *snapshot_build(const struct ingredients *);

const struct snapshot *snapshot_hold(
	const struct snapshot *);		/* one more holder; returns its argument */
void snapshot_release(const struct snapshot *); /* the last one frees it; NULL is allowed */

/* The WAN of that index, or NULL. */
const struct wan *snapshot_wan(const struct snapshot *, uint32_t index);

/*
 * Seconds since 1970 of a monotonic time at or before the snapshot's, by the clock as it was then
 * set: the same moment is told otherwise once the clock was set anew.
 */
uint64_t snapshot_wall_s(const struct snapshot *, uint64_t ms);
#endif
