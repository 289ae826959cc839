/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/options.h"
#include "cli/suggest.h"

enum { OPTIONS_MOST = 24, FIRST_LONG = 256, LINE_LEN = 512, HELP_WIDTH = 80 };

void common_options_default(struct common_options *options)
{
	struct settings settings;

	settings_default(&settings);
	*options = (struct common_options){ .color = COLOUR_AUTO, .interval_ms = 1000 };
	memcpy(options->run_dir, settings.run_dir, sizeof(options->run_dir));
}

const char *option_colour_word(size_t i, uint32_t *choice)
{
	static const char *const words[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"
	};

	*choice = (uint32_t)i;
	return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

/* Another letter for the same, or 0: watch(1) calls an interval -n. */
static char also_of(const struct option_row *row)
{
	return row->letter == 'i' ? 'n' : '\0';
}

/*
 * --- help --------------------------------------------------------------------------------------
 */

static const struct option_row help_row = { 'h', NULL, "this text", { .name = "help" } };

/*
 * One line of a text: goes on from a column; what is too long is broken between words, and begins
 * further lines at `indent`. Returns what follows it.
 */
static const char *print_wrapped(const char *text, size_t at, size_t indent)
{
	size_t whole = strcspn(text, "\n");

	if (at + whole <= HELP_WIDTH) {
		printf("%.*s\n", (int)whole, text);
		return text + whole + (text[whole] == '\n');
	}
	while (*text && *text != '\n') {
		size_t len = strcspn(text, " \n");

		if (at > indent && at + 1 + len > HELP_WIDTH)
			at = (size_t)printf("\n%*s", (int)indent, "") - 1;
		at += (size_t)printf("%s%.*s", at > indent ? " " : "", (int)len, text);
		text += len + strspn(text + len, " ");
	}
	putchar('\n');
	return *text ? text + 1 : text;
}

/* --interval TIME; behind another letter for it: -n, --interval TIME */
static size_t option_name(const struct option_row *row, char text[LINE_LEN])
{
	char also[] = "-?, ";

	also[1] = also_of(row);
	return (size_t)snprintf(text, LINE_LEN, "%s--%s%s%s", also[1] ? also : "", row->key.name,
				row->value ? " " : "", row->value ? row->value : "");
}

static void print_option(const struct option_row *row, size_t name_columns)
{
	char name[LINE_LEN];
	size_t at;

	option_name(row, name);
	if (row->letter)
		at = (size_t)printf("  -%c, %-*s  ", row->letter, (int)name_columns, name);
	else
		at = (size_t)printf("      %-*s  ", (int)name_columns, name);
	print_wrapped(row->help, at, at);
}

static void print_options(const struct subcommand *self)
{
	size_t name_columns = 0;
	char name[LINE_LEN];

	for (const struct option_row *row = self->options; row->key.name; row++)
		if (option_name(row, name) > name_columns)
			name_columns = strlen(name);
	for (const struct option_row *row = self->options; row->key.name; row++)
		print_option(row, name_columns);
	print_option(&help_row, name_columns);
}

/* The i-th piece of a usage line, "[-i TIME]"; false behind the last. */
static bool usage_piece(const struct subcommand *self, size_t i, char text[LINE_LEN])
{
	const struct option_row *row = self->options;
	char letter[] = "-?";

	for (; i && row->key.name; i--)
		row++;
	if (!row->key.name) {
		snprintf(text, LINE_LEN, "%s", self->arguments ? self->arguments : "");
		return !i && self->arguments;
	}
	letter[1] = row->letter;
	snprintf(text, LINE_LEN, "[%s%s%s%s]", row->letter ? letter : "--",
		 row->letter ? "" : row->key.name, row->value ? " " : "",
		 row->value ? row->value : "");
	return true;
}

/* usage: mptcp-wan show [--json] [-i TIME] ... */
static void usage_text(const struct subcommand *self, char text[LINE_LEN])
{
	size_t len = (size_t)snprintf(text, LINE_LEN, "usage: %s %s", PROGRAM, self->name);
	char piece[LINE_LEN];

	for (size_t i = 0; len < LINE_LEN && usage_piece(self, i, piece); i++)
		len += (size_t)snprintf(text + len, LINE_LEN - len, " %s", piece);
}

/* The same on several lines; no piece is broken. */
static void print_usage(const struct subcommand *self)
{
	size_t at = (size_t)printf("usage: %s %s", PROGRAM, self->name), indent = at + 1;
	char piece[LINE_LEN];

	for (size_t i = 0; usage_piece(self, i, piece); i++) {
		if (at + 1 + strlen(piece) > HELP_WIDTH)
			at = (size_t)printf("\n%*s%s", (int)indent, "", piece) - 1;
		else
			at += (size_t)printf(" %s", piece);
	}
	putchar('\n');
}

/* What the list of all subcommands says, as a sentence. */
static void print_what(const struct subcommand *self)
{
	char text[LINE_LEN];

	snprintf(text, sizeof(text), "%s.", self->what);
	if (*text >= 'a' && *text <= 'z')
		*text -= 'a' - 'A';
	print_wrapped(text, 0, 0);
}

void options_help(const struct subcommand *self)
{
	print_usage(self);
	putchar('\n');
	print_what(self);
	putchar('\n');
	print_options(self);
	if (self->remarks)
		putchar('\n');
	for (const char *line = self->remarks; line && *line;)
		line = print_wrapped(line, 0, 0);
}

/*
 * --- what is wrong -----------------------------------------------------------------------------
 */

static int misused(const struct subcommand *self, const char *what, const char *which,
		   const char *meant)
{
	char usage[LINE_LEN];

	usage_text(self, usage);
	complain("%s%s%s%s%s%s%s %s", what, which ? " '" : "", which ? which : "", which ? "'" : "",
		 meant ? ", did you mean '" : "", meant ? meant : "", meant ? "'?" : ";", usage);
	return EXIT_MISUSED;
}

int subcommand_bad_argument(const struct subcommand *self, const char *argument)
{
	return argument ? misused(self, "unexpected argument", argument, NULL)
			: misused(self, "an argument is missing", NULL, NULL);
}

/* The long option that the word "--jsno=1" may have meant. */
static const char *option_meant(const struct subcommand *self, const char *typed,
				char meant[LINE_LEN])
{
	const char *names[OPTIONS_MOST + 1] = { help_row.key.name }, *nearest;
	char word[LINE_LEN];
	size_t count = 1;

	for (const struct option_row *row = self->options; row->key.name; row++)
		names[count++] = row->key.name;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(typed, "="), typed);
	nearest = suggest(word, names, count);
	if (!nearest)
		return NULL;
	snprintf(meant, LINE_LEN, "--%s", nearest);
	return meant;
}

