/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"

/* One allocation, as snapshot_build() makes it. */
struct made {
	struct snapshot snapshot;
	struct wan wans[WORLD_WANS];
	struct join_memory joins[WORLD_WANS];
	struct endpoint endpoints[WORLD_ENDPOINTS];
	struct counter counters[WORLD_COUNTERS];
};

static struct wan line(uint32_t number)
{
	struct wan wan = {
		.slot = (uint8_t)(number - 1),
		.index = number,
		.ifindex = 4 + number,
		.role = ROLE_ACTIVE,
		.admin_up = true,
		.carrier = true,
		.addresses = 1,
		.attached_ms = 1000,
		.rtt_us = { true, 30000 },
	};

	snprintf(wan.name, sizeof(wan.name), "wan%u", number);
	snprintf(wan.ifname, sizeof(wan.ifname), "eth%u", number);
	return wan;
}

struct world *world_new(size_t wans)
{
	struct world *w = calloc(1, sizeof(*w));

	settings_default(&w->settings);
	w->now_ms = 100000;
	w->wan_count = wans;
	w->harvest.connections.rows = w->connections;
	w->harvest.connections.seen_before = true;
	w->host.accounting = ACCOUNTING_EXACT;
	w->host.enabled = (struct maybe_bool){ true, true };
	strcpy(w->host.path_manager, "kernel");
	strcpy(w->host.scheduler, "default");
	world_limits(w, 8, 8);
	for (uint32_t number = 1; number <= wans; number++) {
		w->wans[number - 1] = line(number);
		world_endpoint(w, number, AF_INET, ENDPOINT_SUBFLOW);
	}
	return w;
}

void world_free(struct world *w)
{
	history_clear(&w->history);
	free(w);
}

/*
 * --- what happens ------------------------------------------------------------------------------
 */

struct connection *world_connect(struct world *w, uint32_t lines)
{
	size_t number = w->harvest.connections.count++;
	struct connection *connection = &w->connections[number];
	uint32_t subflows = (uint32_t)__builtin_popcount(lines);

	*connection = (struct connection){
		.token = (uint32_t)number + 1,
		.remote = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } },
		.established = true,
		.ours = true,
		.told = true,
		.complete = true,
		.both_families = true,
		.extra = (uint8_t)(subflows ? subflows - 1 : 0),
		.first_limit = (uint8_t)w->harvest.limits.subflows.value,
		.accepted_max = (uint8_t)w->harvest.limits.add_addr.value,
		.first_ms = w->now_ms + WORLD_POLL_MS,
		.on = lines,
		.on_v4 = (uint8_t)subflows,
		.subflows = subflows,
	};
	world_limits(w, w->harvest.limits.subflows.value, w->harvest.limits.add_addr.value);
	return connection;
}

void world_leave(struct world *w, uint32_t number)
{
	for (size_t i = 0; i < w->harvest.connections.count; i++)
		w->connections[i].on &= ~SLOT(number - 1);
}

void world_limits(struct world *w, uint32_t subflows, uint32_t add_addr)
{
	w->harvest.limits.subflows = (struct maybe_u32){ true, subflows };
	w->harvest.limits.add_addr = (struct maybe_u32){ true, add_addr };
	w->host.subflow_limit = w->harvest.limits.subflows;
	w->host.add_addr_limit = w->harvest.limits.add_addr;
	for (size_t i = 0; i < w->harvest.connections.count; i++) {
		struct connection *connection = &w->connections[i];

		connection->limit = (uint8_t)subflows;
		connection->at_limit = subflows && !connection->fallback &&
				       connection->extra >= connection->limit;
		connection->accepted_max = (uint8_t)add_addr;
	}
}

struct endpoint *world_endpoint(struct world *w, uint32_t number, uint8_t family, uint32_t flags)
{
	struct endpoint *endpoint = &w->endpoints[w->endpoint_count++];

	*endpoint = (struct endpoint){
		.id = (uint32_t)w->endpoint_count,
		.address = { .family = family, .bytes = { 10, 0, 0, (uint8_t)number } },
		.flags = flags,
		.wan_index = number,
		.first_ms = 1000,
	};
	return endpoint;
}

void world_no_endpoint(struct world *w, uint32_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->endpoint_count; i++)
		if (w->endpoints[i].wan_index != number)
			w->endpoints[kept++] = w->endpoints[i];
	w->endpoint_count = kept;
}

void world_count(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->counter_count; i++) {
		if (strcmp(w->counters[i].name, name))
			continue;
		w->counters[i].value++;
		return;
	}
	snprintf(w->counters[w->counter_count++].name, WORD_LEN, "%s", name);
}

/*
 * --- a poll ------------------------------------------------------------------------------------
 */

