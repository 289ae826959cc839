/* SPDX-License-Identifier: MIT */
/* Why a line has no usable endpoint. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/diagnose_scene.h"

static const char RESTART[] = "the tunnel or proxy; existing connections do not join again";

static void flag_words(uint32_t flags, char *text, size_t size)
{
	const char *const *words = endpoint_flag_words;
	size_t len = 0;

	*text = '\0';
	for (size_t bit = 0; words[bit]; bit++)
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

static void stale_endpoint(struct scene *scene, struct wan *wan)
{
	const struct endpoint *endpoint = endpoint_of(scene->snapshot, wan, true);
	struct finding *finding = finding_because(scene, wan, CAUSE_STALE_ENDPOINT);
	char address[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN];

	if (!endpoint)
		return;
	word_address(&endpoint->address, "ADDRESS", address);
	if (endpoint->ifindex && endpoint->ifindex != wan->ifindex)
		finding_say(finding->text,
			    "endpoint %u (%s) is bound to interface index %u, and %s has index %u",
			    endpoint->id, address, endpoint->ifindex, wan->ifname, wan->ifindex);
	else
		finding_say(finding->text, "endpoint %u has the address %s, which %s has lost",
			    endpoint->id, address, wan->ifname);
	finding_say(finding->now,
		    "ip mptcp endpoint delete id %u; ip mptcp endpoint add %s dev %s subflow",
		    endpoint->id, word_own(wan, own), wan->ifname);
	finding_say(
		finding->for_good,
		"let what makes the interface add its endpoint anew each time; OpenMPTCProuter: "
		"/etc/init.d/mptcp reload %s",
		wan->ifname);
	finding_say(finding->restart, "%s", RESTART);
}

static void endpoint_not_subflow(struct scene *scene, struct wan *wan)
{
	const struct endpoint *endpoint = endpoint_of(scene->snapshot, wan, false);
	struct finding *finding = finding_because(scene, wan, CAUSE_ENDPOINT_NOT_SUBFLOW);
	char address[INET6_ADDRSTRLEN], flags[64];

	if (!endpoint)
		return;
	word_address(&endpoint->address, "ADDRESS", address);
	flag_words(endpoint->flags, flags, sizeof(flags));
	finding_say(finding->text,
		    "endpoint %u (%s) has the flags %s: without subflow nobody joins from it",
		    endpoint->id, address, flags);
	finding_say(finding->now,
		    "ip mptcp endpoint delete id %u; ip mptcp endpoint add %s dev %s subflow%s",
		    endpoint->id, address, wan->ifname,
		    endpoint->flags & ENDPOINT_BACKUP ? " backup" : "");
	finding_say(finding->for_good,
		    "OpenMPTCProuter up to 0.61 sets a backup line this way: update it, or change "
		    "'backup fullmesh' to 'subflow backup fullmesh' in /usr/bin/multipath");
	finding_say(finding->restart, "%s", RESTART);
}

/* Also of a line that has an endpoint and cannot be joined. */
void explain_duplicate(struct scene *scene, struct wan *wan)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_DUPLICATE_ADDRESS);

	finding_say(
		finding->text,
		"%s and %s have an address in common: the kernel takes one endpoint of it, and nobody "
		"can tell the lines apart",
		wan->ifname, wan->rival);
	finding_say(finding->now, "give one of the modems another subnet");
	finding_say(finding->for_good, "the LAN side of the modem or router behind %s",
		    wan->ifname);
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

/*
 * Which of the table's endpoints to give up: IPv6 ones of lines that can be joined over IPv4, too.
 * None that is announced: the far end may rest on it.
 */
static uint32_t list_surplus(const struct scene *scene, char *ids, size_t ids_size, char *lines,
			     size_t lines_size)
{
	const struct snapshot *snapshot = scene->snapshot;
	uint32_t surplus = 0;

	*ids = *lines = '\0';
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		const struct wan *wan = snapshot_wan(snapshot, endpoint->wan_index);
		char id[16];

		if (endpoint->address.family != AF_INET6 || endpoint->flags & ENDPOINT_SIGNAL ||
		    !wan || !scene->bearings[wan - snapshot->wans].endpoints_v4)
			continue;
		surplus++;
		snprintf(id, sizeof(id), "%u", endpoint->id);
		list_add(ids, ids_size, id);
		list_add(lines, lines_size, wan->name);
	}
	return surplus;
}

