/* SPDX-License-Identifier: MIT */
/*
 * A fleet, for collectd's plugin exec: what the plugin would dispatch at so many routers, all of it
 * known, under the names omr001, omr002 ... By rounds of INTERVAL seconds, through which the
 * routers are spread, until it is ended. For none, only the names of one router are printed.
 *	fleet ROUTERS WANS INTERVAL, or fleet 0 WANS 0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "collectd-plugin/values.h"
#include "tests/know_all.h"

struct router {
	char name[16];
	long interval_s;
	uint64_t round;		/* totals have grown by it */
};

static void print_number(const struct router *router, const struct value_list *list, size_t i)
{
	if (list->grows)
		printf(":%" PRIu64, list->totals[i] + router->round * 1000);
	else
		printf(":%.6g", list->gauges[i]);
}

static void put(void *arg, const struct value_list *list)
{
	const struct router *router = arg;

	if (!router->interval_s) {
		printf("%s/%s%s%s\n", list->place, list->type, *list->instance ? "-" : "",
		       list->instance);
		return;
	}
	printf("PUTVAL \"%s/mptcp-%s/%s%s%s\" interval=%ld N", router->name, list->place,
	       list->type, *list->instance ? "-" : "", list->instance, router->interval_s);
	for (size_t i = 0; i < list->count; i++)
		print_number(router, list, i);
	putchar('\n');
}

static void put_all(struct snapshot *snapshot, struct router *router)
{
	values_of(snapshot, put, router);
	values_of_now(snapshot, snapshot->taken_ms, put, router);
}

static void build(struct snapshot *snapshot, struct wan *wans, size_t count)
{
	know_all(&metric_tables[TABLE_HOST], &snapshot->host);
	snapshot->taken_ms = snapshot->host.complete_ms = 50000;
	snapshot->host.interval_ms = 5000;
	snapshot->wans = wans;
	snapshot->wan_count = count;
	for (size_t i = 0; i < count; i++) {
		know_all(&metric_tables[TABLE_WAN], &wans[i]);
		snprintf(wans[i].name, sizeof(wans[i].name), "wan%zu", i + 1);
	}
}

static void put_round(struct snapshot *snapshot, struct router *router, long routers)
{
	long pause_ns = router->interval_s * (1000000000 / routers);
	struct timespec pause = { pause_ns / 1000000000, pause_ns % 1000000000 };

	for (long i = 1; i <= routers; i++) {
		snprintf(router->name, sizeof(router->name), "omr%03ld", i);
		put_all(snapshot, router);
		if (fflush(stdout))
			exit(0);		/* collectd has gone */
		nanosleep(&pause, NULL);
	}
	router->round++;
}

int main(int argc, char **argv)
{
	static struct snapshot snapshot;
	static struct wan wans[WANS_MAX];
	struct router router = { .round = 0 };
	long routers, count;

	if (argc != 4)
		return 2;
	routers = atol(argv[1]);
	count = atol(argv[2]);
	router.interval_s = atol(argv[3]);
	if (routers < 0 || routers > 9999 || count < 0 || count > WANS_MAX)
		return 2;
	build(&snapshot, wans, (size_t)count);
	if (!routers || !router.interval_s) {
		router.interval_s = 0;
		put_all(&snapshot, &router);
		return 0;
	}
	for (;;)
		put_round(&snapshot, &router, routers);
}
