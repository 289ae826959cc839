/* SPDX-License-Identifier: MIT */
/* What `mptcp-wan show` prints, and how it reads what the agent wrote. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cli/overview.h"
#include "cli/status_read.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/status.h"
#include "tests/tap.h"

enum { NOW_S = 1800000000 };
#define UTF8_CUT "\xe2\x80\xa6"

/*
 * --- a snapshot to show ------------------------------------------------------------------------
 */

static struct wan wans[] = {
	{ .index = 1,
	  .name = "wan1",
	  .label = "Fibre",
	  .ifindex = 3,
	  .ifname = "eth1",
	  .role = ROLE_ACTIVE,
	  .state = WAN_CARRYING,
	  .subflows = 12,
	  .share_out = { true, 2712 },
	  .out_kbps = { true, 41040 },
	  .in_kbps = { true, 900 },
	  .rtt_us = { true, 20500 },
	  .out_octets = UINT64_MAX,
	  .joins_attempted = { true, 7 },
	  .alarm_severity = SEVERITY_NONE },
	{ .index = 7,
	  .name = "wan2",
	  .role = ROLE_ACTIVE,
	  .state = WAN_UNJOINED,
	  .out_kbps = { true, 0 },
	  .in_kbps = { true, 0 },
	  .share_out = { true, 0 },
	  .cause = CAUSE_SUBFLOW_LIMIT,
	  .cause_text = "the subflow limit 3 leaves room for 1+3 lines of 6. Now: \"ip mptcp limits\"",
	  .alarm = true,
	  .alarm_severity = SEVERITY_MAJOR },
	{ .index = 8,
	  .name = "wan3",
	  .role = ROLE_BACKUP,
	  .state = WAN_STANDBY,
	  .subflows = 1,
	  .alarm_severity = SEVERITY_NONE },
};
static struct finding findings[] = {
	{ .cause = CAUSE_EVENTS_LOST, .severity = SEVERITY_INFO, .text = "9 events were lost" },
	{ .wan_index = 7,
	  .cause = CAUSE_SUBFLOW_LIMIT,
	  .severity = SEVERITY_MAJOR,
	  .wan_name = "wan2",
	  .text = "the subflow limit 3 leaves room for 1+3 lines of 6",
	  .now = "ip mptcp limits set subflows 5" },
};
static struct alarm alarms[] = {
	{ .wan_index = 7,
	  .type = ALARM_UP_BUT_IDLE,
	  .wan_name = "wan2",
	  .cause = CAUSE_SUBFLOW_LIMIT,
	  .severity = SEVERITY_MAJOR,
	  .sequence = 12,
	  .raised_s = NOW_S - 100,
	  .text = "wan2: the subflow limit 3 leaves room for 1+3 lines of 6" },
};
static const struct alarm_record records[] = {
	{ .sequence = 12,
	  .epoch = 1790000000,
	  .transition = ALARM_RAISED,
	  .time_s = NOW_S - 100,
	  .wan_index = 7,
	  .type = ALARM_UP_BUT_IDLE,
	  .cause = CAUSE_SUBFLOW_LIMIT,
	  .severity = SEVERITY_MAJOR,
	  .state = WAN_UNJOINED,
	  .share_in = { true, 0 },
	  .wan_name = "wan2",
	  .text = "wan2: the subflow limit 3 leaves room for 1+3 lines of 6" },
	{ .sequence = 13,
	  .transition = ALARM_CLEARED,
	  .type = ALARM_HOST + CAUSE_FALLBACK,
	  .cause = CAUSE_FALLBACK,
	  .severity = SEVERITY_MAJOR,
	  .state = WAN_UNKNOWN },
};
static struct endpoint endpoints[] = {
	{ .id = 1,
	  .address = { AF_INET, { 192, 0, 2, 1 } },
	  .flags = ENDPOINT_SUBFLOW,
	  .ifindex = 3,
	  .wan_index = 1,
	  .wan_name = "wan1" },
	{ .id = 9,
	  .address = { AF_INET6, { 0x20, 1, 0xd, 0xb8 } },
	  .port = 443,
	  .flags = ENDPOINT_SIGNAL | ENDPOINT_BACKUP | ENDPOINT_LAMINAR },
};
static struct counter counters[] = { { .number = 3, .name = "MPCapableSYNRX", .value = 5 } };

