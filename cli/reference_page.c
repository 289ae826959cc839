/* SPDX-License-Identifier: MIT */
/* The reference as a page and as a document. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include "cli/reference.h"

/*
 * --- Markdown ----------------------------------------------------------------------------------
 */

static bool told_by_collectd(const struct metric_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->metrics[i].value)
			return true;
	return false;
}

static void print_value(FILE *out, const struct metric *metric, const struct reference *reference)
{
	if (!*reference->value)
		return;
	fprintf(out, "`%s`%s%s", reference->value, *reference->source ? " " : "",
		reference->source);
	if (reference->unit && strcmp(reference->unit, unit_name(metric->unit)))
		fprintf(out, ", %s", reference->unit);
}

static void print_row(FILE *out, const struct metric_table *table, const struct metric *metric)
{
	const struct metric_manual *manual = metric_manual(table, metric);
	struct reference reference = reference_of(table, metric);
	const char *unit = unit_name(metric->unit);

	fprintf(out, "| `%s` | %s%s | %s | `%s` | %s |", metric->key, reference.type,
		metric_may_be_absent(metric) ? ", if known" : "", unit ? unit : "", manual->name,
		reference.oid);
	if (told_by_collectd(table)) {
		fputc(' ', out);
		print_value(out, metric, &reference);
		fputs(" |", out);
	}
	fprintf(out, " %s |\n", manual->help);
}

/* What a row is found by. */
static void print_indexes(FILE *out, const struct metric_table *table)
{
	for (size_t i = 0; i < table->index_count; i++) {
		const struct metric_index *index = &table->index[i];

		fprintf(out, "%s `%s` (%d.%" PRIu32 ".1.%zu)", i ? " and" : " A row by",
			index->name, METRIC_OBJECTS, table->arc, i + 1);
		if (index->key)
			fprintf(out, ", in JSON `%s`", index->key);
	}
	fputs(table->index_count ? "." : "", out);
}

static void print_table(FILE *out, const struct metric_table *table)
{
	bool collectd = told_by_collectd(table);

	fprintf(out, "## %s\n`%s`.", table->key, table->name);
	print_indexes(out, table);
	if (table->newest)
		fprintf(out, " JSON has the newest %zu.", table->newest);
	fprintf(out,
		"\n\n| key | type | unit | object | OID |%s meaning |\n|---|---|---|---|---|%s---|\n",
		collectd ? " collectd |" : "", collectd ? "---|" : "");
	for (size_t i = 0; i < table->count; i++)
		print_row(out, table, &table->metrics[i]);
	fputc('\n', out);
}

/* Several metrics have the same words: they are listed once, with the names of all. */
static void print_words_of(FILE *out, const char *const *words)
{
	char text[REFERENCE_WORDS_LEN];
	const struct metric *found = NULL;

	for (size_t i = 0; i < METRIC_TABLES; i++) {
		for (size_t j = 0; j < metric_tables[i].count; j++) {
			const struct metric *metric = &metric_tables[i].metrics[j];

			if (metric->words != words)
				continue;
			fprintf(out, "%s `%s.%s`", found ? "," : "-", metric_tables[i].key,
				metric->key);
			found = metric;
		}
	}
	if (found)
		fprintf(out, ": %s.\n", reference_words(found, text));
}

static bool listed_before(size_t table, size_t row)
{
	const char *const *words = metric_tables[table].metrics[row].words;

	for (size_t i = 0; i <= table; i++)
		for (size_t j = 0; j < (i < table ? metric_tables[i].count : row); j++)
			if (metric_tables[i].metrics[j].words == words)
				return true;
	return false;
}

void reference_markdown(FILE *out)
{
	for (size_t i = 0; i < METRIC_TABLES; i++)
		print_table(out, &metric_tables[i]);
	fputs("## Words and flags\nWith their numbers in the MIB and in collectd; a flag's is its bit.\n\n",
	      out);
	for (size_t i = 0; i < METRIC_TABLES; i++)
		for (size_t j = 0; j < metric_tables[i].count; j++)
			if (metric_tables[i].metrics[j].words && !listed_before(i, j))
				print_words_of(out, metric_tables[i].metrics[j].words);
}

/*
 * --- JSON --------------------------------------------------------------------------------------
 */

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static struct json_object *words_json(const struct metric *metric)
{
	struct json_object *words = json_object_new_array();

	for (size_t i = 0; words && metric->words[i]; i++) {
		struct json_object *word;

		if (!*metric->words[i])
			continue;
		word = json_object_new_object();
		json_object_object_add(word, "number", json_object_new_uint64(i));
		add_text(word, "word", metric->words[i]);
		json_object_array_add(words, word);
	}
	return words;
}

static struct json_object *value_json(const struct reference *reference)
{
	struct json_object *value = json_object_new_object();

	add_text(value, "name", reference->value);
	if (*reference->source)
		add_text(value, "source", reference->source);
	add_text(value, "kind", reference->kind);
	if (reference->unit)
		add_text(value, "unit", reference->unit);
	return value;
}

static struct json_object *metric_json(const struct metric_table *table,
				       const struct metric *metric)
{
	const struct metric_manual *manual = metric_manual(table, metric);
	struct reference reference = reference_of(table, metric);
	struct json_object *object = json_object_new_object();

	add_text(object, "key", metric->key);
	add_text(object, "object", manual->name);
	add_text(object, "oid", reference.oid);
	add_text(object, "type", reference.type);
	if (metric->unit)
		add_text(object, "unit", unit_name(metric->unit));
	json_object_object_add(object, "may_be_absent",
			       json_object_new_boolean(metric_may_be_absent(metric)));
	if (metric->words)
		json_object_object_add(object, "words", words_json(metric));
	if (*reference.value)
		json_object_object_add(object, "collectd", value_json(&reference));
	add_text(object, "help", manual->help);
	return object;
}

static struct json_object *table_json(const struct metric_table *table)
{
	struct json_object *object = json_object_new_object();
	struct json_object *indexes = json_object_new_array();
	struct json_object *metrics = json_object_new_array();

	add_text(object, "key", table->key);
	add_text(object, "object", table->name);
	for (size_t i = 0; i < table->index_count; i++)
		json_object_array_add(indexes, json_object_new_string(table->index[i].name));
	json_object_object_add(object, "indexes", indexes);
	for (size_t i = 0; i < table->count; i++)
		json_object_array_add(metrics, metric_json(table, &table->metrics[i]));
	json_object_object_add(object, "metrics", metrics);
	return object;
}

char *reference_json(void)
{
	struct json_object *root = json_object_new_object();
	struct json_object *tables = json_object_new_array();
	char oid[REFERENCE_NAME_LEN], *copy;
	const char *text;

	add_text(root, "root", reference_root(oid));
	for (size_t i = 0; i < METRIC_TABLES; i++)
		json_object_array_add(tables, table_json(&metric_tables[i]));
	json_object_object_add(root, "tables", tables);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	json_object_put(root);
	return copy;
}
