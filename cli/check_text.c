/* SPDX-License-Identifier: MIT */
/* What a check says, within the room that there is. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/check_judge.h"
#include "cli/overview.h"
#include "cli/units.h"
#include "lib/finding.h"

enum { HEAD_MOST = 480, LINE_MOST = STORY_LEN + 512, NAMES_MOST = 6, HOUR_S = 3600 };

const char *const check_status_words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

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
		if (trouble_matters(check, &other) && is_alike(&other, trouble))
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
		if (!trouble_matters(check, &other) || !is_alike(&other, trouble))
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
		if (!trouble_matters(check, &trouble) ||
		    trouble_status(check, &trouble) == CHECK_OK ||
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
		if (threshold_calls(check, &thresholds->rows[i], &number))
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
		add(text,
		    "%" PRIu32 " WAN%s: %" PRIu32 " up, %" PRIu32 " joined, %" PRIu32 " carrying",
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

		if (!trouble_matters(check, &trouble) ||
		    told_before(check, i, &trouble, same_story))
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
			ADD_LINE(text,
				 "this host (%s, no matter of this check): %s; while that "
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
	for (size_t i = 0; i < check->snapshot->wan_count; i++) {
		const struct wan *wan = check->wans[i];
		char out[UNIT_LEN], in[UNIT_LEN];

		if (check->wan && wan != check->wan)
			continue;
		rate_text(wan->out_kbps.value, out);
		rate_text(wan->in_kbps.value, in);
		ADD_LINE(text,
			 "%s: %s%s%s, %" PRIu32 " connection%s (%" PRIu32
			 " expected), %s out, %s in",
			 wan->name, state_words[wan->state], wan->cause ? ", " : "",
			 wan->cause ? cause_words[wan->cause] : "", wan->connections,
			 wan->connections == 1 ? "" : "s", wan->connections_eligible, out, in);
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
		size_t len = perfdata_wan(&check->perfdata, check->wans[told], perfdata);

		if (text->len + len + sizeof(" | \n") >= text->size)
			break;
		/* Icinga takes a space behind this | for a part of the first label. */
		text->len +=
			(size_t)sprintf(text->at + text->len, "%s%s", told ? " " : " |", perfdata);
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
	struct check_result result;
	char why[STATUS_WHY_LEN];

	if (*options->wan && !(check.wan = find_wan(view->snapshot, options->wan))) {
		snprintf(why, sizeof(why), "no WAN '%s' is known", options->wan);
		return check_nothing(CHECK_UNKNOWN, why);
	}
	check.wans = overview_by_name(view->snapshot);
	if (!check.wans)
		return (struct check_result){ CHECK_UNKNOWN, NULL };
	check_judge(&check);
	result = (struct check_result){ check.status, compose(&check) };
	free(check.wans);
	return result;
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
