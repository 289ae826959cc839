/* SPDX-License-Identifier: MIT */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H
#include "lib/metrics.h"

/*
 * A snapshot as JSON, driven by the metrics table: {"time": s, "host": {...}, "wans": [...],
 * "endpoints": [...], "findings": [...], "alarms": [...], "alarm_log": [...], "counters": [...]}.
 * Of the alarm log it has the newest rows only. Moments are seconds since 1970, flags and states
 * words, absent values missing; so are stamps, which are in the time of an SNMP agent.
 */

/* For the caller to free; NULL: no memory. */
char *status_json(const struct snapshot *);
#endif
