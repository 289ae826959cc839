/* SPDX-License-Identifier: MIT */
/* Faults that look like another one, and what only looks like a fault. */
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

static uint32_t severity(const struct world *w, uint32_t number, enum cause cause)
{
	const struct finding *finding = world_finding(w, number, cause);

	return finding ? finding->severity : 0;
}

/* Three lines, and a connection over these of them. */
static struct world *world(uint32_t subflow_limit, uint32_t lines)
{
	struct world *w = world_new(3);

	world_limits(w, subflow_limit, 8);
	world_poll(w, 0);
	world_connect(w, lines);
	world_run(w, 20000);
	return w;
}

/*
 * --- the limit ---------------------------------------------------------------------------------
 */

/* Who lost its first path has its slots with the others, and no place for the line's next life. */
static void a_limit_that_suffices(void)
{
	struct world *w = world(2, WAN1 | WAN2 | WAN3);

	world_leave(w, 1);
	w->connections[0].subflows = 2;
	w->connections[0].grown_out = 100;
	w->wans[0].attached_ms = w->now_ms + WORLD_POLL_MS;
	world_run(w, 20000);
	is_said(w, 1, "quiet missing-on-old-connections", "dialled anew: too late for the old one");
	is_u64(severity(w, 1, CAUSE_MISSING_ON_OLD_CONNECTIONS), SEVERITY_INFO, "a trickle");
	world_limits(w, 1, 8);
	world_poll(w, 5000);
	is_said(w, 1, "unjoined subflow-limit", "one that does not suffice would be told");
	world_free(w);
}

static void a_waiting_join_holds_its_slot(void)
{
	struct world *w = world_new(3);
	struct connection *connection;
	bool blamed = false;

	world_limits(w, 2, 8);
	world_poll(w, 0);
	connection = world_connect(w, WAN1 | WAN3);
	connection->extra = 2;
	connection->at_limit = true;
	connection->waiting = WAN2;
	w->wans[1].subflows_attempted = 1;
	for (int i = 0; i < 30; i++)
		blamed |= world_poll(w, 5000)[1].cause == CAUSE_SUBFLOW_LIMIT;
	ok(!blamed, "the limit whose slot it holds is never blamed");
	is_said(w, 2, "unjoined join-unanswered", "for the path loses it");
	connection->waiting = 0;
	w->wans[1].subflows_attempted = 0;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined subflow-limit", "one that holds none has found them taken");
	world_free(w);
}

static void a_failure_of_before(void)
{
	struct world *w = world(8, WAN1 | WAN3);
	struct wan *wan = &w->wans[1];

	wan->joins_unanswered.known = true;
	world_poll(w, 5000);
	wan->joins_unanswered.value++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-unanswered", "its join got no answer");
	world_run(w, 60000);
	world_limits(w, 1, 8);
	world_connect(w, WAN1 | WAN3);
	world_run(w, 20000);
	is_said(w, 2, "unjoined subflow-limit", "of a younger one the limit is the reason");
	wan->joins_unanswered.value++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-unanswered", "unless its join fails, too");
	world_free(w);
}

/*
 * --- endpoints that are gone -------------------------------------------------------------------
 */

static void no_place_or_taken_away(void)
{
	struct world *w = world(8, WAN1 | WAN2 | WAN3);

	world_no_endpoint(w, 1);
	world_leave(w, 1);
	for (int i = 0; i < 6; i++)
		world_endpoint(w, 2, AF_INET6, ENDPOINT_SUBFLOW);
	world_poll(w, 5000);
	is_said(w, 1, "detached endpoint-table-full", "it had one, and there is no place for another");
	w->endpoint_count--;
	world_poll(w, 5000);
	is_said(w, 1, "down endpoint-withdrawn", "there is: somebody took it away");
	world_free(w);
}

static void a_line_below_a_tunnel(void)
{
	struct world *w = world(8, WAN1 | WAN2 | WAN3);

	world_no_endpoint(w, 1);
	world_leave(w, 1);
	world_poll(w, 5000);
	is_said(w, 1, "down endpoint-withdrawn", "taken away");
	strcpy(w->wans[1].base, "wan1");
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "a tunnel over it has it in its place");
	w->wans[0].carrier = false;
	world_poll(w, 5000);
	is_said(w, 1, "down link-down", "but it may go down as any line");
	world_free(w);
}

static void announced_only(void)
{
	struct world *w = world(8, WAN1 | WAN2);

	w->endpoints[2].flags = ENDPOINT_SIGNAL;
	world_poll(w, 5000);
	is_said(w, 3, "detached endpoint-not-subflow", "at a router nobody joins from it");
	w->endpoints[2].flags = ENDPOINT_SIGNAL | ENDPOINT_SUBFLOW;
	world_run(w, 5000);
	is_said(w, 3, "unjoined unexplained", "one that is both is one");
	world_free(w);
}

/*
 * --- lines that are none -----------------------------------------------------------------------
 */

static void the_lan_goes_down(void)
{
	struct world *w = world_new(3);

	world_no_endpoint(w, 3);
	world_poll(w, 0);
	world_connect(w, WAN1 | WAN2);
	world_connect(w, WAN3)->ours = false;
	world_run(w, 20000);
	w->wans[2].carrier = false;
	world_leave(w, 3);
	world_poll(w, 5000);
	is_said(w, 3, "down link-down", "where somebody had connected to us");
	is_u64(severity(w, 3, CAUSE_LINK_DOWN), SEVERITY_INFO, "is nobody's line");
	w->wans[2].configured = true;
	world_poll(w, 5000);
	is_u64(severity(w, 3, CAUSE_LINK_DOWN), cause_severity(CAUSE_LINK_DOWN),
	       "unless its owner says so");
	world_free(w);

	w = world_new(3);
	world_no_endpoint(w, 3);
	world_poll(w, 0);
	world_connect(w, WAN1 | WAN3);
	world_run(w, 20000);
	w->wans[2].carrier = false;
	world_leave(w, 3);
	world_poll(w, 5000);
	is_u64(severity(w, 3, CAUSE_LINK_DOWN), cause_severity(CAUSE_LINK_DOWN),
	       "or a connection of ours had used it");
	world_free(w);
}

static void a_host_cause_that_is_shelved(void)
{
	struct world *w = world(8, WAN1 | WAN2);

	w->host.enabled.value = false;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined mptcp-disabled", "it explains the line");
	w->settings.shelved_host = UINT32_C(1) << CAUSE_MPTCP_DISABLED;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined unexplained", "shelved: the line speaks for itself");
	is_u64(world_verdict(w, CAUSE_MPTCP_DISABLED), VERDICT_YES, "and it still holds");
	w->settings.shelved_host = UINT32_C(1) << CAUSE_FALLBACK;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined mptcp-disabled", "another that is shelved changes nothing");
	world_free(w);
}

int main(void)
{
	a_limit_that_suffices();
	a_waiting_join_holds_its_slot();
	a_failure_of_before();
	no_place_or_taken_away();
	a_line_below_a_tunnel();
	announced_only();
	the_lan_goes_down();
	a_host_cause_that_is_shelved();
	return tap_done();
}
