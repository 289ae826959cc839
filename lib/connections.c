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
	index_free(&connections->by_token);
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

static uint64_t token_at(const void *arg, uint32_t position)
{
	return ((const struct connections *)arg)->rows[position].token;
}

static uint32_t *fallback_of(const struct connection *rows, size_t count, size_t *fallback_count)
{
	size_t tokens_count = 0;
	uint32_t *tokens;

	for (size_t i = 0; i < count; i++)
		tokens_count += rows[i].fallback;
	tokens = malloc((tokens_count + 1) * sizeof(*tokens));
	if (!tokens)
		return NULL;
	*fallback_count = 0;
	for (size_t i = 0; i < count; i++)
		if (rows[i].fallback)
			tokens[(*fallback_count)++] = rows[i].token;
	return tokens;
}

int connections_replace(struct connections *connections, struct connection *fresh, size_t count)
{
	uint32_t *fallback;
	size_t fallback_count;

	if (count)
		qsort(fresh, count, sizeof(*fresh), compare);
	fallback = fallback_of(fresh, count, &fallback_count);
	if (!fallback || index_begin(&connections->by_token, count)) {
		free(fallback);
		return -ENOMEM;
	}
	keep_first_sight(connections, fresh, count);
	free(connections->rows);
	free(connections->fallback);
	connections->rows = fresh;
	connections->count = count;
	connections->fallback = fallback;
	connections->fallback_count = fallback_count;
	connections->seen_before = true;
	connections->by_token.key_of = token_at;
	connections->by_token.arg = connections;
	/* Of one that the dump told twice, the first row is found. */
	for (size_t i = 0; i < count && i < INDEX_MOST; i++)
		(void)index_put(&connections->by_token, (uint32_t)i);
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
	uint32_t position = index_find(&connections->by_token, token, INDEX_NONE);

	return position == INDEX_NONE ? NULL : &connections->rows[position];
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
