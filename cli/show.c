/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/overview.h"
#include "cli/view.h"
#include "lib/status.h"

static int print_text(const struct view *view, const struct common_options *options)
{
	struct screen screen = screen_of(stdout, options->color);
	int error = overview_print(&screen, view->snapshot, view->now_s);

	view_caution(view, &screen);
	if (error)
		complain("%s", strerror(-error));
	return error ? EXIT_FAILED : EXIT_DONE;
}

/* What the agent wrote is handed on as it is. */
static int print_json(const struct view *view)
{
	char *made = view->from_agent ? NULL : status_json(view->snapshot);
	const char *text = view->from_agent ? view->status.text : made;
	size_t len = text ? strlen(text) : 0;

	if (!text) {
		complain("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	printf("%s%s", text, len && text[len - 1] == '\n' ? "" : "\n");
	free(made);
	return EXIT_DONE;
}

/* To ask for so many costs 50 ms or more; twice only who has said that he wants rates. */
enum { MANY_SUBFLOWS = 20000 };

static int show(const struct subcommand *self, int argc, char **argv)
{
	struct common_options options;
	struct look_plan plan = { 0 };
	uint32_t usual_ms;
	struct view view;
	int rest, status;

	common_options_default(&options);
	usual_ms = options.interval_ms;
	options.interval_ms = 0;
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (!options.interval_ms) {
		options.interval_ms = usual_ms;
		plan.once_beyond = MANY_SUBFLOWS;
	}
	status = view_open_planned(&view, &options, &plan, 0);
	if (status != EXIT_DONE)
		return status;
	status = options.json ? print_json(&view) : print_text(&view, &options);
	view_close(&view);
	return status;
}

static const struct option_row options_of_show[] = {
	OPTION_JSON,	OPTION_NO_AGENT, OPTION_INTERVAL, OPTION_CONFIG,
	OPTION_RUN_DIR, OPTION_COLOR,	 OPTIONS_END,
};

const struct subcommand show_subcommand = {
	.name = "show",
	.what = "the WANs: state, subflows, rates; what is wrong and what to do",
	.options = options_of_show,
	.remarks = "Without the agent and without -i, more than 20000 subflows are looked at once: "
		   "then there are no rates, and states are unknown where they need more than a "
		   "look (-i 15s).\n",
	.run = show,
};
