/* SPDX-License-Identifier: MIT */
/* What an operator may say, key by key, and what he is told when it is wrong. */
#include <errno.h>
#include "lib/finding.h"
#include "lib/settings.h"
#include "tests/tap.h"

static struct settings settings;
static char why[WHY_LEN];

#define FIELD(f) offsetof(struct settings, f)
static const struct {
	const char *key;
	size_t offset;
	const char *good;
	uint32_t want;
	const char *other;
	uint32_t want_other;
	const char *bad[7];
} numbers[] = {
	{ "interval",
	  FIELD(interval_ms),
	  "5",
	  5000,
	  "100ms",
	  100,
	  { "99ms", "0", "2h", "5 s", "-5", "", "5d" } },
	{ "cpu-budget", FIELD(cpu_budget), "1", 1, "100", 100, { "0", "101", "2%", "-1", "" } },
	{ "window", FIELD(window_ms), "30s", 30000, "1h", 3600000, { "999ms", "61m", "x", "1.5" } },
	{ "floor",
	  FIELD(floor_octets),
	  "1",
	  1,
	  "1000000000",
	  1000000000,
	  { "0", "1000000001", "64k", "4294967296", "18446744073709551616" } },
	{ "join-grace", FIELD(join_grace_ms), "0", 0, "10m", 600000, { "601", "11m", "ms" } },
	{ "subflows-most",
	  FIELD(subflows_most),
	  "1000",
	  1000,
	  "10000000",
	  10000000,
	  { "999", "10000001", "1e6" } },
	{ "pressure-window", FIELD(pressure_window_ms), "3s", 3000, "1h", 3600000, { "999ms", "2h" } },
	{ "raise-after", FIELD(raise_after_ms), "4s", 4000, "0", 0, { "25h", "86400001ms", "1d" } },
	{ "raise-idle-after", FIELD(raise_idle_after_ms), "0", 0, "24h", 86400000, { "25h", "4S" } },
	{ "idle-memory", FIELD(idle_memory_ms), "1s", 1000, "24h", 86400000, { "0", "25h" } },
	{ "raise-avoided-after", FIELD(raise_avoided_after_ms), "0", 0, "24h", 86400000, { "25h" } },
	{ "raise-backup-after", FIELD(raise_backup_after_ms), "0", 0, "24h", 86400000, { "25h" } },
	{ "clear-after", FIELD(clear_after_ms), "2s", 2000, "0", 0, { "25h", "-1" } },
	{ "flap-window", FIELD(flap_window_ms), "0", 0, "24h", 86400000, { "25h" } },
	{ "far-silent-after", FIELD(far_silent_ms), "1s", 1000, "1h", 3600000, { "0", "61m" } },
	{ "role",
	  FIELD(role),
	  "aggregator",
	  ROLE_AGGREGATOR,
	  "router",
	  ROLE_ROUTER,
	  { "", "Router", "vps", "0" } },
	{ "role", FIELD(role), "router", ROLE_ROUTER, "auto", 0, { "automatic" } },
	{ "shelve",
	  FIELD(shelved_host),
	  "drift",
	  1 << CAUSE_DRIFT,
	  "fallback, blackhole",
	  1 << CAUSE_DRIFT | 1 << CAUSE_FALLBACK | 1 << CAUSE_BLACKHOLE,
	  { "up-but-idle", "subflow-limit", "all", "none", "Drift", "1" } },
	{ "expect-ceiling", FIELD(expect.ceiling), "8", 8, "0", 0, { "256", "-1", "many" } },
	{ "announce-on-attach", FIELD(announce_on_attach), "yes", 1, "no", 0, { "", "2" } },
	{ "bpf", FIELD(bpf), "off", 0, "TRUE", 1, { "2", "maybe", "", "Tracepoint" } },
	{ "bpf", FIELD(bpf), "tracepoint", BPF_TRACEPOINT, "no", 0, { "tracepoints" } },
	{ "events", FIELD(events), "no", 0, "1", 1, { "yess", "t" } },
};

