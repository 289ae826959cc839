/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/owner.h"
#include "lib/snapshot.h"
#include "lib/version.h"

/* Before a source has answered once its values are absent; afterwards the last ones hold. */
static struct maybe_u32 known_u32(bool known, uint64_t value)
{
	return (struct maybe_u32){ known, value > UINT32_MAX ? UINT32_MAX : (uint32_t)value };
}

/*
 * --- host --------------------------------------------------------------------------------------
 */

static void join_host(struct host *host, const struct ingredients *in)
{
	const struct harvest *harvest = in->harvest;
	bool connections_known = harvest->ever[Q_CONNECTIONS],
	     subflows_known = harvest->ever[Q_SUBFLOWS];
	const struct tally *tallies = ledger_tallies(in->ledger);
	const struct gauge *gauges = ledger_gauges(in->ledger);
	uint64_t subflows = 0, attempted = 0, at_limit = 0, opening = 0, fallback = 0;

	for (size_t slot = 0; slot <= WANS_MAX; slot++) {
		host->in_octets += tallies[slot].in_octets;
		host->out_octets += tallies[slot].out_octets;
		host->retrans_octets += tallies[slot].retrans_octets;
		subflows += gauges[slot].subflows;
		attempted += gauges[slot].attempted;
	}
	for (size_t i = 0; i < harvest->connections.count; i++) {
		const struct connection *connection = &harvest->connections.rows[i];

		at_limit += connection->at_limit && !connection->opening;
		opening += connection->opening;
		fallback += connection->fallback && !connection->opening;
	}
	host->unattrib_in_octets = tallies[UNATTRIBUTED].in_octets;
	host->unattrib_out_octets = tallies[UNATTRIBUTED].out_octets;
	host->subflows = known_u32(subflows_known, subflows);
	host->subflows_attempted = known_u32(subflows_known, attempted);
	host->connections =
		known_u32(connections_known, harvest->connections.count - opening - fallback);
	host->fallback_connections = known_u32(connections_known, fallback);
	host->connections_at_limit = known_u32(connections_known, at_limit);
	host->endpoints = known_u32(harvest->ever[Q_ENDPOINTS], harvest->endpoint_count);
	host->enabled = harvest->sysctls.enabled;
	memcpy(host->path_manager, harvest->sysctls.path_manager, sizeof(host->path_manager));
	memcpy(host->scheduler, harvest->sysctls.scheduler, sizeof(host->scheduler));
	host->subflow_limit = harvest->limits.subflows;
	host->add_addr_limit = harvest->limits.add_addr;
	host->accounting = subflows_known ? in->accounting : ACCOUNTING_UNAVAILABLE;
	snprintf(host->accounting_reason, sizeof(host->accounting_reason), "%s",
		 in->accounting_reason);
	host->truncated_subflows = ledger_truncated(in->ledger);
	host->events_lost = ledger_events_lost(in->ledger);
	host->interval_ms = in->interval_ms;
	host->since_ms = in->since_ms;
	host->since_s = in->since_s;
	host->role = ROLE_ROUTER;
	host->worst_severity = SEVERITY_NONE;
	snprintf(host->version, sizeof(host->version), "%s", MPTCP_WAN_VERSION);
}

/*
 * --- WANs --------------------------------------------------------------------------------------
 */

