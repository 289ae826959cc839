/* SPDX-License-Identifier: MIT */
/* The rooms that the subcommands share: options, suggestions, styles, tables, findings. */
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/suggest.h"
#include "cli/table.h"
#include "cli/waiting.h"
#include "tests/tap.h"

/*
 * --- suggestions -------------------------------------------------------------------------------
 */

static void test_suggest(void)
{
	static const char *const words[] = { "show",	  "watch",  "connections",
					     "endpoints", "doctor", "check" };
	static const struct {
		const char *typed, *want, *why;
	} cases[] = {
		{ "sohw", "show", "two letters swapped" },
		{ "docter", "doctor", "one replaced" },
		{ "conections", "connections", "one missing" },
		{ "wattch", "watch", "one too many" },
		{ "conn", "connections", "the only one that begins so" },
		{ "show", "show", "the word itself" },
		{ "", NULL, "nothing typed" },
		{ "reboot", NULL, "nothing like it" },
		{ "x", NULL, "one letter that begins none" },
		{ "a-word-that-is-longer-than-any-there-is", NULL, "too long" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = suggest(cases[i].typed, words, sizeof(words) / sizeof(words[0]));

		is_text(got ? got : "none", cases[i].want ? cases[i].want : "none", "%s",
			cases[i].why);
	}
}

/*
 * --- options -----------------------------------------------------------------------------------
 */

struct some_options {
	struct common_options common;
	uint32_t top;
	char names[16];
};

static const struct option_row some_rows[] = {
	OPTION_JSON,
	OPTION_INTERVAL,
	OPTION_COLOR,
	{ 't',
	  "N",
	  "the first N only",
	  { .name = "top",
	    .kind = VALUE_NUMBER,
	    .least = 1,
	    .most = 100,
	    .offset = offsetof(struct some_options, top) } },
	{ 0,
	  "NAME",
	  "of these",
	  { .name = "name",
	    .kind = VALUE_LIST,
	    .most = 15,
	    .offset = offsetof(struct some_options, names) } },
	OPTIONS_END,
};
static const struct subcommand some = { .name = "some", .what = "this", .options = some_rows };
static const struct subcommand with_arguments = { .name = "some",
						  .what = "this",
						  .arguments = "FILE",
						  .options = some_rows };

enum { WORDS_MOST = 8 };

/* What came of a line of words; stderr is kept in `said`. */
static int parse(const struct subcommand *self, const char *line, struct some_options *options,
		 int *rest, char said[512])
{
	char text[256], name[] = "some", *words[WORDS_MOST + 1] = { name };
	int count = 1, keep = dup(STDERR_FILENO), pipes[2], status;
	ssize_t len;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word && count < WORDS_MOST; word = strtok(NULL, " "))
		words[count++] = word;
	*options = (struct some_options){ .top = 7 };
	common_options_default(&options->common);
	if (pipe(pipes) || dup2(pipes[1], STDERR_FILENO) < 0)
		abort();
	optind = 0; /* getopt_long() begins anew */
	status = options_parse(self, count, words, options, rest);
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(pipes[1]);
	len = read(pipes[0], said, 511);
	said[len > 0 ? len : 0] = '\0';
	close(pipes[0]);
	return status;
}

static void is_misused(const char *line, const char *want)
{
	struct some_options options;
	char said[512];
	int rest;

	ok(parse(&some, line, &options, &rest, said) == EXIT_MISUSED, "misused: %s", line);
	if (!ok(!strncmp(said, want, strlen(want)), "it says: %s", want))
		printf("# it said: %s", said);
	ok(strchr(said, '\n') == said + strlen(said) - 1, "on one line");
}

