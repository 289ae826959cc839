/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/findings.h"
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/config.h"
#include "lib/finding.h"

/* Columns of the table: a metric of the WAN each, but for what is told of its finding. */
static const struct {
	const char *key;
	struct table_column column;
} columns[] = {
	{ "name", { "WAN", 8, false, 0 } },
	{ "state", { "STATE", 0, false, 0 } },
	{ "subflows", { "SUBFLOWS", 0, true, 3 } },
	{ "out_kbps", { "OUT", 0, true, 5 } },
	{ "in_kbps", { "IN", 0, true, 4 } },
	{ "share_out", { "SHARE", 0, true, 2 } },
	{ "label", { "LABEL", 5, false, 1 } },
	{ NULL, { "WHY", 13, false, 0 } },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), WHY = COLUMNS - 1 };
enum {
	LINE_LEN = 512,
	COUNT_LEN = 40,
	LIMIT_LEN = COUNT_LEN + 32,
	WHY_WORDS = 40, /* columns from which a sentence says more than a word */
	NAMES_MOST = 6
};

/*
 * --- the table ---------------------------------------------------------------------------------
 */

enum style overview_state_style(const struct wan *wan)
{
	static const enum style styles[WAN_STATES] = {
		[WAN_UNKNOWN] = STYLE_FAINT, [WAN_ABSENT] = STYLE_FAINT,
		[WAN_DOWN] = STYLE_WARNING,  [WAN_DETACHED] = STYLE_WARNING,
		[WAN_STANDBY] = STYLE_FAINT, [WAN_UNJOINED] = STYLE_WARNING,
		[WAN_IDLE] = STYLE_WARNING,  [WAN_CARRYING] = STYLE_GOOD,
	};

	return wan->alarm ? STYLE_BAD : wan->state < WAN_STATES ? styles[wan->state] : STYLE_PLAIN;
}

/* Without a subflow nothing can flow: a rate or share of zero says no more than the state does. */
static bool cannot_flow(const struct wan *wan, const char *key)
{
	const struct metric *metric = metric_of(&metric_tables[TABLE_WAN], key);
	struct metric_value value;

	return metric->kind == KIND_MAYBE_U32 && !wan->subflows &&
	       metric_read(metric, wan, &value) && !value.number;
}

void overview_cell(const struct snapshot *snapshot, const struct wan *wan, const char *key,
		   struct cell *cell)
{
	cell->style = STYLE_PLAIN;
	if (cannot_flow(wan, key) || (!strcmp(key, "subflows") && !snapshot->host.subflows.known))
		strcpy(cell->text, "-");
	else
		metric_text(&metric_tables[TABLE_WAN], key, wan, cell->text, CELL_LEN);
	if (!strcmp(key, "state"))
		cell->style = overview_state_style(wan);
}

/* No finding says why a state is not known. */
static const char *why_unknown(const struct snapshot *snapshot)
{
	if (*snapshot->host.last_error)
		return "no answer to judge";
	return snapshot->host.polls < 2 ? "not judged: one look" : "not judged yet";
}

/* Down by its endpoint, and not by its link: what begins there goes on. */
static bool carries_on(const struct wan *wan)
{
	return wan->cause == CAUSE_ENDPOINT_WITHDRAWN &&
	       (wan->in_kbps.value || wan->out_kbps.value);
}

void overview_why(const struct snapshot *snapshot, const struct wan *wan, size_t width,
		  struct cell *cell)
{
	bool has_word = wan->cause != CAUSE_NONE && wan->cause < CAUSES;

	cell->style = STYLE_PLAIN;
	if (wan->state == WAN_UNKNOWN && !has_word)
		strcpy(cell->text, why_unknown(snapshot));
	else if (has_word && width < WHY_WORDS)
		snprintf(cell->text, CELL_LEN, "%s%s", carries_on(wan) ? "still carries; " : "",
			 cause_words[wan->cause]);
	else
		snprintf(cell->text, CELL_LEN, "%s", findings_why(snapshot, wan));
}