/* getopt_long() returned ? or :, with opterr 0 and a leading colon. */
static int bad_option(const struct subcommand *self, int returned, int argc, char **argv)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	/* musl counts the value that is missing. */
	const char *last = argv[optind > argc ? argc - 1 : optind - 1];
	/* What was read last may be the option before a row of short ones: "--json -xy". */
	bool is_long = !strncmp(last, "--", 2) &&
		       (!optopt || optopt >= FIRST_LONG || returned == ':' || strchr(last, '='));
	char meant[LINE_LEN];

	if (returned == ':')
		return misused(self, "no value for option", is_long ? last : letter, NULL);
	if (is_long && optopt)
		return misused(self, "no value belongs to option", last, NULL);
	return misused(self, "unknown option", is_long ? last : letter,
		       is_long ? option_meant(self, last + 2, meant) : NULL);
}

/*
 * --- parsing -----------------------------------------------------------------------------------
 */

/* What getopt_long() takes: a long option's number is its row, behind the letters. */
struct getopt_rows {
	struct option rows[OPTIONS_MOST + 2];
	char letters[4 * OPTIONS_MOST + 3];
};

static char *add_letter(char *letters, char letter, bool with_value)
{
	if (letter)
		*letters++ = letter;
	if (letter && with_value)
		*letters++ = ':';
	return letters;
}

static void getopt_fill(const struct subcommand *self, struct getopt_rows *getopt_rows)
{
	char *letters = getopt_rows->letters;
	size_t count = 0;

	*getopt_rows = (struct getopt_rows){ 0 };
	*letters++ = ':';
	*letters++ = 'h';
	for (const struct option_row *row = self->options; row->key.name; row++, count++) {
		getopt_rows->rows[count] =
			(struct option){ .name = row->key.name,
					 .has_arg = row->value ? required_argument : no_argument,
					 .val = FIRST_LONG + (int)count };
		letters = add_letter(letters, row->letter, row->value);
		letters = add_letter(letters, also_of(row), row->value);
	}
	getopt_rows->rows[count] = (struct option){ .name = "help", .val = 'h' };
}

static const struct option_row *row_of(const struct subcommand *self, int option)
{
	for (const struct option_row *row = self->options; row->key.name; row++)
		if (row->letter == option || also_of(row) == option ||
		    FIRST_LONG + (row - self->options) == option)
			return row;
	return NULL;
}

int options_parse(const struct subcommand *self, int argc, char **argv, void *options, int *rest)
{
	struct getopt_rows rows;
	char why[WHY_LEN];
	int option;

	getopt_fill(self, &rows);
	opterr = 0;
	while ((option = getopt_long(argc, argv, rows.letters, rows.rows, NULL)) != -1) {
		const struct option_row *row = row_of(self, option);

		if (option == 'h') {
			options_help(self);
			return EXIT_DONE;
		}
		if (!row)
			return bad_option(self, option, argc, argv);
		if (value_set(options, &row->key, row->value ? optarg : "true", why)) {
			complain("--%s", why);
			return EXIT_MISUSED;
		}
	}
	*rest = optind;
	if (!self->arguments && optind < argc)
		return subcommand_bad_argument(self, argv[optind]);
	return -1;
}
