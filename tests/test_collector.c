/* SPDX-License-Identifier: MIT */
/* New settings for a running collector: taken at once, but for what only a restart takes. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "lib/collector.h"
#include "lib/fixed.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

/* What the collector's thread has told. */
static struct {
	pthread_mutex_t lock;
	unsigned int polls, ends;
	uint32_t interval_ms, wans, floor_octets;
	bool bpf;
	char state_dir[PATH_LEN];
} told = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void polled(void *arg, struct monitor *monitor, const struct snapshot *snapshot)
{
	const struct settings *settings = monitor_settings(monitor);

	(void)arg;
	pthread_mutex_lock(&told.lock);
	if (snapshot) {
		told.polls++;
		told.wans = (uint32_t)snapshot->wan_count;
	} else {
		told.ends++;
	}
	told.interval_ms = settings->interval_ms;
	told.floor_octets = settings->floor_octets;
	told.bpf = settings->bpf;
	strcpy(told.state_dir, settings->state_dir);
	pthread_mutex_unlock(&told.lock);
}

/* Waits until so many polls were made, 5 s at most. */
static bool polls_reach(unsigned int polls)
{
	for (int tries = 0; tries < 500; tries++) {
		bool there;

		pthread_mutex_lock(&told.lock);
		there = told.polls >= polls;
		pthread_mutex_unlock(&told.lock);
		if (there)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

static struct collector *start(struct settings *settings)
{
	struct registry registry;
	struct monitor *monitor;

	registry_init(&registry);
	monitor = monitor_new(&fake_router()->source, settings, &registry);
	return collector_start(monitor, settings->interval_ms, polled, NULL);
}

static void new_settings_are_taken_at_once(void)
{
	static struct settings settings, fresh;
	struct collector *collector;
	char why[WHY_LEN];

	settings_default(&settings);
	settings.interval_ms = 3600 * 1000;
	collector = start(&settings);
	ok(polls_reach(1), "the first poll is made");
	is_u64(told.wans, 2, "of two WANs");

	fresh = settings;
	fresh.interval_ms = 100;
	fresh.floor_octets = 7;
	ok(settings_add_wan(&fresh, "sat1", why) != NULL, "one more is configured");
	fresh.bpf = !settings.bpf;
	strcpy(fresh.state_dir, "/elsewhere");
	collector_configure(collector, &fresh);
	memset(&fresh, 0, sizeof(fresh));
	ok(polls_reach(4), "though an hour was to pass: with the new interval");
	collector_stop(collector);

	is_u64(told.interval_ms, 100, "the monitor has it, too");
	is_u64(told.floor_octets, 7, "and the floor");
	is_u64(told.wans, 3, "and the new WAN");
	is_u64(told.bpf, settings.bpf, "but not what takes a restart: a switch");
	is_text(told.state_dir, settings.state_dir, "... or a path");
	is_u64(told.ends, 1, "the end is told, once");
}

static void an_idle_collector_stops_at_once(void)
{
	static struct settings settings;
	struct collector *collector;

	told.polls = told.ends = 0;
	settings_default(&settings);
	settings.interval_ms = 3600 * 1000;
	collector = start(&settings);
	ok(polls_reach(1), "the first poll is made");
	collector_stop(collector);
	is_u64(told.polls, 1, "and no other");
	is_u64(told.ends, 1, "the end is told");
}

/* What a kernel takes that has very many sockets. */
static void take_time(struct fake *fake)
{
	struct timespec now;
	long begun_ms = -1, now_ms;

	(void)fake;
	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		now_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
		begun_ms = begun_ms < 0 ? now_ms : begun_ms;
	} while (now_ms < begun_ms + 30);
}

static uint32_t told_apart(struct collector *collector)
{
	const struct snapshot *latest = collector_latest(collector);
	uint32_t interval_ms = latest ? latest->host.interval_ms : 0;

	snapshot_release(latest);
	return interval_ms;
}

/* 10 s at most. */
static bool comes_apart(struct collector *collector, uint32_t least_ms, uint32_t most_ms)
{
	uint32_t told_ms = 0;

	for (int tries = 0; tries < 1000; tries++) {
		told_ms = told_apart(collector);
		if (told_ms >= least_ms && told_ms <= most_ms)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

static void polls_that_cost_too_much_are_further_apart(void)
{
	static struct settings settings;
	struct registry registry;
	struct fake *fake = fake_router();
	struct collector *collector;

	settings_default(&settings);
	settings.interval_ms = 100;
	settings.cpu_budget = 10;
	registry_init(&registry);
	fake->during_dump = take_time;
	collector = collector_start(monitor_new(&fake->source, &settings, &registry), 100, polled,
				    NULL);
	ok(comes_apart(collector, 100, 100), "at first as configured");
	ok(comes_apart(collector, 300, 60000), "30 ms of CPU time in 10 %% need 300 ms or more");
	settings.cpu_budget = 100;
	collector_configure(collector, &settings);
	ok(comes_apart(collector, 100, 100), "with more of a core as configured again");
	collector_stop(collector);
}

static void what_is_fixed_is_named(void)
{
	static struct settings running, fresh;
	char names[WHY_LEN];

	settings_default(&running);
	settings_default(&fresh);
	memset(fresh.run_dir, 'x', sizeof(fresh.run_dir));
	strcpy(fresh.run_dir, running.run_dir);
	fixed_keep(&fresh, &running, names, sizeof(names));
	is_text(names, "", "equal paths are equal, whatever is behind their end");
	fresh.events = !running.events;
	fresh.subflows_most = 4711;
	fresh.window_ms = 1234;
	strcpy(fresh.agentx_socket, "/somewhere");
	strcpy(fresh.run_dir, "/run/elsewhere");
	fixed_keep(&fresh, &running, names, sizeof(names));
	is_text(names, "subflows-most, events, agentx-socket, run-dir", "what differs is named");
	is_u64(fresh.events, running.events, "... and put back");
	is_u64(fresh.subflows_most, running.subflows_most, "... and put back");
	is_text(fresh.agentx_socket, running.agentx_socket, "... and put back");
	is_text(fresh.run_dir, running.run_dir, "... and put back");
	is_u64(fresh.window_ms, 1234, "the rest is the new");
	fresh.events = !running.events;
	fixed_keep(&fresh, &running, NULL, 0);
	is_u64(fresh.events, running.events, "without names, too");
	fresh.bpf = !running.bpf;
	fresh.events = !running.events;
	fixed_keep(&fresh, &running, names, 5);
	is_text(names, "bpf,", "names are cut to their room");
}

int main(void)
{
	new_settings_are_taken_at_once();
	an_idle_collector_stops_at_once();
	polls_that_cost_too_much_are_further_apart();
	what_is_fixed_is_named();
	return tap_done();
}
