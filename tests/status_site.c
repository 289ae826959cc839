/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include "tests/status_site.h"

#define MS(s) ((uint64_t)(s)*1000)
#define BEGUN_MS MS(STATUS_SITE_NOW_S - 600) /* and nothing has changed since */

static const struct status_site filled = {
	.snapshot = {
		.taken_ms = MS(STATUS_SITE_NOW_S),
		.wall_ms = MS(STATUS_SITE_NOW_S),
		.host = {
			.enabled = { true, true },
			.path_manager = "kernel",
			.scheduler = "default",
			.subflow_limit = { true, 3 },
			.add_addr_limit = { true, 1 },
			.connections = { true, 8 },
			.subflows = { true, 13 },
			.subflows_needed = { true, 5 },
			.wans_configured = 3,
			.wans_up = 3,
			.wans_joined = 2,
			.wans_carrying = 1,
			.accounting = ACCOUNTING_EVENTS,
			.accounting_reason = "BPF: not permitted",
			.truncated_subflows = 2,
			.interval_ms = 5000,
			.complete_ms = MS(STATUS_SITE_NOW_S - 3),
			.since_ms = BEGUN_MS,
			.since_s = STATUS_SITE_NOW_S - 601,
			.role = ROLE_ROUTER,
			.worst_severity = SEVERITY_MAJOR,
			.wans_in_alarm = 1,
			.polls = 120,
			.version = "0.1.0",
		},
		.wan_count = STATUS_SITE_WANS,
		.endpoint_count = 2,
		.counter_count = 1,
		.finding_count = 2,
		.alarm_count = 1,
	},
	.wans = {
		{ .index = 1,
		  .name = "wan1",
		  .label = "Fibre",
		  .ifindex = 3,
		  .ifname = "eth1",
		  .role = ROLE_ACTIVE,
		  .state = WAN_CARRYING,
		  .since_ms = BEGUN_MS,
		  .subflows = 12,
		  .share_out = { true, 2712 },
		  .out_kbps = { true, 41040 },
		  .in_kbps = { true, 900 },
		  .rtt_us = { true, 20500 },
		  .out_octets = UINT64_MAX,
		  .joins_attempted = { true, 7 },
		  .alarm_severity = SEVERITY_NONE },
		{ .index = 7,
		  .name = "wan2",
		  .role = ROLE_ACTIVE,
		  .state = WAN_UNJOINED,
		  .since_ms = BEGUN_MS,
		  .out_kbps = { true, 0 },
		  .in_kbps = { true, 0 },
		  .share_out = { true, 0 },
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .cause_text = "the subflow limit 3 leaves room for 1+3 lines of 6. Now: \"ip mptcp limits\"",
		  .alarm = true,
		  .alarm_severity = SEVERITY_MAJOR },
		{ .index = 8,
		  .name = "wan3",
		  .role = ROLE_BACKUP,
		  .state = WAN_STANDBY,
		  .since_ms = BEGUN_MS,
		  .subflows = 1,
		  .alarm_severity = SEVERITY_NONE },
	},
	.endpoints = {
		{ .id = 1,
		  .address = { AF_INET, { 192, 0, 2, 1 } },
		  .flags = ENDPOINT_SUBFLOW,
		  .ifindex = 3,
		  .wan_index = 1,
		  .wan_name = "wan1" },
		{ .id = 9,
		  .address = { AF_INET6, { 0x20, 1, 0xd, 0xb8 } },
		  .port = 443,
		  .flags = ENDPOINT_SIGNAL | ENDPOINT_BACKUP | ENDPOINT_LAMINAR },
	},
	.counters = { { .number = 3, .name = "MPCapableSYNRX", .value = 5 } },
	.findings = {
		{ .cause = CAUSE_EVENTS_LOST, .severity = SEVERITY_INFO, .text = "9 events were lost" },
		{ .wan_index = 7,
		  .since_ms = BEGUN_MS,
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .severity = SEVERITY_MAJOR,
		  .wan_name = "wan2",
		  .text = "the subflow limit 3 leaves room for 1+3 lines of 6",
		  .now = "ip mptcp limits set subflows 5" },
	},
	.alarms = {
		{ .wan_index = 7,
		  .type = ALARM_UP_BUT_IDLE,
		  .wan_name = "wan2",
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .severity = SEVERITY_MAJOR,
		  .sequence = 12,
		  .raised_s = STATUS_SITE_NOW_S - 100,
		  .text = "wan2: the subflow limit 3 leaves room for 1+3 lines of 6" },
	},
};

void status_site_fill(struct status_site *site)
{
	*site = filled;
	site->snapshot.wans = site->wans;
	site->snapshot.endpoints = site->endpoints;
	site->snapshot.counters = site->counters;
	site->snapshot.findings = site->findings;
	site->snapshot.alarms = site->alarms;
}
