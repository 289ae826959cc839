/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "lib/diagnose_scene.h"

enum { LOSSY = 500, LOST = 5000 }; /* retransmitted part, in 1/100 % */

struct finding *finding_because(struct scene *scene, struct wan *wan, enum cause cause)
{
	wan->cause = cause;
	return finding_add(scene, wan, cause);
}

/*
 * While bonding is stopped as a whole, that is the cause, and not one of the line's own. Not where
 * its owner has shelved it, nor when only new connections fail while old ones carry, or go on where
 * a port is closed.
 */
static bool stopped(const struct scene *scene, struct wan *wan)
{
	for (uint32_t cause = CAUSE_MPTCP_DISABLED; cause < CAUSE_SOURCE_UNREADABLE; cause++) {
		if (scene->snapshot->verdicts[cause] != VERDICT_YES ||
		    scene->settings->shelved_host & UINT32_C(1) << cause)
			continue;
		if (cause == CAUSE_CONNECT_UNANSWERED && scene->carrying)
			continue;
		if (cause == CAUSE_CONNECT_REFUSED && scene_goes_on(scene))
			continue;
		wan->cause = cause;
		return true;
	}
	return false;
}

/*
 * --- down --------------------------------------------------------------------------------------
 */

/*
 * Nobody has said that it is a WAN, it never had an endpoint, and no connection of ours was seen on
 * it: the LAN, on which somebody's subflow was accepted, or a plan.
 */
static bool matters(const struct scene *scene, const struct wan *wan)
{
	return wan->ever_usable_endpoint || (wan->configured && wan->ever_joined) ||
	       scene->snapshot->joins[wan - scene->snapshot->wans].youngest_ms ||
	       (wan->configured && wan->ifindex);
}

/* Since the poll before. */
static bool flows(const struct wan *wan)
{
	return wan->in_kbps.value || wan->out_kbps.value;
}

/*
 * With the endpoint the kernel ends the subflows from its address; a connection that begins on the
 * line afterwards, for the default route is still there, uses it all the same.
 */
static void explain_withdrawn(const struct scene *scene, const struct wan *wan, const char *name,
			      struct finding *finding)
{
	char before[64] = "", far[INET6_ADDRSTRLEN];

	if (flows(wan) && !wan->subflows)
		snprintf(before, sizeof(before), "connections in fallback still carry, but ");
	else if (flows(wan))
		snprintf(before, sizeof(before), "%u subflow%s still carr%s, but ", wan->subflows,
			 word_plural(wan->subflows), wan->subflows == 1 ? "ies" : "y");
	finding_say(
		finding->text,
		"%sits endpoint was taken away, while others were left: something holds the line for dead",
		before);
	finding_say(finding->now,
		    "see the tracker's log; OpenMPTCProuter: logread -e tracker; does the line "
		    "reach the far end? ping -I %s %s",
		    name, word_far(scene, far));
}

static void explain_down(struct scene *scene, struct wan *wan)
{
	struct finding *finding = finding_because(scene, wan, wan->cause);
	const char *name = wan->ifname[0] ? wan->ifname : wan->name;
	/* The story begins with the WAN's name. */
	const char *on = strcmp(name, wan->name) ? " on " : "", *where = *on ? name : "";

	switch (wan->cause) {
	case CAUSE_INTERFACE_ABSENT:
		finding_say(finding->text, "no such interface");
		finding_say(finding->now,
			    "plug the modem in, or see why its connection is not made");
		break;
	case CAUSE_ADMIN_DOWN:
		finding_say(finding->text, "switched off%s%s", on, where);
		finding_say(finding->now, "ip link set %s up, if it is to carry", name);
		break;
	case CAUSE_LINK_DOWN:
		finding_say(finding->text, "no carrier%s%s", on, where);
		finding_say(finding->now, "see cable, modem and its power");
		break;
	case CAUSE_NO_ADDRESS:
		finding_say(finding->text, "no address%s%s", on, where);
		finding_say(finding->now, "see its DHCP or PPP client");
		break;
	case CAUSE_BASE_DOWN:
		finding_say(finding->text, "%s, which it runs over, is down", wan->base);
		break;
	default:
		explain_withdrawn(scene, wan, name, finding);
		break;
	}
	if (!matters(scene, wan))
		finding->severity = SEVERITY_INFO;
}

