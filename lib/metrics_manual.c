/* SPDX-License-Identifier: MIT */
#include "lib/metrics.h"

#define METRIC_ROW struct metric_manual
#define METRIC(s, f, col, obj, k, m, h, ...) { .name = obj, .help = h }
#include "lib/metrics_rows.h"

const struct metric_manual *metric_manual(const struct metric_table *table,
					  const struct metric *metric)
{
	static const struct metric_manual *const manuals[METRIC_TABLES] = {
		[TABLE_HOST] = host_metrics,
		[TABLE_WAN] = wan_metrics,
		[TABLE_ENDPOINT] = endpoint_metrics,
		[TABLE_FINDING] = finding_metrics,
		[TABLE_ALARM] = alarm_metrics,
		[TABLE_ALARM_LOG] = alarm_log_metrics,
		[TABLE_COUNTER] = counter_metrics,
	};

	return &manuals[table - metric_tables][metric - table->metrics];
}

const char *unit_name(enum metric_unit unit)
{
	static const char *const names[] = {
		[UNIT_ADDRESSES] = "addresses",
		[UNIT_ANSWERS] = "answers",
		[UNIT_CONNECTIONS] = "connections",
		[UNIT_ENDPOINTS] = "endpoints",
		[UNIT_EVENTS] = "events",
		[UNIT_JOINS] = "joins",
		[UNIT_KIBIOCTETS] = "kibioctets",
		[UNIT_KILOBITS] = "kilobits per second",
		[UNIT_MICROSECONDS] = "microseconds",
		[UNIT_MILLISECONDS] = "milliseconds",
		[UNIT_OCTETS] = "octets",
		[UNIT_PERCENT] = "percent",
		[UNIT_PERCENT_HUNDREDTHS] = "hundredths of a percent",
		[UNIT_POLLS] = "polls",
		[UNIT_ROWS] = "rows",
		[UNIT_SECONDS] = "seconds",
		[UNIT_SUBFLOWS] = "subflows",
		[UNIT_SUBFLOW_HUNDREDTHS] = "hundredths of a subflow",
		[UNIT_WANS] = "WANs",
	};

	return names[unit];
}
