/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "lib/index.h"
#include "lib/sockets.h"

void sockets_free(struct sockets *sockets)
{
	free(sockets->subflows);
	free(sockets->connections);
	free(sockets->order);
	memset(sockets, 0, sizeof(*sockets));
}

int sockets_add(struct sockets *sockets, const struct subflow_row *row)
{
	if (sockets->subflow_count == sockets->subflow_room) {
		size_t room = sockets->subflow_room ? sockets->subflow_room * 2 : 64;
		void *grown = realloc(sockets->subflows, room * sizeof(*sockets->subflows));

		if (!grown)
			return -ENOMEM;
		sockets->subflows = grown;
		sockets->subflow_room = room;
	}
	sockets->subflows[sockets->subflow_count++] = (struct socket_subflow){ .row = *row };
	return 0;
}

/*
 * --- joining -----------------------------------------------------------------------------------
 */

static void attribute(struct sockets *sockets, const struct connections *connections,
		      owner_fn owner, void *owner_arg)
{
	for (size_t i = 0; i < sockets->subflow_count; i++) {
		struct socket_subflow *subflow = &sockets->subflows[i];
		const struct connection *told = connections_find(connections, subflow->row.token);

		subflow->slot =
			owner(owner_arg, &subflow->row.tuple.local, subflow->row.bound_ifindex);
		sockets->unattributed += subflow->slot == UNATTRIBUTED;
		subflow->connection = told ? (uint32_t)(told - connections->rows) : NO_CONNECTION;
		if (told)
			sockets->connections[subflow->connection].count++;
		else
			sockets->strays++;
	}
}

static void make_room(struct sockets *sockets)
{
	uint32_t first = 0;

	for (size_t i = 0; i < sockets->connection_count; i++) {
		sockets->connections[i].first = first;
		first += sockets->connections[i].count;
		sockets->connections[i].count = 0;
	}
}

/* A dump tells the same socket twice when others come and go in its bucket meanwhile. */
static bool is_there(const struct sockets *sockets, const struct socket_connection *connection,
		     uint64_t cookie)
{
	for (uint32_t i = 0; i < connection->count; i++)
		if (sockets_subflow(sockets, connection, i)->row.cookie == cookie)
			return true;
	return false;
}

/* The first of a connection's places is for its initial subflow. */
static void put(struct sockets *sockets, struct socket_connection *connection, uint32_t position)
{
	const struct subflow_row *row = &sockets->subflows[position].row;
	uint32_t *places = &sockets->order[connection->first];

	if (is_there(sockets, connection, row->cookie))
		return;
	places[connection->count] = row->join ? position : places[0];
	if (!row->join)
		places[0] = position;
	connection->count++;
	connection->established += row->state == TCP_ESTABLISHED;
	connection->octets.out += row->octets.out;
	connection->octets.in += row->octets.in;
	connection->octets.retrans += row->octets.retrans;
}

int sockets_join(struct sockets *sockets, const struct connections *connections, owner_fn owner,
		 void *owner_arg)
{
	free(sockets->connections);
	free(sockets->order);
	sockets->connection_count = sockets->unattributed = sockets->strays = 0;
	sockets->connections = calloc(connections->count + 1, sizeof(*sockets->connections));
	sockets->order = calloc(sockets->subflow_count + 1, sizeof(*sockets->order));
	if (!sockets->connections || !sockets->order)
		return -ENOMEM;
	sockets->connection_count = connections->count;
	for (size_t i = 0; i < connections->count; i++)
		sockets->connections[i].told = &connections->rows[i];
	attribute(sockets, connections, owner, owner_arg);
	make_room(sockets);
	for (uint32_t i = 0; i < sockets->subflow_count; i++)
		if (sockets->subflows[i].connection != NO_CONNECTION)
			put(sockets, &sockets->connections[sockets->subflows[i].connection], i);
	return 0;
}

const struct socket_subflow *sockets_subflow(const struct sockets *sockets,
					     const struct socket_connection *connection, uint32_t i)
{
	return &sockets->subflows[sockets->order[connection->first + i]];
}

/*
 * --- comparing ---------------------------------------------------------------------------------
 */

static uint64_t cookie_of(const void *arg, uint32_t position)
{
	return ((const struct sockets *)arg)->subflows[position].row.cookie;
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Raw counters that fell are those of another life. */
static void grow(struct socket_subflow *subflow, const struct octets *before)
{
	const struct octets *now = &subflow->row.octets;
	bool fell = now->sent < before->sent || now->in < before->in;

	subflow->grown_in = grown(now->in, fell ? 0 : before->in);
	subflow->grown_out = grown(now->out, fell ? 0 : before->out);
}

int sockets_compare(struct sockets *sockets, const struct sockets *before)
{
	static const struct octets nothing;
	struct index index = { .key_of = cookie_of, .arg = before };
	int error = 0;

	for (uint32_t i = 0; i < before->subflow_count && !error; i++)
		error = index_put(&index, i);
	for (size_t i = 0; i < sockets->subflow_count && !error; i++) {
		struct socket_subflow *subflow = &sockets->subflows[i];
		uint32_t was = index_find(&index, subflow->row.cookie, INDEX_NONE);

		grow(subflow, was == INDEX_NONE ? &nothing : &before->subflows[was].row.octets);
	}
	for (size_t i = 0; i < sockets->connection_count && !error; i++) {
		struct socket_connection *connection = &sockets->connections[i];

		connection->grown_in = connection->grown_out = 0;
		for (uint32_t k = 0; k < connection->count; k++) {
			connection->grown_in += sockets_subflow(sockets, connection, k)->grown_in;
			connection->grown_out += sockets_subflow(sockets, connection, k)->grown_out;
		}
	}
	index_free(&index);
	return error;
}
