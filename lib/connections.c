/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/connections.h"

void connections_free(struct connections *connections)
{
	free(connections->rows);
	free(connections->places);
	free(connections->fallback);
	memset(connections, 0, sizeof(*connections));
}

int connection_of(const struct connection_row *row, uint64_t now_ms, struct connection *out)
{
	*out = (struct connection){ 0 };
	if (row->state == TCP_LISTEN || row->state == TCP_CLOSE)
		return 0;
	out->token = row->token;
	out->remote = row->remote;
	out->remote_port = row->remote_port;
	out->opening = row->state == TCP_SYN_SENT || row->state == TCP_SYN_RECV;
	out->established = row->state == TCP_ESTABLISHED;
	out->fallback = row->fallback;
	out->both_families = row->both_families;
	out->extra = (uint8_t)row->extra_subflows.value;
	out->limit = out->first_limit = (uint8_t)row->extra_subflows_max.value;
	out->at_limit = !row->fallback && row->extra_subflows_max.known && out->extra >= out->limit;
	out->accepted = row->addresses_accepted;
	out->accepted_max = row->addresses_accepted_max;
	out->first_ms = now_ms;
	return 1;
}

/*
 * --- the answer replaces the one before --------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	const struct connection *left = a, *right = b;

	return (left->token > right->token) - (left->token < right->token);
}

static void inherit(struct connection *fresh, const struct connection *old)
{
	fresh->ours = old->ours;
	fresh->told = old->told;
	fresh->complete = old->complete;
	fresh->was_pending = old->pending;
	fresh->first_limit = old->first_limit ? old->first_limit : fresh->first_limit;
	fresh->waited = fresh->opening && old->opening;
	/* An answered connection begins when it is answered, and then we were here. */
	if (fresh->opening != old->opening)
		return;
	fresh->first_ms = old->first_ms;
	fresh->aged = old->aged;
}

static void count_given_up(struct connections *connections, const struct connection *gone)
{
	if (!gone->waited)
		return;
	connections->given_up++;
	connections->given_up_to = gone->remote;
}

/* Both lists are sorted by token. */
static void keep_first_sight(struct connections *connections, struct connection *fresh,
			     size_t count)
{
	size_t old = 0;

	connections->given_up = 0;
	for (size_t i = 0; i < count; i++) {
		while (old < connections->count && connections->rows[old].token < fresh[i].token)
			count_given_up(connections, &connections->rows[old++]);
		if (old < connections->count && connections->rows[old].token == fresh[i].token)
			inherit(&fresh[i], &connections->rows[old++]);
		else
			fresh[i].aged = !connections->seen_before;
	}
	while (old < connections->count)
		count_given_up(connections, &connections->rows[old++]);
}

/*
 * Each subflow of each dump asks for its connection, and what it takes is the memory that is looked
 * at: a table of its own, small, in which a token lies about where its first bits say, for tokens
 * are hashes.
 */
struct token_place {
	uint32_t token, row;	/* the row's position + 1; 0: free */
};

/* Half of them free, or more. */
static unsigned int bits_for(size_t count)
{
	unsigned int bits = 1;

	while (bits < 31 && (size_t)1 << bits < 2 * count)
		bits++;
	return bits;
}

/* The place of the token, or the free one where it would be. */
static struct token_place *place_of(struct token_place *places, unsigned int bits, uint32_t token)
{
	size_t at = token >> (32 - bits), last = ((size_t)1 << bits) - 1;

	while (places[at].row && places[at].token != token)
		at = (at + 1) & last;
	return &places[at];
}

int connections_replace(struct connections *connections, struct connection *fresh, size_t count)
{
	const unsigned int bits = bits_for(count);
	uint32_t *fallback = malloc((count + 1) * sizeof(*fallback));
	struct token_place *places = calloc((size_t)1 << bits, sizeof(*places));

	if (!fallback || !places) {
		free(fallback);
		free(places);
		return -ENOMEM;
	}
	if (count)
		qsort(fresh, count, sizeof(*fresh), compare);
	keep_first_sight(connections, fresh, count);
	/* Of one that the dump told twice, the first row. */
	for (size_t i = count; i--;)
		*place_of(places, bits, fresh[i].token) =
			(struct token_place){ fresh[i].token, (uint32_t)i + 1 };
	free(connections->rows);
	free(connections->places);
	free(connections->fallback);
	connections->places = places;
	connections->place_bits = bits;
	connections->rows = fresh;
	connections->count = count;
	connections->fallback = fallback;
	connections->fallback_count = 0;
	for (size_t i = 0; i < count; i++)
		if (fresh[i].fallback)
			fallback[connections->fallback_count++] = fresh[i].token;
	connections->seen_before = true;
	return 0;
}

/*
 * --- its subflows ------------------------------------------------------------------------------
 */

void connections_unjoin(struct connections *connections)
{
	for (size_t i = 0; i < connections->count; i++) {
		struct connection *row = &connections->rows[i];

		row->on = row->on_backup = row->waiting = row->full = 0;
		row->on_v4 = row->on_v6 = 0;
		row->pending = false;
		row->acked_ago_ms = UINT32_MAX;
		row->subflows = 0;
		row->grown_in = row->grown_out = 0;
	}
}

struct connection *connections_find(const struct connections *connections, uint32_t token)
{
	const struct token_place *place;

	if (!connections->places)
		return NULL;
	place = place_of(connections->places, connections->place_bits, token);
	return place->row ? &connections->rows[place->row - 1] : NULL;
}

static void count_family(struct connection *row, uint8_t family)
{
	uint8_t *count = family == AF_INET ? &row->on_v4 : &row->on_v6;

	if (*count < UINT8_MAX)
		(*count)++;
}

void connections_see(struct connections *connections, const struct sight *sight)
{
	struct connection *row = connections_find(connections, sight->token);
	slots_t slot = sight->slot < WANS_MAX ? SLOT(sight->slot) : 0;

	if (!row)
		return;
	row->ours |= sight->ours;
	row->told = true;
	if (sight->state == TCP_SYN_SENT) {
		row->waiting |= slot;
		return;
	}
	row->grown_in += sight->grown_in;
	row->grown_out += sight->grown_out;
	if (sight->state != TCP_ESTABLISHED)
		return;
	row->complete |= sight->complete;
	if (sight->backup && !(row->on & slot))
		row->on_backup |= slot;
	else if (!sight->backup)
		row->on_backup &= ~slot;
	row->on |= slot;
	row->pending |= sight->pending;
	if (sight->acked_ago_ms < row->acked_ago_ms)
		row->acked_ago_ms = sight->acked_ago_ms;
	row->full |= sight->full ? slot : 0;
	row->subflows++;
	count_family(row, sight->family);
}
