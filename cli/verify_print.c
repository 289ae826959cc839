/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/table.h"
#include "cli/units.h"
#include "cli/verify_print.h"

enum { NAMES_LEN = 256, BUSY = 9500 /* of a core, as for the finding cpu-bound */ };

/*
 * --- the table ---------------------------------------------------------------------------------
 */

static const struct table_column columns[] = {
	{ "WAN", 6, false, 0 },	 { "WHAT", 8, false, 0 },   { "BEFORE", 0, true, 2 },
	{ "AFTER", 0, true, 0 }, { "CHANGE", 0, true, 1 }, { "VERDICT", 6, false, 0 },
};
enum { WAN, WHAT, BEFORE, AFTER, CHANGE, VERDICT, COLUMNS };

static void tenths_text(char text[CELL_LEN], uint64_t tenths, const char *unit)
{
	snprintf(text, CELL_LEN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, unit);
}

static void hundredths_text(char text[CELL_LEN], uint64_t value, const char *unit)
{
	snprintf(text, CELL_LEN, "%" PRIu64 ".%02" PRIu64 "%s", value / 100, value % 100, unit);
}

static const char *word_of(size_t table, const char *key, uint64_t number)
{
	return metric_of(&metric_tables[table], key)->words[number];
}

static void value_text(const struct measure *measure, const struct maybe_u64 *value,
		       char text[CELL_LEN])
{
	if (!value->known) {
		snprintf(text, CELL_LEN, "-");
		return;
	}
	switch (measure->unit) {
	case UNIT_STATE:
		snprintf(text, CELL_LEN, "%s", word_of(TABLE_WAN, "state", value->value));
		break;
	case UNIT_KBPS:
		rate_text(value->value, text);
		break;
	case UNIT_US:
		tenths_text(text, (value->value + 50) / 100, "ms");
		break;
	case UNIT_MS:
		tenths_text(text, (value->value + 50) / 100, "s");
		break;
	case UNIT_KIB:
		kib_text(value->value, text);
		break;
	case UNIT_HUNDREDTHS:
		hundredths_text(text, value->value, "");
		break;
	case UNIT_PART:
		hundredths_text(text, value->value, " %");
		break;
	}
}

static void change_text(const struct change *row, char text[CELL_LEN])
{
	uint64_t size = row->changed < 0 ? (uint64_t)-row->changed : (uint64_t)row->changed;
	const char *sign = row->changed < 0 ? "-" : "+";

	if (!row->changed_known || !row->changed)
		return;
	if (row->measure->unit == UNIT_PART)
		snprintf(text, CELL_LEN, "%s%" PRIu64 ".%02" PRIu64 " pt", sign, size / 100,
			 size % 100);
	else if (size < 50)
		snprintf(text, CELL_LEN, "<1 %%");
	else
		snprintf(text, CELL_LEN, "%s%" PRIu64 " %%", sign, (size + 50) / 100);
}

static enum style outcome_style(enum outcome outcome)
{
	static const enum style styles[OUTCOMES] = {
		[OUTCOME_NONE] = STYLE_PLAIN,	    [OUTCOME_SAME] = STYLE_FAINT,
		[OUTCOME_BETTER] = STYLE_GOOD,	    [OUTCOME_WORSE] = STYLE_BAD,
		[OUTCOME_DEARER] = STYLE_NOTE,	    [OUTCOME_CHEAPER] = STYLE_NOTE,
		[OUTCOME_CARRIES_NOW] = STYLE_GOOD, [OUTCOME_CARRIES_NO_MORE] = STYLE_BAD,
	};

	return styles[outcome];
}

static void outcome_text(enum outcome outcome, char text[CELL_LEN])
{
	snprintf(text, CELL_LEN, "%s", outcome_words[outcome]);
	for (; *text; text++)
		if (*text == '-')
			*text = ' ';
}

static bool worth_telling(const struct change *row)
{
	return (row->before.known && row->before.value) || (row->after.known && row->after.value);
}

static void fill(struct cell *cells, const struct comparison *comparison, const struct change *row,
		 bool names)
{
	snprintf(cells[WAN].text, CELL_LEN, "%s",
		 !names			? ""
		 : row->wan == HOST_ROW ? "all"
					: comparison->wans[row->wan].name);
	cells[WAN].style = STYLE_TITLE;
	snprintf(cells[WHAT].text, CELL_LEN, "%s", row->measure->title);
	value_text(row->measure, &row->before, cells[BEFORE].text);
	value_text(row->measure, &row->after, cells[AFTER].text);
	change_text(row, cells[CHANGE].text);
	outcome_text(row->outcome, cells[VERDICT].text);
	cells[VERDICT].style = outcome_style(row->outcome);
}

static int print_table(const struct screen *screen, const struct comparison *comparison)
{
	struct cell *cells = calloc(comparison->row_count * COLUMNS, sizeof(*cells));
	size_t count = 0, named = HOST_ROW - 1;

	if (!cells)
		return -ENOMEM;
	for (size_t i = 0; i < comparison->row_count; i++) {
		const struct change *row = &comparison->rows[i];

		if (!worth_telling(row))
			continue;
		fill(&cells[count++ * COLUMNS], comparison, row, row->wan != named);
		named = row->wan;
	}
	table_print(screen, columns, COLUMNS, cells, count);
	free(cells);
	return 0;
}

