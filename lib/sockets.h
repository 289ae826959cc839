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

/* As in struct subflow_row. There may be very many: no octet more than is shown. */
struct socket_subflow {
	uint64_t cookie;
	struct tuple tuple;
	uint8_t state;
	uint8_t slot;		/* of its WAN, or UNATTRIBUTED */
	bool join, backup, ours, complete;
	uint32_t connection;	/* its position among them, or NO_CONNECTION */
	uint32_t rtt_us, min_rtt_us;
	struct octets octets;
};

struct socket_growth {
	uint64_t in, out;	/* octets */
};

struct socket_connection {
	const struct connection *told;	/* what the kernel says of it */
	struct octets octets;		/* sums over the subflows that it has now */
	struct socket_growth growth;
	uint32_t first, count;		/* its subflows, see sockets_subflow() */
	uint32_t established;		/* of them */
};

struct socket_place;

struct sockets {
	struct socket_subflow *subflows; /* as they were told */
	struct socket_growth *growths;	 /* of each; NULL: not compared */
	size_t subflow_count, subflow_room;
	struct socket_connection *connections; /* as in struct connections */
	size_t connection_count;
	uint32_t unattributed;	/* subflows that fit no WAN */
	uint32_t strays; /* subflows without a connection: it began after, or ended before, we asked */

	/* Its own. */
	const struct connections *told;
	owner_fn owner;
	void *owner_arg;
	struct socket_place *places; /* of subflows, by connection */
};

/* Nothing in it, which is also how it begins. */
void sockets_free(struct sockets *);

/*
 * The connections, which must outlive the result; who owns a local end; then one subflow at a time;
 * then the end. To begin again forgets what was added. 0 or -ENOMEM, after which there is nothing
 * to be done but sockets_free().
 */
int sockets_begin(struct sockets *, const struct connections *, owner_fn owner, void *owner_arg);
int sockets_add(struct sockets *, const struct subflow_row *);
int sockets_end(struct sockets *);

/* The i-th subflow of a connection, the initial one first. */
const struct socket_subflow *sockets_subflow(const struct sockets *,
					     const struct socket_connection *, uint32_t i);

/*
 * Finds out what grew since an earlier moment; of a subflow that was not there then, all of it has.
 * Both have ended. 0 or -ENOMEM.
 */
int sockets_compare(struct sockets *, const struct sockets *before);

/* Of one of its subflows; zeros if it was not compared. */
struct socket_growth sockets_growth(const struct sockets *, const struct socket_subflow *);
#endif