static void fill(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){
		.taken_ms = (uint64_t)NOW_S * 1000,
		.wall_ms = (uint64_t)NOW_S * 1000,
		.host = { .enabled = { true, true },
			  .path_manager = "kernel",
			  .scheduler = "default",
			  .subflow_limit = { true, 3 },
			  .add_addr_limit = { true, 1 },
			  .connections = { true, 8 },
			  .subflows = { true, 13 },
			  .subflows_needed = { true, 5 },
			  .wans_configured = 3,
			  .wans_up = 3,
			  .wans_joined = 2,
			  .wans_carrying = 1,
			  .accounting = ACCOUNTING_EVENTS,
			  .accounting_reason = "BPF: not permitted",
			  .truncated_subflows = 2,
			  .interval_ms = 5000,
			  .complete_ms = (uint64_t)(NOW_S - 3) * 1000,
			  .since_ms = (uint64_t)(NOW_S - 600) * 1000,
			  .since_s = NOW_S - 601,
			  .role = ROLE_ROUTER,
			  .worst_severity = SEVERITY_MAJOR,
			  .wans_in_alarm = 1,
			  .polls = 120,
			  .version = "0.1.0" },
		.wans = wans,
		.wan_count = 3,
		.endpoints = endpoints,
		.endpoint_count = 2,
		.counters = counters,
		.counter_count = 1,
		.findings = findings,
		.finding_count = 2,
		.alarms = alarms,
		.alarm_count = 1,
	};
	findings[1].since_ms = snapshot->host.since_ms;
	for (size_t i = 0; i < 3; i++)
		wans[i].since_ms = snapshot->host.since_ms;
}

/* What a snapshot looks like; for the caller to free. */
static char *overview(const struct snapshot *snapshot, size_t width)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	overview_print(&(struct screen){ .out = out, .width = width }, snapshot, NOW_S + 1);
	fclose(out);
	return text;
}

static void is_overview(const struct snapshot *snapshot, const char *want, const char *what)
{
	char *text = overview(snapshot, SCREEN_WIDTH);

	is_text(text, want, "%s", what);
	free(text);
}

/*
 * --- formatting --------------------------------------------------------------------------------
 */

static void test_units(void)
{
	static const struct {
		uint64_t kbps;
		const char *want;
	} rates[] = {
		{ 0, "0" },
		{ 1, "1 kbit/s" },
		{ 900, "900 kbit/s" },
		{ 999, "999 kbit/s" },
		{ 1000, "1 Mbit/s" },
		{ 1449, "1.4 Mbit/s" },
		{ 9949, "9.9 Mbit/s" },
		{ 9950, "10 Mbit/s" },
		{ 41040, "41 Mbit/s" },
		{ 999499, "999 Mbit/s" },
		{ 999500, "1 Gbit/s" },
		{ 2500000, "2.5 Gbit/s" },
		{ UINT32_MAX, "4.3 Tbit/s" },
	};
	static const struct {
		uint64_t share;
		const char *want;
	} shares[] = {
		{ 0, "0 %" },	  { 1, "<1 %" },    { 99, "<1 %" },	{ 100, "1 %" },
		{ 2749, "27 %" }, { 2750, "28 %" }, { 10000, "100 %" },
	};
	static const struct {
		uint64_t ms;
		const char *want;
	} durations[] = {
		{ 100, "100 ms" },
		{ 1000, "1 s" },
		{ 1500, "1.5 s" },
		{ 120000, "120 s" },
	};
	char text[UNIT_LEN];

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		rate_text(rates[i].kbps, text);
		is_text(text, rates[i].want, "a rate of %" PRIu64 " kbit/s", rates[i].kbps);
	}
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		share_text(shares[i].share, text);
		is_text(text, shares[i].want, "a share of %" PRIu64, shares[i].share);
	}
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		duration_text(durations[i].ms, text);
		is_text(text, durations[i].want, "a duration of %" PRIu64 " ms", durations[i].ms);
	}
}

static void is_put(const char *text, size_t width, const char *want, const char *what)
{
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	text_put(out, text, strlen(text), width);
	fclose(out);
	is_text(got, want, "%s", what);
	free(got);
}

