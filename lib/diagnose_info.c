/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>
#include "lib/diagnose_scene.h"

enum { BUSY = 9500 }; /* of a core, in 1/100 % */

/* Of the busiest core since the poll before. */
static struct maybe_u32 busiest(const struct load_row *now, const struct load_row *then)
{
	struct maybe_u32 most = { 0 };

	for (uint32_t core = 0; core < now->cores && core < then->cores; core++) {
		uint64_t ticks = now->ticks[core] - then->ticks[core];
		uint64_t busy = now->busy[core] - then->busy[core];

		/* A core that was away begins anew. */
		if (now->ticks[core] <= then->ticks[core] || busy > ticks)
			continue;
		if (!most.known || busy * 10000 / ticks > most.value)
			most = (struct maybe_u32){ true, (uint32_t)(busy * 10000 / ticks) };
	}
	return most;
}

static void fill_in(struct scene *scene)
{
	const struct load_row *load = &scene->harvest->load;
	struct host *host = &scene->snapshot->host;
	const struct budget *budget = &scene->budget;

	host->subflows_needed = (struct maybe_u32){ host->role == ROLE_ROUTER, budget->needed };
	host->add_addr_needed.known = host->role == ROLE_ROUTER;
	if (host->connections.known && host->connections.value && host->subflows.known)
		host->subflows_per_connection =
			(struct maybe_u32){ true, (uint32_t)((uint64_t)host->subflows.value * 100 /
							     host->connections.value) };
	host->tcp_memory_kib = (struct maybe_u32){
		load->tcp_pages.known,
		(uint32_t)(load->tcp_pages.value * (uint64_t)sysconf(_SC_PAGESIZE) / 1024)
	};
	/* The last two are compared once: those of before say nothing of now. */
	if (!scene->snapshot->answers[Q_LOAD].error)
		host->cpu_busiest = busiest(load, &scene->harvest->load_before);
}

static void note_cpu(struct scene *scene)
{
	const struct maybe_u64 *now = &scene->harvest->load.softnet_dropped;
	const struct maybe_u64 *then = &scene->harvest->load_before.softnet_dropped;
	const struct maybe_u32 *cpu = &scene->snapshot->host.cpu_busiest;
	bool told = !scene->snapshot->answers[Q_LOAD].error && now->known && then->known;
	uint64_t dropped = told && now->value > then->value ? now->value - then->value : 0;
	char core[40] = "", packets[64] = "";

	if (!dropped && !(cpu->known && cpu->value >= BUSY))
		return;
	if (cpu->known)
		snprintf(core, sizeof(core), "the busiest core is at %u %%", (cpu->value + 50) / 100);
	if (dropped)
		snprintf(packets, sizeof(packets), "%llu packet%s found the host too busy",
			 (unsigned long long)dropped, word_plural(dropped));
	finding_say(finding_add(scene, NULL, CAUSE_CPU_BOUND)->text,
		    "%s%s%s: slow lines may have this cause", core,
		    *core && *packets ? ", and " : "", packets);
}

static void note_accounting(struct scene *scene)
{
	const struct host *host = &scene->snapshot->host;
	struct finding *finding;
	uint64_t lost;

	if (host->accounting != ACCOUNTING_EXACT) {
		finding = finding_add(scene, NULL, CAUSE_ACCOUNTING_DEGRADED);
		finding_say(finding->text, "octets are not exact: %.160s", host->accounting_reason);
	}
	if (scene->before && host->events_lost > scene->before->host.events_lost) {
		finding = finding_add(scene, NULL, CAUSE_EVENTS_LOST);
		lost = host->events_lost - scene->before->host.events_lost;
		finding_say(finding->text, "%llu birth%s or ending%s %s lost since the poll before",
			    (unsigned long long)lost, word_plural(lost), word_plural(lost),
			    lost == 1 ? "was" : "were");
	}
}

/* What an interface carries beside MPTCP, over the state window; 0 when that is not known. */
static uint64_t beside(const struct scene *scene, const struct wan *wan, uint64_t *payload)
{
	const struct moment_wan *then =
		scene->window ? moment_wan(scene->window, wan->index) : NULL;
	struct growth growth = growth_of(wan, scene->window);
	uint64_t device;

	*payload = growth.in + growth.out;
	if (!then || !wan->if_in_octets.known || !wan->if_out_octets.known ||
	    (!then->if_in && !then->if_out) || wan->if_in_octets.value < then->if_in ||
	    wan->if_out_octets.value < then->if_out)
		return 0;
	device = wan->if_in_octets.value - then->if_in + wan->if_out_octets.value - then->if_out;
	return device > *payload ? device - *payload : 0;
}

/* Headers and the other end's ACKs are there always: ten times the floor, and twice the payload. */
static void note_other_traffic(struct scene *scene)
{
	uint64_t payload, other, all = 0, least;
	const struct host *host = &scene->snapshot->host;
	struct finding *finding;

	if (!scene->window || scene->blind)
		return;
	least = scene_floor_octets(scene) * 10;
	for (size_t i = 0; i < scene->snapshot->wan_count; i++) {
		const struct wan *wan = &scene->snapshot->wans[i];

		other = beside(scene, wan, &payload);
		all += other;
		if (other < least || other < 2 * payload || !host->connections.value)
			continue;
		finding = finding_add(scene, wan, CAUSE_NOT_MPTCP_TRAFFIC);
		finding_say(
			finding->text,
			"%llu kB passed over it beside %llu kB of MPTCP payload: UDP, a VPN, or what "
			"goes around the proxy",
			(unsigned long long)(other / 1000), (unsigned long long)(payload / 1000));
	}
	/* Why there is none may be known already. */
	if (scene->snapshot->verdicts[CAUSE_MPTCP_DISABLED] == VERDICT_YES ||
	    scene->snapshot->verdicts[CAUSE_FALLBACK] == VERDICT_YES ||
	    scene->snapshot->verdicts[CAUSE_BLACKHOLE] == VERDICT_YES)
		return;
	if (host->connections.known && !host->connections.value && all >= least) {
		finding = finding_add(scene, NULL, CAUSE_NO_MPTCP_TRAFFIC);
		finding_say(
			finding->text,
			"%llu kB passed over the lines, and there is no MPTCP connection: is the proxy or "
			"tunnel running, and over TCP?",
			(unsigned long long)(all / 1000));
	}
}

void note_the_rest(struct scene *scene)
{
	fill_in(scene);
	note_cpu(scene);
	note_accounting(scene);
	note_other_traffic(scene);
}
