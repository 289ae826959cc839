/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "lib/collector.h"

/*
 * After the first event of a burst the rest is given this long: a wake-up an event costs 10 us, a
 * batch 1 to 2 us.
 */
enum { BATCH_MS = 50 };

struct collector {
	struct monitor *monitor;
	uint32_t interval_ms;
	polled_fn fn;
	void *arg;
	pthread_t thread;
	int stop;			/* eventfd */
	pthread_mutex_t lock;		/* of latest */
	const struct snapshot *latest;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void publish(struct collector *collector, const struct snapshot *fresh)
{
	const struct snapshot *old;

	pthread_mutex_lock(&collector->lock);
	old = collector->latest;
	collector->latest = fresh;
	pthread_mutex_unlock(&collector->lock);
	snapshot_release(old);
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

/* Waits until due_ms, draining streams that fill. False when it is time to stop. */
static bool wait_until(struct collector *collector, uint64_t due_ms)
{
	struct pollfd fds[STREAMS + 1] = { { .fd = collector->stop, .events = POLLIN } };
	uint64_t now;

	while ((now = now_ms()) < due_ms) {
		int streams[STREAMS];
		size_t count = monitor_fds(collector->monitor, streams);
		int ready;

		for (size_t i = 0; i < count; i++)
			fds[i + 1] = (struct pollfd){ .fd = streams[i], .events = POLLIN };
		ready = poll(fds, count + 1, (int)(due_ms - now));
		if (fds[0].revents)
			return false;
		if (ready <= 0)
			continue;
		if (poll(fds, 1, BATCH_MS) > 0)
			return false;
		monitor_pump(collector->monitor);
	}
	return poll(fds, 1, 0) <= 0;
}

static void *run(void *arg)
{
	struct collector *collector = arg;
	uint64_t due_ms = now_ms();

	do {
		poll_once(collector);
		due_ms += collector->interval_ms;
		/*
		 * Never piles up: a poll that took longer than the interval skips the ones it
		 * missed.
		 */
		if (due_ms < now_ms())
			due_ms = now_ms();
	} while (wait_until(collector, due_ms));
	return NULL;
}

static int start_thread(struct collector *collector)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&collector->thread, NULL, run, collector);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void destroy(struct collector *collector)
{
	snapshot_release(collector->latest);
	monitor_free(collector->monitor);
	if (collector->stop >= 0)
		close(collector->stop);
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
	collector->stop = eventfd(0, EFD_CLOEXEC);
	error = collector->stop < 0 ? errno : start_thread(collector);
	if (error) {
		destroy(collector);
		errno = error;
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

void collector_stop(struct collector *collector)
{
	uint64_t one = 1;

	if (!collector)
		return;
	while (write(collector->stop, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	pthread_join(collector->thread, NULL);
	destroy(collector);
}
