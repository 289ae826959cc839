/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/socket.h>
#include "lib/address.h"
#include "lib/diagnose_scene.h"

/*
 * Does this connection tell anything about joins, once it has had time? It is one of ours, over the
 * lines, and has had its first answer (before that the kernel joins nothing).
 */
static bool joins_lines(const struct connection *connection)
{
	return connection->ours && connection->established && !connection->fallback &&
	       connection->complete && !address_loopback(&connection->remote);
}

static bool mature(const struct scene *scene, const struct connection *connection)
{
	return joins_lines(connection) &&
	       scene->snapshot->taken_ms - connection->first_ms >= scene->settings->join_grace_ms;
}

/* Here already, or soon after, when we began: before these have had time, nobody has. */
static bool of_the_beginning(const struct scene *scene, const struct connection *connection)
{
	return connection->first_ms - scene->snapshot->memory.begun_ms <
	       scene->settings->join_grace_ms;
}

/* What waited at the poll before has waited since: an ACK that is old after a pause is no fault. */
static bool is_silent(const struct scene *scene, const struct connection *connection)
{
	return connection->pending && connection->was_pending &&
	       connection->acked_ago_ms >= scene->settings->far_silent_ms &&
	       connection->acked_ago_ms >= scene->elapsed_ms;
}

static bool has_family(const struct wan *wan, uint8_t family)
{
	return family == AF_INET ? wan->endpoints_v4 : wan->endpoints_v6;
}

/* A line with endpoints of the other family only is reached by an announced address. */
static bool needs_announced(const struct connection *connection, const struct wan *wan)
{
	return !has_family(wan, connection->remote.family);
}

static bool reaches_announced(const struct connection *connection)
{
	return connection->remote.family == AF_INET ? connection->on_v6 : connection->on_v4;
}

static bool may_accept_no_more(const struct connection *connection)
{
	return connection->accepted >= connection->accepted_max;
}

/* A limit of 0 is not told apart from a userspace path manager, which has none. */
static bool at_limit(const struct scene *scene, const struct connection *connection)
{
	const struct maybe_u32 *limit = &scene->budget.limit;

	return connection->at_limit || (limit->known && !limit->value && !connection->fallback &&
					!strcmp(scene->snapshot->host.path_manager, "kernel"));
}

static bool fits(const struct connection *connection, const struct wan *wan)
{
	if (!needs_announced(connection, wan))
		return true;
	/* An IPv4 socket never has a subflow over IPv6, whatever is announced. */
	return connection->both_families &&
	       (reaches_announced(connection) ||
		(connection->limit && (!connection->accepted || may_accept_no_more(connection))));
}

/* A family's endpoint may have come later than the other's. */
static uint64_t ready_ms(const struct bearing *bearing, const struct connection *connection,
			 const struct wan *wan)
{
	bool v4 = (connection->remote.family == AF_INET) != needs_announced(connection, wan);

	return v4 ? bearing->ready_v4_ms : bearing->ready_v6_ms;
}

/*
 * Begun after the line was ready. Nobody knows of one that was there before our first look; but who
 * has reached the limit could not have joined whenever he began. One that lacks the line while a
 * younger one has joined it tells of a moment long past: joins are tried once.
 */
static bool eligible(const struct scene *scene, const struct connection *connection,
		     size_t position)
{
	const struct wan *wan = &scene->snapshot->wans[position];

	if (!wan->attached_ms || !fits(connection, wan))
		return false;
	/* With room for all, what it lacks is no matter of the limit. */
	if (at_limit(scene, connection) && connection->limit < scene->budget.needed)
		return true;
	return !connection->aged &&
	       connection->first_ms > ready_ms(&scene->bearings[position], connection, wan) &&
	       (connection->on & SLOT(wan->slot) ||
		connection->first_ms > scene->snapshot->joins[position].youngest_ms);
}

static unsigned int lines_of(const struct connection *connection)
{
	return (unsigned int)__builtin_popcountll(connection->on);
}

/* It took what it could get when it began; more is allowed by now, and it asks no more. */
static bool raised_since(const struct connection *connection)
{
	return !connection->at_limit && connection->first_limit &&
	       connection->first_limit < connection->limit &&
	       connection->extra >= connection->first_limit;
}

