/* SPDX-License-Identifier: MIT */
/*
 * The alarms as JSON, and back. One table a struct says which of its fields are written, under what
 * key, and what may be read there: a file that holds anything else is not ours, and none of it is
 * taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/alarm_condition.h"
#include "lib/finding.h"
#include "lib/json.h"

enum { FORMAT = 1 };

/* No agent of ours gets as far: what is beyond it would soon wrap around. */
#define SEQUENCE_MOST INT32_MAX
#define TIME_MOST_S UINT64_C(100000000000) /* nor as long: the year 5138 */

enum kind { NUMBER32, NUMBER64, MAYBE, TRUTH, TEXT };

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	uint64_t least, most; /* of a number; of a text: most is its size */
};

#define FIELD(s, f, k, key, least, most)                                                           \
	{                                                                                          \
		key, k, offsetof(struct s, f), least, most                                         \
	}
#define FIELD_TEXT(s, f, key)                                                                      \
	{                                                                                          \
		key, TEXT, offsetof(struct s, f), 0, sizeof(((struct s *)0)->f)                    \
	}

static const struct field alarms_fields[] = {
	FIELD(alarms, epoch, NUMBER32, "epoch", 0, UINT32_MAX),
	FIELD(alarms, sequence, NUMBER32, "sequence", 0, SEQUENCE_MOST),
	FIELD(alarms, lost, NUMBER64, "lost", 0, SEQUENCE_MOST),
};

static const struct field condition_fields[] = {
	FIELD_TEXT(condition, alarm.wan_name, "wan"),
	FIELD(condition, alarm.wan_index, NUMBER32, "index", 0, INT32_MAX),
	FIELD(condition, alarm.type, NUMBER32, "type", 0, ALARM_HOST + CAUSE_DRIFT),
	FIELD(condition, alarm.cause, NUMBER32, "cause", 0, CAUSES - 1),
	FIELD(condition, alarm.severity, NUMBER32, "severity", SEVERITY_WARNING, SEVERITY_CRITICAL),
	FIELD(condition, worst, NUMBER32, "worst", SEVERITY_WARNING, SEVERITY_CRITICAL),
	FIELD(condition, alarm.sequence, NUMBER32, "sequence", 1, SEQUENCE_MOST),
	FIELD(condition, alarm.raised_s, NUMBER64, "raised", 0, TIME_MOST_S),
	FIELD(condition, alarm.flapping, TRUTH, "flapping", 0, 1),
	FIELD(condition, last_for.hold, NUMBER32, "hold", 0, HOLDS - 1),
	FIELD(condition, last_for.state, NUMBER32, "state", WAN_UNKNOWN, WAN_CARRYING),
	FIELD_TEXT(condition, alarm.text, "text"),
};

