/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/address.h"
#include "lib/diagnose_scene.h"

enum { FAR_ENDS = sizeof(((struct memory *)0)->far_ends) / sizeof(struct far_end) };

static const struct counter *counter_of(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->counter_count; i++)
		if (!strcmp(snapshot->counters[i].name, name))
			return &snapshot->counters[i];
	return NULL;
}

uint64_t scene_counter_growth(const struct scene *scene, const char *name)
{
	const struct counter *now = counter_of(scene->snapshot, name);
	const struct counter *then = scene->before ? counter_of(scene->before, name) : NULL;

	return now && then && now->value > then->value ? now->value - then->value : 0;
}

/*
 * --- far ends ----------------------------------------------------------------------------------
 */

static uint64_t last_of(const struct far_end *far)
{
	return far->spoke_ms > far->fell_ms ? far->spoke_ms : far->fell_ms;
}

/* Its place, or that of the one we have not heard of for longest. */
static struct far_end *place_of(struct memory *memory, const struct address *address, uint16_t port)
{
	struct far_end *oldest = &memory->far_ends[0];

	for (size_t i = 0; i < FAR_ENDS; i++) {
		struct far_end *far = &memory->far_ends[i];

		if (far->port == port && address_equal(&far->address, address))
			return far;
		if (last_of(far) < last_of(oldest))
			oldest = far;
	}
	*oldest = (struct far_end){ .address = *address, .port = port };
	return oldest;
}

static void remember_connection(struct memory *memory, const struct connection *connection,
				uint64_t now_ms)
{
	struct far_end *far;
	uint64_t *moment;

	if (connection->opening || !connection->ours || address_loopback(&connection->remote))
		return;
	if (!connection->aged && connection->first_ms == now_ms)
		memory->connected_ms = now_ms;
	/* One that is neither yet says nothing. */
	if (!connection->fallback && !connection->complete)
		return;
	far = place_of(memory, &connection->remote, connection->remote_port);
	moment = connection->fallback ? &far->fell_ms : &far->spoke_ms;
	if (connection->first_ms > *moment)
		*moment = connection->first_ms;
}

/*
 * --- who opens them ----------------------------------------------------------------------------
 */

/* Majority of those that speak MPTCP: a proxy's plain ones to the world say nothing. */
static void remember_role(struct memory *memory, const struct connections *connections)
{
	size_t ours = 0, theirs = 0;

	for (size_t i = 0; i < connections->count; i++) {
		const struct connection *row = &connections->rows[i];

		if (!row->told || row->fallback || row->opening)
			continue;
		ours += row->ours;
		theirs += !row->ours;
	}
	if (ours + theirs)
		memory->role = ours >= theirs ? ROLE_ROUTER : ROLE_AGGREGATOR;
}

/*
 * --- connections that do not come about --------------------------------------------------------
 */

enum { OPENING_LATE_MS = 3000 }; /* a SYN/ACK takes no longer, but for a SYN that was lost */

/*
 * A far end that counts: one that has spoken MPTCP, or any while none has. That somebody else does
 * not answer is no matter of bonding.
 */
static bool counts(const struct memory *memory, const struct address *address)
{
	bool any = false;

	for (size_t i = 0; i < FAR_ENDS; i++) {
		if (memory->far_ends[i].spoke_ms &&
		    address_equal(&memory->far_ends[i].address, address))
			return true;
		any |= memory->far_ends[i].spoke_ms != 0;
	}
	return !any;
}

struct openings {
	bool unanswered;
	slots_t late; /* where their first SYNs wait */
	bool others;  /* connections that go on */
};

static struct openings look_at_openings(const struct scene *scene, const struct memory *memory)
{
	const struct connections *connections = &scene->harvest->connections;
	struct openings openings = { .unanswered = connections->given_up &&
						   counts(memory, &connections->given_up_to) };

	for (size_t i = 0; i < connections->count; i++) {
		const struct connection *row = &connections->rows[i];

		openings.others |= row->established && row->ours && row->grown_in + row->grown_out;
		if (!row->opening || !counts(memory, &row->remote) ||
		    scene->snapshot->taken_ms - row->first_ms < OPENING_LATE_MS)
			continue;
		openings.unanswered = true;
		openings.late |= row->waiting;
	}
	return openings;
}

static void remember_openings(struct scene *scene, struct memory *memory)
{
	struct openings openings = look_at_openings(scene, memory);
	uint64_t now_ms = scene->snapshot->taken_ms;

	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		const struct wan *wan = &scene->snapshot->wans[i];
		const struct wan *was =
			scene->before ? snapshot_wan(scene->before, wan->index) : NULL;
		bool dead = was && wan->connects_unanswered > was->connects_unanswered;
		bool shut = was && wan->connects_refused > was->connects_refused;

		/* These do not tell whose far end it was. */
		openings.unanswered |= dead && !openings.others;
		if (shut)
			memory->refused_ms = now_ms;
		if (dead || shut || openings.late & SLOT(wan->slot))
			memory->failed_path = wan->index;
	}
	if (openings.unanswered)
		memory->unanswered_ms = now_ms;
	if (scene_counter_growth(scene, "MPCapableSYNACKRX") ||
	    scene_counter_growth(scene, "MPCapableFallbackSYNACK"))
		memory->connected_ms = now_ms;
}

