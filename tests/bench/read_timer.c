/* SPDX-License-Identifier: MIT */
/*
 * Stands between the plugin and collectd (--wrap), and writes how long each read took to the file
 * READ_TIMER: microseconds of the clock and of the thread's CPU time, a read a line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef int (*read_fn)(void *user_data);
int __real_plugin_register_complex_read(const char *group, const char *name, read_fn fn,
					uint64_t interval, const void *user_data);
int __wrap_plugin_register_complex_read(const char *group, const char *name, read_fn fn,
					uint64_t interval, const void *user_data);

static read_fn timed;

static double us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int read_timed(void *user_data)
{
	double begun = us(CLOCK_MONOTONIC), begun_cpu = us(CLOCK_THREAD_CPUTIME_ID);
	int status = timed(user_data);
	double wall = us(CLOCK_MONOTONIC) - begun, cpu = us(CLOCK_THREAD_CPUTIME_ID) - begun_cpu;
	const char *path = getenv("READ_TIMER");
	FILE *out = path ? fopen(path, "a") : NULL;

	if (out) {
		fprintf(out, "%.0f %.0f\n", wall, cpu);
		fclose(out);
	}
	return status;
}

int __wrap_plugin_register_complex_read(const char *group, const char *name, read_fn fn,
					uint64_t interval, const void *user_data)
{
	timed = fn;
	return __real_plugin_register_complex_read(group, name, read_timed, interval, user_data);
}
