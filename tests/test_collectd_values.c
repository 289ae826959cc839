/* SPDX-License-Identifier: MIT */
/*
 * What collectd is told: names that are stock, unique and in pairs; units; nothing for what is not
 * known; and how a row of the alarm log becomes a notification, and a change a line in the log.
 */
#include <errno.h>
#include <stdlib.h>
#include "collectd-plugin/notice.h"
#include "collectd-plugin/values.h"
#include "lib/changes.h"
#include "tests/know_all.h"
#include "tests/tap.h"

/* Of collectd's types.db, as every collectd 5 ships it: what we use. */
static const struct { const char *name; size_t sources; bool derive; } stock[] = {
	{ "bool", 1, false },	     { "count", 1, false },	   { "duration", 1, false },
	{ "gauge", 1, false },	     { "if_octets", 2, true },	   { "latency", 1, false },
	{ "memory", 1, false },	     { "percent", 1, false },	   { "total_bytes", 1, true },
	{ "total_events", 1, true }, { "total_operations", 1, true },
};

enum { TOLD_MOST = 256, SAID_LEN = 512 };

static struct {
	char names[TOLD_MOST][96];
	struct value_list lists[TOLD_MOST];
	size_t count;
	char lines[SAID_LEN];
} told;

static void take(void *arg, const struct value_list *list)
{
	(void)arg;
	snprintf(told.names[told.count], sizeof(told.names[0]), "%.31s/%.31s%s%.31s", list->place,
		 list->type, *list->instance ? "-" : "", list->instance);
	told.lists[told.count++] = *list;
}

static const struct value_list *find(const char *name)
{
	for (size_t i = 0; i < told.count; i++)
		if (!strcmp(told.names[i], name))
			return &told.lists[i];
	return NULL;
}

/* The first number under a name, or -1. */
static double gauge(const char *name)
{
	const struct value_list *list = find(name);

	return list && !list->grows && list->count == 1 ? list->gauges[0] : -1;
}

static bool is_stock(const struct value_list *list)
{
	for (size_t i = 0; i < sizeof(stock) / sizeof(stock[0]); i++)
		if (!strcmp(stock[i].name, list->type))
			return stock[i].sources == list->count && stock[i].derive == list->grows;
	return false;
}

/* A world of two WANs in which everything that may be known is. */
static struct {
	struct snapshot snapshot;
	struct wan wans[2];
} world;

static void begin(bool known)
{
	memset(&world, 0, sizeof(world));
	memset(&told, 0, sizeof(told));
	strcpy(world.wans[0].name, "wan1");
	strcpy(world.wans[1].name, "wan-2");
	world.snapshot.wans = world.wans;
	world.snapshot.wan_count = 2;
	world.snapshot.taken_ms = world.snapshot.host.complete_ms = 50000;
	world.snapshot.host.interval_ms = 5000;
	if (!known)
		return;
	know_all(&metric_tables[TABLE_HOST], &world.snapshot.host);
	know_all(&metric_tables[TABLE_WAN], &world.wans[0]);
	know_all(&metric_tables[TABLE_WAN], &world.wans[1]);
}

static void names_are_stock_and_once(void)
{
	unsigned int strange = 0, twice = 0, dashes = 0;

	begin(true);
	values_of(&world.snapshot, take, NULL);
	values_of_now(&world.snapshot, 50000, take, NULL);
	for (size_t i = 0; i < told.count; i++) {
		strange += !is_stock(&told.lists[i]);
		dashes += strchr(told.lists[i].instance, '-') != NULL;
		for (size_t j = 0; j < i; j++)
			twice += !strcmp(told.names[i], told.names[j]);
	}
	ok(told.count > 70, "there are many: %zu", told.count);
	is_u64(strange, 0, "each has a stock type, of as many sources and of its kind");
	is_u64(twice, 0, "each is there once");
	is_u64(dashes, 0, "no name of ours has a dash: collectd's own separator");
}