/*
 * --- joins -------------------------------------------------------------------------------------
 */

/* Growth since the poll before; totals of a WAN found again begin anew. */
static uint64_t grown(const struct maybe_u64 *now, const struct maybe_u64 *then)
{
	return now->known && then->known && now->value > then->value ? now->value - then->value : 0;
}

/* What the connections tell by slot, in one pass over them. */
struct by_slot {
	uint64_t youngest_ms[WANS_MAX]; /* the youngest connection of ours there */
	uint32_t first_syns[WANS_MAX];	/* that wait: connections, not joins */
};

static void take_by_slot(struct by_slot *by_slot, const struct connections *connections)
{
	for (size_t i = 0; i < connections->count; i++) {
		const struct connection *connection = &connections->rows[i];
		slots_t on = connection->fallback || !connection->ours ? 0 : connection->on;
		slots_t waiting = connection->opening ? connection->waiting : 0;

		for (; on; on &= on - 1) {
			uint64_t *youngest_ms = &by_slot->youngest_ms[__builtin_ctzll(on)];

			if (connection->first_ms > *youngest_ms)
				*youngest_ms = connection->first_ms;
		}
		for (; waiting; waiting &= waiting - 1)
			by_slot->first_syns[__builtin_ctzll(waiting)]++;
	}
}

static void remember_joins(struct scene *scene, size_t position, const struct by_slot *by_slot)
{
	const struct snapshot *before = scene->before;
	const struct wan *wan = &scene->snapshot->wans[position];
	const struct wan *was = before ? snapshot_wan(before, wan->index) : NULL;
	struct join_memory *joins = &scene->snapshot->joins[position];
	uint64_t unanswered, refused, reset;

	if (was)
		*joins = before->joins[was - before->wans];
	if (by_slot->youngest_ms[wan->slot] > joins->youngest_ms)
		joins->youngest_ms = by_slot->youngest_ms[wan->slot];
	if (wan->subflows_attempted <= by_slot->first_syns[wan->slot])
		joins->waiting_ms = 0;
	else if (!joins->waiting_ms)
		joins->waiting_ms = scene->snapshot->taken_ms;
	if (!was)
		return;
	if (grown(&wan->joins_established, &was->joins_established)) {
		*joins = (struct join_memory){ .waiting_ms = joins->waiting_ms,
					       .youngest_ms = joins->youngest_ms };
		return;
	}
	unanswered = grown(&wan->joins_unanswered, &was->joins_unanswered);
	refused = grown(&wan->joins_refused, &was->joins_refused);
	reset = grown(&wan->joins_reset, &was->joins_reset);
	joins->unanswered += unanswered;
	joins->refused += refused;
	joins->reset += reset;
	joins->stripped += grown(&wan->joins_stripped, &was->joins_stripped);
	if (unanswered + refused + reset)
		joins->failed_ms = scene->snapshot->taken_ms;
}

void memory_take(struct scene *scene)
{
	const struct connections *connections = &scene->harvest->connections;
	struct snapshot *snapshot = scene->snapshot;
	struct memory *memory = &snapshot->memory;
	const struct limits_row *limits = &scene->harvest->limits;
	struct by_slot by_slot = { 0 };

	if (scene->before)
		*memory = scene->before->memory;
	else
		memory->begun_ms = snapshot->taken_ms;
	if (snapshot->endpoint_count > memory->endpoints_most)
		memory->endpoints_most = (uint32_t)snapshot->endpoint_count;
	if (limits->subflows.value > memory->limit_most)
		memory->limit_most = limits->subflows.value;
	if (limits->add_addr.value > memory->limit_most)
		memory->limit_most = limits->add_addr.value;
	if (scene_counter_growth(scene, "Blackhole") ||
	    scene_counter_growth(scene, "MPCapableSYNTXDisabled"))
		memory->blackhole_ms = snapshot->taken_ms;
	if (scene_counter_growth(scene, "MPJoinSynTxBindErr") ||
	    scene_counter_growth(scene, "MPJoinSynTxConnectErr") ||
	    scene_counter_growth(scene, "MPJoinSynTxCreatSkErr"))
		memory->no_socket_ms = snapshot->taken_ms;
	/* What was not answered is not of now. */
	if (!snapshot->answers[Q_CONNECTIONS].error && !snapshot->answers[Q_SUBFLOWS].error) {
		for (size_t i = 0; i < connections->count; i++)
			remember_connection(memory, &connections->rows[i], snapshot->taken_ms);
		remember_openings(scene, memory);
	}
	remember_role(memory, connections);
	take_by_slot(&by_slot, connections);
	for (size_t i = 0; i < snapshot->wan_count; i++)
		remember_joins(scene, i, &by_slot);
}
