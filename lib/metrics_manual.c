/* SPDX-License-Identifier: MIT */
#include "lib/metrics.h"

#define METRIC_ROW struct metric_manual
#define METRIC(s, f, col, obj, k, m, h, ...) { .name = obj, .help = h }
#include "lib/metrics_rows.h"

const struct metric_manual *metric_manual(const struct metric_table *table, const struct metric *metric)
{
	static const struct metric_manual *const texts[METRIC_TABLES] = {
		[TABLE_HOST] = host_metrics,
		[TABLE_WAN] = wan_metrics,
		[TABLE_ENDPOINT] = endpoint_metrics,
		[TABLE_FINDING] = finding_metrics,
		[TABLE_ALARM] = alarm_metrics,
		[TABLE_ALARM_LOG] = alarm_log_metrics,
		[TABLE_COUNTER] = counter_metrics,
	};

	return &texts[table - metric_tables][metric - table->metrics];
}
