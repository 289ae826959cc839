/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include "lib/budget.h"

/* Linux has had this for both since the path manager came; patched kernels have more. */
enum { KERNEL_MOST = 8 };

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static bool for_joins(const struct endpoint *endpoint)
{
	return endpoint->flags & ENDPOINT_SUBFLOW && !(endpoint->flags & ENDPOINT_IMPLICIT) &&
	       !endpoint->stale;
}

static void count_endpoints(struct budget *budget, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		const struct wan *wan = snapshot_wan(snapshot, endpoint->wan_index);

		bool fullmesh = endpoint->flags & ENDPOINT_FULLMESH;

		if (!wan || !wan->up || !for_joins(endpoint)) {
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

static void count_lines(struct budget *budget, const struct snapshot *snapshot)
{
	budget->first_line_listed = true;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];

		/* Plain Linux often has no endpoint for the line of its default route. */
		budget->first_line_listed &= !(wan->subflows && !wan->usable_endpoint);
		if (!wan->up || !wan->usable_endpoint)
			continue;
		budget->lines++;
		budget->lines_v4 += wan->endpoints_v4 > 0;
		budget->lines_v6 += wan->endpoints_v6 > 0;
	}
}

/* The families and far addresses that connections of ours use. */
struct families {
	bool v4, v6;	   /* that subflows use */
	bool to_v4, to_v6; /* that connections were opened to */
	bool both;	   /* a socket may use the other one, too */
};

static void look_at_connections(struct budget *budget, const struct harvest *harvest,
				struct families *families)
{
	budget->far = 1;
	for (size_t i = 0; i < harvest->connections.count; i++) {
		const struct connection *connection = &harvest->connections.rows[i];

		if (!connection->ours || connection->fallback || !connection->established)
			continue;
		families->to_v4 |= connection->remote.family == AF_INET;
		families->to_v6 |= connection->remote.family == AF_INET6;
		families->v4 |= connection->remote.family == AF_INET || connection->on_v4;
		families->v6 |= connection->remote.family == AF_INET6 || connection->on_v6;
		families->both |= connection->both_families;
		budget->far = greater(budget->far, 1u + connection->accepted);
	}
}

/* Subflows to the announced addresses of a connection of one family. */
static uint32_t to_announced(const struct budget *budget, bool v4)
{
	uint32_t fullmesh = v4 ? budget->fullmesh_v4 : budget->fullmesh_v6;

	return (budget->far - 1) * (fullmesh ? fullmesh : 1);
}

struct budget budget_of(const struct snapshot *snapshot, const struct harvest *harvest,
			const struct settings *settings)
{
	struct budget budget = {
		.limit = harvest->limits.subflows,
		.accept = harvest->limits.add_addr,
	};
	struct families families = { 0 };
	bool v4, v6;
	uint32_t pairs, most;

	count_endpoints(&budget, snapshot);
	count_lines(&budget, snapshot);
	look_at_connections(&budget, harvest, &families);
	v4 = families.v4 || !families.v6;
	v6 = families.v6 || !families.v4;
	pairs = (v4 ? budget.endpoints_v4 : 0) + (v6 ? budget.endpoints_v6 : 0);
	if (v4 && v6 && budget.far == 1) /* no connection uses both: the larger counts */
		pairs = greater(budget.endpoints_v4, budget.endpoints_v6);
	else if (v4 != v6)
		pairs += to_announced(&budget, v4);
	budget.needed = pairs > budget.first_line_listed ? pairs - budget.first_line_listed : 0;
	/* Lines that have only the other family are reached by an announced address. */
	budget.accept_needed =
		families.both &&
		((families.to_v4 && !families.to_v6 && budget.lines > budget.lines_v4) ||
		 (families.to_v6 && !families.to_v4 && budget.lines > budget.lines_v6));
	most = greater(snapshot->memory.limit_most, snapshot->memory.endpoints_most);
	budget.ceiling_assumed = !settings->expect.ceiling;
	budget.ceiling =
		budget.ceiling_assumed ? greater(KERNEL_MOST, most) : settings->expect.ceiling;
	budget.table_most = greater(KERNEL_MOST, snapshot->memory.endpoints_most);
	/* A kernel that has ever held more than usual may hold more still. */
	if (settings->expect.ceiling)
		budget.table_most = settings->expect.ceiling;
	budget.table_full = budget.table >= budget.table_most &&
			    (settings->expect.ceiling || budget.table_most == KERNEL_MOST);
	return budget;
}