static uint32_t value_of(size_t row)
{
	const char *at = (const char *)&settings + numbers[row].offset;

	if (numbers[row].offset == FIELD(events) ||
	    numbers[row].offset == FIELD(announce_on_attach))
		return *(const bool *)at;
	return *(const uint32_t *)(const void *)at;
}

static void every_number(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *key = numbers[i].key;

		settings_default(&settings);
		ok(!settings_set(&settings, key, numbers[i].good, why), "%s = %s", key,
		   numbers[i].good);
		is_u64(value_of(i), numbers[i].want, "%s is taken", numbers[i].good);
		ok(!settings_set(&settings, key, numbers[i].other, why), "%s = %s", key,
		   numbers[i].other);
		for (size_t j = 0; j < 7 && numbers[i].bad[j]; j++) {
			const char *bad = numbers[i].bad[j];

			ok(settings_set(&settings, key, bad, why) == -EINVAL,
			   "%s = '%s' is refused", key, bad);
			ok(strstr(why, key) && strstr(why, bad), "and named: %s", why);
		}
		is_u64(value_of(i), numbers[i].want_other, "%s is as before", key);
	}
	ok(settings_set(&settings, "intervall", "5", why) == -EINVAL, "an unknown key");
	ok(strstr(why, "intervall") != NULL, "is named: %s", why);
}

/* The defaults that the example tells. */
static void defaults(void)
{
	settings_default(&settings);
	is_u64(settings.pressure_window_ms, 10000, "pressure-window 10s");
	is_u64(settings.raise_after_ms, 60000, "raise-after 60s");
	is_u64(settings.raise_idle_after_ms, 120000, "raise-idle-after 120s");
	is_u64(settings.idle_memory_ms, 1800000, "idle-memory 30m");
	is_u64(settings.raise_avoided_after_ms, 900000, "raise-avoided-after 15m");
	is_u64(settings.raise_backup_after_ms, 600000, "raise-backup-after 10m");
	is_u64(settings.clear_after_ms, 30000, "clear-after 30s");
	is_u64(settings.flap_window_ms, 600000, "flap-window 10m");
	is_u64(settings.far_silent_ms, 10000, "far-silent-after 10s");
	ok(!settings.role && !settings.shelved_host && !settings.announce_on_attach &&
	   !settings.on_alarm[0], "nothing else is set");
	ok(!settings.expect.subflows.known && !settings.expect.add_addr.known &&
	   !settings.expect.ceiling && !settings.expect.scheduler[0] &&
	   !settings.expect.path_manager[0], "nothing is expected");
}

/* Each call adds to it, so flat front ends may say a list in several lines. */
static void lists(void)
{
	settings_default(&settings);
	ok(!settings_set(&settings, "shelve", "drift", why), "one word");
	ok(!settings_set(&settings, "shelve", " fallback ,blackhole  drift,", why), "and more");
	is_u64(settings.shelved_host, 1 << CAUSE_DRIFT | 1 << CAUSE_FALLBACK | 1 << CAUSE_BLACKHOLE,
	       "add up");
	ok(settings_set(&settings, "shelve", "no-endpoints, subflow-limit", why) == -EINVAL,
	   "one of them is none: %s", why);
	ok(!strstr(why, "no-endpoints,") || strstr(why, "'subflow-limit'"), "which is named");
	for (uint32_t cause = 0; cause < CAUSES; cause++)
		if (cause_kind(cause) == FINDING_HOST)
			ok(strstr(why, cause_words[cause]) != NULL, "%s is offered",
			   cause_words[cause]);
	is_u64(settings.shelved_host, 1 << CAUSE_DRIFT | 1 << CAUSE_FALLBACK | 1 << CAUSE_BLACKHOLE,
	       "nothing was added");
	for (uint32_t cause = 0; cause < CAUSES; cause++)
		if (cause_kind(cause) == FINDING_HOST)
			ok(!settings_set(&settings, "shelve", cause_words[cause], why) &&
			   settings.shelved_host & UINT32_C(1) << cause, "%s may be shelved",
			   cause_words[cause]);
	ok(!settings_set(&settings, "shelve", "", why) && !settings.shelved_host, "emptied");
	ok(settings_key_is_list("shelve") && settings_key_is_list("addresses") &&
	   !settings_key_is_list("role"), "which keys are lists");
}