static void test_text(void)
{
	is_put("Fibre", 5, "Fibre", "a text that fits is left alone");
	is_put("Fibre", 4, "Fib" UTF8_CUT, "one that does not is cut");
	is_put("Stra\xc3\x9f"
	       "e",
	       6,
	       "Stra\xc3\x9f"
	       "e",
	       "umlauts are one column");
	is_put("\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5" UTF8_CUT, "wide characters are two");
	is_put("a\033[2Jb\n", 80, "a?[2Jb?", "a terminal is given no orders");
	is_put("a\xff\xc3", 80, "a??", "what is no UTF-8 is shown as such");
}

static void test_overview(void)
{
	struct snapshot snapshot;
	char *text;

	fill(&snapshot);
	is_overview(&snapshot,
		    "WAN   STATE     SUBFLOWS        OUT          IN  SHARE  LABEL  WHY\n"
		    "wan1  carrying        12  41 Mbit/s  900 kbit/s   27 %  Fibre\n"
		    "wan2  unjoined         0          -           -      -         subflow-limit\n"
		    "wan3  standby          1          -           -      -\n"
		    "\n"
		    "3 WANs configured, 3 up, 2 joined, 1 carrying, 1 in alarm: wan2\n"
		    "8 connections, 13 subflows\n"
		    "limits: 3 extra subflows (too few: 5 needed), 1 announced address\n"
		    "accounting: events (BPF: not permitted); 2 truncated, 0 lost; 4 s old\n"
		    "\n"
		    "wan2: subflow-limit (major)\n"
		    "  the subflow limit 3 leaves room for 1+3 lines of 6\n"
		    "  now: ip mptcp limits set subflows 5\n",
		    "all that there is to say");
	strcpy(wans[0].name, "wan10");
	text = overview(&snapshot, SCREEN_WIDTH);
	ok(text && strstr(text, "\nwan10") > strstr(text, "\nwan3"), "wan10 comes after wan3");
	free(text);
	strcpy(wans[0].name, "wan1");
	snapshot.wan_count = snapshot.finding_count = 0;
	snapshot.host =
		(struct host){ .accounting = ACCOUNTING_UNAVAILABLE,
			       .enabled = { true, false },
			       .fallback_connections = { true, 2 },
			       .last_error = "limits: not permitted; endpoints: not permitted; "
					     "subflows: not permitted" };
	is_overview(
		&snapshot,
		"No WAN is known: no interface with an MPTCP endpoint or subflow was seen. Add\n"
		"  endpoints (ip mptcp endpoint add ADDRESS dev DEVICE subflow), or name the WANs\n"
		"  in /etc/mptcp-wan.conf.\n"
		"\n"
		"0 WANs configured, 0 up, 0 joined, 0 carrying, 0 in alarm\n"
		"? connections, ? subflows, 2 more in fallback\n"
		"MPTCP is switched off: net.mptcp.enabled is 0\n"
		"limits: not known\n"
		"accounting: unavailable; 0 truncated, 0 lost; never complete\n"
		"not read: limits: not permitted; endpoints: not permitted; subflows: not\n"
		"  permitted\n",
		"unknown is not zero");
	fill(&snapshot);
	snapshot.wan_count = 1;
	strcpy(wans[0].label, "a label that is quite a bit longer than the screen has room for");
	text = overview(&snapshot, 63);
	ok(strstr(text, "27 %  a labe" UTF8_CUT "\n") != NULL, "only the label shrinks");
	free(text);
	snapshot.wan_count = 2;
	text = overview(&snapshot, 80);
	ok(strstr(text, UTF8_CUT "\n") && strstr(text, "  subflow-limit\n"),
	   "before the cause does");
	free(text);
	strcpy(wans[0].label, "Fibre");
}

static void says(const struct snapshot *snapshot, size_t width, const char *want, const char *what)
{
	char *text = overview(snapshot, width);

	if (!ok(strstr(text, want) != NULL, "%s", what))
		printf("# it says:\n%s", text);
	free(text);
}

