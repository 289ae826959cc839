/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "lib/finding.h"
#include "lib/metrics.h"

/* Text fields are arrays of several lengths: _Generic sees them as char * once they decay. */
#define KIND(s, f)                                                                                 \
	_Generic(((s *)0)->f,								\
	bool: KIND_BOOL, uint32_t: KIND_U32, uint64_t: KIND_U64, char *: KIND_TEXT,			\
	struct address: KIND_ADDRESS, struct maybe_bool: KIND_MAYBE_BOOL,				\
	struct maybe_u32: KIND_MAYBE_U32, struct maybe_u64: KIND_MAYBE_U64)
#define METRIC(s, f, col, obj, k, m, ...)                                                          \
	{                                                                                          \
		.column = col, .name = obj, .key = k, .meaning = m, .kind = KIND(s, f),            \
		.offset = offsetof(s, f), .size = sizeof(((s *)0)->f), __VA_ARGS__                 \
	}

static const char *const accounting_words[] = { "",	  "unavailable", "sampled",
						"events", "exact",	 NULL };
static const char *const role_words[] = { "", "active", "backup", NULL };
static const char *const endpoint_words[] = {
	"signal", "subflow", "backup", "fullmesh", "implicit", "laminar", NULL
};

#define HOST(f, ...) METRIC(struct host, f, __VA_ARGS__)
static const struct metric host_metrics[] = {
	HOST(enabled, 1, "mptcpWanHostEnabled", "enabled", TRUTH,
	     .help = "net.mptcp.enabled of the network namespace observed."),
	HOST(path_manager, 2, "mptcpWanHostPathManager", "path_manager", TEXT,
	     .help = "The path manager of new connections: kernel, userspace, or another one's name."),
	HOST(scheduler, 3, "mptcpWanHostScheduler", "scheduler", TEXT,
	     .help = "The packet scheduler of new connections."),
	HOST(subflow_limit, 4, "mptcpWanHostSubflowLimit", "subflow_limit", GAUGE,
	     .unit = "subflows",
	     .help = "Extra subflows that a connection may have, beside its first one."),
	HOST(add_addr_limit, 5, "mptcpWanHostAddAddrLimit", "add_addr_limit", GAUGE,
	     .unit = "addresses",
	     .help = "Addresses announced by the far end that a connection accepts."),
	HOST(endpoints, 6, "mptcpWanHostEndpoints", "endpoints", GAUGE, .unit = "endpoints",
	     .help = "Endpoints in the kernel's table, implicit ones included."),
	HOST(connections, 7, "mptcpWanHostConnections", "connections", GAUGE, .unit = "connections",
	     .help = "MPTCP connections, without those in fallback."),
	HOST(fallback_connections, 8, "mptcpWanHostFallbackConnections", "fallback_connections",
	     GAUGE, .unit = "connections", .help = "MPTCP sockets that fell back to plain TCP."),
	HOST(connections_at_limit, 9, "mptcpWanHostConnectionsAtLimit", "connections_at_limit",
	     GAUGE, .unit = "connections",
	     .help = "Connections whose extra subflows have reached the limit in force."),
	HOST(subflows, 10, "mptcpWanHostSubflows", "subflows", GAUGE, .unit = "subflows",
	     .help = "Established subflows, without those of connections in fallback."),
	HOST(subflows_attempted, 11, "mptcpWanHostSubflowsAttempted", "subflows_attempted", GAUGE,
	     .unit = "subflows", .help = "Subflows whose SYN waits for an answer."),
	HOST(in_octets, 12, "mptcpWanHostInOctets", "in_octets", COUNTER, .unit = "octets",
	     .help = "Payload received by all subflows, closed ones included; a FIN counts as one octet."),
	HOST(out_octets, 13, "mptcpWanHostOutOctets", "out_octets", COUNTER, .unit = "octets",
	     .help = "Payload sent for the first time by all subflows, closed ones included."),
	HOST(retrans_octets, 14, "mptcpWanHostRetransOctets", "retrans_octets", COUNTER,
	     .unit = "octets",
	     .help = "Payload retransmitted by TCP on all subflows, closed ones included."),
	HOST(unattrib_in_octets, 15, "mptcpWanHostUnattribInOctets", "unattrib_in_octets", COUNTER,
	     .unit = "octets", .help = "The part of mptcpWanHostInOctets that fits no WAN."),
	HOST(unattrib_out_octets, 16, "mptcpWanHostUnattribOutOctets", "unattrib_out_octets",
	     COUNTER, .unit = "octets",
	     .help = "The part of mptcpWanHostOutOctets that fits no WAN."),
	HOST(wans_configured, 17, "mptcpWanHostWansConfigured", "wans_configured", GAUGE,
	     .unit = "WANs", .help = "Rows of mptcpWanTable."),
	HOST(wans_up, 18, "mptcpWanHostWansUp", "wans_up", GAUGE, .unit = "WANs",
	     .help = "WANs whose interface is up, with carrier and address."),
	HOST(wans_joined, 19, "mptcpWanHostWansJoined", "wans_joined", GAUGE, .unit = "WANs",
	     .help = "WANs with an established subflow of a connection that is not in fallback."),
	HOST(wans_carrying, 20, "mptcpWanHostWansCarrying", "wans_carrying", GAUGE, .unit = "WANs",
	     .help = "WANs whose payload is above the floor."),
	HOST(accounting, 21, "mptcpWanHostAccounting", "accounting", ENUM,
	     .words = accounting_words,
	     .help = "How complete the octets are: every subflow's final counters (exact), all but those of first "
		     "subflows that the far end closed first (events), what polls saw (sampled), nothing "
		     "(unavailable)."),
	HOST(accounting_reason, 22, "mptcpWanHostAccountingReason", "accounting_reason", TEXT,
	     .help = "Why accounting is not exact; empty when it is."),
	HOST(truncated_subflows, 23, "mptcpWanHostTruncatedSubflows", "truncated_subflows", COUNTER,
	     .unit = "subflows",
	     .help = "Subflows that ended with less than their final counters known."),
	HOST(events_lost, 24, "mptcpWanHostEventsLost", "events_lost", COUNTER, .unit = "events",
	     .help = "Births and endings that the kernel told and we could not read in time; a lower bound."),
	HOST(interval_ms, 25, "mptcpWanHostPollInterval", "interval_ms", GAUGE,
	     .unit = "milliseconds", .help = "Time between polls of the kernel."),
	HOST(complete_ms, 26, "mptcpWanHostAge", "age_s", AGE, .unit = "seconds",
	     .help = "Time since the last poll that had every answer, at the moment of reading."),
	HOST(poll_duration_us, 27, "mptcpWanHostPollDuration", "poll_duration_us", GAUGE,
	     .unit = "microseconds", .help = "What the last poll took."),
	HOST(polls, 28, "mptcpWanHostPolls", "polls", COUNTER, .unit = "polls",
	     .help = "Polls since the start; the generation of all values."),
	HOST(poll_errors, 29, "mptcpWanHostPollErrors", "poll_errors", COUNTER, .unit = "answers",
	     .help = "Questions that the kernel did not answer."),
	HOST(last_error, 30, "mptcpWanHostLastError", "last_error", TEXT,
	     .help = "The questions of the last poll that failed, and why; empty when none did."),
	HOST(since_s, 31, "mptcpWanCountersSince", "counters_since", WALL_DATE,
	     .help = "When all counters began at zero: the start of the agent; absent until the clock was set."),
	HOST(since_ms, 32, "mptcpWanDiscontinuityTime", "discontinuity_time", STAMP,
	     .help = "sysUpTime at that moment, or 0 when it lies before the master agent's own start."),
	HOST(version, 33, "mptcpWanHostVersion", "version", TEXT, .help = "Version of mptcp-wan."),
};

