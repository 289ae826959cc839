/* SPDX-License-Identifier: MIT */
/* From THE table to what a snapshot holds. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "lib/metrics.h"

const void *metric_rows(const struct snapshot *snapshot, const struct metric_table *table,
			size_t *count)
{
	const struct alarm_log *log = snapshot->alarm_log;
	const struct { const void *rows; size_t count; } places[METRIC_TABLES] = {
		[TABLE_HOST] = { &snapshot->host, 1 },
		[TABLE_WAN] = { snapshot->wans, snapshot->wan_count },
		[TABLE_ENDPOINT] = { snapshot->endpoints, snapshot->endpoint_count },
		[TABLE_FINDING] = { snapshot->findings, snapshot->finding_count },
		[TABLE_ALARM] = { snapshot->alarms, snapshot->alarm_count },
		[TABLE_ALARM_LOG] = { log ? log->rows : NULL, log ? log->count : 0 },
		[TABLE_COUNTER] = { snapshot->counters, snapshot->counter_count },
	};

	*count = places[table - metric_tables].count;
	return places[table - metric_tables].rows;
}

uint32_t metric_row_index(const struct metric_table *table, const void *row, size_t i)
{
	if (i >= table->index_count)
		return 0;
	return *(const uint32_t *)((const char *)row + table->index[i].offset);
}

static bool read_field(const struct metric *metric, const void *field, struct metric_value *out)
{
	switch (metric->kind) {
	case KIND_BOOL:
		out->number = *(const bool *)field;
		return true;
	case KIND_U32:
		out->number = *(const uint32_t *)field;
		return true;
	case KIND_U64:
		out->number = *(const uint64_t *)field;
		return true;
	case KIND_TEXT:
		out->text = field;
		return true;
	case KIND_STRING:
		out->text = *(const char *const *)field;
		if (!out->text)
			out->text = "";
		return true;
	case KIND_ADDRESS:
		out->address = field;
		return true;
	case KIND_MAYBE_BOOL:
		out->number = ((const struct maybe_bool *)field)->value;
		return ((const struct maybe_bool *)field)->known;
	case KIND_MAYBE_U32:
		out->number = ((const struct maybe_u32 *)field)->value;
		return ((const struct maybe_u32 *)field)->known;
	case KIND_MAYBE_U64:
		out->number = ((const struct maybe_u64 *)field)->value;
		return ((const struct maybe_u64 *)field)->known;
	}
	return false;
}

static bool is_moment(const struct metric *metric)
{
	return metric->meaning == DATE || metric->meaning == WALL_DATE || metric->meaning == AGE;
}

bool metric_read(const struct metric *metric, const void *row, struct metric_value *out)
{
	*out = (struct metric_value){ 0 };
	if (!read_field(metric, (const char *)row + metric->offset, out))
		return false;
	/* A moment that never was. */
	return out->number || !is_moment(metric);
}

bool metric_may_be_absent(const struct metric *metric)
{
	return metric->kind == KIND_MAYBE_BOOL || metric->kind == KIND_MAYBE_U32 ||
	       metric->kind == KIND_MAYBE_U64 || is_moment(metric);
}

struct metric_value_name metric_value_name(const struct metric *metric)
{
	struct metric_value_name name = { 0 };
	const char *at = metric->value, *slash = strchr(at, '/');

	if (slash) {
		snprintf(name.place, sizeof(name.place), "%.*s", (int)(slash - at), at);
		at = slash + 1;
	}
	snprintf(name.type, sizeof(name.type), "%.*s", (int)strcspn(at, ".-"), at);
	at += strlen(name.type);
	if (*at == '.') {
		at++;
		snprintf(name.source, sizeof(name.source), "%.*s", (int)strcspn(at, "-"), at);
		at += strlen(name.source);
	}
	name.instance = *at ? at + 1 : at;
	return name;
}

/*
 * --- units -------------------------------------------------------------------------------------
 */

/* What is not here stays as it is. */
static const struct scale {
	enum metric_unit to;
	double times, parts;
} scales[] = {
	[UNIT_KIBIOCTETS] = { UNIT_OCTETS, 1024, 1 },
	[UNIT_MICROSECONDS] = { UNIT_SECONDS, 1, 1e6 },
	[UNIT_MILLISECONDS] = { UNIT_SECONDS, 1, 1e3 },
	[UNIT_PERCENT_HUNDREDTHS] = { UNIT_PERCENT, 1, 100 },
	[UNIT_SUBFLOW_HUNDREDTHS] = { UNIT_SUBFLOWS, 1, 100 },
};

static const struct scale *scale_of(const struct metric *metric)
{
	const struct scale *scale = &scales[metric->unit];

	return metric->unit < sizeof(scales) / sizeof(scales[0]) && scale->to ? scale : NULL;
}

double metric_scaled(const struct metric *metric, uint64_t number)
{
	const struct scale *scale = scale_of(metric);

	return scale ? (double)number * scale->times / scale->parts : (double)number;
}

const char *metric_scaled_unit(const struct metric *metric)
{
	const struct scale *scale = scale_of(metric);

	return unit_name(scale ? scale->to : metric->unit);
}