static void test_alarms(void)
{
	struct wan many[8];
	struct snapshot snapshot;

	fill(&snapshot);
	for (size_t i = 0; i < 8; i++) {
		many[i] = wans[0];
		many[i].alarm = true;
		snprintf(many[i].name, sizeof(many[i].name), "wan%zu", 11 - i);
	}
	snapshot.wans = many;
	snapshot.wan_count = snapshot.host.wans_in_alarm = 8;
	says(&snapshot, 200, ", 8 in alarm: wan4, wan5, wan6, wan7, wan8, wan9 and 2 more\n",
	     "of many alarms the first are named");
	for (size_t i = 0; i < 8; i++)
		many[i].alarm = false;
	snapshot.host.wans_in_alarm = 0;
	snapshot.host.alarm = true;
	says(&snapshot, 200, ", 0 in alarm; this host is in alarm\n", "and that of the host");
}

static void test_why(void)
{
	struct snapshot snapshot;

	fill(&snapshot);
	strcpy(wans[0].label, "");
	says(&snapshot, 95, "\nwan2  unjoined         0          -           -      -  subflow-limit\n",
	     "in a narrow column a word tells more");
	says(&snapshot, 96,
	     "\nwan2  unjoined         0          -           -      -  the subflow limit 3 leaves room "
	     "for 1+3" UTF8_CUT "\n",
	     "than the beginning of a sentence");
	wans[1].state = WAN_DOWN;
	wans[1].cause = CAUSE_ENDPOINT_WITHDRAWN;
	wans[1].subflows = 4;
	says(&snapshot, 80, "  endpoint-withdrawn\n", "a line that is down");
	wans[1].in_kbps.value = 900;
	says(&snapshot, 80, "  still carries; endpoint" UTF8_CUT "\n", "and carries all the same");
	wans[1].in_kbps.value = wans[1].subflows = 0;
	wans[1].state = WAN_UNKNOWN;
	wans[1].cause = CAUSE_NONE;
	snapshot.host.polls = 1;
	says(&snapshot, 80, "\nwan2  unknown          0          -           -      -  "
	     "not judged: one look\n", "nobody can judge by one look");
	snapshot.host.polls = 2;
	says(&snapshot, 80, "  not judged yet\n", "nor so early");
	strcpy(snapshot.host.last_error, "subflows: not permitted");
	says(&snapshot, 80, "  no answer to judge\n", "nor without an answer");
	*snapshot.host.last_error = '\0';
	wans[1].state = WAN_UNJOINED;
	wans[1].cause = CAUSE_SUBFLOW_LIMIT;
	strcpy(wans[0].label, "Fibre");
	snapshot.host.subflow_limit.value = 5;
	says(&snapshot, 80, "\nlimits: 5 extra subflows (5 needed), ", "a limit that is enough");
}

/*
 * --- the agent's file --------------------------------------------------------------------------
 */

static void is_refused(const char *text, size_t len, const char *want)
{
	char why[STATUS_WHY_LEN];
	struct status status;
	int error = status_parse("status.json", text, len, &status, why);

	ok(error == -EBADMSG, "refused: %s", want);
	is_text(why, want, "and the line says so");
	if (!error)
		status_free(&status);
}

/* The text with the first `old` replaced; for the caller to free. */
static char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *result = NULL;

	if (!at || asprintf(&result, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) < 0)
		return NULL;
	return result;
}

static void is_refused_with(const char *text, const char *old, const char *new, const char *want)
{
	char *bad = replaced(text, old, new);

	ok(bad != NULL, "there is %s in it", old);
	is_refused(bad ? bad : "", bad ? strlen(bad) : 0, want);
	free(bad);
}

static void test_round_trip(const char *text)
{
	char why[STATUS_WHY_LEN];
	struct status status;
	char *again;

	is_u64((uint64_t)-status_parse("status.json", text, strlen(text), &status, why), 0,
	       "what the agent wrote is read");
	again = status_json(&status.snapshot);
	is_text(again, text, "every value comes back");
	is_text(status.text, text, "and so does the text");
	free(again);
	status_free(&status);
}

static void test_cut_short(const char *text)
{
	char why[STATUS_WHY_LEN];
	struct status status;
	size_t taken = 0;

	for (size_t len = 0; len < strlen(text); len++) {
		/* A copy of just that size: who reads on is found out. */
		char *part = malloc(len ? len : 1);

		memcpy(part, text, len);
		if (!status_parse("status.json", part, len, &status, why)) {
			taken++;
			status_free(&status);
		}
		free(part);
	}
	is_u64(taken, 0, "cut off anywhere it is refused");
}

