/* SPDX-License-Identifier: MIT */
/*
 * Why a line that is up cannot be joined, most certain first: what its own joins met, then what
 * kept the kernel from trying, then what is left.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/diagnose_scene.h"

static const char LIMITS_FOR_GOOD[] =
	"OpenMPTCProuter: uci set network.globals.mptcp_subflows=%u; uci commit network; or Network > MPTCP > Max "
	"subflows; elsewhere: where ip mptcp limits is run at boot";
static const char RESTART[] = "the tunnel or proxy; existing connections do not join again";

/*
 * --- what the line's own joins met -------------------------------------------------------------
 */

static void stripped(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_JOIN_STRIPPED);

	finding_say(finding->text,
		    "%llu join%s answered without the MPTCP option: a box on this path removes it",
		    (unsigned long long)joins->stripped, word_plural(joins->stripped));
	finding_say(
		finding->now,
		"confirm: tracebox, or tcpdump -ni %s 'tcp[tcpflags] & tcp-syn != 0' at both ends",
		wan->ifname);
	finding_say(
		finding->for_good,
		"run MPTCP over a VPN on this line (OpenMPTCProuter: System > OpenMPTCProuter > "
		"Settings Wizard > %s > MPTCP over VPN); or ask the provider to take the line out of CGNAT",
		wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

static void refused_by_server(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	const struct budget *budget = &scene->budget;
	struct finding *finding = finding_because(scene, wan, CAUSE_SERVER_REFUSES_JOINS);
	uint32_t needed = budget->needed ? budget->needed : 1;

	finding_say(
		finding->text,
		"%llu join%s answered and then turned away by the far end: it takes no further subflow (refused "
		"when the connection began)",
		(unsigned long long)(joins->reset - joins->stripped),
		word_plural(joins->reset - joins->stripped));
	finding_say(
		finding->far_end,
		"ip mptcp limits set subflows %u there, or more: at least as high as here (%u); "
		"for good where its limits are set at boot (OpenMPTCProuter's VPS: omr-service)",
		needed < budget->ceiling ? needed : budget->ceiling, budget->limit.value);
	finding_say(finding->restart, "%s", RESTART);
}

static void refused(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_JOIN_REFUSED);

	finding_say(
		finding->text,
		"%llu join%s refused by a reset in place of a SYN/ACK: a firewall on this path, or the far "
		"end's",
		(unsigned long long)joins->refused, word_plural(joins->refused));
	finding_say(finding->now,
		    "does the far end's port answer over this line? curl --interface %s",
		    wan->ifname);
	finding_say(finding->far_end,
		    "its firewall must let the service's port in from this line's addresses");
	finding_say(finding->restart, "%s", RESTART);
}

