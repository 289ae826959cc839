/* SPDX-License-Identifier: MIT */
/* status.json over a hand-made snapshot: words, moments, and what is left out. */
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/status.h"
#include "tests/tap.h"

static struct wan wans[] = {
	{ .index = 3,
	  .name = "wan\"1",
	  .role = ROLE_BACKUP,
	  .state = WAN_STANDBY,
	  .since_ms = 60000,
	  .in_octets = UINT64_MAX,
	  .alarm_severity = SEVERITY_MINOR,
	  .cause = CAUSE_BACKUP_NOT_READY,
	  .cause_text = "no endpoint. Now: \"x\"",
	  .state_s = { [WAN_STANDBY] = 77 } },
	{ .index = 4, .role = ROLE_ACTIVE, .state = WAN_UNKNOWN, .alarm_severity = SEVERITY_NONE },
};
static struct finding findings[] = {
	{ .cause = CAUSE_DRIFT, .severity = SEVERITY_INFO, .since_ms = 60000 },
	{ .wan_index = 3,
	  .cause = CAUSE_BACKUP_NOT_READY,
	  .severity = SEVERITY_MINOR,
	  .wan_name = "wan\"1",
	  .now = "ip mptcp endpoint" },
};
static struct alarm alarms[] = {
	{ .wan_index = 3,
	  .type = ALARM_UP_BUT_IDLE,
	  .wan_name = "wan\"1",
	  .cause = CAUSE_BACKUP_NOT_READY,
	  .severity = SEVERITY_MINOR,
	  .sequence = 40,
	  .raised_s = 1799999990,
	  .flapping = true },
};
static struct endpoint endpoints[] = {
	{ .id = 1, .address = { AF_INET, { 10, 0, 0, 1 } }, .flags = 6, .wan_index = 3 },
	{ .id = 2, .address = { AF_INET6, { 0x20, 1, 0x0d, 0xb8 } } },
	{ .id = 3 },
};
/* Has the log from main() on. */
static struct snapshot snapshot = {
	.taken_ms = 100000,
	.wall_ms = 1800000000600,
	.host = { .accounting = ACCOUNTING_EXACT,
		  .role = ROLE_AGGREGATOR,
		  .worst_severity = SEVERITY_CRITICAL,
		  .since_ms = 1000,
		  .since_s = 1799999000,
		  .complete_ms = 97000 },
	.wans = wans,
	.wan_count = 2,
	.endpoints = endpoints,
	.endpoint_count = 3,
	.findings = findings,
	.finding_count = 2,
	.alarms = alarms,
	.alarm_count = 1,
};

/* A value as text; NULL: not there. The row of a table, or of an object (row < 0). */
static const char *value(struct json_object *status, const char *table, int row, const char *key)
{
	struct json_object *at = json_object_object_get(status, table), *found;

	if (row >= 0)
		at = json_object_array_get_idx(at, (size_t)row);
	if (!json_object_object_get_ex(at, key, &found))
		return NULL;
	return json_object_is_type(found, json_type_string)
		       ? json_object_get_string(found)
		       : json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN);
}

static void words_and_numbers(struct json_object *status)
{
	is_u64(json_object_get_uint64(json_object_object_get(status, "time")), 1800000001, "time");
	is_text(value(status, "host", -1, "accounting"), "exact", "accounting");
	is_text(value(status, "wans", 0, "index"), "3", "index");
	is_text(value(status, "wans", 0, "name"), "wan\"1", "name");
	is_text(value(status, "wans", 0, "state"), "standby", "state");
	is_text(value(status, "wans", 0, "role"), "backup", "role");
	is_text(value(status, "wans", 0, "in_octets"), "18446744073709551615", "64 bits");
	is_text(value(status, "endpoints", 0, "flags"), "[\"subflow\",\"backup\"]", "flags");
	is_text(value(status, "endpoints", 0, "wan_index"), "3", "an index of another table");
	ok(!value(status, "wans", 0, "in_kbps"), "absent values are missing");
}

static void moments(struct json_object *status)
{
	is_text(value(status, "host", -1, "counters_since"), "1799999000", "as it was told first");
	is_text(value(status, "host", -1, "age_s"), "3", "age");
	is_text(value(status, "wans", 0, "state_since"), "1799999961", "a monotonic moment");
	ok(!value(status, "wans", 0, "last_carried"), "one that never was");
	ok(!value(status, "host", -1, "discontinuity_time"), "none in the time of an SNMP agent");
}

static void addresses(struct json_object *status)
{
	static const char *const wanted[][2] = { { "ipv4", "10.0.0.1" },
						 { "ipv6", "2001:db8::" },
						 { "unknown", "" } };

	for (int i = 0; i < 3; i++) {
		is_text(value(status, "endpoints", i, "address_type"), wanted[i][0], "type %d", i);
		is_text(value(status, "endpoints", i, "address"), wanted[i][1], "address %d", i);
	}
}

static void causes_and_findings(struct json_object *status)
{
	is_text(value(status, "host", -1, "role"), "aggregator", "the host's role");
	is_text(value(status, "host", -1, "worst_severity"), "critical", "the worst of all");
	is_text(value(status, "wans", 0, "cause"), "backup-not-ready", "a cause has its word");
	is_text(value(status, "wans", 0, "cause_text"), "no endpoint. Now: \"x\"", "and its story");
	is_text(value(status, "wans", 0, "standby_s"), "77", "seconds in a state");
	is_text(value(status, "wans", 1, "cause"), "none", "no cause");
	is_text(value(status, "wans", 1, "cause_text"), "", "has no story");
	is_text(value(status, "findings", 0, "wan_index"), "0", "a finding of the host");
	is_text(value(status, "findings", 0, "cause"), "drift", "what it is");
	is_text(value(status, "findings", 0, "since"), "1799999961", "since when");
	is_text(value(status, "findings", 1, "wan"), "wan\"1", "a finding of a WAN");
	is_text(value(status, "findings", 1, "now"), "ip mptcp endpoint", "advice");
}

