/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H
#include "lib/monitor.h"
#include "tests/tape.h"

/*
 * A monitor that plays a tape of which one call fails, and what must hold of all that it tells, against the
 * undisturbed play of the same tape.
 */
enum { POLLS_MOST = 64, STEPS_MOST = 256 };

struct trial {
	struct tape *tape;
	struct settings settings;
	bool is_poll[STEPS_MOST];		/* else a pump; the first step is neither */
	size_t steps, polls;
	const struct snapshot *truth[POLLS_MOST];	/* of the undisturbed play */
	size_t window;				/* polls that rates and shares remember */
};

/* A play of which one call fails. */
struct run {
	const struct trial *trial;
	const struct fault *fault;
	size_t call, poll;			/* which call failed, and in which poll */
	const struct snapshot *last;
	unsigned int wrong;
	size_t rows_judged;			/* of the alarm log */
};

/* Judges a poll of the failure or after it; what is wrong is counted, and told as a comment. */
void trial_judge(struct run *, size_t poll, const struct snapshot *now);
#endif
