/* SPDX-License-Identifier: MIT */
#ifndef TESTS_VERIFY_WORLD_H
#define TESTS_VERIFY_WORLD_H
#include "cli/verify_print.h"

/*
 * A host for `verify` to look at: two lines carry, wan10 is silent. A test changes what it likes and
 * lets time go by; each look is a snapshot of that moment.
 */
enum { POLL_MS = 1000, POLLS = 10 };

struct moving {
	uint64_t now_ms;
	struct host host;
	struct wan wans[3];		/* wan10, wan1, wan2 */
	struct counter counters[2];	/* connections that began, of either side */
	int error;			/* of the subflows */
	uint64_t kbps_out[3], kbps_in[3];
};
extern struct moving at;
extern struct verification told;

void begin(void);			/* as it was */
struct snapshot *moment(void);		/* for the caller to release */
void look(struct window *);
void move(void);			/* a second, with the octets of their rates */

/* Ten samples, so many of them under pressure. */
void watch(struct window *, uint32_t pressed_out);

/* Nothing is told any more; then again, of the windows as they are. */
void finish(void);
void compare(void);

/* wan10 joins in between two windows; the others carry what they did. */
void seed(uint32_t pressed_before, uint32_t pressed_after);
#endif
