/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUBCOMMAND_H
#define CLI_SUBCOMMAND_H

/* What a subcommand ends with, unless its help says otherwise. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2 };

struct option_row;

/* One subcommand: a file of its own defines it, the table in main.c lists it, --help prints it. */
struct subcommand {
	const char *name;
	const char *arguments; /* after the options, as in "DIR" or "-- COMMAND..."; NULL: none */
	const char *what;      /* on one line */
	const struct option_row *options; /* ends with a row without name */
	const char *remarks;		  /* below the options, a line each paragraph; or NULL */
	/* argv[0] is skipped, as in main(). Returns one of the above, having said what is wrong. */
	int (*run)(const struct subcommand *, int argc, char **argv);
};

extern const struct subcommand record_subcommand;
extern const struct subcommand replay_subcommand;
extern const struct subcommand show_subcommand;
extern const struct subcommand watch_subcommand;
extern const struct subcommand connections_subcommand;
extern const struct subcommand endpoints_subcommand;
extern const struct subcommand doctor_subcommand;
extern const struct subcommand verify_subcommand;
extern const struct subcommand check_subcommand;
extern const struct subcommand metrics_subcommand;

/* Says that an argument is one too many, or missing (NULL). Returns EXIT_MISUSED. */
int subcommand_bad_argument(const struct subcommand *, const char *argument);
#endif
