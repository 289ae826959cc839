/* SPDX-License-Identifier: MIT */
/* What `mptcp-wan check` measures by, and its numbers: ranges, thresholds, performance data. */
#include <limits.h>
#include <string.h>
#include "cli/perfdata.h"
#include "cli/units.h"
#include "tests/know_all.h"
#include "tests/tap.h"
#include "tests/view_site.h"

enum { NEVER = INT_MIN };

/*
 * --- ranges ------------------------------------------------------------------------------------
 */

static void ranges(void)
{
	/* Those of the guidelines come first. */
	static const struct {
		const char *text;
		double calls[3], not [3];
	} good[] = {
		{ "10", { -1, 10.1, 11 }, { 0, 5, 10 } },
		{ "10:", { -10, 0, 9.9 }, { 10, 11, 1e9 } },
		{ "~:10", { 10.1, 11, 1e9 }, { -1e9, 0, 10 } },
		{ "10:20", { 9, 21, -15 }, { 10, 15, 20 } },
		{ "@10:20", { 10, 15, 20 }, { 9, 21, 0 } },
		{ "@10", { 0, 5, 10 }, { -1, 11, 12 } },
		{ "@~:0", { 0, -1, -9 }, { 0.1, 1, 2 } },
		{ "-5:-1", { -6, 0, 1 }, { -5, -3, -1 } },
		{ "0.5:1.5", { 0, 0.4, 2 }, { 0.5, 1, 1.5 } },
		{ "0:0", { 1, -1, 2 }, { 0, 0, 0 } },
		{ "~:", { NEVER, NEVER, NEVER }, { 0, -1e18, 1e18 } },
	};
	static const char *const bad[] = {
		"",
		":",
		":10",
		"@",
		"20:10",
		"10:20:30",
		"~",
		"~10",
		"10:~",
		"ten",
		"1e3",
		"0x10",
		"10 ",
		" 10",
		"+1",
		"1,5",
		".",
		"-",
		"10:x",
		"@@1",
		"inf",
		"nan",
		"1234567890123456789012345678901234567890",
	};
	struct range range;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bool right = range_parse(good[i].text, &range);

		for (size_t j = 0; j < 3; j++)
			right &= (good[i].calls[j] == NEVER ||
				  range_calls(&range, good[i].calls[j])) &&
				 !range_calls(&range, good[i].not [j]);
		ok(right && !strcmp(range.text, good[i].text), "the range %s", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!range_parse(bad[i], &range), "'%s' is none", bad[i]);
}

static void lists(void)
{
	static const struct {
		const char *list, *why;
	} bad[] = {
		{ "bad",
		  "critical: 'bad' is no severity (warning, minor, major, critical, never) and "
		  "no KEY=RANGE" },
		{ "info",
		  "critical: 'info' is no severity (warning, minor, major, critical, never) "
		  "and no KEY=RANGE" },
		{ "wans_carying=2:", "critical: 'wans_carying' is no number that is known, did you "
				     "mean 'wans_carrying'?" },
		{ "path_manager=1", "critical: 'path_manager' is no number that is known" },
		{ "wans_up=", "critical: '' is no range: [@][START:][END]" },
		{ "major,wans_up=5:4", "critical: '5:4' is no range: [@][START:][END]" },
	};
	const struct metric_table *table = &metric_tables[TABLE_HOST];
	struct thresholds thresholds = { .severity = SEVERITY_MAJOR };
	char why[WHY_LEN], many[1024] = "";

	ok(!thresholds_parse("warning", "", table, &thresholds, why) && !thresholds.count &&
		   thresholds.severity == SEVERITY_MAJOR,
	   "nothing changes nothing");
	ok(!thresholds_parse("warning", " minor, wans_carrying=2:,age_s=60 ", table, &thresholds,
			     why) &&
		   thresholds.count == 2 && thresholds.severity == SEVERITY_MINOR &&
		   thresholds_find(&thresholds, metric_of(table, "age_s"))->end == 60,
	   "a severity and two ranges");
	ok(!thresholds_find(&thresholds, metric_of(table, "wans_up")), "none of another key");
	ok(!thresholds_parse("warning", "never", table, &thresholds, why) &&
		   thresholds.severity > SEVERITY_CRITICAL,
	   "never");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(thresholds_parse("critical", bad[i].list, table, &thresholds, why) < 0,
		   "'%s' is refused", bad[i].list);
		is_text(why, bad[i].why, "and why");
	}
	thresholds.count = 0;
	for (size_t i = 0; i <= THRESHOLDS_MOST; i++)
		strcat(many, "wans_up=1,");
	ok(thresholds_parse("critical", many, table, &thresholds, why) < 0 &&
		   strstr(why, "is one range too many"),
	   "so many and no more");
}

/*
 * --- performance data --------------------------------------------------------------------------
 */

static struct view_site site;
static struct thresholds warns, calls;
static const struct perfdata perfdata = { &site.snapshot, SITE_NOW_S, &warns, &calls };