static const struct field record_fields[] = {
	FIELD(alarm_record, sequence, NUMBER32, "sequence", 1, SEQUENCE_MOST),
	FIELD(alarm_record, transition, NUMBER32, "transition", ALARM_RAISED, ALARM_CLEARED),
	FIELD(alarm_record, time_s, NUMBER64, "time", 0, TIME_MOST_S),
	FIELD_TEXT(alarm_record, wan_name, "wan"),
	FIELD_TEXT(alarm_record, wan_label, "label"),
	FIELD(alarm_record, wan_index, NUMBER32, "index", 0, INT32_MAX),
	FIELD(alarm_record, ifindex, NUMBER32, "ifindex", 0, INT32_MAX),
	FIELD(alarm_record, type, NUMBER32, "type", 0, ALARM_HOST + CAUSE_DRIFT),
	FIELD(alarm_record, cause, NUMBER32, "cause", 0, CAUSES - 1),
	FIELD(alarm_record, severity, NUMBER32, "severity", SEVERITY_WARNING, SEVERITY_CRITICAL),
	FIELD(alarm_record, state, NUMBER32, "state", WAN_UNKNOWN, WAN_CARRYING),
	FIELD(alarm_record, raised_by, NUMBER32, "raised-by", 1, SEQUENCE_MOST),
	FIELD(alarm_record, subflows, NUMBER32, "subflows", 0, UINT32_MAX),
	FIELD(alarm_record, share_in, MAYBE, "share-in", 0, 10000),
	FIELD(alarm_record, share_out, MAYBE, "share-out", 0, 10000),
	FIELD(alarm_record, wans_carrying, NUMBER32, "carrying", 0, WANS_MAX),
	FIELD(alarm_record, wans_joined, NUMBER32, "joined", 0, WANS_MAX),
	FIELD(alarm_record, wans_configured, NUMBER32, "configured", 0, WANS_MAX),
	FIELD_TEXT(alarm_record, text, "text"),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * --- writing -----------------------------------------------------------------------------------
 */

static struct json_object *field_json(const struct field *field, const void *value)
{
	switch (field->kind) {
	case NUMBER32:
		return json_object_new_int64(*(const uint32_t *)value);
	case NUMBER64:
		return json_object_new_int64((int64_t) * (const uint64_t *)value);
	case MAYBE:
		return json_object_new_int64(((const struct maybe_u32 *)value)->value);
	case TRUTH:
		return json_object_new_boolean(*(const bool *)value);
	case TEXT:
		return json_object_new_string(value);
	}
	return NULL;
}

static bool write_fields(struct json_object *object, const struct field *fields, size_t count,
			 const void *from)
{
	for (size_t i = 0; i < count; i++) {
		const void *value = (const char *)from + fields[i].offset;

		/* What was not known is not written. */
		if (fields[i].kind == MAYBE && !((const struct maybe_u32 *)value)->known)
			continue;
		if (!json_add(object, fields[i].key, field_json(&fields[i], value)))
			return false;
	}
	return true;
}

static struct json_object *row_json(const struct field *fields, size_t count, const void *from)
{
	struct json_object *object = json_object_new_object();

	if (object && write_fields(object, fields, count, from))
		return object;
	json_object_put(object);
	return NULL;
}

static bool write_active(struct json_object *array, const struct alarms *alarms)
{
	for (size_t i = 0; i < alarms->count; i++)
		if (alarms->conditions[i].active &&
		    !json_append(array, row_json(condition_fields, COUNT(condition_fields),
						 &alarms->conditions[i])))
			return false;
	return true;
}

static bool write_log(struct json_object *array, const struct alarms *alarms)
{
	uint32_t delivered = alarms_delivered_to(alarms);
	size_t count = alarms->log ? alarms->log->count : 0, i = 0;

	if (count > ALARM_LOG_KEPT)
		i = count - ALARM_LOG_KEPT;
	while (i > 0 && alarms->log->rows[i - 1].sequence > delivered)
		i--;
	for (; i < count; i++)
		if (!json_append(array, row_json(record_fields, COUNT(record_fields),
						 &alarms->log->rows[i])))
			return false;
	return true;
}

/* A member of its own for each list, so that it is freed with the whole. NULL: no memory. */
static struct json_object *put_array(struct json_object *object, const char *key)
{
	struct json_object *array = json_object_new_array();

	return json_add(object, key, array) ? array : NULL;
}

static bool write_alarms(struct json_object *object, const struct alarms *alarms)
{
	struct json_object *active, *log;
	uint32_t delivered = alarms_delivered_to(alarms);

	if (delivered > alarms->sequence)
		delivered = alarms->sequence;
	if (!json_add(object, "format", json_object_new_int64(FORMAT)) ||
	    !write_fields(object, alarms_fields, COUNT(alarms_fields), alarms) ||
	    !json_add(object, "delivered", json_object_new_int64(delivered)))
		return false;
	active = put_array(object, "active");
	if (!active || !write_active(active, alarms))
		return false;
	log = put_array(object, "log");
	return log && write_log(log, alarms);
}

char *alarms_save(const struct alarms *alarms)
{
	struct json_object *object = json_object_new_object();
	const char *text = NULL;
	char *copy;

	if (object && write_alarms(object, alarms))
		text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	copy = text ? strdup(text) : NULL;
	json_object_put(object);
	return copy;
}

/*
 * --- reading -----------------------------------------------------------------------------------
 */

static bool read_number(struct json_object *value, uint64_t least, uint64_t most, uint64_t *out)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return false;
	/* What does not fit an int64_t reads as its greatest, which is beyond all bounds. */
	number = json_object_get_int64(value);
	if (number < 0 || (uint64_t)number < least || (uint64_t)number > most)
		return false;
	*out = (uint64_t)number;
	return true;
}