static void join_tally(struct wan *wan, const struct tally *tally, bool joins_known)
{
	uint64_t failed = tally->joins_unanswered + tally->joins_refused + tally->joins_reset;

	wan->in_octets = tally->in_octets;
	wan->out_octets = tally->out_octets;
	wan->retrans_octets = tally->retrans_octets;
	wan->plain_in_octets = tally->plain_in_octets;
	wan->plain_out_octets = tally->plain_out_octets;
	wan->connects_unanswered = tally->connects_unanswered;
	wan->connects_refused = tally->connects_refused;
	wan->subflows_opened = tally->opened;
	wan->subflows_closed = tally->closed;
	wan->joins_attempted = (struct maybe_u64){ joins_known, tally->joins_attempted };
	wan->joins_failed = (struct maybe_u64){ joins_known, failed };
	wan->joins_unanswered = (struct maybe_u64){ joins_known, tally->joins_unanswered };
	wan->joins_refused = (struct maybe_u64){ joins_known, tally->joins_refused };
	wan->joins_reset = (struct maybe_u64){ joins_known, tally->joins_reset };
	wan->joins_stripped = (struct maybe_u64){ joins_known, tally->joins_stripped };
	wan->joins_abandoned = (struct maybe_u64){ joins_known, tally->joins_abandoned };
	wan->joins_established = (struct maybe_u64){ joins_known, tally->joins_established };
}

static void join_gauge(struct wan *wan, const struct gauge *gauge)
{
	wan->subflows = gauge->subflows;
	wan->subflows_attempted = gauge->attempted;
	wan->subflows_backup = gauge->backup;
	wan->subflows_v4 = gauge->v4;
	wan->subflows_v6 = gauge->v6;
	if (gauge->subflows)
		wan->rtt_us = known_u32(true, gauge->rtt_sum_us / gauge->subflows);
	wan->min_rtt_us = known_u32(gauge->min_rtt_us != 0, gauge->min_rtt_us);
}

/* `addresses`: how many of the link's are this WAN's; without one it is not up. */
static void join_link(struct wan *wan, const struct book_link *link, uint32_t addresses)
{
	if (!link)
		return;
	wan->ifindex = link->row.ifindex;
	memcpy(wan->ifname, link->row.name, sizeof(wan->ifname));
	wan->admin_up = link->row.admin_up;
	wan->carrier = link->row.up;
	wan->addresses = addresses;
	wan->up = wan->carrier && addresses;
	wan->if_in_octets = link->row.in_octets;
	wan->if_out_octets = link->row.out_octets;
	if (!wan->label[0])
		memcpy(wan->label, link->row.alias, sizeof(wan->label));
}

static void join_address(struct wan *wan, const struct addressbook *book)
{
	if (wan->ifindex && !addressbook_address_of(book, wan->ifindex, AF_INET, &wan->address))
		(void)addressbook_address_of(book, wan->ifindex, AF_INET6, &wan->address);
}

static void join_rival(struct wan *wan, const struct addressbook *book)
{
	const struct book_link *rival = wan->ifindex ? addressbook_rival(book, wan->ifindex) : NULL;

	if (rival)
		memcpy(wan->rival, rival->row.name, sizeof(wan->rival));
}

/* Returns the role that its usable endpoints give it, 0 without any. */
static uint32_t join_endpoints(struct wan *wan, const struct snapshot *snapshot)
{
	uint32_t usable_count = 0, backup_count = 0;

	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];

		if (endpoint->wan_index != wan->index)
			continue;
		if (endpoint->stale) {
			wan->endpoints_stale++;
			continue;
		}
		*(endpoint->address.family == AF_INET ? &wan->endpoints_v4 : &wan->endpoints_v6) +=
			1;
		usable_count += endpoint->usable;
		wan->endpoints_unusable +=
			!endpoint->usable && !(endpoint->flags & ENDPOINT_IMPLICIT);
		backup_count += endpoint->usable && endpoint->flags & ENDPOINT_BACKUP;
	}
	wan->usable_endpoint = usable_count;
	if (!usable_count)
		return 0;
	return backup_count == usable_count ? ROLE_BACKUP : ROLE_ACTIVE;
}

