/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "cli/capture.h"
#include "cli/complain.h"
#include "cli/doctor.h"
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/options.h"
#include "lib/config.h"
#include "lib/monitor.h"
#include "lib/status.h"

#define AT_NONE UINT32_MAX

enum { LINE_LEN = 256 };

struct replay_options {
	struct common_options common;
	uint32_t at_ms;			/* since the first poll; AT_NONE: not asked for */
	bool every, doctor;
};

struct replay {
	const struct replay_options *options;
	struct screen screen;
	const char *path;		/* of what the kernel answered */
	struct source *source;		/* the monitor's */
	struct replay_fault fault;
	const struct settings *settings; /* the monitor was made with */
	struct monitor *monitor;
	uint64_t begun_ms, polls;
	int status;			/* of what was shown last: doctor has some of its own */
};

/*
 * --- opening -----------------------------------------------------------------------------------
 */

/* A FILE comes without settings: then at least the streams that it has are asked for. */
static void guess_settings(const struct replay *replay, struct settings *settings)
{
	settings->bpf = source_replay_has(replay->source, STREAM_LIFE);
	settings->events = settings->bpf || source_replay_has(replay->source, STREAM_CONNECTIONS);
}

/* Those of --config, else of the folder (NULL: there is none). */
static int read_settings(const struct replay *replay, const char *folder, struct settings *settings)
{
	const char *asked_for = replay->options->common.config;
	char path[CAPTURE_PATH_LEN], why[WHY_LEN];
	int error = -ENOENT;

	settings_default(settings);
	if (*asked_for)
		error = config_read(asked_for, settings, why);
	else if (folder && !capture_path(folder, CAPTURE_SETTINGS, path))
		error = config_read(path, settings, why);
	if (!error)
		return EXIT_DONE;
	if (!*asked_for && error == -ENOENT) {
		if (folder)
			complain("%s; going on with the defaults", why);
		guess_settings(replay, settings);
		return EXIT_DONE;
	}
	complain("%s", why);
	return EXIT_FAILED;
}

