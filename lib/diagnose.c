/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/diagnose_scene.h"

enum { SHARE_ALL = 10000 }; /* 1/100 % */

/*
 * --- comparison --------------------------------------------------------------------------------
 */

struct growth growth_of(const struct wan *wan, const struct moment *since)
{
	const struct moment_wan *before = since ? moment_wan(since, wan->index) : NULL;
	struct growth growth = { wan->in_octets, wan->out_octets, wan->retrans_octets, 0, 0 };
	uint64_t plain_in = wan->plain_in_octets, plain_out = wan->plain_out_octets;

	/* Totals of a WAN forgotten and found again begin anew. */
	if (before && before->in <= growth.in && before->out <= growth.out) {
		growth.in -= before->in;
		growth.out -= before->out;
		growth.retrans -= before->retrans;
		plain_in -= before->plain_in;
		plain_out -= before->plain_out;
	}
	growth.spoken_in = growth.in - plain_in;
	growth.spoken_out = growth.out - plain_out;
	return growth;
}

/* Octets in milliseconds are kbit/s after times eight. */
static struct maybe_u32 rate_kbps(uint64_t octets, uint64_t ms)
{
	uint64_t kbps = octets * 8 / ms;

	return (struct maybe_u32){ true, kbps > UINT32_MAX ? UINT32_MAX : (uint32_t)kbps };
}

/* Octets of a capture that nobody recorded may sum up to more than 64 bits hold: then the part is more. */
static struct maybe_u32 share(uint64_t part, uint64_t all)
{
	if (!all)
		return (struct maybe_u32){ false, 0 };
	if (part >= all)
		return (struct maybe_u32){ true, SHARE_ALL };
	return (struct maybe_u32){ true, (uint32_t)((double)part / (double)all * SHARE_ALL + 0.5) };
}

static void rates(struct snapshot *snapshot, const struct moment *base)
{
	uint64_t ms = base ? snapshot->taken_ms - base->taken_ms : 0;

	for (size_t i = 0; i < snapshot->wan_count && ms; i++) {
		struct wan *wan = &snapshot->wans[i];
		struct growth growth = growth_of(wan, base);

		wan->in_kbps = rate_kbps(growth.in, ms);
		wan->out_kbps = rate_kbps(growth.out, ms);
	}
}

static void shares(struct snapshot *snapshot, const struct moment *window)
{
	struct growth all = { 0 };

	if (!window)
		return;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct growth growth = growth_of(&snapshot->wans[i], window);

		all.in += growth.in;
		all.out += growth.out;
	}
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		struct growth growth = growth_of(wan, window);

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
 * --- findings ----------------------------------------------------------------------------------
 */

static uint64_t found_since(const struct snapshot *before, uint32_t wan_index, uint32_t cause)
{
	for (size_t i = 0; before && i < before->finding_count; i++)
		if (before->findings[i].wan_index == wan_index &&
		    before->findings[i].cause == cause)
			return before->findings[i].since_ms;
	return 0;
}

bool finding_was(const struct scene *scene, const struct wan *wan, enum cause cause)
{
	return found_since(scene->before, wan ? wan->index : 0, cause);
}

struct finding *finding_add(struct scene *scene, const struct wan *wan, enum cause cause)
{
	struct snapshot *snapshot = scene->snapshot;
	struct finding *grown, *finding;
	uint64_t since_ms = found_since(scene->before, wan ? wan->index : 0, cause);

	grown = realloc(snapshot->findings,
			(snapshot->finding_count + 1) * sizeof(*snapshot->findings));
	if (grown) {
		snapshot->findings = grown;
		finding = &grown[snapshot->finding_count++];
	} else {
		scene->no_memory = true;
		finding = &scene->spare;
	}
	*finding = (struct finding){
		.wan_index = wan ? wan->index : 0,
		.cause = cause,
		.severity = cause_severity(cause),
		.since_ms = since_ms ? since_ms : snapshot->taken_ms,
	};
	if (wan)
		memcpy(finding->wan_name, wan->name, sizeof(finding->wan_name));
	scene->latest = finding;
	return finding;
}