static void alarms_and_their_log(struct json_object *status)
{
	struct json_object *log = json_object_object_get(status, "alarm_log");

	is_u64(json_object_array_length(json_object_object_get(status, "alarms")), 1,
	       "active alarms");
	is_text(value(status, "alarms", 0, "wan_index"), "3", "of a WAN");
	is_text(value(status, "alarms", 0, "type"), "up-but-idle", "what for");
	is_text(value(status, "alarms", 0, "raised"), "1799999990", "since when");
	is_text(value(status, "alarms", 0, "flapping"), "true", "flapping");
	is_u64(json_object_array_length(log), 32, "the newest rows of the log");
	is_text(value(status, "alarm_log", 0, "sequence"), "9", "from there");
	is_text(value(status, "alarm_log", 31, "sequence"), "40", "to the newest");
	is_text(value(status, "alarm_log", 31, "transition"), "raised", "a transition");
	is_text(value(status, "alarm_log", 31, "share_out"), "10000", "a share");
	ok(!value(status, "alarm_log", 31, "share_in"), "one that nobody knew is missing");
	ok(!value(status, "alarm_log", 31, "time"), "so is such a moment");
}

/* Rows 1 to 40. */
static struct alarm_log *log_of_forty(void)
{
	struct alarm_record rows[40] = { { .sequence = 0 } };

	for (uint32_t i = 0; i < 40; i++)
		rows[i] = (struct alarm_record){ .sequence = i + 1,
						 .transition = ALARM_RAISED,
						 .type = ALARM_UP_BUT_IDLE,
						 .severity = SEVERITY_MINOR,
						 .state = WAN_STANDBY,
						 .share_out = { true, 10000 } };
	return alarm_log_append(NULL, rows, 40);
}

static void without_any(void)
{
	struct snapshot empty = { .taken_ms = 1 };
	char *text = status_json(&empty);
	struct json_object *status = json_tokener_parse(text);

	is_text(json_object_to_json_string_ext(json_object_object_get(status, "alarm_log"),
					       JSON_C_TO_STRING_PLAIN),
		"[]", "no log is an empty one");
	json_object_put(status);
	free(text);
}

/*
 * --- no memory ---------------------------------------------------------------------------------
 */

/* The allocation that fails, counted down; below 0: none. json-c's own can only be refused here. */
static int fails_in = -1;

static bool refused(void)
{
	return fails_in >= 0 && fails_in-- == 0;
}

struct json_object *__real_json_object_new_object(void);
struct json_object *__wrap_json_object_new_object(void);
struct json_object *__wrap_json_object_new_object(void)
{
	return refused() ? NULL : __real_json_object_new_object();
}

struct json_object *__real_json_object_new_array(void);
struct json_object *__wrap_json_object_new_array(void);
struct json_object *__wrap_json_object_new_array(void)
{
	return refused() ? NULL : __real_json_object_new_array();
}

struct json_object *__real_json_object_new_string(const char *text);
struct json_object *__wrap_json_object_new_string(const char *text);
struct json_object *__wrap_json_object_new_string(const char *text)
{
	return refused() ? NULL : __real_json_object_new_string(text);
}

struct json_object *__real_json_object_new_uint64(uint64_t number);
struct json_object *__wrap_json_object_new_uint64(uint64_t number);
struct json_object *__wrap_json_object_new_uint64(uint64_t number)
{
	return refused() ? NULL : __real_json_object_new_uint64(number);
}

int __real_json_object_object_add_ex(struct json_object *object, const char *key,
				     struct json_object *value, unsigned int options);
int __wrap_json_object_object_add_ex(struct json_object *object, const char *key,
				     struct json_object *value, unsigned int options);
int __wrap_json_object_object_add_ex(struct json_object *object, const char *key,
				     struct json_object *value, unsigned int options)
{
	return refused() ? -1 : __real_json_object_object_add_ex(object, key, value, options);
}

int __real_json_object_array_add(struct json_object *array, struct json_object *value);
int __wrap_json_object_array_add(struct json_object *array, struct json_object *value);
int __wrap_json_object_array_add(struct json_object *array, struct json_object *value)
{
	return refused() ? -1 : __real_json_object_array_add(array, value);
}

static void all_of_it_or_none(void)
{
	int places = 0, told = 0;
	char *text;

	for (;; places++) {
		fails_in = places;
		text = status_json(&snapshot);
		if (fails_in >= 0)
			break;	/* it came to an end before */
		told += text != NULL;
		free(text);
	}
	free(text);
	fails_in = -1;
	ok(places > 1000, "%d allocations that may fail", places);
	is_u64((uint64_t)told, 0, "each leaves nothing to write");
}

int main(void)
{
	struct alarm_log *log = log_of_forty();
	struct json_object *status;
	char *text;

	snapshot.alarm_log = log;
	text = status_json(&snapshot);
	status = json_tokener_parse(text);

	ok(status != NULL, "it is JSON");
	words_and_numbers(status);
	moments(status);
	addresses(status);
	causes_and_findings(status);
	alarms_and_their_log(status);
	without_any();
	all_of_it_or_none();
	json_object_put(status);
	free(text);
	alarm_log_release(log);
	return tap_done();
}
