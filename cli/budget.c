/* SPDX-License-Identifier: MIT */
/* What lib/budget.c has worked out, for people and as JSON. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/units.h"

enum { ROWS_MOST = 12, COLUMNS = 2, INDENT = 2 };

/*
 * --- what follows ------------------------------------------------------------------------------
 */

/* Both ends' kernels take so much, as far as anybody knows. */
static uint32_t ceiling_of(const struct examination *ex)
{
	const struct budget *budget = &ex->budget;

	if (!ex->kernel_ceiling)
		return budget->ceiling;
	if (budget->ceiling_assumed || ex->kernel_ceiling < budget->ceiling)
		return ex->kernel_ceiling;
	return budget->ceiling;
}

static bool of_kernel(const struct examination *ex)
{
	return ex->kernel_ceiling && ceiling_of(ex) == ex->kernel_ceiling;
}

/* Where the connections of others are counted, nothing is needed here. */
static bool is_router(const struct examination *ex)
{
	return ex->snapshot->host.role == ROLE_ROUTER;
}

static size_t subflow_advice(const struct examination *ex, char text[BUDGET_LEN])
{
	const struct budget *budget = &ex->budget;

	if (!budget->lines)
		return (size_t)snprintf(
			text, BUDGET_LEN,
			"no line is up with an endpoint that a join may begin from");
	if (!budget->limit.known)
		return (size_t)snprintf(text, BUDGET_LEN, "the limits in force are not known");
	if (budget->needed <= budget->limit.value)
		return (size_t)snprintf(text, BUDGET_LEN,
					"the limit of %" PRIu32
					" is enough; the far end's must be as high",
					budget->limit.value);
	if (budget->needed <= ceiling_of(ex))
		return (size_t)snprintf(
			text, BUDGET_LEN,
			"too low by %" PRIu32 ": ip mptcp limits set subflows %" PRIu32
			", here and at the far end; connections that exist do not join again",
			budget->needed - budget->limit.value, budget->needed);
	return (size_t)snprintf(text, BUDGET_LEN,
				"%" PRIu32 " are needed and the kernel takes %" PRIu32
				" at most%s: %s",
				budget->needed, ceiling_of(ex),
				of_kernel(ex)		  ? ""
				: budget->ceiling_assumed ? " (assumed)"
							  : " (configured)",
				budget_way_out(budget));
}

const char *budget_advice(const struct examination *ex, char text[BUDGET_LEN])
{
	const struct budget *budget = &ex->budget;
	size_t len;

	if (!is_router(ex)) {
		snprintf(text, BUDGET_LEN,
			 "this host is the far end: the router counts what is needed, and the "
			 "limits here must be as high");
		return text;
	}
	len = subflow_advice(ex, text);
	if (len < BUDGET_LEN && budget->accept.known &&
	    budget->accept_needed > budget->accept.value)
		snprintf(text + len, BUDGET_LEN - len,
			 "; and: ip mptcp limits set add_addr_accepted %" PRIu32,
			 budget->accept_needed);
	return text;
}

/*
 * --- for people --------------------------------------------------------------------------------
 */

struct rows {
	struct cell cells[ROWS_MOST * COLUMNS];
	size_t count;
};

__attribute__((format(printf, 4, 5))) static void add(struct rows *rows, const char *sign,
						      uint32_t number, const char *format, ...)
{
	struct cell *cells = &rows->cells[COLUMNS * rows->count++];
	va_list args;

	cells[0].style = cells[1].style = STYLE_PLAIN;
	snprintf(cells[0].text, CELL_LEN, "%s%s%" PRIu32, sign, *sign ? " " : "", number);
	va_start(args, format);
	vsnprintf(cells[1].text, CELL_LEN, format, args);
	va_end(args);
}

