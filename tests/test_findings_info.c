/* SPDX-License-Identifier: MIT */
/* What is worth knowing, and the numbers of the host that rest on the diagnosis. */
#include <errno.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

static bool tells(const struct world *w, uint32_t number, enum cause cause, const char *word)
{
	const struct finding *finding = world_finding(w, number, cause);

	return finding && strstr(finding->text, word);
}

static void busy_cores(void)
{
	struct world *w = world_new(1);
	struct load_row *now = &w->harvest.load, *then = &w->harvest.load_before;
	const struct maybe_u32 *busiest;

	world_poll(w, 5000);
	ok(!w->now->host.cpu_busiest.known && !w->now->host.tcp_memory_kib.known, "not told");
	*then = (struct load_row){ .cores = 2, .busy = { 100, 900 }, .ticks = { 1000, 1000 } };
	*now = (struct load_row){ .cores = 2, .busy = { 1000, 950 }, .ticks = { 2000, 2000 } };
	now->tcp_pages = (struct maybe_u64){ true, 25 };
	world_poll(w, 5000);
	busiest = &w->now->host.cpu_busiest;
	ok(busiest->known && busiest->value == 9000, "90 %% of the busier core");
	is_u64(w->now->host.tcp_memory_kib.value, 100, "25 pages are 100 KiB");
	ok(!world_finding(w, 0, CAUSE_CPU_BOUND), "not bound");
	now->busy[1] = 1850;
	world_poll(w, 5000);
	ok(tells(w, 0, CAUSE_CPU_BOUND, "the busiest core is at 95 %: slow"), "95 %% of either is bound");
	w->errors[Q_LOAD] = -EIO;
	world_poll(w, 5000);
	ok(!w->now->host.cpu_busiest.known && !world_finding(w, 0, CAUSE_CPU_BOUND),
	   "what was told before says nothing of now");
	w->errors[Q_LOAD] = 0;
	now->ticks[0] = now->ticks[1] = 500;
	world_poll(w, 5000);
	ok(!w->now->host.cpu_busiest.known, "cores that were away begin anew");
	now->softnet_dropped = (struct maybe_u64){ true, 7 };
	world_poll(w, 5000);
	ok(!world_finding(w, 0, CAUSE_CPU_BOUND), "dropped before: nobody knows when");
	then->softnet_dropped = (struct maybe_u64){ true, 4 };
	world_poll(w, 5000);
	is_text(world_finding(w, 0, CAUSE_CPU_BOUND)->text,
		"3 packets found the host too busy: slow lines may have this cause",
		"dropped since, and no word of cores");
	w->errors[Q_LOAD] = -EIO;
	world_poll(w, 5000);
	ok(!world_finding(w, 0, CAUSE_CPU_BOUND), "not dropped anew while nobody tells");
	world_free(w);
}

static void accounting(void)
{
	struct world *w = world_new(1);

	w->host.events_lost = 5;
	world_poll(w, 0);
	ok(!world_finding(w, 0, CAUSE_ACCOUNTING_DEGRADED), "exact");
	ok(!world_finding(w, 0, CAUSE_EVENTS_LOST), "lost before our first poll");
	w->host.accounting = ACCOUNTING_SAMPLED;
	strcpy(w->host.accounting_reason, "BPF: not permitted");
	w->host.events_lost = 12;
	world_poll(w, 5000);
	ok(tells(w, 0, CAUSE_ACCOUNTING_DEGRADED, "BPF: not permitted"), "not exact, and why");
	ok(tells(w, 0, CAUSE_EVENTS_LOST, "7 births or endings"), "lost since");
	world_poll(w, 5000);
	ok(!world_finding(w, 0, CAUSE_EVENTS_LOST), "no more");
	world_free(w);
}

/* Interfaces whose counters are known; wan1 carries so much beside, and so much of payload. */
static struct world *world(void)
{
	struct world *w = world_new(2);

	for (size_t i = 0; i < 2; i++)
		w->wans[i].if_in_octets = w->wans[i].if_out_octets = (struct maybe_u64){ true, 99 };
	world_connect(w, WAN1 | WAN2);
	world_run(w, 60000);
	return w;
}

