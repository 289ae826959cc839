/* SPDX-License-Identifier: MIT */
/* What `mptcp-wan doctor` tells of what was found: evidence, budget, what it could not judge. */
#include <errno.h>
#include <json-c/json.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "cli/evidence.h"
#include "lib/finding.h"
#include "tests/doctor_site.h"
#include "tests/know_all.h"
#include "tests/tap.h"

static struct view_site site;

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

static void the_seed(void)
{
	struct examination ex;
	char *text;

	view_site_seed(&site);
	ex = doctor_examination(&site);
	text = doctor_printed(&ex, SCREEN_WIDTH, false);
	is_text(text,
		"1 thing is wrong, the worst is major: 6 WANs, 6 up, 4 joined, 4 carrying.\n"
		"\n"
		"wan5, wan6: subflow-limit (major), for 3 min\n"
		"  no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, set it to at\n"
		"    least 5\n"
		"  evidence, wan5, wan6: state unjoined for 3 min, subflows 0, connections 0,\n"
		"    connections eligible 2, joins attempted 0, subflows attempted 0\n"
		"  evidence, this host: subflow limit 3, subflows needed 5, subflow ceiling 8,\n"
		"    connections 2, connections at limit 2\n"
		"  now: ip mptcp limits set subflows 5\n"
		"  for good: where ip mptcp limits is run at boot\n"
		"  far end: its limit must be at least as high\n"
		"  restart: the tunnel or proxy\n"
		"\n"
		"Budget of subflows\n"
		"SUBFLOWS  EXTRA ONES OF A CONNECTION\n"
		"       6  endpoints that join (IPv4), on 6 lines\n"
		"     - 1  has the connection's first subflow, no extra one\n"
		"     = 5  needed\n"
		"       3  is the limit in force\n"
		"       8  is the most that the kernel takes (assumed; --probe-ceiling asks it)\n"
		"  too low by 2: ip mptcp limits set subflows 5, here and at the far end;\n"
		"    connections that exist do not join again\n"
		"  announced addresses: 1 accepted, none needed\n"
		"  endpoint table: 6 of 8 places (assumed), 0 of no use to any line\n"
		"  what it costs now: 8 subflows of 2 connections, 4.00 each; all TCP sockets\n"
		"    take 1.2 MiB; the busiest core is at 13 %; 6 joins attempted, 0 failed\n"
		"\n"
		"Looked at\n"
		"  by the agent 1 s ago, which has asked the kernel each 5 s for 2 h 5 min\n"
		"WAN   STATE     SUBFLOWS        OUT         IN  SHARE  WHY\n"
		"wan1  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan2  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan3  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan4  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan5  unjoined         0          -          -      -  subflow-limit\n"
		"wan6  unjoined         0          -          -      -  subflow-limit\n"
		"6 WANs configured, 6 up, 4 joined, 4 carrying, 2 in alarm: wan5, wan6\n"
		"2 connections, 8 subflows\n"
		"limits: 3 extra subflows (too few: 5 needed), 1 announced address (0 needed)\n"
		"accounting: exact; 0 truncated, 0 lost; 1 s old\n",
		"the seed, on 80 columns");
	free(text);
	text = doctor_printed(&ex, 200, false);
	is_text(text,
		"1 thing is wrong, the worst is major: 6 WANs, 6 up, 4 joined, 4 carrying.\n"
		"\n"
		"wan5, wan6: subflow-limit (major), for 3 min\n"
		"  no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, set it to "
		"at least 5\n"
		"  evidence, wan5, wan6: state unjoined for 3 min, subflows 0, connections "
		"0, connections eligible 2, joins attempted 0, subflows attempted 0\n"
		"  evidence, this host: subflow limit 3, subflows needed 5, subflow ceiling "
		"8, connections 2, connections at limit 2\n"
		"  now: ip mptcp limits set subflows 5\n"
		"  for good: where ip mptcp limits is run at boot\n"
		"  far end: its limit must be at least as high\n"
		"  restart: the tunnel or proxy\n"
		"\n"
		"Budget of subflows\n"
		"SUBFLOWS  EXTRA ONES OF A CONNECTION\n"
		"       6  endpoints that join (IPv4), on 6 lines\n"
		"     - 1  has the connection's first subflow, no extra one\n"
		"     = 5  needed\n"
		"       3  is the limit in force\n"
		"       8  is the most that the kernel takes (assumed; --probe-ceiling asks it)\n"
		"  too low by 2: ip mptcp limits set subflows 5, here and at the far end; "
		"connections that exist do not join again\n"
		"  announced addresses: 1 accepted, none needed\n"
		"  endpoint table: 6 of 8 places (assumed), 0 of no use to any line\n"
		"  what it costs now: 8 subflows of 2 connections, 4.00 each; all TCP "
		"sockets take 1.2 MiB; the busiest core is at 13 %; 6 joins attempted, 0 failed\n"
		"\n"
		"Looked at\n"
		"  by the agent 1 s ago, which has asked the kernel each 5 s for 2 h 5 min\n"
		"WAN   STATE     SUBFLOWS        OUT         IN  SHARE  WHY\n"
		"wan1  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan2  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan3  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan4  carrying         2  12 Mbit/s  90 kbit/s   25 %\n"
		"wan5  unjoined         0          -          -      -  no subflow; the "
		"subflow limit 3 leaves room for 1+3 lines of 6, set it to at least 5\n"
		"wan6  unjoined         0          -          -      -  no subflow; the "
		"subflow limit 3 leaves room for 1+3 lines of 6, set it to at least 5\n"
		"6 WANs configured, 6 up, 4 joined, 4 carrying, 2 in alarm: wan5, wan6\n"
		"2 connections, 8 subflows\n"
		"limits: 3 extra subflows (too few: 5 needed), 1 announced address (0 needed)\n"
		"accounting: exact; 0 truncated, 0 lost; 1 s old\n",
		"on 200 columns");
	free(text);
	text = doctor_printed(&ex, 200, true);
	ok(strstr(text, "\033[1;31m1 thing is wrong, the worst is major: ") == text &&
		   strstr(text,
			  "\n\033[1;31mwan5, wan6: subflow-limit (major), for 3 min\033[0m\n") &&
		   strstr(text, "\n\033[1mBudget of subflows\033[0m\n"),
	   "with colours");
	free(text);
}

