/* SPDX-License-Identifier: MIT */

/*
 * What our own code costs: CPU time of this thread, memory that is in use: of polls, lives that
 * begin and end, walks over the MIB. TAP on stdout; figures are comments, medians of ROUNDS rounds.
 * Checked is that the work was done, never a time.
 *
 * What is polled is kernel.c. What that takes itself is measured by asking in vain, and taken off.
 *
 *	cost [SUBFLOWS]		polls of so many only, a multiple of six
 */
#include <malloc.h>
#include <stdlib.h>
#include "agent/mib.h"
#include "lib/monitor.h"
#include "lib/netlink.h"
#include "tests/bench/kernel.h"
#include "tests/bench/measure.h"
#include "tests/tap.h"

#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif

enum { ROUNDS = 9 };

/*
 * --- measuring ---------------------------------------------------------------------------------
 */

static double cpu_ns(void)
{
	return measure_cpu_us() * 1e3;
}

/* Large blocks are mapped one by one and counted apart. 0: this C library does not tell. */
static size_t heap_octets(void)
{
#if __GLIBC_PREREQ(2, 33)
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

static void figure(double value, const char *unit, const char *what)
{
	printf("# %12.1f %-12s %s\n", value, unit, what);
	fflush(stdout);
}

static struct kernel *kernel_of(size_t subflows)
{
	struct kernel *kernel = kernel_new(subflows);

	if (!kernel)
		abort();
	return kernel;
}

static struct monitor *monitor_on(struct kernel *kernel)
{
	static struct registry registry;
	struct settings settings;
	struct monitor *monitor;

	settings_default(&settings);
	settings.subflows_most = 10 * 1000 * 1000; /* all that may be set */
	registry_init(&registry);
	monitor = monitor_new(&kernel->source, &settings, &registry);
	if (!monitor)
		abort();
	return monitor;
}

static int nothing(const void *buf, size_t len, void *arg)
{
	(void)buf, (void)len, (void)arg;
	return 0;
}

/*
 * --- polls -------------------------------------------------------------------------------------
 */

struct scene {
	size_t subflows;
	unsigned int polls_a_round;
	struct kernel *kernel;
	struct monitor *monitor;
	double ns[ROUNDS]; /* a poll */
	double octets;	   /* of heap, a subflow */
};

static const struct snapshot *poll_once(struct scene *scene)
{
	scene->kernel->polls++;
	return monitor_poll(scene->monitor);
}

static void begin_scene(struct scene *scene)
{
	size_t before;

	scene->kernel = kernel_of(scene->subflows);
	before = heap_octets();
	scene->monitor = monitor_on(scene->kernel);
	for (int i = 0; i < 3; i++)
		snapshot_release(poll_once(scene));
	scene->octets = (double)(heap_octets() - before) / (double)scene->subflows;
}

static double time_polls(struct scene *scene)
{
	struct source *source = &scene->kernel->source;
	double begun_ns = cpu_ns(), polled_ns, asked_ns;

	for (unsigned int i = 0; i < scene->polls_a_round; i++)
		snapshot_release(poll_once(scene));
	polled_ns = cpu_ns();
	for (unsigned int i = 0; i < scene->polls_a_round; i++) {
		source_ask(source, Q_SUBFLOWS, nothing, NULL);
		source_ask(source, Q_CONNECTIONS, nothing, NULL);
	}
	asked_ns = cpu_ns();
	return (2 * polled_ns - begun_ns - asked_ns) / scene->polls_a_round;
}

static void end_scene(struct scene *scene)
{
	const struct snapshot *last = poll_once(scene);
	const struct host *host = &last->host;
	/* What the first poll found was not on our watch. */
	const uint64_t grown = (scene->kernel->polls - 1) * scene->subflows;

	ok(host->accounting == ACCOUNTING_EXACT && host->subflows.value == scene->subflows &&
		   host->connections.value == scene->subflows / KERNEL_LINES &&
		   host->out_octets == grown * KERNEL_STEP_OUT &&
		   host->in_octets == grown * KERNEL_STEP_IN && !host->unattrib_in_octets &&
		   !host->unattrib_out_octets && !host->poll_errors,
	   "%zu subflows were all followed, and each octet is on its line", scene->subflows);
	snapshot_release(last);
	monitor_free(scene->monitor);
}

/* Of one size. Returns ns a subflow. */
static double tell_polls(struct scene *scene)
{
	const double ns = measure_median(scene->ns, ROUNDS), each = ns / (double)scene->subflows;
	char what[64];

	snprintf(what, sizeof(what), "%zu subflows", scene->subflows);
	figure(ns / 1000, "us a poll", what);
	figure(each, "ns a subflow", what);
	if (scene->octets > 0)
		figure(scene->octets, "octets each", what);
	return each;
}

static void polls(struct scene *scenes, size_t count)
{
	double ns_a_subflow[4];

	for (size_t i = 0; i < count; i++)
		begin_scene(&scenes[i]);
	is_u64(((struct nlmsghdr *)scenes[0].kernel->rows)->nlmsg_len, KERNEL_SUBFLOW_ROW,
	       "a subflow's row is as long as Linux makes it");
	is_u64(((struct nlmsghdr *)scenes[0].kernel->connections)->nlmsg_len, KERNEL_CONNECTION_ROW,
	       "a connection's too");
	/* By turns, that what disturbs the machine disturbs all of them. */
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < count; i++)
			scenes[i].ns[round] = time_polls(&scenes[i]);
	for (size_t i = 0; i < count; i++)
		ns_a_subflow[i] = tell_polls(&scenes[i]);
	printf("# %12.2f %-12s ns a subflow, of %zu to of %zu\n",
	       ns_a_subflow[count - 1] / ns_a_subflow[count - 2], "ratio",
	       scenes[count - 1].subflows, scenes[count - 2].subflows);
	for (size_t i = 0; i < count; i++)
		end_scene(&scenes[i]);
}

