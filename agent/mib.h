/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_MIB_H
#define MPTCP_WAN_AGENT_MIB_H
#include "lib/metrics.h"

/*
 * The order of the MIB over a snapshot: which cell an OID names, and which comes next. Knows
 * nothing of net-snmp.
 */
enum {
	MIB_NOTIFICATIONS = 0,
	MIB_OBJECTS = METRIC_OBJECTS,
	MIB_OID_MOST = 4 + METRIC_INDEXES_MOST	/* objects.table.entry.column, then the indexes */
};

struct mib_cell {
	const struct metric *metric;
	const void *row;
	struct metric_value value;
	unsigned long oid[MIB_OID_MOST];	/* below the root */
	size_t oid_len;
};

/* Below MIB_NOTIFICATIONS. An alarm that became worse is raised again. */
enum mib_notification { MIB_ALARM_RAISED = 1, MIB_ALARM_CLEARED };

enum mib_found { MIB_FOUND, MIB_NO_OBJECT, MIB_NO_INSTANCE };

/*
 * The cell of a row, whichever snapshot it is from; false when it has no instance. One that may be
 * in a notification always has one: see metric.unsaid.
 */
bool mib_cell(const struct metric_table *, const struct metric *, const void *row,
	      struct mib_cell *out);

/* The cell that the OID (below the root) names: exactly. */
enum mib_found mib_get(const struct snapshot *, const unsigned long *oid, size_t len,
		       struct mib_cell *out);

/* The first cell after the OID; false at the end. */
bool mib_next(const struct snapshot *, const unsigned long *oid, size_t len, struct mib_cell *out);
#endif