static bool is_folder(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

static int open_replay(struct replay *replay, const char *what)
{
	static struct settings settings;
	static struct registry registry;
	static char path[CAPTURE_PATH_LEN];
	const char *folder = is_folder(what) ? what : NULL;

	replay->path = what;
	if (folder && !capture_path(folder, CAPTURE_ANSWERS, path))
		replay->path = path;
	replay->source = source_replay_open(replay->path, &replay->fault);
	if (!replay->source) {
		complain("%s: %s", replay->path,
			 *replay->fault.what ? replay->fault.what : strerror(errno));
		return EXIT_FAILED;
	}
	if (read_settings(replay, folder, &settings) != EXIT_DONE) {
		source_close(replay->source);
		return EXIT_FAILED;
	}
	replay->settings = &settings;
	registry_init(&registry);
	replay->monitor = monitor_new(replay->source, &settings, &registry);
	if (replay->monitor)
		return EXIT_DONE;
	complain("%s: %s", replay->path, strerror(errno));
	return EXIT_FAILED;
}

/*
 * --- showing -----------------------------------------------------------------------------------
 */

/* As it is told and asked for: a poll is never quite on time. */
static uint64_t since_begin_tenths(const struct replay *replay, const struct snapshot *snapshot)
{
	return (snapshot->taken_ms - replay->begun_ms + 50) / 100;
}

/* "12.5 s after the beginning, 2026-01-02 03:04:05 UTC" */
static void print_moment(const struct replay *replay, const struct snapshot *snapshot)
{
	time_t now = (time_t)(snapshot->wall_ms / 1000);
	uint64_t tenths = since_begin_tenths(replay, snapshot);
	char when[40] = "", line[LINE_LEN];
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
	snprintf(line, sizeof(line),
		 "replayed: poll %" PRIu64 ", %" PRIu64 ".%" PRIu64 " s after the first; %s",
		 snapshot->host.polls, tenths / 10, tenths % 10, when);
	paragraph_print(&replay->screen, STYLE_FAINT, line, 0);
}

/* As it would have been told by one who began to look with the capture. */
static int show_doctor(const struct replay *replay, const struct snapshot *snapshot)
{
	const struct view view = {
		.snapshot = snapshot,
		.settings = *replay->settings,
		.looked_ms = (uint32_t)(snapshot->taken_ms - replay->begun_ms),
		.now_s = view_taken_s(snapshot),
	};
	const struct examination ex = {
		.view = &view,
		.snapshot = snapshot,
		.budget = budget_of(snapshot),
	};

	return doctor_tell(&ex, &replay->options->common);
}

static int show_json(const struct snapshot *snapshot)
{
	char *json = status_json(snapshot);

	if (json)
		puts(json);
	free(json);
	return json ? 0 : -ENOMEM;
}

/* 0 or -ENOMEM */
static int show(struct replay *replay, const struct snapshot *snapshot)
{
	bool json = replay->options->common.json;
	int error = 0;

	if (replay->options->doctor)
		replay->status = show_doctor(replay, snapshot);
	else if (json)
		error = show_json(snapshot);
	else
		error = overview_print(&replay->screen, snapshot, view_taken_s(snapshot));
	if (error || json)
		return error;
	fputc('\n', replay->screen.out);
	print_moment(replay, snapshot);
	return 0;
}

/* A line between two of them; JSON texts need none. */
static int show_one_of_many(struct replay *replay, const struct snapshot *snapshot)
{
	if (replay->polls > 1 && !replay->options->common.json)
		fputc('\n', replay->screen.out);
	return show(replay, snapshot);
}

/* Polls as the recorded monitor did; shows what was asked for. 0 or -errno. */
static int run(struct replay *replay)
{
	const struct replay_options *options = replay->options;
	const struct snapshot *last = NULL, *fresh;
	enum replay_step step;
	int error = 0;

	while (!error && (step = source_replay_next(replay->source)) != REPLAY_END) {
		if (step == REPLAY_PUMP) {
			monitor_pump(replay->monitor);
			continue;
		}
		fresh = monitor_poll(replay->monitor);
		if (!fresh) {
			error = -ENOMEM;
			break;
		}
		if (!replay->polls++)
			replay->begun_ms = fresh->taken_ms;
		if (last && since_begin_tenths(replay, fresh) > options->at_ms / 100) {
			snapshot_release(fresh);
			break;
		}
		if (options->every)
			error = show_one_of_many(replay, fresh);
		snapshot_release(last);
		last = fresh;
	}
	if (!error && last && !options->every)
		error = show(replay, last);
	snapshot_release(last);
	return error;
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

static int finish(const struct replay *replay, int error)
{
	const struct replay_fault *fault = &replay->fault;

	if (error) {
		complain("%s: %s", replay->path, strerror(-error));
		return EXIT_FAILED;
	}
	if (*fault->what)
		complain("%s: %s, at octet %" PRIu64 "; %s", replay->path, fault->what,
			 fault->offset,
			 replay->polls ? "shown is what came before"
				       : "there is no whole poll before that");
	else if (!replay->polls)
		complain("%s: there is no poll in it", replay->path);
	return replay->polls ? replay->status : EXIT_FAILED;
}

static int replay(const struct subcommand *self, int argc, char **argv)
{
	struct replay_options options = { .at_ms = AT_NONE };
	struct replay replay = { .options = &options, .status = EXIT_DONE };
	int rest, status;

	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (argc - rest != 1)
		return subcommand_bad_argument(self, argc == rest ? NULL : argv[rest + 1]);
	if (options.every && options.at_ms != AT_NONE) {
		complain("--at and --every: one of them");
		return EXIT_MISUSED;
	}
	replay.screen = screen_of(stdout, options.common.color);
	status = open_replay(&replay, argv[rest]);
	if (status != EXIT_DONE)
		return status;
	status = finish(&replay, run(&replay));
	monitor_free(replay.monitor);
	return status;
}

static const struct option_row options_of_replay[] = {
	{ 0, "TIME", "as of so long after the first poll: 30s, 2m (the last)",
	  { .name = "at", .kind = VALUE_DURATION, .most = 30 * 24 * 3600 * 1000u,
	    .offset = offsetof(struct replay_options, at_ms) } },
	OPTION_FLAG("every", struct replay_options, every, "all polls, one after the other"),
	OPTION_FLAG("doctor", struct replay_options, doctor,
		    "what doctor would have told then"),
	OPTION_JSON,
	{ 0, "FILE", "a configuration in place of the capture's own",
	  { .name = "config", .kind = VALUE_TEXT, .least = 1, .most = PATH_LEN - 1,
	    .offset = offsetof(struct replay_options, common.config) } },
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand replay_subcommand = {
	.name = "replay",
	.arguments = "DIR|FILE",
	.what = "what was seen when a capture was made: the same table",
	.options = options_of_replay,
	.remarks = "DIR was made by `" PROGRAM " record`, FILE by `mptcp-wan-agent --record`. A FILE "
		   "has no settings in it: --config tells those that the agent had.\n"
		   "\n"
		   "With --doctor it exits as doctor does: 0 nothing is wrong, 3 to 5 how bad it "
		   "is.\n",
	.run = replay,
};