/*
 * Those that serve nobody: of no line and not usable, or with an address that its line has lost. A
 * line that is down will want its own again, the far end may rest on one that is announced, and
 * the kernel made the implicit ones.
 */
static bool is_orphan(const struct snapshot *snapshot, const struct endpoint *endpoint)
{
	if (endpoint->flags & (ENDPOINT_SIGNAL | ENDPOINT_IMPLICIT))
		return false;
	return endpoint->stale ||
	       (!endpoint->usable && !snapshot_wan(snapshot, endpoint->wan_index));
}

static uint32_t list_orphans(const struct snapshot *snapshot, char *ids, size_t ids_size)
{
	uint32_t orphans = 0;

	*ids = '\0';
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];
		char id[16];

		if (!is_orphan(snapshot, endpoint))
			continue;
		orphans++;
		snprintf(id, sizeof(id), "%u", endpoint->id);
		list_add(ids, ids_size, id);
	}
	return orphans;
}

static void table_full(struct scene *scene, struct wan *wan)
{
	const struct snapshot *snapshot = scene->snapshot;
	const struct budget *budget = &scene->budget;
	struct finding *finding = finding_because(scene, wan, CAUSE_ENDPOINT_TABLE_FULL);
	char ids[40], lines[80], own[INET6_ADDRSTRLEN];
	uint32_t v6 = 0, surplus = list_surplus(scene, ids, sizeof(ids), lines, sizeof(lines));

	for (size_t i = 0; i < snapshot->endpoint_count; i++)
		v6 += snapshot->endpoints[i].address.family == AF_INET6;
	finding_say(finding->text,
		    "it has no endpoint; the endpoint table is full: %u of %u, %u of them IPv6",
		    budget->table, budget->table_most, v6);
	if (surplus) {
		finding_say(
			finding->now,
			"remove the IPv6 endpoints of %s (ip mptcp endpoint delete id, each of %s), "
			"then: ip mptcp endpoint add %s dev %s subflow",
			lines, ids, word_own(wan, own), wan->ifname);
		finding_say(
			finding->for_good,
			"switch IPv6 off on these lines; OpenMPTCProuter: uci set "
			"openmptcprouter.settings.disable_ipv6=1, or option ipv6 0 of each line");
	} else if (list_orphans(snapshot, ids, sizeof(ids))) {
		finding_say(finding->now,
			    "remove endpoints that serve no line (ip mptcp endpoint delete id, "
			    "each of %s), then: ip mptcp endpoint add %s dev %s subflow",
			    ids, word_own(wan, own), wan->ifname);
		finding_say(finding->for_good,
			    "let what adds them take them away when their line or address goes");
	} else {
		finding_say(finding->now, "leave a line out: the kernel has room for no more");
		finding_say(finding->for_good, "a kernel with more room, at both ends");
	}
	finding_say(finding->restart, "%s", RESTART);
}

static void no_endpoint(struct scene *scene, struct wan *wan)
{
	struct finding *finding = finding_because(scene, wan, CAUSE_NO_ENDPOINT);
	char own[INET6_ADDRSTRLEN];

	finding_say(finding->text, "%s is up and has no endpoint, so nobody joins from it",
		    wan->ifname);
	finding_say(finding->now, "ip mptcp endpoint add %s dev %s subflow", word_own(wan, own),
		    wan->ifname);
	finding_say(finding->for_good,
		    "OpenMPTCProuter: uci set network.%s.multipath=on, or Network > MPTCP > "
		    "%s > Multipath TCP; elsewhere: where endpoints are added at boot",
		    wan->name, wan->name);
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
		explain_duplicate(scene, wan);
	else if (scene->budget.table_full)
		table_full(scene, wan);
	else
		no_endpoint(scene, wan);
}