/*
 * --- idle --------------------------------------------------------------------------------------
 */

/* The carrying line of the least round trip; NULL: none. */
static const struct wan *best_line(const struct scene *scene)
{
	const struct wan *best = NULL;

	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		const struct wan *wan = &scene->snapshot->wans[i];

		if (scene->carrying & SLOT(wan->slot) && wan->rtt_us.known &&
		    (!best || wan->rtt_us.value < best->rtt_us.value))
			best = wan;
	}
	return best;
}

static void explain_idle(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct wan *best = best_line(scene);
	/* At this very poll there may be no pressure at all. */
	bool sending = scene->bearings[position].wanted_out || !scene->bearings[position].wanted_in;
	const char *full =
		sending ? "the others are full" : "the others receive nearly all they can";
	char far[INET6_ADDRSTRLEN];
	struct finding *finding;

	if (wan->retrans_ratio.known && wan->retrans_ratio.value >= LOSSY) {
		finding = finding_because(scene, wan, CAUSE_SCHEDULER_AVOIDS);
		finding_say(
			finding->text,
			"joined and silent while %s: %u %% of what is sent there is sent again%s",
			full, wan->retrans_ratio.value / 100,
			wan->retrans_ratio.value >= LOST
				? ", so packets of full size may not get through"
				: "");
		finding_say(
			finding->now,
			"ping -M do -s 1400 -I %s %s: does a long packet pass? Else lower the MTU of %s",
			wan->ifname, word_far(scene, far), wan->ifname);
		finding_say(finding->for_good,
			    "the MTU in the line's configuration, or the modem's");
	} else if (best && wan->rtt_us.known && wan->rtt_us.value > 2 * best->rtt_us.value) {
		finding = finding_because(scene, wan, CAUSE_SCHEDULER_AVOIDS);
		finding_say(
			finding->text,
			"joined and silent while %s: its round trip is %u ms, that of %s is %u ms",
			full, wan->rtt_us.value / 1000, best->name, best->rtt_us.value / 1000);
		finding_say(
			finding->now,
			"see what delays it (a full queue, a modem, the mobile cell); a scheduler "
			"prefers the quicker lines");
		finding_say(finding->for_good, "queue management (SQM) at the line's rate");
	} else {
		finding = finding_because(scene, wan, CAUSE_UNEXPLAINED);
		finding->severity = SEVERITY_MINOR;
		finding_say(finding->text,
			    "joined and silent while %s; neither round trip nor loss tells why",
			    full);
		finding_say(finding->now, "%s",
			    sending ? "see the scheduler: sysctl net.mptcp.scheduler"
				    : "see how the far end sees it: there is who sends");
	}
	if (!sending)
		finding_say(
			finding->far_end,
			"it is the far end that sends: see its scheduler and its view of the line");
}

/*
 * --- lines that nothing is to be said against, or little ---------------------------------------
 */

/*
 * More than half of the payload is theirs, it is more than a trickle, and younger connections have
 * not used the line for a while either.
 */
static bool weighty(const struct scene *scene, const struct wan *wan, const struct bearing *bearing)
{
	uint64_t trickle = scene->settings->floor_octets * scene->elapsed_ms / 60000;
	/* For a state window the octets of before the line was ready still count. */
	bool used = wan->carried_ms > wan->attached_ms + 2 * scene->settings->window_ms &&
		    scene->snapshot->taken_ms - wan->carried_ms < scene->settings->idle_memory_ms;

	return !used && bearing->old_grown * 2 > scene->grown && bearing->old_grown > trickle;
}

