/* SPDX-License-Identifier: MIT */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H
#include <stdint.h>
#include "cli/screen.h"

/*
 * Text for a screen, in the locale's characters. What is not printable there is shown as ?, and
 * what does not fit ends with an ellipsis. Widths are in columns of the screen.
 */

enum { CELL_LEN = 256, TABLE_COLUMNS_MOST = 16 };

struct cell {
	enum style style;
	char text[CELL_LEN];
};

struct table_column {
	const char *title;
	size_t least;	/* where space is short it may shrink to this; 0: never */
	bool right;	/* figures, one below the other */
	uint8_t goes;	/* where it is shorter still, the lowest go first; 0: it stays */
};

enum { TABLE_GAP = 2 };	/* columns of the screen between two of the table's */

/*
 * One cell of a row, `width` wide. `blanks`, 0 at first, are due before what follows: none trails.
 */
void cell_put(const struct screen *, const struct cell *, bool right, size_t width, size_t *blanks);

/*
 * Prints rows of cells, row by row in `cells`, under their titles. A column without any text is
 * left out. Columns shrink from the right, then go, until the screen's width is kept. At most
 * TABLE_COLUMNS_MOST of them.
 */
void table_print(const struct screen *, const struct table_column *, size_t column_count,
		 const struct cell *cells, size_t row_count);

/*
 * The same row by row, for tables too long to be held. Widths are zeros at first, and 0 for a
 * column that is not shown; they grow with each row, then with the titles, and shrink or go as
 * above.
 */
void table_widen(size_t column_count, const struct cell *row, size_t *widths);
void table_entitle(const struct table_column *, size_t column_count, size_t *widths);
void table_shrink(const struct table_column *, size_t column_count, size_t *widths, size_t most);
size_t table_width(size_t column_count, const size_t *widths); /* with what is between them */
void table_titles(const struct screen *, const struct table_column *, size_t column_count,
		  const size_t *widths);
void table_row(const struct screen *, const struct table_column *, size_t column_count,
	       const struct cell *row, const size_t *widths);

/*
 * A text, broken between words where it is too wide; it begins `indent` columns from the left, and
 * lines that follow two more.
 */
void paragraph_print(const struct screen *, enum style, const char *text, size_t indent);

/* The same for what printf() would make of it, PARAGRAPH_LEN - 1 octets at most. */
enum { PARAGRAPH_LEN = 1280 };
__attribute__((format(printf, 4, 5))) void paragraph_say(const struct screen *, enum style,
							 size_t indent, const char *format, ...);

/* Columns that text_put() would fill, given enough of them. */
size_t text_width(const char *text, size_t len);

/* Writes at most `width` columns. */
void text_put(FILE *, const char *text, size_t len, size_t width);
#endif