static void unanswered(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_JOIN_UNANSWERED);
	char far[INET6_ADDRSTRLEN];

	if (joins->unanswered)
		finding_say(
			finding->text,
			"%llu join%s without an answer: the SYNs, or what answers them, are lost on this path",
			(unsigned long long)joins->unanswered, word_plural(joins->unanswered));
	else
		finding_say(
			finding->text,
			"a join waits for an answer since %llu s: SYNs, or what answers them, are lost "
			"on this path",
			(unsigned long long)(scene->snapshot->taken_ms - joins->waiting_ms) / 1000);
	finding_say(finding->now,
		    "does anything pass? ping -I %s %s; if pings do, its MPTCP SYNs are dropped",
		    wan->ifname, word_far(scene, far));
	finding_say(
		finding->for_good,
		"run MPTCP over a VPN on this line (OpenMPTCProuter: System > OpenMPTCProuter > "
		"Settings Wizard > %s > MPTCP over VPN)",
		wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

/*
 * The joins of the connections that miss this line, or of later ones: since the last success. What
 * failed before the youngest of them began does not explain it: something else has come between.
 * Nor does one that was turned away while our own limit is reached: our kernel does that, too, when
 * joins that it began at a time find the slots taken (net/mptcp/protocol.c, mptcp_finish_join()).
 */
static bool explain_failed_join(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct join_memory *joins = &scene->snapshot->joins[position];
	const struct bearing *bearing = &scene->bearings[position];
	uint64_t grace_ms = scene->settings->join_grace_ms + scene->elapsed_ms;

	if (!joins->failed_ms || joins->failed_ms + grace_ms < bearing->youngest_ms)
		return false;
	if (joins->stripped)
		stripped(scene, wan, joins);
	else if (joins->reset && bearing->at_limit)
		return false;
	else if (joins->reset)
		refused_by_server(scene, wan, joins);
	else if (joins->refused)
		refused(scene, wan, joins);
	else
		unanswered(scene, wan, joins);
	return true;
}

/*
 * --- what kept the kernel from trying ----------------------------------------------------------
 */

/* Too many slots are needed: what to do instead of raising a limit that the kernel refuses. */
static void say_above_ceiling(const struct budget *budget, struct finding *finding)
{
	finding_say(
		finding->now, "%u extra subflows are needed and the kernel takes %u at most%s: %s",
		budget->needed, budget->ceiling, budget->ceiling_assumed ? " (assumed)" : "",
		budget_way_out(budget));
}

static void say_limit_advice(const struct budget *budget, struct finding *finding)
{
	if (budget->needed > budget->ceiling) {
		say_above_ceiling(budget, finding);
		return;
	}
	finding_say(finding->now, "ip mptcp limits set subflows %u", budget->needed);
	finding_say(finding->for_good, LIMITS_FOR_GOOD, budget->needed);
	finding_say(finding->far_end,
		    "its limit must be at least as high: ip mptcp limits set subflows %u there",
		    budget->needed);
	finding_say(finding->restart,
		    "the tunnel or proxy; existing connections stay at %u subflow%s",
		    budget->limit.value + 1, word_plural(budget->limit.value + 1));
}

/* What the arithmetic does not know of has a slot, too: a limit that was reached is too low. */
static const struct budget *reached_budget(struct scene *scene)
{
	struct budget *budget = &scene->budget;

	if (budget->needed <= budget->limit.value)
		budget->needed = budget->limit.value + 1;
	return budget;
}

static void subflow_limit(struct scene *scene, struct wan *wan)
{
	const struct budget *budget = reached_budget(scene);
	struct finding *finding = finding_because(scene, wan, CAUSE_SUBFLOW_LIMIT);
	char set[40] = "", accept[80] = "";

	if (budget->needed <= budget->ceiling)
		snprintf(set, sizeof(set), ", set it to at least %u", budget->needed);
	if (budget->accept.known && !budget->accept_needed)
		snprintf(accept, sizeof(accept),
			 "; ADD_ADDR accepted = %u is not the constraint here",
			 budget->accept.value);
	finding_say(finding->text,
		    "no subflow; the subflow limit %u leaves room for 1+%u lines of %u%s%s",
		    budget->limit.value, budget->limit.value,
		    budget->lines + !budget->first_line_listed, set, accept);
	say_limit_advice(budget, finding);
}

static void duplicate_paths(struct scene *scene, struct wan *wan)
{
	const struct budget *budget = reached_budget(scene);
	struct finding *finding = finding_because(scene, wan, CAUSE_DUPLICATE_PATHS);

	finding_say(
		finding->text,
		"no subflow; other lines have several of a connection, one to each of the far end's %u addresses%s, "
		"and use up the limit of %u: %u would be needed",
		budget->far, budget->fullmesh ? " (fullmesh)" : "", budget->limit.value,
		budget->needed);
	say_limit_advice(budget, finding);
	if (budget->needed <= budget->ceiling)
		finding_say(
			finding->now,
			"ip mptcp limits set subflows %u; or let the far end announce one address",
			budget->needed);
	finding_say(
		finding->far_end,
		"announce one address only (ip mptcp endpoint there: remove signal endpoints, IPv6 "
		"and fe80:: ones first)");
	finding_say(finding->restart, "%s", RESTART);
}

static void limits_raised(struct scene *scene, struct wan *wan, const struct bearing *bearing)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_LIMITS_RAISED_OLD_CONNECTIONS);

	finding_say(
		finding->text,
		"%u of %u connection%s began when the subflow limit was lower than %u, and do%s not ask again",
		bearing->raised, scene->connections, word_plural(scene->connections),
		scene->budget.limit.value, bearing->raised == 1 ? "es" : "");
	finding_say(finding->restart,
		    "the tunnel or proxy that holds them; new connections use the line");
}