/* Only the host and the WANs are told, so no other table may have names. */
static void no_other_table_has_names(void)
{
	unsigned int names = 0, halves = 0;

	for (size_t i = 0; i < METRIC_TABLES; i++)
		for (size_t j = 0; j < metric_tables[i].count; j++)
			names += i != TABLE_HOST && i != TABLE_WAN &&
				 metric_tables[i].metrics[j].value != NULL;
	is_u64(names, 0, "none has");
	for (size_t i = TABLE_HOST; i <= TABLE_WAN; i++) {
		struct metric_value_name before = { 0 };

		for (size_t j = 0; j < metric_tables[i].count; j++) {
			const struct metric *metric = &metric_tables[i].metrics[j];
			struct metric_value_name name;

			if (!metric->value)
				continue;
			name = metric_value_name(metric);
			if (*before.source)
				halves += strcmp(name.type, before.type) || strcmp(name.source, "tx") ||
					  strcmp(name.instance, before.instance);
			else
				halves += *name.source && strcmp(name.source, "rx");
			before = *before.source ? (struct metric_value_name){ 0 } : name;
		}
	}
	is_u64(halves, 0, "after received octets come those sent, of the same instance");
}

static void numbers_are_in_their_units(void)
{
	const struct value_list *octets;
	struct wan *wan = &world.wans[1];

	begin(true);
	wan->in_octets = UINT64_C(1) << 60;
	wan->out_octets = 7;
	wan->state = WAN_CARRYING;
	wan->alarm = true;
	wan->alarm_severity = SEVERITY_MAJOR;
	wan->share_in.value = 3333;
	wan->rtt_us.value = 12500;
	world.snapshot.host.subflow_limit.value = 3;
	world.snapshot.host.subflows_per_connection.value = 250;
	world.snapshot.host.poll_duration_us = 4000;
	world.snapshot.host.tcp_memory_kib.value = 3;
	values_of(&world.snapshot, take, NULL);
	octets = find("wan-2/if_octets");
	ok(octets && octets->totals[0] == UINT64_C(1) << 60 && octets->totals[1] == 7,
	   "totals are received and sent, to the octet");
	ok(gauge("wan-2/count-state") == WAN_CARRYING, "a state is its number");
	ok(gauge("wan-2/bool-alarm") == 1 && gauge("wan1/bool-alarm") == 0, "an alarm is 1 or 0");
	ok(gauge("wan-2/count-severity") == SEVERITY_MAJOR, "a severity is its number");
	ok(gauge("wan-2/percent-share_in") == 33.33, "a share is in percent");
	ok(gauge("wan-2/latency-rtt") == 0.0125, "a round trip is in seconds");
	ok(gauge("limits/count-subflows") == 3, "limits have a place of their own");
	ok(gauge("host/gauge-subflows_per_connection") == 2.5, "a mean has its fraction");
	ok(gauge("host/duration-poll") == 0.004, "a poll takes seconds");
	ok(gauge("host/memory-tcp") == 3072, "memory is in octets");
	ok(!find("host/duration-age"), "the age is not of that moment");
}

static void what_is_not_known_is_not_told(void)
{
	begin(false);
	values_of(&world.snapshot, take, NULL);
	ok(find("wan1/if_octets") && find("wan1/count-state"), "what is always known is told");
	ok(!find("wan1/percent-share_in") && !find("wan1/latency-rtt"), "a share and a time are not");
	ok(!find("host/bool-enabled") && !find("limits/count-subflows"), "nor what the kernel hides");
	ok(!find("wan1/total_events-joins_failed"), "nor what this mode cannot count");
}

