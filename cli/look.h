/* SPDX-License-Identifier: MIT */
#ifndef CLI_LOOK_H
#define CLI_LOOK_H
#include "lib/monitor.h"

/*
 * Looking at the kernel without the agent: a monitor of our own, for a moment. Needs no privilege;
 * what is refused is data in the snapshot.
 */

/*
 * Without BPF: loading it is not worth a moment. With the kernel's events, where they are
 * permitted: a connection that lives between two polls only is then counted as well. NULL with
 * errno set.
 */
struct monitor *look_open(const struct settings *);

/* With BPF where it may be loaded: for who looks longer than a moment, and wants exact totals. */
struct monitor *look_open_closely(const struct settings *);

/* As the first, over a source, which it takes over; NULL: errno is set and passed on. */
struct monitor *look_open_source(struct source *, const struct settings *);

/* Waits, pumping the monitor's streams. Returns false when a signal that is caught ended it early.
 */
bool look_wait(struct monitor *, uint32_t ms);

/* How to look. Zero is a moment: two polls. */
struct look_plan {
	uint32_t for_ms; /* at least, at the settings' interval */
	bool closely;	 /* with BPF, if it may be loaded: then joins tell how they end, too */
	uint32_t once_beyond; /* the first poll suffices if it finds more subflows; 0: never */
	/* Called after each poll but the last; or NULL. */
	void (*progress)(uint32_t past_ms, uint32_t for_ms);
};

/* Polls as planned. The caller releases the last snapshot; NULL with errno set. */
const struct snapshot *look(const struct settings *, const struct look_plan *);
#endif
