/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUBCOMMAND_H
#define CLI_SUBCOMMAND_H

/* What every subcommand ends with. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2 };

/* One subcommand: a file of its own defines it, the table in main.c lists it, --help prints it. */
struct subcommand {
	const char *name;
	const char *synopsis; /* its options, on one line */
	const char *what;     /* on one line */
	const char *options;  /* what they mean, a line each */
	/* argv[0] is skipped, as in main(). Returns one of the above, having said what is wrong. */
	int (*run)(const struct subcommand *, int argc, char **argv);
};

extern const struct subcommand show_subcommand;

/* Its --help, on stdout. */
void subcommand_help(const struct subcommand *);

/*
 * Says which option getopt_long() did not take (it returned ? or :, with opterr 0 and a leading
 * colon). Returns EXIT_MISUSED.
 */
int subcommand_bad_option(const struct subcommand *, int option, char **argv);

/* As that, for an argument that nobody asked for. */
int subcommand_bad_argument(const struct subcommand *, const char *argument);
#endif
