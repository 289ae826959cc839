/* SPDX-License-Identifier: MIT */
/* `mptcp-wan check`: ranges, thresholds, performance data, and when it says what. */
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "cli/check.h"
#include "cli/perfdata.h"
#include "cli/units.h"
#include "lib/finding.h"
#include "tests/know_all.h"
#include "tests/tap.h"
#include "tests/view_site.h"

enum { NEVER = INT_MIN };

static struct view_site site;
static struct check_options options;

static void begin(void)
{
	view_site_well(&site);
	options = (struct check_options){ .blind = CHECK_UNKNOWN,
					  .most = 4096,
					  .warns.severity = SEVERITY_WARNING,
					  .calls.severity = SEVERITY_MAJOR };
}

static void begin_seed(void)
{
	begin();
	view_site_seed(&site);
}

static void set_thresholds(const char *warning, const char *critical)
{
	const struct metric_table *table = &metric_tables[*options.wan ? TABLE_WAN : TABLE_HOST];
	char why[WHY_LEN] = "";

	if (thresholds_parse("warning", warning, table, &options.warns, why) ||
	    thresholds_parse("critical", critical, table, &options.calls, why))
		ok(false, "%s", why);
}

/* What it prints; for the caller to free. */
static char *says(enum check_status want, const char *why)
{
	struct check_result result = check_view(&options, &site.view);

	is_u64(result.status, want, "%s", why);
	return result.text;
}

/* Status and the text of the first line. */
static void is_said(enum check_status want, const char *line, const char *why)
{
	char *text = says(want, why), *bar = strchr(text, '|');

	if (bar && bar > text)
		bar[-1] = '\0';
	is_text(text, line, "%s: the first line", why);
	free(text);
}

static void has(const char *part, const char *why)
{
	struct check_result result = check_view(&options, &site.view);

	if (!ok(strstr(result.text, part) != NULL, "%s", why))
		printf("# no '%s' in:\n%s\n", part, result.text);
	free(result.text);
}

static void has_not(const char *part, const char *why)
{
	struct check_result result = check_view(&options, &site.view);

	ok(!strstr(result.text, part), "%s", why);
	free(result.text);
}

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

static void is_item(const char *key, const char *want, const char *why)
{
	struct perfdata perfdata = { &site.snapshot, SITE_NOW_S, &options.warns, &options.calls };
	char text[PERFDATA_ITEM_MOST] = "";

	if (*options.wan)
		perfdata_item(&perfdata, metric_of(&metric_tables[TABLE_WAN], key), &site.wans[0],
			      site.wans[0].name, text);
	else
		perfdata_item(&perfdata, metric_of(&metric_tables[TABLE_HOST], key),
			      &site.snapshot.host, NULL, text);
	is_text(text, want, "%s", why);
}

static void performance_data(void)
{
	char text[PERFDATA_ROW_MOST];
	struct perfdata perfdata = { &site.snapshot, SITE_NOW_S, &options.warns, &options.calls };

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

	begin();
	strcpy(options.wan, "wan1");
	perfdata_wan(&perfdata, &site.wans[0], text);
	is_text(text,
		"'wan1_state'=9;;;1;9 'wan1_alarm_severity'=1;2;4;1;6 'wan1_subflows'=2;;;0 "
		"'wan1_in_octets'=1000c;;;0 'wan1_out_octets'=5000000000c;;;0 "
		"'wan1_in_kbps'=90;;;0 'wan1_out_kbps'=12000;;;0 'wan1_share_in'=25.00%;;;0;100 "
		"'wan1_share_out'=25.00%;;;0;100 'wan1_rtt_us'=20500us;;;0 "
		"'wan1_retrans_ratio'=0.12%;;;0;100",
		"of a WAN");
	site.wans[0].out_octets = UINT64_MAX;
	is_item("out_octets", "'wan1_out_octets'=18446744073709551615c;;;0", "as far as it goes");
	site.wans[0].rtt_us.known = false;
	is_item("rtt_us", "", "what is not known is left out");
	strcpy(site.wans[0].name, "a'b=c|d");
	is_item("subflows", "'a''b_c_d_subflows'=2;;;0", "labels are quoted");
	memset(site.wans[0].name, '\'', WAN_NAME_LEN - 1);
	is_item("subflows",
		"'''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''_subflows'=2;;;0",
		"whatever their name is");
	know_all(&metric_tables[TABLE_WAN], &site.wans[0]);
	for (size_t i = 0; i < THRESHOLDS_MOST; i++)
		options.warns.rows[i] = options.calls.rows[i] =
			(struct threshold){ &metric_tables[TABLE_WAN].metrics[10 + i],
					    { .text = "1234567890123:12345678901234567" } };
	options.warns.count = options.calls.count = THRESHOLDS_MOST;
	ok(perfdata_wan(&perfdata, &site.wans[0], text) == strlen(text) &&
		   strlen(text) < sizeof(text),
	   "with every threshold there may be");
}

