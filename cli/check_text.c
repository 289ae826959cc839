/* SPDX-License-Identifier: MIT */
/*
 * What a check says. Judged by alarms, which know how long a fault must last and what is evidence to
 * the contrary; without the agent by the findings of a look of our own. Never by a bare state.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/check.h"
#include "cli/perfdata.h"
#include "cli/units.h"
#include "lib/finding.h"

enum { HEAD_MOST = 480, LINE_MOST = STORY_LEN + 512, NAMES_MOST = 6, HOUR_S = 3600 };

const char *const check_status_words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

struct check {
	const struct check_options *options;
	const struct view *view;
	const struct snapshot *snapshot;
	const struct wan *wan; /* the only one that is looked at; NULL: all, and the host */
	struct perfdata perfdata;
	enum check_status status;
	char blind[STATUS_WHY_LEN]; /* why, or "" */
};

/*
 * --- texts that end where there is no more room ------------------------------------------------
 */

struct text {
	char *at;
	size_t len, size; /* with its end */
	bool full;	  /* something did not fit */
};

/* All of it or nothing. A | would begin performance data, and a line's end the next line. */
__attribute__((format(printf, 2, 3))) static bool add(struct text *text, const char *format, ...)
{
	char part[LINE_MOST];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(part, sizeof(part), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(part) || text->len + (size_t)len >= text->size) {
		text->full = true;
		return false;
	}
	for (char *at = part; *at; at++)
		*at = *at == '|' ? '/' : (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
	memcpy(text->at + text->len, part, (size_t)len + 1);
	text->len += (size_t)len;
	return true;
}

static void add_line_end(struct text *text, size_t begun, bool fits)
{
	if (fits && text->len + 1 < text->size) {
		text->at[text->len++] = '\n';
		text->at[text->len] = '\0';
		return;
	}
	text->at[text->len = begun] = '\0';
	text->full = true;
}

#define ADD_LINE(text, ...)                                                                        \
	do {                                                                                       \
		size_t begun = (text)->len;                                                        \
		add_line_end(text, begun, add(text, __VA_ARGS__));                                 \
	} while (0)

/*
 * --- what is wrong -----------------------------------------------------------------------------
 */

struct trouble {
	uint32_t wan_index;
	const char *who;  /* the WAN, or the host */
	const char *what; /* the alarm's type, or "" */
	uint32_t cause, severity;
	const char *story; /* without its name */
	char buffer[STORY_LEN];
};

static const char *without_name(const char *story, const char *name)
{
	size_t len = strlen(name);

	return len && !strncmp(story, name, len) && !strncmp(story + len, ": ", 2)
		       ? story + len + 2
		       : story;
}

/* The i-th of all; false after the last. */
static bool trouble_at(const struct check *check, size_t i, struct trouble *out)
{
	const struct snapshot *snapshot = check->snapshot;

	if (check->view->from_agent) {
		const struct alarm *alarm = &snapshot->alarms[i];

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

static enum check_status status_of(const struct check *check, uint32_t severity)
{
	if (severity >= check->options->calls.severity)
		return CHECK_CRITICAL;
	return severity >= check->options->warns.severity ? CHECK_WARNING : CHECK_OK;
}

static bool is_looked_at(const struct check *check, const struct trouble *trouble)
{
	return !check->wan || trouble->wan_index == check->wan->index;
}

/* What is worth knowing is no matter here. */
static bool is_of_matter(const struct check *check, const struct trouble *trouble)
{
	return is_looked_at(check, trouble) && trouble->severity >= SEVERITY_WARNING;
}

/* A fault that is known is worse than not to see, and that is worse than to be warned. */
static void worsen(struct check *check, enum check_status status)
{
	static const int ranks[] = { [CHECK_OK] = 0,
				     [CHECK_WARNING] = 1,
				     [CHECK_UNKNOWN] = 2,
				     [CHECK_CRITICAL] = 3 };

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

static bool calls(const struct check *check, const struct threshold *threshold, double *number)
{
	return perfdata_number(&check->perfdata, threshold->metric, row_of(check), number) &&
	       range_calls(&threshold->range, *number);
}

static void judge_thresholds(struct check *check, const struct thresholds *thresholds,
			     enum check_status status)
{
	double number;

	for (size_t i = 0; i < thresholds->count; i++)
		if (calls(check, &thresholds->rows[i], &number))
			worsen(check, status);
}

/*
 * The agent goes on writing while the kernel does not answer: then values and states are of
 * earlier, and no alarm is raised.
 */
static void judge_sight(struct check *check)
{
	const struct host *host = &check->snapshot->host;
	uint64_t then_s = host->complete_ms ? snapshot_wall_s(check->snapshot, host->complete_ms)
					    : 0;
	uint64_t most_s = 3 * (uint64_t)host->interval_ms / 1000 + 2;

	if (host->complete_ms && then_s + most_s >= check->view->now_s &&
	    (check->view->from_agent || host->complete_ms == check->snapshot->taken_ms))
		return;
	snprintf(check->blind, sizeof(check->blind),
		 "monitor blind: the kernel has not answered all questions %s: %s",
		 host->complete_ms ? "lately" : "yet",
		 *host->last_error ? host->last_error : "no reason is known");
	worsen(check, (enum check_status)check->options->blind);
}

static void judge(struct check *check)
{
	struct trouble trouble;

	for (size_t i = 0; trouble_at(check, i, &trouble); i++)
		if (is_of_matter(check, &trouble))
			worsen(check, status_of(check, trouble.severity));
	judge_thresholds(check, &check->options->warns, CHECK_WARNING);
	judge_thresholds(check, &check->options->calls, CHECK_CRITICAL);
	judge_sight(check);
}

/*
 * --- the first line ----------------------------------------------------------------------------
 */

static bool alike(const struct trouble *a, const struct trouble *b)
{
	return a->cause == b->cause && !strcmp(a->what, b->what) && !a->wan_index == !b->wan_index;
}

typedef bool (*alike_fn)(const struct trouble *, const struct trouble *);

static bool told_before(const struct check *check, size_t at, const struct trouble *trouble,
			alike_fn is_alike)
{
	struct trouble other;

	for (size_t i = 0; i < at && trouble_at(check, i, &other); i++)
		if (is_of_matter(check, &other) && is_alike(&other, trouble))
			return true;
	return false;
}

/* "wan5, wan6 and 3 more" */
static void add_names(const struct check *check, const struct trouble *trouble, alike_fn is_alike,
		      struct text *text)
{
	struct trouble other;
	size_t count = 0;

	for (size_t i = 0; trouble_at(check, i, &other); i++) {
		if (!is_of_matter(check, &other) || !is_alike(&other, trouble))
			continue;
		if (count < NAMES_MOST)
			add(text, "%s%s", count ? ", " : "", other.who);
		count++;
	}
	if (count > NAMES_MOST)
		add(text, " and %zu more", count - NAMES_MOST);
}

static void add_troubles(const struct check *check, struct text *text)
{
	struct trouble trouble;

	for (size_t i = 0; trouble_at(check, i, &trouble); i++) {
		if (!is_of_matter(check, &trouble) || status_of(check, trouble.severity) == CHECK_OK ||
		    told_before(check, i, &trouble, alike))
			continue;
		add_names(check, &trouble, alike, text);
		if (*trouble.what)
			add(text, " %s (%s); ", trouble.what, cause_words[trouble.cause]);
		else
			add(text, ": %s; ", cause_words[trouble.cause]);
	}
}

static void add_thresholds(const struct check *check, const struct thresholds *thresholds,
			   struct text *text)
{
	double number;

	for (size_t i = 0; i < thresholds->count; i++)
		if (calls(check, &thresholds->rows[i], &number))
			add(text, "%s is %.15g, %swithin %s; ", thresholds->rows[i].metric->key,
			    number, thresholds->rows[i].range.inside ? "" : "not ",
			    thresholds->rows[i].range.text);
}

static void add_summary(const struct check *check, struct text *text)
{
	const struct host *host = &check->snapshot->host;
	const struct wan *wan = check->wan;
	char out[UNIT_LEN], in[UNIT_LEN];

	if (!wan) {
		add(text, "%" PRIu32 " WAN%s: %" PRIu32 " up, %" PRIu32 " joined, %" PRIu32
			  " carrying",
		    host->wans_configured, host->wans_configured == 1 ? "" : "s", host->wans_up,
		    host->wans_joined, host->wans_carrying);
		return;
	}
	rate_text(wan->out_kbps.value, out);
	rate_text(wan->in_kbps.value, in);
	add(text, "%s is %s: %" PRIu32 " subflow%s, %s out, %s in", wan->name,
	    state_words[wan->state], wan->subflows, wan->subflows == 1 ? "" : "s", out, in);
}

static void first_line(const struct check *check, struct text *text)
{
	char perfdata[PERFDATA_ROW_MOST];
	size_t size = text->size;

	text->size = HEAD_MOST < size ? HEAD_MOST : size;
	add(text, "MPTCP %s - ", check_status_words[check->status]);
	if (*check->blind)
		add(text, "%.300s; ", check->blind);
	add_troubles(check, text);
	add_thresholds(check, &check->options->calls, text);
	add_thresholds(check, &check->options->warns, text);
	add_summary(check, text);
	text->size = size;
	if (text->full)
		add(text, "...");
	text->full = false;
	if (check->wan)
		perfdata_wan(&check->perfdata, check->wan, perfdata);
	else
		perfdata_host(&check->perfdata, perfdata);
	/* Not by add(): the | is meant. */
	if (text->len + strlen(perfdata) + sizeof(" | \n") < text->size)
		text->len += (size_t)sprintf(text->at + text->len, " | %s", perfdata);
	add_line_end(text, text->len, true);
}

/*
 * --- further lines -----------------------------------------------------------------------------
 */

static bool same_story(const struct trouble *a, const struct trouble *b)
{
	return alike(a, b) && a->severity == b->severity && !strcmp(a->story, b->story);
}

static void add_stories(const struct check *check, struct text *text)
{
	struct trouble trouble;

	for (size_t i = 0; trouble_at(check, i, &trouble); i++) {
		size_t begun = text->len;
		bool room;

		if (!is_of_matter(check, &trouble) || told_before(check, i, &trouble, same_story))
			continue;
		add_names(check, &trouble, same_story, text);
		room = add(text, " (%s): %s", severity_words[trouble.severity], trouble.story);
		add_line_end(text, begun, room);
	}
}

/* Of one line: why nothing is said of it, although nothing goes. */
static void add_host_troubles(const struct check *check, struct text *text)
{
	struct trouble trouble;

	for (size_t i = 0; check->wan && trouble_at(check, i, &trouble); i++)
		if (!trouble.wan_index && trouble.severity >= SEVERITY_WARNING)
			ADD_LINE(text, "this host (%s, no matter of this check): %s; while that "
				       "lasts, lines raise no alarm of their own",
				 severity_words[trouble.severity], cause_words[trouble.cause]);
}

static void add_accounting(const struct check *check, struct text *text)
{
	const struct snapshot *snapshot = check->snapshot;
	char age[UNIT_LEN];

	for (size_t i = 0; i < snapshot->finding_count; i++) {
		const struct finding *finding = &snapshot->findings[i];
		uint64_t s = (snapshot->taken_ms - finding->since_ms) / 1000;

		if (finding->cause != CAUSE_ACCOUNTING_DEGRADED || s < HOUR_S)
			continue;
		age_text(s, age);
		ADD_LINE(text, "for %s: %s", age, finding->text);
	}
}

static void add_wans(const struct check *check, struct text *text)
{
	const struct snapshot *snapshot = check->snapshot;

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];
		char out[UNIT_LEN], in[UNIT_LEN];

		if (check->wan && wan != check->wan)
			continue;
		rate_text(wan->out_kbps.value, out);
		rate_text(wan->in_kbps.value, in);
		ADD_LINE(text, "%s: %s%s%s, %" PRIu32 " connections have a subflow and %" PRIu32
			       " ought to, %s out, %s in",
			 wan->name, state_words[wan->state], wan->cause ? ", " : "",
			 wan->cause ? cause_words[wan->cause] : "", wan->connections,
			 wan->connections_eligible, out, in);
	}
}

static void add_infos(const struct check *check, struct text *text)
{
	for (size_t i = 0; i < check->snapshot->finding_count; i++) {
		const struct finding *finding = &check->snapshot->findings[i];

		if (finding->severity == SEVERITY_INFO &&
		    (!check->wan || finding->wan_index == check->wan->index))
			ADD_LINE(text, "%s (info): %s",
				 finding->wan_index ? finding->wan_name : "this host",
				 finding->text);
	}
}

static void source_text(const struct check *check, char line[128])
{
	uint64_t taken_s = view_taken_s(check->snapshot), now_s = check->view->now_s;
	const struct metric_table *table = &metric_tables[TABLE_HOST];
	char mode[UNIT_LEN], figure[UNIT_LEN];

	metric_text(table, "accounting", &check->snapshot->host, mode, sizeof(mode));
	if (check->view->from_agent) {
		age_text(now_s > taken_s ? now_s - taken_s : 0, figure);
		snprintf(line, 128, "told by the agent %s ago, accounting %s", figure, mode);
	} else {
		duration_text(check->view->looked_ms, figure);
		snprintf(line, 128, "seen in %s without the agent, accounting %s", figure, mode);
	}
}

/*
 * Performance data of the WANs, on one line: what further lines of it are is read differently by
 * those who read it. Of whole WANs, as many as there is room for; returns how many.
 */
static size_t last_line(const struct check *check, struct text *text)
{
	char source[128], perfdata[PERFDATA_ROW_MOST];
	size_t told = 0;

	source_text(check, source);
	add(text, "%s", source);
	for (; !check->wan && told < check->snapshot->wan_count; told++) {
		size_t len = perfdata_wan(&check->perfdata, &check->snapshot->wans[told], perfdata);

		if (text->len + len + sizeof(" | \n") >= text->size)
			break;
		text->len += (size_t)sprintf(text->at + text->len, "%s%s", told ? " " : " | ",
					     perfdata);
	}
	add_line_end(text, text->len, true);
	return told;
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

static void further_lines(const struct check *check, size_t wans_told, struct text *text)
{
	size_t left_out = check->wan ? 0 : check->snapshot->wan_count - wans_told;

	add_stories(check, text);
	add_host_troubles(check, text);
	add_accounting(check, text);
	if (left_out)
		ADD_LINE(text, "no room for the performance data of %zu WANs: see --size, --wan",
			 left_out);
	if (check->options->verbose) {
		add_wans(check, text);
		add_infos(check, text);
	}
}

/* One story at least shall have room beside the numbers. */
static size_t story_room(const struct check *check)
{
	return check->status == CHECK_OK ? 0 : check->options->most / 3;
}

static char *compose(const struct check *check)
{
	size_t most = check->options->most, told;
	char *all = calloc(3, most + 1);
	struct text head = { .at = all, .size = most }, last, middle;

	if (!all)
		return NULL;
	first_line(check, &head);
	last = (struct text){ .at = all + most + 1, .size = most - head.len };
	last.size -= last.size > story_room(check) ? story_room(check) : 0;
	told = last_line(check, &last);
	middle = (struct text){ .at = all + 2 * (most + 1), .size = most - head.len - last.len };
	further_lines(check, told, &middle);
	/* In their order. */
	memcpy(all + head.len, middle.at, middle.len);
	memmove(all + head.len + middle.len, last.at, last.len + 1);
	return all;
}

static const struct wan *find_wan(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->wan_count; i++)
		if (!strcmp(snapshot->wans[i].name, name))
			return &snapshot->wans[i];
	return NULL;
}

struct check_result check_view(const struct check_options *options, const struct view *view)
{
	struct check check = {
		.options = options,
		.view = view,
		.snapshot = view->snapshot,
		.perfdata = { .snapshot = view->snapshot,
			      .now_s = view->now_s,
			      .warning = &options->warns,
			      .critical = &options->calls },
	};
	char why[STATUS_WHY_LEN];

	if (*options->wan && !(check.wan = find_wan(view->snapshot, options->wan))) {
		snprintf(why, sizeof(why), "no WAN '%s' is known", options->wan);
		return check_nothing(CHECK_UNKNOWN, why);
	}
	judge(&check);
	return (struct check_result){ check.status, compose(&check) };
}

struct check_result check_nothing(enum check_status status, const char *why)
{
	enum { MOST = STATUS_WHY_LEN + 1024 };
	struct text text = { .at = malloc(MOST), .size = MOST };
	struct check_result result = { status, text.at };

	if (text.at && add(&text, "MPTCP %s - %.1400s", check_status_words[status], why))
		add_line_end(&text, text.len, true);
	return result;
}
