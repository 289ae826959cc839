/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/status.h"

static struct json_object *flag_words(const struct metric *metric, uint64_t flags)
{
	struct json_object *words = json_object_new_array();

	for (size_t bit = 0; words && metric->words[bit]; bit++)
		if (flags & UINT64_C(1) << bit)
			json_object_array_add(words, json_object_new_string(metric->words[bit]));
	return words;
}

static const char *address_type(const struct address *address)
{
	switch (address->family) {
	case AF_INET:
		return "ipv4";
	case AF_INET6:
		return "ipv6";
	default:
		return "unknown";
	}
}

/* Empty where there is no address. */
static struct json_object *address_text(const struct address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->family, address->bytes, text, sizeof(text));
	return json_object_new_string(text);
}

struct json_object *status_value(const struct snapshot *snapshot, const struct metric *metric,
				 const struct metric_value *value)
{
	switch (metric->meaning) {
	case TEXT:
		return json_object_new_string(value->text);
	case TRUTH:
		return json_object_new_boolean(value->number != 0);
	case ENUM:
		return json_object_new_string(metric->words[value->number]);
	case FLAGS:
		return flag_words(metric, value->number);
	case ADDRESS:
		return address_text(value->address);
	case ADDRESS_TYPE:
		return json_object_new_string(address_type(value->address));
	case DATE:
		return json_object_new_uint64(snapshot_wall_s(snapshot, value->number));
	case STAMP:
		break;		/* status_row() leaves it out */
	case AGE:
		return json_object_new_uint64((snapshot->taken_ms - value->number) / 1000);
	case GAUGE:
	case COUNTER:
	case WALL_DATE:
	case IFINDEX:
	case ROW:
	case PORT:
		return json_object_new_uint64(value->number);
	}
	return NULL;
}

struct json_object *status_row(const struct snapshot *snapshot, const struct metric_table *table,
			       const void *row)
{
	struct json_object *object = json_object_new_object();
	struct metric_value value;

	for (size_t i = 0; object && i < table->index_count; i++)
		if (table->index[i].key)
			json_object_object_add(
				object, table->index[i].key,
				json_object_new_uint64(metric_row_index(table, row, i)));
	/* A stamp is told in SNMP's own time, which nobody knows here. */
	for (size_t i = 0; object && i < table->count; i++)
		if (table->metrics[i].meaning != STAMP &&
		    metric_read(&table->metrics[i], row, &value))
			json_object_object_add(object, table->metrics[i].key,
					       status_value(snapshot, &table->metrics[i], &value));
	return object;
}

static struct json_object *table_json(const struct snapshot *snapshot,
				      const struct metric_table *table)
{
	struct json_object *rows;
	const char *row;
	size_t count, first = 0;

	row = metric_rows(snapshot, table, &count);
	if (table->scalar)
		return status_row(snapshot, table, row);
	if (table->newest && count > table->newest)
		first = count - table->newest;
	rows = json_object_new_array();
	for (size_t i = first; rows && i < count; i++)
		json_object_array_add(rows, status_row(snapshot, table, row + i * table->row_size));
	return rows;
}

char *status_json(const struct snapshot *snapshot)
{
	struct json_object *status = json_object_new_object();
	const char *text;
	char *copy;

	if (!status)
		return NULL;
	json_object_object_add(
		status, "time",
		json_object_new_uint64(snapshot_wall_s(snapshot, snapshot->taken_ms)));
	for (size_t i = 0; i < METRIC_TABLES; i++)
		json_object_object_add(status, metric_tables[i].key,
				       table_json(snapshot, &metric_tables[i]));
	text = json_object_to_json_string_ext(status, JSON_C_TO_STRING_PRETTY);
	copy = text ? strdup(text) : NULL;
	json_object_put(status);
	return copy;
}