static void take_missing(const struct scene *scene, struct bearing *bearing,
			 const struct connection *connection, const struct wan *wan)
{
	/* A join that waits here has its slot. */
	bool limited = at_limit(scene, connection) && !(connection->waiting & SLOT(wan->slot));

	if (!bearing->oldest_ms || connection->first_ms < bearing->oldest_ms)
		bearing->oldest_ms = connection->first_ms;
	if (connection->first_ms > bearing->youngest_ms)
		bearing->youngest_ms = connection->first_ms;
	bearing->at_limit += limited;
	bearing->doubled +=
		limited && connection->accepted && connection->subflows > lines_of(connection);
	bearing->raised += raised_since(connection);
	bearing->unannounced += needs_announced(connection, wan) && !reaches_announced(connection);
}

static void take(struct scene *scene, const struct connection *connection, size_t position,
		 bool is_mature)
{
	const struct wan *wan = &scene->snapshot->wans[position];
	struct bearing *bearing = &scene->bearings[position];
	slots_t slot = SLOT(wan->slot);

	bearing->plain += connection->fallback && (connection->on & slot) != 0;
	if (connection->fallback || connection->opening)
		return;
	bearing->joined += (connection->on & slot) != 0;
	if (connection->on & slot & ~connection->on_backup &&
	    connection->full & scene->carrying & ~slot)
		bearing->wanted_out = true;
	if (!is_mature) {
		bearing->young += joins_lines(connection) && of_the_beginning(scene, connection) &&
				  wan->attached_ms && fits(connection, wan) &&
				  !(connection->on & slot);
		return;
	}
	if (eligible(scene, connection, position)) {
		bearing->eligible++;
		if (connection->on & slot)
			bearing->eligible_joined++;
		else
			take_missing(scene, bearing, connection, wan);
	} else if (wan->usable_endpoint && fits(connection, wan) && !(connection->on & slot)) {
		bearing->old++;
		bearing->old_raised += raised_since(connection);
		bearing->old_grown += connection->grown_in + connection->grown_out;
	}
}

static void take_endpoints(struct scene *scene)
{
	const struct snapshot *snapshot = scene->snapshot;

	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		const struct wan *wan = snapshot_wan(snapshot, endpoint->wan_index);
		struct bearing *bearing;
		uint64_t *ready_ms;

		if (!wan || !wan->attached_ms || endpoint->stale)
			continue;
		bearing = &scene->bearings[wan - snapshot->wans];
		ready_ms = endpoint->address.family == AF_INET ? &bearing->ready_v4_ms
							       : &bearing->ready_v6_ms;
		if (!*ready_ms || endpoint->first_ms < *ready_ms)
			*ready_ms = endpoint->first_ms > wan->attached_ms ? endpoint->first_ms
									  : wan->attached_ms;
	}
}

/*
 * Whether the lines that carry receive nearly all they can: only their owner knows how much that
 * is. A peak that was seen is usage, no capacity.
 */
static bool receiving_all(const struct scene *scene)
{
	uint64_t rate = 0, in = 0;

	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		const struct wan *wan = &scene->snapshot->wans[i];

		if (!(scene->carrying & SLOT(wan->slot)))
			continue;
		if (!wan->rate_in_kbps.known || !wan->in_kbps.known)
			return false;
		rate += wan->rate_in_kbps.value;
		in += wan->in_kbps.value;
	}
	return rate && in * 10 >= rate * 8;
}

void bearings_take(struct scene *scene)
{
	const struct connections *connections = &scene->harvest->connections;
	bool all = receiving_all(scene);

	scene->snapshot->host.pressed_in = all;
	take_endpoints(scene);
	for (size_t c = 0; c < connections->count; c++) {
		const struct connection *connection = &connections->rows[c];

		bool is_mature = mature(scene, connection);

		if (is_mature) {
			scene->connections++;
			scene->connections_joined += connection->subflows > 1;
			scene->connections_silent += is_silent(scene, connection);
		}
		if (connection->ours)
			scene->grown += connection->grown_in + connection->grown_out;
		if (!connection->fallback && !connection->opening &&
		    connection->full & scene->carrying)
			scene->snapshot->host.pressed_out = true;
		for (size_t i = 0; i < scene->snapshot->wan_count; i++)
			take(scene, connection, i, is_mature);
	}
	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		struct wan *wan = &scene->snapshot->wans[i];
		struct bearing *bearing = &scene->bearings[i];

		bearing->wanted_in = all && bearing->joined && !(scene->carrying & SLOT(wan->slot));
		wan->connections = bearing->joined;
		wan->connections_eligible = bearing->eligible;
	}
}
