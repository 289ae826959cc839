/* SPDX-License-Identifier: MIT */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H
#include <stddef.h>
#include <stdio.h>

/*
 * Text for a terminal, in the locale's characters. What is not printable there is shown as ?, and
 * what does not fit ends with an ellipsis. Widths are in columns of the screen.
 */

enum { CELL_LEN = 128, TABLE_COLUMNS_MOST = 16, SCREEN_WIDTH = 80 };

struct table_column {
	const char *title;
	size_t least; /* where space is short it may shrink to this; 0: never */
};

/*
 * Prints rows of cells, row by row in `cells`, left-aligned under their titles. A column without
 * any text is left out. Columns shrink from the right until `width` is kept. At most
 * TABLE_COLUMNS_MOST of them.
 */
void table_print(FILE *, const struct table_column *, size_t column_count,
		 const char (*cells)[CELL_LEN], size_t row_count, size_t width);

/* A line, broken between words where it is too wide; what follows is indented. */
void paragraph_print(FILE *, const char *text, size_t width);

/* Columns that text_put() would fill, given enough of them. */
size_t text_width(const char *text, size_t len);

/* Writes at most `width` columns. */
void text_put(FILE *, const char *text, size_t len, size_t width);
#endif