/*
 * --- lives -------------------------------------------------------------------------------------
 */

static void lives(void)
{
	enum { LIVES = 100000 };
	struct kernel *kernel = kernel_of(0);
	struct monitor *monitor = monitor_on(kernel);
	double record_ns[ROUNDS], sweep_ns[ROUNDS];
	const struct snapshot *last = monitor_poll(monitor);
	const struct host *host;
	uint64_t opened = 0, closed = 0;

	for (size_t round = 0; round < ROUNDS; round++) {
		double begun_ns, told_ns, asked_ns;

		kernel->lives = LIVES;
		kernel->cookie += LIVES;
		begun_ns = cpu_ns();
		monitor_pump(monitor);
		told_ns = cpu_ns();
		source_drain(&kernel->source, STREAM_LIFE, nothing, NULL);
		asked_ns = cpu_ns();
		record_ns[round] = (2 * told_ns - begun_ns - asked_ns) / (2 * LIVES);
		kernel->lives = 0;
		snapshot_release(last);
		begun_ns = cpu_ns();
		last = monitor_poll(monitor);
		sweep_ns[round] = (cpu_ns() - begun_ns) / LIVES;
	}
	figure(measure_median(record_ns, ROUNDS), "ns a record",
	       "a subflow born or ended, 100,000 of each");
	figure(measure_median(sweep_ns, ROUNDS), "ns a subflow", "... swept away by the next poll");
	host = &last->host;
	for (size_t i = 0; i < last->wan_count; i++) {
		opened += last->wans[i].subflows_opened;
		closed += last->wans[i].subflows_closed;
	}
	ok(opened == LIVES * ROUNDS && closed == opened && !host->truncated_subflows &&
		   !host->events_lost && host->out_octets == opened * KERNEL_STEP_OUT &&
		   host->in_octets == opened * KERNEL_STEP_IN,
	   "%d subflows lived and ended, and each octet was counted", LIVES * ROUNDS);
	snapshot_release(last);
	monitor_free(monitor);
}

/*
 * --- the MIB -----------------------------------------------------------------------------------
 */

/* A snapshot in which everything there may be is there. */
static void fill(struct snapshot *snapshot, size_t wans)
{
	static struct wan wan_rows[WANS_MAX];
	static struct endpoint endpoints[8];
	static struct counter counters[60];

	*snapshot = (struct snapshot){ .wans = wan_rows,
				       .wan_count = wans,
				       .endpoints = endpoints,
				       .endpoint_count = 8,
				       .counters = counters,
				       .counter_count = 60 };
	/* Booleans of ones are true, presence flags above all; the words of an enum do not matter.
	 */
	memset(&snapshot->host, 1, sizeof(snapshot->host));
	memset(wan_rows, 1, sizeof(wan_rows));
	for (uint32_t i = 0; i < WANS_MAX; i++)
		wan_rows[i].index = i + 1;
	for (uint32_t i = 0; i < 8; i++)
		endpoints[i].id = i + 1;
	for (uint32_t i = 0; i < 60; i++)
		counters[i].number = i + 1;
}

static size_t cells_of(const struct snapshot *snapshot)
{
	struct metric_value value;
	size_t cells = 0, count;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];
		const char *row = metric_rows(snapshot, table, &count);

		for (size_t i = 0; i < count; i++, row += table->row_size)
			for (size_t m = 0; m < table->count; m++)
				cells += metric_read(&table->metrics[m], row, &value);
	}
	return cells;
}

static size_t walk(const struct snapshot *snapshot)
{
	struct mib_cell cells[2] = { { .oid_len = 0 } };
	size_t count = 0;

	while (mib_next(snapshot, cells[count % 2].oid, cells[count % 2].oid_len,
			&cells[(count + 1) % 2]))
		count++;
	return count;
}

static void mib(size_t wans)
{
	enum { WALKS = 50 };
	struct snapshot snapshot;
	double ns[ROUNDS];
	size_t cells = 0;
	char what[64];

	fill(&snapshot, wans);
	for (size_t round = 0; round < ROUNDS; round++) {
		double begun_ns = cpu_ns();

		for (int i = 0; i < WALKS; i++)
			cells = walk(&snapshot);
		ns[round] = (cpu_ns() - begun_ns) / (double)(WALKS * cells);
	}
	snprintf(what, sizeof(what), "mib_next(), %zu WANs: a walk of %zu objects", wans, cells);
	figure(measure_median(ns, ROUNDS), "ns a step", what);
	is_u64(cells, cells_of(&snapshot), "a walk over %zu WANs sees each object", wans);
}

int main(int argc, char **argv)
{
	struct scene scenes[] = {
		{ .subflows = 1002, .polls_a_round = 40 },
		{ .subflows = 10002, .polls_a_round = 5 },
		{ .subflows = 100002, .polls_a_round = 1 },
	};
	struct scene large[] = {
		{ .subflows = 100002, .polls_a_round = 1 },
		{ .subflows = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, .polls_a_round = 1 },
	};

	if (argc > 1) {
		polls(large, 2);
		return tap_done();
	}
	polls(scenes, 3);
	lives();
	mib(8);
	mib(64);
	return tap_done();
}
