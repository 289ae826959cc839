/* SPDX-License-Identifier: MIT */
/*
 *	turns TIMES [-- NAME CMD...]...
 *
 * A whole poll, the plain dump of the kernel and commands, by turns in one process, so that what
 * disturbs the machine disturbs all of them; every other turn goes backwards, so that none always
 * comes after the same one. A poll is monitor_poll() with the default settings: each question to
 * the kernel, ledger, snapshot, diagnosis, alarms. What the agent adds to it is a status file.
 *
 * Prints what the last poll saw, `saw SUBFLOWS CONNECTIONS`, and then a line each, the name and the
 * CPU time of every turn in microseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/monitor.h"
#include "tests/bench/measure.h"
#include "tests/bench/raw_dump.h"

enum { TIMES_MOST = 1000, RUNNERS_MOST = 8, WARM_POLLS = 4 };

static struct runner {
	const char *name;
	char **argv; /* NULL: poll or raw */
	double us[TIMES_MOST];
} runners[RUNNERS_MOST] = { { .name = "poll" }, { .name = "raw" } };

static struct monitor *monitor;
static struct raw_dump raw;
static const struct snapshot *last;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void start_monitor(void)
{
	static struct settings settings;
	static struct registry registry;
	struct source *source = source_live_open();

	settings_default(&settings);
	registry_init(&registry);
	monitor = source ? monitor_new(source, &settings, &registry) : NULL;
	if (!monitor)
		die("monitor");
}

static void poll_once(void)
{
	const struct snapshot *fresh = monitor_poll(monitor);

	if (!fresh)
		die("poll");
	snapshot_release(last);
	last = fresh;
}

static double run(size_t i)
{
	double begun_us = measure_cpu_us();
	long kib = 0;

	if (runners[i].argv)
		return measure_command(runners[i].argv, &kib);
	if (i == 0)
		poll_once();
	else
		raw_dump_ask(&raw);
	return measure_cpu_us() - begun_us;
}

/* "-- NAME CMD..." each. Returns how many runners there are then, 0 if that is not right. */
static size_t add_commands(char **argv)
{
	size_t count = 2;

	while (*argv) {
		char **name = argv + 1;

		if (strcmp(*argv, "--") != 0 || count == RUNNERS_MOST || !name[0] || !name[1])
			return 0;
		*argv = NULL; /* the end of the one before */
		runners[count++] = (struct runner){ .name = name[0], .argv = name + 1 };
		for (argv = name + 1; *argv && strcmp(*argv, "--") != 0;)
			argv++;
	}
	return count;
}

static void print(size_t count, size_t times)
{
	printf("saw %" PRIu32 " %" PRIu32 "\n", last->host.subflows.value,
	       last->host.connections.value);
	for (size_t i = 0; i < count; i++) {
		printf("%s", runners[i].name);
		for (size_t turn = 0; turn < times; turn++)
			printf(" %.1f", runners[i].us[turn]);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	size_t times = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	size_t count = times && times <= TIMES_MOST ? add_commands(argv + 2) : 0;

	if (!count) {
		fputs("usage: turns TIMES [-- NAME CMD...]...\n", stderr);
		return 2;
	}
	raw_dump_open(&raw);
	start_monitor();
	for (int i = 0; i < WARM_POLLS; i++)
		poll_once();
	for (size_t i = 0; i < count; i++)
		run(i);
	for (size_t turn = 0; turn < times; turn++)
		for (size_t i = 0; i < count; i++) {
			size_t which = turn % 2 ? count - 1 - i : i;

			runners[which].us[turn] = run(which);
		}
	print(count, times);
	snapshot_release(last);
	monitor_free(monitor);
	return 0;
}
