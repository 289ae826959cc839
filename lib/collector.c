/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/collector.h"
#include "lib/pace.h"
#include "lib/thread.h"

/*
 * After the first event of a burst the rest is given this long: a wake-up an event costs 10 us, a
 * batch 1 to 2 us.
 */
enum { BATCH_MS = 50 };

struct collector {
	struct monitor *monitor;
	uint32_t interval_ms;		/* as configured */
	uint32_t in_force_ms;		/* ... and stretched: what the last snapshot tells */
	struct pace pace;
	uint64_t polled_ms;		/* when the last poll began; 0: none has */
	uint64_t spent_us;		/* CPU time of this thread when it had ended */
	polled_fn fn;
	void *arg;
	pthread_t thread;
	int wake;			/* eventfd: to stop, or to take new settings */
	pthread_mutex_t lock;		/* of what follows */
	const struct snapshot *latest;
	struct settings fresh;		/* to be taken before the next poll */
	bool refreshed, stopping;
};

static void publish(struct collector *collector, const struct snapshot *fresh)
{
	const struct snapshot *old;

	pthread_mutex_lock(&collector->lock);
	old = collector->latest;
	collector->latest = fresh;
	pthread_mutex_unlock(&collector->lock);
	snapshot_release(old);
}

/* The monitor's state as it is in the end is for the caller to keep. */
static void tell_end(struct collector *collector)
{
	if (collector->fn)
		collector->fn(collector->arg, collector->monitor, NULL);
}

static void take_settings(struct collector *collector)
{
	pthread_mutex_lock(&collector->lock);
	if (collector->refreshed) {
		monitor_configure(collector->monitor, &collector->fresh);
		collector->interval_ms = collector->fresh.interval_ms;
		collector->refreshed = false;
	}
	pthread_mutex_unlock(&collector->lock);
}

static void poll_once(struct collector *collector)
{
	const struct snapshot *fresh = monitor_poll(collector->monitor);

	if (!fresh)
		return;		/* no memory: the old one's age tells */
	if (collector->fn)
		collector->fn(collector->arg, collector->monitor, fresh);
	publish(collector, fresh);
}

/*
 * What a snapshot tells of the interval is kept until the next one: what this poll costs changes the
 * time after that.
 */
static void poll_within_budget(struct collector *collector)
{
	uint64_t begun_ms = clock_now_ms(), begun_us = clock_thread_us(), ended_us;

	take_settings(collector);
	collector->in_force_ms = pace_interval(&collector->pace, collector->interval_ms);
	monitor_pace(collector->monitor, collector->in_force_ms);
	poll_once(collector);
	ended_us = clock_thread_us();
	if (collector->polled_ms)
		pace_add(&collector->pace,
			 &(struct pace_cost){ ended_us - begun_us, begun_us - collector->spent_us,
					      begun_ms - collector->polled_ms },
			 monitor_settings(collector->monitor)->cpu_budget);
	collector->polled_ms = begun_ms;
	collector->spent_us = ended_us;
}

/* What somebody has woken us for: false for the stop. */
static bool woken(struct collector *collector)
{
	bool stopping;

	wake_taken(collector->wake);
	pthread_mutex_lock(&collector->lock);
	stopping = collector->stopping;
	pthread_mutex_unlock(&collector->lock);
	return !stopping;
}

/*
 * Waits until *due_ms, draining streams that fill; new settings make it due at once. False when it
 * is time to stop.
 */
static bool wait_until(struct collector *collector, uint64_t *due_ms)
{
	struct pollfd fds[STREAMS + 1] = { { .fd = collector->wake, .events = POLLIN } };
	uint64_t now;

	while ((now = clock_now_ms()) < *due_ms) {
		int streams[STREAMS];
		size_t count = monitor_fds(collector->monitor, streams);
		int ready;

		for (size_t i = 0; i < count; i++)
			fds[i + 1] = (struct pollfd){ .fd = streams[i], .events = POLLIN };
		ready = poll(fds, count + 1, (int)(*due_ms - now));
		if (ready > 0 && !fds[0].revents && poll(fds, 1, BATCH_MS) <= 0) {
			monitor_pump(collector->monitor);
			continue;
		}
		if (ready > 0)
			*due_ms = clock_now_ms();
	}
	return woken(collector);
}

static void *run(void *arg)
{
	struct collector *collector = arg;
	uint64_t due_ms = clock_now_ms();

	do {
		poll_within_budget(collector);
		due_ms = pace_due(due_ms, clock_now_ms(), collector->in_force_ms);
	} while (wait_until(collector, &due_ms));
	tell_end(collector);
	return NULL;
}

static void destroy(struct collector *collector)
{
	snapshot_release(collector->latest);
	monitor_free(collector->monitor);
	if (collector->wake >= 0)
		close(collector->wake);
	pthread_mutex_destroy(&collector->lock);
	free(collector);
}

struct collector *collector_start(struct monitor *monitor, uint32_t interval_ms, polled_fn fn,
				  void *arg)
{
	struct collector *collector = calloc(1, sizeof(*collector));
	int error;

	if (!collector) {
		monitor_free(monitor);
		errno = ENOMEM;
		return NULL;
	}
	collector->monitor = monitor;
	collector->interval_ms = interval_ms;
	collector->fn = fn;
	collector->arg = arg;
	pthread_mutex_init(&collector->lock, NULL);
	error = collector->wake = wake_new();
	if (error >= 0)
		error = thread_start(&collector->thread, "mptcp-poll", run, collector);
	if (error) {
		destroy(collector);
		errno = -error;
		return NULL;
	}
	return collector;
}

const struct snapshot *collector_latest(struct collector *collector)
{
	const struct snapshot *latest;

	pthread_mutex_lock(&collector->lock);
	latest = collector->latest ? snapshot_hold(collector->latest) : NULL;
	pthread_mutex_unlock(&collector->lock);
	return latest;
}

void collector_configure(struct collector *collector, const struct settings *settings)
{
	pthread_mutex_lock(&collector->lock);
	collector->fresh = *settings;
	collector->refreshed = true;
	pthread_mutex_unlock(&collector->lock);
	wake_up(collector->wake);
}

void collector_stop(struct collector *collector)
{
	if (!collector)
		return;
	pthread_mutex_lock(&collector->lock);
	collector->stopping = true;
	pthread_mutex_unlock(&collector->lock);
	wake_up(collector->wake);
	pthread_join(collector->thread, NULL);
	destroy(collector);
}
