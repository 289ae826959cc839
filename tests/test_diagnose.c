/* SPDX-License-Identifier: MIT */
/* States, rates and shares over hand-made polls of two lines, wan1 (the subject) and wan2. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/diagnose.h"
#include "tests/tap.h"

enum { WANS = 2, CONNECTIONS_MOST = 4 };

/* What the next poll will find; poll() lets it happen. */
struct world {
	struct wan wans[WANS];
	int errors[QUESTIONS];
	struct connection connections[CONNECTIONS_MOST];
	struct harvest harvest;
	struct settings settings;
	struct history history;
	uint64_t now_ms;
};

/* One allocation, as snapshot_build() makes it. */
struct made {
	struct snapshot snapshot;
	struct wan wans[WANS];
	struct join_memory joins[WANS];
};

static struct world *world(void)
{
	struct world *w = calloc(1, sizeof(*w));

	settings_default(&w->settings);
	w->harvest.connections.rows = w->connections;
	w->now_ms = 100000;
	for (uint32_t i = 0; i < WANS; i++)
		w->wans[i] = (struct wan){ .slot = (uint8_t)i,
					   .index = i + 1,
					   .ifindex = 5 + i,
					   .role = ROLE_ACTIVE,
					   .up = true,
					   .admin_up = true,
					   .carrier = true,
					   .addresses = 1,
					   .endpoints_v4 = 1,
					   .usable_endpoint = true,
					   .subflows = 1,
					   .ever_usable_endpoint = true,
					   .ever_joined = true,
					   .attached_ms = 1000 };
	return w;
}

static void leave(struct world *w)
{
	history_clear(&w->history);
	free(w);
}

/* The snapshot is held by the history. */
static const struct wan *poll_after(struct world *w, uint64_t ms)
{
	struct made *made = calloc(1, sizeof(*made));

	w->now_ms += ms;
	atomic_init(&made->snapshot.holders, 1);
	made->snapshot.taken_ms = w->now_ms;
	made->snapshot.wans = made->wans;
	made->snapshot.joins = made->joins;
	made->snapshot.wan_count = WANS;
	memcpy(made->wans, w->wans, sizeof(made->wans));
	for (size_t i = 0; i < QUESTIONS; i++)
		made->snapshot.answers[i].error = w->errors[i];
	diagnose(&made->snapshot, &w->history, &w->harvest, &w->settings);
	history_add(&w->history, &made->snapshot, w->settings.window_ms);
	snapshot_release(&made->snapshot);
	return made->wans;
}

static void connection(struct world *w, uint64_t first_ms, bool fallback)
{
	w->connections[w->harvest.connections.count++] =
		(struct connection){ .token = 7,
				     .first_ms = first_ms,
				     .fallback = fallback,
				     .established = true,
				     .ours = true,
				     .told = true,
				     .complete = true,
				     .remote = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } } };
}

static void is_state(struct world *w, enum wan_state state, const char *what)
{
	is_u64(poll_after(w, 5000)->state, state, "%s", what);
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
	leave(w);
}

static void absent_and_down(void)
{
	struct world *w = world();

	poll_after(w, 0);
	w->wans[0].ifindex = 0;
	w->wans[0].up = false;
	is_state(w, WAN_ABSENT, "no interface");
	w->wans[0].ifindex = 5;
	w->wans[0].in_octets += 1000000;
	is_state(w, WAN_DOWN, "no carrier or no address, whatever it carried");
	w->wans[0].up = true;
	w->wans[0].usable_endpoint = false;
	is_state(w, WAN_DOWN, "its endpoint was withdrawn, others have theirs");
	w->wans[1].usable_endpoint = false;
	connection(w, w->now_ms - 30000, false);
	w->wans[0].subflows = 0;
	w->wans[0].in_octets = 0;
	for (int i = 0; i < 8; i++)
		poll_after(w, 5000);
	is_state(w, WAN_QUIET, "all are gone: nothing to be said against the line");
	w->wans[0].usable_endpoint = true;
	is_state(w, WAN_UNJOINED, "but with one");
	leave(w);
}