#define WAN(f, ...) METRIC(struct wan, f, __VA_ARGS__)
static const struct metric wan_metrics[] = {
	WAN(name, 2, "mptcpWanName", "name", TEXT,
	    .help = "Its identity: configured, else the interface's name."),
	WAN(label, 3, "mptcpWanLabel", "label", TEXT,
	    .help = "For people: configured, else the interface's alias."),
	WAN(ifindex, 4, "mptcpWanIfIndex", "ifindex", IFINDEX,
	    .help = "ifIndex of its interface at the moment, 0 without one."),
	WAN(ifname, 5, "mptcpWanIfName", "ifname", TEXT,
	    .help = "ifName of its interface at the moment, empty without one."),
	WAN(role, 6, "mptcpWanRole", "role", ENUM, .words = role_words,
	    .help = "active or backup: configured, else backup when all its usable endpoints have the backup flag, or "
		    "had it when last there were any."),
	WAN(state, 7, "mptcpWanState", "state", ENUM, .words = state_words,
	    .help = "See the textual convention."),
	WAN(since_ms, 8, "mptcpWanStateSince", "state_since", DATE,
	    .help = "When it entered that state."),
	WAN(endpoints_v4, 9, "mptcpWanEndpointsV4", "endpoints_v4", GAUGE, .unit = "endpoints",
	    .help = "IPv4 endpoints on its interface."),
	WAN(endpoints_v6, 10, "mptcpWanEndpointsV6", "endpoints_v6", GAUGE, .unit = "endpoints",
	    .help = "IPv6 endpoints on its interface."),
	WAN(subflows, 11, "mptcpWanSubflows", "subflows", GAUGE, .unit = "subflows",
	    .help = "Established subflows, without those of connections in fallback."),
	WAN(subflows_attempted, 12, "mptcpWanSubflowsAttempted", "subflows_attempted", GAUGE,
	    .unit = "subflows", .help = "Subflows whose SYN waits for an answer."),
	WAN(subflows_backup, 13, "mptcpWanSubflowsBackup", "subflows_backup", GAUGE,
	    .unit = "subflows",
	    .help = "Of mptcpWanSubflows: those with the backup flag of either side."),
	WAN(subflows_v4, 14, "mptcpWanSubflowsV4", "subflows_v4", GAUGE, .unit = "subflows",
	    .help = "Of mptcpWanSubflows: those over IPv4."),
	WAN(subflows_v6, 15, "mptcpWanSubflowsV6", "subflows_v6", GAUGE, .unit = "subflows",
	    .help = "Of mptcpWanSubflows: those over IPv6."),
	WAN(subflows_opened, 16, "mptcpWanSubflowsOpened", "subflows_opened", COUNTER,
	    .unit = "subflows", .help = "Subflows whose TCP handshake was completed."),
	WAN(subflows_closed, 17, "mptcpWanSubflowsClosed", "subflows_closed", COUNTER,
	    .unit = "subflows", .help = "Subflows that ended."),
	WAN(joins_attempted, 18, "mptcpWanJoinsAttempted", "joins_attempted", COUNTER,
	    .unit = "joins",
	    .help = "Joins that this host began here; known, as are their outcomes, where accounting is exact but "
		    "for passing losses."),
	WAN(joins_failed, 19, "mptcpWanJoinsFailed", "joins_failed", COUNTER, .unit = "joins",
	    .help = "Of them: unanswered, refused or reset."),
	WAN(joins_unanswered, 20, "mptcpWanJoinsUnanswered", "joins_unanswered", COUNTER,
	    .unit = "joins", .help = "No SYN/ACK came."),
	WAN(joins_refused, 21, "mptcpWanJoinsRefused", "joins_refused", COUNTER, .unit = "joins",
	    .help = "The SYN was answered by a reset."),
	WAN(joins_reset, 22, "mptcpWanJoinsReset", "joins_reset", COUNTER, .unit = "joins",
	    .help = "The SYN was answered by a SYN/ACK, and a reset followed: the far end took no further "
		    "subflow, or a box on the path removed the MPTCP option."),
	WAN(joins_abandoned, 23, "mptcpWanJoinsAbandoned", "joins_abandoned", COUNTER,
	    .unit = "joins",
	    .help = "The connection ended before the join was complete; no fault of the line."),
	WAN(in_octets, 24, "mptcpWanInOctets", "in_octets", COUNTER, .unit = "octets",
	    .help = "Payload received by its subflows, closed ones included; a FIN counts as one octet."),
	WAN(out_octets, 25, "mptcpWanOutOctets", "out_octets", COUNTER, .unit = "octets",
	    .help = "Payload sent for the first time by its subflows, closed ones included."),
	WAN(retrans_octets, 26, "mptcpWanRetransOctets", "retrans_octets", COUNTER,
	    .unit = "octets",
	    .help = "Payload retransmitted by TCP on its subflows, closed ones included."),
	WAN(in_kbps, 27, "mptcpWanInRate", "in_kbps", GAUGE, .unit = "kilobits per second",
	    .help = "mptcpWanInOctets between the last two polls."),
	WAN(out_kbps, 28, "mptcpWanOutRate", "out_kbps", GAUGE, .unit = "kilobits per second",
	    .help = "mptcpWanOutOctets between the last two polls."),
	WAN(share_in, 29, "mptcpWanShareIn", "share_in", GAUGE, .unit = "hundredths of a percent",
	    .help = "Of the payload received by all WANs over the state window; absent when there was none."),
	WAN(share_out, 30, "mptcpWanShareOut", "share_out", GAUGE,
	    .unit = "hundredths of a percent",
	    .help = "Of the payload sent by all WANs over the state window; absent when there was none."),
	WAN(if_in_octets, 31, "mptcpWanIfInOctets", "if_in_octets", COUNTER, .unit = "octets",
	    .help = "All that its interface received, as ifHCInOctets."),
	WAN(if_out_octets, 32, "mptcpWanIfOutOctets", "if_out_octets", COUNTER, .unit = "octets",
	    .help = "All that its interface sent, as ifHCOutOctets."),
	WAN(rtt_us, 33, "mptcpWanRtt", "rtt_us", GAUGE, .unit = "microseconds",
	    .help = "Smoothed round trip, mean over its subflows; absent without any."),
	WAN(min_rtt_us, 34, "mptcpWanMinRtt", "min_rtt_us", GAUGE, .unit = "microseconds",
	    .help = "Least round trip that any of its subflows has seen lately."),
	WAN(retrans_ratio, 35, "mptcpWanRetransRatio", "retrans_ratio", GAUGE,
	    .unit = "hundredths of a percent",
	    .help = "Retransmitted part of all it sent over the state window; absent when it sent nothing."),
	WAN(carried_ms, 36, "mptcpWanLastCarried", "last_carried", DATE,
	    .help = "When it was last carrying; absent if it was not since the start."),
	WAN(route_ifindex, 37, "mptcpWanRouteIfIndex", "route_ifindex", IFINDEX,
	    .help = "While it is unjoined: the interface that a join from its address would leave by, 0 for no way."),
};

