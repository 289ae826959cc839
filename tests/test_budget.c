/* SPDX-License-Identifier: MIT */
/* What a connection needs of the path manager, by hand: the seed, dual stack, several far ends. */
#include <sys/socket.h>
#include "lib/budget.h"
#include "tests/tap.h"

enum { LINES = 6, ENDPOINTS = 16 };
enum family { V4 = 1, V6 = 2 };

static struct {
	struct snapshot snapshot;
	struct wan wans[LINES];
	struct endpoint endpoints[ENDPOINTS];
	struct connection connection;
	struct harvest harvest;
	struct settings settings;
} site;

static void endpoint(uint32_t wan, enum family family, uint32_t flags)
{
	site.endpoints[site.snapshot.endpoint_count++] = (struct endpoint){
		.address = { .family = family == V4 ? AF_INET : AF_INET6 },
		.flags = flags,
		.wan_index = wan,
		.usable = flags & ENDPOINT_SUBFLOW && !(flags & ENDPOINT_IMPLICIT),
	};
	*(family == V4 ? &site.wans[wan - 1].endpoints_v4 : &site.wans[wan - 1].endpoints_v6) += 1;
}

/* Lines with endpoints of these families, and one IPv4 connection over all. */
static void begin(uint32_t lines, int families, uint32_t flags)
{
	memset(&site, 0, sizeof(site));
	settings_default(&site.settings);
	site.snapshot.wans = site.wans;
	site.snapshot.endpoints = site.endpoints;
	site.snapshot.wan_count = lines;
	site.snapshot.host.subflow_limit = site.snapshot.host.add_addr_limit =
		(struct maybe_u32){ true, 8 };
	site.harvest.connections.rows = &site.connection;
	site.harvest.connections.count = 1;
	site.connection = (struct connection){
		.both_families = true,
		.remote = { .family = AF_INET }, .ours = true, .established = true, .on_v4 = 1
	};
	for (uint32_t i = 1; i <= lines; i++) {
		site.wans[i - 1] = (struct wan){ .index = i, .up = true, .subflows = 1 };
		for (int family = V4; family <= V6; family++)
			if (families & family)
				endpoint(i, (enum family)family, flags);
	}
}

static struct budget budget(void)
{
	budget_observe(&site.snapshot, &site.harvest, &site.settings);
	return budget_of(&site.snapshot);
}

static void one_family(void)
{
	begin(6, V4, ENDPOINT_SUBFLOW);
	is_u64(budget().needed, 5, "six lines: five more than the first");
	is_u64(budget().accept_needed, 0, "and no announced address");
	ok(budget().lines == 6 && budget().lines_v4 == 6 && !budget().lines_v6, "lines");
	ok(budget().endpoints_v4 == 6 && budget().table == 6 && !budget().others, "endpoints");
	ok(budget().first_line_listed && budget().far == 1 && !budget().fullmesh, "the first's");
	site.wans[2].up = false;
	is_u64(budget().needed, 4, "one is down");
	is_u64(budget().others, 1, "its endpoint serves nobody");
	site.endpoints[0].wan_index = 0;
	is_u64(budget().needed, 4, "the first line has no endpoint: all others are extra");
	ok(!budget().first_line_listed && budget().lines == 4, "which is told");

	begin(1, V4, ENDPOINT_SUBFLOW);
	is_u64(budget().needed, 0, "one line needs nothing");
	begin(0, 0, 0);
	is_u64(budget().needed, 0, "none neither");
}

static void what_serves_no_join(void)
{
	begin(3, V4, ENDPOINT_SUBFLOW);
	endpoint(1, V4, ENDPOINT_SIGNAL);
	endpoint(2, V4, ENDPOINT_SUBFLOW | ENDPOINT_IMPLICIT);
	endpoint(3, V4, ENDPOINT_SUBFLOW);
	site.endpoints[5].usable = false;
	is_u64(budget().needed, 2, "announced, implicit and stale ones make no subflow");
	is_u64(budget().others, 3, "but they are in the table");
	is_u64(budget().table, 6, "all of them");
}

static void several_far_addresses(void)
{
	begin(6, V4, ENDPOINT_SUBFLOW | ENDPOINT_FULLMESH);
	site.connection.accepted = 1;
	ok(budget().fullmesh && budget().far == 2, "fullmesh, two far addresses");
	is_u64(budget().needed, 11, "six by two, but for the first");
	site.connection.accepted = 2;
	is_u64(budget().needed, 17, "six by three");
	for (int i = 0; i < 4; i++)
		site.endpoints[i].flags = ENDPOINT_SUBFLOW;
	is_u64(budget().needed, 9, "of two that are fullmesh: six, and two by two more");
	begin(6, V4, ENDPOINT_SUBFLOW);
	site.connection.accepted = 2;
	is_u64(budget().needed, 7, "without fullmesh one subflow to each that is announced");
	site.connection.ours = false;
	is_u64(budget().needed, 5, "of theirs it does not matter");
	site.connection.ours = true;
	site.connection.fallback = true;
	is_u64(budget().far, 1, "nor of one in fallback");
}

