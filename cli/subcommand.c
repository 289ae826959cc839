/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/subcommand.h"

void subcommand_help(const struct subcommand *subcommand)
{
	printf("usage: %s %s %s\n\nShows %s.\n\n%s", PROGRAM, subcommand->name,
	       subcommand->synopsis, subcommand->what, subcommand->options);
}

static int misused(const struct subcommand *subcommand, const char *what, const char *which)
{
	complain("%s '%s'; usage: %s %s %s", what, which, PROGRAM, subcommand->name,
		 subcommand->synopsis);
	return EXIT_MISUSED;
}

int subcommand_bad_option(const struct subcommand *subcommand, int option, char **argv)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	const char *last = argv[optind - 1];
	/* What was read last may be the option before a row of short ones: "--json -xy". */
	bool is_long = !strncmp(last, "--", 2) && (!optopt || option == ':' || strchr(last, '='));

	return misused(subcommand,
		       option == ':'	   ? "no value for option"
		       : is_long && optopt ? "no value belongs to option"
					   : "unknown option",
		       is_long ? last : letter);
}

int subcommand_bad_argument(const struct subcommand *subcommand, const char *argument)
{
	return misused(subcommand, "unexpected argument", argument);
}
