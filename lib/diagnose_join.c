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
 * --- without a usable endpoint -----------------------------------------------------------------
 */

static void flag_words(uint32_t flags, char *text, size_t size)
{
	static const char *const words[] = { "signal", "subflow", "backup", "fullmesh", "implicit",
					     "laminar" };
	size_t len = 0;

	*text = '\0';
	for (size_t bit = 0; bit < sizeof(words) / sizeof(words[0]); bit++)
		if (flags & 1u << bit && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						words[bit]);
	if (!*text)
		snprintf(text, size, "none");
}

static const struct endpoint *endpoint_of(const struct snapshot *snapshot, const struct wan *wan,
					  bool stale)
{
	for (size_t i = 0; i < snapshot->endpoint_count; i++)
		if (snapshot->endpoints[i].wan_index == wan->index &&
		    snapshot->endpoints[i].stale == stale)
			return &snapshot->endpoints[i];
	return NULL;
}

static void endpoint_text(const struct endpoint *endpoint, char *text)
{
	if (!inet_ntop(endpoint->address.family, endpoint->address.bytes, text, INET6_ADDRSTRLEN))
		strcpy(text, "ADDRESS");
}

static void stale_endpoint(struct scene *scene, struct wan *wan)
{
	const struct endpoint *endpoint = endpoint_of(scene->snapshot, wan, true);
	struct finding *finding = because(scene, wan, CAUSE_STALE_ENDPOINT);
	char address[INET6_ADDRSTRLEN];

	if (!endpoint)
		return;
	endpoint_text(endpoint, address);
	if (endpoint->ifindex && endpoint->ifindex != wan->ifindex)
		finding_say(finding->text,
			    "endpoint %u (%s) is bound to interface index %u, and %s has index %u",
			    endpoint->id, address, endpoint->ifindex, wan->ifname, wan->ifindex);
	else
		finding_say(finding->text, "endpoint %u has the address %s, which %s has lost", endpoint->id,
			    address, wan->ifname);
	finding_say(finding->now, "ip mptcp endpoint delete id %u; ip mptcp endpoint add ADDRESS dev %s subflow",
		    endpoint->id, wan->ifname);
	finding_say(finding->for_good, "let what makes the interface add its endpoint anew each time; OpenMPTCProuter: "
				       "/etc/init.d/mptcp reload %s", wan->ifname);
	finding_say(finding->restart, "%s", RESTART);
}

static void endpoint_not_subflow(struct scene *scene, struct wan *wan)
{
	const struct endpoint *endpoint = endpoint_of(scene->snapshot, wan, false);
	struct finding *finding = because(scene, wan, CAUSE_ENDPOINT_NOT_SUBFLOW);
	char address[INET6_ADDRSTRLEN], flags[64];

	if (!endpoint)
		return;
	endpoint_text(endpoint, address);
	flag_words(endpoint->flags, flags, sizeof(flags));
	finding_say(finding->text, "endpoint %u (%s) has the flags %s: without subflow nobody joins from it",
		    endpoint->id, address, flags);
	finding_say(finding->now, "ip mptcp endpoint delete id %u; ip mptcp endpoint add %s dev %s subflow%s",
		    endpoint->id, address, wan->ifname,
		    endpoint->flags & ENDPOINT_BACKUP ? " backup" : "");
	finding_say(finding->for_good, "OpenMPTCProuter up to 0.61 sets a backup line this way: update it, or change "
				       "'backup fullmesh' to 'subflow backup fullmesh' in /usr/bin/multipath");
	finding_say(finding->restart, "%s", RESTART);
}

static void duplicate_address(struct scene *scene, struct wan *wan)
{
	struct finding *finding = because(scene, wan, CAUSE_DUPLICATE_ADDRESS);

	finding_say(finding->text, "%s has an address that %s has, too: the kernel takes one endpoint of it, and "
				   "nobody can tell the lines apart", wan->ifname, wan->rival);
	finding_say(finding->now, "give one of the modems another subnet");
	finding_say(finding->for_good, "the LAN side of the modem or router behind %s", wan->ifname);
}

/* One more of a list, or "..." where that does not fit any more. */
static void list_add(char *list, size_t size, const char *item)
{
	static const char more[] = "...";
	size_t len = strlen(list), room = size - len - sizeof(", ...");

	if (len >= sizeof(more) && !strcmp(list + len - (sizeof(more) - 1), more))
		return;
	snprintf(list + len, size - len, "%s%s", len ? ", " : "",
		 strlen(item) + 2 <= room ? item : more);
}

