/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/units.h"

/* Columns of the table: a metric of the WAN each. */
static const struct {
	const char *key;
	struct table_column column;
} columns[] = {
	{ "name", { "WAN", 8 } },	   { "state", { "STATE", 0 } },
	{ "subflows", { "SUBFLOWS", 0 } }, { "out_kbps", { "OUT", 0 } },
	{ "in_kbps", { "IN", 0 } },	   { "share_out", { "SHARE", 0 } },
	{ "label", { "LABEL", 5 } },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), LINE_LEN = 512 };

/*
 * --- the table ---------------------------------------------------------------------------------
 */

/* Without a subflow nothing can flow: a rate or share of zero says no more than the state does. */
static bool cannot_flow(const struct wan *wan, const char *key)
{
	const struct metric *metric = metric_of(&metric_tables[TABLE_WAN], key);
	struct metric_value value;

	return metric->kind == KIND_MAYBE_U32 && !wan->subflows &&
	       metric_read(metric, wan, &value) && !value.number;
}

static void fill_row(const struct snapshot *snapshot, const struct wan *wan,
		     char (*cells)[CELL_LEN])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *key = columns[i].key;

		if (cannot_flow(wan, key) ||
		    (!strcmp(key, "subflows") && !snapshot->host.subflows.known))
			strcpy(cells[i], "-");
		else
			metric_text(&metric_tables[TABLE_WAN], key, wan, cells[i], CELL_LEN);
	}
}

/* wan2 before wan10; their indexes only tell which was known first. */
static int compare_names(const void *a, const void *b)
{
	const struct wan *const *left = a, *const *right = b;

	return strverscmp((*left)->name, (*right)->name);
}

static int print_wans(FILE *out, const struct snapshot *snapshot, size_t width)
{
	size_t count = snapshot->wan_count;
	const struct wan **wans;
	struct table_column shown[COLUMNS];
	char(*cells)[CELL_LEN];

	if (!count) {
		paragraph_print(out,
				"No WAN is known: no interface with an MPTCP endpoint or subflow "
				"was seen.",
				width);
		return 0;
	}
	wans = calloc(count, sizeof(*wans));
	cells = calloc(count * COLUMNS, sizeof(*cells));
	for (size_t i = 0; wans && i < count; i++)
		wans[i] = &snapshot->wans[i];
	if (wans && cells) {
		qsort(wans, count, sizeof(*wans), compare_names);
		for (size_t i = 0; i < COLUMNS; i++)
			shown[i] = columns[i].column;
		for (size_t i = 0; i < count; i++)
			fill_row(snapshot, wans[i], cells + i * COLUMNS);
		table_print(out, shown, COLUMNS, (const char(*)[CELL_LEN])cells, count, width);
	}
	free(wans);
	free(cells);
	return wans && cells ? 0 : -ENOMEM;
}

/*
 * --- the lines below ---------------------------------------------------------------------------
 */

__attribute__((format(printf, 3, 4))) static void print_line(FILE *out, size_t width,
							     const char *format, ...)
{
	char line[LINE_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	paragraph_print(out, line, width);
}

/* "1 subflow", "3 subflows", "? subflows" */
static void count_text(struct maybe_u32 count, const char *one, const char *many, char *text,
		       size_t size)
{
	if (count.known)
		snprintf(text, size, "%" PRIu32 " %s", count.value, count.value == 1 ? one : many);
	else
		snprintf(text, size, "? %s", many);
}

static void print_sums(FILE *out, const struct host *host, size_t width)
{
	char connections[40], subflows[40], fallback[40] = "";

	count_text(host->connections, "connection", "connections", connections,
		   sizeof(connections));
	count_text(host->subflows, "subflow", "subflows", subflows, sizeof(subflows));
	if (host->fallback_connections.value)
		snprintf(fallback, sizeof(fallback), ", %" PRIu32 " more in fallback",
			 host->fallback_connections.value);
	print_line(out, width,
		   "%" PRIu32 " WAN%s configured, %" PRIu32 " up, %" PRIu32 " joined, %" PRIu32
		   " carrying; %s, %s%s",
		   host->wans_configured, host->wans_configured == 1 ? "" : "s", host->wans_up,
		   host->wans_joined, host->wans_carrying, connections, subflows, fallback);
}

static void print_limits(FILE *out, const struct host *host, size_t width)
{
	char subflows[40], addresses[40];

	if (host->enabled.known && !host->enabled.value)
		print_line(out, width, "MPTCP is switched off: net.mptcp.enabled is 0");
	count_text(host->subflow_limit, "extra subflow", "extra subflows", subflows,
		   sizeof(subflows));
	count_text(host->add_addr_limit, "announced address", "announced addresses", addresses,
		   sizeof(addresses));
	if (host->subflow_limit.known || host->add_addr_limit.known)
		print_line(out, width, "limits: %s, %s", subflows, addresses);
	else
		print_line(out, width, "limits: not known");
}

static void print_accounting(FILE *out, const struct snapshot *snapshot, uint64_t now_s,
			     size_t width)
{
	const struct host *host = &snapshot->host;
	char mode[32], age[48] = "never complete";

	metric_text(&metric_tables[TABLE_HOST], "accounting", host, mode, sizeof(mode));
	if (host->complete_ms) {
		uint64_t then_s = snapshot_wall_s(snapshot, host->complete_ms);

		snprintf(age, sizeof(age), "%" PRIu64 " s old",
			 now_s > then_s ? now_s - then_s : 0);
	}
	print_line(out, width, "accounting: %s%s%s%s; %" PRIu64 " truncated, %" PRIu64 " lost; %s",
		   mode, *host->accounting_reason ? " (" : "", host->accounting_reason,
		   *host->accounting_reason ? ")" : "", host->truncated_subflows, host->events_lost,
		   age);
}

int overview_print(FILE *out, const struct snapshot *snapshot, uint64_t now_s, size_t width)
{
	int error = print_wans(out, snapshot, width);

	if (error)
		return error;
	fputc('\n', out);
	print_sums(out, &snapshot->host, width);
	print_limits(out, &snapshot->host, width);
	print_accounting(out, snapshot, now_s, width);
	if (*snapshot->host.last_error)
		print_line(out, width, "not read: %s", snapshot->host.last_error);
	return 0;
}