static bool read_text(struct json_object *value, char *out, size_t size)
{
	size_t len;

	if (!json_object_is_type(value, json_type_string))
		return false;
	len = (size_t)json_object_get_string_len(value);
	if (len >= size || strlen(json_object_get_string(value)) != len)
		return false;
	memcpy(out, json_object_get_string(value), len + 1);
	return true;
}

static bool read_field(struct json_object *object, const struct field *field, void *out)
{
	struct json_object *value;
	uint64_t number = 0;

	if (!json_object_object_get_ex(object, field->key, &value))
		return field->kind == MAYBE;
	switch (field->kind) {
	case TEXT:
		return read_text(value, out, field->most);
	case TRUTH:
		*(bool *)out = json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean);
	case MAYBE:
	case NUMBER32:
	case NUMBER64:
		break;
	}
	if (!read_number(value, field->least, field->most, &number))
		return false;
	if (field->kind == MAYBE)
		*(struct maybe_u32 *)out = (struct maybe_u32){ true, (uint32_t)number };
	else if (field->kind == NUMBER32)
		*(uint32_t *)out = (uint32_t)number;
	else
		*(uint64_t *)out = number;
	return true;
}

static bool read_fields(struct json_object *object, const struct field *fields, size_t count,
			void *out)
{
	if (!json_object_is_type(object, json_type_object))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_field(object, &fields[i], (char *)out + fields[i].offset))
			return false;
	return true;
}

/* The array of that name with at most so many elements, or NULL. */
static struct json_object *array_of(struct json_object *object, const char *key, size_t most)
{
	struct json_object *array;

	if (!json_object_object_get_ex(object, key, &array) ||
	    !json_object_is_type(array, json_type_array) || json_object_array_length(array) > most)
		return NULL;
	return array;
}

/* Who it is about, of what type and by what cause fit together. */
static bool subject_fits(const char *wan_name, uint32_t wan_index, uint32_t type, uint32_t cause)
{
	enum finding_kind kind = cause_kind(cause);

	if (type >= ALARM_HOST)
		return !*wan_name && !wan_index && cause == type - ALARM_HOST &&
		       kind == FINDING_HOST;
	if (!settings_name_fits(wan_name) || !wan_index)
		return false;
	if (type == ALARM_LINE_DOWN)
		return kind == FINDING_DOWN;
	return type == ALARM_UP_BUT_IDLE &&
	       (kind == FINDING_STRUCTURAL || kind == FINDING_IDLE || kind == FINDING_BACKUP);
}

static bool time_fits(uint64_t s)
{
	return s == 0 || s >= CLOCK_SET_S;
}

static bool condition_fits(const struct alarms *alarms, const struct condition *condition)
{
	const struct alarm *alarm = &condition->alarm;

	if (!subject_fits(alarm->wan_name, alarm->wan_index, alarm->type, alarm->cause) ||
	    alarm->sequence > alarms->sequence || alarm->severity > condition->worst ||
	    !time_fits(alarm->raised_s))
		return false;
	for (size_t i = 0; i < alarms->count; i++)
		if (alarms->conditions[i].alarm.type == alarm->type &&
		    !strcmp(alarms->conditions[i].alarm.wan_name, alarm->wan_name))
			return false;
	return true;
}

