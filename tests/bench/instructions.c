/* SPDX-License-Identifier: MIT */
/*
 * Work to be counted by callgrind: polls of so many live subflows, then so many subflows that begin
 * and end between two polls, a thousand at a time. instructions.sh says what it may take.
 *
 *	instructions SUBFLOWS POLLS LIVES [dump]
 *
 * By walks of our own program, or by dumps.
 * Ends with 1 when not all was followed and counted: work that is not done costs nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include "lib/monitor.h"
#include "tests/bench/kernel.h"

static bool is_done(const struct snapshot *last, const struct kernel *kernel, uint64_t lives)
{
	const struct host *host = &last->host;
	/* What the first poll found was not on our watch. */
	const uint64_t steps = (kernel->polls - 1) * kernel->subflows + lives;
	uint64_t closed = 0;

	for (size_t i = 0; i < last->wan_count; i++)
		closed += last->wans[i].subflows_closed;
	return host->accounting == ACCOUNTING_EXACT && host->subflows.value == kernel->subflows &&
	       host->out_octets == steps * KERNEL_STEP_OUT &&
	       host->in_octets == steps * KERNEL_STEP_IN && closed == lives &&
	       !host->truncated_subflows && !host->poll_errors;
}

static const struct snapshot *poll_once(struct kernel *kernel, struct monitor *monitor)
{
	kernel->polls++;
	return monitor_poll(monitor);
}

int main(int argc, char **argv)
{
	static struct registry registry;
	const size_t subflows = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const uint64_t polls = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const size_t lives = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	struct kernel *kernel = kernel_new(subflows);
	const struct snapshot *last;
	struct settings settings;
	struct monitor *monitor;
	bool done;

	settings_default(&settings);
	registry_init(&registry);
	if (kernel)
		kernel->no_walk = argc > 4;
	monitor = kernel ? monitor_new(&kernel->source, &settings, &registry) : NULL;
	if (!monitor)
		return 2;
	for (uint64_t i = 0; i < polls; i++)
		snapshot_release(poll_once(kernel, monitor));
	kernel->lives = lives;
	kernel->cookie = subflows + 1;
	monitor_pump(monitor);
	kernel->lives = 0;
	last = poll_once(kernel, monitor);
	done = is_done(last, kernel, lives);
	if (!done)
		fprintf(stderr, "not all was followed and counted: %u subflows, %llu octets sent\n",
			last->host.subflows.value, (unsigned long long)last->host.out_octets);
	snapshot_release(last);
	monitor_free(monitor);
	return !done;
}
