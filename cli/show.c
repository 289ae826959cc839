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

static int show(const struct subcommand *self, int argc, char **argv)
{
	struct common_options options;
	struct view view;
	int rest, status;

	common_options_default(&options);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	status = view_open(&view, &options, 0);
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
	.run = show,
};
