/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cli/perfdata.h"
#include "cli/units.h"

/* In this order, which stays: some systems know a value by its place. */
static const char *const host_keys[] = { "worst_severity", "wans_configured", "wans_up",
					 "wans_joined",	   "wans_carrying",   "wans_in_alarm",
					 "connections",	   "subflows",	      "age_s" };
static const char *const wan_keys[] = { "state",      "alarm_severity", "subflows",	"in_octets",
					"out_octets", "in_kbps",	"out_kbps",	"share_in",
					"share_out",  "rtt_us",		"retrans_ratio" };

/* What follows the number. Where the guidelines have no word for the unit, the key has it. */
static const struct {
	enum metric_unit unit;
	const char *uom;
	uint32_t parts; /* of the metric's number in one of that unit */
} uoms[] = {
	{ UNIT_PERCENT_HUNDREDTHS, "%", 100 },
	{ UNIT_SUBFLOW_HUNDREDTHS, "", 100 },
	{ UNIT_MICROSECONDS, "us", 1 },
	{ UNIT_MILLISECONDS, "ms", 1 },
	{ UNIT_SECONDS, "s", 1 },
	{ UNIT_KIBIOCTETS, "KB", 1 },
};

static uint32_t parts_of(const struct metric *metric, const char **uom)
{
	*uom = metric->meaning == COUNTER ? "c" : "";
	for (size_t i = 0; i < sizeof(uoms) / sizeof(uoms[0]); i++) {
		if (metric->unit != uoms[i].unit)
			continue;
		/* Seconds that only grow are a counter first. */
		if (metric->meaning != COUNTER)
			*uom = uoms[i].uom;
		return uoms[i].parts;
	}
	return 1;
}

/* An age is told at the moment of reading. */
static bool read_number(const struct perfdata *perfdata, const struct metric *metric,
			const void *row, uint64_t *out)
{
	struct metric_value value;
	uint64_t then_s;

	if (!metric_read(metric, row, &value))
		return false;
	*out = value.number;
	if (metric->meaning == AGE) {
		then_s = snapshot_wall_s(perfdata->snapshot, value.number);
		*out = perfdata->now_s > then_s ? perfdata->now_s - then_s : 0;
	}
	return true;
}

bool perfdata_number(const struct perfdata *perfdata, const struct metric *metric, const void *row,
		     double *number)
{
	uint64_t whole;
	const char *uom;

	if (!read_number(perfdata, metric, row, &whole))
		return false;
	*number = (double)whole / parts_of(metric, &uom);
	return true;
}

/* A quote is told by two; what may not be in a label is a _. */
static void write_label(const char *wan, const char *key, char text[PERFDATA_ITEM_MOST])
{
	size_t len = 0;

	for (; wan && *wan && len < 3 * WAN_NAME_LEN; wan++) {
		bool good = (unsigned char)*wan > ' ' && *wan != '=' && *wan != '|' && *wan != 0x7f;

		text[len++] = good ? *wan : '_';
		if (*wan == '\'')
			text[len++] = '\'';
	}
	snprintf(text + len, PERFDATA_ITEM_MOST - len, "%s%s", len ? "_" : "", key);
}

/* Of an enumeration its numbers; of the sums of WANs how many there are. */
static void write_bounds(const struct perfdata *perfdata, const struct metric *metric,
			 char text[32])
{
	size_t most = 0;

	if (metric->meaning == ENUM) {
		while (metric->words[most])
			most++;
		snprintf(text, 32, "1;%zu", most - 1);
	} else if (metric->meaning == GAUGE && metric->unit == UNIT_PERCENT_HUNDREDTHS) {
		strcpy(text, "0;100");
	} else if (!strncmp(metric->key, "wans_", strlen("wans_"))) {
		snprintf(text, 32, "0;%" PRIu32, perfdata->snapshot->host.wans_configured);
	} else {
		strcpy(text, "0");
	}
}

/* A severity calls as a range, too: up to the one below. */
static const char *write_range(const struct thresholds *thresholds, const struct metric *metric,
			       char text[RANGE_LEN])
{
	const struct range *range = thresholds_find(thresholds, metric);

	*text = '\0';
	if (range)
		return range->text;
	if (!strcmp(metric->key, "worst_severity") || !strcmp(metric->key, "alarm_severity"))
		if (thresholds->severity <= SEVERITY_CRITICAL)
			snprintf(text, RANGE_LEN, "%" PRIu32, thresholds->severity - 1);
	return text;
}

size_t perfdata_item(const struct perfdata *perfdata, const struct metric *metric, const void *row,
		     const char *wan, char text[PERFDATA_ITEM_MOST])
{
	char label[PERFDATA_ITEM_MOST], bounds[32], warning[RANGE_LEN], critical[RANGE_LEN],
		number[32];
	const char *uom;
	uint32_t parts = parts_of(metric, &uom);
	uint64_t whole;
	int len;

	if (!read_number(perfdata, metric, row, &whole))
		return 0;
	write_label(wan, metric->key, label);
	write_bounds(perfdata, metric, bounds);
	if (parts == 100)
		snprintf(number, sizeof(number), "%" PRIu64 ".%02" PRIu64, whole / 100,
			 whole % 100);
	else
		snprintf(number, sizeof(number), "%" PRIu64, whole);
	len = snprintf(text, PERFDATA_ITEM_MOST, "'%.120s'=%s%s;%s;%s;%s", label, number, uom,
		       write_range(perfdata->warning, metric, warning),
		       write_range(perfdata->critical, metric, critical), bounds);
	return (size_t)len;
}

struct row {
	const struct perfdata *perfdata;
	const struct metric_table *table;
	const void *row;
	const char *wan;
	char *text;
	size_t len;
};

static void add(struct row *row, const struct metric *metric)
{
	char item[PERFDATA_ITEM_MOST];
	size_t len = perfdata_item(row->perfdata, metric, row->row, row->wan, item);

	if (!len || row->len + len + 2 > PERFDATA_ROW_MOST)
		return;
	row->len += (size_t)sprintf(row->text + row->len, "%s%s", row->len ? " " : "", item);
}

static bool is_one_of(const struct metric *metric, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return false;
}

/* The usual ones, then those that somebody has a threshold for. */
static size_t write_row(struct row row, const char *const *keys, size_t count)
{
	*row.text = '\0';
	for (size_t i = 0; i < count; i++)
		add(&row, metric_of(row.table, keys[i]));
	for (size_t i = 0; i < row.table->count; i++) {
		const struct metric *metric = &row.table->metrics[i];

		if (!is_one_of(metric, keys, count) &&
		    (thresholds_find(row.perfdata->warning, metric) ||
		     thresholds_find(row.perfdata->critical, metric)))
			add(&row, metric);
	}
	return row.len;
}

size_t perfdata_host(const struct perfdata *perfdata, char text[PERFDATA_ROW_MOST])
{
	struct row row = { .perfdata = perfdata,
			   .table = &metric_tables[TABLE_HOST],
			   .row = &perfdata->snapshot->host,
			   .text = text };

	return write_row(row, host_keys, sizeof(host_keys) / sizeof(host_keys[0]));
}

size_t perfdata_wan(const struct perfdata *perfdata, const struct wan *wan,
		    char text[PERFDATA_ROW_MOST])
{
	struct row row = { .perfdata = perfdata,
			   .table = &metric_tables[TABLE_WAN],
			   .row = wan,
			   .wan = wan->name,
			   .text = text };

	return write_row(row, wan_keys, sizeof(wan_keys) / sizeof(wan_keys[0]));
}