static void expectations(void)
{
	struct expectations *expect = &settings.expect;

	settings_default(&settings);
	ok(!settings_set(&settings, "expect-subflows", "0", why) && expect->subflows.known &&
	   !expect->subflows.value, "0 is a limit too");
	ok(!settings_set(&settings, "expect-subflows", "255", why) && expect->subflows.value == 255,
	   "255 is the greatest");
	ok(settings_set(&settings, "expect-subflows", "256", why) == -EINVAL &&
	   expect->subflows.value == 255, "no more: %s", why);
	ok(!settings_set(&settings, "expect-add-addr", "4", why) && expect->add_addr.known &&
	   expect->add_addr.value == 4, "add-addr");
	ok(settings_set(&settings, "expect-add-addr", "four", why) == -EINVAL, "told: %s", why);
	ok(!settings_set(&settings, "expect-scheduler", "default", why), "scheduler");
	is_text(expect->scheduler, "default", "is taken");
	ok(settings_set(&settings, "expect-scheduler", "two words", why) == -EINVAL, "%s", why);
	ok(settings_set(&settings, "expect-scheduler", "a_name_of_32_octets_is_too_long_", why) ==
	   -EINVAL, "%s", why);
	is_text(expect->scheduler, "default", "is as before");
	ok(!settings_set(&settings, "expect-scheduler", "", why) && !expect->scheduler[0],
	   "anything will do");
	ok(!settings_set(&settings, "expect-path-manager", "kernel", why), "path manager");
	is_text(expect->path_manager, "kernel", "is taken");
}

static void every_path(void)
{
	static const char *const keys[] = { "agentx-socket", "state-dir", "run-dir", "on-alarm" };
	const char *const fields[] = { settings.agentx_socket, settings.state_dir,
				       settings.run_dir, settings.on_alarm };
	char longest[PATH_LEN + 1] = "/";

	memset(longest + 1, 'x', PATH_LEN - 1);
	for (size_t i = 0; i < 4; i++) {
		longest[PATH_LEN - 1] = 'x';
		ok(!settings_set(&settings, keys[i], "/run/x", why), "%s", keys[i]);
		is_text(fields[i], "/run/x", "is taken");
		ok(settings_set(&settings, keys[i], "run/x", why) == -EINVAL, "relative: %s", why);
		ok(settings_set(&settings, keys[i], longest, why) == -EINVAL, "too long: %s", why);
		is_text(fields[i], "/run/x", "is as before");
		longest[PATH_LEN - 1] = '\0';
		ok(!settings_set(&settings, keys[i], longest, why), "107 octets fit");
		ok(settings_set(&settings, keys[i], "/a\nb", why) == -EINVAL && !strchr(why, '\n'),
		   "two lines, told in one: %s", why);
		is_u64(settings_set(&settings, keys[i], "", why) == 0, i == 3,
		       "only on-alarm may be empty");
	}
	is_text(settings.on_alarm, "", "no program");
}

