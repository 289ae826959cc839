/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/table.h"

enum { LINE_LEN = 1024 };

static char *kept;
static size_t kept_size;

void complain_into(char *line, size_t size)
{
	kept = line;
	kept_size = size;
}

void complain(const char *format, ...)
{
	char line[LINE_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (kept) {
		snprintf(kept, kept_size, "%s", line);
		return;
	}
	fprintf(stderr, "%s: ", PROGRAM);
	/* Names of files and options are anybody's: no terminal shall obey them. */
	text_put(stderr, line, strlen(line), LINE_LEN);
	fputc('\n', stderr);
}
