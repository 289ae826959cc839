/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/hook.h"
#include "agent/log.h"
#include "agent/output.h"
#include "agent/service.h"
#include "lib/alarm_file.h"
#include "lib/file.h"
#include "lib/finding.h"
#include "lib/state.h"
#include "lib/status.h"

static void say(void *arg, int priority, const char *line)
{
	(void)arg;
	log_line(priority, "%s", line);
}

/*
 * --- files -------------------------------------------------------------------------------------
 */

static void write_state(struct output *output, struct monitor *monitor)
{
	struct registry *registry = monitor_registry(monitor);
	char why[WHY_LEN] = "";

	if (output->state_off || !registry->dirty)
		return;
	state_save(monitor_settings(monitor)->state_dir, registry, why);
	changes_say(output->why_state, WHY_LEN, why, "state", say, NULL);
}

/*
 * Before anybody is told of a row it is on the disk, so that no number is given twice. On a disk
 * that cannot be written it is told all the same: an alarm waits for nothing. Then an agent that is
 * started anew may give its number to another row of the same epoch.
 */
static void write_alarms(struct output *output, struct monitor *monitor)
{
	struct alarms *alarms = monitor_alarms(monitor);
	uint32_t delivered_to = alarms_delivered_to(alarms);
	char why[WHY_LEN] = "";

	if (output->state_off || output->alarms_off ||
	    (!alarms_dirty(alarms) && delivered_to == output->delivered_to))
		return;
	if (!alarm_file_save(monitor_settings(monitor)->state_dir, alarms, why))
		output->delivered_to = delivered_to;
	changes_say(output->why_alarms, WHY_LEN, why, "alarms", say, NULL);
}

/* 0 or -errno. The folder may have to be made; on many systems it goes with each boot. */
static int replace_status(const char *dir, const char *text, size_t len)
{
	int error = file_replace(dir, "status.json", text, len, 0640, false);

	if (error != -ENOENT)
		return error;
	error = folder_make(dir);
	return error ? error : file_replace(dir, "status.json", text, len, 0640, false);
}

static void write_status(struct output *output, const char *dir, const struct snapshot *snapshot)
{
	char what[PATH_LEN + sizeof("/status.json")];
	char *text = status_json(snapshot);
	int error = -ENOMEM;
	size_t len;

	if (text) {
		len = strlen(text);
		text[len++] = '\n';	/* in place of its end: a text file ends with a newline */
		error = replace_status(dir, text, len);
	}
	free(text);
	snprintf(what, sizeof(what), "%s/status.json", dir);
	changes_say(output->why_status, WHY_LEN, error ? strerror(-error) : "", what, say, NULL);
}

/*
 * --- the log, and the operator's program -------------------------------------------------------
 */

static void log_full(struct output *output, const struct registry *registry)
{
	char why[WHY_LEN] = "";

	if (*registry->turned_away)
		snprintf(why, sizeof(why), "no place is left for %s: %d are known",
			 registry->turned_away, WANS_MAX);
	changes_say(output->why_full, WHY_LEN, why, "WANs", say, NULL);
}

static void tell_row(const struct alarm_record *row)
{
	log_line(row->transition == ALARM_CLEARED ? LOG_NOTICE : LOG_WARNING,
		 "alarm %s (%s, %s, record %u): %s", transition_words[row->transition],
		 alarm_type_words[row->type], severity_words[row->severity], row->sequence,
		 row->text);
}

static void tell_alarms(struct output *output, const struct alarm_log *log)
{
	for (size_t i = 0; log && i < log->count; i++) {
		if (log->rows[i].sequence <= output->told_to)
			continue;
		output->told_to = log->rows[i].sequence;
		tell_row(&log->rows[i]);
	}
}

/*
 * -----------------------------------------------------------------------------------------------
 */

void output_begin(struct output *output, struct monitor *monitor)
{
	struct alarms *alarms = monitor_alarms(monitor);
	char why[WHY_LEN];
	int error = 0;

	if (!output->state_off)
		error = alarm_file_load(monitor_settings(monitor)->state_dir, alarms, why);
	if (error)
		log_line(LOG_WARNING, "%s", why);
	output->alarms_off = error && error != -EBADMSG;
	output->delivered_to = alarms_delivered_to(alarms);
	output->told_to = alarms_sequence(alarms);
}

void output_polled(void *arg, struct monitor *monitor, const struct snapshot *snapshot)
{
	struct output *output = arg;
	const struct settings *settings = monitor_settings(monitor);

	write_state(output, monitor);
	log_full(output, monitor_registry(monitor));
	write_alarms(output, monitor);
	if (!snapshot)
		return;
	changes_of(&output->changes, &snapshot->host, say, NULL);
	changes_of_pace(&output->changes, settings, &snapshot->host, say, NULL);
	tell_alarms(output, snapshot->alarm_log);
	hook_run(settings->on_alarm, snapshot->alarm_log);
	write_status(output, settings->run_dir, snapshot);
	service_polled(snapshot->host.interval_ms);
}
