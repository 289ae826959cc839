/* SPDX-License-Identifier: MIT */
/*
 *	beside TIMES CMD... [-- CMD...]...
 *
 * What commands cost, by turns, that what disturbs the machine disturbs all of them. A line each:
 * median of the CPU time of user and kernel in microseconds, and the most memory held in KiB. What
 * they say is thrown away; one that fails ends it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES_MOST = 1000, COMMANDS_MOST = 16 };

static struct command {
	char **argv;
	double us[TIMES_MOST];
	long most_kib;
} commands[COMMANDS_MOST];

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static double run(struct command *command)
{
	struct rusage used;
	pid_t pid = fork();
	int status;

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execvp(command->argv[0], command->argv);
		perror(command->argv[0]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0 || status) {
		fprintf(stderr, "beside: %s failed\n", command->argv[0]);
		exit(1);
	}
	if (used.ru_maxrss > command->most_kib)
		command->most_kib = used.ru_maxrss;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

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
		run(&commands[i]); /* warms up */
	for (size_t turn = 0; turn < times; turn++)
		for (size_t i = 0; i < count; i++)
			commands[i].us[turn] = run(&commands[i]);
	for (size_t i = 0; i < count; i++)
		printf("%.0f %ld\n", median(commands[i].us, times), commands[i].most_kib);
	return 0;
}
