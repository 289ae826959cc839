/* SPDX-License-Identifier: MIT */
/* States, rates and shares over hand-made polls of two lines, wan1 (the subject) and wan2. */
#include <errno.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

enum { WANS = 2 };

/* Two lines, each with a subflow of a connection that nobody spells out. */
static struct world *world(void)
{
	struct world *w = world_new(WANS);

	w->wans[0].subflows = w->wans[1].subflows = 1;
	return w;
}

static void is_state(struct world *w, enum wan_state state, const char *what)
{
	is_u64(world_poll(w, 5000)->state, state, "%s", what);
}

static void unknown_while_a_source_fails(void)
{
	static const struct {
		enum question question;
		bool needed;
	} questions[] = {
		{ Q_LINKS, true },	 { Q_ADDRESSES, true }, { Q_ENDPOINTS, true },
		{ Q_CONNECTIONS, true }, { Q_SUBFLOWS, true },	{ Q_LIMITS, false },
		{ Q_COUNTERS, false },	 { Q_SYSCTLS, false },	{ Q_LOAD, false },
	};
	struct world *w = world();

	w->wans[0].ifindex = 0;
	for (size_t i = 0; i < QUESTIONS; i++) {
		memset(w->errors, 0, sizeof(w->errors));
		w->errors[questions[i].question] = -EPERM;
		is_state(w, questions[i].needed ? WAN_UNKNOWN : WAN_ABSENT, "question");
	}
	world_free(w);
}

static void absent_and_down(void)
{
	struct world *w = world();

	world_poll(w, 0);
	w->wans[0].ifindex = 0;
	is_state(w, WAN_ABSENT, "no interface");
	w->wans[0].ifindex = 5;
	w->wans[0].in_octets += 1000000;
	w->wans[0].carrier = false;
	is_state(w, WAN_DOWN, "no carrier, whatever it carried");
	w->wans[0].carrier = true;
	w->wans[0].addresses = 0;
	is_state(w, WAN_DOWN, "no address");
	w->wans[0].addresses = 1;
	w->wans[0].admin_up = false;
	is_state(w, WAN_DOWN, "switched off");
	w->wans[0].admin_up = true;
	world_no_endpoint(w, 1);
	is_state(w, WAN_DOWN, "its endpoint was withdrawn, others have theirs");
	world_no_endpoint(w, 2);
	w->wans[0].subflows = 0;
	w->wans[0].in_octets = 0;
	world_run(w, 40000);
	is_state(w, WAN_QUIET, "all are gone: nothing to be said against the line");
	world_endpoint(w, 1, AF_INET, ENDPOINT_SUBFLOW);
	world_connect(w, WAN2);
	world_run(w, 10000);
	is_state(w, WAN_UNJOINED, "but with one");
	world_free(w);
}

static void carrying_above_the_floor(void)
{
	struct world *w = world();
	uint64_t floor = 64000 / 2; /* a minute; the window has 30 s */

	w->wans[0].role = ROLE_BACKUP;
	world_poll(w, 0);
	w->wans[0].in_octets += floor - 1;
	is_state(w, WAN_STANDBY, "of a shorter time the same is asked");
	w->wans[0].in_octets += 1;
	is_state(w, WAN_CARRYING, "in one direction, whatever its role");
	for (int i = 0; i < 8; i++)
		world_poll(w, 5000);
	is_state(w, WAN_STANDBY, "no longer");
	w->wans[0].out_octets += floor - 1;
	w->wans[0].in_octets += floor - 1;
	is_state(w, WAN_STANDBY, "both below it");
	world_free(w);

	w = world();
	w->settings.floor_octets = 1;
	w->settings.window_ms = 5000;
	world_poll(w, 0);
	world_poll(w, 5000);
	ok(world_poll(w, 5000)->state != WAN_CARRYING, "a line without any payload never carries");
	w->wans[0].in_octets++;
	is_state(w, WAN_CARRYING, "one octet is the least floor");
	world_free(w);
}

