/* SPDX-License-Identifier: MIT */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where we write to: how wide, in which characters, with colours or without. */

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* What a piece of text is to the reader; the colours are in screen.c. */
enum style {
	STYLE_PLAIN,
	STYLE_TITLE, /* of a column */
	STYLE_FAINT, /* there, and of no matter now */
	STYLE_GOOD,  /* carries */
	STYLE_NOTE,  /* worth knowing */
	STYLE_WARNING,
	STYLE_BAD, /* somebody is to act */
	STYLES
};

enum { SCREEN_WIDTH = 80, SCREEN_HEIGHT = 24, SCREEN_WIDTH_LEAST = 20, SCREEN_WIDTH_MOST = 1000 };

struct screen {
	FILE *out;
	size_t width, height;
	bool terminal;
	bool colour;
	bool utf8; /* the locale's characters: bars and sparklines may be drawn */
};

/*
 * The width is the terminal's; of what is no terminal COLUMNS of the environment, else
 * SCREEN_WIDTH. Colours by themselves only on a terminal that is not "dumb", and not where NO_COLOR
 * is set to anything (no-color.org). setlocale() was called before.
 */
struct screen screen_of(FILE *, enum colour_choice);

/* Begins and ends a style; nothing is written without colours. */
void screen_style(const struct screen *, enum style);
void screen_plain(const struct screen *, enum style);
#endif
