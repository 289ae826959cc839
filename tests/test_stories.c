/* SPDX-License-Identifier: MIT */
/*
 * Every cause there is, found once with the longest names and the greatest numbers that may be: no
 * part of a story is cut, and the story as a whole is not.
 */
#include <errno.h>
#include <netinet/in.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

enum { KERNEL_NAME_LEN = 16 };	/* MPTCP_SCHED_NAME_MAX, MPTCP_PM_NAME_MAX: include/net/mptcp.h */
static const uint64_t MANY = UINT64_C(1) << 40;
static bool told[CAUSES];

static void fill(char *text, size_t size, size_t number)
{
	memset(text, 'w', size - 1);
	text[size - 1] = '\0';
	text[0] = (char)('a' + number);
}

static void longest_names(struct world *w)
{
	for (size_t i = 0; i < w->wan_count; i++) {
		fill(w->wans[i].name, sizeof(w->wans[i].name), i);
		fill(w->wans[i].ifname, sizeof(w->wans[i].ifname), i);
		w->wans[i].ifindex = (uint32_t)INT32_MAX - (uint32_t)i;
	}
	for (size_t i = 0; i < w->endpoint_count; i++) {
		w->endpoints[i].id = (uint32_t)(255 - i);
		w->endpoints[i].address.family = AF_INET6;
		memset(w->endpoints[i].address.bytes, 0xfd, 16);
	}
	fill(w->host.scheduler, KERNEL_NAME_LEN, 0);
	fill(w->host.last_error, sizeof(w->host.last_error), 0);
	fill(w->host.accounting_reason, sizeof(w->host.accounting_reason), 0);
}

static struct world *world(uint32_t lines)
{
	struct world *w = world_new(6);
	struct connection *connection;

	longest_names(w);
	for (size_t i = 0; i < w->wan_count; i++) {
		struct wan *wan = &w->wans[i];

		wan->joins_attempted.known = wan->joins_unanswered.known = true;
		wan->joins_refused.known = wan->joins_reset.known = true;
		wan->joins_stripped.known = wan->joins_established.known = true;
	}
	world_poll(w, 0);
	connection = world_connect(w, lines);
	memset(connection->remote.bytes, 0xfd, 16);
	connection->remote.family = AF_INET6;
	world_run(w, 20000);
	return w;
}

static bool whole(const char *part)
{
	return strlen(part) < SENTENCE_LEN - 1;
}

static void tell_all(struct world *w)
{
	char story[STORY_LEN];

	for (size_t i = 0; i < w->now->finding_count; i++) {
		const struct finding *finding = &w->now->findings[i];
		const char *word = cause_words[finding->cause];

		if (!told[finding->cause])
			ok(*finding->text, "%s", word);
		told[finding->cause] = true;
		if (!whole(finding->text) || !whole(finding->now) || !whole(finding->for_good) ||
		    !whole(finding->far_end) || !whole(finding->restart))
			ok(false, "%s: a part is cut: %s / %s / %s / %s / %s", word, finding->text,
			   finding->now, finding->for_good, finding->far_end, finding->restart);
		finding_tell(finding, story, sizeof(story));
		if (strlen(story) >= STORY_LEN - 1)
			ok(false, "%s: the story is cut: %s", word, story);
	}
}

static void poll_and_tell(struct world *w)
{
	world_poll(w, WORLD_POLL_MS);
	tell_all(w);
}

static void lines_that_are_down(void)
{
	struct world *w = world(ALL_LINES);

	w->wans[0].ifindex = 0;
	w->wans[1].admin_up = false;
	w->wans[2].carrier = false;
	w->wans[3].addresses = 0;
	memcpy(w->wans[4].base, w->wans[2].name, WAN_NAME_LEN);
	world_no_endpoint(w, 6);
	w->wans[5].subflows = 0;
	world_leave(w, 6);
	world_endpoint(w, 5, AF_INET6, ENDPOINT_SUBFLOW);
	poll_and_tell(w);
	world_free(w);
}

static void lines_without_endpoint(void)
{
	struct world *w = world(WAN2);
	char list[2 * WAN_NAME_LEN + 16];

	w->endpoints[0].stale = true;
	poll_and_tell(w);
	w->endpoints[0].ifindex = UINT32_MAX;
	poll_and_tell(w);
	w->endpoints[0].stale = false;
	w->endpoints[0].flags = ENDPOINT_BACKUP | ENDPOINT_FULLMESH | ENDPOINT_LAMINAR;
	poll_and_tell(w);
	w->wans[0].role = ROLE_BACKUP;
	poll_and_tell(w);
	world_free(w);

	w = world_new(6);
	world_no_endpoint(w, 1);
	longest_names(w);
	world_poll(w, 0);
	poll_and_tell(w);
	fill(w->wans[0].rival, sizeof(w->wans[0].rival), 0);
	poll_and_tell(w);
	w->wans[0].rival[0] = '\0';
	for (uint32_t number = 2; number <= 6; number++)
		world_endpoint(w, number, AF_INET, ENDPOINT_SUBFLOW);
	for (size_t i = 0; i < w->endpoint_count; i++)
		w->endpoints[i].id = 255;
	w->settings.expect.ceiling = (uint32_t)w->endpoint_count;
	poll_and_tell(w);
	snprintf(list, sizeof(list), " of %s, %s, ... (", w->wans[1].name, w->wans[2].name);
	ok(strstr(world_finding(w, 1, CAUSE_ENDPOINT_TABLE_FULL)->now, list) != NULL,
	   "a list has whole names, and tells that there are more");
	world_free(w);
}

