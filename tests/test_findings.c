/* SPDX-License-Identifier: MIT */
/* Why a line is down, has nothing to join from, is missing on old connections, or is no backup. */
#include <errno.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

enum { SUBFLOW = ENDPOINT_SUBFLOW };

static bool tells(const struct world *w, uint32_t number, enum cause cause, const char *word)
{
	const struct finding *finding = world_finding(w, number, cause);
	char story[STORY_LEN];

	return finding && strstr(finding_tell(finding, story, sizeof(story)), word);
}

static uint32_t severity(const struct world *w, uint32_t number, enum cause cause)
{
	const struct finding *finding = world_finding(w, number, cause);

	return finding ? finding->severity : 0;
}

/* Three lines, a connection over all of them. */
static struct world *world(void)
{
	struct world *w = world_new(3);

	world_poll(w, 0);
	world_connect(w, WAN1 | WAN2 | WAN3);
	world_run(w, 20000);
	return w;
}

/*
 * --- down --------------------------------------------------------------------------------------
 */

/* Each comes before the ones that were set before it. */
static void what_is_nearest_to_the_plug_comes_first(void)
{
	struct world *w = world();
	struct wan *wan = &w->wans[0];

	is_said(w, 1, "quiet none", "nothing to be said");
	world_no_endpoint(w, 1);
	world_poll(w, 5000);
	is_said(w, 1, "down endpoint-withdrawn", "a tracker took its endpoint away");
	ok(tells(w, 1, CAUSE_ENDPOINT_WITHDRAWN, "ping -I eth1 192.0.2.1"), "and what to ask the line");
	ok(!tells(w, 1, CAUSE_ENDPOINT_WITHDRAWN, "subflow"), "nothing of what is left there");
	wan->out_octets += 1000000;
	world_poll(w, 5000);
	is_said(w, 1, "down endpoint-withdrawn", "it is down, whatever it carries");
	ok(tells(w, 1, CAUSE_ENDPOINT_WITHDRAWN, "1 subflow still carries, but its endpoint "),
	   "which is told before all");
	wan->subflows = 3;
	wan->in_octets += 1000000;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_WITHDRAWN, "4 subflows still carry, but its endpoint "),
	   "all of them");
	wan->subflows = 0;
	world_poll(w, 5000);
	ok(!tells(w, 1, CAUSE_ENDPOINT_WITHDRAWN, "subflow"), "until they do no more");
	strcpy(wan->base, "wan2");
	w->wans[1].carrier = false;
	world_poll(w, 5000);
	is_said(w, 1, "down base-down", "the line that it runs over is down");
	is_said(w, 2, "down link-down", "which is why");
	ok(tells(w, 1, CAUSE_BASE_DOWN, "wan2"), "and is named");
	ok(severity(w, 1, CAUSE_BASE_DOWN) < severity(w, 2, CAUSE_LINK_DOWN), "and is the worse");
	wan->addresses = 0;
	world_poll(w, 5000);
	is_said(w, 1, "down no-address", "no address");
	wan->carrier = false;
	world_poll(w, 5000);
	is_said(w, 1, "down link-down", "no carrier");
	wan->admin_up = false;
	world_poll(w, 5000);
	is_said(w, 1, "down admin-down", "switched off");
	is_u64(severity(w, 1, CAUSE_ADMIN_DOWN), SEVERITY_INFO, "which somebody wanted");
	wan->ifindex = 0;
	wan->ifname[0] = '\0';
	world_poll(w, 5000);
	is_said(w, 1, "absent interface-absent", "no interface");
	is_u64(severity(w, 1, CAUSE_INTERFACE_ABSENT), SEVERITY_MAJOR, "that was there once");
	is_u64(w->now->finding_count, 2, "one finding for each of the two");
	world_free(w);

	w = world();
	strcpy(w->wans[0].base, "wan2");
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "a base that is up");
	strcpy(w->wans[0].base, "nobody");
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "a base that nobody knows");
	world_free(w);

	w = world_new(2);
	w->wans[0].ifindex = 0;
	world_no_endpoint(w, 1);
	world_poll(w, 0);
	is_said(w, 1, "absent interface-absent", "an interface that never was");
	is_u64(severity(w, 1, CAUSE_INTERFACE_ABSENT), SEVERITY_INFO, "is a plan");
	world_free(w);
}

