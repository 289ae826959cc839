/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_WATCH_H
#define COLLECTD_PLUGIN_WATCH_H
#include "lib/collector.h"

/*
 * The collector of this process, and what it keeps on the disk if the settings have a state
 * directory: names of WANs and alarms, as the agent does. Without one, or when it cannot be had,
 * alarms begin anew with the process.
 */
struct watch;

/*
 * NULL with errno set, and one line in why (WHY_LEN octets). With may_wait a state directory that
 * somebody else holds (EBUSY: the collectd before us is ending) or that is not there yet (ENOENT)
 * is such a reason: try again. Without, it begins nevertheless, and watch_trouble() tells.
 */
struct watch *watch_start(const struct settings *, bool may_wait, char *why);
void watch_stop(struct watch *);	/* after a poll under way; NULL is allowed */

/* The latest snapshot, for the caller to release; NULL before the first. */
const struct snapshot *watch_latest(struct watch *);

/* All rows of the alarm log up to this sequence are told, also those of before a restart. */
void watch_told(struct watch *, uint32_t sequence);
uint32_t watch_told_to(const struct watch *);

/* What is wrong with the state directory now, in one line (WHY_LEN octets); "": nothing. */
void watch_trouble(struct watch *, char *why);
#endif
