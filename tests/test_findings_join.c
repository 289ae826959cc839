/* SPDX-License-Identifier: MIT */
/* Why a line that is up cannot be joined, which cause comes first, advice that can be taken. */
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

static bool tells(const struct world *w, uint32_t number, enum cause cause, const char *word)
{
	const struct finding *finding = world_finding(w, number, cause);
	char story[STORY_LEN];

	return finding && strstr(finding_tell(finding, story, sizeof(story)), word);
}

/* Lines and one connection on some of them; joins of the others were tried. */
static struct world *world(size_t wans, uint32_t subflow_limit, uint32_t lines)
{
	struct world *w = world_new(wans);

	world_limits(w, subflow_limit, 8);
	for (size_t i = 0; i < wans; i++) {
		struct wan *wan = &w->wans[i];

		wan->joins_attempted.known = wan->joins_unanswered.known = true;
		wan->joins_refused.known = wan->joins_reset.known = true;
		wan->joins_stripped.known = wan->joins_established.known = true;
	}
	world_poll(w, 0);
	world_connect(w, lines);
	world_run(w, 20000);
	return w;
}

/*
 * --- limits ------------------------------------------------------------------------------------
 */

/* The seed: six lines, three extra subflows. */
static void the_subflow_limit(void)
{
	struct world *w = world(6, 3, WAN1 | WAN2 | WAN3 | WAN4);
	const enum cause cause = CAUSE_SUBFLOW_LIMIT;

	is_said(w, 4, "quiet none", "four are joined");
	is_said(w, 5, "unjoined subflow-limit", "the fifth is not");
	is_said(w, 6, "unjoined subflow-limit", "nor is the sixth");
	ok(tells(w, 5, cause, "the subflow limit 3 leaves room for 1+3 lines of 6"), "why");
	ok(tells(w, 5, cause, "Now: ip mptcp limits set subflows 5;"), "what to do");
	ok(tells(w, 5, cause, "mptcp_subflows=5") && tells(w, 5, cause, "set subflows 5 there"),
	   "for good, and at the far end");
	ok(tells(w, 5, cause, "existing connections stay at 4 subflows"), "and what to restart");
	ok(tells(w, 5, cause, "ADD_ADDR accepted = 8 is not the constraint"), "and what not to do");
	is_u64(w->now->host.subflows_needed.value, 5, "needed");
	is_u64(w->now->host.ceiling, 8, "of eight");
	w->connections[0].extra = 2;
	world_limits(w, 3, 8);
	world_poll(w, 5000);
	is_said(w, 5, "unjoined unexplained", "one below the limit has another reason");
	world_free(w);

	w = world(6, 3, WAN1 | WAN2 | WAN3 | WAN4);
	world_no_endpoint(w, 1);
	w->wans[0].ever_usable_endpoint = false;
	w->host.add_addr_limit.known = false;
	world_poll(w, 5000);
	ok(tells(w, 5, cause, "for 1+3 lines of 6, set it to at least 5"),
	   "a first line without endpoint is a line");
	ok(!tells(w, 5, cause, "ADD_ADDR"), "of what is not known nothing is said");
	world_free(w);

	w = world(6, 0, WAN1);
	is_said(w, 2, "unjoined subflow-limit", "a limit of 0 is a limit");
	ok(tells(w, 2, cause, "the subflow limit 0 leaves room for 1+0 lines of 6"),
	   "which is told");
	w->connections[0].aged = true;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined subflow-limit", "whenever the connection began");
	strcpy(w->host.path_manager, "userspace");
	w->connections[0].aged = false;
	w->connections[0].subflows = 2;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "but a daemon does not heed it");
	world_free(w);
}