/* A burst is within the window for as long as the window is. */
static void the_window_is_not_an_interval_too_long(void)
{
	struct world *w = world();

	world_poll(w, 0);
	w->wans[0].in_octets += 1000000;
	for (int i = 0; i < 6; i++)
		is_state(w, WAN_CARRYING, "burst");
	ok(!world_poll(w, 5000)->share_in.known, "30 s later there is nothing to share");
	is_state(w, WAN_QUIET, "and nobody carries");
	world_free(w);
}

static void detached_and_standby(void)
{
	struct world *w = world();

	world_no_endpoint(w, 1);
	w->wans[0].subflows = 0;
	is_u64(world_poll(w, 0)->state, WAN_DETACHED, "no endpoint was ever seen, and no subflow");
	w->wans[0].subflows = 1;
	is_state(w, WAN_QUIET, "with a subflow it is not");
	w->wans[0].subflows = 0;
	is_state(w, WAN_QUIET, "nor when it once had one");
	w->wans[0].role = ROLE_BACKUP;
	is_state(w, WAN_STANDBY, "backup");
	world_free(w);

	w = world();
	w->endpoints[0].stale = true;
	w->wans[0].subflows = 0;
	world_poll(w, 0);
	is_state(w, WAN_DETACHED, "one of a dead address is none, and nobody took it away");
	w->endpoints[0].stale = false;
	w->endpoints[0].flags = ENDPOINT_BACKUP | ENDPOINT_FULLMESH;
	is_state(w, WAN_DETACHED, "nor is one whose flags let nobody join");
	w->endpoints[0].flags = ENDPOINT_SIGNAL;
	is_state(w, WAN_DETACHED, "nor is one that is announced: it lets nobody join");
	w->endpoints[0].flags = ENDPOINT_SUBFLOW;
	is_state(w, WAN_QUIET, "one to join from is one");
	w->endpoints[0].flags = ENDPOINT_IMPLICIT | ENDPOINT_SUBFLOW;
	is_state(w, WAN_DOWN, "the kernel's own is none: the other was withdrawn");
	world_free(w);
}

/* Of what must be so that a connection ought to have joined. */
static void unjoined_only_with_eligible_connections(void)
{
	struct world *w = world();
	struct connection *connection;

	w->wans[0].subflows = 0;
	world_poll(w, 0);
	w->wans[0].attached_ms = w->now_ms + WORLD_POLL_MS;
	connection = world_connect(w, WAN2);
	world_run(w, 20000);
	is_state(w, WAN_QUIET, "one as old as the line had no time to ask it");
	connection->first_ms++;
	is_state(w, WAN_UNJOINED, "one that is younger ought to have joined");
	is_u64(world_wan(w, 1)->connections_eligible, 1, "which is told");
	connection->first_ms = w->now_ms + 5000 - 9999;
	is_state(w, WAN_QUIET, "within the join grace it may still join");
	connection->first_ms = w->now_ms + 5000 - 10000;
	is_state(w, WAN_UNJOINED, "after the grace it ought to have");
	connection->aged = true;
	is_state(w, WAN_QUIET, "nobody knows when it began");
	connection->at_limit = true;
	is_state(w, WAN_QUIET, "its limit is high enough for all: it was of another time");
	connection->limit = 0;
	is_state(w, WAN_UNJOINED, "one that is too low, it could never have joined");
	connection->at_limit = connection->aged = false;
	connection->fallback = true;
	is_state(w, WAN_QUIET, "in fallback it cannot join");
	connection->fallback = false;
	connection->complete = false;
	is_state(w, WAN_QUIET, "nor before its first answer");
	connection->complete = true;
	connection->established = false;
	is_state(w, WAN_QUIET, "nor while it closes");
	connection->established = true;
	connection->ours = false;
	w->settings.role = ROLE_ROUTER;
	is_state(w, WAN_QUIET, "joins of theirs are theirs to make");
	connection->ours = true;
	connection->remote.bytes[0] = 127;
	is_state(w, WAN_QUIET, "within the host no line is needed");
	connection->remote.bytes[0] = 192;
	is_state(w, WAN_UNJOINED, "as it was");
	world_connect(w, WAN1 | WAN2);
	world_run(w, 10000);
	is_state(w, WAN_QUIET, "a younger one has joined: the line can be joined");
	world_free(w);
}

