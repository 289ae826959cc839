/* SPDX-License-Identifier: MIT */
/*
 * Endpoints, addresses and lines joined: which endpoints are only a memory, since when a line may
 * be joined, who else has its address. eth1 (5) has 10.0.0.1, eth2 (6) 10.0.0.2.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/snapshot.h"
#include "tests/tap.h"

enum { SUBFLOW = ENDPOINT_SUBFLOW, ENDPOINTS = 4 };

struct stand {
	struct harvest harvest;
	struct endpoint endpoints[ENDPOINTS];
	struct registry registry;
	struct settings settings;
	struct addressbook *book;
	struct ledger *ledger;
	const struct snapshot *now;
	uint64_t now_ms;
};

static struct address v4(uint8_t last)
{
	return (struct address){ AF_INET, { 10, 0, 0, last } };
}

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)local, (void)bound_ifindex;
	return 0;
}

static void link_is(struct stand *s, uint32_t ifindex, const char *name, bool up)
{
	struct link_row row = { .ifindex = ifindex, .admin_up = true, .up = up };

	snprintf(row.name, sizeof(row.name), "%s", name);
	addressbook_link(s->book, &row, s->now_ms);
}

static void link_gone(struct stand *s, uint32_t ifindex)
{
	const struct link_row row = { .ifindex = ifindex, .gone = true };

	addressbook_link(s->book, &row, s->now_ms);
}

static void address(struct stand *s, uint32_t ifindex, uint8_t last, bool gone)
{
	const struct address_row row = {
		.ifindex = ifindex, .address = v4(last), .gone = gone, .usable = true
	};

	addressbook_address(s->book, &row, s->now_ms);
}

static struct endpoint *endpoint(struct stand *s, uint8_t last, uint32_t ifindex, uint32_t flags)
{
	struct endpoint *added = &s->endpoints[s->harvest.endpoint_count++];

	*added = (struct endpoint){ .id = (uint32_t)s->harvest.endpoint_count,
				    .address = v4(last),
				    .ifindex = ifindex,
				    .flags = flags,
				    .first_ms = s->now_ms };
	return added;
}

static struct stand *stand(void)
{
	const struct ledger_settings ledger = { .owner = owner, .subflows_most = 10 };
	struct stand *s = calloc(1, sizeof(*s));

	s->now_ms = 10000;
	settings_default(&s->settings);
	registry_init(&s->registry);
	s->harvest.endpoints = s->endpoints;
	s->book = addressbook_new();
	s->ledger = ledger_new(&ledger);
	addressbook_dump_begin(s->book);
	link_is(s, 5, "eth1", true);
	link_is(s, 6, "eth2", true);
	address(s, 5, 1, false);
	address(s, 6, 2, false);
	addressbook_dump_end(s->book, s->now_ms);
	return s;
}

static void leave(struct stand *s)
{
	snapshot_release(s->now);
	addressbook_free(s->book);
	ledger_free(s->ledger);
	free(s);
}

/* Links that are there are named by each dump; their addresses are then counted. */
static void look(struct stand *s)
{
	const struct ingredients in = { .harvest = &s->harvest,
					.registry = &s->registry,
					.book = s->book,
					.ledger = s->ledger,
					.settings = &s->settings,
					.accounting_reason = "",
					.now_ms = s->now_ms,
					.wall_ms = UINT64_C(1800000000000) };

	snapshot_release(s->now);
	s->now = snapshot_build(&in);
	s->now_ms += 5000;
}

static const struct wan *wan(const struct stand *s, const char *name)
{
	for (size_t i = 0; i < s->now->wan_count; i++)
		if (!strcmp(s->now->wans[i].name, name))
			return &s->now->wans[i];
	abort();
}