static void traffic_beside(void)
{
	const uint64_t least = 10 * 32000; /* ten times the floor of 30 s */
	struct world *w = world();
	const enum cause cause = CAUSE_NOT_MPTCP_TRAFFIC;

	w->wans[0].if_in_octets.value += least - 1;
	world_poll(w, 5000);
	ok(!world_finding(w, 1, cause), "little");
	w->wans[0].if_out_octets.value += 1;
	world_poll(w, 5000);
	ok(tells(w, 1, cause, "320 kB passed over it beside 0 kB"), "in either direction");
	is_u64(world_wan(w, 1)->cause, CAUSE_NONE, "which is no cause of anything");
	ok(!world_finding(w, 2, cause), "not over the other line");
	w->wans[0].if_in_octets.value += 170000;
	w->wans[0].in_octets += 170000;
	world_poll(w, 5000);
	ok(!world_finding(w, 1, cause), "less than twice the payload may be its headers");
	world_run(w, 30000);
	ok(!world_finding(w, 1, cause), "it is past");
	w->wans[0].if_in_octets.value = 5;
	world_poll(w, 5000);
	ok(!world_finding(w, 1, cause), "an interface made anew begins at zero");
	world_free(w);

	w = world();
	w->harvest.connections.count = 0;
	w->wans[0].if_in_octets.value += least / 2;
	w->wans[1].if_in_octets.value += least / 2 - 1;
	world_poll(w, 5000);
	ok(!world_finding(w, 0, CAUSE_NO_MPTCP_TRAFFIC), "at night");
	w->wans[1].if_in_octets.value += 1;
	world_poll(w, 5000);
	ok(tells(w, 0, CAUSE_NO_MPTCP_TRAFFIC, "320 kB passed over the lines"), "no connection");
	ok(!world_finding(w, 1, cause), "then nothing is beside it");
	w->errors[Q_CONNECTIONS] = -EPERM;
	world_poll(w, 5000);
	ok(!world_finding(w, 0, CAUSE_NO_MPTCP_TRAFFIC), "nobody can say");
	world_free(w);
}

/* Its counters since boot are no traffic of the window. */
static void an_interface_that_was_not_known(void)
{
	struct world *w = world();

	w->wans[0].if_in_octets = w->wans[0].if_out_octets = (struct maybe_u64){ 0 };
	world_run(w, 60000);
	w->wans[0].if_in_octets = w->wans[0].if_out_octets = (struct maybe_u64){ true, 1 << 30 };
	world_poll(w, 5000);
	ok(!world_finding(w, 1, CAUSE_NOT_MPTCP_TRAFFIC), "known since now");
	world_free(w);
}

static void numbers_of_the_host(void)
{
	struct world *w = world_new(3);
	const struct host *host;

	world_poll(w, 0);
	ok(!w->now->host.far_addresses.known, "nobody connects: how many far addresses?");
	world_connect(w, WAN1 | WAN2 | WAN3)->accepted = 2;
	w->host.subflows = (struct maybe_u32){ true, 7 };
	world_connect(w, WAN1);
	world_run(w, 20000);
	host = &w->now->host;
	ok(host->far_addresses.known && host->far_addresses.value == 3, "three");
	ok(host->subflows_per_connection.known, "subflows a connection");
	is_u64(host->subflows_per_connection.value, 350, "7 subflows of 2 connections");
	ok(host->subflows_needed.known && host->add_addr_needed.known, "of a router");
	ok(host->wans_configured == 3 && host->wans_up == 3 && host->wans_joined == 3 &&
		   !host->wans_carrying,
	   "lines");
	w->connections[0].ours = w->connections[1].ours = false;
	world_poll(w, 5000);
	host = &w->now->host;
	is_u64(host->role, ROLE_AGGREGATOR, "if others connect, we aggregate");
	ok(!host->subflows_needed.known && !host->add_addr_needed.known, "which needs no joins");
	w->harvest.connections.count = 0;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "at night it is what it was");
	w->harvest.connections.count = 2;
	w->connections[0].ours = true;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_ROUTER, "half of them are ours");
	w->connections[0].told = false;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "of whom no subflow has told, nobody knows");
	w->settings.role = ROLE_ROUTER;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_ROUTER, "as configured");
	world_free(w);
}

/* A proxy's plain connections to the world say nothing, and there may be none for long. */
static void who_opens_the_connections(void)
{
	struct world *w = world_new(2);
	struct connection *connection;

	world_poll(w, 0);
	is_u64(w->now->host.role, ROLE_ROUTER, "who has endpoints to join from is to connect");
	world_connect(w, WAN1)->ours = false;
	for (int i = 0; i < 3; i++) {
		connection = world_connect(w, WAN1);
		connection->fallback = true;
		connection->complete = false;
	}
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "who lets others join speaks plainly to the world");
	w->connections[1].fallback = false;
	w->connections[1].opening = true;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "and what nobody answers may be plain, too");
	w->harvest.connections.rows++;
	w->harvest.connections.count = 2;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "at night, too");
	world_free(w);

	w = world_new(1);
	w->endpoint_count = 0;
	world_poll(w, 0);
	is_u64(w->now->host.role, ROLE_ROUTER, "nothing is known yet");
	world_endpoint(w, 1, AF_INET, ENDPOINT_SIGNAL);
	world_run(w, 60000);
	is_u64(w->now->host.role, ROLE_AGGREGATOR, "who only announces waits for others");
	is_said(w, 1, "quiet none", "and needs nothing to join from");
	world_connect(w, WAN1);
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_ROUTER, "but a connection knows better");
	w->harvest.connections.count = 0;
	world_poll(w, 5000);
	is_u64(w->now->host.role, ROLE_ROUTER, "for good");
	is_said(w, 1, "detached endpoint-not-subflow", "and a router needs other endpoints");
	world_free(w);
}

int main(void)
{
	busy_cores();
	accounting();
	traffic_beside();
	an_interface_that_was_not_known();
	numbers_of_the_host();
	who_opens_the_connections();
	return tap_done();
}
