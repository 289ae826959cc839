/* SPDX-License-Identifier: MIT */
/* How the command line reads what the agent wrote: whole, cut short, and bad. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/status_read.h"
#include "lib/status.h"
#include "tests/status_site.h"
#include "tests/tap.h"

static struct status_site site;

static const struct alarm_record records[] = {
	{ .sequence = 12,
	  .epoch = 1790000000,
	  .transition = ALARM_RAISED,
	  .time_s = STATUS_SITE_NOW_S - 100,
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

/* As the agent writes it, of an endpoint in which there is none. */
static void test_no_address(const char *text)
{
	char *without = replaced(text, "\"192.0.2.1\"", "\"\""), why[STATUS_WHY_LEN];
	struct status status;

	if (!ok(without && !status_parse("status.json", without, strlen(without), &status, why),
		"an endpoint without an address is read"))
		return;
	is_u64(status.snapshot.endpoints[0].address.family, 0, "and has none");
	status_free(&status);
	free(without);
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
	is_text(status.snapshot.wans[1].cause_text, site.wans[1].cause_text,
		"the story of a cause");
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
	char path[] = "/tmp/test_status_read.XXXXXX", why[STATUS_WHY_LEN], want[STATUS_WHY_LEN];
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
	ok(status_read("/dev/null", &status, why) == -EBADMSG, "nor if there is nothing in it: %s",
	   why);
}

int main(void)
{
	struct alarm_log *log = alarm_log_append(NULL, records, 2);
	char *text;

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	status_site_fill(&site);
	site.snapshot.alarm_log = log;
	text = status_json(&site.snapshot);
	test_round_trip(text);
	test_no_address(text);
	test_strings(text);
	test_cut_short(text);
	test_bad(text);
	test_file(text);
	free(text);
	alarm_log_release(log);
	return tap_done();
}