static void test_options(void)
{
	struct some_options options;
	char said[512];
	int rest;

	ok(parse(&some, "", &options, &rest, said) == -1, "nothing is asked");
	ok(options.common.interval_ms == 1000 && options.top == 7 && !options.common.json,
	   "defaults stay");
	ok(parse(&some, "--json -i 500ms --top=9 --color never", &options, &rest, said) == -1,
	   "all that there is");
	ok(options.common.json && options.common.interval_ms == 500 && options.top == 9 &&
		   options.common.color == COLOUR_NEVER,
	   "is taken");
	ok(parse(&some, "-n 2s", &options, &rest, said) == -1 && options.common.interval_ms == 2000,
	   "-n is -i");
	ok(parse(&with_arguments, "a -t 3 -- -b", &options, &rest, said) == -1 && rest == 4 &&
		   options.top == 3,
	   "arguments come after the options, wherever they stood");
	parse(&some, "--name a,b --top 2 --name c", &options, &rest, said);
	is_text(options.names, "a,b c", "a list grows");
	parse(&some, "--name 1234567890 --name 1234", &options, &rest, said);
	is_text(options.names, "1234567890 1234", "as long as there is room");
	is_misused("--name 1234567890 --name 12345",
		   "mptcp-wan: --name: '12345' is too long: 4 octets at most\n");
	is_misused("--name 123456789012345 --name 1",
		   "mptcp-wan: --name: '1' is too long: 0 octets at most\n");
	is_misused("--jsn", "mptcp-wan: unknown option '--jsn', did you mean '--json'? usage: ");
	is_misused("--jsn=1",
		   "mptcp-wan: unknown option '--jsn=1', did you mean '--json'? usage: ");
	is_misused("--reboot",
		   "mptcp-wan: unknown option '--reboot'; usage: mptcp-wan some [--json]");
	is_misused("-x", "mptcp-wan: unknown option '-x'; usage: ");
	is_misused("--json -xy", "mptcp-wan: unknown option '-x'; usage: ");
	is_misused("--json=1", "mptcp-wan: no value belongs to option '--json=1'; usage: ");
	is_misused("-t", "mptcp-wan: no value for option '-t'; usage: ");
	is_misused("--top", "mptcp-wan: no value for option '--top'; usage: ");
	is_misused("--top 0", "mptcp-wan: --top: '0' is not between 1 and 100\n");
	is_misused("--color red", "mptcp-wan: --color: 'red' is none of auto, always, never\n");
	is_misused("wan1", "mptcp-wan: unexpected argument 'wan1'; usage: ");
}

/*
 * --- the screen --------------------------------------------------------------------------------
 */

static void is_colour(bool want, const char *no_color, const char *term, enum colour_choice choice,
		      FILE *out, const char *what)
{
	struct screen screen;

	no_color ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR");
	setenv("TERM", term, 1);
	screen = screen_of(out, choice);
	ok(screen.colour == want, "%s", what);
}

static void test_screen(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	FILE *terminal, *file = tmpfile();

	if (master < 0 || grantpt(master) || unlockpt(master))
		abort();
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	terminal = fdopen(slave, "w");
	is_colour(true, NULL, "xterm", COLOUR_AUTO, terminal, "a terminal has colours");
	is_colour(false, "1", "xterm", COLOUR_AUTO, terminal, "not where NO_COLOR is set");
	is_colour(true, "", "xterm", COLOUR_AUTO, terminal, "to nothing is not set");
	is_colour(false, NULL, "dumb", COLOUR_AUTO, terminal, "nor a dumb one");
	is_colour(true, "1", "dumb", COLOUR_ALWAYS, terminal, "unless it is wished");
	is_colour(false, NULL, "xterm", COLOUR_NEVER, terminal, "or never wished");
	is_colour(false, NULL, "xterm", COLOUR_AUTO, file, "a file has none");
	setenv("COLUMNS", "200", 1);
	ok(screen_of(file, COLOUR_AUTO).width == 200, "a file is as wide as COLUMNS says");
	setenv("COLUMNS", "many", 1);
	ok(screen_of(file, COLOUR_AUTO).width == SCREEN_WIDTH, "if it is a number");
	setenv("COLUMNS", "3", 1);
	ok(screen_of(file, COLOUR_AUTO).width == SCREEN_WIDTH_LEAST, "and not too small");
	unsetenv("COLUMNS");
	fclose(terminal);
	close(master);
	fclose(file);
}

/* What a terminal of 20 columns is told on stderr. */
static void test_waiting(void)
{
	static const char want[] = "\r3 of 15            \r"
				   "\rthat is longer tha" "\xe2\x80\xa6" "\r"
				   "\r                   \r";
	const struct winsize size = { .ws_row = 24, .ws_col = 20 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), keep = dup(STDERR_FILENO), slave;
	struct pollfd readable = { .fd = master, .events = POLLIN };
	char said[128];
	size_t len = 0;

	if (master < 0 || grantpt(master) || unlockpt(master))
		abort();
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) || dup2(slave, STDERR_FILENO) < 0)
		abort();
	waiting_tell("%s of %d", "3", 15);
	waiting_tell("that is longer than the terminal is");
	waiting_over();
	dup2(keep, STDERR_FILENO);
	close(keep);
	/* A terminal hands on what it was given bit by bit. */
	while (len < strlen(want) && poll(&readable, 1, 5000) > 0) {
		ssize_t more = read(master, said + len, sizeof(said) - 1 - len);

		if (more <= 0)
			break;
		len += (size_t)more;
	}
	said[len] = '\0';
	is_text(said, want, "a line at a time, none longer than it may be");
	close(master);
	close(slave);
}

