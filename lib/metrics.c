/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "lib/finding.h"
#include "lib/metrics.h"

/* Arrays of several lengths decay to char *; a text that lies elsewhere is a const char *. */
#define KIND(s, f)                                                                                 \
	_Generic(((s *)0)->f,								\
	bool: KIND_BOOL, uint32_t: KIND_U32, uint64_t: KIND_U64, char *: KIND_TEXT,			\
	const char *: KIND_STRING,									\
	struct address: KIND_ADDRESS, struct maybe_bool: KIND_MAYBE_BOOL,				\
	struct maybe_u32: KIND_MAYBE_U32, struct maybe_u64: KIND_MAYBE_U64)
#define METRIC_ROW struct metric
#define METRIC(s, f, col, obj, k, m, help, ...)                                                    \
	{                                                                                          \
		.column = col, .key = k, .meaning = m, .kind = KIND(s, f),                         \
		.offset = offsetof(s, f), .size = sizeof(((s *)0)->f), ##__VA_ARGS__               \
	}

static const char *const role_words[] = { "", "active", "backup", NULL };
static const char *const host_role_words[] = { "", "router", "aggregator", NULL };
static const char *const family_words[] = { "ipv4", "ipv6", NULL };

#include "lib/metrics_rows.h"

#define ROWS(m, row) .metrics = m, .count = sizeof(m) / sizeof((m)[0]), .row_size = sizeof(row)
#define INDEX(row, f, ...) { .offset = offsetof(row, f), __VA_ARGS__ }
const struct metric_table metric_tables[METRIC_TABLES] = {
	[TABLE_HOST] = { .arc = 1,
			 .name = "mptcpWanHost",
			 .key = "host",
			 .scalar = true,
			 ROWS(host_metrics, struct host) },
	[TABLE_WAN] = { .arc = 2,
			.name = "mptcpWanTable",
			.key = "wans",
			ROWS(wan_metrics, struct wan),
			.index = { INDEX(struct wan, index, "mptcpWanIndex", "index") },
			.index_count = 1 },
	[TABLE_ENDPOINT] = { .arc = 3,
			     .name = "mptcpWanEndpointTable",
			     .key = "endpoints",
			     ROWS(endpoint_metrics, struct endpoint),
			     .index = { INDEX(struct endpoint, id, "mptcpWanEndpointId", "index") },
			     .index_count = 1 },
	[TABLE_FINDING] = { .arc = 5,
			    .name = "mptcpWanFindingTable",
			    .key = "findings",
			    ROWS(finding_metrics, struct finding),
			    .index = { INDEX(struct finding, wan_index, "mptcpWanFindingWanIndex",
					     "wan_index"),
				       INDEX(struct finding, cause, "mptcpWanFindingCauseIndex",
					     .words = cause_words) },
			    .index_count = 2 },
	[TABLE_ALARM] = { .arc = 6,
			  .name = "mptcpWanAlarmTable",
			  .key = "alarms",
			  ROWS(alarm_metrics, struct alarm),
			  .index = { INDEX(struct alarm, wan_index, "mptcpWanActiveWanIndex",
					   "wan_index"),
				     INDEX(struct alarm, type, "mptcpWanActiveTypeIndex",
					   .words = alarm_type_words) },
			  .index_count = 2 },
	[TABLE_ALARM_LOG] = { .arc = 7,
			      .name = "mptcpWanAlarmLogTable",
			      .key = "alarm_log",
			      ROWS(alarm_log_metrics, struct alarm_record),
			      .index = { INDEX(struct alarm_record, sequence, "mptcpWanLogIndex") },
			      .index_count = 1,
			      .newest = 32 },
	[TABLE_COUNTER] = { .arc = 8,
			    .name = "mptcpWanCounterTable",
			    .key = "counters",
			    ROWS(counter_metrics, struct counter),
			    .index = { INDEX(struct counter, number, "mptcpWanCounterNumber",
					     "index") },
			    .index_count = 1 },
};