struct finding *finding_recast(struct scene *scene, struct wan *wan, enum cause cause)
{
	uint64_t since_ms = found_since(scene->before, wan->index, cause);

	wan->cause = cause;
	scene->latest->cause = cause;
	scene->latest->severity = cause_severity(cause);
	scene->latest->since_ms = since_ms ? since_ms : scene->snapshot->taken_ms;
	return scene->latest;
}

void finding_drop(struct scene *scene, const struct finding *finding)
{
	scene->snapshot->finding_count -= finding != &scene->spare;
}

void finding_say(char *part, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(part, SENTENCE_LEN, format, args);
	va_end(args);
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->wan_index != right->wan_index)
		return left->wan_index < right->wan_index ? -1 : 1;
	return (left->cause > right->cause) - (left->cause < right->cause);
}

/* The finding that explains a WAN: its own, else the host's of that cause. */
static const struct finding *explanation(const struct snapshot *snapshot, const struct wan *wan)
{
	for (size_t i = snapshot->finding_count; i--;) {
		const struct finding *finding = &snapshot->findings[i];

		if (finding->cause == wan->cause &&
		    (finding->wan_index == wan->index || !finding->wan_index))
			return finding;
	}
	return NULL;
}

/* The story of each WAN, in one allocation of the snapshot's. */
static void tell_stories(struct scene *scene)
{
	struct snapshot *snapshot = scene->snapshot;
	size_t told = 0;

	if (snapshot->finding_count)
		qsort(snapshot->findings, snapshot->finding_count, sizeof(*snapshot->findings),
		      compare_findings);
	for (size_t i = 0; i < snapshot->wan_count; i++)
		told += snapshot->wans[i].cause != CAUSE_NONE;
	snapshot->stories = told ? malloc(told * STORY_LEN) : NULL;
	scene->no_memory |= told && !snapshot->stories;
	for (size_t i = 0, at = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		const struct finding *finding = explanation(snapshot, wan);

		wan->cause_text = "";
		if (finding && snapshot->stories && at < told)
			wan->cause_text = finding_tell(
				finding, snapshot->stories + STORY_LEN * at++, STORY_LEN);
	}
}

/*
 * --- states ------------------------------------------------------------------------------------
 */

/* For a window that may be longer than asked for; a shorter one has to reach the same. */
uint64_t scene_floor_octets(const struct scene *scene)
{
	uint64_t ms = scene->settings->window_ms, octets;

	if (scene->window && scene->snapshot->taken_ms - scene->window->taken_ms > ms)
		ms = scene->snapshot->taken_ms - scene->window->taken_ms;
	octets = scene->settings->floor_octets * ms / 60000;
	return octets ? octets : 1;
}

static bool carries(const struct scene *scene, const struct wan *wan)
{
	struct growth growth;
	uint64_t least;

	if (!scene->window)
		return false;
	growth = growth_of(wan, scene->window);
	least = scene_floor_octets(scene);
	return growth.spoken_in >= least || growth.spoken_out >= least;
}

bool scene_goes_on(const struct scene *scene)
{
	for (size_t i = 0; i < scene->snapshot->wan_count && scene->window; i++) {
		struct growth growth = growth_of(&scene->snapshot->wans[i], scene->window);

		if (growth.in + growth.out)
			return true;
	}
	return false;
}

static const struct wan *base_of(const struct scene *scene, const struct wan *wan)
{
	for (size_t i = 0; i < scene->snapshot->wan_count && wan->base[0]; i++)
		if (!strcmp(scene->snapshot->wans[i].name, wan->base))
			return &scene->snapshot->wans[i];
	return NULL;
}

static bool is_base(const struct scene *scene, const struct wan *wan)
{
	for (size_t i = 0; i < scene->snapshot->wan_count; i++)
		if (!strcmp(scene->snapshot->wans[i].base, wan->name))
			return true;
	return false;
}

/* Who waits for others to connect cannot say who ought to join; a base carries a tunnel. */
static bool expects_nothing(const struct scene *scene, const struct wan *wan)
{
	return scene->snapshot->host.role == ROLE_AGGREGATOR || is_base(scene, wan);
}