/* Which of the table's endpoints to give up: IPv6 ones of lines that have IPv4, too. */
static uint32_t list_surplus(const struct snapshot *snapshot, char *ids, size_t ids_size,
			     char *lines, size_t lines_size)
{
	uint32_t surplus = 0;

	*ids = *lines = '\0';
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		const struct wan *wan = snapshot_wan(snapshot, endpoint->wan_index);
		char id[16];

		if (endpoint->address.family != AF_INET6 || !wan || !wan->endpoints_v4)
			continue;
		surplus++;
		snprintf(id, sizeof(id), "%u", endpoint->id);
		list_add(ids, ids_size, id);
		list_add(lines, lines_size, wan->name);
	}
	return surplus;
}

static void table_full(struct scene *scene, struct wan *wan)
{
	const struct snapshot *snapshot = scene->snapshot;
	const struct budget *budget = &scene->budget;
	struct finding *finding = because(scene, wan, CAUSE_ENDPOINT_TABLE_FULL);
	char ids[40], lines[80];
	uint32_t v6 = 0, surplus = list_surplus(snapshot, ids, sizeof(ids), lines, sizeof(lines));

	for (size_t i = 0; i < snapshot->endpoint_count; i++)
		v6 += snapshot->endpoints[i].address.family == AF_INET6;
	finding_say(finding->text, "it has no endpoint; the endpoint table is full: %u of %u, %u of them IPv6",
		    budget->table, budget->table_most, v6);
	if (surplus) {
		finding_say(finding->now, "remove the IPv6 endpoints of %s (ip mptcp endpoint delete id, each of %s), "
					  "then: ip mptcp endpoint add ADDRESS dev %s subflow", lines, ids, wan->ifname);
		finding_say(finding->for_good, "switch IPv6 off on these lines; OpenMPTCProuter: uci set "
					       "openmptcprouter.settings.disable_ipv6=1, or option ipv6 0 of each line");
	} else {
		finding_say(finding->now, "%s", budget->others ? "remove endpoints that serve no line (ip mptcp endpoint)"
							       : "leave a line out: the kernel has room for no more");
		finding_say(finding->for_good, "a kernel with more room, at both ends");
	}
	finding_say(finding->restart, "%s", RESTART);
}

