/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "tests/stand.h"

struct stand *stand_new(void)
{
	struct stand *stand = calloc(1, sizeof(*stand));

	stand->fake = fake_router();
	settings_default(&stand->settings);
	registry_init(&stand->registry);
	return stand;
}

struct stand *stand_of(const char *load)
{
	struct stand *stand = stand_new();

	fake_text(stand->fake, Q_LOAD, load);
	return stand;
}

void stand_grow(struct stand *stand, uint64_t by)
{
	struct fake *fake = stand->fake;

	fake_forget(fake, Q_SUBFLOWS);
	fake_subflow(fake, 1, 1, 40000, 77, 1000 + by, 2000 + by);
	fake_subflow(fake, 2, 2, 40001, 77, 10 + by, 20 + by);
}

void stand_free(struct stand *stand)
{
	snapshot_release(stand->now);
	monitor_free(stand->monitor);
	free(stand);
}

const struct snapshot *stand_poll(struct stand *stand, uint64_t us)
{
	struct fake *fake = stand->fake;

	if (!stand->monitor)
		stand->monitor = monitor_new(&fake->source, &stand->settings, &stand->registry);
	fake->now_us += us;
	fake->wall_ms += us / 1000;
	memset(fake->log, 0, sizeof(fake->log));
	snapshot_release(stand->now);
	stand->now = monitor_poll(stand->monitor);
	return stand->now;
}

const struct wan *stand_wan(const struct stand *stand, const char *name)
{
	for (size_t i = 0; i < stand->now->wan_count; i++)
		if (!strcmp(stand->now->wans[i].name, name))
			return &stand->now->wans[i];
	abort();
}