/*
 * A tracker takes the endpoint of a line that it holds for dead away and leaves those of the
 * others: the line is down, not misconfigured. One that is left there with a dead address or with
 * flags that let nobody join was not taken away, nor one that the kernel did not take because
 * another line has the address or its table is full, nor that of a line which a tunnel runs over by
 * now.
 */
static bool withdrawn(const struct scene *scene, const struct wan *wan)
{
	return !wan->usable_endpoint && wan->ever_usable_endpoint && scene->endpoints_elsewhere &&
	       !wan->endpoints_stale && !wan->endpoints_unusable && !wan->rival[0] &&
	       !scene->budget.table_full && !is_base(scene, wan);
}

static uint32_t down_cause(const struct scene *scene, const struct wan *wan)
{
	const struct wan *base = base_of(scene, wan);

	if (!wan->ifindex)
		return CAUSE_INTERFACE_ABSENT;
	if (!wan->admin_up)
		return CAUSE_ADMIN_DOWN;
	if (!wan->carrier)
		return CAUSE_LINK_DOWN;
	if (!wan->addresses)
		return CAUSE_NO_ADDRESS;
	if (base && !base->up)
		return CAUSE_BASE_DOWN;
	return withdrawn(scene, wan) ? CAUSE_ENDPOINT_WITHDRAWN : CAUSE_NONE;
}

bool wan_is_detached(const struct scene *scene, const struct wan *wan)
{
	if (expects_nothing(scene, wan) || wan->usable_endpoint || wan->subflows)
		return false;
	return wan->endpoints_stale || wan->endpoints_unusable ||
	       ((wan->rival[0] || scene->budget.table_full) && wan->ever_usable_endpoint) ||
	       (!wan->ever_usable_endpoint && !wan->ever_joined);
}

/* In 80 % of the samples of the pressure window, two at least. */
static bool pressed_lately(const struct scene *scene, const struct wan *wan)
{
	uint32_t samples = 1, pressed = wan->pressed;

	for (size_t i = scene->history->count; i--;) {
		const struct moment *moment = scene->history->moments[i];
		const struct moment_wan *then = moment_wan(moment, wan->index);

		if (scene->snapshot->taken_ms - moment->taken_ms >=
			    scene->settings->pressure_window_ms &&
		    samples > 1)
			break;
		samples++;
		pressed += then && then->pressed;
	}
	return samples > 1 && pressed * 10 >= samples * 8;
}

static enum wan_state state_of(const struct scene *scene, size_t position)
{
	const struct wan *wan = &scene->snapshot->wans[position];
	const struct bearing *bearing = &scene->bearings[position];

	if (scene->blind)
		return WAN_UNKNOWN;
	if (wan->cause)
		return wan->ifindex ? WAN_DOWN : WAN_ABSENT;
	if (scene->carrying & SLOT(wan->slot))
		return WAN_CARRYING;
	if (wan->role == ROLE_BACKUP)
		return WAN_STANDBY;
	if (expects_nothing(scene, wan))
		return scene->window ? WAN_QUIET : WAN_UNKNOWN;
	if (wan_is_detached(scene, wan))
		return WAN_DETACHED;
	if (!scene->window)
		return WAN_UNKNOWN;
	if (bearing->eligible && !bearing->eligible_joined)
		return WAN_UNJOINED;
	if (bearing->young && !wan->subflows)
		return WAN_UNKNOWN;
	return pressed_lately(scene, wan) ? WAN_IDLE : WAN_QUIET;
}

static void enter_state(struct scene *scene, struct wan *wan, enum wan_state state)
{
	const struct wan *was = scene->before ? snapshot_wan(scene->before, wan->index) : NULL;

	wan->state = state;
	wan->since_ms = was && was->state == state ? was->since_ms : scene->snapshot->taken_ms;
	wan->carried_ms = state == WAN_CARRYING ? scene->snapshot->taken_ms
			  : was			? was->carried_ms
						: 0;
	wan->pressed_ms = state == WAN_IDLE && wan->pressed ? scene->elapsed_ms : 0;
	if (was)
		memcpy(wan->state_ms, was->state_ms, sizeof(wan->state_ms));
	wan->state_ms[state] += scene->elapsed_ms;
	for (size_t i = 0; i < WAN_STATES; i++)
		wan->state_s[i] = wan->state_ms[i] / 1000;
}

