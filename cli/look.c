/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>
#include "cli/look.h"

enum { PUMP_MS = 100 }; /* what a stream's socket buffer has to last for */

static struct monitor *open_with(struct source *source, const struct settings *settings, bool bpf)
{
	struct settings own = *settings;
	struct registry registry;

	if (!source)
		return NULL;
	if (!bpf)
		own.bpf = BPF_NOT_USED;
	registry_init(&registry);
	return monitor_new(source, &own, &registry);
}

static struct source *live(const struct settings *settings)
{
	return source_live_open(settings->bpf == BPF_TRACEPOINT);
}

struct monitor *look_open_source(struct source *source, const struct settings *settings)
{
	return open_with(source, settings, false);
}

struct monitor *look_open(const struct settings *settings)
{
	return look_open_source(live(settings), settings);
}

struct monitor *look_open_closely(const struct settings *settings)
{
	return open_with(live(settings), settings, true);
}

bool look_wait(struct monitor *monitor, uint32_t ms)
{
	while (ms) {
		uint32_t step_ms = ms < PUMP_MS ? ms : PUMP_MS;
		struct timespec step = { step_ms / 1000, (long)(step_ms % 1000) * 1000000 };

		if (nanosleep(&step, NULL) && errno == EINTR)
			return false;
		monitor_pump(monitor);
		ms -= step_ms;
	}
	return true;
}

static bool suffices(const struct look_plan *plan, const struct snapshot *snapshot)
{
	return plan->once_beyond && snapshot && snapshot->host.subflows.value > plan->once_beyond;
}

const struct snapshot *look(const struct settings *settings, const struct look_plan *plan)
{
	struct monitor *monitor = open_with(live(settings), settings, plan->closely);
	const struct snapshot *snapshot;
	bool once;

	if (!monitor)
		return NULL;
	snapshot = monitor_poll(monitor);
	once = suffices(plan, snapshot);
	for (uint32_t waited_ms = 0; !once && (waited_ms < plan->for_ms || !waited_ms);
	     waited_ms += settings->interval_ms) {
		if (plan->progress)
			plan->progress(waited_ms, plan->for_ms);
		snapshot_release(snapshot);
		look_wait(monitor, settings->interval_ms);
		snapshot = monitor_poll(monitor);
	}
	monitor_free(monitor);
	if (!snapshot)
		errno = ENOMEM;
	return snapshot;
}