/* What was there when we began may be about to join. */
static void too_early_to_say(void)
{
	struct world *w = world_new(2);
	struct connection *connection = world_connect(w, WAN2);

	connection->first_ms = w->now_ms;
	connection->aged = true;
	world_poll(w, 0);
	is_state(w, WAN_UNKNOWN, "a join may take longer than we have watched");
	is_u64(world_wan(w, 2)->state, WAN_QUIET, "the line that it has is joined");
	is_state(w, WAN_QUIET, "whoever was to join has joined");
	connection->aged = false;
	connection->first_ms = w->now_ms;
	is_state(w, WAN_QUIET, "later a young connection is no reason to doubt");
	world_free(w);

	w = world_new(2);
	world_poll(w, 0);
	is_state(w, WAN_QUIET, "nobody is there to join");
	connection = world_connect(w, WAN2);
	connection->first_ms = w->now_ms + 1000;
	connection->fallback = true;
	is_u64(world_poll(w, 1000)->state, WAN_QUIET, "nor will one in fallback");
	connection->fallback = false;
	is_u64(world_poll(w, 1000)->state, WAN_UNKNOWN, "one that speaks MPTCP may");
	w->wans[0].endpoints_v4 = 0;
	w->endpoints[0].address.family = AF_INET6;
	connection->both_families = false;
	is_u64(world_poll(w, 1000)->state, WAN_QUIET, "not over another family");
	world_free(w);
}

static void an_endpoint_of_the_other_family(void)
{
	struct world *w = world();
	struct connection *connection;

	w->wans[0].subflows = 0;
	w->endpoints[0].address.family = AF_INET6;
	world_poll(w, 0);
	connection = world_connect(w, WAN2);
	world_run(w, 15000);
	is_state(w, WAN_UNJOINED, "no IPv6 address was announced to them: the far end could");
	connection->both_families = false;
	is_state(w, WAN_QUIET, "to IPv4 sockets it would be of no use");
	connection->both_families = true;
	connection->accepted = 1;
	is_state(w, WAN_QUIET, "an address was, and more may be");
	connection->on_v6 = 1;
	is_state(w, WAN_UNJOINED, "one that reaches IPv6 could");
	connection->on_v6 = 0;
	connection->accepted = 0;
	world_limits(w, 8, 0);
	is_state(w, WAN_UNJOINED, "so could one that may accept no announcement");
	connection->limit = 0;
	is_state(w, WAN_QUIET, "under a userspace path manager limits tell nothing");
	world_free(w);
}

/* One that is only announced, or that the kernel made by itself, is none to join from. */
static void an_endpoint_that_nobody_joins_from(uint32_t flags)
{
	struct world *w = world();
	struct endpoint *endpoint = &w->endpoints[0];

	w->wans[0].subflows = 0;
	endpoint->address.family = AF_INET6;
	endpoint = world_endpoint(w, 1, AF_INET, flags);
	world_poll(w, 0);
	world_connect(w, WAN2)->both_families = false;
	world_run(w, 15000);
	is_state(w, WAN_QUIET, "no IPv4 connection can use the line");
	endpoint->flags = ENDPOINT_SUBFLOW;
	is_state(w, WAN_UNJOINED, "but by one to join from");
	endpoint->flags = flags;
	endpoint = world_endpoint(w, 1, AF_INET, ENDPOINT_SUBFLOW);
	endpoint->first_ms = w->now_ms;
	is_state(w, WAN_QUIET, "since that is there, not since the other is");
	world_free(w);
}

