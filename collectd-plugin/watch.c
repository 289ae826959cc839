/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "collectd-plugin/watch.h"
#include "lib/alarm_file.h"
#include "lib/state.h"

struct watch {
	struct collector *collector;
	struct alarms *alarms;		/* the monitor's */
	uint32_t saved_to;		/* what was told, as saved last */
	int state_lock;			/* the descriptor; -1: no state is kept */
	bool wans_off, alarms_off;	/* could not be read: not ours to write */
	pthread_mutex_t lock;		/* of what follows */
	char why_wans[WHY_LEN], why_alarms[WHY_LEN];
};

/*
 * --- the state ---------------------------------------------------------------------------------
 */

/* False: it is to be had soon, perhaps. */
static bool lock_state(struct watch *watch, const char *dir, bool may_wait)
{
	if (!*dir)
		return true;
	watch->state_lock = state_lock(dir, watch->why_wans);
	errno = watch->state_lock < 0 ? -watch->state_lock : 0;
	return !may_wait || (errno != EBUSY && errno != ENOENT);
}

static void load_wans(struct watch *watch, const char *dir, struct registry *registry)
{
	int error;

	if (watch->state_lock < 0)
		return;
	error = state_load(dir, registry, watch->why_wans);
	watch->wans_off = error && error != -EBADMSG;
}

static void load_alarms(struct watch *watch, const char *dir)
{
	int error;

	if (watch->state_lock < 0)
		return;
	error = alarm_file_load(dir, watch->alarms, watch->why_alarms);
	watch->alarms_off = error && error != -EBADMSG;
	watch->saved_to = alarms_delivered_to(watch->alarms);
}

static void note(struct watch *watch, char *why, const char *now)
{
	pthread_mutex_lock(&watch->lock);
	memcpy(why, now, strlen(now) + 1);
	pthread_mutex_unlock(&watch->lock);
}

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

	(void)snapshot;
	if (watch->state_lock < 0)
		return;
	save_wans(watch, dir, monitor_registry(monitor));
	save_alarms(watch, dir);
}

void watch_trouble(struct watch *watch, char *why)
{
	pthread_mutex_lock(&watch->lock);
	strcpy(why, *watch->why_wans ? watch->why_wans : watch->why_alarms);
	pthread_mutex_unlock(&watch->lock);
}

/*
 * --- its life ----------------------------------------------------------------------------------
 */

static struct monitor *new_monitor(struct watch *watch, const struct settings *settings)
{
	struct source *source = source_live_open();
	struct registry *registry;
	struct monitor *monitor;

	if (!source)
		return NULL;
	registry = malloc(sizeof(*registry));
	if (!registry) {
		source_close(source);
		return NULL;
	}
	registry_init(registry);
	load_wans(watch, settings->state_dir, registry);
	monitor = monitor_new(source, settings, registry);
	free(registry);
	if (!monitor)
		return NULL;
	watch->alarms = monitor_alarms(monitor);
	load_alarms(watch, settings->state_dir);
	return monitor;
}

static struct collector *new_collector(struct watch *watch, const struct settings *settings)
{
	struct monitor *monitor = new_monitor(watch, settings);

	return monitor ? collector_start(monitor, settings->interval_ms, polled, watch) : NULL;
}

struct watch *watch_start(const struct settings *settings, bool may_wait, char *why)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int error;

	snprintf(why, WHY_LEN, "%s", strerror(ENOMEM));
	if (!watch)
		return NULL;
	watch->state_lock = -1;
	pthread_mutex_init(&watch->lock, NULL);
	if (lock_state(watch, settings->state_dir, may_wait)) {
		watch->collector = new_collector(watch, settings);
		snprintf(why, WHY_LEN, "%s", watch->collector ? "" : strerror(errno));
	} else {
		memcpy(why, watch->why_wans, WHY_LEN);
	}
	if (watch->collector)
		return watch;
	error = errno;
	watch_stop(watch);
	errno = error;
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

const struct snapshot *watch_latest(struct watch *watch)
{
	return collector_latest(watch->collector);
}

void watch_told(struct watch *watch, uint32_t sequence)
{
	alarms_delivered(watch->alarms, sequence);
}

uint32_t watch_told_to(const struct watch *watch)
{
	return alarms_delivered_to(watch->alarms);
}
