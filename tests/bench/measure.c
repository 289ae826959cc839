/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/measure.h"

double measure_cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

double measure_percentile(double *values, size_t count, double hundredths)
{
	size_t place = (size_t)((double)count * hundredths / 100);

	qsort(values, count, sizeof(*values), compare);
	return values[place < count ? place : count - 1];
}

double measure_median(double *values, size_t count)
{
	return measure_percentile(values, count, 50);
}

/* Not fork(): the page tables of a large parent would be copied, and that is no cost of the
 * command. */
double measure_command(char *const *argv, long *most_kib)
{
	posix_spawn_file_actions_t actions;
	struct rusage used;
	int status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) ||
	    wait4(pid, &status, 0, &used) < 0 || status) {
		fprintf(stderr, "measure: %s failed\n", argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (used.ru_maxrss > *most_kib)
		*most_kib = used.ru_maxrss;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}
