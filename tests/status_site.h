/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STATUS_SITE_H
#define TESTS_STATUS_SITE_H
#include "lib/snapshot.h"

/*
 * A snapshot with something of all that an agent's status tells, to be shown and to be read back:
 * wan1 carries, wan2 is unjoined, with finding and alarm, wan3 stands by; the host has a finding,
 * too. A test changes what it likes.
 */
enum { STATUS_SITE_NOW_S = 1800000000, STATUS_SITE_WANS = 3 };

struct status_site {
	struct snapshot snapshot; /* points into it */
	struct wan wans[STATUS_SITE_WANS];
	struct endpoint endpoints[2];
	struct counter counters[1];
	struct finding findings[2];
	struct alarm alarms[1];
};

void status_site_fill(struct status_site *);
#endif
