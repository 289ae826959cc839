/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "cli/check.h"
#include "cli/complain.h"
#include "cli/units.h"
#include "lib/version.h"

enum { WHY_MOST = 1024, TIMEOUT_MS = 10000, LOOK_MS = 12000, SPARE_MS = 10000 };

/*
 * --- a timeout that nothing holds up -----------------------------------------------------------
 */

static char late_line[128];
static enum check_status late_status;

static void too_late(int signal)
{
	(void)signal;
	if (write(STDOUT_FILENO, late_line, strlen(late_line)) < 0)
		_exit(CHECK_UNKNOWN);
	_exit(late_status);
}

/* Whoever waits for us kills us otherwise, and knows less. */
static void limit_time(const struct check_options *options)
{
	struct itimerval timer = { .it_value = { options->timeout_ms / 1000,
						 options->timeout_ms % 1000 * 1000 } };

	late_status = (enum check_status)options->blind;
	snprintf(late_line, sizeof(late_line),
		 "MPTCP %s - monitor blind: no answer within %u.%u s (--timeout)\n",
		 check_status_words[late_status], options->timeout_ms / 1000,
		 options->timeout_ms % 1000 / 100);
	signal(SIGALRM, too_late);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * --- options -----------------------------------------------------------------------------------
 */

static const char *blind_word(size_t i, uint32_t *status)
{
	static const struct {
		const char *word;
		enum check_status status;
	} words[] = { { "unknown", CHECK_UNKNOWN }, { "critical", CHECK_CRITICAL } };

	if (i >= sizeof(words) / sizeof(words[0]))
		return NULL;
	*status = words[i].status;
	return words[i].word;
}

/* What takes more than one option to say. 0 or -EINVAL, and why. */
static int complete(struct check_options *options, char *why)
{
	const struct metric_table *table =
		&metric_tables[*options->wan ? TABLE_WAN : TABLE_HOST];
	uint32_t least_ms = options->common.no_agent ? options->for_ms : 0;
	char timeout[UNIT_LEN], least[UNIT_LEN];
	int error;

	error = thresholds_parse("--warning", options->warning, table, &options->warns, why);
	if (!error)
		error = thresholds_parse("--critical", options->critical, table, &options->calls,
					 why);
	if (error)
		return error;
	if (!options->timeout_ms)
		options->timeout_ms = least_ms ? least_ms + SPARE_MS : TIMEOUT_MS;
	if (options->timeout_ms > least_ms)
		return 0;
	duration_text(options->timeout_ms, timeout);
	duration_text(least_ms, least);
	snprintf(why, WHY_LEN, "--timeout: %s is no more than the look takes (--for, %s)", timeout,
		 least);
	return -EINVAL;
}

/*
 * --- looking -----------------------------------------------------------------------------------
 */

static int finish(struct check_result result)
{
	if (!result.text)
		result.status = CHECK_UNKNOWN;
	fputs(result.text ? result.text : "MPTCP UNKNOWN - no memory\n", stdout);
	free(result.text);
	/* Nobody will read what is wrong; 1 would be a warning. */
	if (fflush(stdout))
		_exit(CHECK_UNKNOWN);
	return result.status;
}

static int finish_blind(const struct check_options *options, const char *why, const char *hint)
{
	char line[STATUS_WHY_LEN + 128];

	snprintf(line, sizeof(line), "monitor blind: %s%s", why, hint);
	return finish(check_nothing((enum check_status)options->blind, line));
}

static int finish_view(const struct check_options *options, struct view *view)
{
	int status = finish(check_view(options, view));

	view_close(view);
	return status;
}

static int check_by_look(const struct check_options *options, const char *complaint)
{
	struct look_plan plan = { .for_ms = options->for_ms, .closely = true };
	struct view view;

	if (view_open_planned(&view, &options->common, &plan, 0) != EXIT_DONE)
		return finish_blind(options, complaint, "");
	return finish_view(options, &view);
}

/* The agent's word or none: a look of seconds raises no alarm, so it is had only if asked for. */
static int check_by_agent(const struct check_options *options)
{
	static const char *const hints[] = {
		[FOUND_NONE] = "; does mptcp-wan-agent run here?",
		[FOUND_OLD] = ", the agent does not write it",
		[FOUND_FORBIDDEN] = "; the file is for root and its group",
		[FOUND_BROKEN] = "",
	};
	struct view view = { .from_agent = true, .now_s = (uint64_t)time(NULL) };
	char why[STATUS_WHY_LEN];
	enum view_found found =
		view_find_status(options->common.run_dir, view.now_s, &view.status, why);

	if (found != FOUND)
		return finish_blind(options, why, hints[found]);
	view.snapshot = &view.status.snapshot;
	return finish_view(options, &view);
}

static int check(const struct subcommand *self, int argc, char **argv)
{
	struct check_options options = { .blind = CHECK_UNKNOWN,
					 .for_ms = LOOK_MS,
					 .most = 4096,
					 .warns.severity = SEVERITY_WARNING,
					 .calls.severity = SEVERITY_MAJOR };
	char complaint[WHY_MOST] = "";
	int rest, status;

	/* Who runs plugins shows what they print, and nothing else. */
	complain_into(complaint, sizeof(complaint));
	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status == EXIT_DONE)
		return CHECK_UNKNOWN; /* --help: the guidelines want it so */
	if (status < 0 && options.version) {
		printf("%s check %s\n", PROGRAM, MPTCP_WAN_VERSION);
		return CHECK_UNKNOWN;
	}
	if (status >= 0 || complete(&options, complaint))
		return finish(check_nothing(CHECK_UNKNOWN, complaint));
	limit_time(&options);
	return options.common.no_agent ? check_by_look(&options, complaint)
				       : check_by_agent(&options);
}

