/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "cli/check_judge.h"
#include "lib/config.h"
#include "lib/finding.h"

/*
 * --- what is wrong -----------------------------------------------------------------------------
 */

static const char *without_name(const char *story, const char *name)
{
	size_t len = strlen(name);

	return len && !strncmp(story, name, len) && !strncmp(story + len, ": ", 2) ? story + len + 2
										   : story;
}

bool trouble_at(const struct check *check, size_t i, struct trouble *out)
{
	const struct snapshot *snapshot = check->snapshot;

	if (check->view->from_agent) {
		const struct alarm *alarm = snapshot->alarms + i;

		if (i >= snapshot->alarm_count)
			return false;
		out->wan_index = alarm->wan_index;
		out->who = alarm->wan_index ? alarm->wan_name : "this host";
		out->what = alarm->wan_index ? alarm_type_words[alarm->type] : "";
		out->cause = alarm->cause;
		out->severity = alarm->severity;
		out->story = without_name(alarm->text, alarm->wan_name);
		return true;
	}
	if (i >= snapshot->finding_count)
		return false;
	out->wan_index = snapshot->findings[i].wan_index;
	out->who = out->wan_index ? snapshot->findings[i].wan_name : "this host";
	out->what = "";
	out->cause = snapshot->findings[i].cause;
	out->severity = snapshot->findings[i].severity;
	out->story = finding_tell(&snapshot->findings[i], out->buffer, sizeof(out->buffer));
	return true;
}

bool trouble_matters(const struct check *check, const struct trouble *trouble)
{
	return (!check->wan || trouble->wan_index == check->wan->index) &&
	       trouble->severity >= SEVERITY_WARNING;
}

enum check_status trouble_status(const struct check *check, const struct trouble *trouble)
{
	if (trouble->severity >= check->options->calls.severity)
		return CHECK_CRITICAL;
	return trouble->severity >= check->options->warns.severity ? CHECK_WARNING : CHECK_OK;
}

/* A fault that is known is worse than not to see, and that is worse than to be warned. */
static void worsen(struct check *check, enum check_status status)
{
	static const int ranks[] = {
		[CHECK_OK] = 0, [CHECK_WARNING] = 1, [CHECK_UNKNOWN] = 2, [CHECK_CRITICAL] = 3
	};

	if (ranks[status] > ranks[check->status])
		check->status = status;
}

/*
 * --- judging -----------------------------------------------------------------------------------
 */

static const void *row_of(const struct check *check)
{
	return check->wan ? (const void *)check->wan : &check->snapshot->host;
}

bool threshold_calls(const struct check *check, const struct threshold *threshold, double *number)
{
	return perfdata_number(&check->perfdata, threshold->metric, row_of(check), number) &&
	       range_calls(&threshold->range, *number);
}

static void judge_thresholds(struct check *check, const struct thresholds *thresholds,
			     enum check_status status)
{
	double number;

	for (size_t i = 0; i < thresholds->count; i++)
		if (threshold_calls(check, &thresholds->rows[i], &number))
			worsen(check, status);
}

/* The agent goes on writing while the kernel does not answer: then all is of earlier. */
static bool answered_lately(const struct check *check)
{
	const struct host *host = &check->snapshot->host;
	uint64_t most_s = 3 * (uint64_t)host->interval_ms / 1000 + 2;

	if (!host->complete_ms)
		return false;
	if (!check->view->from_agent)
		return host->complete_ms == check->snapshot->taken_ms;
	return snapshot_wall_s(check->snapshot, host->complete_ms) + most_s >= check->view->now_s;
}

/* Who sees no line cannot say that all is well either. */
static void judge_sight(struct check *check)
{
	const struct host *host = &check->snapshot->host;

	if (!answered_lately(check))
		snprintf(check->blind, sizeof(check->blind),
			 "monitor blind: the kernel has not answered all questions %s: %s",
			 host->complete_ms ? "lately" : "yet",
			 *host->last_error ? host->last_error : "no reason is known");
	else if (!check->snapshot->wan_count)
		snprintf(check->blind, sizeof(check->blind),
			 "monitor blind: no WAN is known: add endpoints (ip mptcp endpoint), or name "
			 "the WANs in " CONFIG_FILE);
	else
		return;
	worsen(check, (enum check_status)check->options->blind);
}

void check_judge(struct check *check)
{
	struct trouble trouble;

	for (size_t i = 0; trouble_at(check, i, &trouble); i++)
		if (trouble_matters(check, &trouble))
			worsen(check, trouble_status(check, &trouble));
	judge_thresholds(check, &check->options->warns, CHECK_WARNING);
	judge_thresholds(check, &check->options->calls, CHECK_CRITICAL);
	judge_sight(check);
}
