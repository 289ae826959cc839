/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/finding.h"
#include "tests/view_site.h"

enum { FAULT_S = 200 }; /* so long it has been so */

#define TEXT "no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, set it to at least 5"

static struct maybe_u64 some(uint64_t value)
{
	return (struct maybe_u64){ true, value };
}

static void fill_wan(struct wan *wan, uint32_t number)
{
	*wan = (struct wan){
		.index = number,
		.ifindex = 4 + number,
		.role = ROLE_ACTIVE,
		.state = WAN_CARRYING,
		.since_ms = (SITE_NOW_S - FAULT_S) * UINT64_C(1000),
		.cause_text = "",
		.alarm_severity = SEVERITY_NONE,
		.admin_up = true,
		.up = true,
		.endpoints_v4 = 1,
		.connections = 2,
		.connections_eligible = 2,
		.subflows = 2,
		.joins_attempted = some(number == 1 ? 0 : 2),
		.joins_established = some(number == 1 ? 0 : 2),
		.joins_failed = some(0),
		.joins_unanswered = some(0),
		.joins_refused = some(0),
		.joins_reset = some(0),
		.joins_stripped = some(0),
		.joins_abandoned = some(0),
		.in_octets = 1000 * number,
		.out_octets = 5000000 * UINT64_C(1000) * number,
		.in_kbps = { true, 90 },
		.out_kbps = { true, 12000 },
		.share_in = { true, 2500 },
		.share_out = { true, 2500 },
		.rtt_us = { true, 20500 },
		.retrans_ratio = { true, 12 },
	};
	snprintf(wan->name, sizeof(wan->name), "wan%u", number);
	snprintf(wan->ifname, sizeof(wan->ifname), "eth%u", number);
}

static void fill_endpoint(struct endpoint *endpoint, uint32_t number)
{
	*endpoint = (struct endpoint){ .id = number,
				       .address = { AF_INET, { 10, 0, 0, (uint8_t)number } },
				       .flags = ENDPOINT_SUBFLOW,
				       .ifindex = 4 + number,
				       .wan_index = number,
				       .usable = true };
	snprintf(endpoint->wan_name, sizeof(endpoint->wan_name), "wan%u", number);
}

static void fill_host(struct host *host)
{
	*host = (struct host){
		.enabled = { true, true },
		.path_manager = "kernel",
		.scheduler = "default",
		.subflow_limit = { true, 5 },
		.add_addr_limit = { true, 1 },
		.endpoints = { true, SITE_WANS },
		.connections = { true, 2 },
		.fallback_connections = { true, 0 },
		.connections_at_limit = { true, 2 },
		.subflows = { true, 12 },
		.subflows_attempted = { true, 0 },
		.wans_configured = SITE_WANS,
		.wans_up = SITE_WANS,
		.wans_joined = SITE_WANS,
		.wans_carrying = SITE_WANS,
		.accounting = ACCOUNTING_EXACT,
		.interval_ms = 5000,
		.complete_ms = (SITE_NOW_S - 1) * UINT64_C(1000),
		.since_ms = (SITE_NOW_S - 7500) * UINT64_C(1000),
		.since_s = SITE_NOW_S - 7500,
		.polls = 1500,
		.worst_severity = SEVERITY_NONE,
		.role = ROLE_ROUTER,
		.subflows_needed = { true, 5 },
		.add_addr_needed = { true, 0 },
		.ceiling = 8,
		.ceiling_assumed = true,
		.endpoint_ceiling = 8,
		.far_addresses = { true, 1 },
		.families = FAMILY_V4,
		.subflows_per_connection = { true, 600 },
		.tcp_memory_kib = { true, 1234 },
		.cpu_busiest = { true, 1250 },
		.version = "0.1.0",
	};
}

void view_site_well(struct view_site *site)
{
	memset(site, 0, sizeof(*site));
	for (uint32_t number = 1; number <= SITE_WANS; number++) {
		fill_wan(&site->wans[number - 1], number);
		fill_endpoint(&site->endpoints[number - 1], number);
	}
	fill_host(&site->snapshot.host);
	site->snapshot.taken_ms = site->snapshot.wall_ms = (SITE_NOW_S - 1) * UINT64_C(1000);
	site->snapshot.wans = site->wans;
	site->snapshot.wan_count = SITE_WANS;
	site->snapshot.endpoints = site->endpoints;
	site->snapshot.endpoint_count = SITE_WANS;
	site->snapshot.findings = site->findings;
	site->snapshot.alarms = site->alarms;
	site->snapshot.counters = site->counters;
	settings_default(&site->view.settings);
	site->view.snapshot = &site->snapshot;
	site->view.from_agent = true;
	site->view.now_s = SITE_NOW_S;
}

struct finding *view_site_find(struct view_site *site, uint32_t wan, enum cause cause,
			       enum severity severity)
{
	struct finding *finding = &site->findings[site->snapshot.finding_count++];

	*finding = (struct finding){ .wan_index = wan,
				     .cause = cause,
				     .severity = severity,
				     .since_ms = (SITE_NOW_S - FAULT_S) * UINT64_C(1000) };
	if (wan)
		strcpy(finding->wan_name, site->wans[wan - 1].name);
	return finding;
}

struct alarm *view_site_alarm(struct view_site *site, uint32_t wan, enum cause cause,
			      enum severity severity)
{
	struct alarm *alarm = &site->alarms[site->snapshot.alarm_count++];

	*alarm = (struct alarm){ .wan_index = wan,
				 .type = wan ? ALARM_UP_BUT_IDLE : ALARM_HOST + cause,
				 .cause = cause,
				 .severity = severity,
				 .sequence = 1,
				 .raised_s = SITE_NOW_S - FAULT_S / 2 };
	if (severity > site->snapshot.host.worst_severity)
		site->snapshot.host.worst_severity = severity;
	if (!wan)
		return alarm;
	strcpy(alarm->wan_name, site->wans[wan - 1].name);
	site->wans[wan - 1].alarm = true;
	site->wans[wan - 1].alarm_severity = severity;
	site->snapshot.host.wans_in_alarm++;
	return alarm;
}

void view_site_seed(struct view_site *site)
{
	view_site_well(site);
	site->snapshot.host.subflow_limit.value = 3;
	site->snapshot.host.subflows.value = 8;
	site->snapshot.host.subflows_per_connection.value = 400;
	site->snapshot.host.wans_joined = site->snapshot.host.wans_carrying = 4;
	for (uint32_t number = 5; number <= 6; number++) {
		struct wan *wan = &site->wans[number - 1];
		struct finding *finding =
			view_site_find(site, number, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);

		wan->state = WAN_UNJOINED;
		wan->cause = CAUSE_SUBFLOW_LIMIT;
		wan->subflows = wan->connections = 0;
		wan->joins_attempted = wan->joins_established = some(0);
		wan->in_octets = wan->out_octets = 0;
		wan->in_kbps.value = wan->out_kbps.value = 0;
		wan->share_in.value = wan->share_out.value = 0;
		wan->rtt_us.known = wan->retrans_ratio.known = false;
		strcpy(finding->text, TEXT);
		strcpy(finding->now, "ip mptcp limits set subflows 5");
		strcpy(finding->for_good, "where ip mptcp limits is run at boot");
		strcpy(finding->far_end, "its limit must be at least as high");
		strcpy(finding->restart, "the tunnel or proxy");
		snprintf(view_site_alarm(site, number, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR)->text,
			 STORY_LEN, "%s: " TEXT ". Now: ip mptcp limits set subflows 5", wan->name);
	}
}