static void more_than_the_kernel_takes(void)
{
	struct world *w = world(6, 3, WAN1 | WAN2 | WAN3 | WAN4);
	const enum cause cause = CAUSE_SUBFLOW_LIMIT;

	w->settings.expect.ceiling = 5;
	world_poll(w, 5000);
	ok(tells(w, 5, cause, "set it to at least 5") && tells(w, 5, cause, "Now: ip mptcp limits"),
	   "as many as it takes");
	w->settings.expect.ceiling = 4;
	world_poll(w, 5000);
	ok(tells(w, 5, cause, "5 extra subflows are needed and the kernel takes 4 at most:"),
	   "said so");
	ok(!tells(w, 5, cause, "subflows 5") && !tells(w, 5, cause, "subflows=5") &&
		   !tells(w, 5, cause, "set it to"),
	   "and nowhere advised: the kernel would refuse it whole");
	ok(tells(w, 5, cause, "leave lines out"), "but what can be done");
	for (uint32_t number = 1; number <= 6; number++)
		world_endpoint(w, number, AF_INET6, ENDPOINT_SUBFLOW);
	w->connections[0].on_v6 = w->connections[0].accepted = 1;
	world_poll(w, 5000);
	ok(tells(w, 5, cause, "11 extra subflows") &&
		   tells(w, 5, cause, "remove the endpoints of one family"),
	   "twelve endpoints in all");
	world_free(w);

	/* What the arithmetic does not know the kernel does: a limit that is reached is low. */
	w = world(6, 5, WAN1 | WAN2 | WAN3 | WAN4 | WAN5);
	w->connections[0].extra = 5;
	world_limits(w, 5, 8);
	world_poll(w, 5000);
	is_said(w, 6, "unjoined subflow-limit", "a limit of 5 was used up by others");
	ok(tells(w, 6, cause, "set subflows 6"), "so it takes one more");
	is_u64(w->now->host.subflows_needed.value, 6, "and so say the host's numbers");
	world_limits(w, 8, 8);
	w->connections[0].at_limit = true;
	world_poll(w, 5000);
	ok(!tells(w, 6, cause, "set subflows 9") && tells(w, 6, cause, "(assumed)"),
	   "unless the kernel takes no more");
	world_free(w);
}

static void duplicate_paths(void)
{
	struct world *w = world(6, 8, WAN1 | WAN2 | WAN3 | WAN4);
	const enum cause cause = CAUSE_DUPLICATE_PATHS;

	for (uint32_t i = 0; i < 6; i++)
		w->endpoints[i].flags |= ENDPOINT_FULLMESH;
	w->connections[0].subflows = 9;
	w->connections[0].accepted = 1;
	w->connections[0].extra = 8;
	world_limits(w, 8, 8);
	world_poll(w, 5000);
	is_said(w, 5, "unjoined duplicate-paths", "nine subflows on four lines");
	ok(tells(w, 5, cause, "far end's 2 addresses") && tells(w, 5, cause, "limit of 8: 11"),
	   "numbers");
	ok(tells(w, 5, cause, "announce one address") && !tells(w, 5, cause, "subflows 11"),
	   "advice that the kernel would take");
	w->settings.expect.ceiling = 16;
	world_poll(w, 5000);
	ok(tells(w, 5, cause, "set subflows 11; or let"), "unless it takes more");
	w->connections[0].subflows = 4;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined subflow-limit", "one each is another matter");
	w->connections[0].subflows = 9;
	w->connections[0].accepted = 0;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined subflow-limit", "without an announced address nobody has two");
	world_free(w);
}

static void add_addr_limit(void)
{
	struct world *w = world(3, 8, WAN1 | WAN2);
	const enum cause cause = CAUSE_ADD_ADDR_LIMIT;

	is_u64(w->now->host.add_addr_needed.value, 0, "of one family none is needed");
	w->endpoints[2].address.family = AF_INET6;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined add-addr-limit", "no address of its family is announced");
	ok(tells(w, 3, cause, "far end announces none") &&
		   !tells(w, 3, cause, "limits set add_addr_accepted"),
	   "which no limit changes");
	is_u64(w->now->host.add_addr_needed.value, 1, "and is needed");
	world_limits(w, 8, 0);
	world_poll(w, 5000);
	is_said(w, 3, "unjoined add-addr-limit", "but no announcement is accepted");
	ok(tells(w, 3, cause, "add_addr_accepted is 0") &&
		   tells(w, 3, cause, "limits set add_addr_accepted 1"),
	   "what to do");
	world_limits(w, 8, 2);
	w->connections[0].accepted = 2;
	world_poll(w, 5000);
	ok(tells(w, 3, cause, "limits set add_addr_accepted 3"), "or not one more");
	w->settings.expect.ceiling = 2;
	world_poll(w, 5000);
	ok(!tells(w, 3, cause, "add_addr_accepted 3") && !tells(w, 3, cause, "accepted=3"),
	   "but never above what the kernel takes");
	w->connections[0].on_v6 = 1;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined unexplained", "one that reaches that family needs no more");
	w->connections[0].both_families = false;
	world_poll(w, 5000);
	is_said(w, 3, "quiet none", "an IPv4 socket never will: nothing is to be said of the line");
	world_free(w);
}

