/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/socket.h>
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

/* The device that a join of this WAN is bound to: the endpoint's, if it has one. */
static uint32_t bound_device(const struct snapshot *snapshot, const struct wan *wan)
{
	for (size_t i = 0; i < snapshot->endpoint_count; i++)
		if (snapshot->endpoints[i].wan_index == wan->index &&
		    snapshot->endpoints[i].ifindex)
			return snapshot->endpoints[i].ifindex;
	return 0;
}

struct asking {
	struct source *source;
	const struct ledger *ledger;
	const struct addressbook *book;
	struct snapshot *snapshot;
};

/* Where a join from this line would leave: towards a far end that others reach. */
static void ask_route(const struct asking *asking, struct wan *wan, uint8_t family)
{
	struct route_query query = { .ifindex = bound_device(asking->snapshot, wan) };
	uint32_t ifindex = 0;
	int error;

	if (wan->route_ifindex.known || !ledger_peer(asking->ledger, family, &query.to) ||
	    !addressbook_address_of(asking->book, wan->ifindex, family, &query.from))
		return;
	error = source_ask_route(asking->source, &query, on_route, &ifindex);
	if (!error || no_way(error))
		wan->route_ifindex = (struct maybe_u32){ true, error ? 0 : ifindex };
}

void routes_ask(struct snapshot *snapshot, struct source *source, const struct ledger *ledger,
		const struct addressbook *book)
{
	const struct asking asking = { source, ledger, book, snapshot };

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];

		if (wan->state != WAN_UNJOINED)
			continue;
		ask_route(&asking, wan, AF_INET);
		ask_route(&asking, wan, AF_INET6);
	}
}
