/* SPDX-License-Identifier: MIT */
/* What stops bonding as a whole: yes, no by contrary evidence, or nobody can say; and drift. */
#include <errno.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

static bool tells(const struct world *w, enum cause cause, const char *word)
{
	const struct finding *finding = world_finding(w, 0, cause);
	char story[STORY_LEN];

	return finding && strstr(finding_tell(finding, story, sizeof(story)), word);
}

/* The verdict, and a finding only with "yes". */
static void is_verdict(struct world *w, enum cause cause, enum verdict want, const char *what)
{
	world_poll(w, WORLD_POLL_MS);
	is_u64(world_verdict(w, cause), want, "%s: %s", cause_words[cause], what);
	if ((world_finding(w, 0, cause) != NULL) != (want == VERDICT_YES))
		ok(false, "%s: a finding with YES only", what);
}

/* Two lines of two joined ones, and wan3 that is not. */
static struct world *world(void)
{
	struct world *w = world_new(3);

	world_poll(w, 0);
	world_connect(w, WAN1 | WAN2);
	world_run(w, 20000);
	return w;
}

static void mptcp_disabled(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_MPTCP_DISABLED;

	is_verdict(w, cause, VERDICT_NO, "enabled");
	is_said(w, 3, "unjoined unexplained", "a line has a cause of its own");
	w->host.enabled.value = false;
	is_verdict(w, cause, VERDICT_YES, "0");
	is_said(w, 3, "unjoined mptcp-disabled", "the host's cause silences the line's");
	ok(!world_finding(w, 3, CAUSE_UNEXPLAINED), "with no finding of the line's");
	ok(strstr(world_wan(w, 3)->cause_text, "net.mptcp.enabled"), "its story is the host's");
	w->errors[Q_SYSCTLS] = -ETIMEDOUT;
	is_verdict(w, cause, VERDICT_UNKNOWN, "what is held is not of now");
	w->errors[Q_SYSCTLS] = -ENOENT;
	w->host.enabled.known = false;
	is_verdict(w, cause, VERDICT_YES, "a kernel without MPTCP");
	ok(tells(w, cause, "CONFIG_MPTCP"), "which is told");
	w->errors[Q_SYSCTLS] = 0;
	is_verdict(w, cause, VERDICT_UNKNOWN, "not told");
	world_free(w);
}

static void userspace_pm(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_USERSPACE_PM;

	is_verdict(w, cause, VERDICT_NO, "the kernel's");
	strcpy(w->host.path_manager, "userspace");
	is_verdict(w, cause, VERDICT_NO, "a daemon that joins");
	w->connections[0].on = WAN1;
	w->connections[0].subflows = 1;
	is_verdict(w, cause, VERDICT_YES, "nobody joins");
	ok(tells(w, cause, "'userspace'") && tells(w, cause, ": 1 connection has one subflow, 3 endpoints are"),
	   "numbers");
	is_said(w, 3, "unjoined userspace-pm-without-daemon", "which explains the line");
	w->endpoint_count = 0;
	is_verdict(w, cause, VERDICT_UNKNOWN, "there is nothing to join from");
	w->endpoint_count = 3;
	w->wans[1].carrier = w->wans[2].carrier = false;
	is_verdict(w, cause, VERDICT_UNKNOWN, "with one line up there is nobody to join");
	w->wans[1].carrier = w->wans[2].carrier = true;
	w->harvest.connections.count = 0;
	is_verdict(w, cause, VERDICT_UNKNOWN, "nobody who could join");
	w->host.path_manager[0] = '\0';
	is_verdict(w, cause, VERDICT_UNKNOWN, "not told which");
	world_free(w);
}

static void no_endpoints(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_NO_ENDPOINTS;

	is_verdict(w, cause, VERDICT_NO, "some");
	w->errors[Q_ENDPOINTS] = -EPERM;
	is_verdict(w, cause, VERDICT_UNKNOWN, "nobody tells of them");
	w->errors[Q_ENDPOINTS] = 0;
	w->endpoint_count = 1;
	is_verdict(w, cause, VERDICT_NO, "one is left");
	is_said(w, 2, "down endpoint-withdrawn", "then the others' were withdrawn");
	w->endpoint_count = 0;
	is_verdict(w, cause, VERDICT_YES, "all gone");
	ok(tells(w, cause, "3 lines had one, 3 of them are up"), "how many");
	is_said(w, 3, "quiet none", "nothing is said against a line");
	strcpy(w->host.path_manager, "userspace");
	is_verdict(w, cause, VERDICT_UNKNOWN, "a daemon needs none");
	strcpy(w->host.path_manager, "kernel");
	w->settings.role = ROLE_AGGREGATOR;
	is_verdict(w, cause, VERDICT_UNKNOWN, "nor does a far end");
	w->settings.role = 0;
	for (int i = 0; i < 3; i++)
		w->wans[i].carrier = false;
	is_verdict(w, cause, VERDICT_UNKNOWN, "no line is up that could have one");
	world_free(w);
}

