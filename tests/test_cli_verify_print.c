/* SPDX-License-Identifier: MIT */
/* What `verify` prints of two windows, for people and as JSON. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include "cli/table.h"
#include "tests/tap.h"
#include "tests/verify_world.h"

/* For the caller to free. */
static char *printed(size_t width, bool colour)
{
	struct screen screen = { .width = width, .colour = colour };
	char *text = NULL;
	size_t len;

	screen.out = open_memstream(&text, &len);
	verification_print(&screen, &told);
	fclose(screen.out);
	return text;
}

static void is_printed(size_t width, const char *want, const char *what)
{
	char *text = printed(width, false);

	is_text(text, want, "%s", what);
	free(text);
}

/* But for a single word. */
static void is_no_wider(size_t width)
{
	char *text = printed(width, false), *rest = text, *line;
	bool fits = true;

	while ((line = strsep(&rest, "\n")))
		if (text_width(line, strlen(line)) > width &&
		    strchr(line + strspn(line, " "), ' ')) {
			printf("# %s\n", line);
			fits = false;
		}
	ok(fits, "nothing is wider than %zu columns", width);
	free(text);
}

static void has(const char *text, const char *part, const char *what)
{
	if (!ok(strstr(text, part) != NULL, "%s", what))
		printf("# no '%s' in '%s'\n", part, text);
}

static void test_text(void)
{
	char *text;

	seed(10, 10);
	is_no_wider(60);
	is_no_wider(40);
	told.begun = (struct maybe_u64){ true, 12 };
	is_printed(
		80,
		"WAN    WHAT              BEFORE      AFTER     CHANGE  VERDICT\n"
		"all    out            12 Mbit/s  18 Mbit/s      +50 %  better\n"
		"       connections         2.00       2.00\n"
		"       subflows each       2.00       3.00      +50 %\n"
		"       busiest core     20.00 %    20.00 %             same\n"
		"       TCP memory       900 KiB    900 KiB             same\n"
		"wan1   state           carrying   carrying\n"
		"       out             8 Mbit/s   8 Mbit/s\n"
		"       share out        66.67 %    44.44 %  -22.23 pt\n"
		"       RTT              40.0 ms    40.0 ms             same\n"
		"       min RTT          20.0 ms    20.0 ms\n"
		"       subflows            2.00       2.00\n"
		"wan2   state           carrying   carrying\n"
		"       out             4 Mbit/s   4 Mbit/s\n"
		"       share out        33.33 %    22.22 %  -11.11 pt\n"
		"       RTT              50.0 ms    50.0 ms             same\n"
		"       min RTT          21.0 ms    21.0 ms\n"
		"       subflows            2.00       2.00\n"
		"wan10  state              quiet   carrying             carries now\n"
		"       out                    0   6 Mbit/s\n"
		"       share out         0.00 %    33.33 %  +33.33 pt\n"
		"       RTT                    -    30.0 ms\n"
		"       subflows            0.00       2.00\n"
		"\n"
		"Comparable: sending was under pressure in 10 of 10 samples before and 10 of 10\n"
		"  after.\n"
		"Carries now: wan10.\n"
		"12 MPTCP connections began since the command; older ones keep the subflows they\n"
		"  have.\n",
		"at 80 columns");
	text = printed(200, true);
	has(text, "\033[1mall\033[0m", "a name in bold");
	has(text, "\033[32mbetter\033[0m\n", "what is better in green");
	has(text, "\033[32mcarries now\033[0m\n", "and a line that carries");
	has(text, " 10 of 10 samples before and 10 of 10 after.\033[0m\n",
	    "one line at 200 columns");
	free(text);
	seed(0, 0);
	told.begun.known = true;
	told.connect_to = "192.0.2.1:443";
	told.fallback_known = true;
	told.before.connects = (struct connect_times){ .answered = 2, .answered_us = { 5, 20400 } };
	told.after.connects = (struct connect_times){ .answered = 1,
						      .answered_us = { 30000 },
						      .fallback = 1,
						      .failed = 9,
						      .error = -ECONNREFUSED };
	told.after.unread = 1;
	compare();
	text = printed(200, false);
	has(text,
	    "\nNot comparable: sending was under pressure in 0 of 10 samples before and 0 of 10 "
	    "after; 80 % of both are needed, and without rate-in receiving cannot be judged.\n"
	    "The figures tell what was asked of the lines, not what they can do: load them fully "
	    "in both windows.\n"
	    "No MPTCP connection began since the command: those that exist do not join again, ",
	    "not comparable, and no new connection");
	has(text,
	    "\nConnects to 192.0.2.1:443 before: 2 answered.\n"
	    "Connects to 192.0.2.1:443 after: 1 answered, 9 failed (Connection refused), 1 fell "
	    "back to plain TCP.\n"
	    "1 poll could not read the subflows: later ones could.\n",
	    "connects of our own");
	has(text, "\n       connect time      0.0 ms    30.0 ms", "the middle of them");
	ok(!strstr(text, "A core"), "no core is at its limit");
	ok(!strstr(text, "better") && !strstr(text, "carries now") && !strstr(text, "Carries"),
	   "no verdict on any line");
	free(text);
}

