/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/status_read.h"
#include "lib/file.h"

enum { STATUS_MOST = 1024 * 1024 }; /* octets; 64 WANs and 255 endpoints take a tenth of it */

/* What is read, as far as we have come: for the line that says what is wrong. */
struct reading {
	const char *name;
	char *why;
	struct status *status;
	const char *table; /* NULL: the whole */
	const char *key;   /* NULL: a row */
	size_t row;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct reading *reading,
							const char *format, ...)
{
	char where[80] = "", what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (reading->table)
		snprintf(where, sizeof(where), "%s[%zu]%s%s: ", reading->table, reading->row,
			 reading->key ? "." : "", reading->key ? reading->key : "");
	snprintf(reading->why, STATUS_WHY_LEN, "%s: %s%s", reading->name, where, what);
	return -EBADMSG;
}

/*
 * --- fields ------------------------------------------------------------------------------------
 */

static int read_text(const struct reading *reading, size_t size, struct json_object *value,
		     char *field)
{
	if (!json_object_is_type(value, json_type_string))
		return refuse(reading, "is no text");
	if ((size_t)json_object_get_string_len(value) >= size)
		return refuse(reading, "is too long a text");
	strcpy(field, json_object_get_string(value));
	return 0;
}

/* A text of any length stays where it is: the status keeps it. */
static int read_string(const struct reading *reading, struct json_object *value,
		       const char **field)
{
	if (!json_object_is_type(value, json_type_string))
		return refuse(reading, "is no text");
	*field = json_object_get_string(value);
	return 0;
}

static int read_address(const struct reading *reading, struct json_object *value,
			struct address *address)
{
	const char *text = json_object_get_string(value);

	if (text && !*text)
		return 0; /* there is none */
	address->family = text && strchr(text, ':') ? AF_INET6 : AF_INET;
	if (!text || inet_pton(address->family, text, address->bytes) != 1)
		return refuse(reading, "is no address");
	return 0;
}

/* The place of a word in a metric's list, or -1. */
static int word_number(const struct metric *metric, struct json_object *word)
{
	for (int i = 0; word && metric->words[i]; i++)
		if (*metric->words[i] && !strcmp(metric->words[i], json_object_get_string(word)))
			return i;
	return -1;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The moment of that age. 0 would be none at all. */
static uint64_t monotonic_ms(uint64_t now_ms, uint64_t age_s)
{
	return age_s < now_ms / 1000 ? now_ms - age_s * 1000 : 1;
}

/* A value as a number, whatever the metric means. */
static int read_number(const struct reading *reading, const struct metric *metric,
		       struct json_object *value, uint64_t *number)
{
	uint64_t now_ms = reading->status->snapshot.taken_ms;
	int word;

	if (metric->meaning == ENUM) {
		word = word_number(metric, value);
		*number = (uint64_t)word;
		return word < 0 ? refuse(reading, "has a value that this version does not know")
				: 0;
	}
	if (metric->meaning == FLAGS) {
		*number = 0;
		if (!json_object_is_type(value, json_type_array))
			return refuse(reading, "is no list");
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			word = word_number(metric, json_object_array_get_idx(value, i));
			if (word < 0)
				return refuse(reading,
					      "has a value that this version does not know");
			*number |= UINT64_C(1) << word;
		}
		return 0;
	}
	if (metric->meaning == TRUTH) {
		*number = (uint64_t)json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean)
			       ? 0
			       : refuse(reading, "is neither true nor false");
	}
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return refuse(reading, "is no whole number");
	*number = json_object_get_uint64(value);
	if (metric->meaning == DATE || metric->meaning == STAMP || metric->meaning == AGE) {
		/* Rounded, it may be as much as a second ahead. */
		if (metric->meaning != AGE && *number > now_ms / 1000 + 1)
			return refuse(reading, "is a moment that is still to come");
		*number = metric->meaning == AGE ? monotonic_ms(now_ms, *number)
						 : least(*number * 1000, now_ms);
	}
	return 0;
}