/* A connection of that kind to the far end, beginning with the next poll. */
static struct connection *plain(struct world *w)
{
	struct connection *connection = world_connect(w, WAN1);

	connection->fallback = true;
	connection->complete = connection->at_limit = false;
	return connection;
}

static void fallback(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_FALLBACK;

	is_verdict(w, cause, VERDICT_NO, "a connection that began on our watch speaks MPTCP");
	plain(w);
	is_verdict(w, cause, VERDICT_YES, "it has spoken MPTCP, and does not now");
	ok(tells(w, cause, "192.0.2.1") && tells(w, cause, "any more"), "who");
	is_said(w, 3, "unjoined fallback", "which explains the line");
	w->settings.role = ROLE_AGGREGATOR;
	is_verdict(w, cause, VERDICT_UNKNOWN, "from the far end nobody can say");
	w->settings.role = 0;
	w->harvest.connections.count = 0;
	is_verdict(w, cause, VERDICT_UNKNOWN, "at night nobody connects");
	world_run(w, 3600 * 1000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "which proves nothing");
	world_connect(w, WAN1);
	is_verdict(w, cause, VERDICT_NO, "it speaks again");
	world_free(w);
}

/* What fell back once and is not talked to any more is no matter, nor is another of its services. */
static void fallback_of_now(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_FALLBACK;

	plain(w)->remote_port = 8080;
	is_verdict(w, cause, VERDICT_NO, "another port of it never spoke MPTCP");
	w->harvest.connections.count = 1;
	plain(w);
	is_verdict(w, cause, VERDICT_YES, "the one that did, does not now");
	w->harvest.connections.count = 1;
	plain(w)->remote_port = 8080;
	is_verdict(w, cause, VERDICT_NO, "and is gone: the other port is not the one");
	w->harvest.connections.count = 1;
	plain(w)->remote.bytes[3] = 99;
	is_verdict(w, cause, VERDICT_NO, "closed: a stranger's in its place is a stranger's");
	w->harvest.connections.count = 1;
	is_verdict(w, cause, VERDICT_NO, "and then there is none at all");
	world_free(w);

	w = world_new(2);
	world_poll(w, 0);
	plain(w)->remote_port = 8080;
	is_verdict(w, cause, VERDICT_UNKNOWN, "a service that never spoke MPTCP");
	w->harvest.connections.count = 0;
	world_connect(w, WAN1 | WAN2);
	is_verdict(w, cause, VERDICT_NO, "after it one that does");
	plain(w);
	is_verdict(w, cause, VERDICT_YES, "until that falls back");
	world_free(w);
}

/* A line that only these use is quiet, and has its reason. */
static void fallback_of_a_line(void)
{
	struct world *w = world_new(2);
	struct connection *connection;

	world_poll(w, 0);
	connection = plain(w);
	connection->remote.bytes[3] = 99;
	is_verdict(w, CAUSE_FALLBACK, VERDICT_UNKNOWN, "a web server's");
	is_said(w, 1, "quiet fallback", "is all that this line has");
	is_said(w, 2, "quiet none", "and not the other's");
	ok(world_finding(w, 1, CAUSE_FALLBACK)->severity == SEVERITY_INFO &&
		   strstr(world_finding(w, 1, CAUSE_FALLBACK)->text, "1 connection here has fallen"),
	   "worth knowing");
	w->wans[0].subflows = 1;
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "joined and silent it has none");
	w->wans[0].in_octets = w->wans[0].plain_in_octets = 5000;
	world_poll(w, 5000);
	is_said(w, 1, "quiet fallback", "unless something flows");
	w->wans[0].subflows = 0;
	w->wans[0].in_octets = w->wans[0].plain_in_octets = 5000000;
	is_verdict(w, CAUSE_FALLBACK, VERDICT_YES, "that is most of the payload");
	is_said(w, 1, "quiet fallback", "is the host's matter");
	ok(!world_finding(w, 1, CAUSE_FALLBACK), "and told once");
	world_free(w);
}

