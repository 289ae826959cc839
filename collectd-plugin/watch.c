/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "collectd-plugin/watch.h"
#include "lib/alarm_file.h"
#include "lib/clock.h"
#include "lib/state.h"

struct watch {
	struct collector *collector;
	struct alarms *alarms;		/* the monitor's */
	uint32_t saved_to;		/* what was told, as saved last */
	int state_lock;			/* the descriptor; -1: no state is kept, or not yet */
	bool wans_off, alarms_off;	/* could not be read: not ours to write */
	pthread_mutex_t lock;		/* of what follows */
	uint64_t wait_until_ms;		/* nothing is told before; 0: no waiting */
	uint64_t joined_ms;		/* of the last snapshot without a state had late; 0: none */
	char why_lock[WHY_LEN], why_wans[WHY_LEN], why_alarms[WHY_LEN];
};

static void note(struct watch *watch, char *why, const char *now)
{
	pthread_mutex_lock(&watch->lock);
	memcpy(why, now, strlen(now) + 1);
	pthread_mutex_unlock(&watch->lock);
}

/*
 * --- the state is had --------------------------------------------------------------------------
 */

static void load_wans(struct watch *watch, const char *dir, struct monitor *monitor)
{
	struct registry *before = malloc(sizeof(*before));
	char why[WHY_LEN] = "";
	int error = -ENOMEM;

	if (before) {
		registry_init(before);
		error = state_load(dir, before, why);
	} else {
		snprintf(why, sizeof(why), "%s: %s", dir, strerror(ENOMEM));
	}
	watch->wans_off = error && error != -EBADMSG;
	if (!watch->wans_off)
		monitor_remember(monitor, before);
	note(watch, watch->why_wans, why);
	free(before);
}

static void load_alarms(struct watch *watch, const char *dir)
{
	char why[WHY_LEN] = "";
	int error = alarm_file_load(dir, watch->alarms, why);

	watch->alarms_off = error && error != -EBADMSG;
	watch->saved_to = alarms_delivered_to(watch->alarms);
	note(watch, watch->why_alarms, why);
}

/*
 * In the collector's thread, or before there is one. 0, or -errno when it cannot be had now. From
 * the lock on nobody tells of rows that have the numbers of before.
 */
static int take_state(struct watch *watch, struct monitor *monitor, uint64_t taken_ms, char *why)
{
	const char *dir = monitor_settings(monitor)->state_dir;
	int lock = state_lock(dir, why);

	if (lock < 0)
		return lock;
	watch->state_lock = lock;
	pthread_mutex_lock(&watch->lock);
	watch->joined_ms = taken_ms;
	watch->wait_until_ms = 0;
	watch->why_lock[0] = '\0';
	pthread_mutex_unlock(&watch->lock);
	load_wans(watch, dir, monitor);
	load_alarms(watch, dir);
	return 0;
}

/* Before the first poll: its alarms go on, if it can be had at once. */
static void begin_state(struct watch *watch, struct monitor *monitor, uint32_t wait_ms)
{
	char why[WHY_LEN];
	int error;

	watch->alarms = monitor_alarms(monitor);
	if (!*monitor_settings(monitor)->state_dir)
		return;
	error = take_state(watch, monitor, 0, why);
	if (error)
		snprintf(watch->why_lock, WHY_LEN, "%.200s; tried again after each poll", why);
	if (error == -EBUSY || error == -ENOENT)
		watch->wait_until_ms = clock_now_ms() + wait_ms;
}

/*
 * --- the state is kept -------------------------------------------------------------------------
 */

static void save_wans(struct watch *watch, const char *dir, struct registry *registry)
{
	char why[WHY_LEN] = "";

	if (watch->wans_off || !registry->dirty)
		return;
	state_save(dir, registry, why);
	note(watch, watch->why_wans, why);
}

