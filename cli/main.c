/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "cli/suggest.h"
#include "lib/version.h"

/* THE table: what there is to run, and what --help says. The first one is meant when none is named.
 */
static const struct subcommand *const subcommands[] = {
	&show_subcommand,
	&watch_subcommand,
	&connections_subcommand,
	&endpoints_subcommand,
	&doctor_subcommand,
	&verify_subcommand,
	&check_subcommand,
	&record_subcommand,
	&replay_subcommand,
	&metrics_subcommand,
};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0]) };

static int help(void)
{
	printf("usage: %s [SUBCOMMAND] [OPTION]...\n"
	       "\n"
	       "The MPTCP state of this network namespace, per WAN line.\n"
	       "\n",
	       PROGRAM);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		printf("  %-12s %s\n", subcommands[i]->name, subcommands[i]->what);
	printf("\n"
	       "Without a subcommand: %s.\n"
	       "\n"
	       "  -h, --help     this text; after a subcommand: its options\n"
	       "  -V, --version  version\n"
	       "\n"
	       "Exit status: 0 done, 1 it failed, 2 it was called wrongly, unless the help of a\n"
	       "subcommand says otherwise.\n",
	       subcommands[0]->name);
	return EXIT_DONE;
}

static int unknown(const char *name)
{
	const char *names[SUBCOMMANDS], *meant;
	char list[256] = "";

	for (size_t i = 0; i < SUBCOMMANDS; i++) {
		names[i] = subcommands[i]->name;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? "|" : "",
			 names[i]);
	}
	meant = suggest(name, names, SUBCOMMANDS);
	complain("unknown subcommand '%s'%s%s%s usage: %s [%s] [OPTION]...", name,
		 meant ? ", did you mean '" : "", meant ? meant : "", meant ? "'?" : ";", PROGRAM,
		 list);
	return EXIT_MISUSED;
}

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(name, subcommands[i]->name))
			return subcommands[i];
	return NULL;
}

/* mptcp-wan help [SUBCOMMAND] */
static int help_of(const char *name)
{
	const struct subcommand *subcommand = name ? find(name) : NULL;

	if (!name)
		return help();
	if (!subcommand)
		return unknown(name);
	options_help(subcommand);
	return EXIT_DONE;
}

static int dispatch(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "-";
	const struct subcommand *subcommand = find(first);

	if (!strcmp(first, "help"))
		return help_of(argc > 2 ? argv[2] : NULL);
	if (!strcmp(first, "--help") || !strcmp(first, "-h"))
		return help();
	if (!strcmp(first, "--version") || !strcmp(first, "-V")) {
		printf("%s %s\n", PROGRAM, MPTCP_WAN_VERSION);
		return EXIT_DONE;
	}
	if (*first == '-')
		return subcommands[0]->run(subcommands[0], argc, argv);
	return subcommand ? subcommand->run(subcommand, argc - 1, argv + 1) : unknown(first);
}

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	/* Whoever reads us may stop: then we end, and say nothing, whatever our parent ignored. */
	signal(SIGPIPE, SIG_DFL);
	status = dispatch(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		if (errno != EPIPE)
			complain("cannot write: %s", strerror(errno));
		return EXIT_FAILED;
	}
	return status;
}
