/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/diagnose.h"

enum { SHARE_ALL = 10000 };	/* 1/100 % */

/*
 * --- history -----------------------------------------------------------------------------------
 */

static void let_go(struct history *history, size_t at)
{
	snapshot_release(history->moments[at]);
	history->count--;
	memmove(&history->moments[at], &history->moments[at + 1],
		(history->count - at) * sizeof(history->moments[0]));
}

/* Totals that were not read lag behind: what flowed since is not what flowed since that moment. */
static bool comparable(const struct snapshot *moment)
{
	return !moment->answers[Q_SUBFLOWS].error;
}

void history_add(struct history *history, const struct snapshot *snapshot, uint32_t window_ms)
{
	uint32_t spacing_ms = window_ms / (HISTORY_MOST / 2);
	size_t last = history->count;

	if (last && !comparable(history->moments[last - 1]))
		let_go(history, last - 1);
	/* One older than the window is needed, the second such is not. */
	while (history->count > 1 &&
	       snapshot->taken_ms - history->moments[1]->taken_ms >= window_ms)
		let_go(history, 0);
	/*
	 * Polls quicker than the spacing: the newest always stays, the one before it gives way, but
	 * not to one that nothing can be compared with.
	 */
	last = history->count;
	if (last > 1 && comparable(snapshot) &&
	    history->moments[last - 1]->taken_ms - history->moments[last - 2]->taken_ms <
		    spacing_ms)
		let_go(history, last - 1);
	else if (history->count == HISTORY_MOST)
		let_go(history, 0);
	history->moments[history->count++] = snapshot_hold(snapshot);
}

void history_clear(struct history *history)
{
	while (history->count)
		let_go(history, history->count - 1);
}

/*
 * --- comparison --------------------------------------------------------------------------------
 */

/*
 * The newest moment to compare with that is at least age_ms old, else the oldest there is; NULL:
 * none.
 */
static const struct snapshot *base_of(const struct history *history, uint64_t now_ms,
				      uint32_t age_ms)
{
	const struct snapshot *base = NULL;

	for (size_t i = history->count; i--;) {
		if (!comparable(history->moments[i]))
			continue;
		base = history->moments[i];
		if (now_ms - base->taken_ms >= age_ms)
			break;
	}
	return base;
}

/* Growth of a WAN's totals; a WAN that was not there began at zero. */
struct growth {
	uint64_t in, out, retrans;
};

static struct growth wan_growth(const struct wan *wan, const struct snapshot *since)
{
	const struct wan *before = since ? snapshot_wan(since, wan->index) : NULL;
	struct growth growth = { wan->in_octets, wan->out_octets, wan->retrans_octets };

	/* Totals of a WAN forgotten and found again begin anew. */
	if (!before || before->in_octets > growth.in || before->out_octets > growth.out)
		return growth;
	growth.in -= before->in_octets;
	growth.out -= before->out_octets;
	growth.retrans -= before->retrans_octets;
	return growth;
}

/* Octets in milliseconds are kbit/s after times eight. */
static struct maybe_u32 rate_kbps(uint64_t octets, uint64_t ms)
{
	uint64_t kbps = octets * 8 / ms;

	return (struct maybe_u32){ true, kbps > UINT32_MAX ? UINT32_MAX : (uint32_t)kbps };
}

static struct maybe_u32 share(uint64_t part, uint64_t all)
{
	if (!all)
		return (struct maybe_u32){ false, 0 };
	return (struct maybe_u32){ true, (uint32_t)((double)part / (double)all * SHARE_ALL + 0.5) };
}

static void rates(struct snapshot *snapshot, const struct snapshot *base)
{
	uint64_t ms = base ? snapshot->taken_ms - base->taken_ms : 0;

	for (size_t i = 0; i < snapshot->wan_count && ms; i++) {
		struct wan *wan = &snapshot->wans[i];
		struct growth growth = wan_growth(wan, base);

		wan->in_kbps = rate_kbps(growth.in, ms);
		wan->out_kbps = rate_kbps(growth.out, ms);
	}
}

static void shares(struct snapshot *snapshot, const struct snapshot *window)
{
	struct growth all = { 0 };

	if (!window)
		return;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct growth growth = wan_growth(&snapshot->wans[i], window);

		all.in += growth.in;
		all.out += growth.out;
	}
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		struct growth growth = wan_growth(wan, window);

		wan->share_in = share(growth.in, all.in);
		wan->share_out = share(growth.out, all.out);
		wan->retrans_ratio = share(growth.retrans, growth.out + growth.retrans);
	}
}

/* Not known just now: the last ones hold. */
static void hold(struct snapshot *snapshot, const struct snapshot *before)
{
	for (size_t i = 0; i < snapshot->wan_count && before; i++) {
		struct wan *wan = &snapshot->wans[i];
		const struct wan *was = snapshot_wan(before, wan->index);

		if (!was)
			continue;
		wan->in_kbps = was->in_kbps;
		wan->out_kbps = was->out_kbps;
		wan->share_in = was->share_in;
		wan->share_out = was->share_out;
		wan->retrans_ratio = was->retrans_ratio;
	}
}

