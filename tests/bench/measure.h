/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H
#include <stddef.h>

/* CPU time of this thread, of user and kernel, in microseconds. */
double measure_cpu_us(void);

/* Sorts the values. */
double measure_median(double *values, size_t count);

/* At so many hundredths of the values, 0 to 100: 50 is the median, 99 what one of a hundred
 * exceeds. */
double measure_percentile(double *values, size_t count, double hundredths);

/*
 * Runs a command, with what it says thrown away. Returns the CPU time of user and kernel that it
 * and all that it has waited for took, in microseconds; *most_kib becomes the most memory held, if
 * that is more. A command that fails ends the program.
 */
double measure_command(char *const *argv, long *most_kib);
#endif