static const char *plural(uint32_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/* Whose endpoints these are, and on how many lines. */
static const char *family_words(const struct budget *budget, uint32_t *lines)
{
	bool v4 = budget->v4 && budget->endpoints_v4, v6 = budget->v6 && budget->endpoints_v6;

	*lines = v4 && v6 ? budget->lines : v6 ? budget->lines_v6 : budget->lines_v4;
	if (v4 && v6)
		return budget->far == 1 ? "of one family" : "IPv4 and IPv6";
	return v6 ? "IPv6" : "IPv4";
}

static void add_terms(struct rows *rows, const struct budget *budget)
{
	uint32_t lines;
	const char *family = family_words(budget, &lines);

	add(rows, "", budget->endpoints, "%s (%s), on %" PRIu32 " %s",
	    plural(budget->endpoints, "endpoint that joins", "endpoints that join"), family, lines,
	    plural(lines, "line", "lines"));
	if (budget->announced)
		add(rows, "+", budget->announced * budget->each,
		    "for %" PRIu32 " more %s of the far end, %" PRIu32 " %s each%s",
		    budget->announced, plural(budget->announced, "address", "addresses"),
		    budget->each, plural(budget->each, "subflow", "subflows"),
		    budget->fullmesh ? " (fullmesh)" : "");
	if (budget->first)
		add(rows, "-", budget->first, "has the connection's first subflow, no extra one");
	else if (!budget->first_line_listed)
		add(rows, "-", 0,
		    "the first subflow's line has no endpoint: all of them are extra");
	if (budget->unlisted)
		add(rows, "+", budget->unlisted,
		    "of something else: a limit that should do was reached");
	add(rows, "=", budget->needed, "needed");
}

static void add_ceiling(struct rows *rows, const struct examination *ex)
{
	const struct budget *budget = &ex->budget;
	uint32_t ceiling = ceiling_of(ex);

	if (of_kernel(ex))
		add(rows, "", ceiling, "is the most that the kernel takes: it says so");
	else if (ex->kernel_ceiling)
		add(rows, "", ceiling,
		    "is the most, as configured (expect ceiling); this kernel takes %" PRIu32,
		    ex->kernel_ceiling);
	else
		add(rows, "", ceiling, "is the most that the kernel takes (%s)",
		    budget->ceiling_assumed ? "assumed; --probe-ceiling asks it" : "configured");
}

static void add_limits(struct rows *rows, const struct examination *ex)
{
	const struct budget *budget = &ex->budget;

	if (budget->limit.known)
		add(rows, "", budget->limit.value, "is the limit in force");
	add_ceiling(rows, ex);
}

/* The numbers beside the sum: announced addresses, the table, and what a subflow costs. */
static void print_beside(const struct screen *screen, const struct examination *ex)
{
	const struct budget *budget = &ex->budget;
	char line[BUDGET_LEN];

	if (budget->accept.known) {
		snprintf(line, sizeof(line), "announced addresses: %" PRIu32 " accepted%s",
			 budget->accept.value,
			 !is_router(ex)		 ? ""
			 : budget->accept_needed ? ", 1 needed"
						 : ", none needed");
		paragraph_print(screen, STYLE_PLAIN, line, INDENT);
	}
	snprintf(line, sizeof(line),
		 "endpoint table: %" PRIu32 " of %" PRIu32 " places%s, %" PRIu32
		 " of no use to any line%s",
		 budget->table, budget->table_most, budget->ceiling_assumed ? " (assumed)" : "",
		 budget->others, budget->table_full ? "; it is full" : "");
	paragraph_print(screen, STYLE_PLAIN, line, INDENT);
}

struct joins {
	bool known;
	uint64_t attempted, failed;
};

static struct joins joins_of(const struct snapshot *snapshot)
{
	struct joins joins = { 0 };

	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];

		joins.known |= wan->joins_attempted.known;
		joins.attempted += wan->joins_attempted.value;
		joins.failed += wan->joins_failed.value;
	}
	return joins;
}

static void print_price(const struct screen *screen, const struct examination *ex)
{
	static const struct {
		const char *key, *before, *one, *many;
	} parts[] = {
		{ "subflows", "", " subflow", " subflows" },
		{ "connections", " of ", " connection", " connections" },
		{ "subflows_per_connection", ", ", " each", " each" },
		{ "tcp_memory_kib", "; all TCP sockets take ", "", "" },
		{ "cpu_busiest", "; the busiest core is at ", "", "" },
	};
	const struct metric_table *table = &metric_tables[TABLE_HOST];
	struct joins joins = joins_of(ex->snapshot);
	char line[BUDGET_LEN] = "what it costs now: ", figure[UNIT_LEN];
	size_t len = strlen(line);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && len < sizeof(line); i++) {
		metric_text(table, parts[i].key, &ex->snapshot->host, figure, sizeof(figure));
		if (strcmp(figure, "-") != 0)
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s%s",
						parts[i].before, figure,
						strcmp(figure, "1") ? parts[i].many : parts[i].one);
	}
	if (joins.known && len < sizeof(line))
		snprintf(line + len, sizeof(line) - len,
			 "; %" PRIu64 " join%s attempted, %" PRIu64 " failed", joins.attempted,
			 joins.attempted == 1 ? "" : "s", joins.failed);
	paragraph_print(screen, STYLE_PLAIN, line, INDENT);
}

