/* SPDX-License-Identifier: MIT */
#ifndef CLI_LINES_H
#define CLI_LINES_H
#include <stdio.h>

/*
 * Lines of a screen that are written already, with the styles in them (ECMA-48 SGR), which take no
 * column.
 */

/* Columns of the screen. */
size_t lines_width(const char *line, size_t len);

/* Writes at most `width` columns of it, and ends the style that was begun. */
void lines_put(FILE *, const char *line, size_t len, size_t width);

/* How many there are in a text in which each line has its end. */
size_t lines_count(const char *text);

/* The line that begins there is so long; the next one begins one octet later. */
size_t lines_length(const char *text);
#endif
