/* SPDX-License-Identifier: MIT */
#include <time.h>
#include "agent/thread.h"

bool thread_joined(pthread_t thread, int seconds)
{
	struct timespec deadline;

	/* By a clock that nobody sets, where the C library has that. */
#ifdef HAVE_PTHREAD_CLOCKJOIN_NP
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	return !pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &deadline);
#else
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += seconds;
	return !pthread_timedjoin_np(thread, NULL, &deadline);
#endif
}
