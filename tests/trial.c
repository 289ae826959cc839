/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/metrics.h"
#include "tests/trial.h"

enum { TOLD_MOST = 20 };
/*
 * After a poll at which nothing could be said two more must agree before an alarm comes or goes, and that
 * poll does not count for how long it has been so: as many polls later it may be.
 */
enum { ALARM_LATE = 4 };

static unsigned int complaints;

__attribute__((format(printf, 2, 3))) static void complain(struct run *run, const char *format, ...)
{
	va_list args;

	run->wrong++;
	if (complaints++ >= TOLD_MOST)
		return;
	printf("# call %zu (%s, poll %zu), %s: ", run->call, tape_failed_call(run->trial->tape),
	       run->poll, run->fault->name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/*
 * --- what must hold ----------------------------------------------------------------------------
 */

/* What tells of the failure itself, or of the moment. */
static bool tells_of_failures(const struct metric *metric)
{
	static const char *const keys[] = { "poll_errors", "last_error", "events_lost",
					    "truncated_subflows", "accounting", "accounting_reason",
					    "poll_duration_us", "age_s" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return false;
}

static bool is_rate(const struct metric *metric)
{
	return strstr(metric->key, "_kbps") || strstr(metric->key, "share_") ||
	       strstr(metric->key, "ratio") || strstr(metric->key, "cpu_");
}

/* Made of several polls. */
static bool is_of_a_window(const struct metric *metric)
{
	static const char *const keys[] = { "state", "cause", "cause_text", "route_ifindex",
					    "wans_carrying", "connections_eligible", "pressed" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return is_rate(metric);
}

/* How long it has been in a state; one that was unknown for a poll was that long in no other. */
static bool is_of_time(const struct metric *metric)
{
	size_t len = strlen(metric->key);

	return metric->meaning == STAMP || metric->meaning == AGE || metric->meaning == DATE ||
	       (metric->meaning == COUNTER && !strcmp(metric->key + len - 2, "_s"));
}

/*
 * Events that were lost are lost, and so is what nobody looks at in time where not all of it is told:
 * totals may be less from then on.
 */
static bool may_lose(const struct run *run)
{
	const char *call = tape_failed_call(run->trial->tape);

	return !strcmp(call, "drain") || !strcmp(call, "opening") ||
	       run->trial->truth[0]->host.accounting != ACCOUNTING_EXACT;
}

struct sample { bool has; struct metric_value value; };

static bool is_of_alarms(const struct metric *metric)
{
	static const char *const keys[] = { "alarm", "alarm_severity", "alarm_sequence", "worst_severity",
					    "notifications_pending", "wans_in_alarm" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return false;
}

/* One metric in this run, at this poll and the one before, and in truth at both. */
struct quartet {
	struct sample now, last, truth, before;
	struct sample most;	/* a counter that has more steps beyond the truth */
	bool lately;		/* the truth was so within the window, and this is made of that */
};

static struct sample read_of(const struct metric *metric, const char *row)
{
	struct sample sample = { 0 };

	sample.has = row && metric_read(metric, row, &sample.value);
	return sample;
}

static bool same(const struct sample *a, const struct sample *b)
{
	if (!a->has || !b->has)
		return a->has == b->has;
	if (a->value.text && b->value.text)
		return !strcmp(a->value.text, b->value.text);
	return a->value.number == b->value.number;
}

static void judge_counter(struct run *run, const struct metric *metric, const char *name,
			  const struct quartet *of)
{
	bool begins_anew = of->before.has && of->truth.has &&
			   of->truth.value.number < of->before.value.number;

	if (!of->now.has)
		return;
	if (of->last.has && of->now.value.number < of->last.value.number && !begins_anew)
		complain(run, "%s %s fell from %" PRIu64 " to %" PRIu64, name, metric->key,
			 of->last.value.number, of->now.value.number);
	if (of->most.has && of->now.value.number > of->most.value.number && !is_of_time(metric))
		complain(run, "%s %s is %" PRIu64 ", in truth %" PRIu64, name, metric->key,
			 of->now.value.number, of->truth.value.number);
}

static bool is_unknown(const struct metric *metric, const struct sample *sample)
{
	if (!sample->has)
		return true;
	return (!strcmp(metric->key, "state") && sample->value.number == WAN_UNKNOWN) ||
	       (!strcmp(metric->key, "cause") && sample->value.number == CAUSE_NONE);
}

/* Nearly all are, and which rules there are for them is then of no account. */
static bool is_plainly_true(const struct metric *metric, const struct quartet *of)
{
	if (!same(&of->now, &of->truth))
		return false;
	if (metric->meaning != COUNTER || !of->now.has)
		return true;
	return (!of->last.has || of->now.value.number >= of->last.value.number) &&
	       (!of->most.has || of->now.value.number <= of->most.value.number);
}

/* Of now, of the last poll, or unknown; and soon what it is in truth. */
static void judge_metric(struct run *run, size_t poll, const struct metric *metric,
			 const char *name, const struct quartet *of)
{
	size_t settled;

	if (is_plainly_true(metric, of))
		return;
	settled = run->poll + (is_of_a_window(metric) ? run->trial->window : 0);
	/* The program in the kernel is not tried again, and what is seen otherwise is seen later. */
	if (!strcmp(tape_failed_call(run->trial->tape), "opening") && is_rate(metric))
		return;

	/* An index is by the order of sight. */
	if (tells_of_failures(metric) || is_of_alarms(metric) || !strcmp(metric->key, "wan_index"))
		return;
	if (metric->meaning == COUNTER)
		judge_counter(run, metric, name, of);
	if (same(&of->now, &of->truth) || is_of_time(metric) ||
	    (metric->meaning == COUNTER && may_lose(run)))
		return;
	if (poll > settled + 1)
		complain(run, "%s %s at poll %zu is %s%" PRIu64 " %s, in truth %s%" PRIu64 " %s", name,
			 metric->key, poll, of->now.has ? "" : "absent ", of->now.value.number,
			 of->now.value.text ? of->now.value.text : "", of->truth.has ? "" : "absent ",
			 of->truth.value.number, of->truth.value.text ? of->truth.value.text : "");
	else if (of->before.has && metric->meaning != TEXT && metric->meaning != COUNTER &&
		 !is_unknown(metric, &of->now) && !is_rate(metric) && !same(&of->now, &of->before) &&
		 !same(&of->now, &of->last) && !of->lately)
		complain(run, "%s %s at poll %zu is %" PRIu64 ", in truth %" PRIu64 ", before %" PRIu64,
			 name, metric->key, poll, of->now.value.number, of->truth.value.number,
			 of->before.value.number);
}

static const char *row_of(const struct snapshot *snapshot, const struct metric_table *table,
			  const char *like)
{
	size_t count = 0;
	const char *row = snapshot ? metric_rows(snapshot, table, &count) : NULL;

	for (size_t i = 0; i < count; i++, row += table->row_size)
		if (table == &metric_tables[TABLE_HOST] ||
		    (table == &metric_tables[TABLE_WAN] &&
		     !strcmp(((const struct wan *)row)->name, ((const struct wan *)like)->name)) ||
		    (table == &metric_tables[TABLE_ENDPOINT] &&
		     ((const struct endpoint *)row)->id == ((const struct endpoint *)like)->id))
			return row;
	return NULL;
}

static const char *name_of(const struct metric_table *table, const char *row)
{
	return table == &metric_tables[TABLE_WAN] ? ((const struct wan *)row)->name : table->name;
}

static bool was_so_lately(const struct run *run, size_t poll, const struct metric_table *table,
			  const struct metric *metric, const char *row)
{
	struct sample now = read_of(metric, row);

	for (size_t i = 0; i <= run->trial->window && i <= poll; i++) {
		const char *then = row_of(run->trial->truth[poll - i], table, row);
		struct sample truth = read_of(metric, then);

		if (then && same(&now, &truth))
			return is_of_a_window(metric);
	}
	return false;
}

/* Each row of the truth; one that this run has had is still there, for as long as in truth. */
static void judge_table(struct run *run, size_t poll, const struct metric_table *table,
			const struct snapshot *now)
{
	size_t count;
	const char *truth = metric_rows(run->trial->truth[poll], table, &count);

	for (size_t i = 0; i < count; i++, truth += table->row_size) {
		const char *before = row_of(poll ? run->trial->truth[poll - 1] : NULL, table, truth);
		const char *row = row_of(now, table, truth), *last = row_of(run->last, table, truth);

		if (!row && (last || poll > run->poll + 1))
			complain(run, "%s is not there at poll %zu", name_of(table, truth), poll);
		for (size_t k = 0; row && k < table->count; k++) {
			const struct metric *metric = &table->metrics[k];
			struct quartet of = { .now = read_of(metric, row),
					      .last = read_of(metric, last),
					      .truth = read_of(metric, truth),
					      .before = read_of(metric, before) };

			of.most = of.truth;
			/* An ending that may come late is waited for by dumps, and one was repeated. */
			if (!strncmp(metric->key, "subflows_", 9) && poll + 1 < run->trial->polls)
				of.most = read_of(metric, row_of(run->trial->truth[poll + 1], table, truth));
			if (!same(&of.now, &of.truth))
				of.lately = was_so_lately(run, poll, table, metric, row);
			judge_metric(run, poll, metric, name_of(table, truth), &of);
		}
	}
}

static size_t rows_in_truth(const struct run *run, size_t poll)
{
	const struct alarm_log *log = run->trial->truth[poll]->alarm_log;

	return log ? log->count : 0;
}

/* Nothing but what comes to pass in truth, in that order: perhaps later, and never sooner. */
static void judge_alarms(struct run *run, size_t poll, const struct snapshot *now)
{
	const struct alarm_log *log = now->alarm_log, *truth = run->trial->truth[poll]->alarm_log;
	size_t count = log ? log->count : 0;

	for (size_t i = run->rows_judged; i < count; i++) {
		const struct alarm_record *row = &log->rows[i], *like = NULL;

		if (i < rows_in_truth(run, poll))
			like = &truth->rows[i];
		if (!like || row->transition != like->transition || row->type != like->type ||
		    row->cause != like->cause || strcmp(row->wan_name, like->wan_name))
			complain(run, "at poll %zu %s %s: %s %s", poll,
				 row->transition == ALARM_RAISED ? "raised" : "changed", row->wan_name,
				 alarm_type_words[row->type], cause_words[row->cause]);
	}
	run->rows_judged = count;
	if (poll >= ALARM_LATE && count < rows_in_truth(run, poll - ALARM_LATE))
		complain(run, "%zu rows of the alarm log at poll %zu, in truth %zu", count, poll,
			 rows_in_truth(run, poll));
}

void trial_judge(struct run *run, size_t poll, const struct snapshot *now)
{
	judge_table(run, poll, &metric_tables[TABLE_HOST], now);
	judge_table(run, poll, &metric_tables[TABLE_WAN], now);
	judge_table(run, poll, &metric_tables[TABLE_ENDPOINT], now);
	judge_alarms(run, poll, now);
}