/*
 * --- statuses ----------------------------------------------------------------------------------
 */

static void all_is_well(void)
{
	char *text;

	begin();
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 6 up, 6 joined, 6 carrying", "all is well");
	has("\ntold by the agent 1 s ago, accounting exact |'wan1_state'=9;;;1;9 ", "by whom");
	text = says(CHECK_OK, "once more");
	ok(strchr(text, '\n') && strrchr(text, '\n')[1] == '\0' &&
		   strchr(strchr(text, '\n') + 1, '\n') == strrchr(text, '\n'),
	   "two lines");
	free(text);
	strcpy(view_site_find(&site, 1, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR)->text, "found");
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 6 up, 6 joined, 6 carrying",
		"a finding is no alarm until it has lasted");
	site.wans[3].state = WAN_DOWN;
	site.snapshot.host.wans_up = site.snapshot.host.wans_carrying = 0;
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 0 up, 6 joined, 0 carrying",
		"nor is a state, or a count");
}

static void alarms(void)
{
	begin_seed();
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - wan5, wan6 up-but-idle (subflow-limit); 6 WANs: 6 up, 4 joined, 4 "
		"carrying",
		"two lines in alarm");
	has("\nwan5, wan6 (major): no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, "
	    "set it to at least 5. Now: ip mptcp limits set subflows 5\n",
	    "with the advice, once");
	set_thresholds("", "critical");
	is_said(CHECK_WARNING,
		"MPTCP WARNING - wan5, wan6 up-but-idle (subflow-limit); 6 WANs: 6 up, 4 joined, 4 "
		"carrying",
		"major is not critical");
	set_thresholds("critical", "");
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 6 up, 4 joined, 4 carrying", "nor a warning");
	has("\nwan5, wan6 (major): no subflow", "but told");

	begin();
	view_site_alarm(&site, 2, CAUSE_SCHEDULER_AVOIDS, SEVERITY_MINOR);
	is_said(CHECK_WARNING,
		"MPTCP WARNING - wan2 up-but-idle (scheduler-avoids); 6 WANs: 6 up, 6 joined, 6 "
		"carrying",
		"a minor one");
	strcpy(view_site_alarm(&site, 0, CAUSE_FALLBACK, SEVERITY_MAJOR)->text, "it falls back");
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - wan2 up-but-idle (scheduler-avoids); this host: fallback; 6 WANs: 6 "
		"up, 6 joined, 6 carrying",
		"the host's, too");
	site.alarms[0].text[0] = '\0';
	strcpy(site.alarms[1].text, "a|b\nc\x1b[2J");
	has("\nthis host (major): a/b c [2J\n", "no text ends the line or begins performance data");
}