static void joins(void)
{
	struct world *w = world(WAN2);
	struct wan *wan = &w->wans[0];

	poll_and_tell(w);
	wan->subflows_attempted = 1;
	poll_and_tell(w);
	wan->joins_unanswered.value += MANY;
	poll_and_tell(w);
	wan->joins_refused.value += MANY;
	poll_and_tell(w);
	wan->joins_reset.value += MANY;
	poll_and_tell(w);
	wan->joins_stripped.value += MANY;
	wan->role = ROLE_BACKUP;
	poll_and_tell(w);
	wan->role = ROLE_ACTIVE;
	poll_and_tell(w);
	w->now->wans[3].route_ifindex.known = true;
	poll_and_tell(w);
	world_count(w, "MPJoinSynTxBindErr");
	poll_and_tell(w);
	world_count(w, "MPJoinSynTxBindErr");
	w->connections[0].first_ms = w->now_ms - 10000;
	poll_and_tell(w);
	world_free(w);
}

static void limits(void)
{
	struct world *w = world(WAN2);

	w->connections[0].extra = 200;
	w->connections[0].accepted = 200;
	world_limits(w, 200, 200);
	poll_and_tell(w);
	w->settings.expect.ceiling = UINT32_MAX;
	poll_and_tell(w);
	for (size_t i = 0; i < 6; i++)
		w->endpoints[i].flags |= ENDPOINT_FULLMESH;
	w->connections[0].subflows = 201;
	poll_and_tell(w);
	w->settings.expect.ceiling = 0;
	poll_and_tell(w);
	w->connections[0].subflows = 1;
	w->connections[0].first_limit = 199;
	world_limits(w, 201, 201);
	poll_and_tell(w);
	w->connections[0].aged = true;
	poll_and_tell(w);
	w->connections[0].extra = 0;
	poll_and_tell(w);
	w->connections[0].aged = false;
	world_limits(w, 201, 200);
	w->connections[0].remote.family = AF_INET;
	poll_and_tell(w);
	w->settings.expect.ceiling = 200;
	poll_and_tell(w);
	world_free(w);
}

static void silent_lines(void)
{
	struct world *w = world(ALL_LINES);

	w->wans[0].role = ROLE_BACKUP;
	w->connections[0].full = WAN3;
	for (int i = 0; i < 5; i++) {
		w->wans[1].retrans_octets += 1000000;
		w->wans[2].out_octets += MANY;
		w->wans[4].rtt_us.value = UINT32_MAX;
		poll_and_tell(w);
	}
	w->wans[2].rate_in_kbps = (struct maybe_u32){ true, 1 };
	w->connections[0].full = 0;
	for (int i = 0; i < 5; i++) {
		w->wans[0].in_octets += MANY;
		w->wans[0].rate_in_kbps = w->wans[2].rate_in_kbps;
		w->wans[2].in_octets += MANY;
		poll_and_tell(w);
	}
	world_free(w);
}

static void the_host(void)
{
	struct world *w = world(WAN1);
	struct connection *plain;

	w->host.enabled.value = false;
	fill(w->host.path_manager, KERNEL_NAME_LEN, 1);
	world_count(w, "Blackhole");
	poll_and_tell(w);
	w->harvest.sysctls.blackhole_timeout_s = (struct maybe_u32){ true, UINT32_MAX };
	world_count(w, "Blackhole");
	plain = world_connect(w, WAN1);
	plain->fallback = true;
	plain->remote = w->connections[0].remote;
	w->wans[0].plain_in_octets = w->wans[0].in_octets = MANY;
	w->connections[0].pending = w->connections[0].was_pending = true;
	w->connections[0].acked_ago_ms = UINT32_MAX - 1;
	poll_and_tell(w);
	w->harvest.sysctls.blackhole_timeout_s.value = 0;
	poll_and_tell(w);
	w->wans[0].connects_refused++;
	w->wans[0].connects_unanswered++;
	w->settings.far_silent_ms = UINT32_MAX - 1;
	poll_and_tell(w);
	w->settings.expect.subflows = w->settings.expect.add_addr =
		(struct maybe_u32){ true, UINT32_MAX };
	fill(w->settings.expect.scheduler, WORD_LEN, 2);
	fill(w->settings.expect.path_manager, WORD_LEN, 3);
	w->host.accounting = ACCOUNTING_SAMPLED;
	w->host.events_lost = UINT64_MAX;
	poll_and_tell(w);
	strcpy(w->host.path_manager, "kernel");
	w->endpoint_count = 0;
	poll_and_tell(w);
	w->errors[Q_SUBFLOWS] = -EPERM;
	poll_and_tell(w);
	world_free(w);
}

static void what_else_there_is(void)
{
	struct world *w = world(ALL_LINES);
	struct load_row *load = &w->harvest.load;

	for (size_t i = 0; i < 6; i++)
		w->wans[i].if_in_octets = w->wans[i].if_out_octets = (struct maybe_u64){ true, 1 };
	world_run(w, 60000);
	load->cores = w->harvest.load_before.cores = 1;
	load->ticks[0] = load->busy[0] = 1000;
	load->softnet_dropped = (struct maybe_u64){ true, UINT64_MAX };
	w->harvest.load_before.softnet_dropped.known = true;
	w->wans[0].if_in_octets.value = UINT64_MAX / 2;
	poll_and_tell(w);
	w->harvest.connections.count = 0;
	poll_and_tell(w);
	world_free(w);
}

int main(void)
{
	lines_that_are_down();
	lines_without_endpoint();
	joins();
	limits();
	silent_lines();
	the_host();
	what_else_there_is();
	for (uint32_t cause = CAUSE_NONE + 1; cause < CAUSES; cause++)
		if (*cause_words[cause] && !told[cause])
			ok(false, "%s was not found", cause_words[cause]);
	return tap_done();
}
