/* SPDX-License-Identifier: MIT */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H
#include "lib/metrics.h"

struct json_object;

/*
 * A snapshot as JSON, driven by the metrics table: {"time": s, "host": {...}, "wans": [...],
 * "endpoints": [...], "findings": [...], "alarms": [...], "alarm_log": [...], "counters": [...]}.
 * Of the alarm log it has the newest rows only. Moments are seconds since 1970, flags and states
 * words, absent values missing; so are stamps, which are in the time of an SNMP agent.
 */

/* For the caller to free; NULL: no memory. */
char *status_json(const struct snapshot *);

/* One of its rows, and one of its values, for the caller to put; NULL: no memory, or a stamp. */
struct json_object *status_row(const struct snapshot *, const struct metric_table *,
			       const void *row);
struct json_object *status_value(const struct snapshot *, const struct metric *,
				 const struct metric_value *);
#endif
