/* SPDX-License-Identifier: MIT */
/*
 * What stops bonding as a whole. Each cause has a function that gives a verdict; "no" takes
 * contrary evidence, for an alarm is cleared by it: that nobody connects at night does not prove
 * that the far end speaks MPTCP again. Nor does an answer of earlier that is held while its
 * question fails: what a judge needs is in the table at the end, and nobody can say without it.
 * What a judge writes counts with a "yes" only, so that it may write before it knows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "lib/address.h"
#include "lib/diagnose_scene.h"

enum { LATELY_MS = 20 * 1000 }; /* evidence of an event is good for so long */

static bool lately(const struct scene *scene, uint64_t moment_ms)
{
	return moment_ms && scene->snapshot->taken_ms - moment_ms < LATELY_MS;
}

/*
 * --- the kernel --------------------------------------------------------------------------------
 */

/* That there is no such sysctl is an answer, so it looks for itself. */
static enum verdict mptcp_disabled(struct scene *scene, struct finding *out)
{
	const struct host *host = &scene->snapshot->host;

	if (scene->snapshot->answers[Q_SYSCTLS].error == -ENOENT) {
		finding_say(out->text, "this kernel has no MPTCP");
		finding_say(out->now, "boot a kernel with CONFIG_MPTCP");
		return VERDICT_YES;
	}
	if (!host->enabled.known || scene->snapshot->answers[Q_SYSCTLS].error)
		return VERDICT_UNKNOWN;
	finding_say(out->text, "net.mptcp.enabled is 0: no new connection uses MPTCP");
	finding_say(out->now, "sysctl -w net.mptcp.enabled=1");
	finding_say(out->for_good,
		    "OpenMPTCProuter: uci set network.globals.multipath=enable; elsewhere: "
		    "net.mptcp.enabled=1 in /etc/sysctl.d");
	finding_say(out->restart, "proxies and tunnels, they have opened plain TCP sockets");
	return host->enabled.value ? VERDICT_NO : VERDICT_YES;
}

static enum verdict userspace_pm(struct scene *scene, struct finding *out)
{
	const char *pm = scene->snapshot->host.path_manager;
	size_t endpoints = scene->snapshot->endpoint_count;

	if (!*pm)
		return VERDICT_UNKNOWN;
	if (!strcmp(pm, "kernel") || scene->connections_joined)
		return VERDICT_NO;
	finding_say(out->text,
		    "the path manager is '%s' and nobody joins: %u connection%s %s, %zu endpoint%s "
		    "%s not looked at",
		    pm, scene->connections, word_plural(scene->connections),
		    scene->connections == 1 ? "has one subflow" : "have one subflow each",
		    endpoints, word_plural(endpoints), endpoints == 1 ? "is" : "are");
	finding_say(
		out->now,
		"sysctl -w net.mptcp.path_manager=kernel (before Linux 6.15: net.mptcp.pm_type=0)");
	finding_say(out->for_good,
		    "OpenMPTCProuter: uci set network.globals.mptcp_pm_type=0; elsewhere: "
		    "/etc/sysctl.d; or run the daemon that is to manage the paths, as mptcpd");
	finding_say(out->restart,
		    "proxies and tunnels: a connection keeps the path manager it began with");
	/* With one line up there is nothing to join. */
	return scene->connections && scene->budget.lines > 1 ? VERDICT_YES : VERDICT_UNKNOWN;
}

static enum verdict no_endpoints(struct scene *scene, struct finding *out)
{
	const struct snapshot *snapshot = scene->snapshot;
	uint32_t up = 0, had = 0;

	if (scene->endpoints_elsewhere)
		return VERDICT_NO;
	if (snapshot->host.role == ROLE_AGGREGATOR || strcmp(snapshot->host.path_manager, "kernel"))
		return VERDICT_UNKNOWN;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		up += snapshot->wans[i].up && snapshot->wans[i].ever_usable_endpoint;
		had += snapshot->wans[i].ever_usable_endpoint;
	}
	finding_say(out->text, "no usable endpoint is left; %u line%s had one, %u of them %s up",
		    had, word_plural(had), up, up == 1 ? "is" : "are");
	finding_say(
		out->now,
		"ip mptcp endpoint add ADDRESS dev LINE subflow, for each line; OpenMPTCProuter: "
		"/etc/init.d/mptcp reload");
	finding_say(out->for_good,
		    "see what flushes them: an init script, a tracker, a network manager");
	return up ? VERDICT_YES : VERDICT_UNKNOWN;
}

/*
 * --- the far end and the first path ------------------------------------------------------------
 */

