/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>
#include "cli/table.h"

enum { FURTHER = 2 };

/*
 * --- characters --------------------------------------------------------------------------------
 */

/* The octets of the first character, and its columns; one octet and -1 when it is not printable. */
static size_t character(const char *text, size_t len, int *columns)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t octets;

	/* Nearly all of it, and the same in all locales. */
	if (*text >= ' ' && *text <= '~') {
		*columns = 1;
		return 1;
	}
	octets = mbrtowc(&wide, text, len, &state);
	*columns = -1;
	if (!octets || octets > len)
		return 1;
	*columns = wcwidth(wide);
	return octets;
}

size_t text_width(const char *text, size_t len)
{
	size_t width = 0;
	int columns;

	for (size_t at = 0; at < len;) {
		at += character(text + at, len - at, &columns);
		width += columns < 0 ? 1 : (size_t)columns;
	}
	return width;
}

static void put_ellipsis(FILE *out)
{
	char octets[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t len = wcrtomb(octets, L'\u2026', &state);

	if (len == (size_t)-1)
		fputc('~', out);
	else
		fwrite(octets, 1, len, out);
}

void text_put(FILE *out, const char *text, size_t len, size_t width)
{
	bool cut = text_width(text, len) > width;
	size_t left = cut && width ? width - 1 : width;
	int columns;

	for (size_t at = 0, octets; at < len; at += octets) {
		octets = character(text + at, len - at, &columns);
		if ((columns < 0 ? 1 : (size_t)columns) > left)
			break;
		if (columns < 0)
			fputc('?', out);
		else
			fwrite(text + at, 1, octets, out);
		left -= columns < 0 ? 1 : (size_t)columns;
	}
	if (cut && width)
		put_ellipsis(out);
}

/*
 * --- tables ------------------------------------------------------------------------------------
 */

static size_t string_width(const char *text)
{
	return text_width(text, strlen(text));
}

void table_widen(size_t column_count, const struct cell *row, size_t *widths)
{
	for (size_t i = 0; i < column_count; i++) {
		size_t width = string_width(row[i].text);

		if (width > widths[i])
			widths[i] = width;
	}
}

size_t table_width(size_t column_count, const size_t *widths)
{
	size_t width = 0;

	for (size_t i = 0; i < column_count; i++)
		width += widths[i] ? widths[i] + (width ? TABLE_GAP : 0) : 0;
	return width;
}

void table_entitle(const struct table_column *columns, size_t column_count, size_t *widths)
{
	for (size_t i = 0; i < column_count; i++)
		if (widths[i] && string_width(columns[i].title) > widths[i])
			widths[i] = string_width(columns[i].title);
}

/* Returns how wide the table is then. */
static size_t shrink(const struct table_column *columns, size_t column_count, size_t *widths,
		     size_t most)
{
	size_t width = table_width(column_count, widths);

	for (size_t i = column_count; i-- > 0 && width > most;) {
		size_t excess = width - most, spare;

		if (!columns[i].least || widths[i] <= columns[i].least)
			continue;
		spare = widths[i] - columns[i].least;
		widths[i] -= spare < excess ? spare : excess;
		width -= spare < excess ? spare : excess;
	}
	return width;
}

/* Of those that are there; column_count: none may go. */
static size_t next_to_go(const struct table_column *columns, size_t column_count,
			 const size_t *widths)
{
	size_t next = column_count;

	for (size_t i = 0; i < column_count; i++)
		if (widths[i] && columns[i].goes &&
		    (next == column_count || columns[i].goes < columns[next].goes))
			next = i;
	return next;
}

void table_shrink(const struct table_column *columns, size_t column_count, size_t *widths,
		  size_t most)
{
	size_t whole[TABLE_COLUMNS_MOST], next;

	memcpy(whole, widths, column_count * sizeof(*widths));
	while (shrink(columns, column_count, widths, most) > most) {
		next = next_to_go(columns, column_count, whole);
		if (next == column_count)
			return;
		whole[next] = 0;
		memcpy(widths, whole, column_count * sizeof(*widths));
	}
}

void cell_put(const struct screen *screen, const struct cell *cell, bool right, size_t width,
	      size_t *blanks)
{
	size_t filled = string_width(cell->text);
	size_t padding = filled < width ? width - filled : 0;

	if (!filled) {
		*blanks += width + TABLE_GAP;
		return;
	}
	fprintf(screen->out, "%*s", (int)(*blanks + (right ? padding : 0)), "");
	screen_style(screen, cell->style);
	text_put(screen->out, cell->text, strlen(cell->text), width);
	screen_plain(screen, cell->style);
	*blanks = TABLE_GAP + (right ? 0 : padding);
}

void table_row(const struct screen *screen, const struct table_column *columns, size_t column_count,
	       const struct cell *row, const size_t *widths)
{
	size_t blanks = 0;

	for (size_t i = 0; i < column_count; i++)
		if (widths[i])
			cell_put(screen, &row[i], columns[i].right, widths[i], &blanks);
	fputc('\n', screen->out);
}

void table_titles(const struct screen *screen, const struct table_column *columns,
		  size_t column_count, const size_t *widths)
{
	struct cell titles[TABLE_COLUMNS_MOST];

	for (size_t i = 0; i < column_count; i++) {
		titles[i].style = STYLE_TITLE;
		snprintf(titles[i].text, CELL_LEN, "%s", columns[i].title);
	}
	table_row(screen, columns, column_count, titles, widths);
}

void table_print(const struct screen *screen, const struct table_column *columns,
		 size_t column_count, const struct cell *cells, size_t row_count)
{
	size_t widths[TABLE_COLUMNS_MOST] = { 0 };

	for (size_t at = 0; at < row_count; at++)
		table_widen(column_count, &cells[at * column_count], widths);
	table_entitle(columns, column_count, widths);
	table_shrink(columns, column_count, widths, screen->width);
	table_titles(screen, columns, column_count, widths);
	for (size_t at = 0; at < row_count; at++)
		table_row(screen, columns, column_count, &cells[at * column_count], widths);
}

/*
 * --- paragraphs --------------------------------------------------------------------------------
 */

void paragraph_print(const struct screen *screen, enum style style, const char *text, size_t indent)
{
	size_t at = indent, begin = indent;

	fprintf(screen->out, "%*s", (int)indent, "");
	screen_style(screen, style);
	while (*text) {
		size_t len = strcspn(text, " "), columns = text_width(text, len);

		if (at > begin && at + 1 + columns > screen->width) {
			begin = indent + FURTHER;
			fprintf(screen->out, "\n%*s", (int)begin, "");
			at = begin;
		} else if (at > begin) {
			fputc(' ', screen->out);
			at++;
		}
		text_put(screen->out, text, len, columns);
		at += columns;
		text += len;
		text += strspn(text, " ");
	}
	screen_plain(screen, style);
	fputc('\n', screen->out);
}

void paragraph_say(const struct screen *screen, enum style style, size_t indent, const char *format,
		   ...)
{
	char text[PARAGRAPH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	paragraph_print(screen, style, text, indent);
}