static void save_alarms(struct watch *watch, const char *dir)
{
	uint32_t told_to = alarms_delivered_to(watch->alarms);
	char why[WHY_LEN] = "";

	if (watch->alarms_off || (!alarms_dirty(watch->alarms) && told_to == watch->saved_to))
		return;
	if (!alarm_file_save(dir, watch->alarms, why))
		watch->saved_to = told_to;
	note(watch, watch->why_alarms, why);
}

/* The collector's thread, after each poll. Rows are on the disk before anybody is told of them. */
static void polled(void *arg, struct monitor *monitor, const struct snapshot *snapshot)
{
	const char *dir = monitor_settings(monitor)->state_dir;
	struct watch *watch = arg;
	char again[WHY_LEN];

	if (*dir && watch->state_lock < 0 && snapshot)
		(void)take_state(watch, monitor, snapshot->taken_ms, again);
	if (watch->state_lock < 0)
		return;
	save_wans(watch, dir, monitor_registry(monitor));
	save_alarms(watch, dir);
}

void watch_trouble(struct watch *watch, char *why)
{
	pthread_mutex_lock(&watch->lock);
	strcpy(why, *watch->why_lock   ? watch->why_lock
		    : *watch->why_wans ? watch->why_wans
				       : watch->why_alarms);
	pthread_mutex_unlock(&watch->lock);
}

/*
 * --- its life ----------------------------------------------------------------------------------
 */

static struct monitor *new_monitor(const struct settings *settings)
{
	struct source *source = source_live_open(settings->bpf == BPF_TRACEPOINT);
	struct registry *none = source ? malloc(sizeof(*none)) : NULL;
	struct monitor *monitor;

	if (!none) {
		if (source)
			source_close(source);
		return NULL;
	}
	registry_init(none);
	monitor = monitor_new(source, settings, none);
	free(none);
	return monitor;
}

struct watch *watch_start(const struct settings *settings, uint32_t wait_ms, char *why)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	struct monitor *monitor;

	snprintf(why, WHY_LEN, "%s", strerror(ENOMEM));
	if (!watch)
		return NULL;
	watch->state_lock = -1;
	pthread_mutex_init(&watch->lock, NULL);
	monitor = new_monitor(settings);
	if (monitor) {
		begin_state(watch, monitor, wait_ms);
		watch->collector = collector_start(monitor, settings->interval_ms, polled, watch);
	}
	snprintf(why, WHY_LEN, "%s", watch->collector ? "" : strerror(errno));
	if (watch->collector)
		return watch;
	watch_stop(watch);
	return NULL;
}

void watch_stop(struct watch *watch)
{
	if (!watch)
		return;
	collector_stop(watch->collector);
	if (watch->state_lock >= 0)
		close(watch->state_lock);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

bool watch_waits(struct watch *watch)
{
	bool waits;

	pthread_mutex_lock(&watch->lock);
	waits = clock_now_ms() < watch->wait_until_ms;
	pthread_mutex_unlock(&watch->lock);
	return waits;
}

static bool is_joined(struct watch *watch, const struct snapshot *snapshot)
{
	bool joined;

	pthread_mutex_lock(&watch->lock);
	joined = snapshot->taken_ms > watch->joined_ms;
	pthread_mutex_unlock(&watch->lock);
	return joined;
}

const struct snapshot *watch_latest(struct watch *watch)
{
	const struct snapshot *snapshot = collector_latest(watch->collector);

	if (snapshot && !watch_waits(watch) && is_joined(watch, snapshot))
		return snapshot;
	snapshot_release(snapshot);
	return NULL;
}

/* All of it under the lock: a number must not be taken for one of after the joining. */
void watch_told(struct watch *watch, const struct snapshot *snapshot, uint32_t sequence)
{
	pthread_mutex_lock(&watch->lock);
	if (snapshot->taken_ms > watch->joined_ms)
		alarms_delivered(watch->alarms, sequence);
	pthread_mutex_unlock(&watch->lock);
}

uint32_t watch_told_to(const struct watch *watch)
{
	return alarms_delivered_to(watch->alarms);
}
