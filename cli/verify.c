/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/look.h"
#include "cli/table.h"
#include "cli/units.h"
#include "cli/verify_print.h"
#include "cli/view.h"
#include "lib/clock.h"

enum { EXIT_NOT_COMPARABLE = 3, PUMP_MS = 100, CONNECT_LEN = 64 };

struct verify_options {
	struct common_options common;
	uint32_t window_ms, settle_ms;
	bool anyway;
	char connect[CONNECT_LEN];
};

/* One verification under way. */
struct run {
	const struct verify_options *options;
	struct monitor *monitor;
	struct connects connects;
	struct verification *told;
	int error; /* -errno: no memory for a snapshot */
};

/* The first one ends it in order, with what there is; a second one at once. */
static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* Whoever runs us in the background has them ignored, and so they stay. */
static void catch_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND }, was;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!sigaction(numbers[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

/* For people only: JSON is one document. */
__attribute__((format(printf, 2, 3))) static void progress(const struct run *run,
							   const char *format, ...)
{
	struct screen screen = screen_of(stdout, run->options->common.color);
	char line[PARAGRAPH_LEN];
	va_list args;

	if (run->options->common.json)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	paragraph_print(&screen, STYLE_PLAIN, line, 0);
	fflush(stdout);
}

/*
 * --- watching ----------------------------------------------------------------------------------
 */

/* Those of our own are spread over the window. */
static void connect_when_due(struct run *run, struct window *window, uint64_t begun_ms)
{
	struct connect_times *times = &window->connects;
	uint32_t begun = times->answered + times->failed;

	if (run->connects.fd < 0 && begun < CONNECTS_MOST &&
	    clock_now_ms() >= begun_ms + (uint64_t)begun * run->options->window_ms / CONNECTS_MOST)
		connects_begin(&run->connects, times);
}

/* Returns at once when a connect was answered: that moment is its measure. */
static void pause_until(struct run *run, uint64_t due_ms)
{
	struct pollfd answer = { .fd = run->connects.fd, .events = POLLOUT };
	uint64_t now = clock_now_ms(), left_ms = due_ms > now ? due_ms - now : 0;

	(void)poll(&answer, 1, (int)(left_ms < PUMP_MS ? left_ms : PUMP_MS));
}

static void take(struct run *run, struct window *window)
{
	const struct snapshot *snapshot = monitor_poll(run->monitor);

	if (!snapshot) {
		run->error = -ENOMEM;
		return;
	}
	if (window)
		window_take(window, snapshot);
	snapshot_release(snapshot);
}

/* Polls for so long, the first and the last moment included. Without a window it only goes by. */
static void observe(struct run *run, struct window *window, uint32_t for_ms)
{
	uint64_t begun_ms = clock_now_ms(), end_ms = begun_ms + for_ms, due_ms = begun_ms;
	bool connects = window && run->told->connect_to;

	take(run, window);
	while (due_ms < end_ms && !interrupted && !run->error) {
		due_ms += run->options->common.interval_ms;
		if (due_ms > end_ms)
			due_ms = end_ms;
		while (clock_now_ms() < due_ms && !interrupted) {
			if (connects)
				connect_when_due(run, window, begun_ms);
			pause_until(run, due_ms);
			if (connects)
				connects_step(&run->connects, &window->connects);
			monitor_pump(run->monitor);
		}
		take(run, window);
	}
	connects_stop(&run->connects);
}

/*
 * --- the command -------------------------------------------------------------------------------
 */

static void await(struct run *run, pid_t pid)
{
	bool told = false;

	while (!command_ended(pid, &run->told->wait_status)) {
		if (interrupted && !told) {
			kill(pid, SIGTERM);
			told = true;
		}
		pause_until(run, clock_now_ms() + PUMP_MS);
		monitor_pump(run->monitor);
	}
}

static int judge_command(const struct run *run, const char *text)
{
	int status = run->told->wait_status;
	const char *more = run->options->anyway ? "comparing all the same"
						: "nothing was compared (--anyway does)";

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return EXIT_DONE;
	if (WIFSIGNALED(status))
		complain("'%s' was ended by signal %d; %s", text, WTERMSIG(status), more);
	else
		complain("'%s' ended with status %d; %s", text, WEXITSTATUS(status), more);
	return run->options->anyway ? EXIT_DONE : EXIT_FAILED;
}

static int run_command(struct run *run)
{
	char text[COMMAND_LEN];
	pid_t pid;
	int error;

	command_text(run->told->command, text);
	progress(run, "command: %s", text);
	error = command_start(run->told->command, run->options->common.json, &pid);
	if (error) {
		complain("cannot run '%s': %s", run->told->command[0], strerror(-error));
		return EXIT_FAILED;
	}
	run->told->ran = true;
	await(run, pid);
	return interrupted ? EXIT_DONE : judge_command(run, text);
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

/* Since the last look before the command: one may well restart the traffic itself. */
static void count_begun(struct run *run)
{
	struct verification *told = run->told;
	const struct connect_times *own = &told->after.connects;
	uint64_t ours = own->answered - own->fallback;

	if (!told->before.last || !told->after.last)
		return;
	told->begun = connections_begun(told->before.last, told->after.last);
	told->begun.value -= told->begun.value < ours ? told->begun.value : ours;
}

static int print(struct run *run)
{
	struct verification *told = run->told;
	int error = -ENOMEM;

	told->now_s = (uint64_t)time(NULL);
	if (run->options->common.json) {
		char *text = verification_json(told);

		if (text)
			error = puts(text) < 0 ? -errno : 0;
		free(text);
	} else {
		struct screen screen = screen_of(stdout, run->options->common.color);

		putchar('\n');
		error = verification_print(&screen, told);
	}
	if (error) {
		complain("%s", strerror(-error));
		return EXIT_FAILED;
	}
	return told->comparison.comparable ? EXIT_DONE : EXIT_NOT_COMPARABLE;
}

/* A change is not made to a host of which nothing can be said. */
static int watch_before(struct run *run)
{
	struct window *before = &run->told->before;

	observe(run, before, run->options->window_ms);
	if (before->samples || interrupted || run->error)
		return EXIT_DONE;
	complain("cannot read the subflows; the command was not run");
	return EXIT_FAILED;
}

static int verify_with(struct run *run)
{
	const struct verify_options *options = run->options;
	char window[UNIT_LEN], settle[UNIT_LEN];
	int status;

	duration_text(options->window_ms, window);
	duration_text(options->settle_ms, settle);
	progress(run, "before: %s", window);
	status = watch_before(run);
	if (status == EXIT_DONE && !interrupted && !run->error)
		status = run_command(run);
	if (status != EXIT_DONE)
		return status;
	if (run->told->ran && !interrupted) {
		progress(run,
			 "settling: %s; connections that exist do not join again, only new ones do",
			 settle);
		observe(run, NULL, options->settle_ms);
	}
	if (run->told->ran && !interrupted && !run->error) {
		progress(run, "after: %s", window);
		observe(run, &run->told->after, options->window_ms);
	}
	if (run->error) {
		complain("cannot ask the kernel: %s", strerror(-run->error));
		return EXIT_FAILED;
	}
	run->told->interrupted = interrupted;
	count_begun(run);
	windows_compare(&run->told->before, &run->told->after, interrupted, &run->told->comparison);
	return print(run);
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

/* What can be known to be wrong is said now, not half a minute later. */
static int check(const struct verify_options *options, struct run *run)
{
	struct verification *told = run->told;
	int error;

	if (options->window_ms < 2 * options->common.interval_ms) {
		complain("--window: shorter than two polls (-i)");
		return EXIT_MISUSED;
	}
	error = command_find(told->command[0]);
	if (error) {
		complain("cannot run '%s': %s", told->command[0], strerror(-error));
		return EXIT_FAILED;
	}
	if (!*options->connect)
		return EXIT_DONE;
	if (connects_to(&run->connects, options->connect)) {
		complain("--connect: '%s' is no ADDRESS:PORT or [ADDRESS]:PORT", options->connect);
		return EXIT_MISUSED;
	}
	error = connects_try(&run->connects);
	if (error) {
		complain("cannot make MPTCP connections: %s", strerror(-error));
		return EXIT_FAILED;
	}
	told->connect_to = options->connect;
	told->fallback_known = run->connects.fallback_known;
	return EXIT_DONE;
}

static int verify_options(const struct verify_options *options, char *const *command)
{
	struct verification *told = calloc(1, sizeof(*told));
	struct run run = { .options = options, .told = told, .connects.fd = -1 };
	struct settings settings;
	int status;

	if (!told) {
		complain("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	told->command = command;
	told->window_ms = options->window_ms;
	told->settle_ms = options->settle_ms;
	told->interval_ms = options->common.interval_ms;
	status = check(options, &run);
	if (status == EXIT_DONE)
		status = view_settings(&options->common, &settings);
	if (status == EXIT_DONE) {
		/* Whether a line carries is told of no more than the window. */
		if (settings.window_ms > options->window_ms)
			settings.window_ms = options->window_ms;
		catch_signals();
		run.monitor = look_open_closely(&settings);
		if (!run.monitor)
			complain("cannot ask the kernel: %s", strerror(errno));
		status = run.monitor ? verify_with(&run) : EXIT_FAILED;
	}
	monitor_free(run.monitor);
	window_free(&told->before);
	window_free(&told->after);
	free(told);
	return status;
}

static int verify(const struct subcommand *self, int argc, char **argv)
{
	struct verify_options options = { .window_ms = 30000 };
	struct settings settings;
	int rest, status;

	settings_default(&settings);
	options.settle_ms = settings.join_grace_ms;
	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (rest == argc)
		return subcommand_bad_argument(self, NULL);
	return verify_options(&options, argv + rest);
}

static const struct option_row options_of_verify[] = {
	{ 'w', "TIME", "how long to watch before and after (30s)",
	  { .name = "window", .kind = VALUE_DURATION, .least = 1000, .most = 3600000,
	    .offset = offsetof(struct verify_options, window_ms) } },
	{ 's', "TIME", "between the command and the window after (10s)",
	  { .name = "settle", .kind = VALUE_DURATION, .most = 3600000,
	    .offset = offsetof(struct verify_options, settle_ms) } },
	{ 0, "WHERE", "time 10 MPTCP connects to ADDRESS:PORT in each window",
	  { .name = "connect", .kind = VALUE_TEXT, .least = 1, .most = CONNECT_LEN - 1,
	    .offset = offsetof(struct verify_options, connect) } },
	OPTION_FLAG("anyway", struct verify_options, anyway, "go on when the command has failed"),
	OPTION_JSON,
	OPTION_EVERY("between two polls (1s)", struct common_options, interval_ms, 100),
	{ 0, "FILE", "names and rates of the lines (/etc/mptcp-wan.conf)",
	  { .name = "config", .kind = VALUE_TEXT, .least = 1, .most = PATH_LEN - 1,
	    .offset = offsetof(struct common_options, config) } },
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand verify_subcommand = {
	.name = "verify",
	.arguments = "-- COMMAND...",
	.what = "the lines before and after a command, and what it has changed",
	.options = options_of_verify,
	.remarks =
		"COMMAND is run once, between two windows: a change of limits, say. A rate tells "
		"what the lines can do only while they are full, so load them in both windows. "
		"Connections that exist do not join again: restart the traffic while it settles, "
		"or let COMMAND do it. Ctrl-C ends it with what there is.\n"
		"\n"
		"Exit status: 0 compared; 3 not comparable, and it says why; 1 it failed, or "
		"COMMAND did, without --anyway; 2 it was called wrongly.\n",
	.run = verify,
};
