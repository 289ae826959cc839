/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "cli/listing.h"

const char *const connection_state_words[CONNECTION_STATES + 1] = {
	[CONNECTION_OPENING] = "opening",
	[CONNECTION_ESTABLISHED] = "established",
	[CONNECTION_CLOSING] = "closing",
	[CONNECTION_FALLBACK] = "fallback",
};

enum connection_state connection_state(const struct connection *told)
{
	if (told->fallback)
		return CONNECTION_FALLBACK;
	if (told->opening)
		return CONNECTION_OPENING;
	return told->established ? CONNECTION_ESTABLISHED : CONNECTION_CLOSING;
}

const char *listing_tcp_word(uint8_t state)
{
	static const char *const words[] = {
		[TCP_ESTABLISHED] = "established",
		[TCP_SYN_SENT] = "syn-sent",
		[TCP_SYN_RECV] = "syn-recv",
		[TCP_FIN_WAIT1] = "fin-wait-1",
		[TCP_FIN_WAIT2] = "fin-wait-2",
		[TCP_TIME_WAIT] = "time-wait",
		[TCP_CLOSE] = "closed",
		[TCP_CLOSE_WAIT] = "close-wait",
		[TCP_LAST_ACK] = "last-ack",
		[TCP_LISTEN] = "listening",
		[TCP_CLOSING] = "closing",
	};

	return state < sizeof(words) / sizeof(words[0]) && words[state] ? words[state] : "unknown";
}

/*
 * --- which -------------------------------------------------------------------------------------
 */

static bool subflow_on(const struct connection_filter *filter, const struct socket_subflow *subflow)
{
	return subflow->slot < WANS_MAX ? (filter->wans & SLOT(subflow->slot)) != 0
					: filter->no_wan;
}

static bool is_wanted(const struct connection_filter *filter, const struct sockets *sockets,
		      const struct socket_connection *connection)
{
	const struct connection *told = connection->told;
	bool wan = !filter->by_wan;
	bool peer = !filter->peer.address.family || prefix_has(&filter->peer, &told->remote);
	bool port = !filter->port || told->remote_port == filter->port;

	if (filter->states && !(filter->states & 1U << connection_state(told)))
		return false;
	for (uint32_t i = 0; i < connection->count && !(wan && peer && port); i++) {
		const struct socket_subflow *subflow = sockets_subflow(sockets, connection, i);
		const struct tuple *tuple = &subflow->tuple;

		wan |= filter->by_wan && subflow_on(filter, subflow);
		peer |= prefix_has(&filter->peer, &tuple->remote);
		port |= tuple->local_port == filter->port || tuple->remote_port == filter->port;
	}
	return wan && peer && port;
}

/*
 * --- in which order ----------------------------------------------------------------------------
 */

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint64_t grown(const struct socket_connection *connection)
{
	return connection->growth.in + connection->growth.out;
}

static uint64_t octets(const struct socket_connection *connection)
{
	return connection->octets.in + connection->octets.out;
}

/* After one look nothing has grown. */
static int compare(const void *a, const void *b)
{
	const struct socket_connection *left = ((const struct listing_row *)a)->connection;
	const struct socket_connection *right = ((const struct listing_row *)b)->connection;
	int order = compare_u64(grown(right), grown(left));

	if (!order)
		order = compare_u64(octets(right), octets(left));
	return order ? order : compare_u64(left->told->token, right->told->token);
}

/* What fits no WAN comes last; wan2 before wan10. */
static bool comes_before(const struct survey *survey, const struct socket_subflow *left,
			 const struct socket_subflow *right)
{
	const char *left_wan = survey_wan(survey, left->slot);
	const char *right_wan = survey_wan(survey, right->slot);
	int order = (left->join > right->join) - (left->join < right->join);

	if (!order)
		order = !left_wan - !right_wan;
	if (!order && left_wan)
		order = strverscmp(left_wan, right_wan);
	if (!order)
		order = compare_u64(left->tuple.local.family, right->tuple.local.family);
	if (!order)
		order = compare_u64(left->tuple.local_port, right->tuple.local_port);
	return order ? order < 0 : left->cookie < right->cookie;
}

/* They are few: each is put where it belongs among those before it. */
static void fill_subflows(const struct survey *survey, struct listing_row *row)
{
	for (uint32_t i = 0; i < row->connection->count; i++) {
		const struct socket_subflow *subflow =
			sockets_subflow(&survey->sockets, row->connection, i);
		uint32_t at = i;

		for (; at && comes_before(survey, subflow, row->subflows[at - 1]); at--)
			row->subflows[at] = row->subflows[at - 1];
		row->subflows[at] = subflow;
	}
}

static int fill_rows(struct listing *listing)
{
	const struct socket_subflow **place;

	for (size_t i = 0; i < listing->count; i++)
		listing->subflows_shown += listing->rows[i].connection->count;
	listing->places = malloc((listing->subflows_shown + 1) * sizeof(*listing->places));
	if (!listing->places)
		return -ENOMEM;
	place = listing->places;
	for (size_t i = 0; i < listing->count; i++) {
		listing->rows[i].subflows = place;
		fill_subflows(listing->survey, &listing->rows[i]);
		place += listing->rows[i].connection->count;
	}
	return 0;
}

int listing_make(struct listing *listing, const struct survey *survey,
		 const struct connection_filter *filter)
{
	const struct sockets *sockets = &survey->sockets;

	*listing = (struct listing){ .survey = survey };
	listing->rows = malloc((sockets->connection_count + 1) * sizeof(*listing->rows));
	if (!listing->rows)
		return -ENOMEM;
	for (size_t i = 0; i < sockets->connection_count; i++) {
		const struct socket_connection *connection = &sockets->connections[i];

		listing->subflows += connection->count;
		if (is_wanted(filter, sockets, connection))
			listing->rows[listing->count++].connection = connection;
	}
	if (listing->count)
		qsort(listing->rows, listing->count, sizeof(*listing->rows), compare);
	if (filter->top && listing->count > filter->top)
		listing->count = filter->top;
	if (!fill_rows(listing))
		return 0;
	listing_free(listing);
	return -ENOMEM;
}

void listing_free(struct listing *listing)
{
	free(listing->rows);
	free(listing->places);
	*listing = (struct listing){ 0 };
}

/*
 * --- values ------------------------------------------------------------------------------------
 */

bool listing_told(const struct listing *listing)
{
	return !listing->survey->harvest.answers[Q_SUBFLOWS].error;
}

struct maybe_u32 listing_most(const struct socket_connection *connection)
{
	uint32_t extra = connection->told->limit;

	return (struct maybe_u32){ extra && !connection->told->fallback, extra + 1 };
}

struct maybe_u64 listing_kbps(const struct listing *listing, uint64_t grown_octets)
{
	uint64_t ms = listing->survey->elapsed_us / 1000;

	return (struct maybe_u64){ ms != 0, ms ? grown_octets * 8 / ms : 0 };
}
