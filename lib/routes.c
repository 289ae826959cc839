/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/netlink.h"
#include "lib/routes.h"

struct call {
	uint32_t bound_ifindex;
	struct maybe_u32 ifindex;
};

static int on_route(const void *buf, size_t len, void *arg)
{
	struct call *call = arg;
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error)))
		if (parse_route(nlh, call->bound_ifindex, &call->ifindex) < 0)
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

/* What the endpoints of a line were answered. */
struct ways {
	uint32_t ifindex; /* a way by this interface; 0: none has said so */
	bool none;	  /* there is no way from one */
	bool unclear;	  /* nobody can say of one, or there is a way and not by which interface */
};

/* That there is no way from one is the line's answer only if there is none from any. */
static struct maybe_u32 answer_of(const struct ways *ways)
{
	return (struct maybe_u32){ ways->ifindex || (ways->none && !ways->unclear), ways->ifindex };
}

/* Where a join from it would leave: towards a far end of its family that others reach. */
static void ask_route(const struct asking *asking, const struct endpoint *endpoint,
		      struct ways *ways)
{
	struct route_query query = { .from = endpoint->address, .ifindex = endpoint->ifindex };
	struct call call = { .bound_ifindex = endpoint->ifindex };
	int error;

	if (!ledger_peer(asking->ledger, endpoint->address.family, &query.to))
		return;
	error = source_ask_route(asking->source, &query, on_route, &call);
	if (no_way(error) || (!error && call.ifindex.known && !call.ifindex.value))
		ways->none = true;
	else if (error || !call.ifindex.known)
		ways->unclear = true;
	else if (!ways->ifindex)
		ways->ifindex = call.ifindex.value;
}

void routes_ask(struct snapshot *snapshot, struct source *source, const struct ledger *ledger)
{
	const struct asking asking = { source, ledger };

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		struct ways ways = { 0 };

		for (size_t j = 0; j < snapshot->endpoint_count && wan->state == WAN_UNJOINED;
		     j++) {
			const struct endpoint *endpoint = &snapshot->endpoints[j];

			if (endpoint->wan_index == wan->index && !endpoint->stale &&
			    endpoint->flags & ENDPOINT_SUBFLOW &&
			    !(endpoint->flags & ENDPOINT_IMPLICIT))
				ask_route(&asking, endpoint, &ways);
		}
		wan->route_ifindex = answer_of(&ways);
	}
}