/* The WAN over which most payload of connections in fallback goes; NULL: none does. */
static const struct wan *first_path(const struct scene *scene)
{
	const struct wan *most = NULL;
	uint64_t octets, best = 0;

	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		const struct wan *wan = &scene->snapshot->wans[i];
		struct growth growth = growth_of(wan, scene->window);

		octets = growth.in + growth.out - growth.spoken_in - growth.spoken_out;
		if (octets > best) {
			best = octets;
			most = wan;
		}
	}
	return most;
}

/* More than half of the payload of the window is that of connections in fallback. */
static bool mostly_plain(const struct scene *scene)
{
	struct growth all = { 0 };
	uint64_t total, plain;

	if (!scene->window)
		return false;
	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		struct growth growth = growth_of(&scene->snapshot->wans[i], scene->window);

		all.in += growth.in;
		all.out += growth.out;
		all.spoken_in += growth.spoken_in;
		all.spoken_out += growth.spoken_out;
	}
	total = all.in + all.out;
	plain = total - all.spoken_in - all.spoken_out;
	return plain * 2 > total && plain >= scene_floor_octets(scene);
}

static bool fallen_now(const struct scene *scene, const struct far_end *far)
{
	for (size_t i = 0; i < scene->harvest->connections.count; i++) {
		const struct connection *row = &scene->harvest->connections.rows[i];

		if (row->fallback && row->ours && row->remote_port == far->port &&
		    address_equal(&row->remote, &far->address))
			return true;
	}
	return false;
}

/*
 * The far end of the youngest connection that fell back although it has spoken MPTCP, or of any. Of
 * now: what fell back once and is not talked to any more is no matter.
 */
static const struct far_end *fallen(const struct scene *scene, bool spoke)
{
	const struct far_end *far = NULL;

	for (size_t i = 0; i < sizeof(scene->snapshot->memory.far_ends) / sizeof(*far); i++) {
		const struct far_end *one = &scene->snapshot->memory.far_ends[i];

		if (one->fell_ms > one->spoke_ms && (!spoke || one->spoke_ms) &&
		    (!far || one->fell_ms > far->fell_ms) && fallen_now(scene, one))
			far = one;
	}
	return far;
}

/* One of ours that began after that moment, on our watch, speaks MPTCP. */
static bool speaks_since(const struct scene *scene, uint64_t moment_ms)
{
	for (size_t i = 0; i < scene->harvest->connections.count; i++) {
		const struct connection *connection = &scene->harvest->connections.rows[i];

		if (connection->ours && connection->complete && !connection->fallback &&
		    !connection->aged && connection->first_ms > moment_ms)
			return true;
	}
	return false;
}

static enum verdict blackhole(struct scene *scene, struct finding *out)
{
	const struct memory *memory = &scene->snapshot->memory;
	const struct maybe_u32 *timeout = &scene->harvest->sysctls.blackhole_timeout_s;
	const struct wan *path = first_path(scene);
	char again[24] = "a while";

	/* With a timeout of 0 the kernel never does it. */
	if (speaks_since(scene, memory->blackhole_ms) || (timeout->known && !timeout->value))
		return VERDICT_NO;
	if (!memory->blackhole_ms)
		return VERDICT_UNKNOWN;
	if (timeout->known &&
	    scene->snapshot->taken_ms - memory->blackhole_ms > (uint64_t)timeout->value * 1000)
		return VERDICT_UNKNOWN;
	if (timeout->known)
		snprintf(again, sizeof(again), "%u s", timeout->value);
	finding_say(
		out->text,
		"the kernel has left MPTCP out of new connections%s%s: SYNs with the option were dropped on the "
		"first path, plain ones were not; it tries again after %s, then after longer",
		path ? ", now on " : "", path ? path->name : "", again);
	finding_say(
		out->now,
		"make another line the first path (the default route of least metric); then sysctl -w "
		"net.mptcp.blackhole_timeout=0 ends the pause, and what it was before goes back");
	finding_say(
		out->for_good,
		"another first path, not blackhole_timeout=0: each new connection would wait for its SYNs; "
		"OpenMPTCProuter: another master, or MPTCP over VPN for that line");
	finding_say(out->far_end, "nothing, unless its own firewall drops TCP option 30");
	finding_say(out->restart, "proxies and tunnels, once new connections speak MPTCP");
	return VERDICT_YES;
}

static enum verdict fallback(struct scene *scene, struct finding *out)
{
	const struct host *host = &scene->snapshot->host;
	const struct far_end *far = fallen(scene, true);
	const struct wan *path = first_path(scene);
	char text[INET6_ADDRSTRLEN];

