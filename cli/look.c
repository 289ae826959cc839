/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>
#include "cli/look.h"

enum { PUMP_MS = 100 }; /* what a stream's socket buffer has to last for */

static void pause_ms(uint32_t ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		continue;
}

/*
 * Without BPF: loading it is not worth a second. With the kernel's events, where they are
 * permitted: a connection that lives between the two polls only is then counted as well.
 */
static struct monitor *open_monitor(const struct settings *settings)
{
	struct settings briefly = *settings;
	struct registry registry;
	struct source *source = source_live_open();

	if (!source)
		return NULL;
	briefly.bpf = false;
	registry_init(&registry);
	return monitor_new(source, &briefly, &registry);
}

const struct snapshot *look(const struct settings *settings)
{
	struct monitor *monitor = open_monitor(settings);
	const struct snapshot *snapshot;

	if (!monitor)
		return NULL;
	snapshot_release(monitor_poll(monitor));
	for (uint32_t waited_ms = 0; waited_ms < settings->interval_ms;) {
		uint32_t ms = settings->interval_ms - waited_ms;

		ms = ms < PUMP_MS ? ms : PUMP_MS;
		pause_ms(ms);
		monitor_pump(monitor);
		waited_ms += ms;
	}
	snapshot = monitor_poll(monitor);
	monitor_free(monitor);
	if (!snapshot)
		errno = ENOMEM;
	return snapshot;
}
