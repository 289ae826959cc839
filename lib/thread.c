/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "lib/thread.h"

int thread_start(pthread_t *thread, const char *name, void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* To be without a name is no error. */
	if (!error)
		(void)pthread_setname_np(*thread, name);
	return -error;
}

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

int wake_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

void wake_up(int fd)
{
	const uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

void wake_taken(int fd)
{
	uint64_t count;

	/* One read takes all; that there is none is no matter. */
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
}