/* What the registry keeps of a WAN beyond this moment. */
static void remember(const struct ingredients *in, struct known_wan *known, const struct wan *wan,
		     uint32_t endpoints_role)
{
	uint64_t wall_s = in->wall_ms / 1000;

	if ((wan->usable_endpoint && !known->ever_usable_endpoint) ||
	    (wan->subflows && !known->ever_joined) ||
	    (endpoints_role && endpoints_role != known->last_role))
		in->registry->dirty = true;
	known->ever_usable_endpoint |= wan->usable_endpoint;
	known->ever_joined |= wan->subflows > 0;
	if (endpoints_role)
		known->last_role = endpoints_role;
	if (!wan->up)
		known->up_ms = 0;
	else if (!known->up_ms || known->up_ifindex != wan->ifindex)
		known->up_ms = in->now_ms;
	known->up_ifindex = wan->ifindex;
	known->present = wan->ifindex;
	if (!known->present || wall_s < CLOCK_SET_S)
		return;
	/*
	 * Written when it tells something new; an hour's worth of that is enough to forget it after
	 * 30 days. A clock that was set back is believed, too.
	 */
	if (wall_s < known->seen_s || wall_s - known->seen_s >= 3600) {
		known->seen_s = wall_s;
		in->registry->dirty = true;
	}
}

/* It may be joined since its interface is up and its oldest usable endpoint is there. */
static uint64_t attached_since(const struct snapshot *snapshot, const struct wan *wan,
			       uint64_t up_ms)
{
	uint64_t oldest_ms = 0;

	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];

		if (endpoint->wan_index == wan->index && endpoint->usable &&
		    (!oldest_ms || endpoint->first_ms < oldest_ms))
			oldest_ms = endpoint->first_ms;
	}
	if (!up_ms || !oldest_ms)
		return 0;
	return up_ms > oldest_ms ? up_ms : oldest_ms;
}

/* Without endpoints the role they had holds: a backup line that goes away is still one. */
static uint32_t role_of(const struct known_wan *known)
{
	if (known->role)
		return known->role;
	return known->last_role ? known->last_role : ROLE_ACTIVE;
}

/* A WAN by addresses is where one of them is, one by device where its name is. */
static void join_place(struct wan *wan, const struct known_wan *known,
		       const struct addressbook *book)
{
	const struct book_link *link;
	uint32_t addresses;

	if (known->address_count) {
		link = addressbook_within(book, known->addresses, known->address_count, &addresses);
	} else {
		link = addressbook_find(book, known->device);
		addresses = link ? link->v4 + link->v6 : 0;
	}
	join_link(wan, link, addresses);
}

static void join_wan(struct snapshot *snapshot, struct wan *wan, int slot,
		     const struct ingredients *in)
{
	struct known_wan *known = &in->registry->wans[slot];
	uint32_t endpoints_role;

	wan->slot = (uint8_t)slot;
	wan->index = known->index;
	memcpy(wan->name, known->name, sizeof(wan->name));
	memcpy(wan->label, known->label, sizeof(wan->label));
	wan->state = WAN_UNKNOWN;
	wan->alarm_severity = SEVERITY_NONE;
	join_tally(wan, &ledger_tallies(in->ledger)[slot], in->joins_known);
	join_gauge(wan, &ledger_gauges(in->ledger)[slot]);
	memcpy(wan->base, known->base, sizeof(wan->base));
	wan->rate_in_kbps = known_u32(known->rate_in_kbps, known->rate_in_kbps);
	wan->rate_out_kbps = known_u32(known->rate_out_kbps, known->rate_out_kbps);
	join_place(wan, known, in->book);
	join_address(wan, in->book);
	join_rival(wan, in->book);
	endpoints_role = join_endpoints(wan, snapshot);
	remember(in, known, wan, endpoints_role);
	wan->role = role_of(known);
	wan->ever_usable_endpoint = known->ever_usable_endpoint;
	wan->ever_joined = known->ever_joined;
	wan->configured = known->configured;
	wan->attached_ms = attached_since(snapshot, wan, known->up_ms);
}

static int compare_wans(const void *a, const void *b)
{
	const struct wan *left = a, *right = b;

	return (left->index > right->index) - (left->index < right->index);
}