	if (host->role == ROLE_AGGREGATOR ||
	    scene->snapshot->verdicts[CAUSE_BLACKHOLE] == VERDICT_YES)
		return VERDICT_UNKNOWN;
	if (!far && mostly_plain(scene))
		far = fallen(scene, false);
	if (!far)
		return speaks_since(scene, 0) ? VERDICT_NO : VERDICT_UNKNOWN;
	finding_say(
		out->text,
		"connections to %s fall back to plain TCP%s%s%s: the far end does not speak MPTCP%s, or the "
		"first path removes it",
		word_address(&far->address, "the far end", text), path ? " (first path " : "",
		path ? path->name : "", path ? ")" : "", far->spoke_ms ? " any more" : "");
	finding_say(out->now,
		    "test it: ss -tinM at the far end; or make another line the first path");
	finding_say(out->for_good,
		    "if another first path helps: MPTCP over VPN for this line, or another master");
	finding_say(
		out->far_end,
		"sysctl net.mptcp.enabled must be 1, the kernel one with MPTCP, the service must "
		"listen with MPTCP (mptcpize run, or IPPROTO_MPTCP)");
	finding_say(out->restart, "proxies and tunnels: a connection in fallback stays so");
	return VERDICT_YES;
}

/*
 * Most connections wait for an ACK, on whatever lines they have, and nothing comes in. One alone
 * among others may have been forgotten by a box on its way.
 */
static enum verdict far_end_silent(struct scene *scene, struct finding *out)
{
	const struct snapshot *snapshot = scene->snapshot;
	char far[INET6_ADDRSTRLEN];
	uint32_t joined = 0;
	uint64_t received = 0;

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];
		const struct wan *was =
			scene->before ? snapshot_wan(scene->before, wan->index) : NULL;

		joined += wan->subflows != 0;
		received += was && wan->in_octets > was->in_octets;
	}
	if (snapshot->host.role == ROLE_AGGREGATOR || !joined)
		return VERDICT_UNKNOWN;
	if (received || (scene->grown && !scene->connections_silent))
		return VERDICT_NO;
	if (!scene->connections_silent || scene->connections_silent * 2 <= scene->connections)
		return VERDICT_UNKNOWN;
	finding_say(
		out->text,
		"%u of %u connection%s wait%s for the far end, on %u joined line%s: nothing was acknowledged for %u s",
		scene->connections_silent, scene->connections, word_plural(scene->connections),
		scene->connections_silent == 1 ? "s" : "", joined, word_plural(joined),
		scene->settings->far_silent_ms / 1000);
	finding_say(out->now, "is the far end up, and is it reached over any line? ping -I LINE %s",
		    word_far(scene, far));
	finding_say(out->far_end, "its uplink, its firewall, its load");
	return VERDICT_YES;
}

/* Where the first SYNs of connections wait or failed last; NULL: nobody knows. */
static const char *opening_path(const struct scene *scene)
{
	const struct wan *wan = snapshot_wan(scene->snapshot, scene->snapshot->memory.failed_path);

	return wan ? wan->name : NULL;
}

static enum verdict connects(struct scene *scene, uint64_t failed_ms)
{
	const struct memory *memory = &scene->snapshot->memory;

	if (scene->snapshot->host.role == ROLE_AGGREGATOR)
		return VERDICT_UNKNOWN;
	if (memory->connected_ms && memory->connected_ms >= failed_ms)
		return VERDICT_NO;
	return lately(scene, failed_ms) ? VERDICT_YES : VERDICT_UNKNOWN;
}

static enum verdict connect_unanswered(struct scene *scene, struct finding *out)
{
	const char *path = opening_path(scene);

	finding_say(out->text, "new connections get no SYN/ACK%s%s",
		    path ? "; their first path is " : "", path ? path : "");
	finding_say(
		out->now,
		"is the far end reached over %s? ping it; else make another line the first path (the "
		"default route of least metric)",
		path ? path : "the default route");
	finding_say(out->for_good, "let a tracker take the default route of a dead line away");
	finding_say(out->far_end, "is the service up, does a firewall drop its port?");
	return connects(scene, scene->snapshot->memory.unanswered_ms);
}

static enum verdict connect_refused(struct scene *scene, struct finding *out)
{
	const char *path = opening_path(scene);

	finding_say(out->text, "new connections are refused: the far end answers with a reset%s%s",
		    path ? "; first path " : "", path ? path : "");
	finding_say(out->now, "is the address and port of the far end right?");
	finding_say(out->far_end, "is the service up and listening on that port?");
	/* Others go on: the far end is there, and one of its ports is closed. */
	if (scene_goes_on(scene))
		out->severity = SEVERITY_INFO;
	return connects(scene, scene->snapshot->memory.refused_ms);
}