static void wan_blocks(void)
{
	static const char *const bad[] = { "",	   "host",     "limits",
					   "a b",  "a/b",      "a\"b",
					   "\x7f", "\xc3\xa4", "a_name_of_32_octets_is_too_long_" };
	struct wan_settings *wan, *other;
	char name[16];

	settings_default(&settings);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!settings_add_wan(&settings, bad[i], why), "'%s' is no name", bad[i]);
		ok(strstr(why, strcmp(bad[i], "\x7f") ? bad[i] : "'?'") != NULL,
		   "and is told: %s", why);
	}
	wan = settings_add_wan(&settings, "a_name_of_31_octets_is_all_righ", why);
	ok(wan && settings.wan_count == 1, "31 octets fit");
	ok(!settings_add_wan(&settings, wan->name, why), "twice: %s", why);
	ok(!settings_set_wan(&settings, wan, "device", "eth1", why), "device");
	ok(!settings_set_wan(&settings, wan, "label", "Fibre", why), "label");
	ok(!settings_set_wan(&settings, wan, "role", "backup", why), "role");
	is_text(wan->device, "eth1", "device is taken");
	is_text(wan->label, "Fibre", "label is taken");
	is_u64(wan->role, ROLE_BACKUP, "role is taken");
	ok(settings_set_wan(&settings, wan, "role", "spare", why) == -EINVAL, "role: %s", why);
	ok(settings_set_wan(&settings, wan, "colour", "red", why) == -EINVAL, "unknown: %s", why);
	ok(settings_set_wan(&settings, wan, "device", "an_interface_too_long", why) == -EINVAL,
	   "device: %s", why);
	other = settings_add_wan(&settings, "wan2", why);
	ok(settings_set_wan(&settings, other, "device", "eth1", why) == -EINVAL, "claimed: %s",
	   why);
	ok(strstr(why, "eth1") != NULL, "the device is named");
	while (settings.wan_count < WANS_MAX) {
		snprintf(name, sizeof(name), "wan%zu", settings.wan_count + 10);
		settings_add_wan(&settings, name, why);
	}
	ok(!settings_add_wan(&settings, "more", why), "64 at most: %s", why);
}

static struct wan_settings *add(const char *name)
{
	return settings_add_wan(&settings, name, why);
}

static int set(struct wan_settings *wan, const char *key, const char *value)
{
	return settings_set_wan(&settings, wan, key, value, why);
}

static void rates_and_shelves_of_a_wan(void)
{
	static const struct { const char *text; uint32_t kbps; } good[] = {
		{ "500", 500 },		{ "500kbit", 500 },	 { "30mbit", 30000 },
		{ "30Mbit", 30000 },	{ "1gbit", 1000000 },	 { "1000gbit", 1000000000 },
		{ "0", 0 },
	};
	static const char *const bad[] = { "",	   "fast",    "30m",	    "1.5mbit",
					   "-1",   "30 mbit", "1001gbit", "99999999999" };
	struct wan_settings *wan;

	settings_default(&settings);
	wan = add("wan1");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ok(!set(wan, "rate-in", good[i].text), "rate-in = %s", good[i].text);
		is_u64(wan->rate_in_kbps, good[i].kbps, "in kbit/s");
	}
	ok(!set(wan, "rate-out", "10mbit") && wan->rate_out_kbps == 10000 && !wan->rate_in_kbps,
	   "each direction has its own");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(set(wan, "rate-out", bad[i]) == -EINVAL, "rate-out: %s", why);
		is_u64(wan->rate_out_kbps, 10000, "is as before");
	}
	ok(!set(wan, "shelve", "up-but-idle"), "shelve");
	is_u64(wan->shelved, 1u << ALARM_UP_BUT_IDLE, "one");
	ok(!set(wan, "shelve", "line-down"), "and the other");
	is_u64(wan->shelved, 1u << ALARM_UP_BUT_IDLE | 1u << ALARM_LINE_DOWN, "add up");
	ok(!set(wan, "shelve", "") && !wan->shelved, "none");
	ok(!set(wan, "shelve", "all"), "all");
	is_u64(wan->shelved, 1u << ALARM_UP_BUT_IDLE | 1u << ALARM_LINE_DOWN, "are these two");
	ok(set(wan, "shelve", "fallback") == -EINVAL && strstr(why, "up-but-idle, line-down, all"),
	   "those of the host are none of a line's: %s", why);
	ok(set(wan, "label", "two\nlines") == -EINVAL, "label: %s", why);
	ok(!set(wan, "label", "Stra\xc3\x9f" "e"), "a label in UTF-8");
	ok(set(wan, "label", "Stra\xdf" "e") == -EINVAL && strstr(why, "is not UTF-8"),
	   "and no other: %s", why);
	is_text(wan->label, "Stra\xc3\x9f" "e", "is as before");
}

