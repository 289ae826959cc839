/* SPDX-License-Identifier: MIT */
#ifndef LIB_COLLECTOR_H
#define LIB_COLLECTOR_H
#include "lib/monitor.h"

/*
 * A thread that polls a monitor at its interval, or less often where the CPU time that it may take
 * does not suffice (lib/pace.h), and publishes the latest snapshot. It waits for nobody: readers take
 * hold of what is there. An idle host wakes it for polls only.
 */
struct collector;

/*
 * Called in the collector's thread after each poll, before its snapshot is published; and once more
 * when the thread ends, without a snapshot.
 */
typedef void (*polled_fn)(void *arg, struct monitor *, const struct snapshot *);

/*
 * Takes the monitor over, also when it fails. NULL with errno set. Signals are blocked in the
 * thread.
 */
struct collector *collector_start(struct monitor *, uint32_t interval_ms, polled_fn fn, void *arg);

/* The latest snapshot, for the caller to release; NULL before the first poll. */
const struct snapshot *collector_latest(struct collector *);

/*
 * New settings, copied, for the interval and the monitor (monitor_configure()): taken before the
 * next poll, and that is made at once. From any thread.
 */
void collector_configure(struct collector *, const struct settings *);

/* Stops the thread (after a poll under way) and frees everything; NULL is allowed. */
void collector_stop(struct collector *);
#endif
