/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/netlink.h"
#include "lib/routes.h"

static int on_route(const void *buf, size_t len, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error)))
		if (parse_route(nlh, arg) < 0)
			return -EBADMSG;
	return error;
}

static bool no_way(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EINVAL ||
	       error == -EACCES || error == -ENETDOWN || error == -ENODEV;
}

struct asking {
	struct source *source;
	const struct ledger *ledger;
};

/*
 * Where a join from this endpoint would leave: towards a far end of its family that others reach.
 * That there is no way from one is the line's answer only if there is none from any.
 */
static void ask_route(const struct asking *asking, struct wan *wan, const struct endpoint *endpoint)
{
	struct route_query query = { .from = endpoint->address, .ifindex = endpoint->ifindex };
	uint32_t ifindex = 0;
	int error;

	if (!ledger_peer(asking->ledger, endpoint->address.family, &query.to))
		return;
	error = source_ask_route(asking->source, &query, on_route, &ifindex);
	if (error && !no_way(error))
		return;
	if (!wan->route_ifindex.known || !wan->route_ifindex.value)
		wan->route_ifindex = (struct maybe_u32){ true, error ? 0 : ifindex };
}

void routes_ask(struct snapshot *snapshot, struct source *source, const struct ledger *ledger)
{
	const struct asking asking = { source, ledger };

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];

		for (size_t j = 0; j < snapshot->endpoint_count && wan->state == WAN_UNJOINED;
		     j++) {
			const struct endpoint *endpoint = &snapshot->endpoints[j];

			if (endpoint->wan_index == wan->index && !endpoint->stale &&
			    endpoint->flags & ENDPOINT_SUBFLOW &&
			    !(endpoint->flags & ENDPOINT_IMPLICIT))
				ask_route(&asking, wan, endpoint);
		}
	}
}