static void carrying_above_the_floor(void)
{
	struct world *w = world();
	uint64_t floor = 64000 / 2; /* a minute; the window has 30 s */

	w->wans[0].role = ROLE_BACKUP;
	poll_after(w, 0);
	w->wans[0].in_octets += floor;
	is_state(w, WAN_CARRYING, "in one direction, whatever its role");
	for (int i = 0; i < 8; i++)
		poll_after(w, 5000);
	is_state(w, WAN_STANDBY, "no longer");
	w->wans[0].out_octets += floor - 1;
	w->wans[0].in_octets += floor - 1;
	is_state(w, WAN_STANDBY, "both below it");
	leave(w);

	w = world();
	w->settings.floor_octets = 1;
	w->settings.window_ms = 5000;
	poll_after(w, 0);
	poll_after(w, 5000);
	ok(poll_after(w, 5000)->state != WAN_CARRYING, "a line without any payload never carries");
	w->wans[0].in_octets++;
	is_state(w, WAN_CARRYING, "one octet is the least floor");
	leave(w);
}

/* A burst is within the window for as long as the window is. */
static void the_window_is_not_an_interval_too_long(void)
{
	struct world *w = world();

	poll_after(w, 0);
	w->wans[0].in_octets += 1000000;
	for (int i = 0; i < 6; i++)
		is_state(w, WAN_CARRYING, "burst");
	ok(!poll_after(w, 5000)->share_in.known, "30 s later there is nothing to share");
	is_state(w, WAN_QUIET, "and nobody carries");
	leave(w);
}

static void detached_and_standby(void)
{
	struct world *w = world();

	poll_after(w, 0);
	w->wans[0].usable_endpoint = w->wans[0].ever_usable_endpoint = false;
	w->wans[0].ever_joined = false;
	w->wans[0].subflows = 0;
	is_state(w, WAN_DETACHED, "no endpoint was ever seen, and no subflow");
	w->wans[0].subflows = 1;
	is_state(w, WAN_QUIET, "with a subflow it is not");
	w->wans[0].role = ROLE_BACKUP;
	w->wans[0].subflows = 0;
	is_state(w, WAN_STANDBY, "backup");
	leave(w);
}

static void unjoined_only_with_eligible_connections(void)
{
	struct world *w = world();

	w->wans[0].subflows = 0;
	w->wans[0].attached_ms = 90000;
	connection(w, 90000, false);
	is_state(w, WAN_UNKNOWN, "too early to say at the first poll");
	is_state(w, WAN_UNJOINED, "a connection as old as the line");
	w->connections[0].first_ms = 89999;
	is_state(w, WAN_QUIET, "one older than the line never joins over it");
	w->connections[0].first_ms = w->now_ms + 5000 - 9999;
	is_state(w, WAN_QUIET, "one within the join grace may still join");
	w->connections[0].first_ms = w->now_ms + 5000 - 10000;
	is_state(w, WAN_UNJOINED, "after the grace it ought to have");
	w->connections[0].fallback = true;
	is_state(w, WAN_QUIET, "one in fallback cannot");
	connection(w, 95000, false);
	is_state(w, WAN_UNJOINED, "one of several is enough");
	w->wans[0].subflows = 1;
	is_state(w, WAN_QUIET, "joined");
	w->wans[0].subflows = 0;
	w->wans[0].attached_ms = 0;
	w->wans[0].usable_endpoint = w->wans[0].ever_usable_endpoint = false;
	is_state(w, WAN_QUIET, "never had an endpoint: no connection is eligible");
	leave(w);
}

static void since_when(void)
{
	struct world *w = world();
	const struct wan *wan = poll_after(w, 0);
	uint64_t changed;

	poll_after(w, 5000);
	wan = poll_after(w, 5000);
	is_u64(wan->since_ms, w->now_ms - 5000, "quiet since the second poll");
	is_u64(wan->carried_ms, 0, "it never carried");
	w->wans[0].out_octets += 1000000;
	wan = poll_after(w, 5000);
	changed = w->now_ms;
	is_u64(wan->since_ms, changed, "a new state");
	is_u64(wan->carried_ms, changed, "carries now");
	w->errors[Q_LINKS] = -EPERM;
	wan = poll_after(w, 5000);
	is_u64(wan->carried_ms, changed, "carried last");
	ok(w->history.last->host.wans_configured == WANS &&
		   w->history.last->host.wans_up == WANS &&
		   w->history.last->host.wans_joined == WANS &&
		   w->history.last->host.wans_carrying == 0,
	   "host counts");
	leave(w);
}