static int store(const struct reading *reading, enum metric_kind kind, uint64_t number, void *field)
{
	bool is_64 = kind == KIND_U64 || kind == KIND_MAYBE_U64;

	if (number > UINT32_MAX && !is_64)
		return refuse(reading, "is too large a number");
	switch (kind) {
	case KIND_BOOL:
		*(bool *)field = number;
		break;
	case KIND_U32:
		*(uint32_t *)field = (uint32_t)number;
		break;
	case KIND_U64:
		*(uint64_t *)field = number;
		break;
	case KIND_MAYBE_BOOL:
		*(struct maybe_bool *)field = (struct maybe_bool){ true, number };
		break;
	case KIND_MAYBE_U32:
		*(struct maybe_u32 *)field = (struct maybe_u32){ true, (uint32_t)number };
		break;
	case KIND_MAYBE_U64:
		*(struct maybe_u64 *)field = (struct maybe_u64){ true, number };
		break;
	case KIND_TEXT:
	case KIND_STRING:
	case KIND_ADDRESS:
		break;
	}
	return 0;
}

static int read_field(const struct reading *reading, const struct metric *metric,
		      struct json_object *value, void *field)
{
	uint64_t number;
	int error;

	if (metric->meaning == ADDRESS_TYPE)
		return 0; /* the address tells */
	if (metric->kind == KIND_TEXT)
		return read_text(reading, metric->size, value, field);
	if (metric->kind == KIND_STRING)
		return read_string(reading, value, field);
	if (metric->kind == KIND_ADDRESS)
		return read_address(reading, value, field);
	error = read_number(reading, metric, value, &number);
	return error ? error : store(reading, metric->kind, number, field);
}

/*
 * --- rows and tables ---------------------------------------------------------------------------
 */

/* Those that no column tells. */
static int read_indexes(struct reading *reading, const struct metric_table *table,
			struct json_object *object, char *row)
{
	static const struct metric number = { .meaning = GAUGE, .kind = KIND_U32 };
	struct json_object *value;
	int error = 0;

	for (size_t i = 0; i < table->index_count && !error; i++) {
		const struct metric_index *index = &table->index[i];

		reading->key = index->key;
		if (!index->key)
			continue;
		if (!json_object_object_get_ex(object, index->key, &value))
			return refuse(reading, "is missing");
		error = read_field(reading, &number, value, row + index->offset);
	}
	return error;
}

static int read_row(struct reading *reading, const struct metric_table *table,
		    struct json_object *object, char *row)
{
	struct json_object *value;
	int error;

	if (!json_object_is_type(object, json_type_object))
		return refuse(reading, "is no object");
	error = read_indexes(reading, table, object, row);
	for (size_t i = 0; i < table->count && !error; i++) {
		const struct metric *metric = &table->metrics[i];

		reading->key = metric->key;
		if (json_object_object_get_ex(object, metric->key, &value))
			error = read_field(reading, metric, value, row + metric->offset);
		else if (metric->kind == KIND_U32 && metric->meaning == ENUM)
			error = refuse(reading, "is missing");
	}
	reading->key = NULL;
	return error;
}

/* The log has its rows within itself. */
static void *place_log(struct status *status, size_t count)
{
	struct alarm_log *log = calloc(1, sizeof(*log) + count * sizeof(log->rows[0]));

	if (!log)
		return NULL;
	log->count = count;
	status->log = log;
	status->snapshot.alarm_log = log;
	return log->rows;
}

/* Room for the rows of a table; NULL: no memory. */
static void *place(struct status *status, const struct metric_table *table, size_t count)
{
	struct snapshot *snapshot = &status->snapshot;
	void *rows;

	if (table - metric_tables == TABLE_ALARM_LOG)
		return place_log(status, count);
	rows = calloc(count ? count : 1, table->row_size);
	switch (table - metric_tables) {
	case TABLE_WAN:
		snapshot->wans = rows;
		snapshot->wan_count = count;
		break;
	case TABLE_ENDPOINT:
		snapshot->endpoints = rows;
		snapshot->endpoint_count = count;
		break;
	case TABLE_FINDING:
		snapshot->findings = rows;
		snapshot->finding_count = count;
		break;
	case TABLE_ALARM:
		snapshot->alarms = rows;
		snapshot->alarm_count = count;
		break;
	case TABLE_COUNTER:
		snapshot->counters = rows;
		snapshot->counter_count = count;
		break;
	}
	return rows;
}