static int read_active(struct json_object *object, struct alarms *into)
{
	struct json_object *array = array_of(object, "active", CONDITIONS_MOST);
	size_t count;

	if (!array)
		return -EBADMSG;
	count = json_object_array_length(array);
	if (!count)
		return 0;
	into->conditions = calloc(count, sizeof(*into->conditions));
	if (!into->conditions)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct condition *condition = &into->conditions[i];

		if (!read_fields(json_object_array_get_idx(array, i), condition_fields,
				 COUNT(condition_fields), condition) ||
		    !condition_fits(into, condition))
			return -EBADMSG;
		condition->active = true;
		condition->last = condition->last_for.evidence = EVIDENCE_FOR;
		into->count++;
	}
	return 0;
}

static bool record_fits(const struct alarm_record *row, uint32_t sequence)
{
	return row->sequence == sequence && row->raised_by <= sequence && time_fits(row->time_s) &&
	       subject_fits(row->wan_name, row->wan_index, row->type, row->cause);
}

/* Its rows are the newest ones, without a gap: there are none only when there never were any. */
static int read_log(struct json_object *object, struct alarms *into)
{
	struct json_object *array = array_of(object, "log", ALARM_LOG_MOST);
	struct alarm_record *rows;
	size_t count;
	int error = 0;

	if (!array)
		return -EBADMSG;
	count = json_object_array_length(array);
	if (count > into->sequence || (!count && into->sequence))
		return -EBADMSG;
	if (!count)
		return 0;
	rows = calloc(count, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < count && !error; i++) {
		if (!read_fields(json_object_array_get_idx(array, i), record_fields,
				 COUNT(record_fields), &rows[i]) ||
		    !record_fits(&rows[i], into->sequence - (uint32_t)(count - 1 - i)))
			error = -EBADMSG;
		rows[i].epoch = into->epoch;
	}
	if (!error) {
		into->log = alarm_log_append(NULL, rows, count);
		error = into->log ? 0 : -ENOMEM;
	}
	free(rows);
	return error;
}

static int read_alarms(struct json_object *object, struct alarms *into)
{
	const struct field format = { "format", NUMBER32, 0, FORMAT, FORMAT };
	const struct field delivered = { "delivered", NUMBER32, 0, 0, SEQUENCE_MOST };
	uint32_t format_number, sequence;
	int error;

	if (!read_fields(object, &format, 1, &format_number) ||
	    !read_fields(object, alarms_fields, COUNT(alarms_fields), into) ||
	    !read_fields(object, &delivered, 1, &sequence) || sequence > into->sequence)
		return -EBADMSG;
	alarms_delivered(into, sequence);
	error = read_log(object, into);
	return error ? error : read_active(object, into);
}

/*
 * No object out of one that is without a fault: before 0.17 json-c had no other word for no memory.
 */
static bool no_memory(enum json_tokener_error error)
{
#if JSON_C_VERSION_NUM >= (17 << 8)
	if (error == json_tokener_error_memory)
		return true;
#endif
	return error == json_tokener_success;
}

/*
 * The text and nothing behind it. NULL with *error set to -EBADMSG or -ENOMEM. Strict: else a
 * comment that nobody ends, and half an object before it, are as good as the whole.
 */
static struct json_object *parse(const char *text, int *error)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = NULL;
	size_t len = strlen(text);

	*error = -ENOMEM;
	if (!tokener)
		return NULL;
	*error = -EBADMSG;
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (len < INT32_MAX)
		object = json_tokener_parse_ex(tokener, text, (int)len);
	if (!object && *text == '{' && no_memory(json_tokener_get_error(tokener)))
		*error = -ENOMEM;
	json_tokener_free(tokener);
	return object;
}

int alarms_load(struct alarms *alarms, const char *text)
{
	struct alarms *read = alarms_new(0);
	struct json_object *object;
	int error = -ENOMEM;

	if (!read)
		return -ENOMEM;
	object = parse(text, &error);
	if (object)
		error = read_alarms(object, read);
	json_object_put(object);
	if (!error)
		error = alarms_join(alarms, read);
	alarms_free(read);
	return error;
}