static void it_is_up_while_answers_are_complete_and_fresh(void)
{
	begin(true);
	values_of_now(&world.snapshot, 52500, take, NULL);
	is_u64(told.count, 2, "two values are of now");
	ok(gauge("host/bool-up") == 1, "up");
	ok(gauge("host/duration-age") == 2, "two seconds old");
	ok(values_up(&world.snapshot, 65000), "still up after three intervals");
	ok(!values_up(&world.snapshot, 65001), "then no more");
	ok(!values_up(NULL, 1), "nor without a snapshot");
	world.snapshot.host.interval_ms = 100;
	ok(values_up(&world.snapshot, 60000), "a loaded machine has 10 s");
	ok(!values_up(&world.snapshot, 60001), "and not more");
	world.snapshot.host.complete_ms = 45000;
	ok(!values_up(&world.snapshot, 50000), "a poll that lacks an answer is not up");
	told.count = 0;
	values_of_now(&world.snapshot, 52500, take, NULL);
	ok(gauge("host/bool-up") == 0 && gauge("host/duration-age") == 7, "as collectd is told");
	world.snapshot.host.complete_ms = 0;
	told.count = 0;
	values_of_now(&world.snapshot, 52500, take, NULL);
	is_u64(told.count, 1, "no age before the first complete poll");
	told.count = 0;
	values_of_now(NULL, 52500, take, NULL);
	ok(told.count == 1 && gauge("host/bool-up") == 0, "without anything there is that");
}

/*
 * --- notifications -----------------------------------------------------------------------------
 */

static void add_line(const char *text)
{
	size_t len = strlen(told.lines);

	snprintf(told.lines + len, sizeof(told.lines) - len, "%s%.400s", len ? "\n" : "", text);
}

static void detail(void *arg, const char *key, const char *text, double number)
{
	char line[STORY_LEN + 64];

	(void)arg;
	if (text)
		snprintf(line, sizeof(line), "%s %s", key, text);
	else
		snprintf(line, sizeof(line), "%s %.15g", key, number);
	add_line(line);
}

static struct alarm_record row = {
	.sequence = 7, .epoch = 1700000000, .transition = ALARM_RAISED, .time_s = 1700000001,
	.wan_index = 5, .ifindex = 9, .type = ALARM_UP_BUT_IDLE, .cause = CAUSE_SUBFLOW_LIMIT,
	.severity = SEVERITY_MAJOR, .state = WAN_UNJOINED, .raised_by = 7,
	.share_out = { true, 1250 }, .wans_carrying = 4, .wans_joined = 4, .wans_configured = 6,
	.wan_name = "wan5", .text = "no subflow",
};

static void a_row_becomes_a_notification(void)
{
	struct notice notice;

	notice_of(&row, &notice);
	is_u64(notice.level, NOTICE_FAILURE, "major is a failure");
	is_text(notice.place, "wan5", "of the WAN");
	is_text(notice.message, "no subflow", "with its text");
	told.lines[0] = '\0';
	notice_details(&row, detail, NULL);
	is_text(told.lines,
		"epoch 1700000000\nsequence 7\ntransition raised\ntime 1700000001\n"
		"type up-but-idle\ncause subflow-limit\nseverity major\nwan wan5\nifindex 9\n"
		"state unjoined\nsubflows 0\nshare_out 12.5\nwans_carrying 4\n"
		"wans_joined 4\nwans_configured 6\n"
		"text no subflow",
		"and all that SNMP tells");
	row.severity = SEVERITY_MINOR;
	notice_of(&row, &notice);
	is_u64(notice.level, NOTICE_WARNING, "minor is a warning");
	row.severity = SEVERITY_CRITICAL;
	row.transition = ALARM_WORSENED;
	notice_of(&row, &notice);
	is_u64(notice.level, NOTICE_FAILURE, "critical is a failure");
	row.transition = ALARM_CLEARED;
	row.wan_name[0] = '\0';
	notice_of(&row, &notice);
	is_u64(notice.level, NOTICE_OKAY, "what is cleared is okay");
	is_text(notice.place, "host", "without a WAN it is the host's");
}