static void all_is_well(void)
{
	struct examination ex;

	view_site_well(&site);
	ex = doctor_examination(&site);
	prints(&ex, "Nothing wrong was found: 6 WANs, 6 up, 6 joined, 6 carrying.\n\nBudget",
	       "all is well");
	prints(&ex,
	       "\nLooked at\n  by the agent 1 s ago, which has asked the kernel each 5 s for 2 h 5 min\n",
	       "and this was looked at");
	prints(&ex, "\nwan6  carrying         2 ", "every line");
	prints_not(&ex, "Not judged", "all was judged");
	is_u64(doctor_severity(&site.snapshot), SEVERITY_NONE, "nothing is wrong");
	strcpy(view_site_find(&site, 0, CAUSE_CPU_BOUND, SEVERITY_INFO)->text, "a busy core");
	prints(&ex, "Nothing wrong was found: ", "what is worth knowing is no fault");
	site.snapshot.host.subflow_limit.value = 3;
	ex = doctor_examination(&site);
	prints(&ex,
	       "Nothing wrong was found yet, but the subflow limit is too low for all lines, see the "
	       "budget: 6 WANs, ",
	       "a limit that no connection has met yet is told all the same");
	site.snapshot.host.subflow_limit.value = 5;
	ex = doctor_examination(&site);
	prints(&ex,
	       "\n\nthis host: cpu-bound (info), for 3 min\n  a busy core\n"
	       "  evidence, this host: cpu busiest 13 %\n",
	       "and is told");
	is_u64(doctor_severity(&site.snapshot), SEVERITY_INFO, "worth knowing");
	site.snapshot.wan_count = 0;
	prints(&ex,
	       "No WAN is known, and so nothing can be judged: no interface with an MPTCP endpoint or "
	       "subflow was seen. Add endpoints (ip mptcp endpoint add ADDRESS dev DEVICE subflow), or "
	       "name the WANs in\n  /etc/mptcp-wan.conf.\n",
	       "without any line");
	is_u64(doctor_severity(&site.snapshot), SEVERITY_WARNING, "which is no good health");
	site.snapshot.finding_count = 0;
	is_u64(doctor_severity(&site.snapshot), SEVERITY_WARNING, "even if nothing is found");
	view_site_find(&site, 0, CAUSE_MPTCP_DISABLED, SEVERITY_CRITICAL);
	prints(&ex, "1 thing is wrong, the worst is critical: ", "unless there is more to it");
	prints(&ex, "\n  any line: no WAN is known, ", "which is told as well");
}

