/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "collectd-plugin/values.h"

/* What ages is read with the clock of now. */
struct reading {
	const struct metric_table *table;
	const void *row;
	uint64_t now_ms;
	bool ages;			/* what ages, or what does not */
	const char *place;		/* unless the metric has one */
	value_fn fn;
	void *arg;
};

static bool add_value(const struct reading *reading, const struct metric *metric,
		      struct value_list *list)
{
	struct metric_value value;

	if (!metric_read(metric, reading->row, &value))
		return false;
	if (metric->meaning == AGE)
		value.number = reading->now_ms > value.number
				       ? (reading->now_ms - value.number) / 1000
				       : 0;
	list->totals[list->count] = value.number;
	list->gauges[list->count] = metric_scaled(metric, value.number);
	list->count++;
	return true;
}

static const struct metric *next_named(const struct metric_table *table,
				       const struct metric *metric)
{
	while (metric < table->metrics + table->count && !metric->value)
		metric++;
	return metric;
}

/* Returns the last row that it has used: of a type with two halves both are told, or none. */
static const struct metric *tell(const struct reading *reading, const struct metric *metric)
{
	struct metric_value_name name = metric_value_name(metric);
	bool halves = *name.source;
	const struct metric *last = halves ? next_named(reading->table, metric + 1) : metric;
	struct value_list list = {
		.place = *name.place ? name.place : reading->place,
		.instance = name.instance,
		.grows = metric->meaning == COUNTER,
	};

	snprintf(list.type, sizeof(list.type), "%s", name.type);
	if (add_value(reading, metric, &list) && (!halves || add_value(reading, last, &list)))
		reading->fn(reading->arg, &list);
	return last;
}

static void tell_row(const struct reading *reading)
{
	const struct metric_table *table = reading->table;
	const struct metric *end = table->metrics + table->count;

	for (const struct metric *metric = next_named(table, table->metrics); metric < end;
	     metric = next_named(table, metric + 1))
		if ((metric->meaning == AGE) == reading->ages)
			metric = tell(reading, metric);
}

/* Only the host and the WANs have names that collectd can use. */
static void tell_all(const struct snapshot *snapshot, struct reading *reading)
{
	reading->table = &metric_tables[TABLE_HOST];
	reading->row = &snapshot->host;
	reading->place = "host";
	tell_row(reading);
	reading->table = &metric_tables[TABLE_WAN];
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		reading->row = &snapshot->wans[i];
		reading->place = snapshot->wans[i].name;
		tell_row(reading);
	}
}

void values_of(const struct snapshot *snapshot, value_fn fn, void *arg)
{
	struct reading reading = { .fn = fn, .arg = arg };

	tell_all(snapshot, &reading);
}

bool values_up(const struct snapshot *snapshot, uint64_t now_ms)
{
	uint64_t most_ms;

	if (!snapshot || snapshot->host.complete_ms != snapshot->taken_ms)
		return false;
	most_ms = UINT64_C(3) * snapshot->host.interval_ms;
	return now_ms <= snapshot->taken_ms + (most_ms > 10000 ? most_ms : 10000);
}

void values_of_now(const struct snapshot *snapshot, uint64_t now_ms, value_fn fn, void *arg)
{
	struct reading reading = { .now_ms = now_ms, .ages = true, .fn = fn, .arg = arg };
	struct value_list up = {
		.place = "host", .type = "bool", .instance = "up", .count = 1,
		.gauges = { values_up(snapshot, now_ms) },
	};

	fn(arg, &up);
	if (snapshot)
		tell_all(snapshot, &reading);
}
