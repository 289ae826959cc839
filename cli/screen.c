/* SPDX-License-Identifier: MIT */
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/screen.h"

/* ECMA-48 SGR; the eight colours that every terminal has, in the shades that its owner has chosen.
 */
static const char *const codes[STYLES] = {
	[STYLE_PLAIN] = NULL, [STYLE_TITLE] = "1",    [STYLE_FAINT] = "2",  [STYLE_GOOD] = "32",
	[STYLE_NOTE] = "36",  [STYLE_WARNING] = "33", [STYLE_BAD] = "1;31",
};

static size_t within(size_t value, size_t least, size_t most)
{
	return value < least ? least : value > most ? most : value;
}

static size_t environment_columns(void)
{
	const char *text = getenv("COLUMNS");
	char *end;
	unsigned long columns = text ? strtoul(text, &end, 10) : 0;

	return columns && !*end ? within(columns, SCREEN_WIDTH_LEAST, SCREEN_WIDTH_MOST)
				: SCREEN_WIDTH;
}

static bool colours_wanted(bool terminal)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return terminal && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

struct screen screen_of(FILE *out, enum colour_choice choice)
{
	struct screen screen = { .out = out, .width = SCREEN_WIDTH, .height = SCREEN_HEIGHT };
	struct winsize size = { 0 };
	int fd = fileno(out);

	screen.terminal = fd >= 0 && isatty(fd);
	if (screen.terminal && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col && size.ws_row) {
		screen.width = within(size.ws_col, 1, SCREEN_WIDTH_MOST);
		screen.height = size.ws_row;
	} else {
		screen.width = environment_columns();
	}
	screen.colour = choice == COLOUR_ALWAYS ||
			(choice == COLOUR_AUTO && colours_wanted(screen.terminal));
	screen.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	return screen;
}

void screen_style(const struct screen *screen, enum style style)
{
	if (screen->colour && codes[style])
		fprintf(screen->out, "\033[%sm", codes[style]);
}

void screen_plain(const struct screen *screen, enum style style)
{
	if (screen->colour && codes[style])
		fputs("\033[0m", screen->out);
}
