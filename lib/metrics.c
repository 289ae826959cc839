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
#define METRIC(s, f, col, obj, k, m, ...)                                                          \
	{                                                                                          \
		.column = col, .name = obj, .key = k, .meaning = m, .kind = KIND(s, f),            \
		.offset = offsetof(s, f), .size = sizeof(((s *)0)->f), __VA_ARGS__                 \
	}

static const char *const accounting_words[] = { "",	  "unavailable", "sampled",
						"events", "exact",	 NULL };
static const char *const role_words[] = { "", "active", "backup", NULL };
static const char *const host_role_words[] = { "", "router", "aggregator", NULL };
static const char *const transition_words[] = { "", "raised", "worsened", "cleared", NULL };
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
	HOST(worst_severity, 34, "mptcpWanHostWorstSeverity", "worst_severity", ENUM,
	     .words = severity_words, .help = "Of the active alarms; none without any."),
	HOST(wans_in_alarm, 35, "mptcpWanHostWansInAlarm", "wans_in_alarm", GAUGE, .unit = "WANs",
	     .help = "WANs with an active alarm for being up but idle."),
	HOST(subflows_needed, 36, "mptcpWanHostSubflowsNeeded", "subflows_needed", GAUGE,
	     .unit = "subflows",
	     .help = "The subflow limit that lets every line join; compare with the one in force."),
	HOST(add_addr_needed, 37, "mptcpWanHostAddAddrNeeded", "add_addr_needed", GAUGE,
	     .unit = "addresses", .help = "The limit of announced addresses that lets every line join."),
	HOST(role, 38, "mptcpWanHostRole", "role", ENUM, .words = host_role_words,
	     .help = "Who opens the connections: this host (router) or the far end (aggregator)."),
	HOST(alarm, 39, "mptcpWanHostAlarm", "alarm", TRUTH,
	     .help = "An alarm of the host itself is active: something that stops bonding as a whole."),
	HOST(ceiling, 40, "mptcpWanHostSubflowCeiling", "subflow_ceiling", GAUGE, .unit = "subflows",
	     .help = "The greatest subflow limit that the kernel is assumed to take."),
	HOST(far_addresses, 41, "mptcpWanHostFarAddresses", "far_addresses", GAUGE,
	     .unit = "addresses", .help = "Addresses of the far end that connections use."),
	HOST(subflows_per_connection, 42, "mptcpWanHostSubflowsPerConn", "subflows_per_connection",
	     GAUGE, .unit = "hundredths of a subflow",
	     .help = "Mean number of subflows of a connection."),
	HOST(tcp_memory_kib, 43, "mptcpWanHostTcpMemory", "tcp_memory_kib", GAUGE,
	     .unit = "kibioctets", .help = "Memory of all TCP sockets of the host."),
	HOST(cpu_busiest, 44, "mptcpWanHostCpuBusiest", "cpu_busiest", GAUGE,
	     .unit = "hundredths of a percent",
	     .help = "Load of the busiest core between the last two polls."),
	HOST(alarm_epoch, 45, "mptcpWanHostAlarmEpoch", "alarm_epoch", ROW,
	     .help = "Names the numbering of the alarm log; with a sequence it names a row for ever."),
	HOST(alarm_sequence, 46, "mptcpWanHostAlarmSequence", "alarm_sequence", ROW,
	     .help = "Of the newest row of the alarm log; 0 while there was none."),
	HOST(notifications_pending, 47, "mptcpWanHostNotificationsPending", "notifications_pending",
	     GAUGE, .unit = "rows",
	     .help = "Rows of the alarm log that no master agent has taken as a notification yet."),
	HOST(notifications_lost, 48, "mptcpWanHostNotificationsLost", "notifications_lost", COUNTER,
	     .unit = "rows",
	     .help = "Rows of the alarm log that were overwritten before a master agent had taken them."),
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
	WAN(joins_established, 38, "mptcpWanJoinsEstablished", "joins_established", COUNTER,
	    .unit = "joins", .help = "Joins that the far end has confirmed."),
	WAN(joins_stripped, 39, "mptcpWanJoinsStripped", "joins_stripped", COUNTER, .unit = "joins",
	    .help = "Of those reset: the SYN/ACK came without the MPTCP option, which a box on the path removed."),
	WAN(cause, 40, "mptcpWanCause", "cause", ENUM, .words = cause_words,
	    .help = "Why it is in its state, where that is known; none else."),
	WAN(cause_text, 41, "mptcpWanCauseText", "cause_text", TEXT,
	    .help = "The same as a sentence, with what to do about it; empty without a cause."),
	WAN(alarm, 42, "mptcpWanAlarm", "alarm", TRUTH, .help = "An alarm of it is active."),
	WAN(alarm_severity, 43, "mptcpWanAlarmSeverity", "alarm_severity", ENUM,
	    .words = severity_words, .help = "Of the worst of them; none without any."),
	WAN(connections, 44, "mptcpWanConnections", "connections", GAUGE, .unit = "connections",
	    .help = "Connections with an established subflow here."),
	WAN(connections_eligible, 45, "mptcpWanConnectionsEligible", "connections_eligible", GAUGE,
	    .unit = "connections", .help = "Connections that ought to have one."),
	WAN(state_s[WAN_UNKNOWN], 46, "mptcpWanSecondsUnknown", "unknown_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state unknown."),
	WAN(state_s[WAN_ABSENT], 47, "mptcpWanSecondsAbsent", "absent_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state absent."),
	WAN(state_s[WAN_DOWN], 48, "mptcpWanSecondsDown", "down_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state down."),
	WAN(state_s[WAN_DETACHED], 49, "mptcpWanSecondsDetached", "detached_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state detached."),
	WAN(state_s[WAN_STANDBY], 50, "mptcpWanSecondsStandby", "standby_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state standby."),
	WAN(state_s[WAN_QUIET], 51, "mptcpWanSecondsQuiet", "quiet_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state quiet."),
	WAN(state_s[WAN_UNJOINED], 52, "mptcpWanSecondsUnjoined", "unjoined_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state unjoined."),
	WAN(state_s[WAN_IDLE], 53, "mptcpWanSecondsIdle", "idle_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state idle."),
	WAN(state_s[WAN_CARRYING], 54, "mptcpWanSecondsCarrying", "carrying_s", COUNTER,
	    .unit = "seconds", .help = "Time in the state carrying."),
	WAN(rate_in_kbps, 55, "mptcpWanRateIn", "rate_in_kbps", GAUGE,
	    .unit = "kilobits per second", .help = "What it can receive, as configured."),
	WAN(rate_out_kbps, 56, "mptcpWanRateOut", "rate_out_kbps", GAUGE,
	    .unit = "kilobits per second", .help = "What it can send, as configured."),
	WAN(pressed, 57, "mptcpWanPressed", "pressed", TRUTH,
	    .help = "The other lines are under pressure that it could relieve."),
	WAN(base, 58, "mptcpWanBase", "base", TEXT,
	    .help = "The WAN that it runs over, as configured; empty for none."),
	WAN(admin_up, 59, "mptcpWanAdminUp", "admin_up", TRUTH,
	    .help = "Its interface is switched on, whether or not there is a carrier."),
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