static void one_line(void)
{
	begin_seed();
	strcpy(options.wan, "wan5");
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - wan5 up-but-idle (subflow-limit); wan5 is unjoined: 0 subflows, 0 "
		"out, 0 in",
		"one line");
	has_not("wan6", "and no other");
	has_not("wans_up", "nor the host");
	has(" | 'wan5_state'=7;;;1;9 ", "its numbers");
	strcpy(options.wan, "wan1");
	is_said(CHECK_OK, "MPTCP OK - wan1 is carrying: 2 subflows, 12 Mbit/s out, 90 kbit/s in",
		"one that is well");
	view_site_alarm(&site, 0, CAUSE_FALLBACK, SEVERITY_MAJOR);
	is_said(CHECK_OK, "MPTCP OK - wan1 is carrying: 2 subflows, 12 Mbit/s out, 90 kbit/s in",
		"the host's alarm is another check's");
	has("\nthis host (major, no matter of this check): fallback; while that lasts, lines raise no "
	    "alarm of their own\n",
	    "and told");
	set_thresholds("subflows=3:", "share_out=@20:30");
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - share_out is 25, within @20:30; subflows is 2, not within 3:; wan1 "
		"is carrying: 2 subflows, 12 Mbit/s out, 90 kbit/s in",
		"numbers of its own");
	strcpy(options.wan, "wan7");
	is_said(CHECK_UNKNOWN, "MPTCP UNKNOWN - no WAN 'wan7' is known\n", "one that is not known");
}

static void numbers(void)
{
	begin();
	set_thresholds("wans_carrying=6:", "wans_carrying=4:");
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 6 up, 6 joined, 6 carrying", "enough carry");
	site.snapshot.host.wans_carrying = 5;
	is_said(CHECK_WARNING,
		"MPTCP WARNING - wans_carrying is 5, not within 6:; 6 WANs: 6 up, 6 joined, 5 carrying",
		"one does not");
	site.snapshot.host.wans_carrying = 3;
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - wans_carrying is 3, not within 4:; wans_carrying is 3, not within "
		"6:; 6 WANs: 6 up, 6 joined, 3 carrying",
		"half of them do not");
	has("'wans_carrying'=3;6:;4:;0;6", "in the numbers, too");
	begin();
	set_thresholds("cpu_busiest=12", "");
	is_said(CHECK_WARNING,
		"MPTCP WARNING - cpu_busiest is 12.5, not within 12; 6 WANs: 6 up, 6 joined, 6 carrying",
		"percent are percent");
}

static void blind(void)
{
	begin();
	site.snapshot.host.complete_ms = (SITE_NOW_S - 17) * UINT64_C(1000);
	is_said(CHECK_OK, "MPTCP OK - 6 WANs: 6 up, 6 joined, 6 carrying", "three intervals old");
	site.snapshot.host.complete_ms -= 1000;
	strcpy(site.snapshot.host.last_error, "limits: not permitted");
	is_said(CHECK_UNKNOWN,
		"MPTCP UNKNOWN - monitor blind: the kernel has not answered all questions lately: "
		"limits: not permitted; 6 WANs: 6 up, 6 joined, 6 carrying",
		"more than three");
	options.blind = CHECK_CRITICAL;
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - monitor blind: the kernel has not answered all questions lately: "
		"limits: not permitted; 6 WANs: 6 up, 6 joined, 6 carrying",
		"as its owner wants");
	options.blind = CHECK_UNKNOWN;
	view_site_alarm(&site, 2, CAUSE_SCHEDULER_AVOIDS, SEVERITY_MINOR);
	free(says(CHECK_UNKNOWN, "not to see is worse than to be warned"));
	view_site_alarm(&site, 3, CAUSE_SUBFLOW_LIMIT, SEVERITY_MAJOR);
	free(says(CHECK_CRITICAL, "a fault that is known is worse than not to see"));
	begin();
	site.snapshot.host.complete_ms = 0;
	free(says(CHECK_UNKNOWN, "never answered"));
	has("yet: no reason is known", "and why");
	begin();
	site.snapshot.wan_count = site.snapshot.host.wans_configured = 0;
	is_said(CHECK_UNKNOWN,
		"MPTCP UNKNOWN - monitor blind: no WAN is known, by configuration, endpoint or "
		"subflow; 0 WANs: 6 up, 6 joined, 6 carrying",
		"no line at all");
}

