/* SPDX-License-Identifier: MIT */
#ifndef LIB_MONITOR_H
#define LIB_MONITOR_H
#include "lib/alarm.h"
#include "lib/diagnose.h"
#include "lib/snapshot.h"

/*
 * The facade: one poll cycle, from the questions to a sealed snapshot, and the pumping of streams
 * in between. For one thread; what it hands out may go to others.
 */
struct monitor;

/*
 * Takes the source over (also when it fails) and copies the rest. `registry` are the WANs known
 * from before. Opens the streams that settings and kernel allow; births and endings count from here
 * on. A new numbering of alarms is named after the second of its beginning, or by a random number
 * below CLOCK_SET_S while the clock is not set. NULL with errno set.
 */
struct monitor *monitor_new(struct source *, const struct settings *,
			    const struct registry *registry);
void monitor_free(struct monitor *);	/* NULL is allowed */

/*
 * One poll. Returns a snapshot that the caller releases, or NULL when there is no memory for one.
 * Questions that fail are data in it.
 */
const struct snapshot *monitor_poll(struct monitor *);

/* Drains the streams between polls; worth calling when one of its descriptors is readable. */
void monitor_pump(struct monitor *);

/* The descriptors to wait for, at most STREAMS; returns their number. */
size_t monitor_fds(const struct monitor *, int fds[STREAMS]);

/*
 * New settings for a running monitor; all that it has counted and found stays. What is fixed
 * (lib/fixed.h) stays as it was, too.
 */
void monitor_configure(struct monitor *, const struct settings *);
const struct settings *monitor_settings(const struct monitor *);	/* those in force */

/*
 * WANs known from before that were not to be had at the beginning. Those that run already go on
 * under their indexes; if one changes by that, comparisons with earlier polls begin anew. Changes
 * `before`.
 */
void monitor_remember(struct monitor *, struct registry *before);

/* From the next poll on they are so far apart; until then, and after new settings, as configured. */
void monitor_pace(struct monitor *, uint32_t interval_ms);

/* The WANs known; clear its `dirty` when the state was written. */
struct registry *monitor_registry(struct monitor *);

/*
 * The monitor's, as long as it lives: to be loaded before its first poll, or late between two, and
 * saved after each.
 */
struct alarms *monitor_alarms(struct monitor *);
#endif