static void taken_away_or_left_behind(void)
{
	struct world *w = world();

	w->endpoints[0].stale = true;
	world_leave(w, 1);
	world_poll(w, 5000);
	is_said(w, 1, "detached stale-endpoint", "left behind, with an address that is gone");
	ok(tells(w, 1, CAUSE_STALE_ENDPOINT, "10.0.0.1"), "which is told");
	w->endpoints[0].ifindex = 77;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_STALE_ENDPOINT, "index 77") &&
		   tells(w, 1, CAUSE_STALE_ENDPOINT, "eth1 has index 5"),
	   "or bound to another interface index");
	w->endpoints[0].stale = false;
	w->endpoints[0].flags = ENDPOINT_BACKUP | ENDPOINT_FULLMESH;
	world_poll(w, 5000);
	is_said(w, 1, "detached endpoint-not-subflow", "there, and of no use");
	ok(tells(w, 1, CAUSE_ENDPOINT_NOT_SUBFLOW, "backup fullmesh:"), "its flags are told");
	ok(tells(w, 1, CAUSE_ENDPOINT_NOT_SUBFLOW, "dev eth1 subflow backup"), "and better ones");
	w->endpoints[0].stale = true;
	world_endpoint(w, 1, AF_INET, SUBFLOW);
	world_poll(w, 5000);
	ok(!world_finding(w, 1, CAUSE_STALE_ENDPOINT), "beside a good one a stale one is no cause");
	world_no_endpoint(w, 1);
	world_poll(w, 5000);
	is_said(w, 1, "down endpoint-withdrawn", "taken away");
	world_free(w);
}

/*
 * --- nothing to join from ----------------------------------------------------------------------
 */

/* wan1 never had an endpoint. */
static struct world *bare(void)
{
	struct world *w = world_new(3);

	world_no_endpoint(w, 1);
	world_poll(w, 0);
	world_connect(w, WAN2 | WAN3);
	world_run(w, 20000);
	return w;
}

static void no_endpoint(void)
{
	struct world *w = bare();

	is_said(w, 1, "detached no-endpoint", "never had one");
	ok(tells(w, 1, CAUSE_NO_ENDPOINT, "ip mptcp endpoint add ADDRESS dev eth1 subflow"), "now");
	ok(tells(w, 1, CAUSE_NO_ENDPOINT, "network.wan1.multipath=on"), "for good");
	w->wans[0].subflows = 1;
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "plain Linux needs none for its first line");
	world_free(w);

	w = bare();
	strcpy(w->wans[0].rival, "eth7");
	world_poll(w, 5000);
	is_said(w, 1, "detached duplicate-address", "another line has its address");
	ok(tells(w, 1, CAUSE_DUPLICATE_ADDRESS, "eth7"), "which one");
	world_free(w);

	w = world();
	strcpy(w->wans[0].rival, "eth7");
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "with an endpoint it is the other that suffers");
	world_no_endpoint(w, 1);
	world_leave(w, 1);
	world_poll(w, 5000);
	is_said(w, 1, "detached duplicate-address", "without, no tracker took it away");
	world_free(w);

	w = bare();
	w->settings.role = ROLE_AGGREGATOR;
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "who waits for others needs none");
	w->settings.role = 0;
	strcpy(w->wans[1].base, "wan1");
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "nor does a line that carries another's tunnel");
	world_free(w);
}

static void the_table_is_full(void)
{
	struct world *w = bare();

	for (uint32_t i = 0; i < 5; i++)
		world_endpoint(w, 2, AF_INET, SUBFLOW);
	world_poll(w, 5000);
	is_said(w, 1, "detached no-endpoint", "seven of eight: there is room");
	w->endpoints[0].address.family = AF_INET6;
	world_endpoint(w, 3, AF_INET6, SUBFLOW);
	world_poll(w, 5000);
	is_said(w, 1, "detached endpoint-table-full", "eight of eight");
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "8 of 8, 2 of them IPv6"), "how many are IPv6");
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "IPv6 endpoints of wan2, wan3") &&
		   tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "each of 2, 8)"),
	   "and which to remove");
	w->endpoints[7].flags = ENDPOINT_SIGNAL;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "IPv6 endpoints of wan2 ("),
	   "not what is announced");
	w->endpoints[7].flags = SUBFLOW;
	w->endpoints[1].flags = ENDPOINT_SIGNAL;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "IPv6 endpoints of wan2 ("),
	   "nor the only one that a line joins from");
	w->endpoints[1].flags = SUBFLOW;
	strcpy(w->wans[0].rival, "eth7");
	world_poll(w, 5000);
	is_said(w, 1, "detached duplicate-address", "a double address keeps it out first");
	w->wans[0].rival[0] = '\0';
	world_endpoint(w, 2, AF_INET, SUBFLOW);
	world_poll(w, 5000);
	w->endpoint_count--;
	world_poll(w, 5000);
	is_said(w, 1, "detached no-endpoint", "a kernel that took nine before has room for it");
	world_free(w);

	w = bare();
	for (uint32_t i = 0; i < 6; i++)
		world_endpoint(w, 0, AF_INET, SUBFLOW);
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "leave a line out"),
	   "an address that two lines have is one that both join from");
	for (uint32_t i = 2; i < 8; i++)
		w->endpoints[i].stale = true;
	w->endpoints[2].flags = ENDPOINT_SIGNAL;
	w->endpoints[3].flags = ENDPOINT_IMPLICIT;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL,
		 "serve no line (ip mptcp endpoint delete id, each of 5, 6, 7, 8)"),
	   "by endpoints of no line, but not what is announced, nor the kernel's own");
	for (uint32_t i = 2; i < 8; i++) {
		w->endpoints[i].wan_index = 3;
		w->endpoints[i].stale = false;
	}
	w->wans[2].carrier = false;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_ENDPOINT_TABLE_FULL, "leave a line out"),
	   "those of a line that is down will be wanted again");
	world_free(w);
}