void budget_print(const struct screen *screen, const struct examination *ex)
{
	static const struct table_column columns[COLUMNS] = {
		{ "SUBFLOWS", 0, true, 0 }, { "EXTRA ONES OF A CONNECTION", 12, false, 0 }
	};
	struct rows rows = { .count = 0 };
	char advice[BUDGET_LEN];

	if (is_router(ex))
		add_terms(&rows, &ex->budget);
	add_limits(&rows, ex);
	table_print(screen, columns, COLUMNS, rows.cells, rows.count);
	paragraph_print(screen, STYLE_PLAIN, budget_advice(ex, advice), INDENT);
	print_beside(screen, ex);
	print_price(screen, ex);
}

/*
 * --- as JSON -----------------------------------------------------------------------------------
 */

static void put_terms(struct json_object *object, const struct budget *budget)
{
	struct json_object *terms = json_object_new_object();

	json_put_number(terms, "endpoints", budget->endpoints);
	json_put_number(terms, "announced", budget->announced);
	json_put_number(terms, "each", budget->each);
	json_put_number(terms, "first", budget->first);
	json_put_number(terms, "unlisted", budget->unlisted);
	json_object_object_add(object, "terms", terms);
	json_put_number(object, "subflows_needed", budget->needed);
	json_put_number(object, "add_addr_needed", budget->accept_needed);
}

static void put_price(struct json_object *object, const struct snapshot *snapshot)
{
	const struct host *host = &snapshot->host;
	struct json_object *price = json_object_new_object();
	struct joins joins = joins_of(snapshot);

	json_put_known(price, "subflows", host->subflows);
	json_put_known(price, "connections", host->connections);
	json_put_known(price, "subflows_per_connection", host->subflows_per_connection);
	json_put_known(price, "tcp_memory_kib", host->tcp_memory_kib);
	json_put_known(price, "cpu_busiest", host->cpu_busiest);
	if (joins.known) {
		json_put_number(price, "joins_attempted", joins.attempted);
		json_put_number(price, "joins_failed", joins.failed);
	}
	json_object_object_add(object, "price", price);
}

struct json_object *budget_json(const struct examination *ex)
{
	const struct budget *budget = &ex->budget;
	struct json_object *object = json_object_new_object();
	char advice[BUDGET_LEN];

	json_put_number(object, "lines", budget->lines);
	json_put_number(object, "endpoints_v4", budget->endpoints_v4);
	json_put_number(object, "endpoints_v6", budget->endpoints_v6);
	json_put_number(object, "fullmesh_v4", budget->fullmesh_v4);
	json_put_number(object, "fullmesh_v6", budget->fullmesh_v6);
	json_put_number(object, "far_addresses", budget->far);
	if (is_router(ex))
		put_terms(object, budget);
	json_put_known(object, "subflow_limit", budget->limit);
	json_put_known(object, "add_addr_limit", budget->accept);
	json_put_number(object, "subflow_ceiling", ceiling_of(ex));
	json_put_text(object, "ceiling_from",
		      of_kernel(ex)		? "kernel"
		      : budget->ceiling_assumed ? "assumed"
						: "configured");
	if (doctor_probe_failed(ex))
		json_put_text(object, "probe_failed", doctor_probe_failed(ex));
	json_put_number(object, "table", budget->table);
	json_put_number(object, "endpoint_ceiling", budget->table_most);
	json_put_truth(object, "table_full", budget->table_full);
	json_put_number(object, "others", budget->others);
	json_put_text(object, "advice", budget_advice(ex, advice));
	put_price(object, ex->snapshot);
	return object;
}