static void test_doubts(void)
{
	char *text;

	finish();
	begin();
	at.host.cpu_busiest.value = 9500;
	at.host.accounting = ACCOUNTING_EVENTS;
	strcpy(at.host.accounting_reason, "BPF: not permitted");
	watch(&told.before, 10);
	at.host.cpu_busiest.value = 9499;
	watch(&told.after, 10);
	compare();
	text = printed(80, false);
	has(text,
	    "\nA core was busy to 95 %: the rate may be what the machine can do, not the lines.\n",
	    "a core at its limit");
	has(text, "\naccounting: events (BPF: not permitted)\n", "octets that may be missing");
	free(text);
}

static void test_cut_short(void)
{
	char *text;

	finish();
	begin();
	told.ran = false;
	told.interrupted = true;
	watch(&told.before, 10);
	compare();
	text = printed(80, false);
	has(text, "\nall    out            12 Mbit/s      -\n", "what there is");
	has(text, "\nNot comparable: interrupted.\n", "and why no more");
	has(text, "\nThe command was not run.\n", "nothing was changed");
	ok(!strstr(text, "began") && !strstr(text, "load"), "nothing of what came after");
	free(text);
	text = verification_json(&told);
	has(text, "\"interrupted\":true", "the same as JSON");
	ok(!strstr(text, "\"after\"") && !strstr(text, "command_status"), "nothing of it there");
	free(text);
}

static void test_json(void)
{
	char *text;

	seed(10, 10);
	told.begun = (struct maybe_u64){ true, 12 };
	told.wait_status = 3 << 8;
	text = verification_json(&told);
	has(text,
	    "\"command\":[\n    \"ip\",\n    \"mptcp\",\n    \"limits\"\n  ],\n  \"command_status\":3",
	    "the command");
	has(text, "\"comparable\":true,\n  \"comparable_out\":true,\n  \"comparable_in\":false",
	    "comparable");
	has(text, "\"connections_begun\":12", "connections");
	has(text,
	    "\"out_kbps\":{\n      \"before\":12000,\n      \"after\":18000,\n"
	    "      \"change\":5000,\n      \"verdict\":\"better\"\n    }",
	    "a rate");
	has(text,
	    "\"state\":{\n        \"before\":\"quiet\",\n        \"after\":\"carrying\",\n"
	    "        \"verdict\":\"carries-now\"\n      }",
	    "a state");
	has(text,
	    "\"share_out\":{\n        \"before\":6667,\n        \"after\":4444,\n"
	    "        \"change_points\":-2223\n      }",
	    "a share changes by points");
	has(text, "\"rtt_us\":{\n        \"after\":30000\n      }",
	    "what is not known is left out");
	ok(!strstr(text, "connects_") && !strstr(text, "connect_us"), "no connects were asked for");
	free(text);
	told.wait_status = 9;
	text = verification_json(&told);
	has(text, "\"command_signal\":9", "a command that was killed");
	free(text);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_text();
	test_doubts();
	test_cut_short();
	test_json();
	finish();
	return tap_done();
}
