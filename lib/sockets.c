/* SPDX-License-Identifier: MIT */
/*
 * A subflow is looked up while it is in the processor's cache, and not again: with tens of
 * thousands of them that is what costs.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "lib/index.h"
#include "lib/sockets.h"

/* Half of the cookie comes along, so that most need not be looked up to tell them apart. */
struct socket_place {
	uint32_t position, half_cookie;
};

static void clear(struct sockets *sockets)
{
	free(sockets->growths);
	free(sockets->connections);
	free(sockets->places);
	sockets->growths = NULL;
	sockets->connections = NULL;
	sockets->places = NULL;
	sockets->subflow_count = sockets->connection_count = 0;
	sockets->unattributed = sockets->strays = 0;
}

void sockets_free(struct sockets *sockets)
{
	clear(sockets);
	free(sockets->subflows);
	memset(sockets, 0, sizeof(*sockets));
}

/*
 * --- joining -----------------------------------------------------------------------------------
 */

int sockets_begin(struct sockets *sockets, const struct connections *connections, owner_fn owner,
		  void *owner_arg)
{
	clear(sockets);
	sockets->told = connections;
	sockets->owner = owner;
	sockets->owner_arg = owner_arg;
	sockets->connections = calloc(connections->count + 1, sizeof(*sockets->connections));
	if (!sockets->connections)
		return -ENOMEM;
	sockets->connection_count = connections->count;
	for (size_t i = 0; i < connections->count; i++)
		sockets->connections[i].told = &connections->rows[i];
	return 0;
}

static bool make_room(struct sockets *sockets)
{
	size_t room = sockets->subflow_room ? sockets->subflow_room * 2 : 64;
	void *grown;

	if (sockets->subflow_count < sockets->subflow_room)
		return true;
	grown = realloc(sockets->subflows, room * sizeof(*sockets->subflows));
	if (!grown)
		return false;
	sockets->subflows = grown;
	sockets->subflow_room = room;
	return true;
}

static uint32_t connection_of_token(const struct sockets *sockets, uint32_t token)
{
	const struct connection *told = connections_find(sockets->told, token);

	return told ? (uint32_t)(told - sockets->told->rows) : NO_CONNECTION;
}

int sockets_add(struct sockets *sockets, const struct subflow_row *row)
{
	struct socket_subflow *subflow;

	if (!make_room(sockets))
		return -ENOMEM;
	subflow = &sockets->subflows[sockets->subflow_count++];
	*subflow = (struct socket_subflow){
		.cookie = row->cookie,
		.tuple = row->tuple,
		.state = row->state,
		.slot = sockets->owner(sockets->owner_arg, &row->tuple.local, row->bound_ifindex),
		.join = row->join,
		.backup = row->backup,
		.ours = row->ours,
		.complete = row->complete,
		.connection = connection_of_token(sockets, row->token),
		.rtt_us = row->rtt_us,
		.min_rtt_us = row->min_rtt_us,
		.octets = row->octets,
	};
	sockets->unattributed += subflow->slot == UNATTRIBUTED;
	sockets->strays += subflow->connection == NO_CONNECTION;
	return 0;
}

/* A dump tells the same socket twice when others come and go in its bucket meanwhile. */
static bool is_there(const struct sockets *sockets, const struct socket_connection *connection,
		     const struct socket_subflow *subflow)
{
	const struct socket_place *places = &sockets->places[connection->first];

	for (uint32_t i = 0; i < connection->count; i++)
		if (places[i].half_cookie == (uint32_t)subflow->cookie &&
		    sockets->subflows[places[i].position].cookie == subflow->cookie)
			return true;
	return false;
}

/* The first of a connection's places is for its initial subflow. */
static void put(struct sockets *sockets, uint32_t position)
{
	const struct socket_subflow *subflow = &sockets->subflows[position];
	struct socket_connection *connection = &sockets->connections[subflow->connection];
	struct socket_place *places = &sockets->places[connection->first];
	const struct socket_place place = { position, (uint32_t)subflow->cookie };

	if (is_there(sockets, connection, subflow))
		return;
	places[connection->count] = subflow->join ? place : places[0];
	if (!subflow->join)
		places[0] = place;
	connection->count++;
	connection->established += subflow->state == TCP_ESTABLISHED;
	connection->octets.out += subflow->octets.out;
	connection->octets.in += subflow->octets.in;
	connection->octets.retrans += subflow->octets.retrans;
}

int sockets_end(struct sockets *sockets)
{
	uint32_t first = 0;

	sockets->places = calloc(sockets->subflow_count + 1, sizeof(*sockets->places));
	if (!sockets->places)
		return -ENOMEM;
	for (size_t i = 0; i < sockets->subflow_count; i++)
		if (sockets->subflows[i].connection != NO_CONNECTION)
			sockets->connections[sockets->subflows[i].connection].count++;
	for (size_t i = 0; i < sockets->connection_count; i++) {
		sockets->connections[i].first = first;
		first += sockets->connections[i].count;
		sockets->connections[i].count = 0;
	}
	for (uint32_t i = 0; i < sockets->subflow_count; i++)
		if (sockets->subflows[i].connection != NO_CONNECTION)
			put(sockets, i);
	return 0;
}

const struct socket_subflow *sockets_subflow(const struct sockets *sockets,
					     const struct socket_connection *connection, uint32_t i)
{
	return &sockets->subflows[sockets->places[connection->first + i].position];
}

/*
 * --- comparing ---------------------------------------------------------------------------------
 */

static uint64_t cookie_of(const void *arg, uint32_t position)
{
	return ((const struct sockets *)arg)->subflows[position].cookie;
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Raw counters that fell are those of another life. */
static struct socket_growth growth_since(const struct octets *now, const struct octets *before)
{
	bool fell = now->sent < before->sent || now->in < before->in;

	return (struct socket_growth){ .in = grown(now->in, fell ? 0 : before->in),
				       .out = grown(now->out, fell ? 0 : before->out) };
}

static int compare_subflows(struct sockets *sockets, const struct sockets *before)
{
	static const struct octets nothing;
	struct index index = { .key_of = cookie_of, .arg = before };
	int error = 0;

	for (uint32_t i = 0; i < before->subflow_count && !error; i++)
		error = index_put(&index, i);
	for (size_t i = 0; i < sockets->subflow_count && !error; i++) {
		uint32_t was = index_find(&index, sockets->subflows[i].cookie, INDEX_NONE);

		sockets->growths[i] =
			growth_since(&sockets->subflows[i].octets,
				     was == INDEX_NONE ? &nothing : &before->subflows[was].octets);
	}
	index_free(&index);
	return error;
}

int sockets_compare(struct sockets *sockets, const struct sockets *before)
{
	int error;

	free(sockets->growths);
	sockets->growths = calloc(sockets->subflow_count + 1, sizeof(*sockets->growths));
	error = sockets->growths ? compare_subflows(sockets, before) : -ENOMEM;
	for (size_t i = 0; i < sockets->connection_count && !error; i++) {
		struct socket_connection *connection = &sockets->connections[i];

		connection->growth = (struct socket_growth){ 0 };
		for (uint32_t k = 0; k < connection->count; k++) {
			struct socket_growth growth =
				sockets_growth(sockets, sockets_subflow(sockets, connection, k));

			connection->growth.in += growth.in;
			connection->growth.out += growth.out;
		}
	}
	return error;
}

struct socket_growth sockets_growth(const struct sockets *sockets,
				    const struct socket_subflow *subflow)
{
	if (!sockets->growths)
		return (struct socket_growth){ 0 };
	return sockets->growths[subflow - sockets->subflows];
}
