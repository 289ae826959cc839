/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/alarm_world.h"

static void forget_outputs(struct world *world)
{
	alarm_log_release(world->snapshot.alarm_log);
	free(world->snapshot.alarms);
	free(world->snapshot.findings);
	world->snapshot.alarm_log = NULL;
	world->snapshot.alarms = NULL;
	world->snapshot.findings = NULL;
	world->snapshot.alarm_count = world->snapshot.finding_count = 0;
}

void world_begin(struct world *world)
{
	struct snapshot *snapshot = &world->snapshot;

	memset(world, 0, sizeof(*world));
	world->settings = (struct settings){
		.raise_after_ms = 60 * 1000,
		.raise_idle_after_ms = 120 * 1000,
		.idle_memory_ms = 30 * 60 * 1000,
		.raise_avoided_after_ms = 15 * 60 * 1000,
		.raise_backup_after_ms = 10 * 60 * 1000,
		.clear_after_ms = 30 * 1000,
		.flap_window_ms = 10 * 60 * 1000,
	};
	snprintf(world->text, sizeof(world->text), "so it is");
	snapshot->taken_ms = 1000 * 1000;
	snapshot->wall_ms = UINT64_C(1700000000000);
	snapshot->host.interval_ms = 5000;
	snapshot->host.wans_configured = WORLD_WANS;
	snapshot->host.subflows = (struct maybe_u32){ true, 12 };
	snapshot->wans = world->wans;
	snapshot->wan_count = WORLD_WANS;
	for (uint32_t i = 1; i <= WORLD_WANS; i++) {
		struct wan *wan = &world->wans[i - 1];

		wan->index = i;
		wan->ifindex = 10 + i;
		snprintf(wan->name, sizeof(wan->name), "wan%u", i);
		snprintf(wan->label, sizeof(wan->label), "line %u", i);
		world_wan(world, i, WAN_CARRYING, CAUSE_NONE, 0);
	}
	for (enum cause cause = CAUSE_MPTCP_DISABLED; cause <= CAUSE_DRIFT; cause++)
		world_host(world, cause, VERDICT_NO, 0);
	world->alarms = alarms_new(7);
	world_poll(world);
	world_poll(world);
}

void world_end(struct world *world)
{
	forget_outputs(world);
	alarms_free(world->alarms);
}

void world_restart(struct world *world, struct alarms *alarms)
{
	forget_outputs(world);
	alarms_free(world->alarms);
	world->alarms = alarms;
	world->snapshot.host.polls = 0;
}

void world_wan(struct world *world, uint32_t number, enum wan_state state, enum cause cause,
	       enum severity severity)
{
	struct wan *wan = &world->wans[number - 1];

	wan->state = state;
	wan->cause = cause;
	wan->subflows = state == WAN_CARRYING || state == WAN_IDLE ? 2 : 0;
	wan->pressed_ms = state == WAN_IDLE ? 5000 : 0;
	world->severities[number - 1] = severity ? severity : cause_severity(cause);
}

void world_host(struct world *world, enum cause cause, enum verdict verdict, enum severity severity)
{
	world->snapshot.verdicts[cause] = verdict;
	world->host_severities[cause] = severity ? severity : cause_severity(cause);
}

static void add_finding(struct world *world, uint32_t wan_index, const char *wan_name,
			uint32_t cause, uint32_t severity)
{
	struct snapshot *snapshot = &world->snapshot;
	struct finding *finding = &snapshot->findings[snapshot->finding_count++];

	finding->wan_index = wan_index;
	finding->cause = cause;
	finding->severity = severity;
	snprintf(finding->wan_name, sizeof(finding->wan_name), "%s", wan_name);
	snprintf(finding->text, sizeof(finding->text), "%s", world->text);
	snprintf(finding->now, sizeof(finding->now), "do it");
}

int world_poll(struct world *world)
{
	struct snapshot *snapshot = &world->snapshot;

	forget_outputs(world);
	snapshot->findings = calloc(CAUSE_DRIFT + WORLD_WANS, sizeof(struct finding));
	for (uint32_t cause = 1; cause <= CAUSE_DRIFT; cause++)
		if (snapshot->verdicts[cause] != VERDICT_NO)
			add_finding(world, 0, "", cause, world->host_severities[cause]);
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];

		if (wan->cause != CAUSE_NONE && cause_kind(wan->cause) != FINDING_HOST)
			add_finding(world, wan->index, wan->name, wan->cause,
				    world->severities[wan - world->wans]);
	}
	snapshot->taken_ms += snapshot->host.interval_ms;
	snapshot->wall_ms += snapshot->host.interval_ms;
	snapshot->host.polls++;
	return alarms_update(world->alarms, snapshot, &world->settings);
}

int world_run(struct world *world, uint32_t s)
{
	uint64_t end_ms = world->snapshot.taken_ms + (uint64_t)s * 1000;
	int rows = 0;

	while (world->snapshot.taken_ms < end_ms) {
		int gained = world_poll(world);

		if (gained < 0)
			return gained;
		rows += gained;
	}
	return rows;
}

uint32_t world_until_row(struct world *world, uint32_t most_s)
{
	uint32_t interval_s = world->snapshot.host.interval_ms / 1000;

	for (uint32_t s = 0; s < most_s; s += interval_s)
		if (world_poll(world))
			return s;
	return most_s;
}

void world_make_rows(struct world *world, uint32_t count)
{
	world->settings.raise_after_ms = world->settings.clear_after_ms = 0;
	world->settings.flap_window_ms = 0;
	world_run(world, 15); /* it may have to warm up first */
	for (uint32_t i = 0; i < count; i++) {
		if (i % 2)
			world_wan(world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		else
			world_wan(world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
		world_run(world, 10);
	}
}

const struct alarm_record *world_row(const struct world *world, size_t back)
{
	const struct alarm_log *log = world->snapshot.alarm_log;

	return log && back < log->count ? &log->rows[log->count - 1 - back] : NULL;
}

bool world_row_is(const struct world *world, size_t back, enum transition transition,
		  const char *wan, uint32_t type)
{
	const struct alarm_record *row = world_row(world, back);

	return row && row->transition == transition && !strcmp(row->wan_name, wan) &&
	       row->type == type;
}
