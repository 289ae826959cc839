/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_WATCH_H
#define COLLECTD_PLUGIN_WATCH_H
#include "lib/collector.h"

/*
 * The collector of this process, and what it keeps on the disk if the settings have a state
 * directory: names of WANs and alarms, as the agent does. Without one alarms begin anew with the
 * process.
 *
 * A directory that cannot be had is tried again after each poll, for as long as it takes, and what
 * was watched meanwhile is joined to what it holds. Only the first wait_ms are kept for one that
 * somebody else holds (the collectd before us is ending) or that is not there yet: so long nothing
 * is told, that no alarm seems to end with the one and begin with the other.
 *
 * For one thread, that of the reads; the collector's own is hidden in here.
 */
struct watch;

/*
 * Copies the settings; watch_stop() frees it. NULL, and why not in one line (WHY_LEN octets), which
 * is "" otherwise: a state directory that cannot be had is no reason, see watch_trouble().
 */
struct watch *watch_start(const struct settings *, uint32_t wait_ms, char *why);

/* Waits for a poll under way, and gives the state directory up. NULL is allowed. */
void watch_stop(struct watch *);

/* It holds back what it sees, for the sake of the state directory. */
bool watch_waits(struct watch *);

/*
 * The latest snapshot, for the caller to release; NULL before the first that may be told. While a
 * late state is being joined there is none for a poll.
 */
const struct snapshot *watch_latest(struct watch *);

/*
 * All rows of that snapshot's alarm log up to this sequence are told; those up to watch_told_to()
 * are already, also before a restart. A row that was told while a late state was being joined may
 * have to be told again, under its new number.
 */
void watch_told(struct watch *, const struct snapshot *, uint32_t sequence);
uint32_t watch_told_to(const struct watch *);

/*
 * What is wrong with the state directory, in one line (WHY_LEN octets); "": nothing. As long as it
 * cannot be had it is the first reason, whoever else holds it later.
 */
void watch_trouble(struct watch *, char *why);
#endif