static void explain_old(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct bearing *bearing = &scene->bearings[position];
	struct finding *finding;

	enum cause cause = bearing->old_raised ? CAUSE_LIMITS_RAISED_OLD_CONNECTIONS
					       : CAUSE_MISSING_ON_OLD_CONNECTIONS;
	bool heavy = weighty(scene, wan, bearing);

	/* Once found it holds while they last: that a young one joins in between changes nothing.
	 */
	if (!bearing->old || (bearing->joined && !heavy && !finding_was(scene, wan, cause)))
		return;
	finding = finding_because(scene, wan, cause);
	if (bearing->old_raised) {
		finding_say(
			finding->text,
			"%u of %u connection%s began when the subflow limit was lower, and do%s not ask again",
			bearing->old_raised, scene->connections, word_plural(scene->connections),
			bearing->old_raised == 1 ? "es" : "");
	} else {
		finding_say(
			finding->text,
			"%u of %u connection%s began before the line was ready, or before we looked, and will not "
			"use it: the kernel joins once",
			bearing->old, scene->connections, word_plural(scene->connections));
	}
	finding->severity = heavy ? SEVERITY_WARNING : SEVERITY_INFO;
	finding_say(finding->restart,
		    "the tunnel or proxy that holds them; new connections use the line");
}

/* Plain TCP does not make a line carry; it is what flows there, all the same. */
static void explain_plain(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	uint32_t count = scene->bearings[position].plain;
	struct finding *finding;

	if (!count || (wan->subflows && !flows(wan)))
		return;
	if (stopped(scene, wan))
		return;
	finding = finding_because(scene, wan, CAUSE_FALLBACK);
	finding->severity = SEVERITY_INFO;
	finding_say(finding->text,
		    "%u connection%s here %s fallen back to plain TCP, and use%s this line only",
		    count, word_plural(count), count == 1 ? "has" : "have", count == 1 ? "s" : "");
}

static void explain_backup(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];
	const struct bearing *bearing = &scene->bearings[position];
	bool detached = wan_is_detached(scene, wan);
	struct finding *finding;
	char text[SENTENCE_LEN];

	if (!detached && (!bearing->eligible || bearing->eligible_joined))
		return;
	if (stopped(scene, wan))
		return;
	/* The cause is that of any line; what it means is another thing. */
	if (detached)
		explain_detached(scene, position);
	else
		explain_unjoined(scene, position);
	finding = finding_recast(scene, wan, CAUSE_BACKUP_NOT_READY);
	snprintf(text, sizeof(text), "this backup line is not ready: %.220s", finding->text);
	memcpy(finding->text, text, sizeof(text));
}

static void note_backup_in_use(struct scene *scene, struct wan *wan)
{
	struct finding *finding;
	uint32_t others = 0;

	for (size_t i = 0; i < scene->snapshot->wan_count; i++)
		others += scene->snapshot->wans[i].state == WAN_CARRYING &&
			  scene->snapshot->wans[i].role != ROLE_BACKUP;
	finding = finding_because(scene, wan, CAUSE_BACKUP_IN_USE);
	finding->severity = others ? SEVERITY_INFO : SEVERITY_WARNING;
	finding_say(finding->text, "this backup line carries%s",
		    others ? " although others do" : "; no other line does");
}

void explain_wan(struct scene *scene, size_t position)
{
	struct wan *wan = &scene->snapshot->wans[position];

	switch ((enum wan_state)wan->state) {
	case WAN_ABSENT:
	case WAN_DOWN:
		explain_down(scene, wan);
		break;
	case WAN_DETACHED:
		if (!stopped(scene, wan))
			explain_detached(scene, position);
		break;
	case WAN_UNJOINED:
		if (!stopped(scene, wan))
			explain_unjoined(scene, position);
		break;
	case WAN_IDLE:
		if (!stopped(scene, wan))
			explain_idle(scene, position);
		break;
	case WAN_STANDBY:
		explain_backup(scene, position);
		break;
	case WAN_QUIET:
		if (scene->snapshot->host.role == ROLE_ROUTER)
			explain_old(scene, position);
		if (!wan->cause)
			explain_plain(scene, position);
		break;
	case WAN_CARRYING:
		if (wan->role == ROLE_BACKUP)
			note_backup_in_use(scene, wan);
		break;
	case WAN_UNKNOWN:
		break;
	}
}
