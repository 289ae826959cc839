/* SPDX-License-Identifier: MIT */
/* Which octets are a character, and which only look like one. */
#include "lib/utf8.h"
#include "tests/tap.h"

static void characters(void)
{
	static const struct {
		const char *text, *what;
		size_t octets;
	} rows[] = {
		{ "a", "one octet", 1 },
		{ "\x7f", "the last of one", 1 },
		{ "\xc2\x80", "the first of two", 2 },
		{ "\xc3\x9f" "e", "two, and what follows", 2 },
		{ "\xe0\xa0\x80", "the first of three", 3 },
		{ "\xe2\x82\xac", "three", 3 },
		{ "\xed\x9f\xbf", "the last before the surrogates", 3 },
		{ "\xf0\x90\x80\x80", "the first of four", 4 },
		{ "\xf4\x8f\xbf\xbf", "the last of all", 4 },
		{ "", "nothing", 0 },
		{ "\x80", "the middle of one", 0 },
		{ "\xdf", "one cut short", 0 },
		{ "\xe2\x82", "three cut short", 0 },
		{ "\xe2\x82" "a", "three broken off", 0 },
		{ "\xdfn", "Latin-1", 0 },
		{ "\xc0\xaf", "two for what is one", 0 },
		{ "\xe0\x9f\xbf", "three for what is two", 0 },
		{ "\xf0\x8f\xbf\xbf", "four for what is three", 0 },
		{ "\xed\xa0\x80", "a surrogate", 0 },
		{ "\xf4\x90\x80\x80", "beyond the last", 0 },
		{ "\xff", "never an octet of it", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_u64(utf8_character(rows[i].text, strlen(rows[i].text)), rows[i].octets, "%s",
		       rows[i].what);
}

static void texts(void)
{
	ok(utf8_fits(""), "none is good");
	ok(utf8_fits("Stra\xc3\x9f" "e 1, 20 \xe2\x82\xac"), "characters of all lengths");
	ok(!utf8_fits("Stra\xdf" "e"), "one that is none");
	ok(!utf8_fits("20 \xe2\x82"), "nor at the end");
}

static void lines(void)
{
	char text[] = "a\nb\x1b[1m \xdf\xc3\x9f\x7f\xe2\x82";

	utf8_line(text);
	is_text(text, "a?b?[1m ?\xc3\x9f???", "one line, and readable");
	*text = '\0';
	utf8_line(text);
	is_text(text, "", "none is one, too");
}

int main(void)
{
	characters();
	texts();
	lines();
	return tap_done();
}