static void wans_by_address(void)
{
	static const char *const bad[] = { "eth1",	   "192.0.2.1/33", "192.0.2.1/24",
					   "192.0.2.1/",   "192.0.2",	   "2001:db8::/129",
					   "127.0.0.1",	   "::1",	   "0.0.0.0/0",
					   "::/0",	   "::ffff:127.0.0.1" };
	struct wan_settings *one, *two;

	settings_default(&settings);
	one = add("one");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(set(one, "addresses", bad[i]) == -EINVAL && strstr(why, bad[i]), "%s", why);
		is_u64(one->address_count, 0, "none is taken");
	}
	ok(!set(one, "addresses", "192.0.2.1, 2001:db8::/64"), "two in one text");
	ok(!set(one, "addresses", "198.51.100.0/24"), "and one more");
	is_u64(one->address_count, 3, "add up");
	ok(!set(one, "addresses", "192.0.2.1/32") && one->address_count == 3, "said twice");
	ok(set(one, "addresses", "203.0.113.1, 203.0.113.0/33") == -EINVAL &&
	   one->address_count == 3, "all of a text or nothing: %s", why);
	ok(set(one, "device", "eth1") == -EINVAL, "a device beside them: %s", why);
	ok(!settings_check_wan(&settings, one, why), "it needs none");

	two = add("a_long_name_needs_no_device_now");
	one = &settings.wans[0];
	ok(set(two, "addresses", "198.51.100.7") == -EINVAL && strstr(why, "one"),
	   "within another one's: %s", why);
	ok(set(two, "addresses", "192.0.0.0/16") == -EINVAL && strstr(why, "one"),
	   "around another one's: %s", why);
	ok(!set(two, "addresses", "192.0.2.2"), "beside it");
	ok(!settings_check_wan(&settings, two, why), "with a name that fits no interface");
	for (int i = 2; i <= PREFIXES_MOST; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.0.%d.0/24", i);
		ok(!set(two, "addresses", text), "%s", text);
	}
	ok(set(two, "addresses", "10.1.0.0/24") == -EINVAL, "8 at most: %s", why);
	ok(!set(two, "addresses", "") && !two->address_count, "emptied");
	ok(!set(two, "device", "eth2"), "then a device is fine");
	ok(set(two, "addresses", "10.0.0.1") == -EINVAL, "and addresses are not: %s", why);
	ok(!set(add("three"), "device", "one"), "an interface may have the name of such a WAN");
}

/* What only all of it can say. */
static void bases(void)
{
	struct settings_fault fault;
	struct wan_settings *wan;

	settings_default(&settings);
	wan = add("wan1");
	ok(!settings_check(&settings, &fault, why), "no base");
	ok(!set(wan, "base", "wan3"), "one that comes later");
	ok(settings_check(&settings, &fault, why) == -EINVAL && fault.wan == wan &&
	   strstr(why, "wan3"), "or never: %s", why);
	ok(set(wan, "base", "no name") == -EINVAL, "no name: %s", why);
	ok(!set(wan, "base", "wan1") && settings_check(&settings, &fault, why) == -EINVAL &&
	   strstr(why, "itself"), "%s", why);
	add("wan2");
	add("wan3");
	set(&settings.wans[0], "base", "wan2");
	set(&settings.wans[1], "base", "wan3");
	ok(!settings_check(&settings, &fault, why), "a tunnel in a tunnel");
	set(&settings.wans[2], "base", "wan2");
	ok(settings_check(&settings, &fault, why) == -EINVAL && fault.wan == &settings.wans[1],
	   "a circle, told of one that is in it: %s", why);
	set(&settings.wans[2], "base", "wan1");
	ok(settings_check(&settings, &fault, why) == -EINVAL, "a circle of three: %s", why);
	set(&settings.wans[2], "base", "");
	ok(!settings_check(&settings, &fault, why), "cut");
	settings.idle_memory_ms = settings.raise_idle_after_ms - 1;
	ok(settings_check(&settings, &fault, why) == -EINVAL && !fault.wan, "never raised: %s", why);
	is_text(fault.key, "raise-idle-after", "the key is named");
}

int main(void)
{
	defaults();
	every_number();
	lists();
	expectations();
	every_path();
	wan_blocks();
	rates_and_shelves_of_a_wan();
	wans_by_address();
	bases();
	return tap_done();
}