static void fallback_of_strangers(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_FALLBACK;
	struct connection *connection = plain(w);

	connection->remote.bytes[3] = 99;
	is_verdict(w, cause, VERDICT_NO, "a web server never spoke MPTCP");
	w->wans[0].in_octets = w->wans[0].plain_in_octets = 1000000;
	is_verdict(w, cause, VERDICT_YES, "but if most of the payload is plain");
	ok(tells(w, cause, "first path wan1") && !tells(w, cause, "any more"), "by which line");
	w->wans[1].in_octets = 1000000;
	is_verdict(w, cause, VERDICT_NO, "half is not most");
	connection->remote.bytes[3] = 1;
	connection->ours = false;
	is_verdict(w, cause, VERDICT_NO, "what they open to us is theirs");
	connection->ours = true;
	connection->remote.bytes[0] = 127;
	is_verdict(w, cause, VERDICT_NO, "within the host it is no line's");
	world_free(w);

	w = world_new(2);
	world_connect(w, WAN1 | WAN2)->aged = true;
	plain(w)->aged = true;
	world_poll(w, 5000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "which is younger was before our first look");
	plain(w);
	is_verdict(w, cause, VERDICT_YES, "until one is that falls back");
	world_free(w);
}

static void blackhole(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_BLACKHOLE;

	world_count(w, "MPCapableSYNTXDisabled");
	w->connections[0].aged = true;
	is_verdict(w, cause, VERDICT_UNKNOWN, "no new connection, no evidence");
	w->connections[0].aged = false;
	is_verdict(w, cause, VERDICT_NO, "one speaks MPTCP");
	world_count(w, "MPCapableSYNTXDisabled");
	plain(w);
	is_verdict(w, cause, VERDICT_YES, "the kernel leaves MPTCP out");
	is_u64(world_verdict(w, CAUSE_FALLBACK), VERDICT_UNKNOWN, "which is no fallback");
	ok(tells(w, cause, "again after a while"), "for how long is not told");
	w->harvest.sysctls.blackhole_timeout_s = (struct maybe_u32){ true, 60 };
	is_verdict(w, cause, VERDICT_YES, "it lasts");
	ok(tells(w, cause, "again after 60 s"), "for so long");
	world_run(w, 60000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "by now it may be over");
	world_count(w, "MPCapableSYNTXDisabled");
	is_verdict(w, cause, VERDICT_YES, "it is not");
	w->harvest.sysctls.blackhole_timeout_s.value = 0;
	is_verdict(w, cause, VERDICT_NO, "switched off");
	w->harvest.sysctls.blackhole_timeout_s.value = 60;
	is_verdict(w, cause, VERDICT_YES, "and on");
	world_connect(w, WAN1 | WAN2);
	is_verdict(w, cause, VERDICT_NO, "a later connection speaks MPTCP");
	world_free(w);
}

static void far_end_silent(void)
{
	struct world *w = world();
	struct connection *connection = &w->connections[0];
	const enum cause cause = CAUSE_FAR_END_SILENT;

	is_verdict(w, cause, VERDICT_UNKNOWN, "nothing is sent");
	connection->grown_out = 100;
	connection->acked_ago_ms = UINT32_MAX;
	is_verdict(w, cause, VERDICT_NO, "sent and acknowledged");
	connection->grown_out = 0;
	connection->pending = true;
	connection->acked_ago_ms = 10000;
	is_verdict(w, cause, VERDICT_UNKNOWN, "sent after a pause: the ACK is on its way");
	connection->was_pending = true;
	is_verdict(w, cause, VERDICT_YES, "at two polls: it does not come");
	ok(tells(w, cause, "1 of 1 connection waits for") && tells(w, cause, "on 2 joined lines"),
	   "numbers");
	is_said(w, 3, "unjoined far-end-silent", "which explains the line");
	connection->acked_ago_ms = 9999;
	is_verdict(w, cause, VERDICT_UNKNOWN, "not for long enough");
	connection->acked_ago_ms = 30000;
	world_poll(w, 60000);
	is_u64(world_verdict(w, cause), VERDICT_UNKNOWN, "one came since the poll before");
	is_verdict(w, cause, VERDICT_YES, "none did");
	w->wans[2].in_octets++;
	is_verdict(w, cause, VERDICT_NO, "something is received");
	is_verdict(w, cause, VERDICT_YES, "no more");
	world_connect(w, WAN1);
	world_run(w, 10000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "one of two may have been forgotten by a box");
	w->connections[1].pending = w->connections[1].was_pending = true;
	w->connections[1].acked_ago_ms = 90000;
	is_verdict(w, cause, VERDICT_YES, "both were not");
	w->errors[Q_CONNECTIONS] = -EPERM;
	is_verdict(w, cause, VERDICT_UNKNOWN, "a source fails");
	w->errors[Q_CONNECTIONS] = 0;
	w->settings.role = ROLE_AGGREGATOR;
	is_verdict(w, cause, VERDICT_UNKNOWN, "a router that went is no fault of ours");
	w->settings.role = 0;
	w->harvest.connections.count = 0;
	is_verdict(w, cause, VERDICT_UNKNOWN, "nobody is joined");
	world_free(w);
}