#define FINDING(f, ...) METRIC(struct finding, f, __VA_ARGS__)
static const struct metric finding_metrics[] = {
	FINDING(wan_name, 3, "mptcpWanFindingWanName", "wan", TEXT,
		.help = "mptcpWanName of the WAN that it is about; empty for the host."),
	FINDING(cause, 4, "mptcpWanFindingCause", "cause", ENUM, .words = cause_words,
		.help = "What was found."),
	FINDING(severity, 5, "mptcpWanFindingSeverity", "severity", ENUM, .words = severity_words,
		.help = "From warning on it raises an alarm when it lasts."),
	FINDING(since_ms, 6, "mptcpWanFindingSince", "since", DATE,
		.help = "When it was first found; it has held since."),
	FINDING(text, 7, "mptcpWanFindingText", "text", TEXT,
		.help = "What is so, with the numbers that it rests on."),
	FINDING(now, 8, "mptcpWanFindingNow", "now", TEXT,
		.help = "Advice: the command that mends it at once; empty for none."),
	FINDING(for_good, 9, "mptcpWanFindingForGood", "for_good", TEXT,
		.help = "Advice: where to configure it; empty for nowhere."),
	FINDING(far_end, 10, "mptcpWanFindingFarEnd", "far_end", TEXT,
		.help = "Advice: what to do at the far end; empty for nothing."),
	FINDING(restart, 11, "mptcpWanFindingRestart", "restart", TEXT,
		.help = "Advice: what to restart, for connections that exist do not heal; empty for nothing."),
};

#define ALARM(f, ...) METRIC(struct alarm, f, __VA_ARGS__)
static const struct metric alarm_metrics[] = {
	ALARM(wan_name, 3, "mptcpWanActiveWanName", "wan", TEXT,
	      .help = "mptcpWanName of the WAN in alarm; empty for the host."),
	ALARM(type, 4, "mptcpWanActiveType", "type", ENUM, .words = alarm_type_words,
	      .help = "What the alarm is for."),
	ALARM(cause, 5, "mptcpWanActiveCause", "cause", ENUM, .words = cause_words,
	      .help = "Why, as found last."),
	ALARM(severity, 6, "mptcpWanActiveSeverity", "severity", ENUM, .words = severity_words,
	      .help = "As found last."),
	ALARM(raised_s, 7, "mptcpWanActiveRaised", "raised", WALL_DATE,
	      .help = "When it was raised; absent when the clock was not set then."),
	ALARM(sequence, 8, "mptcpWanActiveSequence", "sequence", ROW,
	      .help = "mptcpWanLogSequence of the row that raised it."),
	ALARM(flapping, 9, "mptcpWanActiveFlapping", "flapping", TRUTH,
	      .help = "It came and went, and is held until that has ended."),
	ALARM(text, 10, "mptcpWanActiveText", "text", TEXT,
	      .help = "The whole story, with what to do about it."),
};