static void several_things_are_wrong(void)
{
	struct examination ex;

	view_site_seed(&site);
	strcpy(view_site_find(&site, 0, CAUSE_FALLBACK, SEVERITY_MAJOR)->text, "it falls back");
	strcpy(view_site_find(&site, 1, CAUSE_EVENTS_LOST, SEVERITY_INFO)->text, "lost");
	view_site_find(&site, 0, CAUSE_MPTCP_DISABLED, SEVERITY_CRITICAL);
	ex = doctor_examination(&site);
	prints(&ex,
	       "3 things are wrong, the worst is critical: ", "two lines with one cause are one");
	is_u64(doctor_severity(&site.snapshot), SEVERITY_CRITICAL, "critical");
	prints(&ex, "the tunnel or proxy\n\nthis host: fallback (major)",
	       "a blank line between them");
}

/* At night nothing is found, and the limit is as it was. */
static void an_alarm_that_stands(void)
{
	struct examination ex;

	view_site_seed(&site);
	ex = doctor_examination(&site);
	prints_not(&ex, "stands", "an alarm with its finding is told by that");
	site.snapshot.finding_count = 0;
	prints(&ex, "Nothing is found wrong now, and an alarm stands (major).\n",
	       "an alarm stands");
	prints(&ex,
	       "\nwan5: the alarm up-but-idle stands (subflow-limit, major)\n  it waits for "
	       "evidence to the contrary",
	       "of this line");
	prints(&ex, "when it was found last: wan5: no subflow; the subflow limit 3", "its story");
	is_u64(doctor_severity(&site.snapshot), SEVERITY_MAJOR, "as bad as it is");
	view_site_find(&site, 5, CAUSE_SUBFLOW_LIMIT, SEVERITY_INFO);
	ok(doctor_alarm_stands_alone(&site.snapshot, &site.alarms[0]),
	   "what is worth knowing explains none");
	view_site_find(&site, 5, CAUSE_UNEXPLAINED, SEVERITY_MINOR);
	ok(doctor_alarm_stands_alone(&site.snapshot, &site.alarms[0]),
	   "another cause is another thing");
}

/*
 * --- evidence ----------------------------------------------------------------------------------
 */

/* Each word of the table is a metric's key: else asking for it ends the program. */
static void every_cause_has_evidence(void)
{
	char text[EVIDENCE_LEN];
	unsigned int wordless = 0;

	view_site_well(&site);
	know_all(&metric_tables[TABLE_HOST], &site.snapshot.host);
	know_all(&metric_tables[TABLE_WAN], &site.wans[0]);
	for (uint32_t cause = 1; cause < CAUSES; cause++) {
		struct finding finding = { .cause = cause };

		if (!*cause_words[cause])
			continue;
		finding.wan_index = cause_kind(cause) != FINDING_HOST &&
				    cause != CAUSE_NO_MPTCP_TRAFFIC && cause != CAUSE_CPU_BOUND &&
				    cause != CAUSE_ACCOUNTING_DEGRADED &&
				    cause != CAUSE_EVENTS_LOST;
		wordless += !*evidence_text(&site.snapshot, &finding,
					    finding.wan_index ? EVIDENCE_OF_WAN : EVIDENCE_OF_HOST,
					    text);
	}
	is_u64(wordless, 0, "every cause rests on some number");
}

static void is_evidence(const struct finding *finding, enum evidence_kind kind, const char *want,
			const char *why)
{
	char text[EVIDENCE_LEN];

	is_text(evidence_text(&site.snapshot, finding, kind, text), want, "%s", why);
}