int overview_compare_names(const void *a, const void *b)
{
	const struct wan *const *left = a, *const *right = b;

	return strverscmp((*left)->name, (*right)->name);
}

const struct wan **overview_by_name(const struct snapshot *snapshot)
{
	const struct wan **wans = calloc(snapshot->wan_count + 1, sizeof(*wans));

	for (size_t i = 0; wans && i < snapshot->wan_count; i++)
		wans[i] = &snapshot->wans[i];
	if (wans)
		qsort(wans, snapshot->wan_count, sizeof(*wans), overview_compare_names);
	return wans;
}

/* What the other columns leave to the last one. */
static size_t room_left(const struct screen *screen, const struct table_column *shown,
			const struct cell *cells, size_t count)
{
	size_t widths[COLUMNS] = { 0 }, used;

	for (size_t i = 0; i < count; i++)
		table_widen(COLUMNS, &cells[i * COLUMNS], widths);
	widths[WHY] = 1;
	table_entitle(shown, WHY, widths);
	used = table_width(COLUMNS, widths) - widths[WHY];
	return screen->width > used ? screen->width - used : 0;
}

const char overview_no_wan[] =
	"no interface with an MPTCP endpoint or subflow was seen. Add endpoints (ip mptcp endpoint "
	"add ADDRESS dev DEVICE subflow), or name the WANs in " CONFIG_FILE ".";

int overview_wans(const struct screen *screen, const struct snapshot *snapshot)
{
	size_t count = snapshot->wan_count;
	const struct wan **wans = overview_by_name(snapshot);
	struct table_column shown[COLUMNS];
	struct cell *cells = calloc(count * COLUMNS + 1, sizeof(*cells));
	int error = wans && cells ? 0 : -ENOMEM;

	if (!count)
		paragraph_say(screen, STYLE_PLAIN, 0, "No WAN is known: %s", overview_no_wan);
	for (size_t i = 0; i < COLUMNS; i++)
		shown[i] = columns[i].column;
	for (size_t i = 0; !error && i < count; i++)
		for (size_t j = 0; j < WHY; j++)
			overview_cell(snapshot, wans[i], columns[j].key, &cells[i * COLUMNS + j]);
	if (!error && count) {
		size_t room = room_left(screen, shown, cells, count);

		for (size_t i = 0; i < count; i++)
			overview_why(snapshot, wans[i], room, &cells[i * COLUMNS + WHY]);
		table_print(screen, shown, COLUMNS, cells, count);
	}
	free(wans);
	free(cells);
	return error;
}

/*
 * --- the lines below ---------------------------------------------------------------------------
 */

/*
 * "2 in alarm: wan5, wan6; this host is in alarm". Of whatever type: wans_in_alarm has only those
 * that are up but idle.
 */
static void alarms_text(const struct snapshot *snapshot, char text[LINE_LEN])
{
	const struct wan **wans = overview_by_name(snapshot);
	size_t len, all = 0, count = 0;

	for (size_t i = 0; i < snapshot->wan_count; i++)
		all += snapshot->wans[i].alarm;
	len = (size_t)snprintf(text, LINE_LEN, "%zu in alarm", all);
	for (size_t i = 0; wans && i < snapshot->wan_count; i++)
		if (wans[i]->alarm && ++count <= NAMES_MOST)
			len += (size_t)snprintf(text + len, LINE_LEN - len, "%s %s",
						count > 1 ? "," : ":", wans[i]->name);
	if (count > NAMES_MOST)
		len += (size_t)snprintf(text + len, LINE_LEN - len, " and %zu more",
					count - NAMES_MOST);
	if (snapshot->host.alarm)
		snprintf(text + len, LINE_LEN - len, "; this host is in alarm");
	free(wans);
}