/*
 * --- old connections ---------------------------------------------------------------------------
 */

static void missing_on_old_connections(void)
{
	struct world *w = world_new(3);
	struct connection *old;

	world_poll(w, 0);
	old = world_connect(w, WAN2);
	world_run(w, 10000);
	w->wans[0].attached_ms = w->now_ms + WORLD_POLL_MS;
	old->grown_out = 100;
	world_run(w, 20000);
	is_said(w, 1, "quiet missing-on-old-connections", "begun before the line was ready");
	is_u64(severity(w, 1, CAUSE_MISSING_ON_OLD_CONNECTIONS), SEVERITY_INFO, "a trickle");
	is_u64(world_wan(w, 1)->connections_eligible, 0, "which nobody expects of it");
	old->grown_out = 1000000;
	world_poll(w, 5000);
	is_u64(severity(w, 1, CAUSE_MISSING_ON_OLD_CONNECTIONS), SEVERITY_WARNING,
	       "they carry most of the payload");
	world_connect(w, WAN2 | WAN3)->grown_in = 1000001;
	world_run(w, 15000);
	is_said(w, 1, "unjoined unexplained", "a new one is none of the old");
	w->connections[1].on |= WAN1;
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "somebody uses the line");
	w->connections[1].on = 0;
	w->connections[1].grown_in = 0;
	w->connections[1].aged = true;
	w->settings.role = ROLE_AGGREGATOR;
	world_poll(w, 5000);
	is_said(w, 1, "quiet none", "at the far end it is not for us to say");
	world_free(w);
}

static void limits_raised_too_late(void)
{
	struct world *w = world_new(6);

	world_limits(w, 3, 8);
	world_poll(w, 0);
	world_connect(w, WAN1 | WAN2 | WAN3 | WAN4);
	world_run(w, 20000);
	is_said(w, 5, "unjoined subflow-limit", "three more and no fourth");
	world_limits(w, 8, 8);
	world_poll(w, 5000);
	is_said(w, 5, "unjoined limits-raised-old-connections", "raised: it does not ask again");
	ok(tells(w, 5, CAUSE_LIMITS_RAISED_OLD_CONNECTIONS, "Restart: "), "so restart it");
	w->connections[0].extra = 2;
	world_poll(w, 5000);
	is_said(w, 5, "unjoined unexplained", "who had not reached the limit has another reason");
	w->connections[0].extra = 3;
	w->connections[0].aged = true;
	world_poll(w, 5000);
	is_said(w, 5, "quiet limits-raised-old-connections", "of one that was there before us");
	is_u64(severity(w, 5, CAUSE_LIMITS_RAISED_OLD_CONNECTIONS), SEVERITY_INFO, "a trickle");
	w->connections[0].grown_in = 1000000;
	world_poll(w, 5000);
	is_u64(severity(w, 5, CAUSE_LIMITS_RAISED_OLD_CONNECTIONS), SEVERITY_WARNING, "a tunnel");
	world_free(w);
}

/*
 * --- backup lines ------------------------------------------------------------------------------
 */

static void a_backup_line(void)
{
	struct world *w = world_new(3);
	uint64_t since_ms;

	w->wans[0].role = ROLE_BACKUP;
	world_poll(w, 0);
	world_connect(w, WAN2 | WAN3);
	world_poll(w, 5000);
	is_said(w, 1, "standby none", "too early to say");
	world_run(w, 15000);
	is_said(w, 1, "standby backup-not-ready", "could not be joined");
	ok(tells(w, 1, CAUSE_BACKUP_NOT_READY, "this backup line is not ready: "), "so it says");
	is_u64(severity(w, 1, CAUSE_BACKUP_NOT_READY), SEVERITY_MINOR, "minor");
	since_ms = world_finding(w, 1, CAUSE_BACKUP_NOT_READY)->since_ms;
	world_run(w, 20000);
	is_u64(world_finding(w, 1, CAUSE_BACKUP_NOT_READY)->since_ms, since_ms,
	       "since it was first found");
	ok(!world_finding(w, 1, CAUSE_UNEXPLAINED), "and no finding beside it");
	w->connections[0].on |= WAN1;
	world_poll(w, 5000);
	is_said(w, 1, "standby none", "joined, and silent as it should be");
	w->wans[0].out_octets += 1000000;
	world_poll(w, 5000);
	is_said(w, 1, "carrying backup-in-use", "it carries");
	is_u64(severity(w, 1, CAUSE_BACKUP_IN_USE), SEVERITY_WARNING, "and no other line does");
	w->wans[1].out_octets += 1000000;
	world_poll(w, 5000);
	is_u64(severity(w, 1, CAUSE_BACKUP_IN_USE), SEVERITY_INFO, "beside another");
	world_free(w);
}

