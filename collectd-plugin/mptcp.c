/* SPDX-License-Identifier: MIT */
/*
 * The only file that calls collectd: what it says to us (configuration, read, shutdown) and what we
 * say to it (values, notifications, log lines). All of what is said is made elsewhere.
 *
 * collectd becomes a daemon between the configuration and the init callback, so no thread of ours
 * starts before that. A read that fails is asked less and less often, for up to a day; so ours
 * never fails, and `up` tells.
 */
#include <collectd.h>
#include <plugin.h>
#include <globals.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "collectd-plugin/notice.h"
#include "collectd-plugin/options.h"
#include "collectd-plugin/values.h"
#include "collectd-plugin/watch.h"
#include "lib/changes.h"
#include "lib/clock.h"

#define PLUGIN "mptcp"

enum { STATE_WAIT_MS = 60000 };	/* for a state directory, before anything is told without it */

/* collectd's callbacks have no argument of ours. */
static struct {
	struct options options;
	bool configured;
	struct watch *watch;
	struct changes changes;
	char why_start[WHY_LEN], why_state[WHY_LEN];	/* as said last */
	uint64_t told_ms;	/* of the snapshot whose values were dispatched last */
} plugin;

static void say(void *arg, int priority, const char *line)
{
	(void)arg;
	plugin_log(priority, PLUGIN " plugin: %s", line);
}

/*
 * --- configuration -----------------------------------------------------------------------------
 */

/* False for what has no value as text, which the parser does not make. */
static bool text_of(const oconfig_value_t *value, char *buffer, size_t size, const char **text)
{
	*text = buffer;
	switch (value->type) {
	case OCONFIG_TYPE_STRING:
		*text = value->value.string;
		return true;
	case OCONFIG_TYPE_NUMBER:
		snprintf(buffer, size, "%.15g", value->value.number);
		return true;
	case OCONFIG_TYPE_BOOLEAN:
		snprintf(buffer, size, "%s", value->value.boolean ? "true" : "false");
		return true;
	}
	return false;
}

static void take_option(const oconfig_item_t *item)
{
	char why[WHY_LEN], buffer[32];
	const char *text;

	if (item->children_num || !item->values_num)
		plugin_log(LOG_ERR, PLUGIN " plugin: %s: %s", item->key,
			   item->children_num ? "unknown block" : "has no value");
	/* Of several the last one counts, but a list takes them all. */
	for (int i = 0; !item->children_num && i < item->values_num; i++)
		if (text_of(&item->values[i], buffer, sizeof(buffer), &text) &&
		    options_set(&plugin.options, item->key, text, why))
			say(NULL, LOG_ERR, why);
}

static void take_block(const oconfig_item_t *item)
{
	char why[WHY_LEN], buffer[32];
	const char *title = "";

	if (item->values_num)
		(void)text_of(&item->values[0], buffer, sizeof(buffer), &title);
	if (options_open(&plugin.options, item->key, title, why)) {
		say(NULL, LOG_ERR, why);
		return;
	}
	for (int i = 0; i < item->children_num; i++)
		take_option(&item->children[i]);
	if (options_close(&plugin.options, why))
		say(NULL, LOG_ERR, why);
}

/* An empty block has no children, nor has an option; these two are never options. */
static bool is_block(const oconfig_item_t *item)
{
	return item->children_num || !strcasecmp(item->key, "WAN") ||
	       !strcasecmp(item->key, "Expect");
}

static void begin_options(void)
{
	if (!plugin.configured)
		options_default(&plugin.options);
	plugin.configured = true;
}

/* Never fails: collectd would end. There may be several blocks of ours. */
static int on_config(oconfig_item_t *block)
{
	begin_options();
	for (int i = 0; i < block->children_num; i++) {
		if (is_block(&block->children[i]))
			take_block(&block->children[i]);
		else
			take_option(&block->children[i]);
	}
	return 0;
}

/*
 * --- values ------------------------------------------------------------------------------------
 */

struct stamp { cdtime_t time, interval; };	/* time 0: now */

static void dispatch(void *arg, const struct value_list *list)
{
	const struct stamp *stamp = arg;
	value_t values[VALUES_MOST];
	value_list_t out = VALUE_LIST_INIT;

	for (size_t i = 0; i < list->count; i++) {
		if (list->grows)
			values[i].derive = (derive_t)list->totals[i];
		else
			values[i].gauge = list->gauges[i];
	}
	out.values = values;
	out.values_len = list->count;
	out.time = stamp->time;
	out.interval = stamp->interval;
	snprintf(out.plugin, sizeof(out.plugin), PLUGIN);
	snprintf(out.plugin_instance, sizeof(out.plugin_instance), "%s", list->place);
	snprintf(out.type, sizeof(out.type), "%s", list->type);
	snprintf(out.type_instance, sizeof(out.type_instance), "%s", list->instance);
	plugin_dispatch_values(&out);
}

/*
 * Values bear the time of their snapshot, that rates are right however reads and polls fall. Who
 * polls less often than collectd reads is expected less often.
 */