static void no_endpoint(struct scene *scene, struct wan *wan)
{
	struct finding *finding = because(scene, wan, CAUSE_NO_ENDPOINT);

	finding_say(finding->text, "%s is up and has no endpoint, so nobody joins from it", wan->ifname);
	finding_say(finding->now, "ip mptcp endpoint add ADDRESS dev %s subflow", wan->ifname);
	finding_say(finding->for_good, "OpenMPTCProuter: uci set network.%s.multipath=on, or Network > Interfaces > "
				       "%s > Multipath TCP; elsewhere: where endpoints are added at boot", wan->name,
		    wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

void explain_detached(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];

	if (wan->endpoints_stale)
		stale_endpoint(scene, wan);
	else if (wan->endpoints_unusable)
		endpoint_not_subflow(scene, wan);
	else if (wan->rival[0])
		duplicate_address(scene, wan);
	else if (scene->budget.table >= scene->budget.table_most)
		table_full(scene, wan);
	else
		no_endpoint(scene, wan);
}

/*
 * --- what the line's own joins met -------------------------------------------------------------
 */

static void stripped(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = because(scene, wan, CAUSE_JOIN_STRIPPED);

	finding_say(finding->text,
		    "%llu joins were answered without the MPTCP option: a box on this path removes it",
		    (unsigned long long)joins->stripped);
	finding_say(finding->now, "confirm: tracebox, or tcpdump -ni %s 'tcp[tcpflags] & tcp-syn != 0' at both ends",
		    wan->ifname);
	finding_say(finding->for_good, "run MPTCP over a VPN on this line (OpenMPTCProuter: Network > Interfaces > %s > "
				       "MPTCP over VPN); or ask the provider to take the line out of CGNAT", wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

static void refused_by_server(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	const struct budget *budget = &scene->budget;
	struct finding *finding = because(scene, wan, CAUSE_SERVER_REFUSES_JOINS);
	uint32_t needed = budget->needed ? budget->needed : 1;

	finding_say(finding->text,
		    "%llu joins were answered and then reset by the far end: it takes no further subflow (refused when "
		    "the connection began)", (unsigned long long)(joins->reset - joins->stripped));
	finding_say(finding->far_end, "ip mptcp limits set subflows %u there, or more: at least as high as here (%u); "
				      "for good where its limits are set at boot (OpenMPTCProuter's VPS: omr-service)",
		    needed < budget->ceiling ? needed : budget->ceiling, budget->limit.value);
	finding_say(finding->restart, "%s", RESTART);
}

static void refused(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = because(scene, wan, CAUSE_JOIN_REFUSED);

	finding_say(finding->text, "%llu joins were refused by a reset in place of a SYN/ACK: a firewall on this path, or "
				   "the far end's", (unsigned long long)joins->refused);
	finding_say(finding->now, "does the far end's port answer over this line? curl --interface %s", wan->ifname);
	finding_say(finding->far_end, "its firewall must let the service's port in from this line's addresses");
	finding_say(finding->restart, "%s", RESTART);
}

static void unanswered(struct scene *scene, struct wan *wan, const struct join_memory *joins)
{
	struct finding *finding = because(scene, wan, CAUSE_JOIN_UNANSWERED);

	finding_say(finding->text, "%llu joins got no answer%s: their SYNs, or what answers them, are lost on this path",
		    (unsigned long long)joins->unanswered,
		    wan->subflows_attempted ? " and more wait for one" : "");
	finding_say(finding->now, "does anything pass? ping -I %s the far end; if pings do, its MPTCP SYNs are dropped",
		    wan->ifname);
	finding_say(finding->for_good, "run MPTCP over a VPN on this line (OpenMPTCProuter: Network > Interfaces > %s > "
				       "MPTCP over VPN)", wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

/* The joins of the connections that miss this line, or of later ones: since the last success. */
static bool explain_failed_join(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct join_memory *joins = &scene->snapshot->joins[position];
	uint64_t oldest_ms = scene->bearings[position].oldest_ms;
	uint64_t grace_ms = scene->settings->join_grace_ms + scene->elapsed_ms;

	if (!joins->failed_ms || joins->failed_ms + grace_ms < oldest_ms)
		return false;
	if (joins->stripped)
		stripped(scene, wan, joins);
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
	finding_say(finding->now, "%u extra subflows are needed and the kernel takes %u at most%s: %s", budget->needed,
		    budget->ceiling, budget->ceiling_assumed ? " (assumed)" : "",
		    budget->fullmesh && budget->far > 1
			    ? "let the far end announce fewer addresses, or take fullmesh from the endpoints"
		    : budget->endpoints_v6 && budget->endpoints_v4
			    ? "remove the endpoints of one family"
			    : "leave lines out");
}

static void say_limit_advice(const struct budget *budget, struct finding *finding)
{
	if (budget->needed > budget->ceiling) {
		say_above_ceiling(budget, finding);
		return;
	}
	finding_say(finding->now, "ip mptcp limits set subflows %u", budget->needed);
	finding_say(finding->for_good, LIMITS_FOR_GOOD, budget->needed);
	finding_say(finding->far_end, "its limit must be at least as high: ip mptcp limits set subflows %u there",
		    budget->needed);
	finding_say(finding->restart, "the tunnel or proxy; existing connections stay at %u subflows",
		    budget->limit.value + 1);
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
	struct finding *finding = because(scene, wan, CAUSE_SUBFLOW_LIMIT);
	char set[40] = "", accept[80] = "";

	if (budget->needed <= budget->ceiling)
		snprintf(set, sizeof(set), ", set it to at least %u", budget->needed);
	if (budget->accept.known && !budget->accept_needed)
		snprintf(accept, sizeof(accept), "; ADD_ADDR accepted = %u is not the constraint here",
			 budget->accept.value);
	finding_say(finding->text, "no subflow; the subflow limit %u leaves room for 1+%u lines of %u%s%s",
		    budget->limit.value, budget->limit.value, budget->lines + !budget->first_line_listed,
		    set, accept);
	say_limit_advice(budget, finding);
}

static void duplicate_paths(struct scene *scene, struct wan *wan)
{
	const struct budget *budget = reached_budget(scene);
	struct finding *finding = because(scene, wan, CAUSE_DUPLICATE_PATHS);

	finding_say(finding->text,
		    "no subflow; other lines have several of a connection, one to each of the far end's %u addresses%s, "
		    "and use up the limit of %u: %u would be needed", budget->far,
		    budget->fullmesh ? " (fullmesh)" : "", budget->limit.value, budget->needed);
	say_limit_advice(budget, finding);
	if (budget->needed <= budget->ceiling)
		finding_say(finding->now, "ip mptcp limits set subflows %u; or let the far end announce one address",
			    budget->needed);
	finding_say(finding->far_end, "announce one address only (ip mptcp endpoint there: remove signal endpoints, IPv6 "
				      "and fe80:: ones first)");
	finding_say(finding->restart, "%s", RESTART);
}

static void limits_raised(struct scene *scene, struct wan *wan, const struct bearing *bearing)
{
	struct finding *finding = because(scene, wan, CAUSE_LIMITS_RAISED_OLD_CONNECTIONS);

	finding_say(finding->text, "%u of %u connections began when the subflow limit was lower than %u, and do not ask again",
		    bearing->raised, scene->connections, scene->budget.limit.value);
	finding_say(finding->restart, "the tunnel or proxy that holds them; new connections use the line");
}

static void add_addr_limit(struct scene *scene, struct wan *wan)
{
	const struct budget *budget = &scene->budget;
	struct finding *finding = because(scene, wan, CAUSE_ADD_ADDR_LIMIT);
	uint32_t accept = budget->accept.value + 1;

	finding_say(finding->text,
		    "the line has addresses of one family, the connections are of the other, and no address that the far "
		    "end announces is accepted: add_addr_accepted is %u", budget->accept.value);
	if (accept <= budget->ceiling) {
		finding_say(finding->now, "ip mptcp limits set add_addr_accepted %u", accept);
		finding_say(finding->for_good, "OpenMPTCProuter: uci set network.globals.mptcp_add_addr_accepted=%u, or "
					       "Network > MPTCP > Max add address; elsewhere: where ip mptcp limits is run "
					       "at boot", accept);
	} else {
		finding_say(finding->now, "give the line an address of the other family, or let the far end announce "
					  "fewer of that one: the kernel accepts %u at most%s", budget->ceiling,
			    budget->ceiling_assumed ? " (assumed)" : "");
	}
	finding_say(finding->far_end, "it must announce an address of that family (a signal endpoint)");
	finding_say(finding->restart, "%s", RESTART);
}

static void no_route(struct scene *scene, struct wan *wan)
{
	struct finding *finding = because(scene, wan, CAUSE_NO_ROUTE_FROM_LINE);

	finding_say(finding->text, "the kernel has no route from this line's address to the far end");
	finding_say(finding->now, "ip route get FAR-END from ADDRESS oif %s; add its default route, in the table that its "
				  "rule names", wan->ifname);
	finding_say(finding->for_good, "the gateway of the line; OpenMPTCProuter: Network > Interfaces > %s, then "
				       "/etc/init.d/mptcp reload", wan->name);
	finding_say(finding->restart, "%s", RESTART);
}

static void bind_or_route_error(struct scene *scene, struct wan *wan)
{
	struct finding *finding = because(scene, wan, CAUSE_BIND_OR_ROUTE_ERROR);

	finding_say(finding->text,
		    "joins fail before their SYN (MPJoinSynTxBindErr, ConnectErr or CreatSkErr moves): an address or a "
		    "route is missing");
	finding_say(finding->now, "compare ip mptcp endpoint with ip address; ip route get FAR-END from ADDRESS oif %s",
		    wan->ifname);
	finding_say(finding->restart, "%s", RESTART);
}

static void unexplained(struct scene *scene, struct wan *wan, const struct bearing *bearing)
{
	struct finding *finding = because(scene, wan, CAUSE_UNEXPLAINED);

	finding_say(finding->text, "%u connections that ought to have a subflow here have none, and no join was seen to "
				   "fail", bearing->eligible);
	finding_say(finding->now, "restart one connection and look again: joins are tried once, when it begins");
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

	if (explain_failed_join(scene, position))
		return;
	if (has_no_route(scene, wan))
		no_route(scene, wan);
	else if (bearing->doubled)
		duplicate_paths(scene, wan);
	else if (bearing->at_limit)
		subflow_limit(scene, wan);
	else if (bearing->raised)
		limits_raised(scene, wan, bearing);
	else if (bearing->unannounced)
		add_addr_limit(scene, wan);
	else if (wan->rival[0])
		duplicate_address(scene, wan);
	else if (joins->waiting_ms && scene->snapshot->taken_ms > joins->waiting_ms)
		unanswered(scene, wan, joins);
	else if (scene->snapshot->memory.no_socket_ms + scene->settings->join_grace_ms >=
		 bearing->oldest_ms && scene->snapshot->memory.no_socket_ms)
		bind_or_route_error(scene, wan);
	else
		unexplained(scene, wan, bearing);
}