/*
 * --- the monitor and its owner -----------------------------------------------------------------
 */

static enum verdict source_unreadable(struct scene *scene, struct finding *out)
{
	finding_say(out->text, "the kernel does not tell what the states rest on: %.160s",
		    scene->snapshot->host.last_error);
	finding_say(
		out->now,
		"see the monitor's log; it needs CAP_NET_ADMIN and this kernel's sock_diag for MPTCP");
	return scene->blind ? VERDICT_YES : VERDICT_NO;
}

static size_t differs(char *text, size_t len, const char *what, const char *is,
		      const char *expected)
{
	if (!*expected || !strcmp(is, expected))
		return len;
	return len + (size_t)snprintf(text + len, len < SENTENCE_LEN ? SENTENCE_LEN - len : 0,
				      "%s%s is %s, not %s", len ? ", " : "", what, is, expected);
}

static size_t limit_differs(char *text, size_t len, const char *what, const struct maybe_u32 *is,
			    const struct maybe_u32 *expected)
{
	char now[16], then[16];

	if (!is->known || !expected->known)
		return len;
	snprintf(now, sizeof(now), "%u", is->value);
	snprintf(then, sizeof(then), "%u", expected->value);
	return differs(text, len, what, now, then);
}

static enum verdict drift(struct scene *scene, struct finding *out)
{
	const struct expectations *expect = &scene->settings->expect;
	const struct host *host = &scene->snapshot->host;
	const struct budget *budget = &scene->budget;
	size_t len = 0;

	if (!host->subflow_limit.known)
		return VERDICT_UNKNOWN;
	len = limit_differs(out->text, len, "the subflow limit", &host->subflow_limit,
			    &expect->subflows);
	len = limit_differs(out->text, len, "add_addr_accepted", &host->add_addr_limit,
			    &expect->add_addr);
	len = differs(out->text, len, "the scheduler", host->scheduler, expect->scheduler);
	len = differs(out->text, len, "the path manager", host->path_manager, expect->path_manager);
	finding_say(
		out->now,
		"see what set it: ip mptcp limits, sysctl net.mptcp; a value that the kernel does not "
		"know, or above its maximum, is refused as a whole and silently by many scripts");
	if (expect->subflows.known && host->subflow_limit.value < expect->subflows.value &&
	    host->subflow_limit.value < budget->needed)
		out->severity = SEVERITY_WARNING;
	return len ? VERDICT_YES : VERDICT_NO;
}

enum { ASKED_FOR_SPEECH = ASKED(Q_SYSCTLS) | ASKED(Q_CONNECTIONS) | ASKED(Q_SUBFLOWS) };

/* In the order of judgement: a later one may look at an earlier one's verdict. */
static const struct {
	enum cause cause;
	enum verdict (*judge)(struct scene *, struct finding *out);
	unsigned int needs;	/* questions that must have been answered */
} judges[] = {
	{ CAUSE_SOURCE_UNREADABLE, source_unreadable, 0 },
	{ CAUSE_MPTCP_DISABLED, mptcp_disabled, 0 },
	{ CAUSE_USERSPACE_PM, userspace_pm, ASKED_FOR_STATES | ASKED(Q_SYSCTLS) },
	{ CAUSE_NO_ENDPOINTS, no_endpoints, ASKED_FOR_STATES | ASKED(Q_SYSCTLS) },
	{ CAUSE_BLACKHOLE, blackhole, ASKED_FOR_SPEECH },
	{ CAUSE_FALLBACK, fallback, ASKED_FOR_SPEECH },
	{ CAUSE_FAR_END_SILENT, far_end_silent, ASKED_FOR_STATES },
	{ CAUSE_CONNECT_UNANSWERED, connect_unanswered, ASKED_FOR_STATES },
	{ CAUSE_CONNECT_REFUSED, connect_refused, ASKED_FOR_STATES },
	{ CAUSE_DRIFT, drift, ASKED(Q_LIMITS) | ASKED(Q_SYSCTLS) },
};

void judge_host(struct scene *scene)
{
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		struct finding *finding = finding_add(scene, NULL, judges[i].cause);
		enum verdict verdict = VERDICT_UNKNOWN;

		if (!answers_lack(scene->snapshot, judges[i].needs))
			verdict = judges[i].judge(scene, finding);
		scene->snapshot->verdicts[judges[i].cause] = (uint8_t)verdict;
		if (verdict != VERDICT_YES)
			finding_drop(scene, finding);
	}
}