static void begin(void)
{
	view_site_well(&site);
	warns = (struct thresholds){ .severity = SEVERITY_WARNING };
	calls = (struct thresholds){ .severity = SEVERITY_MAJOR };
}

static void set_thresholds(const char *warning, const char *critical)
{
	const struct metric_table *table = &metric_tables[TABLE_HOST];
	char why[WHY_LEN] = "";

	if (thresholds_parse("warning", warning, table, &warns, why) ||
	    thresholds_parse("critical", critical, table, &calls, why))
		ok(false, "%s", why);
}

static void is_item(const char *key, const char *want, const char *why)
{
	char text[PERFDATA_ITEM_MOST] = "";

	perfdata_item(&perfdata, metric_of(&metric_tables[TABLE_HOST], key), &site.snapshot.host,
		      NULL, text);
	is_text(text, want, "%s", why);
}

/* Of the first WAN. */
static void is_wan_item(const char *key, const char *want, const char *why)
{
	char text[PERFDATA_ITEM_MOST] = "";

	perfdata_item(&perfdata, metric_of(&metric_tables[TABLE_WAN], key), &site.wans[0],
		      site.wans[0].name, text);
	is_text(text, want, "%s", why);
}

static void of_the_host(void)
{
	char text[PERFDATA_ROW_MOST];

	begin();
	is_item("wans_carrying", "'wans_carrying'=6;;;0;6", "of so many");
	is_item("age_s", "'age_s'=1s;;;0", "an age is told at the moment of reading");
	is_item("worst_severity", "'worst_severity'=1;2;4;1;6", "severities call, as ranges");
	is_item("in_octets", "'in_octets'=0c;;;0", "a counter");
	is_item("interval_ms", "'interval_ms'=5000ms;;;0", "milliseconds");
	is_item("tcp_memory_kib", "'tcp_memory_kib'=1234KB;;;0", "kilobytes of 1024 octets");
	is_item("cpu_busiest", "'cpu_busiest'=12.50%;;;0;100", "percent");
	is_item("subflows_per_connection", "'subflows_per_connection'=6.00;;;0", "hundredths");
	set_thresholds("never,wans_carrying=5:", "never,wans_carrying=@0:2,subflow_limit=3:");
	is_item("wans_carrying", "'wans_carrying'=6;5:;@0:2;0;6", "ranges as they were given");
	is_item("worst_severity", "'worst_severity'=1;;;1;6", "a severity that never calls");
	perfdata_host(&perfdata, text);
	is_text(text,
		"'worst_severity'=1;;;1;6 'wans_configured'=6;;;0;6 'wans_up'=6;;;0;6 "
		"'wans_joined'=6;;;0;6 'wans_carrying'=6;5:;@0:2;0;6 'wans_in_alarm'=0;;;0;6 "
		"'connections'=2;;;0 'subflows'=12;;;0 'age_s'=1s;;;0 'subflow_limit'=5;;3:;0",
		"of the host, and what has a threshold");
}

static void of_a_wan(void)
{
	char text[PERFDATA_ROW_MOST];

	begin();
	perfdata_wan(&perfdata, &site.wans[0], text);
	is_text(text,
		"'wan1_state'=9;;;1;9 'wan1_alarm_severity'=1;2;4;1;6 'wan1_subflows'=2;;;0 "
		"'wan1_in_octets'=1000c;;;0 'wan1_out_octets'=5000000000c;;;0 "
		"'wan1_in_kbps'=90;;;0 'wan1_out_kbps'=12000;;;0 'wan1_share_in'=25.00%;;;0;100 "
		"'wan1_share_out'=25.00%;;;0;100 'wan1_rtt_us'=20500us;;;0 "
		"'wan1_retrans_ratio'=0.12%;;;0;100",
		"of a WAN");
	site.wans[0].out_octets = UINT64_MAX;
	is_wan_item("out_octets", "'wan1_out_octets'=18446744073709551615c;;;0",
		    "as far as it goes");
	site.wans[0].rtt_us.known = false;
	is_wan_item("rtt_us", "", "what is not known is left out");
	strcpy(site.wans[0].name, "a'b=c|d");
	is_wan_item("subflows", "'a''b_c_d_subflows'=2;;;0", "labels are quoted");
	memset(site.wans[0].name, '\'', WAN_NAME_LEN - 1);
	is_wan_item(
		"subflows",
		"'''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''_subflows'=2;;;0",
		"whatever their name is");
	know_all(&metric_tables[TABLE_WAN], &site.wans[0]);
	for (size_t i = 0; i < THRESHOLDS_MOST; i++)
		warns.rows[i] = calls.rows[i] =
			(struct threshold){ &metric_tables[TABLE_WAN].metrics[10 + i],
					    { .text = "1234567890123:12345678901234567" } };
	warns.count = calls.count = THRESHOLDS_MOST;
	ok(perfdata_wan(&perfdata, &site.wans[0], text) == strlen(text) &&
		   strlen(text) < sizeof(text),
	   "with every threshold there may be");
}

int main(void)
{
	ranges();
	lists();
	of_the_host();
	of_a_wan();
	return tap_done();
}
