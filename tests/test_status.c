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
	  .in_octets = UINT64_MAX },
};
static struct endpoint endpoints[] = {
	{ .id = 1, .address = { AF_INET, { 10, 0, 0, 1 } }, .flags = 6, .wan_index = 3 },
	{ .id = 2, .address = { AF_INET6, { 0x20, 1, 0x0d, 0xb8 } } },
	{ .id = 3 },
};
static const struct snapshot snapshot = {
	.taken_ms = 100000,
	.wall_ms = 1800000000600,
	.host = { .accounting = ACCOUNTING_EXACT,
		  .since_ms = 1000,
		  .since_s = 1799999000,
		  .complete_ms = 97000 },
	.wans = wans,
	.wan_count = 1,
	.endpoints = endpoints,
	.endpoint_count = 3,
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

int main(void)
{
	char *text = status_json(&snapshot);
	struct json_object *status = json_tokener_parse(text);

	ok(status != NULL, "it is JSON");
	words_and_numbers(status);
	moments(status);
	addresses(status);
	json_object_put(status);
	free(text);
	return tap_done();
}
