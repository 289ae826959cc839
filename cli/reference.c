/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include "cli/reference.h"
#include "cli/table.h"

static const char *const types[] = {
	[GAUGE] = "gauge",     [COUNTER] = "counter",	  [ENUM] = "word",	  [TEXT] = "text",
	[TRUTH] = "truth",     [DATE] = "moment",	  [WALL_DATE] = "moment", [STAMP] = "stamp",
	[AGE] = "age",	       [IFINDEX] = "ifIndex",	  [ROW] = "number",	  [PORT] = "port",
	[ADDRESS] = "address", [ADDRESS_TYPE] = "family", [FLAGS] = "flags",
};

static void name_value(const struct metric_table *table, const struct metric *metric,
		       struct reference *reference)
{
	const char *place = table == &metric_tables[TABLE_WAN] ? "WAN" : "host";
	struct metric_value_name name;

	if (!metric->value)
		return;
	name = metric_value_name(metric);
	snprintf(reference->value, sizeof(reference->value), "%s/%s%s%s",
		 *name.place ? name.place : place, name.type, *name.instance ? "-" : "",
		 name.instance);
	snprintf(reference->source, sizeof(reference->source), "%s", name.source);
	reference->kind = metric->meaning == COUNTER ? "DERIVE" : "GAUGE";
	reference->unit = metric_scaled_unit(metric);
}

struct reference reference_of(const struct metric_table *table, const struct metric *metric)
{
	struct reference reference = { .type = types[metric->meaning] };

	snprintf(reference.oid, sizeof(reference.oid),
		 table->scalar ? "%d.%" PRIu32 ".%d.0" : "%d.%" PRIu32 ".1.%d",
		 METRIC_OBJECTS, table->arc, metric->column);
	name_value(table, metric, &reference);
	return reference;
}

const char *reference_root(char oid[REFERENCE_NAME_LEN])
{
	static const unsigned int root[] = { MIB_ROOT };
	size_t len = 0;

	for (size_t i = 0; i < sizeof(root) / sizeof(root[0]); i++)
		len += (size_t)snprintf(oid + len, REFERENCE_NAME_LEN - len, "%s%u", i ? "." : "",
					root[i]);
	return oid;
}

const char *reference_words(const struct metric *metric, char text[REFERENCE_WORDS_LEN])
{
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; metric->words[i] && len < REFERENCE_WORDS_LEN; i++)
		if (*metric->words[i])
			len += (size_t)snprintf(text + len, REFERENCE_WORDS_LEN - len, "%s%zu %s",
						len ? ", " : "", i, metric->words[i]);
	return text;
}

/*
 * --- for people --------------------------------------------------------------------------------
 */

enum { LINE_LEN = 512 };

static void print_names(const struct screen *screen, const char *name,
			const struct reference *reference)
{
	char line[LINE_LEN];

	snprintf(line, sizeof(line), "%s %s%s%s%s%s", name, reference->oid,
		 *reference->value ? ", collectd " : "", reference->value,
		 *reference->source ? " " : "", reference->source);
	paragraph_print(screen, STYLE_FAINT, line, 2);
}

static void print_metric(const struct screen *screen, const struct metric_table *table,
			 const struct metric *metric)
{
	const struct metric_manual *manual = metric_manual(table, metric);
	struct reference reference = reference_of(table, metric);
	const char *unit = unit_name(metric->unit);
	char words[REFERENCE_WORDS_LEN], what[LINE_LEN];
	bool fits;

	snprintf(what, sizeof(what), "%s%s%s%s", reference.type, unit ? ", " : "", unit ? unit : "",
		 metric_may_be_absent(metric) ? ", if known" : "");
	fits = strlen(metric->key) + 2 + strlen(what) <= screen->width;
	screen_style(screen, STYLE_TITLE);
	fputs(metric->key, screen->out);
	screen_plain(screen, STYLE_TITLE);
	fputs(fits ? ": " : ":\n", screen->out);
	paragraph_print(screen, STYLE_PLAIN, what, fits ? 0 : 2);
	paragraph_print(screen, STYLE_PLAIN, manual->help, 2);
	if (metric->words)
		paragraph_print(screen, STYLE_PLAIN, reference_words(metric, words), 2);
	print_names(screen, manual->name, &reference);
}

void reference_text(const struct screen *screen)
{
	char root[REFERENCE_NAME_LEN];

	paragraph_say(screen, STYLE_PLAIN, 0, "OIDs are below %s.", reference_root(root));
	for (size_t i = 0; i < METRIC_TABLES; i++) {
		const struct metric_table *table = &metric_tables[i];

		fputc('\n', screen->out);
		screen_style(screen, STYLE_TITLE);
		fprintf(screen->out, "== %s (%s)", table->key, table->name);
		screen_plain(screen, STYLE_TITLE);
		fputc('\n', screen->out);
		for (size_t j = 0; j < table->count; j++)
			print_metric(screen, table, &table->metrics[j]);
	}
}
