/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/json.h"
#include "lib/status.h"

/* What was made, if all of it was. */
static struct json_object *whole(struct json_object *object, bool good)
{
	if (good)
		return object;
	json_object_put(object);
	return NULL;
}

static struct json_object *flag_words(const struct metric *metric, uint64_t flags)
{
	struct json_object *words = json_object_new_array();
	bool good = words;

	for (size_t bit = 0; good && metric->words[bit]; bit++)
		if (flags & UINT64_C(1) << bit)
			good = json_append(words, json_object_new_string(metric->words[bit]));
	return whole(words, good);
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
	bool good = object;

	for (size_t i = 0; good && i < table->index_count; i++)
		if (table->index[i].key)
			good = json_add(object, table->index[i].key,
					json_object_new_uint64(metric_row_index(table, row, i)));
	/* A stamp is told in SNMP's own time, which nobody knows here. */
	for (size_t i = 0; good && i < table->count; i++)
		if (table->metrics[i].meaning != STAMP &&
		    metric_read(&table->metrics[i], row, &value))
			good = json_add(object, table->metrics[i].key,
					status_value(snapshot, &table->metrics[i], &value));
	return whole(object, good);
}

static struct json_object *table_json(const struct snapshot *snapshot,
				      const struct metric_table *table)
{
	struct json_object *rows;
	const char *row;
	size_t count, first = 0;
	bool good;

	row = metric_rows(snapshot, table, &count);
	if (table->scalar)
		return status_row(snapshot, table, row);
	if (table->newest && count > table->newest)
		first = count - table->newest;
	rows = json_object_new_array();
	good = rows;
	for (size_t i = first; good && i < count; i++)
		good = json_append(rows, status_row(snapshot, table, row + i * table->row_size));
	return whole(rows, good);
}

char *status_json(const struct snapshot *snapshot)
{
	struct json_object *status = json_object_new_object();
	uint64_t wall_s = snapshot_wall_s(snapshot, snapshot->taken_ms);
	bool good = status && json_add(status, "time", json_object_new_uint64(wall_s));
	const char *text = NULL;
	char *copy;

	for (size_t i = 0; good && i < METRIC_TABLES; i++)
		good = json_add(status, metric_tables[i].key, table_json(snapshot, &metric_tables[i]));
	if (good)
		text = json_object_to_json_string_ext(status, JSON_C_TO_STRING_PRETTY);
	copy = text ? strdup(text) : NULL;
	json_object_put(status);
	return copy;
}
