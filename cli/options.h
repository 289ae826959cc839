/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
#include "cli/screen.h"
#include "cli/subcommand.h"
#include "lib/settings.h"
#include "lib/value.h"

/*
 * Options are tables: the same rows parse the command line and print --help, so that neither knows
 * what the other does not. --help itself needs no row.
 */
struct option_row {
	char letter;		/* -l, or 0 */
	const char *value;	/* what help calls its value; NULL: a flag, which sets a VALUE_SWITCH */
	const char *help;	/* one line, with the default in parentheses */
	struct value_key key;	/* the name, the field of the subcommand's options, and its bounds */
};

/* The options of every subcommand begin with these, or are these. */
struct common_options {
	bool json, no_agent;
	uint32_t color;			/* enum colour_choice */
	uint32_t interval_ms;		/* of our own polls */
	char config[PATH_LEN];		/* "": the default file, if it is there */
	char run_dir[PATH_LEN];
};

/* With an interval of a second. */
void common_options_default(struct common_options *);

/* The rows for them, to be listed by whoever has use for them; OPTIONS_END ends the table. */
#define OPTION_FLAG(flag_name, type, field, text)                                                  \
	{ 0, NULL, text, { .name = flag_name, .kind = VALUE_SWITCH, .offset = offsetof(type, field) } }
#define OPTION_JSON OPTION_FLAG("json", struct common_options, json, "as JSON")
#define OPTION_NO_AGENT                                                                            \
	OPTION_FLAG("no-agent", struct common_options, no_agent,                                   \
		    "ask the kernel, even if the agent runs")
/* The time between two looks: -i, and -n as well. */
#define OPTION_EVERY(text, type, field, least_ms)                                                  \
	{ 'i', "TIME", text,                                                                       \
	  { .name = "interval", .kind = VALUE_DURATION, .least = least_ms, .most = 3600000,        \
	    .offset = offsetof(type, field) } }
#define OPTION_INTERVAL                                                                            \
	OPTION_EVERY("between polls without the agent: 5s, 500ms, 2m (1s)",                        \
		     struct common_options, interval_ms, 100)
#define OPTION_CONFIG                                                                              \
	{ 0, "FILE", "configuration without the agent (/etc/mptcp-wan.conf)",                 \
	  { .name = "config", .kind = VALUE_TEXT, .least = 1, .most = PATH_LEN - 1,                \
	    .offset = offsetof(struct common_options, config) } }
#define OPTION_RUN_DIR                                                                             \
	{ 0, "DIR", "where the agent writes status.json (/run/mptcp-wan)",                         \
	  { .name = "run-dir", .kind = VALUE_PATH, .least = 1, .most = PATH_LEN - 1,               \
	    .offset = offsetof(struct common_options, run_dir) } }
#define OPTION_COLOR                                                                               \
	{ 0, "WHEN", "auto, always or never (auto)",                                               \
	  { .name = "color", .kind = VALUE_CHOICE, .word = option_colour_word,                     \
	    .offset = offsetof(struct common_options, color) } }
#define OPTIONS_END { .key = { .name = NULL } }

const char *option_colour_word(size_t i, uint32_t *choice);

/*
 * Parses argv by the subcommand's table into its options. Returns -1 to go on, with *rest the index
 * of the first argument that is no option (argc: there is none), or an exit status: --help was
 * printed, or what is wrong was said, with the nearest option that there is. Options and arguments
 * may be mixed, up to a "--".
 */
int options_parse(const struct subcommand *, int argc, char **argv, void *options, int *rest);

/* --help of a subcommand, on stdout. */
void options_help(const struct subcommand *);
#endif
