/* SPDX-License-Identifier: MIT */
/* What terminals send for keys; and lines with styles in them, as wide as they are seen. */
#include <locale.h>
#include <stdlib.h>
#include "cli/lines.h"
#include "cli/terminal.h"
#include "tests/tap.h"

/* "q up": the keys in some octets, by name. */
static void is_keys(const char *octets, size_t len, const char *want)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
		{ KEY_UP, "up" },	    { KEY_DOWN, "down" },
		{ KEY_PAGE_UP, "page-up" }, { KEY_PAGE_DOWN, "page-down" },
		{ KEY_HOME, "home" },	    { KEY_END, "end" },
		{ KEY_OTHER, "other" },	    { KEY_REDRAW, "redraw" },
	};
	char text[256] = "";
	size_t used;
	int key;

	for (size_t at = 0; (key = key_of(octets + at, len - at, &used)) != KEY_NONE; at += used) {
		char letter[] = { (char)key, '\0' };
		const char *name = letter;

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (names[i].key == key)
				name = names[i].name;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", at ? "," : "",
			 name);
	}
	is_text(text, want, "%zu octets are %s", len, want);
}

#define KEYS(octets, want) is_keys(octets, sizeof(octets) - 1, want)

static void test_keys(void)
{
	KEYS("", "");
	KEYS("q", "q");
	KEYS(" +-?", " ,+,-,?");
	KEYS("\033[A\033[B", "up,down");
	KEYS("\033OA\033OB", "up,down");
	KEYS("\033[5~\033[6~", "page-up,page-down");
	KEYS("\033[H\033[F\033OH\033OF\033[1~\033[4~", "home,end,home,end,home,end");
	KEYS("\033[Aq", "up,q");
	KEYS("\033[1;5Aq", "other,q");
	KEYS("\033[200~q", "other,q");
	KEYS("\033qq", "other,q");
	KEYS("\033", "other");
	KEYS("\033[", "other");
	KEYS("\033[1;5", "other");
	KEYS("\033\033[A", "other,[,A");
	KEYS("\014", "redraw");
	KEYS("\xff\xc3", "\xff,\xc3");
}

static void is_line(const char *line, size_t width, size_t want_width, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	is_u64(lines_width(line, strlen(line)), want_width, "columns of a line");
	lines_put(out, line, strlen(line), width);
	fclose(out);
	is_text(text, want, "on %zu", width);
	free(text);
}

static void test_lines(void)
{
	is_line("", 3, 0, "");
	is_line("wan1", 4, 4, "wan1");
	is_line("wan10", 4, 5, "wan…");
	is_line("██▍", 3, 3, "██▍");
	is_line("\033[1mwan1\033[0m", 4, 4, "\033[1mwan1\033[0m");
	is_line("a \033[32mcarrying\033[0m b", 6, 12, "a \033[32mcar…\033[0m");
	is_line("a \033[32mcarrying\033[0m b", 10, 12, "a \033[32mcarrying\033[0m");
	is_line("a \033[32mcarrying", 5, 10, "a \033[32mca…\033[0m");
	is_line("\033[32", 5, 0, "\033[32");
	is_line("wan1", 0, 4, "");
	is_u64(lines_count(""), 0, "no line");
	is_u64(lines_count("a\n\nb\n"), 3, "lines have their end");
	is_u64(lines_length("ab\nc"), 2, "which is not part of them");
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	test_keys();
	test_lines();
	return tap_done();
}