/*
 * --- what its joins met ------------------------------------------------------------------------
 */

static void joins_that_fail(void)
{
	struct world *w = world(2, 8, WAN1);
	struct wan *wan = &w->wans[1];

	is_said(w, 2, "unjoined unexplained", "no join was seen to fail");
	wan->joins_attempted.value += 3;
	wan->joins_unanswered.value += 3;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-unanswered", "no answer");
	ok(tells(w, 2, CAUSE_JOIN_UNANSWERED, "3 joins without an answer:"), "so many");
	wan->joins_refused.value += 2;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-refused", "a reset is a surer sign than silence");
	ok(tells(w, 2, CAUSE_JOIN_REFUSED, "2 joins refused"), "so many");
	wan->joins_reset.value += 4;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined server-refuses-joins", "who was answered has a path");
	ok(tells(w, 2, CAUSE_SERVER_REFUSES_JOINS, "4 joins answered and then turned away"), "so many");
	w->connections[0].at_limit = true;
	w->connections[0].limit = 0;
	world_poll(w, 0);
	is_said(w, 2, "unjoined subflow-limit", "at our own limit it may have been our own kernel");
	w->connections[0].at_limit = false;
	w->connections[0].limit = 8;
	world_poll(w, 0);
	ok(tells(w, 2, CAUSE_SERVER_REFUSES_JOINS, "Far end: ip mptcp limits set subflows 1"), "cure");
	wan->joins_reset.value++;
	wan->joins_stripped.value++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-stripped", "an answer without the option explains it");
	ok(tells(w, 2, CAUSE_JOIN_STRIPPED, "1 join answered without"), "so many");
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-stripped", "it is remembered");
	wan->joins_established.value++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "until a join is established");
	wan->joins_unanswered.known = false;
	wan->joins_unanswered.value += 9;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "what is not known was not seen");
	world_free(w);
}

static void failures_of_another_time(void)
{
	struct world *w = world(2, 8, WAN1);

	w->wans[1].joins_unanswered.value++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-unanswered", "its own");
	w->connections[0].first_ms = w->now_ms + 15000;
	world_run(w, 25000);
	is_said(w, 2, "unjoined join-unanswered", "of a connection first seen a grace later");
	w->connections[0].first_ms++;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "and not after that");
	w->harvest.connections.count = 0;
	world_run(w, 60000);
	is_said(w, 2, "quiet none", "nobody is left");
	world_connect(w, WAN1);
	world_run(w, 20000);
	is_said(w, 2, "unjoined unexplained", "a later connection has not met it");
	world_free(w);
}

static void a_join_that_waits(void)
{
	struct world *w = world(2, 8, WAN1);
	struct connection *opening;

	w->wans[1].subflows_attempted = 1;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "an answer may take a moment");
	world_poll(w, 5000);
	is_said(w, 2, "unjoined join-unanswered", "not two polls");
	ok(tells(w, 2, CAUSE_JOIN_UNANSWERED, "a join waits for an answer since"), "which is told");
	w->wans[1].subflows_attempted = 0;
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "it waits no more");
	opening = world_connect(w, 0);
	opening->opening = true;
	opening->established = opening->complete = false;
	opening->waiting = WAN2;
	w->wans[1].subflows_attempted = 1;
	world_poll(w, 5000);
	world_poll(w, 500);
	is_said(w, 2, "unjoined unexplained", "the first SYN of a connection is no join");
	world_free(w);
}