static int read_table(struct reading *reading, const struct metric_table *table,
		      struct json_object *root)
{
	struct snapshot *snapshot = &reading->status->snapshot;
	struct json_object *object;
	size_t count;
	char *rows;
	int error = 0;

	if (!json_object_object_get_ex(root, table->key, &object))
		return refuse(reading, "no \"%s\" in it", table->key);
	reading->table = table->key;
	reading->row = 0;
	if (table->scalar)
		return read_row(reading, table, object, (char *)&snapshot->host);
	if (!json_object_is_type(object, json_type_array))
		return refuse(reading, "is no list");
	count = json_object_array_length(object);
	rows = place(reading->status, table, count);
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < count && !error; i++) {
		reading->row = i;
		error = read_row(reading, table, json_object_array_get_idx(object, i),
				 rows + i * table->row_size);
	}
	return error;
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

static struct json_object *parse(const struct reading *reading, const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = NULL;
	enum json_tokener_error error;

	if (!tokener)
		return NULL;
	/* What follows the end is a mistake; the white space of an editor is none. */
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (len)
		root = json_tokener_parse_ex(tokener, text, (int)len);
	error = len ? json_tokener_get_error(tokener) : json_tokener_continue;
	if (error == json_tokener_continue)
		refuse(reading, "ends in the middle, at octet %zu", len);
	else if (error != json_tokener_success)
		refuse(reading, "no JSON at octet %zu: %s", json_tokener_get_parse_end(tokener),
		       json_tokener_error_desc(error));
	else if (!json_object_is_type(root, json_type_object))
		refuse(reading, "is no object of JSON");
	json_tokener_free(tokener);
	if (json_object_is_type(root, json_type_object))
		return root;
	json_object_put(root);
	return NULL;
}

static int read_time(struct reading *reading, struct json_object *root)
{
	static const struct metric time = { .meaning = COUNTER, .kind = KIND_U64 };
	struct snapshot *snapshot = &reading->status->snapshot;
	struct json_object *value;
	uint64_t time_s = 0;
	int error;

	if (!json_object_object_get_ex(root, "time", &value))
		return refuse(reading, "no \"time\" in it");
	error = read_number(reading, &time, value, &time_s);
	if (!error && time_s > UINT64_MAX / 2000)
		error = refuse(reading, "\"time\" is out of range");
	snapshot->wall_ms = snapshot->taken_ms = time_s * 1000;
	return error;
}

int status_parse(const char *name, const char *text, size_t len, struct status *status, char *why)
{
	struct reading reading = { .name = name, .why = why, .status = status };
	struct json_object *root;
	int error;

	*status = (struct status){ 0 };
	*why = '\0';
	root = parse(&reading, text, len);
	error = root ? read_time(&reading, root) : -EBADMSG;
	for (size_t i = 0; i < METRIC_TABLES && !error; i++) {
		reading.table = NULL;
		error = read_table(&reading, &metric_tables[i], root);
	}
	status->root = root;
	if (!error && !(status->text = strndup(text, len)))
		error = -ENOMEM;
	if (!error)
		return 0;
	status_free(status);
	if (!*why)
		snprintf(why, STATUS_WHY_LEN, "%s: %s", name, strerror(ENOMEM));
	return error;
}

int status_read(const char *path, struct status *status, char *why)
{
	size_t len;
	char *text;
	int error = file_read(path, STATUS_MOST, &text, &len);

	if (error)
		snprintf(why, STATUS_WHY_LEN, "%s: %s", path, strerror(-error));
	else
		error = status_parse(path, text, len, status, why);
	free(text);
	return error;
}

void status_free(struct status *status)
{
	free(status->snapshot.wans);
	free(status->snapshot.endpoints);
	free(status->snapshot.findings);
	free(status->snapshot.alarms);
	free(status->snapshot.counters);
	free(status->log);
	json_object_put(status->root);
	free(status->text);
	*status = (struct status){ 0 };
}