static void dual_stack(void)
{
	begin(4, V4 | V6, ENDPOINT_SUBFLOW);
	is_u64(budget().needed, 3, "an IPv4 connection uses four endpoints of eight");
	ok(budget().endpoints_v4 == 4 && budget().endpoints_v6 == 4 && budget().lines == 4,
	   "4 + 4");
	is_u64(budget().accept_needed, 0, "each line has both");
	site.connection.on_v6 = 1;
	site.connection.accepted = 1;
	is_u64(budget().needed, 7, "one that has reached IPv6 by announcement uses all");
	site.harvest.connections.count = 0;
	is_u64(budget().needed, 3, "nobody connects: the larger family");
	begin(3, V4, ENDPOINT_SUBFLOW);
	site.wans[2].endpoints_v4 = 0;
	site.wans[2].endpoints_v6 = 1;
	site.endpoints[2].address.family = AF_INET6;
	is_u64(budget().accept_needed, 1, "a line of the other family needs an announcement");
	site.connection.remote.family = AF_INET6;
	site.connection.on_v4 = 0;
	is_u64(budget().accept_needed, 1, "from whichever side");
	site.connection.on_v4 = 1;
	is_u64(budget().accept_needed, 1, "one that has both still needs it");
}

static void the_ceiling(void)
{
	begin(2, V4, ENDPOINT_SUBFLOW);
	ok(budget().ceiling == 8 && budget().ceiling_assumed, "what Linux has always had");
	is_u64(budget().table_most, 8, "and its table");
	site.snapshot.memory.limit_most = 12;
	is_u64(budget().ceiling, 12, "or what was in force once");
	site.snapshot.memory.endpoints_most = 20;
	ok(budget().ceiling == 20 && budget().table_most == 20, "a patched kernel");
	site.settings.expect.ceiling = 6;
	ok(budget().ceiling == 6 && !budget().ceiling_assumed, "as configured");
	begin(5, V4 | V6, ENDPOINT_SUBFLOW);
	site.snapshot.memory.endpoints_most = 10;
	ok(!budget().table_full, "ten in the table: a kernel with more room, nobody knows how much");
	site.snapshot.endpoint_count = 8;
	ok(!budget().table_full, "nor are eight of it all");
	site.snapshot.memory.endpoints_most = 8;
	ok(budget().table_full, "eight, and never more, are");
	site.settings.expect.ceiling = 9;
	ok(!budget().table_full && budget().table_most == 9, "unless its owner knows of more");
	site.snapshot.endpoint_count = 9;
	ok(budget().table_full, "which may be full, too");
	site.snapshot.host.subflow_limit = site.snapshot.host.add_addr_limit =
		(struct maybe_u32){ 0 };
	ok(!budget().limit.known && !budget().accept.known, "limits that nobody has told");
}

/* Whoever shows the arithmetic shows these. */
static void the_terms(void)
{
	begin(6, V4, ENDPOINT_SUBFLOW | ENDPOINT_FULLMESH);
	site.connection.accepted = 1;
	ok(budget().endpoints == 6 && budget().announced == 1 && budget().each == 6 &&
		   budget().first == 1 && !budget().unlisted && budget().needed == 11,
	   "6 + 1 x 6 - 1 = 11");
	ok(budget().v4 && !budget().v6, "of IPv4");
	is_text(budget_way_out(&(struct budget){ .fullmesh = true, .far = 2 }),
		"let the far end announce fewer addresses, or take fullmesh from the endpoints",
		"what else to do");
	begin(4, V4 | V6, ENDPOINT_SUBFLOW);
	site.connection.on_v6 = 1;
	site.connection.accepted = 1;
	ok(budget().endpoints == 8 && !budget().announced && budget().first == 1 &&
		   budget().v4 && budget().v6,
	   "8 - 1 = 7, of both families");
	is_text(budget_way_out(&(struct budget){ .endpoints_v4 = 4, .endpoints_v6 = 4 }),
		"remove the endpoints of one family", "of two families");
	is_text(budget_way_out(&(struct budget){ .endpoints_v4 = 9 }), "leave lines out",
		"or else");
	begin(3, V4, ENDPOINT_SUBFLOW);
	site.snapshot.host.subflows_needed = (struct maybe_u32){ true, 4 };
	ok(budget().needed == 4 && budget().unlisted == 2, "two more were found to be needed");
	site.snapshot.host.subflows_needed.value = 1;
	ok(budget().needed == 2 && !budget().unlisted, "never less than the terms say");
	site.harvest.connections.count = 0;
	is_u64(budget().far, 1, "nobody connects: one far address");
	ok(!site.snapshot.host.far_addresses.known && !site.snapshot.host.families,
	   "of which nothing is known");
}

int main(void)
{
	one_family();
	what_serves_no_join();
	several_far_addresses();
	dual_stack();
	the_ceiling();
	the_terms();
	return tap_done();
}
