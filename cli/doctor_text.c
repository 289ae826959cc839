/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "cli/doctor.h"
#include "cli/findings.h"
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/finding.h"

enum { INDENT = 2 };

static void print_heading(const struct screen *screen, const char *text)
{
	fputc('\n', screen->out);
	paragraph_print(screen, STYLE_TITLE, text, 0);
}

/*
 * --- in one line -------------------------------------------------------------------------------
 */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* One that several lines have is one. */
static size_t faults_of(const struct snapshot *snapshot)
{
	bool found[CAUSES] = { false };
	size_t count = 0;

	for (size_t i = 0; i < snapshot->finding_count; i++) {
		const struct finding *finding = &snapshot->findings[i];

		count += finding->severity >= SEVERITY_WARNING && !found[finding->cause];
		found[finding->cause] |= finding->severity >= SEVERITY_WARNING;
	}
	return count;
}

/* No fault before a connection meets it; but then it is one. */
static bool limit_falls_short(const struct examination *ex)
{
	const struct maybe_u32 *limit = &ex->budget.limit;

	return ex->snapshot->host.subflows_needed.known && limit->known && ex->budget.lines &&
	       ex->budget.needed > limit->value;
}

static void print_verdict(const struct screen *screen, const struct examination *ex)
{
	const struct snapshot *snapshot = ex->snapshot;
	const struct host *host = &snapshot->host;
	uint32_t severity = doctor_severity(snapshot);
	size_t faults = faults_of(snapshot);

	if (severity == SEVERITY_WARNING && !snapshot->wan_count && !faults)
		paragraph_say(screen, STYLE_WARNING, 0,
			      "No WAN is known, and so nothing can be judged: %s", overview_no_wan);
	else if (severity < SEVERITY_WARNING)
		paragraph_say(screen, limit_falls_short(ex) ? STYLE_WARNING : STYLE_GOOD, 0,
			      "Nothing wrong was found%s: %" PRIu32 " WAN%s, %" PRIu32
			      " up, %" PRIu32 " joined, %" PRIu32 " carrying.",
			      limit_falls_short(ex) ? " yet, but the subflow limit is too low for "
						      "all lines, see the budget"
						    : "",
			      host->wans_configured, plural(host->wans_configured), host->wans_up,
			      host->wans_joined, host->wans_carrying);
	else if (faults)
		paragraph_say(screen, findings_style((enum severity)severity), 0,
			      "%zu thing%s wrong, the worst is %s: %" PRIu32 " WAN%s, %" PRIu32
			      " up, %" PRIu32 " joined, %" PRIu32 " carrying.",
			      faults, faults == 1 ? " is" : "s are", severity_words[severity],
			      host->wans_configured, plural(host->wans_configured), host->wans_up,
			      host->wans_joined, host->wans_carrying);
	else
		paragraph_say(screen, findings_style((enum severity)severity), 0,
			      "Nothing is found wrong now, and an alarm stands (%s).",
			      severity_words[severity]);
}

/*
 * --- the parts ---------------------------------------------------------------------------------
 */

/* The alarm's text has the whole story. */
static void print_standing_alarms(const struct screen *screen, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->alarm_count; i++) {
		const struct alarm *alarm = &snapshot->alarms[i];

		if (!doctor_alarm_stands_alone(snapshot, alarm))
			continue;
		fputc('\n', screen->out);
		paragraph_say(screen, findings_style((enum severity)alarm->severity), 0,
			      "%s: the alarm %s stands (%s, %s)",
			      alarm->wan_index ? alarm->wan_name : "this host",
			      alarm_type_words[alarm->type], cause_words[alarm->cause],
			      severity_words[alarm->severity]);
		paragraph_say(screen, STYLE_PLAIN, INDENT,
			      "it waits for evidence to the contrary, which there is none of at "
			      "this moment; when it was found last: %s",
			      alarm->text);
	}
}

static void print_probe(const struct screen *screen, const struct examination *ex)
{
	const char *why = doctor_probe_failed(ex);

	if (why)
		paragraph_say(screen, STYLE_WARNING, INDENT,
			      "the greatest limit could not be asked of the kernel: %s", why);
}

static void print_budget(const struct screen *screen, const struct examination *ex)
{
	print_heading(screen, "Budget of subflows");
	budget_print(screen, ex);
	print_probe(screen, ex);
}

static void print_unjudged(const struct screen *screen, const struct examination *ex)
{
	struct unjudged unjudged;
	bool first = true;

	for (size_t at = 0; unjudged_next(ex->view, &at, &unjudged); first = false) {
		if (first)
			print_heading(screen, "Not judged");
		paragraph_say(screen, STYLE_PLAIN, INDENT, "%s: %s", unjudged.what, unjudged.why);
	}
}

static void print_source(const struct screen *screen, const struct examination *ex)
{
	const struct host *host = &ex->snapshot->host;
	uint64_t taken_s = view_taken_s(ex->snapshot);
	uint64_t now_s = ex->view->now_s;
	char every[UNIT_LEN], age[UNIT_LEN], since[UNIT_LEN];

	duration_text(host->interval_ms, every);
	age_text(now_s > taken_s ? now_s - taken_s : 0, age);
	if (ex->view->from_agent) {
		age_text(host->since_s && now_s > host->since_s ? now_s - host->since_s : 0, since);
		paragraph_say(screen, STYLE_FAINT, INDENT,
			      "by the agent %s ago, which has asked the kernel each %s for %s", age,
			      every, since);
	} else {
		duration_text(ex->view->looked_ms, since);
		paragraph_say(screen, STYLE_FAINT, INDENT,
			      "at the kernel itself, each %s for %s; no agent was asked", every,
			      since);
	}
}

int doctor_print(const struct screen *screen, const struct examination *ex)
{
	int error = 0;

	print_verdict(screen, ex);
	if (ex->snapshot->finding_count)
		fputc('\n', screen->out);
	findings_print(screen, ex->snapshot, SEVERITY_INFO, true);
	print_standing_alarms(screen, ex->snapshot);
	print_budget(screen, ex);
	print_unjudged(screen, ex);
	print_heading(screen, "Looked at");
	print_source(screen, ex);
	if (ex->snapshot->wan_count)
		error = overview_wans(screen, ex->snapshot);
	if (!error)
		overview_sums(screen, ex->snapshot, ex->view->now_s);
	return error;
}