static void join_wans(struct snapshot *snapshot, const struct ingredients *in)
{
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (in->registry->wans[slot].used)
			join_wan(snapshot, &snapshot->wans[snapshot->wan_count++], slot, in);
	if (snapshot->wan_count)
		qsort(snapshot->wans, snapshot->wan_count, sizeof(*snapshot->wans), compare_wans);
}

/*
 * --- endpoints ---------------------------------------------------------------------------------
 */

static void join_endpoint_list(struct snapshot *snapshot, const struct ingredients *in)
{
	for (size_t i = 0; i < in->harvest->endpoint_count; i++) {
		snapshot->endpoints[i] = in->harvest->endpoints[i];
		owner_of_endpoint(in->registry, in->book, &snapshot->endpoints[i],
				  in->wall_ms / 1000);
	}
	snapshot->endpoint_count = in->harvest->endpoint_count;
}

/*
 * --- the snapshot ------------------------------------------------------------------------------
 */

/*
 * One allocation, so that releasing is one free: the struct, then its rows in falling order of
 * alignment.
 */
static struct snapshot *allocate(size_t wans, size_t endpoints, size_t counters)
{
	struct snapshot *snapshot;
	char *rows;

	snapshot = calloc(1, sizeof(*snapshot) + wans * sizeof(struct wan) +
				     wans * sizeof(struct join_memory) +
				     counters * sizeof(struct counter) +
				     endpoints * sizeof(struct endpoint));
	if (!snapshot)
		return NULL;
	rows = (char *)(snapshot + 1);
	snapshot->wans = (struct wan *)rows;
	rows += wans * sizeof(struct wan);
	snapshot->joins = (struct join_memory *)rows;
	rows += wans * sizeof(struct join_memory);
	snapshot->counters = (struct counter *)rows;
	rows += counters * sizeof(struct counter);
	snapshot->endpoints = (struct endpoint *)rows;
	return snapshot;
}

struct snapshot *snapshot_build(const struct ingredients *in)
{
	const struct harvest *harvest = in->harvest;
	struct snapshot *snapshot =
		allocate(WANS_MAX, harvest->endpoint_count, harvest->counter_count);

	if (!snapshot)
		return NULL;
	atomic_init(&snapshot->holders, 1);
	snapshot->taken_ms = in->now_ms;
	snapshot->wall_ms = in->wall_ms;
	memcpy(snapshot->answers, harvest->answers, sizeof(snapshot->answers));
	if (harvest->counter_count)
		memcpy(snapshot->counters, harvest->counters,
		       harvest->counter_count * sizeof(struct counter));
	snapshot->counter_count = harvest->counter_count;
	join_host(&snapshot->host, in);
	join_endpoint_list(snapshot, in);
	join_wans(snapshot, in);
	return snapshot;
}

const struct snapshot *snapshot_hold(const struct snapshot *snapshot)
{
	atomic_fetch_add_explicit(&((struct snapshot *)snapshot)->holders, 1, memory_order_relaxed);
	return snapshot;
}

void snapshot_release(const struct snapshot *snapshot)
{
	struct snapshot *held = (struct snapshot *)snapshot;

	if (!held || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) != 1)
		return;
	alarm_log_release(held->alarm_log);
	free(held->alarms);
	free(held->findings);
	free(held->stories);
	free(held);
}

const struct wan *snapshot_wan(const struct snapshot *snapshot, uint32_t index)
{
	for (size_t i = 0; i < snapshot->wan_count; i++)
		if (snapshot->wans[i].index == index)
			return &snapshot->wans[i];
	return NULL;
}

uint64_t snapshot_wall_s(const struct snapshot *snapshot, uint64_t ms)
{
	uint64_t age_ms = snapshot->taken_ms - ms;

	/* A clock that was not set yet may tell less than the machine is up. */
	return snapshot->wall_ms < age_ms ? 0 : (snapshot->wall_ms - age_ms + 500) / 1000;
}
