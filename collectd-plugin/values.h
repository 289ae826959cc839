/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_VALUES_H
#define COLLECTD_PLUGIN_VALUES_H
#include "lib/metrics.h"

/*
 * What there is to dispatch, as THE table names it. Units are what a graph wants: seconds, octets,
 * percent. A value that is not known is not told.
 */
enum { VALUES_MOST = 2, TYPE_LEN = 32 };

struct value_list {
	const char *place;		/* the plugin's instance: a WAN's name, host or limits */
	char type[TYPE_LEN];		/* of collectd's stock types.db */
	const char *instance;		/* of the type; "" for none */
	bool grows;			/* totals from 0 at our start: a DERIVE; else a GAUGE */
	size_t count;			/* of totals or gauges, in the order of the type */
	uint64_t totals[VALUES_MOST];
	double gauges[VALUES_MOST];
};

/* The list and its texts are valid only during the call. */
typedef void (*value_fn)(void *arg, const struct value_list *);

/* All that was so at the moment of the snapshot: to be told once. */
void values_of(const struct snapshot *, value_fn fn, void *arg);

/*
 * What is so at this moment, and therefore told each time, also without a snapshot (NULL): its age,
 * and whether all is well with it, see values_up().
 */
void values_of_now(const struct snapshot *, uint64_t now_ms, value_fn fn, void *arg);

/*
 * The last poll had every answer, and is not older than three intervals, or 10 s if that is more.
 */
bool values_up(const struct snapshot *, uint64_t now_ms);
#endif
