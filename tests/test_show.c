/* SPDX-License-Identifier: MIT */
/* What `mptcp-wan show` prints. */
#include <locale.h>
#include <stdlib.h>
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/units.h"
#include "tests/status_site.h"
#include "tests/tap.h"

#define UTF8_CUT "\xe2\x80\xa6"

static struct status_site site;

/* What a snapshot looks like; for the caller to free. */
static char *overview(const struct snapshot *snapshot, size_t width)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	overview_print(&(struct screen){ .out = out, .width = width }, snapshot,
		       STATUS_SITE_NOW_S + 1);
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
	char *text;

	status_site_fill(&site);
	is_overview(&site.snapshot,
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
	strcpy(site.wans[0].name, "wan10");
	text = overview(&site.snapshot, SCREEN_WIDTH);
	ok(text && strstr(text, "\nwan10") > strstr(text, "\nwan3"), "wan10 comes after wan3");
	free(text);
	site.snapshot.wan_count = site.snapshot.finding_count = 0;
	site.snapshot.host =
		(struct host){ .accounting = ACCOUNTING_UNAVAILABLE,
			       .enabled = { true, false },
			       .fallback_connections = { true, 2 },
			       .last_error = "limits: not permitted; endpoints: not permitted; "
					     "subflows: not permitted" };
	is_overview(
		&site.snapshot,
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
	status_site_fill(&site);
	site.snapshot.wan_count = 1;
	strcpy(site.wans[0].label,
	       "a label that is quite a bit longer than the screen has room for");
	text = overview(&site.snapshot, 63);
	ok(strstr(text, "27 %  a labe" UTF8_CUT "\n") != NULL, "only the label shrinks");
	free(text);
	site.snapshot.wan_count = 2;
	text = overview(&site.snapshot, 80);
	ok(strstr(text, UTF8_CUT "\n") && strstr(text, "  subflow-limit\n"),
	   "before the cause does");
	free(text);
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

	status_site_fill(&site);
	for (size_t i = 0; i < 8; i++) {
		many[i] = site.wans[0];
		many[i].alarm = true;
		snprintf(many[i].name, sizeof(many[i].name), "wan%zu", 11 - i);
	}
	site.snapshot.wans = many;
	site.snapshot.wan_count = site.snapshot.host.wans_in_alarm = 8;
	says(&site.snapshot, 200, ", 8 in alarm: wan4, wan5, wan6, wan7, wan8, wan9 and 2 more\n",
	     "of many alarms the first are named");
	/* Lines that are down are in alarm, and none of them is up but idle. */
	site.snapshot.host.wans_in_alarm = 0;
	says(&site.snapshot, 200, ", 8 in alarm: wan4, ", "of whatever type");
	for (size_t i = 0; i < 8; i++)
		many[i].alarm = false;
	site.snapshot.host.alarm = true;
	says(&site.snapshot, 200, ", 0 in alarm; this host is in alarm\n", "and that of the host");
}

static void test_why(void)
{
	status_site_fill(&site);
	strcpy(site.wans[0].label, "");
	says(&site.snapshot, 95,
	     "\nwan2  unjoined         0          -           -      -  subflow-limit\n",
	     "in a narrow column a word tells more");
	says(&site.snapshot, 96,
	     "\nwan2  unjoined         0          -           -      -  the subflow limit 3 leaves room "
	     "for 1+3" UTF8_CUT "\n",
	     "than the beginning of a sentence");
	site.wans[1].state = WAN_DOWN;
	site.wans[1].cause = CAUSE_ENDPOINT_WITHDRAWN;
	site.wans[1].subflows = 4;
	says(&site.snapshot, 80, "  endpoint-withdrawn\n", "a line that is down");
	site.wans[1].in_kbps.value = 900;
	says(&site.snapshot, 80, "  still carries; endpoint" UTF8_CUT "\n", "and carries all the same");
	site.wans[1].in_kbps.value = site.wans[1].subflows = 0;
	site.wans[1].state = WAN_UNKNOWN;
	site.wans[1].cause = CAUSE_NONE;
	site.snapshot.host.polls = 1;
	says(&site.snapshot, 80, "\nwan2  unknown          0          -           -      -  "
	     "not judged: one look\n", "nobody can judge by one look");
	site.snapshot.host.polls = 2;
	says(&site.snapshot, 80, "  not judged yet\n", "nor so early");
	strcpy(site.snapshot.host.last_error, "subflows: not permitted");
	says(&site.snapshot, 80, "  no answer to judge\n", "nor without an answer");
	*site.snapshot.host.last_error = '\0';
	site.wans[1].state = WAN_UNJOINED;
	site.wans[1].cause = CAUSE_SUBFLOW_LIMIT;
	strcpy(site.wans[0].label, "Fibre");
	site.snapshot.host.subflow_limit.value = 5;
	says(&site.snapshot, 80, "\nlimits: 5 extra subflows (5 needed), ",
	     "a limit that is enough");
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	test_units();
	test_text();
	test_overview();
	test_alarms();
	test_why();
	return tap_done();
}