static bool usable(const struct endpoint *endpoint)
{
	return endpoint->flags & ENDPOINT_SUBFLOW &&
	       !(endpoint->flags & ENDPOINT_IMPLICIT) && !endpoint->stale;
}

static void count_endpoints(const struct world *w, struct wan *wan)
{
	for (size_t i = 0; i < w->endpoint_count; i++) {
		const struct endpoint *endpoint = &w->endpoints[i];
		bool v4 = endpoint->address.family == AF_INET;

		if (endpoint->wan_index != wan->index)
			continue;
		wan->endpoints_stale += endpoint->stale;
		wan->endpoints_v4 += !endpoint->stale && v4;
		wan->endpoints_v6 += !endpoint->stale && !v4;
		wan->endpoints_unusable += !endpoint->stale && !usable(endpoint) &&
					   !(endpoint->flags & ENDPOINT_IMPLICIT);
		wan->usable_endpoint |= usable(endpoint);
	}
}

static void complete_wan(struct world *w, struct wan *kept, struct wan *wan)
{
	*wan = *kept;
	wan->up = wan->ifindex && wan->carrier && wan->addresses;
	count_endpoints(w, wan);
	if (!wan->up || !wan->usable_endpoint)
		wan->attached_ms = 0;
	for (size_t i = 0; i < w->harvest.connections.count; i++)
		wan->subflows += !w->connections[i].fallback &&
				 w->connections[i].on & SLOT(wan->slot);
	kept->ever_usable_endpoint |= wan->usable_endpoint;
	kept->ever_joined |= wan->subflows != 0;
	wan->ever_usable_endpoint = kept->ever_usable_endpoint;
	wan->ever_joined = kept->ever_joined;
}

static void count_connections(const struct world *w, struct host *host)
{
	uint32_t fallback = 0, opening = 0;

	for (size_t i = 0; i < w->harvest.connections.count; i++) {
		fallback += w->connections[i].fallback;
		opening += w->connections[i].opening;
	}
	host->fallback_connections = (struct maybe_u32){ true, fallback };
	host->connections = (struct maybe_u32){
		true, (uint32_t)w->harvest.connections.count - fallback - opening
	};
}

const struct wan *world_poll(struct world *w, uint64_t after_ms)
{
	struct made *made = calloc(1, sizeof(*made));
	struct snapshot *snapshot = &made->snapshot;

	w->now_ms += after_ms;
	atomic_init(&snapshot->holders, 1);
	snapshot->taken_ms = w->now_ms;
	snapshot->host = w->host;
	snapshot->wans = made->wans;
	snapshot->joins = made->joins;
	snapshot->wan_count = w->wan_count;
	snapshot->endpoints = made->endpoints;
	snapshot->endpoint_count = w->endpoint_count;
	snapshot->counters = made->counters;
	snapshot->counter_count = w->counter_count;
	memcpy(made->endpoints, w->endpoints, sizeof(made->endpoints));
	memcpy(made->counters, w->counters, sizeof(made->counters));
	for (size_t i = 0; i < w->endpoint_count; i++)
		made->endpoints[i].usable = usable(&made->endpoints[i]);
	for (size_t i = 0; i < w->wan_count; i++)
		complete_wan(w, &w->wans[i], &made->wans[i]);
	count_connections(w, &snapshot->host);
	for (size_t i = 0; i < QUESTIONS; i++)
		snapshot->answers[i].error = w->errors[i];
	w->diagnosed = diagnose(snapshot, &w->history, &w->harvest, &w->settings);
	history_add(&w->history, snapshot, w->settings.window_ms,
		    w->settings.pressure_window_ms);
	snapshot_release(snapshot);
	w->now = snapshot;
	return made->wans;
}

const struct wan *world_run(struct world *w, uint64_t ms)
{
	for (uint64_t past = 0; past < ms; past += WORLD_POLL_MS)
		world_poll(w, WORLD_POLL_MS);
	return world_wan(w, 1);
}

/*
 * --- what is found -----------------------------------------------------------------------------
 */

const struct wan *world_wan(const struct world *w, uint32_t number)
{
	return &w->now->wans[number - 1];
}

const struct finding *world_finding(const struct world *w, uint32_t number, enum cause cause)
{
	for (size_t i = 0; i < w->now->finding_count; i++)
		if (w->now->findings[i].wan_index == (number ? w->wans[number - 1].index : 0) &&
		    w->now->findings[i].cause == cause)
			return &w->now->findings[i];
	return NULL;
}

const char *world_says(const struct world *w, uint32_t number, char *text)
{
	const struct wan *wan = world_wan(w, number);

	snprintf(text, SAID_LEN, "%s %s", state_words[wan->state], cause_words[wan->cause]);
	return text;
}

enum verdict world_verdict(const struct world *w, enum cause cause)
{
	return (enum verdict)w->now->verdicts[cause];
}