/* The tracker gives IPv4 back, IPv6 had stayed. */
static void a_family_may_be_younger_than_the_line(void)
{
	struct world *w = world();
	struct endpoint *endpoint = &w->endpoints[0];

	w->wans[0].subflows = 0;
	endpoint->address.family = AF_INET6;
	world_poll(w, 0);
	world_connect(w, WAN2)->both_families = false;
	world_run(w, 20000);
	is_state(w, WAN_QUIET, "no IPv4 connection can use it");
	endpoint = world_endpoint(w, 1, AF_INET, ENDPOINT_SUBFLOW);
	endpoint->first_ms = w->now_ms + WORLD_POLL_MS;
	is_state(w, WAN_QUIET, "nor one that began before there was an IPv4 endpoint");
	is_u64(world_wan(w, 1)->cause, CAUSE_MISSING_ON_OLD_CONNECTIONS, "which is told");
	endpoint->first_ms = 1000;
	is_state(w, WAN_UNJOINED, "had it been there, it ought to have joined");
	world_free(w);
}

static void since_when(void)
{
	struct world *w = world();
	const struct wan *wan = world_poll(w, 0);
	uint64_t changed;

	world_poll(w, 5000);
	wan = world_poll(w, 5000);
	is_u64(wan->since_ms, w->now_ms - 5000, "quiet since the second poll");
	is_u64(wan->carried_ms, 0, "it never carried");
	w->wans[0].out_octets += 1000000;
	wan = world_poll(w, 5000);
	changed = w->now_ms;
	is_u64(wan->since_ms, changed, "a new state");
	is_u64(wan->carried_ms, changed, "carries now");
	w->errors[Q_LINKS] = -EPERM;
	wan = world_poll(w, 5000);
	is_u64(wan->carried_ms, changed, "carried last");
	ok(w->history.last->host.wans_configured == WANS &&
		   w->history.last->host.wans_up == WANS &&
		   w->history.last->host.wans_joined == WANS &&
		   w->history.last->host.wans_carrying == 1,
	   "host counts: as many as there were, where nobody can say");
	world_free(w);
}

static void rates_between_polls(void)
{
	struct world *w = world();
	const struct wan *wan = world_poll(w, 0);

	ok(!wan->in_kbps.known && !wan->share_in.known, "the first poll has none");
	w->wans[0].in_octets = 1000000;
	w->wans[0].out_octets = 500;
	wan = world_poll(w, 2000);
	ok(wan->in_kbps.known && wan->in_kbps.value == 4000, "1 MB in 2 s are 4 Mbit/s");
	ok(wan->out_kbps.known && wan->out_kbps.value == 2, "500 octets are 2 kbit/s");
	w->errors[Q_SUBFLOWS] = -ETIMEDOUT;
	wan = world_poll(w, 2000);
	ok(wan->in_kbps.known && wan->in_kbps.value == 4000, "rates hold while subflows fail");
	w->errors[Q_SUBFLOWS] = 0;
	w->wans[0].in_octets += 2000000;
	wan = world_poll(w, 2000);
	is_u64(wan->in_kbps.value, 4000, "what flowed meanwhile is no burst");
	for (int i = 0; i < 30; i++) {
		w->errors[Q_SUBFLOWS] = -ETIMEDOUT;
		w->wans[0].in_octets += i % 2; /* what streams tell of it */
		wan = world_poll(w, 2000);
	}
	ok(wan->in_kbps.value == 4000 && w->history.count <= 3, "rates hold for any time");
	is_u64(wan->share_in.value, 10000, "and so do shares");
	w->errors[Q_SUBFLOWS] = 0;
	w->wans[0].in_octets += 31 * 1000000 - 15;
	is_u64(world_poll(w, 2000)->in_kbps.value, 4000,
	       "nor is it one after longer than the window");
	w->wans[0].in_octets += UINT64_C(1) << 42;
	is_u64(world_poll(w, 1000)->in_kbps.value, UINT32_MAX, "the greatest that fits");
	is_u64(world_poll(w, 0)->in_kbps.known, false, "no time, no rate");
	world_free(w);
}