static void rates_between_polls(void)
{
	struct world *w = world();
	const struct wan *wan = poll_after(w, 0);

	ok(!wan->in_kbps.known && !wan->share_in.known, "the first poll has none");
	w->wans[0].in_octets = 1000000;
	w->wans[0].out_octets = 500;
	wan = poll_after(w, 2000);
	ok(wan->in_kbps.known && wan->in_kbps.value == 4000, "1 MB in 2 s are 4 Mbit/s");
	ok(wan->out_kbps.known && wan->out_kbps.value == 2, "500 octets are 2 kbit/s");
	w->errors[Q_SUBFLOWS] = -ETIMEDOUT;
	wan = poll_after(w, 2000);
	ok(wan->in_kbps.known && wan->in_kbps.value == 4000, "rates hold while subflows fail");
	w->errors[Q_SUBFLOWS] = 0;
	w->wans[0].in_octets += 2000000;
	wan = poll_after(w, 2000);
	is_u64(wan->in_kbps.value, 4000, "what flowed meanwhile is no burst");
	for (int i = 0; i < 30; i++) {
		w->errors[Q_SUBFLOWS] = -ETIMEDOUT;
		w->wans[0].in_octets += i % 2; /* what streams tell of it */
		wan = poll_after(w, 2000);
	}
	ok(wan->in_kbps.value == 4000 && w->history.count <= 3, "rates hold for any time");
	is_u64(wan->share_in.value, 10000, "and so do shares");
	w->errors[Q_SUBFLOWS] = 0;
	w->wans[0].in_octets += 31 * 1000000 - 15;
	is_u64(poll_after(w, 2000)->in_kbps.value, 4000,
	       "nor is it one after longer than the window");
	w->wans[0].in_octets += UINT64_C(1) << 42;
	is_u64(poll_after(w, 1000)->in_kbps.value, UINT32_MAX, "the greatest that fits");
	is_u64(poll_after(w, 0)->in_kbps.known, false, "no time, no rate");
	leave(w);
}

static void shares_of_all_lines(void)
{
	struct world *w = world();
	const struct wan *wan;

	poll_after(w, 0);
	wan = poll_after(w, 5000);
	ok(!wan->share_in.known && !wan->share_out.known && !wan->retrans_ratio.known,
	   "absent when nothing flows");
	w->wans[0].in_octets = 3000;
	w->wans[1].in_octets = 1000;
	w->wans[0].out_octets = 900;
	w->wans[0].retrans_octets = 100;
	wan = poll_after(w, 5000);
	is_u64(wan[0].share_in.value, 7500, "75 %% in");
	is_u64(wan[1].share_in.value, 2500, "25 %% in");
	is_u64(wan[0].share_out.value, 10000, "all out");
	ok(wan[1].share_out.known && wan[1].share_out.value == 0, "nothing is a share");
	is_u64(wan[0].retrans_ratio.value, 1000, "10 %% sent again");
	ok(!wan[1].retrans_ratio.known, "of nothing there is no ratio");
	w->wans[0].index = 9; /* forgotten, and found again with totals of its own */
	w->wans[0].in_octets = 1000;
	wan = poll_after(w, 5000);
	is_u64(wan[0].share_in.value, 5000, "totals of a new WAN began at zero");
	leave(w);
}

static void the_window_is_covered(uint32_t interval_ms)
{
	struct world *w = world();
	uint64_t kept, newest, second;
	bool good = true, few = true, last = true;

	for (uint64_t i = 0; i < 3000; i++) {
		poll_after(w, interval_ms);
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
	leave(w);
}

int main(void)
{
	unknown_while_a_source_fails();
	absent_and_down();
	carrying_above_the_floor();
	the_window_is_not_an_interval_too_long();
	detached_and_standby();
	unjoined_only_with_eligible_connections();
	since_when();
	rates_between_polls();
	shares_of_all_lines();
	the_window_is_covered(100);
	the_window_is_covered(1000);
	the_window_is_covered(5000);
	the_window_is_covered(60000);
	return tap_done();
}