/* Nobody knows a share while nothing flows; 10000 is all of it. */
enum { SHARE_UNSAID = 65535 };

#define RECORD(f, ...) METRIC(struct alarm_record, f, __VA_ARGS__)
static const struct metric alarm_log_metrics[] = {
	RECORD(epoch, 2, "mptcpWanLogEpoch", "epoch", ROW, .notify = true,
	       .help = "Names the numbering; with the sequence it names the row for ever."),
	RECORD(sequence, 3, "mptcpWanLogSequence", "sequence", ROW, .notify = true,
	       .help = "Of the row, from 1, rising by 1."),
	RECORD(transition, 4, "mptcpWanLogTransition", "transition", ENUM,
	       .words = transition_words, .notify = true, .help = "What became of the alarm."),
	RECORD(time_s, 5, "mptcpWanLogTime", "time", WALL_DATE, .notify = true,
	       .help = "When; unknown when the clock was not set."),
	RECORD(type, 6, "mptcpWanLogType", "type", ENUM, .words = alarm_type_words, .notify = true,
	       .help = "What the alarm is for."),
	RECORD(cause, 7, "mptcpWanLogCause", "cause", ENUM, .words = cause_words, .notify = true,
	       .help = "Why; of an alarm that was cleared: why it had been."),
	RECORD(severity, 8, "mptcpWanLogSeverity", "severity", ENUM, .words = severity_words,
	       .notify = true, .help = "How bad; of an alarm that was cleared: how bad it had been."),
	RECORD(wan_name, 9, "mptcpWanLogWanName", "wan", TEXT, .notify = true,
	       .help = "mptcpWanName of the WAN; empty for the host."),
	RECORD(wan_label, 10, "mptcpWanLogWanLabel", "label", TEXT, .notify = true,
	       .help = "mptcpWanLabel of the WAN."),
	RECORD(ifindex, 11, "mptcpWanLogIfIndex", "ifindex", IFINDEX, .notify = true,
	       .help = "ifIndex of its interface, 0 without one and for the host."),
	RECORD(state, 12, "mptcpWanLogState", "state", ENUM, .words = state_words, .notify = true,
	       .help = "mptcpWanState of the WAN; unknown for the host."),
	RECORD(subflows, 13, "mptcpWanLogSubflows", "subflows", GAUGE, .unit = "subflows",
	       .notify = true, .help = "Established subflows of the WAN; for the host: of all."),
	RECORD(share_in, 14, "mptcpWanLogShareIn", "share_in", GAUGE,
	       .unit = "hundredths of a percent", .notify = true, .unsaid = SHARE_UNSAID,
	       .help = "mptcpWanShareIn of the WAN."),
	RECORD(share_out, 15, "mptcpWanLogShareOut", "share_out", GAUGE,
	       .unit = "hundredths of a percent", .notify = true, .unsaid = SHARE_UNSAID,
	       .help = "mptcpWanShareOut of the WAN."),
	RECORD(wans_carrying, 16, "mptcpWanLogWansCarrying", "wans_carrying", GAUGE, .unit = "WANs",
	       .notify = true, .help = "mptcpWanHostWansCarrying."),
	RECORD(wans_joined, 17, "mptcpWanLogWansJoined", "wans_joined", GAUGE, .unit = "WANs",
	       .notify = true, .help = "mptcpWanHostWansJoined."),
	RECORD(wans_configured, 18, "mptcpWanLogWansConfigured", "wans_configured", GAUGE,
	       .unit = "WANs", .notify = true, .help = "mptcpWanHostWansConfigured."),
	RECORD(text, 19, "mptcpWanLogText", "text", TEXT, .notify = true,
	       .help = "The whole story, with what to do about it; of an alarm that was cleared: why."),
	RECORD(wan_index, 20, "mptcpWanLogWanIndex", "wan_index", ROW,
	       .help = "mptcpWanIndex of the WAN, 0 for the host."),
	RECORD(raised_by, 21, "mptcpWanLogRaisedBy", "raised_by", ROW,
	       .help = "mptcpWanLogSequence of the row that raised the alarm; its own for that row."),
};

#define COUNTER_(f, ...) METRIC(struct counter, f, __VA_ARGS__)
static const struct metric counter_metrics[] = {
	COUNTER_(name, 2, "mptcpWanCounterName", "name", TEXT,
		 .help = "The kernel's name, without MPTcpExt."),
	COUNTER_(value, 3, "mptcpWanCounterValue", "value", COUNTER,
		 .help = "Its value; begins at zero with the network namespace."),
};

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

bool metric_read(const struct metric *metric, const void *row, struct metric_value *out)
{
	*out = (struct metric_value){ 0 };
	if (!read_field(metric, (const char *)row + metric->offset, out))
		return false;
	/* A moment that never was. */
	return out->number || !(metric->meaning == DATE || metric->meaning == WALL_DATE ||
				metric->meaning == AGE);
}