static struct connection *opening(struct world *w, slots_t waiting)
{
	struct connection *connection = world_connect(w, 0);

	connection->opening = true;
	connection->established = connection->complete = connection->at_limit = false;
	connection->waiting = waiting;
	return connection;
}

static void connect_unanswered(void)
{
	struct world *w = world_new(3);
	const enum cause cause = CAUSE_CONNECT_UNANSWERED;

	world_connect(w, WAN1)->aged = true;
	world_poll(w, 0);
	is_verdict(w, cause, VERDICT_UNKNOWN, "nobody connects");
	world_connect(w, WAN1 | WAN2);
	is_verdict(w, cause, VERDICT_NO, "one was answered");
	opening(w, WAN2);
	is_verdict(w, cause, VERDICT_NO, "one just begins");
	is_verdict(w, cause, VERDICT_YES, "no SYN/ACK in five seconds");
	ok(tells(w, cause, "first path is wan2"), "by which line");
	w->harvest.connections.count = 2;
	w->harvest.connections.given_up = 1;
	w->harvest.connections.given_up_to = w->connections[0].remote;
	world_run(w, 30000);
	is_verdict(w, cause, VERDICT_YES, "others are given up all the while");
	w->harvest.connections.given_up = 0;
	is_verdict(w, cause, VERDICT_YES, "given up lately");
	w->harvest.connections.given_up = 1;
	w->harvest.connections.given_up_to.bytes[3]++;
	world_run(w, 30000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "somebody else does not answer: no matter of ours");
	w->harvest.connections.given_up_to.bytes[3]--;
	world_poll(w, 5000);
	w->harvest.connections.given_up = 0;
	world_run(w, 15000);
	is_verdict(w, cause, VERDICT_UNKNOWN, "a while ago");
	w->wans[2].connects_unanswered++;
	is_verdict(w, cause, VERDICT_YES, "one failed between two polls");
	ok(tells(w, cause, "first path is wan3"), "by another line");
	is_verdict(w, cause, VERDICT_YES, "and then none");
	ok(tells(w, cause, "first path is wan3"), "the line is remembered");
	is_u64(world_verdict(w, CAUSE_CONNECT_REFUSED), VERDICT_NO, "it was not refused");
	world_count(w, "MPCapableSYNACKRX");
	world_poll(w, 0);
	world_count(w, "MPCapableSYNACKRX");
	is_verdict(w, cause, VERDICT_NO, "the kernel has counted a SYN/ACK");
	opening(w, 0);
	world_run(w, 5000);
	is_verdict(w, cause, VERDICT_YES, "one by a line that is none");
	w->settings.role = ROLE_AGGREGATOR;
	is_verdict(w, cause, VERDICT_UNKNOWN, "not ours to say at the far end");
	world_free(w);

	w = world();
	opening(w, WAN1)->remote.bytes[3] = 99;
	world_run(w, 20000);
	is_verdict(w, cause, VERDICT_NO, "somebody who never spoke MPTCP does not answer");
	opening(w, WAN1);
	world_poll(w, 5000);
	is_verdict(w, cause, VERDICT_YES, "who has spoken it does not, either");
	is_said(w, 3, "unjoined connect-unanswered", "which explains the line");
	w->wans[1].out_octets += 1000000;
	world_poll(w, 5000);
	is_said(w, 3, "unjoined unexplained", "but not while old connections carry");
	is_u64(world_verdict(w, cause), VERDICT_YES, "though new ones fail all the same");
	world_free(w);
}

