/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/options.h"
#include "cli/reference.h"

struct metrics_options {
	struct common_options common;
	bool markdown;
};

static int print_json(void)
{
	char *text = reference_json();

	if (!text) {
		complain("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	puts(text);
	free(text);
	return EXIT_DONE;
}

static int metrics(const struct subcommand *self, int argc, char **argv)
{
	struct metrics_options options = { 0 };
	int rest, status;

	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (options.common.json && options.markdown) {
		complain("--json and --markdown: one of them");
		return EXIT_MISUSED;
	}
	if (options.common.json)
		return print_json();
	if (options.markdown) {
		reference_markdown(stdout);
	} else {
		struct screen screen = screen_of(stdout, options.common.color);

		reference_text(&screen);
	}
	return EXIT_DONE;
}

static const struct option_row options_of_metrics[] = {
	OPTION_FLAG("markdown", struct metrics_options, markdown, "as tables of Markdown"),
	OPTION_JSON,
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand metrics_subcommand = {
	.name = "metrics",
	.what = "the reference of all metrics: keys, MIB, collectd, units, meaning",
	.options = options_of_metrics,
	.run = metrics,
};