static struct stamp stamp_of(const struct snapshot *snapshot)
{
	cdtime_t read = plugin_get_interval();
	cdtime_t poll = MS_TO_CDTIME_T(snapshot->host.interval_ms);

	return (struct stamp){ .time = MS_TO_CDTIME_T(snapshot->wall_ms),
				.interval = poll > read ? poll : read };
}

/*
 * --- notifications -----------------------------------------------------------------------------
 */

static void add_detail(void *arg, const char *key, const char *text, double number)
{
	notification_t *out = arg;

	if (text)
		plugin_notification_meta_add_string(out, key, text);
	else if (number == (double)(uint64_t)number)
		plugin_notification_meta_add_unsigned_int(out, key, (uint64_t)number);
	else
		plugin_notification_meta_add_double(out, key, number);
}

static void notify(const struct alarm_record *row)
{
	static const int severities[] = { [NOTICE_OKAY] = NOTIF_OKAY,
					  [NOTICE_WARNING] = NOTIF_WARNING,
					  [NOTICE_FAILURE] = NOTIF_FAILURE };
	notification_t out = { .plugin = PLUGIN, .type = "bool", .type_instance = "alarm" };
	struct notice notice;

	notice_of(row, &notice);
	out.severity = severities[notice.level];
	out.time = row->time_s ? TIME_T_TO_CDTIME_T((time_t)row->time_s) : cdtime();
	snprintf(out.host, sizeof(out.host), "%s", hostname_g);
	snprintf(out.plugin_instance, sizeof(out.plugin_instance), "%s", notice.place);
	snprintf(out.message, sizeof(out.message), "%s", notice.message);
	notice_details(row, add_detail, &out);
	plugin_dispatch_notification(&out);
	plugin_notification_meta_free(out.meta);
}

static void notify_new(const struct snapshot *snapshot)
{
	const struct alarm_log *log = snapshot->alarm_log;

	for (size_t i = 0; log && i < log->count; i++) {
		if (log->rows[i].sequence <= watch_told_to(plugin.watch))
			continue;
		notify(&log->rows[i]);
		watch_told(plugin.watch, snapshot, log->rows[i].sequence);
	}
}

/*
 * --- what collectd calls -----------------------------------------------------------------------
 */

/* What was in the way may have gone since: each read tries. */
static bool start(void)
{
	char why[WHY_LEN];

	if (plugin.watch)
		return true;
	plugin.watch = watch_start(&plugin.options.settings, STATE_WAIT_MS, why);
	changes_say(plugin.why_start, WHY_LEN, why, "cannot watch", say, NULL);
	return plugin.watch;
}

static void tell_state(void)
{
	char why[WHY_LEN];

	watch_trouble(plugin.watch, why);
	changes_say(plugin.why_state, WHY_LEN, why, "state", say, NULL);
}

static void tell_new(const struct snapshot *snapshot)
{
	struct stamp stamp = stamp_of(snapshot);

	plugin.told_ms = snapshot->taken_ms;
	values_of(snapshot, dispatch, &stamp);
	changes_of(&plugin.changes, &snapshot->host, say, NULL);
	changes_of_pace(&plugin.changes, &plugin.options.settings, &snapshot->host, say, NULL);
	notify_new(snapshot);
}

/* Notifications go to who takes his time (mail, programs): last, and the collector never waits. */
static int on_read(user_data_t *unused)
{
	struct stamp now = { .interval = plugin_get_interval() };
	const struct snapshot *snapshot = NULL;
	bool down = true;

	(void)unused;
	if (start()) {
		tell_state();
		snapshot = watch_latest(plugin.watch);
		/* Else the first poll may be under way. */
		down = watch_waits(plugin.watch);
	}
	if (snapshot || down)
		values_of_now(snapshot, clock_now_ms(), dispatch, &now);
	if (snapshot && snapshot->taken_ms != plugin.told_ms)
		tell_new(snapshot);
	snapshot_release(snapshot);
	return 0;
}

/* Its reads have ended by now. */
static int on_shutdown(void)
{
	watch_stop(plugin.watch);
	plugin.watch = NULL;
	return 0;
}

static const char NOT_TAKEN[] = "not watched: collectd has no memory to take it";

/*
 * The rest is registered here: loaded twice under two names, the library whose init callback
 * collectd has kept is then the one that it reads and shuts down.
 */
static int on_init(void)
{
	char why[WHY_LEN];

	begin_options();
	while (options_check(&plugin.options, why))
		say(NULL, LOG_ERR, why);
	(void)start();
	/* A failure would end collectd, with all that others have in it. */
	if (plugin_register_shutdown(PLUGIN, on_shutdown) ||
	    plugin_register_complex_read(NULL, PLUGIN, on_read, 0, NULL)) {
		say(NULL, LOG_ERR, NOT_TAKEN);
		on_shutdown();
	}
	return 0;
}

__attribute__((visibility("default"))) void module_register(void);
void module_register(void)
{
	if (plugin_register_complex_config(PLUGIN, on_config) ||
	    plugin_register_init(PLUGIN, on_init))
		say(NULL, LOG_ERR, NOT_TAKEN);
}