static void without_the_agent(void)
{
	begin_seed();
	site.view.from_agent = false;
	site.view.looked_ms = 12000;
	site.snapshot.alarm_count = 0;
	site.snapshot.host.complete_ms = site.snapshot.taken_ms;
	strcpy(view_site_find(&site, 0, CAUSE_CPU_BOUND, SEVERITY_INFO)->text, "busy");
	is_said(CHECK_CRITICAL,
		"MPTCP CRITICAL - wan5, wan6: subflow-limit; 6 WANs: 6 up, 4 joined, 4 carrying",
		"findings stand for alarms");
	has("\nwan5, wan6 (major): no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, "
	    "set it to at least 5. Now: ip mptcp limits set subflows 5; for good: ",
	    "with all of the advice");
	has("\nseen in 12 s without the agent, accounting exact |", "by whom");
	has_not("busy", "what is worth knowing is not told");
	options.verbose = true;
	has("\nthis host (info): busy\n", "unless it is asked for");
	has("\nwan5: unjoined, subflow-limit, 0 connections (2 expected), 0 out, 0 in\n",
	    "with a line for each WAN");
	strcpy(site.wans[0].name, "wan10");
	has("\nwan6: unjoined, subflow-limit, 0 connections (2 expected), 0 out, 0 in\nwan10: carrying, "
	    "2 connections (2 expected), 12 Mbit/s out, 90 kbit/s in\n",
	    "by name");
	has("accounting exact |'wan2_state'=", "and the performance data");
	site.snapshot.host.complete_ms--;
	free(says(CHECK_CRITICAL, "a look that is not complete"));
	has("monitor blind", "says so");
}

static void accounting(void)
{
	struct finding *finding;

	begin();
	finding = view_site_find(&site, 0, CAUSE_ACCOUNTING_DEGRADED, SEVERITY_INFO);
	strcpy(finding->text, "octets are not exact: BPF: not permitted");
	has_not("BPF", "not exact for a while: nothing to tell");
	finding->since_ms = (SITE_NOW_S - 3700) * UINT64_C(1000);
	has("\nfor 1 h 1 min: octets are not exact: BPF: not permitted\n", "for an hour");
	free(says(CHECK_OK, "and still OK"));
}

/*
 * --- room --------------------------------------------------------------------------------------
 */

static void is_within(uint32_t most)
{
	struct check_result result;

	options.most = most;
	result = check_view(&options, &site.view);
	if (!ok(result.text && strlen(result.text) < most &&
			result.text[strlen(result.text) - 1] == '\n' &&
			!strncmp(result.text, "MPTCP CRITICAL - ", 17),
		"within %u octets", most))
		printf("# %s\n", result.text);
	free(result.text);
}

static void room(void)
{
	begin_seed();
	for (uint32_t most = 1024; most <= 6000; most += 61)
		is_within(most);
	options.most = 1600;
	has("\nno room for the performance data of ", "what is left out is told");
	options.most = 65536;
	has_not("no room", "nothing is left out where there is room");
	/* As much as there may be to say. */
	options.verbose = true;
	for (size_t i = 0; i < site.snapshot.alarm_count; i++)
		memset(site.alarms[i].text, 'x' + (int)i, STORY_LEN - 1);
	for (size_t i = 0; i < SITE_WANS; i++)
		memset(site.wans[i].name, 'a' + (int)i, WAN_NAME_LEN - 1);
	for (uint32_t most = 1024; most <= 6000; most += 311)
		is_within(most);
}

static void nothing(void)
{
	struct check_result result = check_nothing(CHECK_UNKNOWN, "a | in a\nline");

	is_text(result.text, "MPTCP UNKNOWN - a / in a line\n", "one line, whatever is in it");
	free(result.text);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	ranges();
	lists();
	performance_data();
	all_is_well();
	alarms();
	one_line();
	numbers();
	blind();
	without_the_agent();
	accounting();
	room();
	nothing();
	return tap_done();
}
