/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DIAGNOSE_WORLD_H
#define TESTS_DIAGNOSE_WORLD_H
#include "lib/diagnose.h"
#include "lib/finding.h"

/*
 * A router for the diagnosis to look at: lines wan1 to wan6, each up, with an address and an
 * endpoint (10.0.0.N, id N), the far end 192.0.2.1, limits of 8. A test changes what it likes; the
 * next poll finds it so, and works out the rest as snapshot_build() would: which lines are up and
 * have usable endpoints, how many subflows and connections there are.
 */
enum { WORLD_WANS = 6, WORLD_CONNECTIONS = 32, WORLD_ENDPOINTS = 16, WORLD_COUNTERS = 4 };
enum { WORLD_POLL_MS = 5000 };

struct world {
	size_t wan_count;
	struct wan wans[WORLD_WANS];	/* subflows: those of connections that are not spelt out */
	struct endpoint endpoints[WORLD_ENDPOINTS];
	struct counter counters[WORLD_COUNTERS];
	struct connection connections[WORLD_CONNECTIONS];
	struct host host;
	struct harvest harvest;
	struct settings settings;
	struct history history;
	int errors[QUESTIONS];
	uint64_t now_ms;
	size_t endpoint_count, counter_count;
	const struct snapshot *now;	/* of the last poll; held by the history */
	int diagnosed;			/* what diagnose() returned */
};

/* The lines of a connection: a bit each, wan1 the first. */
enum { WAN1 = 1, WAN2 = 2, WAN3 = 4, WAN4 = 8, WAN5 = 16, WAN6 = 32, ALL_LINES = 63 };

struct world *world_new(size_t wans);	/* not polled yet */
void world_free(struct world *);

/* The WAN of that number as the last poll found it. */
const struct wan *world_poll(struct world *, uint64_t after_ms);	/* wan1 */
const struct wan *world_run(struct world *, uint64_t ms);	/* polls for so long; wan1 */
const struct wan *world_wan(const struct world *, uint32_t number);

/* Begins with the next poll, on these lines; one subflow each. Valid as long as the world. */
struct connection *world_connect(struct world *, uint32_t lines);

/* All connections lose this line. */
void world_leave(struct world *, uint32_t number);

/* The limits in force, which connections know at once. */
void world_limits(struct world *, uint32_t subflows, uint32_t add_addr);

/* One more of the WAN's; and all of them gone. */
struct endpoint *world_endpoint(struct world *, uint32_t number, uint8_t family, uint32_t flags);
void world_no_endpoint(struct world *, uint32_t number);

/* The kernel counts it once more; a counter has to be there a poll before it grows. */
void world_count(struct world *, const char *name);

/* Of the last poll; number 0: the host. NULL: not found. */
const struct finding *world_finding(const struct world *, uint32_t number, enum cause);

/* "state cause" of a WAN, in words. Returns text. */
enum { SAID_LEN = 64 };
const char *world_says(const struct world *, uint32_t number, char *text);
#define is_said(world, number, want, ...)                                                          \
	do {                                                                                       \
		char said[SAID_LEN];                                                               \
		is_text(world_says(world, number, said), want, __VA_ARGS__);                       \
	} while (0)
enum verdict world_verdict(const struct world *, enum cause);
#endif
