/* SPDX-License-Identifier: MIT */
#ifndef LIB_CONNECTIONS_H
#define LIB_CONNECTIONS_H
#include "lib/index.h"
#include "lib/ledger.h"
#include "lib/parse.h"

/*
 * The MPTCP connections of the last complete answer, each joined with its subflows of the last
 * complete dump. A set of WANs is a bit for each slot; what is unattributed is in no set.
 */
typedef uint64_t slots_t;
#define SLOT(slot) (UINT64_C(1) << (slot))

struct connection {
	uint32_t token;
	uint16_t remote_port;
	struct address remote;
	uint8_t on_v4, on_v6;	/* from its subflows: established ones by family, at most 255 */
	bool opening : 1;	/* its first SYN has no answer yet */
	bool waited : 1;	/* ... and had none at the answer before */
	bool established : 1;	/* neither opening nor closing */
	bool fallback : 1;
	bool both_families : 1;	/* its socket may have subflows of both */
	bool ours : 1;		/* we opened it, as far as any subflow has ever told */
	bool told : 1;		/* ... and one has */
	bool complete : 1;	/* a subflow was fully established: joins may begin */
	bool at_limit : 1;	/* extra subflows == the limit in force */
	bool aged : 1;		/* here before our first look, so nobody knows since when */
	bool pending : 1;	/* from its subflows: something sent is not acknowledged yet */
	bool was_pending : 1;	/* ... at the dump before */
	uint8_t extra, limit;	/* extra subflows, and how many it may have; limit 0: not known */
	uint8_t first_limit;	/* the limit when it was first seen */
	uint8_t accepted, accepted_max;	/* addresses announced by the far end */
	uint64_t first_ms;	/* poll that first saw it in this condition, opening or not */

	/* From its subflows. */
	slots_t on;		/* established */
	slots_t on_backup;	/* ... and all of them here are backup */
	slots_t waiting;	/* in SYN_SENT */
	slots_t full;		/* the sender's side is full, see struct subflow_row */
	uint32_t acked_ago_ms;	/* since any of them was acknowledged anything */
	uint32_t subflows;	/* established */
	uint64_t grown_in, grown_out;	/* octets since the dump before */
};

struct connections {
	struct connection *rows;	/* sorted by token */
	size_t count;
	struct index by_token;
	uint32_t *fallback;		/* sorted tokens of those in fallback */
	size_t fallback_count;
	bool seen_before;		/* an answer came earlier: who is new now has begun since */
	uint32_t given_up;		/* waited for a SYN/ACK at two answers, and are gone now */
	struct address given_up_to;	/* ... the far end of the last of them */
};

void connections_free(struct connections *);

/* Of the row of a dump; 0 for sockets that are no connection (listeners), else 1. */
int connection_of(const struct connection_row *, uint64_t now_ms, struct connection *out);

/*
 * A complete answer takes the place of the one before; whom it knows already keeps the time of his
 * first sight. Takes `fresh` over, unless it returns -ENOMEM.
 */
int connections_replace(struct connections *, struct connection *fresh, size_t count);

/* The connection of that token, or NULL. */
struct connection *connections_find(const struct connections *, uint32_t token);

/* Before a dump of subflows, and again when it is begun anew: forgets what subflows told. */
void connections_unjoin(struct connections *);

/* One subflow of the dump. */
void connections_see(struct connections *, const struct sight *);
#endif
