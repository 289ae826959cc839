/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>
#include "cli/table.h"
#include "cli/waiting.h"

enum { LINE_LEN = 256 };

/* Blanks to the end of the line, for what stood there; the last column would begin the next. */
static void put(const char *line)
{
	struct screen screen = screen_of(stderr, COLOUR_NEVER);
	size_t len = strlen(line), width = text_width(line, len), room = screen.width - 1;

	if (!screen.terminal)
		return;
	fputc('\r', stderr);
	text_put(stderr, line, len, room);
	fprintf(stderr, "%*s\r", width < room ? (int)(room - width) : 0, "");
}

void waiting_tell(const char *format, ...)
{
	char line[LINE_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(line);
}

void waiting_over(void)
{
	put("");
}