#define TEXT_OPTION(option_letter, option_name, its_value, field, text)                            \
	{ option_letter, its_value, text,                                                          \
	  { .name = option_name, .kind = VALUE_TEXT, .least = 1,                                   \
	    .most = sizeof(((struct check_options *)0)->field) - 1,                                \
	    .offset = offsetof(struct check_options, field) } }

static const struct option_row options_of_check[] = {
	TEXT_OPTION('w', "warning", "LIST", warning, "what is WARNING (warning)"),
	TEXT_OPTION('c', "critical", "LIST", critical, "what is CRITICAL (major)"),
	TEXT_OPTION(0, "wan", "WAN", wan, "this line only (all, and the host)"),
	{ 0, "STATUS", "unknown or critical: what blind is (unknown)",
	  { .name = "blind", .kind = VALUE_CHOICE, .word = blind_word,
	    .offset = offsetof(struct check_options, blind) } },
	{ 't', "TIME", "say so when it takes longer (10s)",
	  { .name = "timeout", .kind = VALUE_DURATION, .least = 100, .most = 3600000,
	    .offset = offsetof(struct check_options, timeout_ms) } },
	{ 0, "OCTETS", "of output at most (4096)",
	  { .name = "size", .kind = VALUE_NUMBER, .least = 1024, .most = 1024 * 1024,
	    .offset = offsetof(struct check_options, most) } },
	{ 0, "TIME", "how long to look without the agent (12s)",
	  { .name = "for", .kind = VALUE_DURATION, .least = 1000, .most = 3600000,
	    .offset = offsetof(struct check_options, for_ms) } },
	{ 'v', NULL, "a line for each WAN, too",
	  { .name = "verbose", .kind = VALUE_SWITCH,
	    .offset = offsetof(struct check_options, verbose) } },
	{ 'V', NULL, "version",
	  { .name = "version", .kind = VALUE_SWITCH,
	    .offset = offsetof(struct check_options, version) } },
	OPTION_NO_AGENT,
	OPTION_INTERVAL,
	OPTION_CONFIG,
	OPTION_RUN_DIR,
	OPTIONS_END,
};

const struct subcommand check_subcommand = {
	.name = "check",
	.what = "alarms and figures for monitoring systems, as Nagios and Icinga",
	.options = options_of_check,
	.remarks =
		"LIST: a severity of alarms (warning, minor, major, critical, never), from which "
		"on it calls, and ranges of numbers: major,wans_carrying=2: calls below 2. Numbers "
		"are those of the host in status.json, with --wan those of the WAN. Ranges: "
		"[@][START:][END], ~ for no start, @ to call inside.\n"
		"\n"
		"It goes by the agent's alarms, which know how long a fault must last. Without an "
		"agent the monitor is blind; --no-agent looks for itself and goes by what it "
		"finds. Blind is also an agent whose status, or last complete answer of the "
		"kernel, is older than three of its intervals, or that knows no WAN. --blind is "
		"the STATUS then.\n"
		"\n"
		"Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, also when called wrongly and "
		"for --help and --version.\n",
	.run = check,
};
