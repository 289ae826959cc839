/* SPDX-License-Identifier: MIT */
/* The budget of subflows, as `mptcp-wan doctor` tells it: terms, limits, ceiling, advice. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include "tests/doctor_site.h"
#include "tests/tap.h"

static struct view_site site;

/*
 * --- the budget --------------------------------------------------------------------------------
 */

static void is_advice(const char *want, const char *why)
{
	struct examination ex = doctor_examination(&site);
	char text[BUDGET_LEN];

	is_text(budget_advice(&ex, text), want, "%s", why);
}

static void the_budget(void)
{
	struct examination ex;

	view_site_seed(&site);
	is_advice(
		"too low by 2: ip mptcp limits set subflows 5, here and at the far end; connections "
		"that exist do not join again",
		"too low");
	view_site_well(&site);
	is_advice("the limit of 5 is enough; the far end's must be as high", "enough");
	ex = doctor_examination(&site);
	prints(&ex,
	       "SUBFLOWS  EXTRA ONES OF A CONNECTION\n"
	       "       6  endpoints that join (IPv4), on 6 lines\n"
	       "     - 1  has the connection's first subflow, no extra one\n"
	       "     = 5  needed\n"
	       "       5  is the limit in force\n"
	       "       8  is the most that the kernel takes (assumed; --probe-ceiling asks it)\n",
	       "its terms");
	prints(&ex,
	       "  announced addresses: 1 accepted, none needed\n"
	       "  endpoint table: 6 of 8 places (assumed), 0 of no use to any line\n"
	       "  what it costs now: 12 subflows of 2 connections, 6.00 each; all TCP sockets take "
	       "1.2 MiB; the busiest core is at 13 %; 10 joins attempted, 0 failed\n",
	       "and what is beside them");
	site.snapshot.host.subflow_limit.known = false;
	is_advice("the limits in force are not known", "no limit");
	for (size_t i = 0; i < SITE_WANS; i++)
		site.endpoints[i].usable = false;
	is_advice("no line is up with an endpoint that a join may begin from", "no endpoint");

	view_site_well(&site);
	for (size_t i = 0; i < SITE_WANS; i++)
		site.endpoints[i].flags |= ENDPOINT_FULLMESH;
	site.snapshot.host.far_addresses.value = 2;
	site.snapshot.host.subflows_needed.value = 11;
	is_advice(
		"11 are needed and the kernel takes 8 at most (assumed): let the far end announce "
		"fewer addresses, or take fullmesh from the endpoints",
		"more than the kernel takes");
	ex = doctor_examination(&site);
	prints(&ex, "     + 6  for 1 more address of the far end, 6 subflows each (fullmesh)\n",
	       "which is told");
	site.snapshot.host.add_addr_limit.value = 0;
	site.snapshot.host.add_addr_needed.value = 1;
	site.snapshot.host.ceiling_assumed = false;
	site.snapshot.host.ceiling = 16;
	is_advice(
		"too low by 6: ip mptcp limits set subflows 11, here and at the far end; connections "
		"that exist do not join again; and: ip mptcp limits set add_addr_accepted 1",
		"both limits, and a ceiling that somebody has told");
	view_site_seed(&site);
	site.snapshot.host.subflows_needed.value = 7;
	ex = doctor_examination(&site);
	prints(&ex,
	       "     + 2  of something else: a limit that should do was reached\n     = 7  needed\n",
	       "what no term tells of");
	site.endpoints[0].wan_index = 0;
	ex = doctor_examination(&site);
	prints(&ex,
	       "       5  endpoints that join (IPv4), on 5 lines\n"
	       "     - 0  the first subflow's line has no endpoint: all of them are extra\n",
	       "a first line without endpoint");
	site.snapshot.host.families = 0;
	ex = doctor_examination(&site);
	prints(&ex, "  5  endpoints that join (IPv4), on", "nobody connects, there is one family");
	site.endpoints[5].address.family = AF_INET6;
	ex = doctor_examination(&site);
	prints(&ex, "  4  endpoints that join (of one family), on", "there are two");
	site.snapshot.host.families = FAMILY_V4 | FAMILY_V6;
	site.snapshot.host.far_addresses.value = 2;
	ex = doctor_examination(&site);
	prints(&ex, "  5  endpoints that join (IPv4 and IPv6), on", "both are used");
	site.snapshot.host.families = FAMILY_V6;
	site.snapshot.host.far_addresses.value = 1;
	ex = doctor_examination(&site);
	prints(&ex, "  1  endpoint that joins (IPv6), on 1 line\n", "the other is");
	site.snapshot.host.role = ROLE_AGGREGATOR;
	is_advice("this host is the far end: the router counts what is needed, and the limits here "
		  "must be as high",
		  "the far end");
	ex = doctor_examination(&site);
	prints_not(&ex, "needed\n", "of which nothing is needed");
}