static void evidence(void)
{
	struct finding *finding;
	struct json_object *json;
	char text[EVIDENCE_LEN];

	view_site_seed(&site);
	finding = view_site_find(&site, 2, CAUSE_JOIN_UNANSWERED, SEVERITY_MAJOR);
	site.wans[1].joins_unanswered.value = 2;
	is_evidence(
		finding, EVIDENCE_OF_WAN,
		"state carrying for 3 min, subflows 2, connections 2, connections eligible 2, "
		"joins attempted 2, joins established 2, joins unanswered 2, subflows attempted 0",
		"of joins only what happened");
	is_evidence(finding, EVIDENCE_OF_HOST, "", "nothing of the host");
	site.wans[1].joins_attempted.known = site.wans[1].joins_established.known =
		site.wans[1].joins_unanswered.known = false;
	is_evidence(finding, EVIDENCE_OF_WAN,
		    "state carrying for 3 min, subflows 2, connections 2, connections eligible 2, "
		    "subflows attempted 0",
		    "nothing of what is not known");
	finding->cause = CAUSE_SCHEDULER_AVOIDS;
	is_evidence(finding, EVIDENCE_OF_WAN,
		    "state carrying for 3 min, subflows 2, out 12 Mbit/s, in 90 kbit/s, "
		    "share out 25 %, share in 25 %, rtt 20.5 ms, retrans ratio <1 %, pressed no",
		    "units are those of people");
	finding->cause = CAUSE_BIND_OR_ROUTE_ERROR;
	site.counters[0] = (struct counter){ .name = "MPJoinSynTxBindErr", .value = 7 };
	site.counters[1] = (struct counter){ .name = "Blackhole", .value = 1 };
	site.snapshot.counter_count = 2;
	is_evidence(finding, EVIDENCE_COUNTER, "MPJoinSynTxBindErr 7",
		    "counters that it rests on, and that there are");
	finding->cause = CAUSE_STALE_ENDPOINT;
	site.endpoints[1].usable = false;
	site.endpoints[1].flags |= ENDPOINT_BACKUP;
	is_text(evidence_endpoints(&site.snapshot, finding, text),
		"2: 10.0.0.2 subflow backup, interface index 6 (not usable)", "its endpoints");
	json = evidence_json(&site.snapshot, finding);
	is_text(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
		"{\"wan\":{\"state\":\"carrying\",\"state_since\":1799999800,\"endpoints_v4\":1,"
		"\"endpoints_v6\":0,\"ifname\":\"eth2\",\"ifindex\":6}}",
		"as JSON, by the keys of status.json");
	json_object_put(json);
	finding->wan_index = 99;
	is_evidence(finding, EVIDENCE_OF_WAN, "", "a WAN that is gone");
}

/*
 * --- what was not judged -----------------------------------------------------------------------
 */

static bool not_judged(const char *what, const char *why)
{
	struct unjudged unjudged;

	for (size_t at = 0; unjudged_next(&site.view, &at, &unjudged);)
		if (strstr(unjudged.what, what) && strstr(unjudged.why, why))
			return true;
	return false;
}

static void what_was_not_judged(void)
{
	struct unjudged unjudged;
	size_t at = 0;

	view_site_well(&site);
	ok(!unjudged_next(&site.view, &at, &unjudged), "all of it was");
	site.view.from_agent = false;
	site.view.looked_ms = 15000;
	ok(not_judged("what was before", "no agent was asked"), "without the agent: the past");
	ok(!not_judged("do not join", ""), "a look that is long enough");
	site.view.looked_ms = 10000;
	ok(not_judged("do not join", "lasted 10 s, and a join may take 10 s"), "too short");
	view_site_well(&site);
	strcpy(site.snapshot.host.last_error, "limits: not permitted");
	ok(not_judged("limits: not permitted", "did not answer"), "what was not answered");
	site.snapshot.answers[Q_LIMITS].error = -EPERM;
	ok(not_judged("limits: not permitted", "root sees more"), "and who is answered");
	view_site_well(&site);
	site.wans[2].state = site.wans[3].state = WAN_UNKNOWN;
	ok(not_judged("the state of wan3, wan4", "too early"), "unknown states");
	view_site_well(&site);
	site.snapshot.host.connections.value = 0;
	ok(not_judged("can be joined", "no MPTCP connection"), "nobody connects");
	view_site_well(&site);
	site.wans[0].joins_attempted.known = false;
	strcpy(site.snapshot.host.accounting_reason, "BPF: not permitted");
	ok(not_judged("how joins fail", "BPF: not permitted"), "attempts that nobody tells of");
	view_site_well(&site);
	site.wans[5].state = WAN_QUIET;
	ok(not_judged("leaves wan6 out", "rate-in"), "a download without configured rates");
	site.wans[5].rate_in_kbps = (struct maybe_u32){ true, 30000 };
	ok(!not_judged("wan6", ""), "with its rate");
	site.snapshot.host.role = ROLE_AGGREGATOR;
	ok(not_judged("ought to carry", "ask the router"), "the far end");
	site.snapshot.wan_count = 0;
	ok(not_judged("any line", "no WAN is known"), "no WAN at all");
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	the_seed();
	all_is_well();
	several_things_are_wrong();
	an_alarm_that_stands();
	every_cause_has_evidence();
	evidence();
	what_was_not_judged();
	return tap_done();
}