/*
 * --- tables and findings -----------------------------------------------------------------------
 */

static void test_table(void)
{
	static const struct table_column columns[] = { { "NAME", 0, false, 0 },
						       { "OCTETS", 0, true, 1 },
						       { "NONE", 0, false, 2 },
						       { "WHY", 4, false, 0 } };
	static const struct cell cells[] = {
		{ STYLE_PLAIN, "a" },	  { STYLE_PLAIN, "5" },	 { STYLE_PLAIN, "" },
		{ STYLE_BAD, "because" }, { STYLE_PLAIN, "bc" }, { STYLE_PLAIN, "12345" },
		{ STYLE_PLAIN, "" },	  { STYLE_PLAIN, "" },
	};
	char *text = NULL;
	size_t len;
	struct screen screen = { .out = open_memstream(&text, &len), .width = 20 };

	table_print(&screen, columns, 4, cells, 2);
	screen.colour = true;
	table_print(&screen, columns, 4, cells, 2);
	screen.colour = false;
	screen.width = 17;
	table_print(&screen, columns, 4, cells, 2);
	screen.width = 12;
	table_print(&screen, columns, 4, cells, 2);
	fclose(screen.out);
	is_text(text,
		"NAME  OCTETS  WHY\n"
		"a          5  becau\xe2\x80\xa6\n"
		"bc     12345\n"
		"\033[1mNAME\033[0m  \033[1mOCTETS\033[0m  \033[1mWHY\033[0m\n"
		"a          5  \033[1;31mbecau\xe2\x80\xa6\033[0m\n"
		"bc     12345\n"
		"NAME  WHY\n"
		"a     because\n"
		"bc\n"
		"NAME  WHY\n"
		"a     becau\xe2\x80\xa6\n"
		"bc\n",
		"figures to the right, the last column cut, styles as wide as their text, one that goes");
	free(text);
}

static void test_findings(void)
{
	static struct finding findings[] = {
		{ .cause = CAUSE_CPU_BOUND, .severity = SEVERITY_INFO, .text = "busy" },
		{ .cause = CAUSE_DRIFT,
		  .severity = SEVERITY_WARNING,
		  .text = "drifts",
		  .for_good = "there" },
		{ .wan_index = 5,
		  .wan_name = "wan5",
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .severity = SEVERITY_MAJOR,
		  .text = "no room",
		  .now = "set 5",
		  .far_end = "too" },
		{ .wan_index = 6,
		  .wan_name = "wan6",
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .severity = SEVERITY_MAJOR,
		  .text = "no room",
		  .now = "set 5",
		  .far_end = "too" },
		{ .wan_index = 7,
		  .wan_name = "wan7",
		  .cause = CAUSE_SUBFLOW_LIMIT,
		  .severity = SEVERITY_MAJOR,
		  .text = "no room here",
		  .now = "set 5" },
	};
	struct snapshot snapshot = { .findings = findings, .finding_count = 5 };
	const struct wan wan = { .index = 6, .cause = CAUSE_SUBFLOW_LIMIT };
	const struct wan other = { .index = 9, .cause = CAUSE_LINK_DOWN };
	char *text = NULL;
	size_t len;
	struct screen screen = { .out = open_memstream(&text, &len), .width = 80 };

	ok(findings_print(&screen, &snapshot, SEVERITY_WARNING, false) == 3, "three to tell");
	ok(findings_print(&screen, &snapshot, SEVERITY_CRITICAL, true) == 0, "none so bad");
	fclose(screen.out);
	is_text(text,
		"wan5, wan6: subflow-limit (major)\n"
		"  no room\n"
		"  now: set 5\n"
		"wan7: subflow-limit (major)\n"
		"  no room here\n"
		"  now: set 5\n"
		"this host: drift (warning)\n"
		"  drifts\n",
		"the worst first, what is alike once");
	free(text);
	is_text(findings_why(&snapshot, &wan), "no room", "why a line is idle");
	is_text(findings_why(&snapshot, &other), "link-down", "in a word, where nobody tells more");
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_suggest();
	test_options();
	test_screen();
	test_waiting();
	test_table();
	test_findings();
	return tap_done();
}
