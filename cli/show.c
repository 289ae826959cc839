/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cli/complain.h"
#include "cli/look.h"
#include "cli/overview.h"
#include "cli/status_read.h"
#include "cli/subcommand.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/status.h"

struct options {
	bool json, no_agent;
	struct settings settings; /* run_dir, and interval_ms: between our two polls */
};

/* Where the agent's status may be trusted to be the present, or not. */
enum found { FOUND, FOUND_NONE, FOUND_OLD, FOUND_FORBIDDEN, FOUND_BROKEN };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },	     { "interval", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },	     { "no-agent", no_argument, NULL, 'n' },
	{ "run-dir", required_argument, NULL, 'R' }, { NULL, 0, NULL, 0 },
};

/* Returns -1 to go on, or an exit status. */
static int parse_options(const struct subcommand *self, int argc, char **argv,
			 struct options *options)
{
	const char *key;
	char why[WHY_LEN];
	int option;

	settings_default(&options->settings);
	options->settings.interval_ms = 1000;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":hi:", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			subcommand_help(self);
			return EXIT_DONE;
		case 'j':
			options->json = true;
			break;
		case 'n':
			options->no_agent = true;
			break;
		case 'i':
		case 'R':
			key = option == 'i' ? "interval" : "run-dir";
			if (settings_set(&options->settings, key, optarg, why)) {
				complain("%s", why);
				return EXIT_MISUSED;
			}
			break;
		default:
			return subcommand_bad_option(self, option, argv);
		}
	}
	return optind < argc ? subcommand_bad_argument(self, argv[optind]) : -1;
}

static uint64_t now_s(void)
{
	return (uint64_t)time(NULL);
}

/*
 * --- from the agent ----------------------------------------------------------------------------
 */

static uint64_t taken_s(const struct snapshot *snapshot)
{
	return snapshot_wall_s(snapshot, snapshot->taken_ms);
}

/* Three intervals without a new one, and the agent does not run, or hangs. */
static bool fresh(const struct snapshot *snapshot, uint64_t now)
{
	uint64_t most_s = 3 * (uint64_t)snapshot->host.interval_ms / 1000 + 2;

	return taken_s(snapshot) <= now + 2 && now <= taken_s(snapshot) + most_s;
}

static enum found find_status(const struct settings *settings, struct status *status, char *why)
{
	char path[PATH_LEN + sizeof("/status.json")];
	uint64_t now = now_s();
	int error;

	snprintf(path, sizeof(path), "%s/status.json", settings->run_dir);
	error = status_read(path, status, why);
	if (error == -ENOENT)
		return FOUND_NONE;
	if (error)
		return error == -EACCES ? FOUND_FORBIDDEN : FOUND_BROKEN;
	if (fresh(&status->snapshot, now))
		return FOUND;
	if (taken_s(&status->snapshot) > now)
		snprintf(why, STATUS_WHY_LEN, "%s is of a time to come", path);
	else
		snprintf(why, STATUS_WHY_LEN, "%s is %" PRIu64 " s old", path,
			 now - taken_s(&status->snapshot));
	status_free(status);
	return FOUND_OLD;
}

static int print_text(const struct snapshot *snapshot)
{
	int error = overview_print(stdout, snapshot, now_s(), SCREEN_WIDTH);

	if (error)
		complain("%s", strerror(-error));
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int show_status(const struct options *options, const struct status *status)
{
	size_t len = strlen(status->text);

	if (!options->json)
		return print_text(&status->snapshot);
	printf("%s%s", status->text, len && status->text[len - 1] == '\n' ? "" : "\n");
	return EXIT_DONE;
}

/*
 * --- from the kernel ---------------------------------------------------------------------------
 */

static bool not_permitted(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (snapshot->answers[i].error == -EPERM || snapshot->answers[i].error == -EACCES)
			return true;
	return false;
}

static int print_json(const struct snapshot *snapshot)
{
	char *text = status_json(snapshot);

	if (!text) {
		complain("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	printf("%s\n", text);
	free(text);
	return EXIT_DONE;
}

/* How far a look of our own may be trusted. */
static void print_caution(const struct snapshot *snapshot, const struct settings *settings)
{
	char interval[UNIT_LEN], line[160];
	bool short_look = settings->interval_ms <= settings->join_grace_ms;

	duration_text(settings->interval_ms, interval);
	snprintf(line, sizeof(line), "without the agent: rates over %s%s%s", interval,
		 short_look ? "; states need a longer look (-i 15s)" : "",
		 not_permitted(snapshot) ? "; root sees more" : "");
	paragraph_print(stdout, line, SCREEN_WIDTH);
}

static int show_kernel(const struct options *options)
{
	const struct snapshot *snapshot = look(&options->settings);
	int status;

	if (!snapshot) {
		complain("cannot ask the kernel: %s", strerror(errno));
		return EXIT_FAILED;
	}
	status = options->json ? print_json(snapshot) : print_text(snapshot);
	if (!options->json && status == EXIT_DONE)
		print_caution(snapshot, &options->settings);
	snapshot_release(snapshot);
	return status;
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

static int show(const struct subcommand *self, int argc, char **argv)
{
	static struct options options;
	char why[STATUS_WHY_LEN];
	struct status status;
	int result = parse_options(self, argc, argv, &options);

	if (result >= 0)
		return result;
	if (options.no_agent)
		return show_kernel(&options);
	switch (find_status(&options.settings, &status, why)) {
	case FOUND:
		result = show_status(&options, &status);
		status_free(&status);
		return result;
	case FOUND_BROKEN:
		complain("%s (--no-agent asks the kernel itself)", why);
		return EXIT_FAILED;
	case FOUND_FORBIDDEN:
		/* The file is for root and its group; anybody may ask the kernel. */
		complain("%s; asking the kernel itself", why);
		return show_kernel(&options);
	case FOUND_OLD:
		complain("%s, the agent does not write it; asking the kernel itself", why);
		return show_kernel(&options);
	case FOUND_NONE:
		break;
	}
	return show_kernel(&options);
}

const struct subcommand show_subcommand = {
	.name = "show",
	.synopsis = "[--json] [--no-agent] [--run-dir DIR] [-i TIME]",
	.what = "the WANs: state, subflows, rates; limits, and what could not be read",
	.options =
		"  -i, --interval TIME  without the agent, between two polls: 5s, 500ms, 2m (1s)\n"
		"      --json           as JSON, with the keys of the agent's status.json\n"
		"      --no-agent       ask the kernel, even if the agent runs\n"
		"      --run-dir DIR    where the agent writes status.json (/run/mptcp-wan)\n"
		"  -h, --help           this text\n",
	.run = show,
};