static void add_addr_limit(struct scene *scene, struct wan *wan)
{
	const struct budget *budget = &scene->budget;
	struct finding *finding = finding_because(scene, wan, CAUSE_ADD_ADDR_LIMIT);
	uint32_t accept = budget->accept.value + 1;

	if (budget->accept.known && budget->accept.value && budget->far == 1) {
		finding_say(
			finding->text,
			"the line has addresses of one family, the connections are of the other, and the "
			"far end announces none of the line's");
		finding_say(finding->far_end,
			    "ip mptcp endpoint add ADDRESS signal there, of that family");
		finding_say(finding->restart, "%s", RESTART);
		return;
	}
	finding_say(
		finding->text,
		"the line has addresses of one family, the connections are of the other, and no address that the far "
		"end announces is accepted: add_addr_accepted is %u",
		budget->accept.value);
	if (accept <= budget->ceiling) {
		finding_say(finding->now, "ip mptcp limits set add_addr_accepted %u", accept);
		finding_say(
			finding->for_good,
			"OpenMPTCProuter: uci set network.globals.mptcp_add_addr_accepted=%u, or "
			"Network > MPTCP > Max add address; elsewhere: where ip mptcp limits is run "
			"at boot",
			accept);
	} else {
		finding_say(
			finding->now,
			"give the line an address of the other family, or let the far end announce "
			"fewer of that one: the kernel accepts %u at most%s",
			budget->ceiling, budget->ceiling_assumed ? " (assumed)" : "");
	}
	finding_say(finding->far_end,
		    "it must announce an address of that family (a signal endpoint)");
	finding_say(finding->restart, "%s", RESTART);
}

static void no_route(struct scene *scene, struct wan *wan)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_NO_ROUTE_FROM_LINE);
	char far[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN];

	finding_say(finding->text,
		    "the kernel has no route from this line's address to the far end");
	finding_say(
		finding->now,
		"ip route get fibmatch %s from %s oif %s; add its default route, in the table that its rule "
		"names",
		word_far(scene, far), word_own(wan, own), wan->ifname);
	finding_say(finding->for_good,
		    "the gateway of the line; OpenMPTCProuter: Network > Interfaces > %s, then "
		    "/etc/init.d/mptcp reload",
		    wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

static void bind_or_route_error(struct scene *scene, struct wan *wan)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_BIND_OR_ROUTE_ERROR);
	char far[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN];

	finding_say(
		finding->text,
		"joins fail before their SYN (MPJoinSynTxBindErr, ConnectErr or CreatSkErr moves): an address or a "
		"route is missing");
	finding_say(finding->now,
		    "compare ip mptcp endpoint with ip address; ip route get %s from %s oif %s",
		    word_far(scene, far), word_own(wan, own), wan->ifname);
	finding_say(finding->restart, "%s", RESTART);
}

static void unexplained(struct scene *scene, struct wan *wan, const struct bearing *bearing)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_UNEXPLAINED);

	finding_say(
		finding->text,
		"no subflow of %u connection%s that ought to have one, and no join was seen to fail",
		bearing->eligible, word_plural(bearing->eligible));
	finding_say(finding->now,
		    "restart one connection and look again: joins are tried once, when it begins");
}

/* Asked of the kernel at the end of the poll before, and only while the line was unjoined. */
static bool has_no_route(const struct scene *scene, const struct wan *wan)
{
	const struct wan *was = scene->before ? snapshot_wan(scene->before, wan->index) : NULL;

	return was && was->route_ifindex.known && !was->route_ifindex.value;
}

void explain_unjoined(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct bearing *bearing = &scene->bearings[position];
	const struct join_memory *joins = &scene->snapshot->joins[position];

	/* First: without a route the SYNs of a line bound to its device go nowhere, and look lost.
	 */
	if (has_no_route(scene, wan))
		no_route(scene, wan);
	else if (explain_failed_join(scene, position))
		return;
	else if (bearing->doubled)
		duplicate_paths(scene, wan);
	else if (bearing->at_limit)
		subflow_limit(scene, wan);
	else if (bearing->raised)
		limits_raised(scene, wan, bearing);
	else if (bearing->unannounced)
		add_addr_limit(scene, wan);
	else if (wan->rival[0])
		explain_duplicate(scene, wan);
	else if (joins->waiting_ms && scene->snapshot->taken_ms > joins->waiting_ms)
		unanswered(scene, wan, joins);
	else if (scene->snapshot->memory.no_socket_ms + scene->settings->join_grace_ms >=
			 bearing->oldest_ms &&
		 scene->snapshot->memory.no_socket_ms)
		bind_or_route_error(scene, wan);
	else
		unexplained(scene, wan, bearing);
}