static void octets_beyond_any_sum(void)
{
	struct world *w = world();
	const struct wan *wan;

	world_poll(w, 0);
	w->wans[0].in_octets = w->wans[1].in_octets = (UINT64_C(1) << 63) + 5;
	wan = world_poll(w, 5000);
	is_u64(wan->share_in.value, 10000, "no share is more than all");
	world_free(w);
}

static void shares_of_all_lines(void)
{
	struct world *w = world();
	const struct wan *wan;

	world_poll(w, 0);
	wan = world_poll(w, 5000);
	ok(!wan->share_in.known && !wan->share_out.known && !wan->retrans_ratio.known,
	   "absent when nothing flows");
	w->wans[0].in_octets = 3000;
	w->wans[1].in_octets = 1000;
	w->wans[0].out_octets = 900;
	w->wans[0].retrans_octets = 100;
	wan = world_poll(w, 5000);
	is_u64(wan[0].share_in.value, 7500, "75 %% in");
	is_u64(wan[1].share_in.value, 2500, "25 %% in");
	is_u64(wan[0].share_out.value, 10000, "all out");
	ok(wan[1].share_out.known && wan[1].share_out.value == 0, "nothing is a share");
	is_u64(wan[0].retrans_ratio.value, 1000, "10 %% sent again");
	ok(!wan[1].retrans_ratio.known, "of nothing there is no ratio");
	w->wans[0].index = 9; /* forgotten, and found again with totals of its own */
	w->wans[0].in_octets = 1000;
	wan = world_poll(w, 5000);
	is_u64(wan[0].share_in.value, 5000, "totals of a new WAN began at zero");
	world_free(w);
}

static void the_window_is_covered(uint32_t interval_ms)
{
	struct world *w = world();
	uint64_t kept, newest, second;
	bool good = true, few = true, last = true;

	for (uint64_t i = 0; i < 3000; i++) {
		world_poll(w, interval_ms);
		few &= w->history.count <= HISTORY_MOST;
		newest = w->history.moments[w->history.count - 1]->taken_ms;
		last &= newest == w->now_ms;
		kept = w->now_ms - w->history.moments[0]->taken_ms;
		if (i * interval_ms < w->settings.window_ms)
			continue;
		/* From here on: one at least as old as the window, and the second is younger. */
		second = w->now_ms - w->history.moments[1]->taken_ms;
		good &= kept >= w->settings.window_ms && second < w->settings.window_ms;
	}
	ok(few, "polls of %u ms: never too many moments", interval_ms);
	ok(last, "polls of %u ms: the poll before is always kept", interval_ms);
	ok(good, "polls of %u ms: the window is covered, and no more", interval_ms);
	world_free(w);
}

int main(void)
{
	unknown_while_a_source_fails();
	absent_and_down();
	carrying_above_the_floor();
	the_window_is_not_an_interval_too_long();
	detached_and_standby();
	unjoined_only_with_eligible_connections();
	too_early_to_say();
	an_endpoint_of_the_other_family();
	an_endpoint_that_nobody_joins_from(ENDPOINT_SIGNAL);
	an_endpoint_that_nobody_joins_from(ENDPOINT_SUBFLOW | ENDPOINT_IMPLICIT);
	a_family_may_be_younger_than_the_line();
	since_when();
	rates_between_polls();
	octets_beyond_any_sum();
	shares_of_all_lines();
	the_window_is_covered(100);
	the_window_is_covered(1000);
	the_window_is_covered(5000);
	the_window_is_covered(60000);
	return tap_done();
}