static void print_sums(const struct screen *screen, const struct snapshot *snapshot)
{
	const struct host *host = &snapshot->host;
	char alarms[LINE_LEN];
	char connections[COUNT_LEN], subflows[COUNT_LEN], fallback[COUNT_LEN] = "";

	count_text(host->connections, "connection", "connections", connections,
		   sizeof(connections));
	count_text(host->subflows, "subflow", "subflows", subflows, sizeof(subflows));
	if (host->fallback_connections.value)
		snprintf(fallback, sizeof(fallback), ", %" PRIu32 " more in fallback",
			 host->fallback_connections.value);
	alarms_text(snapshot, alarms);
	paragraph_say(screen, STYLE_PLAIN, 0,
		      "%" PRIu32 " WAN%s configured, %" PRIu32 " up, %" PRIu32 " joined, %" PRIu32
		      " carrying, %s",
		      host->wans_configured, host->wans_configured == 1 ? "" : "s", host->wans_up,
		      host->wans_joined, host->wans_carrying, alarms);
	paragraph_say(screen, STYLE_PLAIN, 0, "%s, %s%s", connections, subflows, fallback);
}

/* "3 extra subflows (too few: 5 needed)" */
static void limit_text(struct maybe_u32 limit, struct maybe_u32 needed, const char *one,
		       const char *many, char text[LIMIT_LEN])
{
	char count[COUNT_LEN];

	count_text(limit, one, many, count, sizeof(count));
	if (needed.known)
		snprintf(text, LIMIT_LEN, "%s (%s%" PRIu32 " needed)", count,
			 limit.known && limit.value < needed.value ? "too few: " : "",
			 needed.value);
	else
		snprintf(text, LIMIT_LEN, "%s", count);
}

static void print_limits(const struct screen *screen, const struct host *host)
{
	char subflows[LIMIT_LEN], addresses[LIMIT_LEN];

	if (host->enabled.known && !host->enabled.value)
		paragraph_say(screen, STYLE_PLAIN, 0,
			      "MPTCP is switched off: net.mptcp.enabled is 0");
	limit_text(host->subflow_limit, host->subflows_needed, "extra subflow", "extra subflows",
		   subflows);
	limit_text(host->add_addr_limit, host->add_addr_needed, "announced address",
		   "announced addresses", addresses);
	if (host->subflow_limit.known || host->add_addr_limit.known)
		paragraph_say(screen, STYLE_PLAIN, 0, "limits: %s, %s", subflows, addresses);
	else
		paragraph_say(screen, STYLE_PLAIN, 0, "limits: not known");
}

static void print_accounting(const struct screen *screen, const struct snapshot *snapshot,
			     uint64_t now_s)
{
	const struct host *host = &snapshot->host;
	char mode[32], age[48] = "never complete";

	metric_text(&metric_tables[TABLE_HOST], "accounting", host, mode, sizeof(mode));
	if (host->complete_ms) {
		uint64_t then_s = snapshot_wall_s(snapshot, host->complete_ms);

		snprintf(age, sizeof(age), "%" PRIu64 " s old",
			 now_s > then_s ? now_s - then_s : 0);
	}
	paragraph_say(screen, STYLE_PLAIN, 0,
		      "accounting: %s%s%s%s; %" PRIu64 " truncated, %" PRIu64 " lost; %s", mode,
		      *host->accounting_reason ? " (" : "", host->accounting_reason,
		      *host->accounting_reason ? ")" : "", host->truncated_subflows,
		      host->events_lost, age);
}

void overview_sums(const struct screen *screen, const struct snapshot *snapshot, uint64_t now_s)
{
	print_sums(screen, snapshot);
	print_limits(screen, &snapshot->host);
	print_accounting(screen, snapshot, now_s);
	if (*snapshot->host.last_error)
		paragraph_say(screen, STYLE_PLAIN, 0, "not read: %s", snapshot->host.last_error);
}

int overview_print(const struct screen *screen, const struct snapshot *snapshot, uint64_t now_s)
{
	int error = overview_wans(screen, snapshot);

	if (error)
		return error;
	fputc('\n', screen->out);
	overview_sums(screen, snapshot, now_s);
	/* A blank line is due only where something follows. */
	for (size_t i = 0; i < snapshot->finding_count; i++) {
		if (snapshot->findings[i].severity < SEVERITY_WARNING)
			continue;
		fputc('\n', screen->out);
		findings_print(screen, snapshot, SEVERITY_WARNING, false);
		break;
	}
	return 0;
}
