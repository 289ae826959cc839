/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include "cli/doctor.h"
#include "cli/evidence.h"
#include "cli/json.h"
#include "cli/units.h"
#include "lib/finding.h"
#include "lib/status.h"

/* A row of a table, as in status.json. */
static struct json_object *row_of(const struct snapshot *snapshot, size_t table, const void *row)
{
	return status_row(snapshot, &metric_tables[table], row);
}

static struct json_object *findings(const struct snapshot *snapshot)
{
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < snapshot->finding_count; i++) {
		const struct finding *finding = &snapshot->findings[i];
		struct json_object *row = row_of(snapshot, TABLE_FINDING, finding);

		json_object_object_add(row, "evidence", evidence_json(snapshot, finding));
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *alarms(const struct snapshot *snapshot)
{
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < snapshot->alarm_count; i++)
		json_object_array_add(rows, row_of(snapshot, TABLE_ALARM, &snapshot->alarms[i]));
	return rows;
}

/* Some metrics of a row, by their keys. */
static struct json_object *part_of(const struct snapshot *snapshot, size_t table, const void *row,
				   const char *const *keys)
{
	struct json_object *part = json_object_new_object();
	struct metric_value value;

	for (; *keys; keys++) {
		const struct metric *metric = metric_of(&metric_tables[table], *keys);

		if (metric_read(metric, row, &value))
			json_object_object_add(part, *keys, status_value(snapshot, metric, &value));
	}
	return part;
}

static struct json_object *looked_at(const struct snapshot *snapshot)
{
	static const char *const host_keys[] = {
		"connections",	     "subflows",     "endpoints", "interval_ms", "accounting",
		"accounting_reason", "path_manager", "scheduler", "role",	 NULL
	};
	static const char *const wan_keys[] = { "name", "state", "subflows", NULL };
	struct json_object *part = part_of(snapshot, TABLE_HOST, &snapshot->host, host_keys);
	struct json_object *wans = json_object_new_array();

	for (size_t i = 0; i < snapshot->wan_count; i++)
		json_object_array_add(wans,
				      part_of(snapshot, TABLE_WAN, &snapshot->wans[i], wan_keys));
	json_object_object_add(part, "wans", wans);
	return part;
}

static struct json_object *not_judged(const struct view *view)
{
	struct json_object *rows = json_object_new_array();
	struct unjudged unjudged;

	for (size_t at = 0; unjudged_next(view, &at, &unjudged);) {
		struct json_object *row = json_object_new_object();

		json_put_text(row, "what", unjudged.what);
		json_put_text(row, "why", unjudged.why);
		json_object_array_add(rows, row);
	}
	return rows;
}

int doctor_print_json(const struct examination *ex)
{
	const struct snapshot *snapshot = ex->snapshot;
	struct json_object *all = json_object_new_object();

	if (!all)
		return -ENOMEM;
	json_put_number(all, "time", view_taken_s(snapshot));
	json_put_text(all, "from", ex->view->from_agent ? "agent" : "look");
	if (!ex->view->from_agent)
		json_put_number(all, "looked_ms", ex->view->looked_ms);
	json_put_text(all, "severity", severity_words[doctor_severity(snapshot)]);
	json_object_object_add(all, "findings", findings(snapshot));
	json_object_object_add(all, "alarms", alarms(snapshot));
	json_object_object_add(all, "budget", budget_json(ex));
	json_object_object_add(all, "not_judged", not_judged(ex->view));
	json_object_object_add(all, "looked_at", looked_at(snapshot));
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
	return 0;
}