static void a_long_text_is_cut_between_words(void)
{
	struct notice notice;

	memset(row.text, 'x', sizeof(row.text) - 1);
	row.text[NOTICE_LEN - 1] = '\0';
	notice_of(&row, &notice);
	is_u64(strlen(notice.message), NOTICE_LEN - 1, "what fits is whole");
	row.text[NOTICE_LEN - 1] = 'x';
	row.text[240] = ' ';
	notice_of(&row, &notice);
	is_u64(strlen(notice.message), 244, "a longer one ends with a word");
	is_text(notice.message + 238, "xx ...", "... and says that there is more");
	row.text[251] = ' ';
	row.text[252] = ' ';
	notice_of(&row, &notice);
	is_u64(strlen(notice.message), 255, "the last word that fits is there");
	memset(row.text, 'x', sizeof(row.text) - 1);
	notice_of(&row, &notice);
	is_text(notice.message, " ...", "a text without words has no beginning");
}

/*
 * --- the log -----------------------------------------------------------------------------------
 */

static void line(void *arg, int priority, const char *text)
{
	char priced[WHY_LEN + 128];

	(void)arg;
	snprintf(priced, sizeof(priced), "%d %s", priority, text);
	add_line(priced);
}

static const char *said(struct changes *changes)
{
	told.lines[0] = '\0';
	changes_of(changes, &world.snapshot.host, line, NULL);
	return told.lines;
}

static void the_log_is_told_of_changes_only(void)
{
	static struct changes changes;
	static struct settings settings;
	struct host *host = &world.snapshot.host;
	char state[WHY_LEN] = "", start[WHY_LEN] = "";

	begin(false);
	host->accounting = ACCOUNTING_EXACT;
	is_text(said(&changes), "6 accounting: exact", "first the accounting");
	is_text(said(&changes), "", "once");
	host->accounting = ACCOUNTING_SAMPLED;
	strcpy(host->accounting_reason, "BPF: not permitted");
	strcpy(host->last_error, "limits: this kernel has none");
	host->enabled = (struct maybe_bool){ true, false };
	is_text(said(&changes),
		"4 accounting: sampled (BPF: not permitted)\n"
		"4 kernel: limits: this kernel has none\n"
		"4 net.mptcp.enabled: is 0: no new connection uses MPTCP",
		"what is new");
	is_text(said(&changes), "", "once");
	host->last_error[0] = '\0';
	host->enabled.value = true;
	is_text(said(&changes), "5 kernel: all well again\n5 net.mptcp.enabled: all well again",
		"what is over");
	settings = (struct settings){ .interval_ms = 5000, .cpu_budget = 2 };
	host->interval_ms = 15000;
	told.lines[0] = '\0';
	changes_of_pace(&changes, &settings, host, line, NULL);
	changes_of_pace(&changes, &settings, host, line, NULL);
	is_text(told.lines,
		"4 polls: each 5 s would take more than 2 % of a core (cpu-budget): they are further apart",
		"polls that are far apart, once");
	told.lines[0] = '\0';
	host->interval_ms = 5000;
	changes_of_pace(&changes, &settings, host, line, NULL);
	is_text(told.lines, "5 polls: all well again", "and when they are not");
	told.lines[0] = '\0';
	changes_say(state, sizeof(state), "/x: no space left", "state", line, NULL);
	changes_say(state, sizeof(state), "/x: no space left", "state", line, NULL);
	changes_say(start, sizeof(start), "", "cannot watch", line, NULL);
	is_text(told.lines, "4 state: /x: no space left", "the state, too");
}

int main(void)
{
	names_are_stock_and_once();
	no_other_table_has_names();
	numbers_are_in_their_units();
	what_is_not_known_is_not_told();
	it_is_up_while_answers_are_complete_and_fresh();
	a_row_becomes_a_notification();
	a_long_text_is_cut_between_words();
	the_log_is_told_of_changes_only();
	return tap_done();
}
