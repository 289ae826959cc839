/* SPDX-License-Identifier: MIT */
/* What the kernel of a site says when it is asked. */
#include <inttypes.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include "tests/site.h"

enum { CLOCKLESS_S = 40 };	/* what a router without battery takes for the time, as it boots */

static void tell_lines(struct site *site)
{
	struct fake *fake = site->fake;

	for (size_t i = 0; i < SITE_LINES; i++) {
		const struct site_line *line = &site->lines[i];

		if (line->endpoint)
			fake_add_endpoint(fake, &(struct fake_endpoint){
				.id = line->endpoint,
				.last = line->address,
				.flags = ENDPOINT_SUBFLOW | (line->backup ? ENDPOINT_BACKUP : 0U),
				.ifindex = line->endpoint_ifindex });
		if (!line->present)
			continue;
		fake_add_link(fake, &(struct fake_link){ .ifindex = line->ifindex,
							 .name = line->name,
							 .no_carrier = !line->carrier,
							 .in = line->in,
							 .out = line->out });
		fake_address(fake, line->ifindex, line->address);
	}
}

static uint32_t ulp_flags(const struct site *site, const struct site_connection *connection,
			  size_t line)
{
	bool first = line == connection->first;
	uint32_t flags = first ? MPTCP_SUBFLOW_FLAG_MCAP_LOC : MPTCP_SUBFLOW_FLAG_JOIN_LOC;

	if (!connection->subflows[line].waiting && !connection->fallback &&
	    !connection->unconfirmed)
		flags |= MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED;
	return flags | (site->lines[line].backup ? MPTCP_SUBFLOW_FLAG_BKUP_LOC : 0);
}

static void tell_subflow(struct site *site, const struct site_connection *connection, size_t line)
{
	const struct site_subflow *subflow = &connection->subflows[line];

	fake_add_subflow(site->fake, &(struct fake_subflow){
		.cookie = subflow->cookie,
		.last = site->lines[line].address,
		.port = subflow->port,
		.token = connection->token,
		.state = subflow->waiting ? TCP_SYN_SENT : TCP_ESTABLISHED,
		.flags = ulp_flags(site, connection, line),
		.in = subflow->in,
		.out = subflow->out,
		.rtt_us = site->lines[line].rtt_us,
		.full = subflow->full,
		.acked_ago_ms = subflow->full ? 20 : 4000 });
}

static void tell_connection(struct site *site, const struct site_connection *connection)
{
	fake_add_connection(site->fake, &(struct fake_connection){
		.token = connection->token,
		.state = connection->opening ? TCP_SYN_SENT : TCP_ESTABLISHED,
		.fallback = connection->fallback,
		.extra = connection->extra,
		.limit = site->limit });
	for (size_t i = 0; i < SITE_LINES; i++)
		if (connection->subflows[i].cookie)
			tell_subflow(site, connection, i);
}

static void tell_texts(struct site *site)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "enabled=%d\npath_manager=kernel\nscheduler=default\nblackhole_timeout=3600\n",
		 site->enabled);
	fake_text(site->fake, Q_SYSCTLS, text);
	snprintf(text, sizeof(text),
		 "MPTcpExt: MPCapableSYNTX MPCapableSYNACKRX MPJoinSynTx\n"
		 "MPTcpExt: %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		 site->connects, site->answered, site->joins);
	fake_text(site->fake, Q_COUNTERS, text);
	snprintf(text, sizeof(text), "cpu0 %" PRIu64 " 0 0 %" PRIu64 " 0 0 0 0 0 0\n",
		 site->s * 30, site->s * 70);
	fake_text(site->fake, Q_LOAD, text);
}

void site_tell(struct site *site)
{
	struct fake *fake = site->fake;

	for (size_t i = 0; i < QUESTIONS; i++) {
		fake_forget(fake, (enum question)i);
		fake->errors[i] = 0;
	}
	memset(fake->log, 0, sizeof(fake->log));
	tell_lines(site);
	fake_limits(fake, site->limit, 1);
	for (size_t i = 0; i < SITE_CONNECTIONS; i++)
		if (site->connections[i].token)
			tell_connection(site, &site->connections[i]);
	tell_texts(site);
	fake->now_us = (CLOCKLESS_S + site->s) * 1000000;
	fake->wall_ms = ((site->clock_set ? site->boot_s : CLOCKLESS_S) + site->s) * 1000;
}
