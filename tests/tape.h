/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TAPE_H
#define TESTS_TAPE_H
#include "lib/source.h"

/*
 * What a source told a monitor, step by step, kept in memory: to be played again and again, each time
 * with another call that fails. Unlike a capture it answers a monitor that asks otherwise than the
 * recorded one did, as a kernel would: what a stream had queued waits for the next drain, and what a
 * question brings is that of the moment.
 */
struct tape;
struct tape *tape_new(void);		/* aborts without memory, as all here */
void tape_free(struct tape *);

/* Takes `inner` over. tape_step() begins each step: the monitor's beginning is the first. */
struct source *tape_record(struct tape *, struct source *inner);
void tape_step(struct tape *);

/* How a call fails. */
enum fault_when {
	FAULT_AT_ONCE,		/* nothing is told */
	FAULT_HALFWAY,		/* ... but for half of it; of a stream the rest stays queued */
	FAULT_AT_THE_END,	/* all is told: NLMSG_DONE with an error */
	FAULT_CUT,		/* the last datagram ends in the middle of a message */
	FAULT_OVERRUN		/* of a stream: what it had queued is gone; else as FAULT_AT_ONCE */
};
struct fault {
	const char *name;
	enum fault_when when;
	int error;
	unsigned int times;	/* the call, and those of its kind among the next */
};

/* The call-th one fails; 0: none. The tape must outlive the source. tape_step() steps here, too. */
struct source *tape_play(struct tape *, size_t call, const struct fault *);

/* Of the last play: calls that were made, and what the one was that failed: its step, and a word. */
size_t tape_calls(const struct tape *);
size_t tape_failed_step(const struct tape *);
const char *tape_failed_call(const struct tape *);
#endif