static void no_way_out(void)
{
	struct world *w = world(2, 8, WAN1);

	world_count(w, "MPJoinSynTxBindErr");
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "a counter that is there");
	world_count(w, "MPJoinSynTxBindErr");
	world_poll(w, 5000);
	is_said(w, 2, "unjoined bind-or-route-error", "and one that moves");
	w->connections[0].first_ms = w->now_ms;
	world_run(w, 15000);
	is_said(w, 2, "unjoined bind-or-route-error", "within the grace of its connection");
	w->connections[0].first_ms = w->now_ms;
	world_run(w, 15000);
	is_said(w, 2, "unjoined unexplained", "but not of a later one");
	/* routes_ask() adds it to the snapshot once it was diagnosed. */
	w->now->wans[1].route_ifindex = (struct maybe_u32){ true, 5 };
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "a route by another interface is one");
	w->now->wans[1].route_ifindex = (struct maybe_u32){ true, 0 };
	world_poll(w, 5000);
	is_said(w, 2, "unjoined no-route-from-line", "no route is none");
	ok(tells(w, 2, CAUSE_NO_ROUTE_FROM_LINE, "192.0.2.1 from ADDRESS oif eth2"), "what to ask");
	w->connections[w->harvest.connections.count] = w->connections[0];
	w->connections[0].remote = (struct address){ AF_INET, { 127, 0, 0, 1 } };
	w->harvest.connections.count++;
	w->now->wans[1].route_ifindex = (struct maybe_u32){ true, 0 };
	world_poll(w, 5000);
	ok(tells(w, 2, CAUSE_NO_ROUTE_FROM_LINE, "192.0.2.1 from ADDRESS oif eth2"),
	   "towards a far end, not within the host");
	world_poll(w, 5000);
	is_said(w, 2, "unjoined unexplained", "asked no more, not known");
	world_free(w);
}

/*
 * --- order -------------------------------------------------------------------------------------
 */

/* Everything at once, taken away one by one. */
static void the_surest_comes_first(void)
{
	struct world *w = world(6, 3, WAN1 | WAN2 | WAN3 | WAN4);
	struct connection *connection = &w->connections[0];
	struct wan *wan = &w->wans[4];

	strcpy(wan->rival, "eth9");
	world_count(w, "MPJoinSynTxConnectErr");
	world_poll(w, 5000);
	world_count(w, "MPJoinSynTxConnectErr");
	wan->subflows_attempted = 1;
	connection->subflows = 8;
	connection->accepted = 1;
	wan->joins_unanswered.value++;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined join-unanswered", "what its own joins met");
	wan->joins_established.value++;
	w->now->wans[4].route_ifindex = (struct maybe_u32){ true, 0 };
	world_poll(w, 5000);
	is_said(w, 5, "unjoined no-route-from-line", "no way out");
	world_poll(w, 5000);
	is_said(w, 5, "unjoined duplicate-paths", "others have it twice");
	connection->subflows = 4;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined subflow-limit", "others have it all");
	world_limits(w, 8, 0);
	w->endpoints[4].address.family = AF_INET6;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined limits-raised-old-connections", "others had it all then");
	connection->first_limit = 8;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined add-addr-limit", "nothing to join to");
	world_limits(w, 8, 8);
	w->endpoints[4].address.family = AF_INET;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined duplicate-address", "whose address is it?");
	wan->rival[0] = '\0';
	world_poll(w, 5000);
	is_said(w, 5, "unjoined join-unanswered", "one waits");
	wan->subflows_attempted = 0;
	connection->first_ms = w->now_ms - 50000;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined bind-or-route-error", "some could not begin");
	world_free(w);
}

/* With no grace at all a connection is judged at the first poll, when there is none before it. */
static void at_the_very_first_poll(void)
{
	struct world *w = world_new(2);

	w->settings.join_grace_ms = 0;
	w->wans[1].role = ROLE_BACKUP;
	world_limits(w, 1, 8);
	world_connect(w, WAN1)->at_limit = true;
	w->connections[0].first_ms = w->now_ms;
	world_poll(w, 0);
	is_said(w, 2, "standby backup-not-ready", "no poll before, no route known");
	world_free(w);
}

int main(void)
{
	the_subflow_limit();
	more_than_the_kernel_takes();
	duplicate_paths();
	add_addr_limit();
	joins_that_fail();
	failures_of_another_time();
	a_join_that_waits();
	no_way_out();
	the_surest_comes_first();
	at_the_very_first_poll();
	return tap_done();
}
