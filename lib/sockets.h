/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOCKETS_H
#define LIB_SOCKETS_H
#include "lib/connections.h"

/*
 * All connections and subflows of one moment, joined: each subflow with its connection, by token,
 * and with the slot of its WAN. Plain arrays, and no state carried on: who wants totals that
 * survive the death of a subflow asks the ledger.
 */
enum { NO_CONNECTION = UINT32_MAX };

struct socket_subflow {
	struct subflow_row row;
	uint64_t grown_in, grown_out; /* octets since the look before, see sockets_compare() */
	uint32_t connection;	      /* its position among them, or NO_CONNECTION */
	uint8_t slot;		      /* of its WAN, or UNATTRIBUTED */
};

struct socket_connection {
	const struct connection *told;	/* what the kernel says of it */
	struct octets octets;		/* sums over the subflows that it has now */
	uint64_t grown_in, grown_out;
	uint32_t first, count;		/* its subflows, see sockets_subflow() */
	uint32_t established;		/* of them */
};

struct sockets {
	struct socket_subflow *subflows; /* as they were told */
	size_t subflow_count, subflow_room;
	struct socket_connection *connections; /* as in struct connections */
	size_t connection_count;
	uint32_t *order;	/* positions of subflows, by connection */
	uint32_t unattributed;	/* subflows that fit no WAN */
	uint32_t strays; /* subflows without a connection: it began after, or ended before, we asked */
};

/* Nothing in it, which is also how it begins. */
void sockets_free(struct sockets *);

/* One more subflow, before the join. 0 or -ENOMEM. */
int sockets_add(struct sockets *, const struct subflow_row *);

/*
 * Joins the subflows with these connections, which must outlive the result. 0 or -ENOMEM: then
 * there are no connections in it.
 */
int sockets_join(struct sockets *, const struct connections *, owner_fn owner, void *owner_arg);

/* The i-th subflow of a connection, the initial one first. */
const struct socket_subflow *sockets_subflow(const struct sockets *,
					     const struct socket_connection *, uint32_t i);

/*
 * Fills in what grew since an earlier moment; of a subflow that was not there then, all of it has.
 * Both are joined. 0 or -ENOMEM.
 */
int sockets_compare(struct sockets *, const struct sockets *before);
#endif