#define ENDPOINT(f, ...) METRIC(struct endpoint, f, __VA_ARGS__)
static const struct metric endpoint_metrics[] = {
	ENDPOINT(address, 2, "mptcpWanEndpointAddressType", "address_type", ADDRESS_TYPE,
		 .help = "Family of its address."),
	ENDPOINT(address, 3, "mptcpWanEndpointAddress", "address", ADDRESS, .help = "Its address."),
	ENDPOINT(port, 4, "mptcpWanEndpointPort", "port", PORT, .help = "Its port, 0 for none."),
	ENDPOINT(
		ifindex, 5, "mptcpWanEndpointIfIndex", "ifindex", IFINDEX,
		.help = "The interface it was bound to when it was added, which may be gone; 0 for none."),
	ENDPOINT(flags, 6, "mptcpWanEndpointFlags", "flags", FLAGS, .words = endpoint_words,
		 .help = "What the path manager may do with it."),
	ENDPOINT(wan_index, 7, "mptcpWanEndpointWanIndex", "wan_index", ROW,
		 .help = "mptcpWanIndex of the WAN that it belongs to, 0 for none."),
	ENDPOINT(wan_name, 8, "mptcpWanEndpointWanName", "wan", TEXT,
		 .help = "mptcpWanName of that WAN."),
};

