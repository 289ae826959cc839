/* SPDX-License-Identifier: MIT */
#ifndef TESTS_VIEW_SITE_H
#define TESTS_VIEW_SITE_H
#include "cli/view.h"

/*
 * A view for subcommands to tell of: the seed of the project as the agent's status has it. Six
 * lines (10.0.0.N, endpoint N), limit 3, two connections of four subflows; wan5 and wan6 are
 * unjoined, each with finding and alarm. A test changes what it likes.
 */
enum { SITE_NOW_S = 1800000000, SITE_WANS = 6, SITE_MOST = 8 };

struct view_site {
	struct view view;
	struct snapshot snapshot;
	struct wan wans[SITE_WANS];
	struct endpoint endpoints[SITE_MOST];
	struct finding findings[SITE_MOST];
	struct alarm alarms[SITE_MOST];
	struct counter counters[SITE_MOST];
};

/* The view points into it. */
void view_site_seed(struct view_site *);

/* The same with a limit that is enough: six lines carry, nothing is found. */
void view_site_well(struct view_site *);

/* One more, of a WAN (0: the host); it is for the caller to fill. */
struct finding *view_site_find(struct view_site *, uint32_t wan, enum cause, enum severity);
struct alarm *view_site_alarm(struct view_site *, uint32_t wan, enum cause, enum severity);
#endif