static void count_wan(struct host *host, const struct wan *wan)
{
	host->wans_configured++;
	host->wans_up += wan->up;
	host->wans_joined += wan->subflows > 0;
	host->wans_carrying += wan->state == WAN_CARRYING;
}

/* Nobody can say how many there are: as many as there were, and not none. */
static void hold_counts(struct snapshot *snapshot, const struct snapshot *before)
{
	snapshot->host.wans_carrying = before->host.wans_carrying;
	snapshot->host.families = before->host.families;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];
		const struct wan *was = snapshot_wan(before, wan->index);

		if (!was)
			continue;
		wan->connections = was->connections;
		wan->connections_eligible = was->connections_eligible;
	}
}

static void states(struct scene *scene)
{
	struct snapshot *snapshot = scene->snapshot;

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		scene->endpoints_elsewhere |= snapshot->wans[i].usable_endpoint;
		if (carries(scene, &snapshot->wans[i]))
			scene->carrying |= SLOT(snapshot->wans[i].slot);
	}
	bearings_take(scene);
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct wan *wan = &snapshot->wans[i];

		wan->cause = scene->blind ? CAUSE_NONE : down_cause(scene, wan);
		wan->pressed = !(scene->carrying & SLOT(wan->slot)) &&
			       (scene->bearings[i].wanted_out || scene->bearings[i].wanted_in);
		enter_state(scene, wan, state_of(scene, i));
		count_wan(&snapshot->host, wan);
	}
	if (scene->blind && scene->before)
		hold_counts(snapshot, scene->before);
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

static uint32_t role_of_endpoints(const struct snapshot *snapshot)
{
	bool announces = false;

	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		if (snapshot->endpoints[i].flags & ENDPOINT_SUBFLOW)
			return ROLE_ROUTER;
		announces |= snapshot->endpoints[i].flags & ENDPOINT_SIGNAL;
	}
	return announces ? ROLE_AGGREGATOR : ROLE_ROUTER;
}

/* As the connections have told last; before the first of them the endpoints say who is to connect. */
static uint32_t role_of(const struct scene *scene)
{
	if (scene->settings->role)
		return scene->settings->role;
	if (scene->snapshot->memory.role)
		return scene->snapshot->memory.role;
	return role_of_endpoints(scene->snapshot);
}

bool answers_lack(const struct snapshot *snapshot, unsigned int asked)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (asked & ASKED(i) && snapshot->answers[i].error)
			return true;
	return false;
}

int diagnose(struct snapshot *snapshot, const struct history *history,
	     const struct harvest *harvest, const struct settings *settings)
{
	struct scene scene = {
		.snapshot = snapshot,
		.before = history->last,
		.history = history,
		.window = history_at(history, snapshot->taken_ms, settings->window_ms),
		.harvest = harvest,
		.settings = settings,
		.blind = answers_lack(snapshot, ASKED_FOR_STATES),
	};

	if (scene.before)
		scene.elapsed_ms = snapshot->taken_ms - scene.before->taken_ms;
	if (!snapshot->answers[Q_SUBFLOWS].error) {
		rates(snapshot, history_at(history, snapshot->taken_ms, 0));
		shares(snapshot, scene.window);
	} else {
		hold(snapshot, scene.before);
	}
	memory_take(&scene);
	snapshot->host.role = role_of(&scene);
	budget_observe(snapshot, harvest, settings);
	scene.budget = budget_of(snapshot);
	states(&scene);
	judge_host(&scene);
	for (size_t i = 0; i < snapshot->wan_count; i++)
		explain_wan(&scene, i);
	note_the_rest(&scene);
	tell_stories(&scene);
	return scene.no_memory ? -ENOMEM : 0;
}