static void an_address_that_is_gone(void)
{
	struct stand *s = stand();

	endpoint(s, 1, 0, SUBFLOW);
	endpoint(s, 2, 6, SUBFLOW);
	look(s);
	ok(!s->now->endpoints[0].stale && !s->now->endpoints[1].stale, "both are there");
	ok(wan(s, "eth1")->usable_endpoint && wan(s, "eth2")->usable_endpoint, "and of use");
	address(s, 5, 1, true);
	look(s);
	ok(s->now->endpoints[0].stale && !s->now->endpoints[1].stale, "one lost its address");
	ok(wan(s, "eth1")->endpoints_stale == 1 && !wan(s, "eth1")->endpoints_v4, "it is a memory");
	ok(!wan(s, "eth1")->usable_endpoint && wan(s, "eth1")->ever_usable_endpoint, "of no use");
	is_text(s->now->endpoints[0].wan_name, "eth1", "whose it was is known");
	ok(!wan(s, "eth1")->endpoints_unusable, "its flags are not at fault");
	leave(s);
}

static void an_interface_made_anew(void)
{
	struct stand *s = stand();

	endpoint(s, 1, 5, SUBFLOW);
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 10000, "attached");
	link_gone(s, 5);
	link_is(s, 9, "eth1", true);
	address(s, 9, 1, false);
	addressbook_dump_begin(s->book);
	link_is(s, 6, "eth2", true);
	link_is(s, 9, "eth1", true);
	address(s, 6, 2, false);
	address(s, 9, 1, false);
	addressbook_dump_end(s->book, s->now_ms);
	look(s);
	ok(s->now->endpoints[0].stale, "the endpoint is bound to the index that is gone");
	ok(wan(s, "eth1")->ifindex == 9 && wan(s, "eth1")->up, "the line is up");
	ok(wan(s, "eth1")->endpoints_stale == 1 && !wan(s, "eth1")->attached_ms, "not attached");
	s->endpoints[0].ifindex = 9;
	s->endpoints[0].first_ms = s->now_ms;
	look(s);
	ok(!s->now->endpoints[0].stale && wan(s, "eth1")->usable_endpoint, "added anew");
	is_u64(wan(s, "eth1")->attached_ms, 20000, "attached since then");
	leave(s);
}

static void an_address_that_has_moved(void)
{
	struct stand *s = stand();

	endpoint(s, 1, 0, SUBFLOW);
	endpoint(s, 2, 6, SUBFLOW);
	look(s);
	address(s, 5, 1, true);
	address(s, 6, 1, false);
	look(s);
	ok(!s->now->endpoints[0].stale, "an endpoint without device moves with its address");
	is_text(s->now->endpoints[0].wan_name, "eth2", "to another line");
	address(s, 6, 2, true);
	address(s, 5, 2, false);
	look(s);
	ok(s->now->endpoints[1].stale, "one with a device does not");
	is_text(s->now->endpoints[1].wan_name, "eth2", "and stays its line's");
	leave(s);
}

static void a_line_by_addresses(void)
{
	struct stand *s = stand();
	struct wan_settings *settings = settings_add_wan(&s->settings, "dsl", (char[WHY_LEN]){ 0 });

	settings_set_wan(&s->settings, settings, "addresses", "10.0.0.1", (char[WHY_LEN]){ 0 });
	registry_configure(&s->registry, &s->settings, NULL, NULL);
	endpoint(s, 1, 5, SUBFLOW);
	look(s);
	ok(wan(s, "dsl")->ifindex == 5 && wan(s, "dsl")->endpoints_v4 == 1, "on eth1");
	address(s, 5, 1, true);
	look(s);
	ok(!wan(s, "dsl")->ifindex && wan(s, "dsl")->endpoints_stale == 1, "nowhere");
	address(s, 6, 1, false);
	look(s);
	is_u64(wan(s, "dsl")->ifindex, 6, "its address is on eth2 now");
	ok(wan(s, "dsl")->endpoints_stale == 1 && !wan(s, "dsl")->usable_endpoint,
	   "where its endpoint, bound to eth1, is of no use");
	s->endpoints[0].ifindex = 0;
	look(s);
	ok(!wan(s, "dsl")->endpoints_stale && wan(s, "dsl")->endpoints_v4 == 1, "one for any is");
	leave(s);
}

