/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STAND_H
#define TESTS_STAND_H
#include "lib/monitor.h"
#include "tests/fake_source.h"

/* A monitor and the scripted kernel that it polls. */
struct stand {
	struct fake *fake;
	struct settings settings;	/* the defaults; both are taken by the first poll */
	struct registry registry;
	struct monitor *monitor;	/* from the first poll on */
	const struct snapshot *now;	/* of the last one */
};

/* A router, not watched yet: what is refused may be set first. */
struct stand *stand_new(void);
/* One with a connection over two lines, of a host that is as busy as /proc/net/sockstat says. */
struct stand *stand_of(const char *load);
void stand_free(struct stand *);

/* What its two subflows have carried by now: so much more than at the beginning. */
void stand_grow(struct stand *, uint64_t by);

/* Polls so many microseconds later; the log of the kernel's begins anew. */
const struct snapshot *stand_poll(struct stand *, uint64_t us);

/* A WAN of the last poll, which must be there. */
const struct wan *stand_wan(const struct stand *, const char *name);
#endif
