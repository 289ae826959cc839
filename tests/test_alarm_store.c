/* SPDX-License-Identifier: MIT */
/* Alarms over a restart: they go on as if nothing had been; a file that is not ours is refused. */
#include <errno.h>
#include <stdlib.h>
#include "tests/alarm_world.h"
#include "tests/tap.h"

static struct world world;

static void restart(void)
{
	char *text = alarms_save(world.alarms);
	struct alarms *alarms = alarms_new(99);

	ok(text && !alarms_load(alarms, text), "saved and loaded");
	world_restart(&world, alarms);
	free(text);
}

static void an_alarm_goes_on(void)
{
	struct alarm before;

	world_begin(&world);
	world_wan(&world, 2, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_wan(&world, 4, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_host(&world, CAUSE_BLACKHOLE, VERDICT_YES, 0);
	is_u64((uint64_t)world_run(&world, 120), 3, "given: three alarms");
	alarms_delivered(world.alarms, 2);
	before = world.snapshot.alarms[1];
	for (int i = 0; i < 20; i++) {
		restart();
		world_poll(&world);
		is_u64(world.snapshot.alarm_count, 3, "there at the first poll");
		is_u64((uint64_t)world_run(&world, 300), 0, "restart %d: no row", i);
	}
	is_u64(world.snapshot.host.alarm_epoch, 7, "the numbering is the old one");
	is_u64(world.snapshot.host.alarm_sequence, 3, "... to its number");
	is_u64(alarms_delivered_to(world.alarms), 2, "what was delivered stays so");
	is_u64(world.snapshot.host.notifications_pending, 1, "the other row does not");
	ok(!memcmp(&before, &world.snapshot.alarms[1], sizeof(before)), "the alarm is the same");
	ok(world.wans[1].alarm && world.wans[3].alarm && world.snapshot.host.alarm, "all are told");
	world_wan(&world, 2, WAN_CARRYING, CAUSE_NONE, 0);
	is_u64(world_until_row(&world, 3600), 30, "it is cleared as ever");
	is_u64(world_row(&world, 0)->sequence, 4, "... by the next row");
	is_u64(world_row(&world, 0)->raised_by, before.sequence, "... of the alarm raised then");
	is_text(world_row(&world, 0)->text,
		"wan2: carries again; it had been subflow-limit for 1 h 43 min",
		"... by the clock on the wall");
	world_end(&world);
}

static void quiet_and_unknown_do_not_clear(void)
{
	static const enum wan_state states[] = { WAN_QUIET, WAN_UNKNOWN };

	for (size_t i = 0; i < 2; i++) {
		world_begin(&world);
		world_wan(&world, 2, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_wan(&world, 4, WAN_DOWN, CAUSE_LINK_DOWN, 0);
		world_run(&world, 120);
		restart();
		world_wan(&world, 2, states[i], CAUSE_NONE, 0);
		world_wan(&world, 4, WAN_UNKNOWN, CAUSE_NONE, 0);
		is_u64((uint64_t)world_run(&world, 86400), 0, "%s after a restart: no row",
		       state_words[states[i]]);
		is_u64(world.snapshot.alarm_count, 2, "... both are active");
		world_end(&world);
	}
}

/* What clears it depends on what it was raised by: that must be known after a restart, too. */
static void what_it_was_raised_by(void)
{
	static const struct {
		enum wan_state state, then;
		enum cause cause;
		bool clears;
	} cases[] = {
		{ WAN_UNJOINED, WAN_QUIET, CAUSE_SUBFLOW_LIMIT, true },
		{ WAN_IDLE, WAN_QUIET, CAUSE_SCHEDULER_AVOIDS, false },
		{ WAN_IDLE, WAN_QUIET, CAUSE_UNEXPLAINED, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_begin(&world);
		world_wan(&world, 1, cases[i].state, cases[i].cause, 0);
		world_run(&world, 3600);
		restart();
		world_wan(&world, 1, cases[i].then, CAUSE_NONE, 0);
		world.wans[0].subflows = 1;
		is_u64((uint64_t)world_run(&world, 3600), cases[i].clears,
		       "joined clears one by %s: %d", cause_words[cases[i].cause], cases[i].clears);
		world_end(&world);
	}
	world_begin(&world);
	world_wan(&world, 1, WAN_STANDBY, CAUSE_BACKUP_NOT_READY, 0);
	world_run(&world, 3600);
	restart();
	world_wan(&world, 1, WAN_STANDBY, CAUSE_NONE, 0);
	is_u64((uint64_t)world_run(&world, 3600), 0, "a backup line stays one");
	world_end(&world);
}

/* The index is stable, but the name is who it is. */
static void the_name_is_the_identity(void)
{
	world_begin(&world);
	world_wan(&world, 6, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_run(&world, 120);
	restart();
	world.wans[5].index = 60;
	is_u64((uint64_t)world_run(&world, 600), 0, "another index: the same alarm");
	is_u64(world.snapshot.alarms[0].wan_index, 60, "... told under the new one");
	restart();
	snprintf(world.wans[5].name, sizeof(world.wans[5].name), "lte");
	is_u64((uint64_t)world_run(&world, 600), 0, "configured under a new name: the same alarm");
	is_text(world.snapshot.alarms[0].wan_name, "lte", "... told under that");
	restart();
	snprintf(world.wans[5].name, sizeof(world.wans[5].name), "dsl");
	world.wans[5].index = 61;
	is_u64((uint64_t)world_poll(&world), 0, "while it warms up nobody is forgotten");
	ok(!world.snapshot.alarm_count && !world.snapshot.host.wans_in_alarm,
	   "... but who is not there is not told either");
	world_poll(&world);
	is_u64((uint64_t)world_poll(&world), 1, "another name and index: forgotten");
	is_text(world_row(&world, 0)->wan_name, "lte", "... by its old name");
	is_u64((uint64_t)world_run(&world, 120), 1, "... and raised for the new one");
	world_end(&world);
}

static void worst_and_flapping_are_kept(void)
{
	world_begin(&world);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);
	world_run(&world, 120);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_MINOR);
	world_run(&world, 120);
	restart();
	world_run(&world, 60);
	world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);
	is_u64((uint64_t)world_run(&world, 120), 0, "as severe as in the run before: no row");
	for (int i = 0; i < 5; i++) {
		world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
		world_run(&world, 10);
		world_wan(&world, 1, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
		world_run(&world, 10);
	}
	ok(world.snapshot.alarms[0].flapping, "given: it flaps");
	restart();
	world_run(&world, 60);
	ok(world.snapshot.alarms[0].flapping, "still marked");
	world_wan(&world, 1, WAN_CARRYING, CAUSE_NONE, 0);
	is_u64(world_until_row(&world, 3600), 300, "cleared only after a long calm");
	world_end(&world);
}

static void the_log_is_kept(void)
{
	struct alarm_log *before;

	world_begin(&world);
	world_make_rows(&world, 300);
	before = alarm_log_append(world.snapshot.alarm_log, NULL, 0);
	alarms_delivered(world.alarms, 300);
	restart();
	world_poll(&world);
	is_u64(world.snapshot.alarm_log->count, ALARM_LOG_KEPT, "of what was delivered the newest");
	ok(!memcmp(world.snapshot.alarm_log->rows, before->rows + (300 - ALARM_LOG_KEPT),
		   ALARM_LOG_KEPT * sizeof(before->rows[0])),
	   "... byte for byte");
	alarm_log_release(before);
	world_make_rows(&world, 200);
	restart();
	world_poll(&world);
	is_u64(world.snapshot.alarm_log->count, 200, "all that was not delivered");
	is_u64(world.snapshot.host.notifications_pending, 200, "... still is not");
	world_make_rows(&world, 900);
	is_u64(world.snapshot.host.notifications_lost, 76, "lost are those that fell out of it");
	restart();
	world_poll(&world);
	is_u64(world.snapshot.host.notifications_lost, 76, "... once");
	is_u64(world.snapshot.host.notifications_pending, 1024, "pending");
	world_end(&world);
}

/* What people and interfaces are called must come back as it was. */
static void odd_texts(void)
{
	static const char label[] = "Gl\xc3\xbchw\xfcrm\"\\\n\x01</b>";

	world_begin(&world);
	memcpy(world.wans[0].label, label, sizeof(label));
	memset(world.text, 'x', sizeof(world.text) - 1);
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 120);
	restart();
	world_poll(&world);
	is_text(world_row(&world, 0)->wan_label, label, "a label");
	is_u64(strlen(world_row(&world, 0)->text),
	       sizeof(world.text) - 1 + strlen("wan1: . Now: do it"),
	       "a long text");
	world_end(&world);
}

static void a_fresh_start(void)
{
	char *text;
	struct alarms *alarms = alarms_new(5);

	world_begin(&world);
	text = alarms_save(world.alarms);
	ok(text && !alarms_load(alarms, text), "nothing is saved and loaded as well");
	free(text);
	alarms_free(alarms);
	ok(!alarms_dirty(world.alarms), "nothing to save");
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 120);
	ok(alarms_dirty(world.alarms), "something to save");
	alarms_saved(world.alarms);
	world_run(&world, 120);
	ok(!alarms_dirty(world.alarms), "not again");
	world_end(&world);
}

/*
 * --- what is not ours --------------------------------------------------------------------------
 */

/* A copy of text with the first `from` replaced. */
static char *with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = malloc(strlen(text) + strlen(to) + 1);

	if (!ok(at != NULL, "given: %s", from))
		return strcpy(copy, text);
	sprintf(copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return copy;
}

/* Refused, with nothing taken. */
static bool refused(const char *text)
{
	struct alarms *alarms = alarms_new(5);
	int error = alarms_load(alarms, text);
	char *after = alarms_save(alarms);
	bool nothing = after && strstr(after, "\"epoch\":5,\"sequence\":0,") &&
		       strstr(after, "\"active\":[]") && strstr(after, "\"log\":[]");

	free(after);
	alarms_free(alarms);
	return error == -EBADMSG && nothing;
}

static void bad_files(void)
{
	static const struct { const char *from, *to; } cases[] = {
		{ "\"format\":1", "\"format\":2" },
		{ "\"format\":1,", "" },
		{ "\"epoch\":7", "\"epoch\":-1" },
		{ "\"epoch\":7", "\"epoch\":4294967296" },
		{ "\"epoch\":7", "\"epoch\":\"7\"" },
		{ "\"epoch\":7", "\"epoch\":7.5" },
		{ "\"sequence\":2,", "\"sequence\":1," },
		{ "\"sequence\":2,", "\"sequence\":3," },
		{ "\"sequence\":2,", "\"sequence\":0," },
		{ "\"sequence\":2,", "\"sequence\":4294967295," },
		{ "\"delivered\":0", "\"delivered\":3" },
		{ "\"delivered\":0", "\"delivered\":18446744073709551615" },
		{ "\"lost\":0", "\"lost\":null" },
		{ "\"active\":[", "\"active\":[{}," },
		{ "\"active\":[", "\"active\":[7," },
		{ "\"active\":[", "\"inactive\":[" },
		{ "\"log\":[", "\"log\":{\"x\":[" },
		{ "\"log\":[", "\"log\":[{}," },
		{ "\"wan\":\"wan1\"", "\"wan\":\"\"" },
		{ "\"wan\":\"wan1\"", "\"wan\":\"wan2\"" },	/* twice the same */
		{ "\"wan\":\"wan1\"", "\"wan\":\"wan 1\"" },
		{ "\"wan\":\"wan1\"", "\"wan\":\"wan1\\u0000\"" },
		{ "\"wan\":\"wan1\"", "\"wan\":\"wan1wan1wan1wan1wan1wan1wan1wan1\"" },
		{ "\"wan\":\"wan1\"", "\"wan\":[]" },
		{ "\"index\":1", "\"index\":0" },
		{ "\"type\":2", "\"type\":3" },
		{ "\"type\":2", "\"type\":1" },
		{ "\"type\":2", "\"type\":14" },
		{ "\"cause\":20", "\"cause\":0" },
		{ "\"cause\":20", "\"cause\":19" },
		{ "\"cause\":20", "\"cause\":40" },
		{ "\"cause\":20", "\"cause\":1000" },
		{ "\"severity\":5", "\"severity\":2" },
		{ "\"severity\":5", "\"severity\":7" },
		{ "\"worst\":5", "\"worst\":4" },
		{ "\"sequence\":1", "\"sequence\":0" },
		{ "\"raised\":1700000075", "\"raised\":1" },
		{ "\"raised\":1700000075", "\"raised\":9223372036854775807" },
		{ "\"flapping\":false", "\"flapping\":0" },
		{ "\"hold\":0", "\"hold\":4" },
		{ "\"state\":3", "\"state\":10" },
		{ "\"text\":\"wan1", "\"text\":\"wan1\\u0000" },
		{ "\"transition\":1", "\"transition\":4" },
		{ "\"raised-by\":1", "\"raised-by\":2" },
		{ "\"share-in\":17", "\"share-in\":10001" },
		{ "\"configured\":6", "\"configured\":65" },
		{ "\"label\":\"",
		  "\"label\":\"12345678901234567890123456789012345678901234567890123456789" },
	};
	char *text, *changed;

	world_begin(&world);
	world.wans[0].share_in = (struct maybe_u32){ true, 17 };
	world_wan(&world, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_wan(&world, 2, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_run(&world, 120);
	text = alarms_save(world.alarms);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		changed = with(text, cases[i].from, cases[i].to);
		ok(refused(changed), "refused: %s for %s", cases[i].to, cases[i].from);
		free(changed);
	}
	for (size_t len = 0; len < strlen(text); len += 7) {
		changed = strdup(text);
		changed[len] = '\0';
		ok(refused(changed), "cut off after %zu octets", len);
		free(changed);
	}
	ok(refused("[]") && refused("7") && refused("null") && refused("\"\"") && refused("{}"),
	   "other JSON");
	ok(refused("{\"format\":1,\"epoch\":7,\"sequence\":5,\"lost\":0,\"delivered\":5,"
		   "\"active\":[],\"log\":[]}"),
	   "a numbering without rows");
	changed = with(text, "{", "{{");
	ok(refused(changed), "no JSON");
	free(changed);
	/* Nobody may look beyond its end, where there may be anything, such as zeros. */
	changed = calloc(1, strlen(text) + 16);
	sprintf(changed, "%s//", text);
	ok(refused(changed), "a comment that nobody ends");
	free(changed);
	changed = malloc(strlen(text) + 3);
	sprintf(changed, "%s\n", text);
	ok(!refused(changed), "a line's end behind it is fine");
	sprintf(changed, "%s\nx", text);
	ok(refused(changed), "anything else is not");
	free(changed);
	free(text);
	world_end(&world);
}

struct json_tokener;
struct json_object *__real_json_tokener_parse_ex(struct json_tokener *, const char *text, int len);
struct json_object *__wrap_json_tokener_parse_ex(struct json_tokener *, const char *text, int len);
static bool no_memory;

struct json_object *__wrap_json_tokener_parse_ex(struct json_tokener *tokener, const char *text,
						 int len)
{
	return no_memory ? NULL : __real_json_tokener_parse_ex(tokener, text, len);
}

/* A good file is not set aside for want of memory. */
static void without_memory(void)
{
	struct alarms *alarms = alarms_new(99);
	char *text = alarms_save(alarms);

	no_memory = true;
	is_u64((uint64_t)-alarms_load(alarms, text), ENOMEM, "which is no fault of the file");
	no_memory = false;
	is_u64((uint64_t)-alarms_load(alarms, "null"), EBADMSG, "nothing at all is one");
	ok(!alarms_load(alarms, text), "it is good");
	free(text);
	alarms_free(alarms);
}

int main(void)
{
	an_alarm_goes_on();
	quiet_and_unknown_do_not_clear();
	what_it_was_raised_by();
	the_name_is_the_identity();
	worst_and_flapping_are_kept();
	the_log_is_kept();
	odd_texts();
	a_fresh_start();
	bad_files();
	without_memory();
	return tap_done();
}