static void connect_refused(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_CONNECT_REFUSED;

	is_verdict(w, cause, VERDICT_NO, "answered");
	w->wans[1].connects_refused++;
	is_verdict(w, cause, VERDICT_YES, "refused");
	ok(tells(w, cause, "first path wan2"), "by which line");
	is_u64(world_verdict(w, CAUSE_CONNECT_UNANSWERED), VERDICT_NO, "which is an answer");
	is_said(w, 3, "unjoined connect-refused", "which explains the line");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_CRITICAL, "and stops bonding");
	w->connections[0].grown_out = 10;
	w->wans[0].out_octets += 10;
	is_verdict(w, cause, VERDICT_YES, "refused, and others go on");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_INFO, "then a port is closed");
	is_said(w, 3, "unjoined unexplained", "which stops no line");
	w->connections[0].grown_out = 0;
	w->wans[1].connects_refused++;
	is_verdict(w, cause, VERDICT_YES, "refused again");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_INFO,
	       "they went on a moment ago: one that is seldom heard does not flap");
	is_said(w, 3, "unjoined unexplained", "nor do the lines");
	world_run(w, 30000);
	w->wans[1].connects_refused++;
	is_verdict(w, cause, VERDICT_YES, "refused, and all is silent for long");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_CRITICAL, "then nobody is there");
	world_connect(w, WAN1);
	is_verdict(w, cause, VERDICT_NO, "one was answered");
	world_free(w);

	w = world_new(1);
	w->wans[0].connects_refused = 7;
	world_poll(w, 0);
	is_verdict(w, cause, VERDICT_UNKNOWN, "before our first look");
	world_free(w);
}

static void source_unreadable(void)
{
	struct world *w = world();
	const enum cause cause = CAUSE_SOURCE_UNREADABLE;

	is_verdict(w, cause, VERDICT_NO, "all is told");
	w->errors[Q_COUNTERS] = w->errors[Q_LOAD] = w->errors[Q_LIMITS] = -EPERM;
	is_verdict(w, cause, VERDICT_NO, "no state rests on these");
	w->errors[Q_SUBFLOWS] = -EPERM;
	strcpy(w->host.last_error, "subflows: not permitted");
	is_verdict(w, cause, VERDICT_YES, "states rest on this");
	ok(tells(w, cause, "subflows: not permitted"), "which is told");
	is_said(w, 3, "unknown none", "it silences nobody, for nobody is known");
	world_free(w);
}

static void drift(void)
{
	struct world *w = world();
	struct expectations *expect = &w->settings.expect;
	const enum cause cause = CAUSE_DRIFT;

	is_verdict(w, cause, VERDICT_NO, "nothing was expected");
	expect->subflows = (struct maybe_u32){ true, 8 };
	expect->add_addr = (struct maybe_u32){ true, 8 };
	strcpy(expect->scheduler, "default");
	strcpy(expect->path_manager, "kernel");
	is_verdict(w, cause, VERDICT_NO, "as expected");
	world_limits(w, 3, 1);
	strcpy(w->host.scheduler, "blest");
	strcpy(w->host.path_manager, "userspace");
	is_verdict(w, cause, VERDICT_YES, "nothing is");
	ok(tells(w, cause, "the subflow limit is 3, not 8, add_addr_accepted is 1, not 8, "
			   "the scheduler is blest, not default, the path manager is userspace, "
			   "not kernel"),
	   "all of it");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_INFO, "three lines need no more");
	world_limits(w, 1, 1);
	is_verdict(w, cause, VERDICT_YES, "lower");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_WARNING, "than is needed");
	expect->subflows.value = 1;
	is_verdict(w, cause, VERDICT_YES, "the scheduler still differs");
	is_u64(world_finding(w, 0, cause)->severity, SEVERITY_INFO,
	       "a limit that is as expected did not drift, however low");
	w->errors[Q_LIMITS] = -EPERM;
	is_verdict(w, cause, VERDICT_UNKNOWN, "the limits are not of now");
	world_free(w);
}

int main(void)
{
	mptcp_disabled();
	userspace_pm();
	no_endpoints();
	fallback();
	fallback_of_now();
	fallback_of_a_line();
	fallback_of_strangers();
	blackhole();
	far_end_silent();
	connect_unanswered();
	connect_refused();
	source_unreadable();
	drift();
	return tap_done();
}