/*
 * --- in words ----------------------------------------------------------------------------------
 */

/* "wan3, wan4" */
static bool names_of(const struct comparison *comparison, enum outcome outcome, char *text,
		     size_t size)
{
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; i < comparison->row_count && len < size; i++)
		if (comparison->rows[i].outcome == outcome)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? ", " : "",
						comparison->wans[comparison->rows[i].wan].name);
	return len > 0;
}

static void say_verdict(const struct screen *screen, const struct verification *verification)
{
	const struct comparison *comparison = &verification->comparison;
	char names[NAMES_LEN];

	paragraph_say(screen, comparison->comparable ? STYLE_GOOD : STYLE_WARNING, 0, "%s: %s.",
		      comparison->comparable ? "Comparable" : "Not comparable", comparison->reason);
	if (!comparison->comparable && !verification->interrupted)
		paragraph_say(screen, STYLE_PLAIN, 0,
			      "The figures tell what was asked of the lines, not what they can "
			      "do: load them fully in both windows.");
	if (names_of(comparison, OUTCOME_CARRIES_NOW, names, sizeof(names)))
		paragraph_say(screen, STYLE_GOOD, 0, "Carries now: %s.", names);
	if (names_of(comparison, OUTCOME_CARRIES_NO_MORE, names, sizeof(names)))
		paragraph_say(screen, STYLE_BAD, 0, "Carries no more: %s.", names);
}

/* Then it is no line that is too slow. */
static void say_busy(const struct screen *screen, const struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->row_count; i++) {
		const struct change *row = &comparison->rows[i];
		uint64_t most =
			row->before.value > row->after.value ? row->before.value : row->after.value;

		if (row->wan == HOST_ROW && !strcmp(row->measure->key, "cpu_busiest") &&
		    most >= BUSY)
			paragraph_say(screen, STYLE_WARNING, 0,
				      "A core was busy to %" PRIu64 " %%: the rate may be what the "
				      "machine can do, not the lines.",
				      most / 100);
	}
}

/* Joins are tried when a connection begins, and then no more. */
static void say_begun(const struct screen *screen, const struct verification *verification)
{
	if (!verification->begun.known || !verification->after.samples)
		return;
	if (!verification->begun.value)
		paragraph_say(screen, STYLE_WARNING, 0,
			      "No MPTCP connection began since the command: those that exist do "
			      "not join again, so what it changed for joins cannot show. Restart "
			      "the traffic.");
	else
		paragraph_say(screen, STYLE_PLAIN, 0,
			      "%" PRIu64 " MPTCP connection%s began since the command; older "
			      "ones keep the subflows they have.",
			      verification->begun.value, verification->begun.value == 1 ? "" : "s");
}

static void say_connects_of(const struct screen *screen, const struct verification *verification,
			    const char *when, const struct connect_times *times)
{
	char why[128] = "", fallback[64] = "";

	if (times->failed)
		snprintf(why, sizeof(why), ", %" PRIu32 " failed (%s)", times->failed,
			 strerror(-times->error));
	if (times->fallback)
		snprintf(fallback, sizeof(fallback), ", %" PRIu32 " fell back to plain TCP",
			 times->fallback);
	paragraph_say(screen, times->failed || times->fallback ? STYLE_WARNING : STYLE_PLAIN, 0,
		      "Connects to %s %s: %" PRIu32 " answered%s%s%s.", verification->connect_to,
		      when, times->answered, why, fallback,
		      verification->fallback_known || !times->answered
			      ? ""
			      : "; this kernel does not tell whether they speak MPTCP");
}

static void say_connects(const struct screen *screen, const struct verification *verification)
{
	if (!verification->connect_to)
		return;
	say_connects_of(screen, verification, "before", &verification->before.connects);
	if (verification->after.first)
		say_connects_of(screen, verification, "after", &verification->after.connects);
}

/* How far the octets can be trusted. */
static void say_accounting(const struct screen *screen, const struct window *window)
{
	const struct host *host;

	if (window->unread)
		paragraph_say(screen, STYLE_WARNING, 0,
			      "%" PRIu32 " poll%s could not read the subflows: %s.", window->unread,
			      window->unread == 1 ? "" : "s",
			      window->last ? "later ones could"
					   : "not permitted, or the kernel has none");
	if (!window->last)
		return;
	host = &window->last->host;
	if (host->accounting != ACCOUNTING_EXACT)
		paragraph_say(screen, STYLE_FAINT, 0, "accounting: %s (%s)",
			      word_of(TABLE_HOST, "accounting", host->accounting),
			      host->accounting_reason);
}

int verification_print(const struct screen *screen, const struct verification *verification)
{
	const struct window *last =
		verification->after.last ? &verification->after : &verification->before;
	int error = print_table(screen, &verification->comparison);

	if (error)
		return error;
	fputc('\n', screen->out);
	say_verdict(screen, verification);
	if (!verification->ran)
		paragraph_say(screen, STYLE_NOTE, 0, "The command was not run.");
	say_busy(screen, &verification->comparison);
	say_begun(screen, verification);
	say_connects(screen, verification);
	say_accounting(screen, last);
	return 0;
}