/* It is the status's own: what the text was read from may go. */
static void test_strings(const char *text)
{
	char why[STATUS_WHY_LEN], *copy = strdup(text);
	struct status status;

	status_parse("status.json", copy, strlen(copy), &status, why);
	memset(copy, 'x', strlen(copy));
	free(copy);
	is_text(status.snapshot.wans[1].cause_text, wans[1].cause_text, "the story of a cause");
	is_text(status.snapshot.wans[0].cause_text, "", "none");
	is_u64(status.snapshot.findings[1].cause, CAUSE_SUBFLOW_LIMIT, "the cause of a finding");
	is_u64(status.snapshot.alarms[0].wan_index, 7, "the WAN of an alarm");
	is_u64(status.snapshot.alarm_log->rows[1].sequence, 13, "a row of the log");
	status_free(&status);
}

static void test_bad(const char *text)
{
	is_refused("", 0, "status.json: ends in the middle, at octet 0");
	is_refused("{\"time\":1", 9, "status.json: ends in the middle, at octet 9");
	is_refused("[]", 2, "status.json: is no object of JSON");
	is_refused("{}", 2, "status.json: no \"time\" in it");
	is_refused("{\"time\":1}", 10, "status.json: no \"host\" in it");
	is_refused_with(text, "\"carrying\"", "\"flying\"",
			"status.json: wans[0].state: has a value that this version does not know");
	is_refused_with(text, "\"state\":\"unjoined\",", "",
			"status.json: wans[1].state: is missing");
	is_refused_with(text, "\"polls\":120", "\"polls\":-1",
			"status.json: host[0].polls: is no whole number");
	is_refused_with(text, "\"subflow_limit\":3", "\"subflow_limit\":4294967296",
			"status.json: host[0].subflow_limit: is too large a number");
	is_refused_with(text, "\"version\":\"0.1.0\"",
			"\"version\":\"01234567890123456789012345678901\"",
			"status.json: host[0].version: is too long a text");
	is_refused_with(text, "\"192.0.2.1\"", "\"192.0.2.256\"",
			"status.json: endpoints[0].address: is no address");
	is_refused_with(text, "\"state_since\":1799999400", "\"state_since\":1800000002",
			"status.json: wans[0].state_since: is a moment that is still to come");
	is_refused_with(text, "\"cause\":\"events-lost\",", "",
			"status.json: findings[0].cause: is missing");
	is_refused_with(text, "\"wan_index\":7,", "",
			"status.json: findings[1].wan_index: is missing");
	is_refused_with(text, "\"cause_text\":\"\"", "\"cause_text\":7",
			"status.json: wans[0].cause_text: is no text");
	is_refused_with(text, "\"alarm_log\":[", "\"alarm_log\":[7,",
			"status.json: alarm_log[0]: is no object");
	is_refused_with(text, "\"wans\":[", "\"wans\":[7,", "status.json: wans[0]: is no object");
}

static void test_file(const char *text)
{
	char path[] = "/tmp/test_show.XXXXXX", why[STATUS_WHY_LEN], want[STATUS_WHY_LEN];
	int fd = mkstemp(path);
	struct status status;

	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "there is a file");
	ok(status_read(path, &status, why) == 0, "it is read");
	is_text(status.snapshot.wans[1].name, "wan2", "with its WANs");
	status_free(&status);
	ok(ftruncate(fd, 2 * 1024 * 1024) == 0 && status_read(path, &status, why) == -EFBIG,
	   "not if it is huge");
	snprintf(want, sizeof(want), "%s: File too large", path);
	is_text(why, want, "and says which");
	close(fd);
	unlink(path);
	ok(status_read(path, &status, why) == -ENOENT, "nor if there is none");
	ok(status_read("/tmp", &status, why) == -EISDIR, "nor if it is a folder");
	ok(status_read("/dev/null", &status, why) == -EINVAL, "nor if it is no file");
}

int main(void)
{
	struct alarm_log *log = alarm_log_append(NULL, records, 2);
	struct snapshot snapshot;
	char *text;

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	test_units();
	test_text();
	test_overview();
	test_alarms();
	test_why();
	fill(&snapshot);
	snapshot.alarm_log = log;
	text = status_json(&snapshot);
	test_round_trip(text);
	test_strings(text);
	test_cut_short(text);
	test_bad(text);
	test_file(text);
	free(text);
	alarm_log_release(log);
	return tap_done();
}