/*
 * --- states ------------------------------------------------------------------------------------
 */

/* What the states of all WANs rest on. */
struct scene {
	const struct snapshot *snapshot;
	const struct snapshot *before;	/* the poll before; NULL at the first one */
	const struct snapshot *window;	/* the moment that the state window began at; or NULL */
	const struct harvest *harvest;
	const struct settings *settings;
	bool blind;			/* a source that states rest on has failed */
	bool endpoints_elsewhere;	/* somebody has a usable endpoint */
};

/*
 * A direction's floor, for a window that may be longer than asked for; a shorter one has to reach
 * the same. At least one octet: nothing is never above the floor.
 */
static uint64_t floor_octets(const struct scene *scene)
{
	uint64_t ms = scene->snapshot->taken_ms - scene->window->taken_ms, floor;

	if (ms < scene->settings->window_ms)
		ms = scene->settings->window_ms;
	floor = scene->settings->floor_octets * ms / 60000;
	return floor ? floor : 1;
}

static bool carries(const struct scene *scene, const struct wan *wan)
{
	struct growth growth;
	uint64_t floor;

	if (!scene->window)
		return false;
	growth = wan_growth(wan, scene->window);
	floor = floor_octets(scene);
	return growth.in >= floor || growth.out >= floor;
}

/*
 * A tracker takes the endpoint of a line that it holds for dead away and leaves those of the
 * others: the line is down, not misconfigured.
 */
static bool withdrawn(const struct scene *scene, const struct wan *wan)
{
	return !wan->usable_endpoint && wan->ever_usable_endpoint && scene->endpoints_elsewhere;
}

/*
 * Connections that ought to have a subflow here: begun after the line was ready, and old enough to
 * have joined. Without an endpoint now no join is to be expected. That all of them are gone, or
 * that a first path never had one, is not to be said against the line.
 */
static bool eligible_connections(const struct scene *scene, const struct wan *wan)
{
	uint64_t now_ms = scene->snapshot->taken_ms;

	if (!wan->usable_endpoint || !wan->attached_ms)
		return false;
	for (size_t i = 0; i < scene->harvest->connection_count; i++) {
		const struct connection *connection = &scene->harvest->connections[i];

		if (!connection->fallback && connection->first_ms >= wan->attached_ms &&
		    now_ms - connection->first_ms >= scene->settings->join_grace_ms)
			return true;
	}
	return false;
}

static enum wan_state state_of(const struct scene *scene, const struct wan *wan)
{
	if (scene->blind)
		return WAN_UNKNOWN;
	if (!wan->ifindex)
		return WAN_ABSENT;
	if (!wan->up || withdrawn(scene, wan))
		return WAN_DOWN;
	if (carries(scene, wan))
		return WAN_CARRYING;
	if (wan->role == ROLE_BACKUP)
		return WAN_STANDBY;
	if (!wan->subflows && !wan->ever_usable_endpoint && !wan->ever_joined)
		return WAN_DETACHED;
	if (!scene->before)
		return WAN_UNKNOWN;
	if (!wan->subflows && eligible_connections(scene, wan))
		return WAN_UNJOINED;
	return WAN_QUIET;
}

static void states(struct scene *scene, struct snapshot *snapshot)
{
	struct host *host = &snapshot->host;

	for (size_t i = 0; i < snapshot->wan_count; i++)
		scene->endpoints_elsewhere |= snapshot->wans[i].usable_endpoint;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		const struct wan *was =
			scene->before ? snapshot_wan(scene->before, wan->index) : NULL;

		wan->state = state_of(scene, wan);
		wan->since_ms =
			was && was->state == wan->state ? was->since_ms : snapshot->taken_ms;
		wan->carried_ms = wan->state == WAN_CARRYING ? snapshot->taken_ms
				  : was			     ? was->carried_ms
							     : 0;
		host->wans_configured++;
		host->wans_up += wan->up;
		host->wans_joined += wan->subflows > 0;
		host->wans_carrying += wan->state == WAN_CARRYING;
	}
}

void diagnose(struct snapshot *snapshot, const struct history *history,
	      const struct harvest *harvest, const struct settings *settings)
{
	static const enum question needed[] = { Q_LINKS, Q_ADDRESSES, Q_ENDPOINTS, Q_CONNECTIONS,
						Q_SUBFLOWS };
	struct scene scene = {
		.snapshot = snapshot,
		.before = history->count ? history->moments[history->count - 1] : NULL,
		.window = base_of(history, snapshot->taken_ms, settings->window_ms),
		.harvest = harvest,
		.settings = settings,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		scene.blind |= snapshot->answers[needed[i]].error != 0;
	if (comparable(snapshot)) {
		rates(snapshot, base_of(history, snapshot->taken_ms, 0));
		shares(snapshot, scene.window);
	} else {
		hold(snapshot, scene.before);
	}
	states(&scene, snapshot);
}
