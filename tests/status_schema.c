/* SPDX-License-Identifier: MIT */
/*
 * Prints what doc/mptcp-wan.schema.json has to say of status.json, from THE table: the member
 * "status" of its $defs as it stands there, for reference.sh.
 */
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/metrics.h"

/* A line at a depth of the document. */
__attribute__((format(printf, 2, 3))) static void line(int depth, const char *format, ...)
{
	va_list args;

	printf("%*s", 2 * depth, "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/*
 * --- a value -----------------------------------------------------------------------------------
 */

static void add(struct json_object *schema, const char *key, struct json_object *value)
{
	json_object_object_add(schema, key, value);
}

static void add_type(struct json_object *schema, const char *type)
{
	add(schema, "type", json_object_new_string(type));
}

static void add_whole_number(struct json_object *schema, uint64_t most)
{
	add_type(schema, "integer");
	add(schema, "minimum", json_object_new_int(0));
	add(schema, "maximum", json_object_new_uint64(most));
}

static void add_text(struct json_object *schema, size_t most)
{
	add_type(schema, "string");
	add(schema, "maxLength", json_object_new_uint64(most));
}

/* A number that nobody has is no word. */
static void add_words(struct json_object *schema, const char *const *words)
{
	struct json_object *list = json_object_new_array();

	for (; *words; words++)
		if (**words)
			json_object_array_add(list, json_object_new_string(*words));
	add(schema, "enum", list);
}

static void add_flags(struct json_object *schema, const char *const *words)
{
	struct json_object *item = json_object_new_object();

	add_words(item, words);
	add_type(schema, "array");
	add(schema, "uniqueItems", json_object_new_boolean(true));
	add(schema, "items", item);
}

static uint64_t most_of(const struct metric *metric)
{
	bool wide = metric->kind == KIND_U64 || metric->kind == KIND_MAYBE_U64;

	return metric->meaning == PORT ? UINT16_MAX : wide ? UINT64_MAX : UINT32_MAX;
}

static void add_value(struct json_object *schema, const struct metric *metric)
{
	static const char *const families[] = { "unknown", "ipv4", "ipv6", NULL };

	switch (metric->meaning) {
	case TEXT:
		add_text(schema, (metric->kind == KIND_STRING ? STORY_LEN : metric->size) - 1);
		break;
	case TRUTH:
		add_type(schema, "boolean");
		break;
	case ENUM:
		add_words(schema, metric->words);
		break;
	case FLAGS:
		add_flags(schema, metric->words);
		break;
	case ADDRESS:
		add_text(schema, INET6_ADDRSTRLEN - 1);
		break;
	case ADDRESS_TYPE:
		add_words(schema, families);
		break;
	default:
		add_whole_number(schema, most_of(metric));
	}
}

/* The unit is in the description: a schema has no word of its own for it. */
static void add_description(struct json_object *schema, const char *help, const char *unit)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%s%s", help, unit ? " Unit: " : "", unit ? unit : "",
		 unit ? "." : "");
	add(schema, "description", json_object_new_string(text));
}

/*
 * --- properties --------------------------------------------------------------------------------
 */

static void print_property(int depth, const char *key, struct json_object *schema, bool last)
{
	line(depth, "\"%s\": %s%s", key,
	     json_object_to_json_string_ext(schema, JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE),
	     last ? "" : ",");
	json_object_put(schema);
}

static void print_index(int depth, const struct metric_index *index)
{
	struct json_object *schema = json_object_new_object();
	char help[128];

	add_whole_number(schema, UINT32_MAX);
	snprintf(help, sizeof(help), "%s of the row.", index->name);
	add_description(schema, help, NULL);
	print_property(depth, index->key, schema, false);
}

static void print_metric(int depth, const struct metric_table *table,
			 const struct metric *metric, bool last)
{
	struct json_object *schema = json_object_new_object();
	bool moment = metric->meaning == DATE || metric->meaning == WALL_DATE;

	add_value(schema, metric);
	add_description(schema, metric_manual(table, metric)->help,
			moment ? "seconds since 1970" : unit_name(metric->unit));
	print_property(depth, metric->key, schema, last);
}

/* A stamp is told in SNMP only. */
static bool in_json(const struct metric *metric)
{
	return metric->meaning != STAMP;
}

static void print_required(int depth, const struct metric_table *table)
{
	struct json_object *keys = json_object_new_array();

	for (size_t i = 0; i < table->index_count; i++)
		if (table->index[i].key)
			json_object_array_add(keys, json_object_new_string(table->index[i].key));
	for (size_t i = 0; i < table->count; i++)
		if (in_json(&table->metrics[i]) && !metric_may_be_absent(&table->metrics[i]))
			json_object_array_add(keys, json_object_new_string(table->metrics[i].key));
	line(depth, "\"required\": %s,",
	     json_object_to_json_string_ext(keys, JSON_C_TO_STRING_SPACED));
	json_object_put(keys);
}

static void print_row(int depth, const struct metric_table *table)
{
	size_t last = table->count;

	while (last && !in_json(&table->metrics[last - 1]))
		last--;
	line(depth, "\"type\": \"object\",");
	line(depth, "\"additionalProperties\": false,");
	print_required(depth, table);
	line(depth, "\"properties\": {");
	for (size_t i = 0; i < table->index_count; i++)
		if (table->index[i].key)
			print_index(depth + 1, &table->index[i]);
	for (size_t i = 0; i < last; i++)
		if (in_json(&table->metrics[i]))
			print_metric(depth + 1, table, &table->metrics[i], i + 1 == last);
	line(depth, "}");
}

static void print_table(int depth, const struct metric_table *table, bool last)
{
	line(depth, "\"%s\": {", table->key);
	if (table->scalar) {
		print_row(depth + 1, table);
	} else {
		line(depth + 1, "\"type\": \"array\",");
		if (table->newest)
			line(depth + 1, "\"maxItems\": %zu,", table->newest);
		line(depth + 1, "\"items\": {");
		print_row(depth + 2, table);
		line(depth + 1, "}");
	}
	line(depth, "}%s", last ? "" : ",");
}

int main(void)
{
	struct json_object *required = json_object_new_array();
	struct json_object *time = json_object_new_object();

	json_object_array_add(required, json_object_new_string("time"));
	for (size_t i = 0; i < METRIC_TABLES; i++)
		json_object_array_add(required, json_object_new_string(metric_tables[i].key));
	line(2, "\"status\": {");
	line(3, "\"description\": \"What mptcp-wan show prints, and status.json: the last poll. "
		"Made from lib/metrics.c by tests/reference.sh --accept.\",");
	line(3, "\"type\": \"object\",");
	line(3, "\"additionalProperties\": false,");
	line(3, "\"required\": %s,",
	     json_object_to_json_string_ext(required, JSON_C_TO_STRING_SPACED));
	line(3, "\"properties\": {");
	add_whole_number(time, UINT64_MAX);
	add_description(time, "The moment of the poll.", "seconds since 1970");
	print_property(4, "time", time, false);
	for (size_t i = 0; i < METRIC_TABLES; i++)
		print_table(4, &metric_tables[i], i + 1 == METRIC_TABLES);
	line(3, "}");
	line(2, "}");
	json_object_put(required);
	return 0;
}