static void the_ceiling(void)
{
	struct examination ex;
	char text[BUDGET_LEN];

	view_site_well(&site);
	site.snapshot.host.far_addresses.value = 4;
	site.snapshot.host.subflow_limit.value = 3;
	ex = doctor_examination(&site);
	ex.probed = true;
	ex.kernel_ceiling = 6;
	is_text(budget_advice(&ex, text),
		"8 are needed and the kernel takes 6 at most: leave lines out",
		"what the kernel has told is nothing assumed");
	prints(&ex, "       6  is the most that the kernel takes: it says so\n", "and is told so");
	ex.kernel_ceiling = 64;
	ok(!strncmp(budget_advice(&ex, text), "too low by 5: ip mptcp limits set subflows 8", 44),
	   "a kernel that takes more");
	site.snapshot.host.ceiling_assumed = false;
	ex = doctor_examination(&site);
	ex.kernel_ceiling = 64;
	prints(&ex, "       8  is the most, as configured (expect ceiling); this kernel takes 64\n",
	       "the far end's may be lower, its owner says");
	ex.kernel_ceiling = 5;
	prints(&ex, "       5  is the most that the kernel takes: it says so\n",
	       "not above its own");
	ex.kernel_ceiling = 0;
	prints(&ex, "       8  is the most that the kernel takes (configured)\n", "not asked");
	ok(!doctor_probe_failed(&ex), "which is no failure");
	ex.probed = true;
	ex.probe_error = -EPERM;
	prints(&ex,
	       "  the greatest limit could not be asked of the kernel: not permitted, it needs root "
	       "or CAP_NET_ADMIN\n",
	       "not permitted");
	ex.probe_error = -ENODATA;
	prints(&ex, "kernel: it refuses what is too high without saying what is not\n",
	       "an old kernel");
	ex.probe_error = -EBADMSG;
	prints(&ex, "kernel: Bad message\n", "or whatever it was");
}

/*
 * --- JSON --------------------------------------------------------------------------------------
 */

static void as_json(void)
{
	struct examination ex;
	struct json_object *json, *terms, *value;

	view_site_seed(&site);
	ex = doctor_examination(&site);
	ex.probed = true;
	ex.probe_error = -EPERM;
	json = budget_json(&ex);
	ok(json_object_object_get_ex(json, "terms", &terms) &&
		   json_object_object_get_ex(terms, "first", &value) &&
		   json_object_get_int(value) == 1,
	   "the terms");
	ok(json_object_object_get_ex(json, "subflows_needed", &value) &&
		   json_object_get_int(value) == 5,
	   "their sum");
	ok(json_object_object_get_ex(json, "ceiling_from", &value) &&
		   !strcmp(json_object_get_string(value), "assumed"),
	   "whose word the ceiling is");
	ok(json_object_object_get_ex(json, "probe_failed", &value), "and why not the kernel's");
	json_object_put(json);
	ex.probe_error = 0;
	ex.kernel_ceiling = 8;
	json = budget_json(&ex);
	ok(json_object_object_get_ex(json, "ceiling_from", &value) &&
		   !strcmp(json_object_get_string(value), "kernel") &&
		   !json_object_object_get_ex(json, "probe_failed", &value),
	   "the kernel's");
	json_object_put(json);
}

int main(void)
{
	the_budget();
	the_ceiling();
	as_json();
	return tap_done();
}