static void a_backup_line_without_a_use(void)
{
	struct world *w = world();

	w->wans[0].role = ROLE_BACKUP;
	world_leave(w, 1);
	w->endpoints[0].flags = ENDPOINT_BACKUP | ENDPOINT_FULLMESH;
	world_poll(w, 5000);
	is_said(w, 1, "standby backup-not-ready", "its endpoint lets nobody join");
	ok(tells(w, 1, CAUSE_BACKUP_NOT_READY, "flags backup fullmesh"), "why");
	w->endpoints[0].stale = true;
	world_poll(w, 5000);
	ok(tells(w, 1, CAUSE_BACKUP_NOT_READY, "10.0.0.1"), "or has a dead address");
	w->settings.role = ROLE_AGGREGATOR;
	world_poll(w, 5000);
	is_said(w, 1, "standby none", "who waits for others needs none");
	w->settings.role = 0;
	strcpy(w->wans[1].base, "wan1");
	world_poll(w, 5000);
	is_said(w, 1, "standby none", "nor does a line that carries another's tunnel");
	world_free(w);
}

static void findings_are_in_order(void)
{
	struct world *w = world();
	bool rising = true;

	w->wans[2].carrier = false;
	w->wans[0].carrier = false;
	w->errors[Q_LIMITS] = -1;
	w->host.accounting = ACCOUNTING_SAMPLED;
	strcpy(w->settings.expect.scheduler, "blest");
	world_poll(w, 5000);
	is_u64(w->now->finding_count, 3, "two lines and the accounting");
	w->errors[Q_LIMITS] = 0;
	world_poll(w, 5000);
	is_u64(w->now->finding_count, 4, "and a drift");
	for (size_t i = 1; i < w->now->finding_count; i++) {
		const struct finding *one = &w->now->findings[i - 1], *next = one + 1;

		rising &= one->wan_index < next->wan_index ||
			  (one->wan_index == next->wan_index && one->cause < next->cause);
	}
	ok(rising, "the host first, then by line and cause");
	is_text(world_finding(w, 3, CAUSE_LINK_DOWN)->wan_name, "wan3", "with the line's name");
	is_u64(world_finding(w, 3, CAUSE_LINK_DOWN)->since_ms, w->now_ms - 5000, "since then");
	ok(strstr(world_wan(w, 3)->cause_text, "no carrier on eth3") &&
		   !*world_wan(w, 2)->cause_text,
	   "the story of each line is at hand");
	world_free(w);
}

/* Without memory for findings states and causes are as they should be. */
static bool no_memory;
void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);

void *__wrap_realloc(void *old, size_t size)
{
	return no_memory ? NULL : __real_realloc(old, size);
}

static void without_memory(void)
{
	struct world *w = world();

	w->wans[0].role = ROLE_BACKUP;
	w->endpoints[0].flags = ENDPOINT_BACKUP;
	world_leave(w, 1);
	w->wans[1].carrier = false;
	world_poll(w, 5000);
	is_u64(w->diagnosed, 0, "enough");
	is_u64(w->now->finding_count, 2, "two findings");
	no_memory = true;
	world_poll(w, 5000);
	no_memory = false;
	ok(w->diagnosed == -ENOMEM && !w->now->finding_count, "none");
	is_said(w, 1, "standby backup-not-ready", "a backup line");
	is_said(w, 2, "down link-down", "a dead one");
	is_text(world_wan(w, 2)->cause_text, "", "its story is missing");
	world_poll(w, 5000);
	is_u64(w->now->finding_count, 2, "the next poll tells");
	world_free(w);
}

int main(void)
{
	what_is_nearest_to_the_plug_comes_first();
	taken_away_or_left_behind();
	no_endpoint();
	the_table_is_full();
	missing_on_old_connections();
	limits_raised_too_late();
	a_backup_line();
	a_backup_line_without_a_use();
	findings_are_in_order();
	without_memory();
	return tap_done();
}
