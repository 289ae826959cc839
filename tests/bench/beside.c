/* SPDX-License-Identifier: MIT */
/*
 *	beside TIMES CMD... [-- CMD...]...
 *
 * What commands cost, by turns, that what disturbs the machine disturbs all of them. A line each:
 * median of the CPU time of user and kernel in microseconds, and the most memory held in KiB. What
 * they say is thrown away; one that fails ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/bench/measure.h"

enum { TIMES_MOST = 1000, COMMANDS_MOST = 16 };

static struct command {
	char **argv;
	double us[TIMES_MOST];
	long most_kib;
} commands[COMMANDS_MOST];

/* Cuts the arguments at each "--"; returns how many commands they are, 0 if that is not right. */
static size_t cut(char **argv)
{
	size_t count = 0;

	for (char **from = argv; *from; count++) {
		char **to = from;

		while (*to && strcmp(*to, "--") != 0)
			to++;
		if (to == from || count == COMMANDS_MOST)
			return 0;
		commands[count].argv = from;
		from = *to ? to + 1 : to;
		*to = NULL;
	}
	return count;
}

int main(int argc, char **argv)
{
	size_t times = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	size_t count = times && times <= TIMES_MOST ? cut(argv + 2) : 0;

	if (!count) {
		fputs("usage: beside TIMES CMD... [-- CMD...]...\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < count; i++)
		measure_command(commands[i].argv, &commands[i].most_kib); /* warms up */
	for (size_t turn = 0; turn < times; turn++)
		for (size_t i = 0; i < count; i++)
			commands[i].us[turn] =
				measure_command(commands[i].argv, &commands[i].most_kib);
	for (size_t i = 0; i < count; i++)
		printf("%.0f %ld\n", measure_median(commands[i].us, times), commands[i].most_kib);
	return 0;
}