#define COUNTER_(f, ...) METRIC(struct counter, f, __VA_ARGS__)
static const struct metric counter_metrics[] = {
	COUNTER_(name, 2, "mptcpWanCounterName", "name", TEXT,
		 .help = "The kernel's name, without MPTcpExt."),
	COUNTER_(value, 3, "mptcpWanCounterValue", "value", COUNTER,
		 .help = "Its value; begins at zero with the network namespace."),
};

#define ROWS(m) .metrics = m, .count = sizeof(m) / sizeof((m)[0])
const struct metric_table metric_tables[METRIC_TABLES] = {
	[TABLE_HOST] = { .arc = 1,
			 .name = "mptcpWanHost",
			 .key = "host",
			 .scalar = true,
			 ROWS(host_metrics),
			 .row_size = sizeof(struct host) },
	[TABLE_WAN] = { .arc = 2,
			.name = "mptcpWanTable",
			.key = "wans",
			ROWS(wan_metrics),
			.row_size = sizeof(struct wan),
			.index_offset = offsetof(struct wan, index),
			.index_name = "mptcpWanIndex" },
	[TABLE_ENDPOINT] = { .arc = 3,
			     .name = "mptcpWanEndpointTable",
			     .key = "endpoints",
			     ROWS(endpoint_metrics),
			     .row_size = sizeof(struct endpoint),
			     .index_offset = offsetof(struct endpoint, id),
			     .index_name = "mptcpWanEndpointId" },
	[TABLE_COUNTER] = { .arc = 8,
			    .name = "mptcpWanCounterTable",
			    .key = "counters",
			    ROWS(counter_metrics),
			    .row_size = sizeof(struct counter),
			    .index_offset = offsetof(struct counter, number),
			    .index_name = "mptcpWanCounterNumber" },
};

const void *metric_rows(const struct snapshot *snapshot, const struct metric_table *table,
			size_t *count)
{
	const struct { const void *rows; size_t count; } places[METRIC_TABLES] = {
		[TABLE_HOST] = { &snapshot->host, 1 },
		[TABLE_WAN] = { snapshot->wans, snapshot->wan_count },
		[TABLE_ENDPOINT] = { snapshot->endpoints, snapshot->endpoint_count },
		[TABLE_COUNTER] = { snapshot->counters, snapshot->counter_count },
	};

	*count = places[table - metric_tables].count;
	return places[table - metric_tables].rows;
}

uint32_t metric_row_index(const struct metric_table *table, const void *row)
{
	return table->scalar ? 0 : *(const uint32_t *)((const char *)row + table->index_offset);
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

bool metric_read(const struct metric *metric, const void *row, struct metric_value *out)
{
	*out = (struct metric_value){ 0 };
	if (!read_field(metric, (const char *)row + metric->offset, out))
		return false;
	/* A moment that never was. */
	return out->number || !(metric->meaning == DATE || metric->meaning == WALL_DATE ||
				metric->meaning == AGE);
}