static void flags_that_let_nobody_join(void)
{
	static const struct {
		const char *what;
		uint32_t flags;
		bool usable, unusable;
	} endpoints[] = {
		{ "subflow", SUBFLOW, true, false },
		{ "signal", ENDPOINT_SIGNAL, false, true },
		{ "backup fullmesh", ENDPOINT_BACKUP | ENDPOINT_FULLMESH, false, true },
		{ "none", 0, false, true },
		{ "the kernel's own", ENDPOINT_IMPLICIT, false, false },
		{ "the kernel's own subflow", ENDPOINT_IMPLICIT | SUBFLOW, false, false },
	};

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		struct stand *s = stand();

		registry_on_device(&s->registry, "eth1", 0);
		endpoint(s, 1, 0, endpoints[i].flags);
		look(s);
		ok(wan(s, "eth1")->usable_endpoint == endpoints[i].usable &&
			   wan(s, "eth1")->endpoints_unusable == endpoints[i].unusable,
		   "%s", endpoints[i].what);
		address(s, 5, 1, true);
		look(s);
		is_u64(wan(s, "eth1")->endpoints_stale, !(endpoints[i].flags & ENDPOINT_IMPLICIT),
		       "%s, without its address", endpoints[i].what);
		leave(s);
	}
}

static void since_when_it_may_be_joined(void)
{
	struct stand *s = stand();

	endpoint(s, 1, 0, SUBFLOW);
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 10000, "since our first look");
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 10000, "it stays so");
	endpoint(s, 1, 5, SUBFLOW);
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 10000, "the oldest endpoint counts");
	s->endpoints[0].flags = ENDPOINT_FULLMESH;
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 20000, "that is of use");
	link_is(s, 5, "eth1", false);
	look(s);
	ok(!wan(s, "eth1")->attached_ms && !wan(s, "eth1")->up && !wan(s, "eth1")->carrier &&
		   wan(s, "eth1")->admin_up,
	   "no carrier: not");
	link_is(s, 5, "eth1", true);
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 35000, "up since now");
	s->harvest.endpoint_count = 0;
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 0, "its endpoints were taken away");
	endpoint(s, 1, 0, SUBFLOW);
	look(s);
	is_u64(wan(s, "eth1")->attached_ms, 45000, "and given back");
	leave(s);
}

static void somebody_has_its_address(void)
{
	struct stand *s = stand();

	registry_on_device(&s->registry, "eth1", 0);
	registry_on_device(&s->registry, "eth2", 0);
	look(s);
	is_text(wan(s, "eth1")->rival, "", "nobody has");
	address(s, 6, 1, false);
	look(s);
	is_text(wan(s, "eth1")->rival, "eth2", "eth2 has");
	is_text(wan(s, "eth2")->rival, "eth1", "from either side");
	endpoint(s, 1, 0, SUBFLOW);
	look(s);
	ok(!s->now->endpoints[0].stale && !s->now->endpoints[0].wan_index,
	   "an endpoint for any device: whose it is cannot be said, but it is no memory");
	s->endpoints[0].ifindex = 6;
	look(s);
	is_text(s->now->endpoints[0].wan_name, "eth2", "with a device it can");
	s->harvest.endpoint_count = 0;
	link_gone(s, 6);
	look(s);
	is_text(wan(s, "eth1")->rival, "", "it has gone");
	leave(s);
}

int main(void)
{
	an_address_that_is_gone();
	an_interface_made_anew();
	an_address_that_has_moved();
	a_line_by_addresses();
	flags_that_let_nobody_join();
	since_when_it_may_be_joined();
	somebody_has_its_address();
	return tap_done();
}
