/* SPDX-License-Identifier: MIT */
/* Where a join from an unjoined line would leave: asked from its own endpoints, and only there. */
#include <errno.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "lib/routes.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

enum { ASKED = 8, ENDPOINTS = 4, IFINDEX = 5 };

static struct {
	struct route_query asked[ASKED];
	size_t asked_count;
	bool dead_v4, dead_v6;	/* no route from there */
	bool many;		/* the ways that there are have hops by several devices */
	struct fake *fake;
	struct ledger *ledger;
	struct wan wans[2];
	struct endpoint endpoints[ENDPOINTS];
	struct snapshot snapshot;
} site;

static int route(const struct route_query *query, uint32_t *ifindex)
{
	bool dead = query->from.family == AF_INET ? site.dead_v4 : site.dead_v6;

	if (site.asked_count < ASKED)
		site.asked[site.asked_count++] = *query;
	*ifindex = site.many ? 0 : IFINDEX;
	return dead ? -ENETUNREACH : 0;
}

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)bound_ifindex;
	return local->bytes[0] == 127 ? UNATTRIBUTED : 0;
}

static void reach_from(uint8_t first, uint8_t family, uint64_t cookie)
{
	const struct life life = { .kind = BORN,
				   .cookie = cookie,
				   .tuple = { .local = { family, { first } },
					      .remote = { family, { first, 0, 2, 1 } } },
				   .token = 77,
				   .mptcp = true,
				   .ours = true };

	ledger_life(site.ledger, &life);
}

static void reach(uint8_t family, uint64_t cookie)
{
	reach_from(192, family, cookie);
}

/* 10.0.0.N or such of another family, of that WAN. */
static struct endpoint *endpoint(uint32_t wan_index, uint8_t family, uint8_t last)
{
	struct endpoint *added = &site.endpoints[site.snapshot.endpoint_count++];

	*added = (struct endpoint){ .address = { family, { 10, 0, 0, last } },
				    .flags = ENDPOINT_SUBFLOW,
				    .wan_index = wan_index };
	return added;
}

/* Two unjoined WANs on one interface; others reach a far end of each family. */
static void begin(void)
{
	const struct ledger_settings settings = { .owner = owner, .seed = 1, .subflows_most = 100 };

	memset(&site, 0, sizeof(site));
	site.fake = fake_new();
	site.fake->route = route;
	site.ledger = ledger_new(&settings);
	ledger_mode(site.ledger, ACCOUNTING_EXACT);
	/* Within the host, over no line: what it reaches nobody joins. */
	reach_from(127, AF_INET, 3);
	reach(AF_INET, 1);
	reach(AF_INET6, 2);
	for (uint32_t i = 0; i < 2; i++)
		site.wans[i] = (struct wan){ .index = i + 1,
					     .ifindex = IFINDEX,
					     .state = WAN_UNJOINED };
	site.snapshot.wans = site.wans;
	site.snapshot.wan_count = 2;
	site.snapshot.endpoints = site.endpoints;
}

static void ask(void)
{
	site.asked_count = 0;
	site.wans[0].route_ifindex = site.wans[1].route_ifindex = (struct maybe_u32){ 0 };
	routes_ask(&site.snapshot, &site.fake->source, site.ledger);
}

static void end(void)
{
	source_close(&site.fake->source);
	ledger_free(site.ledger);
}

static void is_route(const struct wan *wan, bool known, uint32_t ifindex, const char *what)
{
	ok(wan->route_ifindex.known == known && wan->route_ifindex.value == ifindex, "%s", what);
}

static void two_wans_on_one_interface(void)
{
	begin();
	endpoint(1, AF_INET, 1)->ifindex = IFINDEX;
	endpoint(2, AF_INET, 2);
	ask();
	ok(site.asked_count == 2 && site.asked[0].from.bytes[3] == 1 &&
		   site.asked[1].from.bytes[3] == 2,
	   "each from its own address");
	ok(site.asked[0].ifindex == IFINDEX && !site.asked[1].ifindex,
	   "bound to a device if its endpoint is");
	is_u64(site.asked[0].to.bytes[0], 192, "towards a far end that others reach");
	is_route(&site.wans[1], true, IFINDEX, "there is a way");
	site.wans[0].state = WAN_QUIET;
	ask();
	is_u64(site.asked_count, 1, "of an unjoined one only");
	is_route(&site.wans[0], false, 0, "of the other nothing is said");
	end();
}

static void what_nobody_joins_from_is_not_asked(void)
{
	begin();
	endpoint(1, AF_INET, 1)->stale = true;
	endpoint(1, AF_INET, 2)->flags = ENDPOINT_SIGNAL;
	endpoint(1, AF_INET, 3)->flags |= ENDPOINT_IMPLICIT;
	ask();
	is_u64(site.asked_count, 0, "stale, announced or the kernel's own");
	is_route(&site.wans[0], false, 0, "so nothing is known");
	end();
}

static void two_families(void)
{
	begin();
	endpoint(1, AF_INET, 1);
	endpoint(1, AF_INET6, 2);
	site.dead_v4 = true;
	ask();
	is_route(&site.wans[0], true, IFINDEX, "one has a way: so has the line");
	site.dead_v4 = false;
	site.dead_v6 = true;
	ask();
	is_route(&site.wans[0], true, IFINDEX, "whichever");
	site.dead_v4 = true;
	ask();
	is_route(&site.wans[0], true, 0, "none of either is none");
	site.dead_v4 = false;
	site.many = true;
	ask();
	is_route(&site.wans[0], false, 0, "a way by several devices from one: nobody says which");
	site.dead_v4 = true;
	site.dead_v6 = false;
	ask();
	is_route(&site.wans[0], false, 0, "from the other: there is one all the same");
	site.fake->route = NULL;
	ask();
	is_route(&site.wans[0], false, 0, "a source that cannot tell says nothing");
	end();
}

int main(void)
{
	two_wans_on_one_interface();
	what_nobody_joins_from_is_not_asked();
	two_families();
	return tap_done();
}
