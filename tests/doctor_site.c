/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/doctor_site.h"

struct examination doctor_examination(struct view_site *site)
{
	return (struct examination){ .view = &site->view,
				     .snapshot = &site->snapshot,
				     .budget = budget_of(&site->snapshot) };
}

char *doctor_printed(const struct examination *ex, size_t width, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	doctor_print(&(struct screen){ .out = out, .width = width, .colour = colour }, ex);
	fclose(out);
	return text;
}

static bool prints_or_not(const struct examination *ex, const char *part, bool wanted)
{
	char *text = doctor_printed(ex, 200, false);
	bool good = text && !!strstr(text, part) == wanted;

	if (!good)
		printf("# %s '%s' in:\n%s\n", wanted ? "no" : "there is", part, text ? text : "");
	free(text);
	return good;
}

bool doctor_prints(const struct examination *ex, const char *part)
{
	return prints_or_not(ex, part, true);
}

bool doctor_prints_not(const struct examination *ex, const char *part)
{
	return prints_or_not(ex, part, false);
}
