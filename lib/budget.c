/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include "lib/budget.h"

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * --- what is observed --------------------------------------------------------------------------
 */

/* How connections of ours bear on lines that have one family only. */
struct families {
	bool to_v4, to_v6; /* that connections were opened to */
	bool both;	   /* a socket may use the other one, too */
};

static void look_at_connections(struct host *host, const struct harvest *harvest,
				struct families *families)
{
	uint32_t far = 0;

	host->families = 0;
	for (size_t i = 0; i < harvest->connections.count; i++) {
		const struct connection *connection = &harvest->connections.rows[i];
		bool v4 = connection->remote.family == AF_INET,
		     v6 = connection->remote.family == AF_INET6;

		if (!connection->ours || connection->fallback || !connection->established)
			continue;
		families->to_v4 |= v4;
		families->to_v6 |= v6;
		families->both |= connection->both_families;
		host->families |= (v4 || connection->on_v4 ? (uint32_t)FAMILY_V4 : 0) |
				  (v6 || connection->on_v6 ? (uint32_t)FAMILY_V6 : 0);
		far = greater(far, 1u + connection->accepted);
	}
	host->far_addresses = (struct maybe_u32){ far != 0, far };
}

void budget_observe(struct snapshot *snapshot, const struct harvest *harvest,
		    const struct settings *settings)
{
	const struct memory *memory = &snapshot->memory;
	uint32_t most = greater(memory->limit_most, memory->endpoints_most);
	struct host *host = &snapshot->host;
	struct families families = { 0 };
	struct budget budget;

	look_at_connections(host, harvest, &families);
	host->ceiling_assumed = !settings->expect.ceiling;
	host->ceiling =
		host->ceiling_assumed ? greater(BUDGET_KERNEL_MOST, most) : settings->expect.ceiling;
	/* A kernel that has ever held more than usual may hold more still. */
	host->endpoint_ceiling = host->ceiling_assumed
					 ? greater(BUDGET_KERNEL_MOST, memory->endpoints_most)
					 : settings->expect.ceiling;
	/* Lines that have only the other family are reached by an announced address. */
	budget = budget_of(snapshot);
	host->add_addr_needed = (struct maybe_u32){
		true,
		families.both &&
			((families.to_v4 && !families.to_v6 && budget.lines > budget.lines_v4) ||
			 (families.to_v6 && !families.to_v4 && budget.lines > budget.lines_v6))
	};
}

/*
 * --- the arithmetic ----------------------------------------------------------------------------
 */

/* Endpoints of one WAN that a join may begin from. */
struct joinable {
	uint32_t v4, v6;
};

static struct joinable joinable_of(const struct snapshot *snapshot, const struct wan *wan)
{
	struct joinable joinable = { 0 };

	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];

		if (!endpoint->usable || endpoint->wan_index != wan->index)
			continue;
		joinable.v4 += endpoint->address.family == AF_INET;
		joinable.v6 += endpoint->address.family != AF_INET;
	}
	return joinable;
}

static void count_lines(struct budget *budget, const struct snapshot *snapshot)
{
	budget->first_line_listed = true;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];
		struct joinable joinable = joinable_of(snapshot, wan);

		/* Plain Linux often has no endpoint for the line of its default route. */
		budget->first_line_listed &= !(wan->subflows && !joinable.v4 && !joinable.v6);
		if (!wan->up || (!joinable.v4 && !joinable.v6))
			continue;
		budget->lines++;
		budget->lines_v4 += joinable.v4 > 0;
		budget->lines_v6 += joinable.v6 > 0;
	}
}

static void count_endpoints(struct budget *budget, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		const struct wan *wan = snapshot_wan(snapshot, endpoint->wan_index);
		bool fullmesh = endpoint->flags & ENDPOINT_FULLMESH;

		if (!wan || !wan->up || !endpoint->usable) {
			budget->others++;
		} else if (endpoint->address.family == AF_INET) {
			budget->endpoints_v4++;
			budget->fullmesh_v4 += fullmesh;
		} else {
			budget->endpoints_v6++;
			budget->fullmesh_v6 += fullmesh;
		}
	}
	budget->fullmesh = budget->fullmesh_v4 + budget->fullmesh_v6;
	budget->table = (uint32_t)snapshot->endpoint_count;
}

/* While nobody connects, either family may be used. */
static void count_terms(struct budget *budget, uint32_t families)
{
	uint32_t fullmesh;

	budget->v4 = families & FAMILY_V4 || !(families & FAMILY_V6);
	budget->v6 = families & FAMILY_V6 || !(families & FAMILY_V4);
	budget->endpoints =
		(budget->v4 ? budget->endpoints_v4 : 0) + (budget->v6 ? budget->endpoints_v6 : 0);
	if (budget->v4 && budget->v6 && budget->far == 1) {
		/* No connection uses both: the larger one counts. */
		budget->endpoints = greater(budget->endpoints_v4, budget->endpoints_v6);
	} else if (budget->v4 != budget->v6) {
		fullmesh = budget->v4 ? budget->fullmesh_v4 : budget->fullmesh_v6;
		budget->announced = budget->far - 1;
		budget->each = fullmesh ? fullmesh : 1;
	}
	budget->first = budget->first_line_listed && budget->endpoints + budget->announced > 0;
	budget->needed = budget->endpoints + budget->announced * budget->each - budget->first;
}

struct budget budget_of(const struct snapshot *snapshot)
{
	const struct host *host = &snapshot->host;
	struct budget budget = {
		.far = host->far_addresses.known ? host->far_addresses.value : 1,
		.limit = host->subflow_limit,
		.accept = host->add_addr_limit,
		.accept_needed = host->add_addr_needed.value,
		.ceiling = host->ceiling,
		.ceiling_assumed = host->ceiling_assumed,
		.table_most = host->endpoint_ceiling,
	};

	count_endpoints(&budget, snapshot);
	count_lines(&budget, snapshot);
	count_terms(&budget, host->families);
	if (host->subflows_needed.known && host->subflows_needed.value > budget.needed) {
		budget.unlisted = host->subflows_needed.value - budget.needed;
		budget.needed = host->subflows_needed.value;
	}
	budget.table_full = budget.table >= budget.table_most &&
			    (!budget.ceiling_assumed || budget.table_most == BUDGET_KERNEL_MOST);
	return budget;
}

const char *budget_way_out(const struct budget *budget)
{
	if (budget->fullmesh && budget->far > 1)
		return "let the far end announce fewer addresses, or take fullmesh from the "
		       "endpoints";
	return budget->endpoints_v6 && budget->endpoints_v4 ? "remove the endpoints of one family"
							    : "leave lines out";
}
