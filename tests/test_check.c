/* SPDX-License-Identifier: MIT */
/* `mptcp-wan check`: when it says what, and in how much room. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "cli/check.h"
#include "tests/tap.h"
#include "tests/view_site.h"

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
		"MPTCP UNKNOWN - monitor blind: no WAN is known: add endpoints (ip mptcp endpoint), or "
		"name the WANs in /etc/mptcp-wan.conf; 0 WANs: 6 up, 6 joined, 6 carrying",
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
