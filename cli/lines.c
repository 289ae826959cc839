/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>
#include "cli/lines.h"
#include "cli/table.h"

#define PLAIN "\033[0m" /* as screen.c ends a style */

/* Octets up to the next style, or the end. */
static size_t plain_length(const char *line, size_t len)
{
	const char *style = memchr(line, '\033', len);

	return style ? (size_t)(style - line) : len;
}

/* Octets of the style that begins there: ESC [ ... m */
static size_t style_length(const char *line, size_t len)
{
	const char *end = memchr(line, 'm', len);

	return end ? (size_t)(end - line) + 1 : len;
}

size_t lines_width(const char *line, size_t len)
{
	size_t width = 0;

	for (size_t at = 0; at < len;) {
		size_t plain = plain_length(line + at, len - at);

		width += text_width(line + at, plain);
		at += plain;
		if (at < len)
			at += style_length(line + at, len - at);
	}
	return width;
}

/* What is wider than the screen: the piece in which it ends is cut, what follows is left out. */
static void put_cut(FILE *out, const char *line, size_t len, size_t width)
{
	bool styled = false;
	size_t at = 0;

	while (at < len && width) {
		size_t plain = plain_length(line + at, len - at), style;
		size_t columns = text_width(line + at, plain);

		text_put(out, line + at, plain, width);
		width -= columns < width ? columns : width;
		at += plain;
		if (at >= len)
			break;
		style = style_length(line + at, len - at);
		fwrite(line + at, 1, style, out);
		styled = style != strlen(PLAIN) || memcmp(line + at, PLAIN, style) != 0;
		at += style;
	}
	if (styled)
		fputs(PLAIN, out);
}

void lines_put(FILE *out, const char *line, size_t len, size_t width)
{
	if (lines_width(line, len) > width)
		put_cut(out, line, len, width);
	else
		fwrite(line, 1, len, out);
}

size_t lines_length(const char *text)
{
	return strcspn(text, "\n");
}

size_t lines_count(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}
