/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/evidence.h"
#include "cli/units.h"
#include "lib/finding.h"
#include "lib/status.h"

/*
 * --- what rests on what ------------------------------------------------------------------------
 */

#define JOINS                                                                                      \
	"joins_attempted joins_established joins_unanswered joins_refused joins_reset "            \
	"joins_stripped joins_abandoned subflows_attempted"
#define ELIGIBLE "subflows connections connections_eligible"
#define ENDPOINTS "endpoints_v4 endpoints_v6"
#define PLACE "admin_up up ifname last_carried"
#define FLOW "out_kbps in_kbps share_out share_in rtt_us min_rtt_us retrans_ratio pressed"
#define LIMITS "subflow_limit subflows_needed subflow_ceiling connections connections_at_limit"

/* Words apart by a space; of a WAN its state and since when come first, always. */
static const struct rests_on {
	const char *wan, *host, *counters;
	bool endpoints; /* the rows themselves */
} rests_on[CAUSES] = {
	[CAUSE_MPTCP_DISABLED] = { .host = "enabled connections fallback_connections" },
	[CAUSE_USERSPACE_PM] = { .host = "path_manager connections subflows "
					 "subflows_per_connection endpoints wans_up" },
	[CAUSE_NO_ENDPOINTS] = { .host = "endpoints wans_up", .endpoints = true },
	[CAUSE_FALLBACK] = { .host = "connections fallback_connections",
			     .counters = "MPCapableFallbackACK MPCapableFallbackSYNACK "
					 "MPCapableDataFallback" },
	[CAUSE_BLACKHOLE] = { .host = "connections fallback_connections",
			      .counters = "Blackhole MPCapableSYNTXDrop MPCapableSYNTXDisabled" },
	[CAUSE_FAR_END_SILENT] = { .host = "connections subflows wans_joined" },
	[CAUSE_CONNECT_UNANSWERED] = { .host = "connections subflows_attempted",
				       .counters = "MPCapableSYNTX MPCapableSYNACKRX" },
	[CAUSE_CONNECT_REFUSED] = { .host = "connections subflows_attempted",
				    .counters = "MPCapableSYNTX MPCapableSYNACKRX" },
	[CAUSE_SOURCE_UNREADABLE] = { .host = "last_error poll_errors polls age_s" },
	[CAUSE_DRIFT] = { .host = "subflow_limit add_addr_limit scheduler path_manager "
				  "subflows_needed" },
	[CAUSE_LINK_DOWN] = { .wan = PLACE },
	[CAUSE_ADMIN_DOWN] = { .wan = PLACE },
	[CAUSE_NO_ADDRESS] = { .wan = PLACE },
	[CAUSE_ENDPOINT_WITHDRAWN] = { .wan = PLACE " " ENDPOINTS, .host = "endpoints" },
	[CAUSE_BASE_DOWN] = { .wan = "base " PLACE },
	[CAUSE_INTERFACE_ABSENT] = { .wan = "last_carried" },
	[CAUSE_SUBFLOW_LIMIT] = { .wan = ELIGIBLE " " JOINS, .host = LIMITS },
	[CAUSE_ENDPOINT_TABLE_FULL] = { .wan = ENDPOINTS, .host = "endpoints endpoint_ceiling" },
	[CAUSE_ADD_ADDR_LIMIT] = { .wan = ELIGIBLE " " ENDPOINTS,
				   .host = "add_addr_limit add_addr_needed far_addresses families" },
	[CAUSE_SERVER_REFUSES_JOINS] = { .wan = ELIGIBLE " " JOINS,
					 .host = LIMITS " subflows_per_connection" },
	[CAUSE_DUPLICATE_PATHS] = { .wan = ELIGIBLE,
				    .host = LIMITS " far_addresses subflows_per_connection" },
	[CAUSE_NO_ENDPOINT] = { .wan = ENDPOINTS " ifname up",
				.host = "endpoints endpoint_ceiling" },
	[CAUSE_ENDPOINT_NOT_SUBFLOW] = { .wan = ENDPOINTS " ifname", .endpoints = true },
	[CAUSE_STALE_ENDPOINT] = { .wan = ENDPOINTS " ifname ifindex", .endpoints = true },
	[CAUSE_JOIN_STRIPPED] = { .wan = ELIGIBLE " " JOINS },
	[CAUSE_JOIN_UNANSWERED] = { .wan = ELIGIBLE " " JOINS },
	[CAUSE_JOIN_REFUSED] = { .wan = ELIGIBLE " " JOINS },
	[CAUSE_BIND_OR_ROUTE_ERROR] = { .wan = ELIGIBLE " " JOINS,
					.counters = "MPJoinSynTx MPJoinSynTxCreatSkErr "
						    "MPJoinSynTxBindErr MPJoinSynTxConnectErr",
					.endpoints = true },
	[CAUSE_NO_ROUTE_FROM_LINE] = { .wan = ELIGIBLE " ifname ifindex route_ifindex",
				       .endpoints = true },
	[CAUSE_MISSING_ON_OLD_CONNECTIONS] = { .wan = ELIGIBLE " last_carried",
					       .host = "connections" },
	[CAUSE_LIMITS_RAISED_OLD_CONNECTIONS] = { .wan = ELIGIBLE, .host = LIMITS },
	[CAUSE_DUPLICATE_ADDRESS] = { .wan = ENDPOINTS " ifname ifindex", .endpoints = true },
	[CAUSE_SCHEDULER_AVOIDS] = { .wan = "subflows " FLOW, .host = "scheduler" },
	[CAUSE_BACKUP_NOT_READY] = { .wan = "role " ELIGIBLE " " ENDPOINTS " " JOINS,
				     .host = "subflow_limit subflows_needed",
				     .endpoints = true },
	[CAUSE_BACKUP_IN_USE] = { .wan = "role subflows subflows_backup " FLOW,
				  .host = "wans_carrying" },
	[CAUSE_UNEXPLAINED] = { .wan = ELIGIBLE " " JOINS " " FLOW,
				.host = LIMITS,
				.endpoints = true },
	[CAUSE_NO_MPTCP_TRAFFIC] = { .host = "connections fallback_connections subflows" },
	[CAUSE_NOT_MPTCP_TRAFFIC] = { .wan = "in_octets out_octets if_in_octets if_out_octets "
					     "in_kbps out_kbps" },
	[CAUSE_CPU_BOUND] = { .host = "cpu_busiest" },
	[CAUSE_ACCOUNTING_DEGRADED] = { .host = "accounting accounting_reason truncated_subflows" },
	[CAUSE_EVENTS_LOST] = { .host = "events_lost truncated_subflows accounting" },
};

static const char *const ALWAYS = "state state_since";

/*
 * --- one by one --------------------------------------------------------------------------------
 */

/* The word at *at of a list, if there is one so far; else *at becomes what is beyond its end. */
static bool word_at(const char *list, size_t *at, char word[64])
{
	for (const char *next = list ? list : ""; *next;) {
		size_t len = strcspn(next, " ");

		if (!(*at)--) {
			snprintf(word, 64, "%.*s", (int)len, next);
			return true;
		}
		next += len + strspn(next + len, " ");
	}
	return false;
}

/* Which word of all is it? */
static bool nth(const struct finding *finding, size_t at, enum evidence_kind *kind, char word[64])
{
	const struct rests_on *on = &rests_on[finding->cause < CAUSES ? finding->cause : 0];
	const struct {
		enum evidence_kind kind;
		const char *words;
	} lists[] = {
		{ EVIDENCE_OF_WAN, finding->wan_index ? ALWAYS : NULL },
		{ EVIDENCE_OF_WAN, finding->wan_index ? on->wan : NULL },
		{ EVIDENCE_OF_HOST, on->host },
		{ EVIDENCE_COUNTER, on->counters },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*kind = lists[i].kind;
		if (word_at(lists[i].words, &at, word))
			return true;
	}
	return false;
}

static bool read_counter(const struct snapshot *snapshot, const char *name, struct evidence *out)
{
	for (size_t i = 0; i < snapshot->counter_count; i++) {
		if (strcmp(snapshot->counters[i].name, name) != 0)
			continue;
		out->metric = NULL;
		out->name = snapshot->counters[i].name;
		out->value = (struct metric_value){ .number = snapshot->counters[i].value };
		return true;
	}
	return false;
}

static bool read_metric(const struct snapshot *snapshot, const struct finding *finding,
			const char *key, struct evidence *out)
{
	bool of_wan = out->kind == EVIDENCE_OF_WAN;
	const void *row =
		of_wan ? (const void *)snapshot_wan(snapshot, finding->wan_index) : &snapshot->host;

	if (!row)
		return false;
	out->metric = metric_of(&metric_tables[of_wan ? TABLE_WAN : TABLE_HOST], key);
	out->name = out->metric->key;
	/* A text that is empty says nothing. */
	return metric_read(out->metric, row, &out->value) &&
	       !(out->metric->meaning == TEXT && !*out->value.text);
}

bool evidence_next(const struct snapshot *snapshot, const struct finding *finding, size_t *at,
		   struct evidence *out)
{
	char word[64];

	while (nth(finding, (*at)++, &out->kind, word))
		if (out->kind == EVIDENCE_COUNTER ? read_counter(snapshot, word, out)
						  : read_metric(snapshot, finding, word, out))
			return true;
	return false;
}

/*
 * --- in words ----------------------------------------------------------------------------------
 */

/* Appends what fits. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size,
							 const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, size - len, format, args);
	va_end(args);
}

/* "rtt_us" is an rtt: the unit is told with the value. */
static void write_name(const struct evidence *evidence, char name[64])
{
	static const char *const units[] = { "_us", "_kbps", "_s" };
	size_t len = (size_t)snprintf(name, 64, "%s", evidence->name);

	for (size_t i = 0; evidence->metric && i < sizeof(units) / sizeof(units[0]); i++) {
		size_t unit_len = strlen(units[i]);

		if (len > unit_len && !strcmp(name + len - unit_len, units[i]))
			name[len -= unit_len] = '\0';
	}
	for (char *at = name; evidence->metric && (at = strchr(at, '_'));)
		*at = ' ';
}

/* "joins attempted 3", "rtt 20.5 ms", "state unjoined for 3 min", "last carried 3 min ago" */
static void append_evidence(const struct snapshot *snapshot, const struct evidence *evidence,
			    char text[EVIDENCE_LEN])
{
	const struct metric *metric = evidence->metric;
	const struct metric_value *value = &evidence->value;
	char name[64], figure[EVIDENCE_LEN];

	if (metric && !strcmp(metric->key, "state_since")) {
		age_text((snapshot->taken_ms - value->number) / 1000, figure);
		append(text, EVIDENCE_LEN, " for %s", figure);
		return;
	}
	write_name(evidence, name);
	if (!metric)
		snprintf(figure, sizeof(figure), "%" PRIu64, value->number);
	else if (metric->meaning == DATE || metric->meaning == AGE)
		age_text((snapshot->taken_ms - value->number) / 1000, figure);
	else
		metric_value_text(metric, value, figure, sizeof(figure));
	append(text, EVIDENCE_LEN, "%s%s %s%s", *text ? ", " : "", name, figure,
	       metric && metric->meaning == DATE ? " ago" : "");
}

/* What became of joins, beside their number: what never happened is no news. */
static bool says_nothing(const struct evidence *evidence)
{
	return !strncmp(evidence->name, "joins_", strlen("joins_")) && !evidence->value.number &&
	       strcmp(evidence->name, "joins_attempted") != 0;
}

char *evidence_text(const struct snapshot *snapshot, const struct finding *finding,
		    enum evidence_kind kind, char text[EVIDENCE_LEN])
{
	struct evidence evidence;

	*text = '\0';
	for (size_t at = 0; evidence_next(snapshot, finding, &at, &evidence);)
		if (evidence.kind == kind && !says_nothing(&evidence))
			append_evidence(snapshot, &evidence, text);
	return text;
}

char *evidence_endpoints(const struct snapshot *snapshot, const struct finding *finding,
			 char text[EVIDENCE_LEN])
{
	const struct metric *flags = metric_of(&metric_tables[TABLE_ENDPOINT], "flags");
	char address[INET6_ADDRSTRLEN], words[64];

	*text = '\0';
	if (finding->cause >= CAUSES || !rests_on[finding->cause].endpoints)
		return text;
	for (size_t i = 0; i < snapshot->endpoint_count; i++) {
		const struct endpoint *endpoint = &snapshot->endpoints[i];

		if (endpoint->wan_index != finding->wan_index ||
		    !inet_ntop(endpoint->address.family, endpoint->address.bytes, address,
			       sizeof(address)))
			continue;
		metric_value_text(flags, &(struct metric_value){ .number = endpoint->flags }, words,
				  sizeof(words));
		append(text, EVIDENCE_LEN, "%s%" PRIu32 ": %s %s", *text ? "; " : "", endpoint->id,
		       address, words);
		if (endpoint->ifindex)
			append(text, EVIDENCE_LEN, ", interface index %" PRIu32, endpoint->ifindex);
		if (!endpoint->usable)
			append(text, EVIDENCE_LEN, " (not usable)");
	}
	return text;
}

/*
 * --- as JSON -----------------------------------------------------------------------------------
 */

struct json_object *evidence_json(const struct snapshot *snapshot, const struct finding *finding)
{
	static const char *const keys[] = { "wan", "host", "counters" };
	struct json_object *all = json_object_new_object(), *parts[3] = { NULL };
	struct evidence evidence;

	for (size_t at = 0; all && evidence_next(snapshot, finding, &at, &evidence);) {
		struct json_object **part = &parts[evidence.kind];

		if (!*part) {
			*part = json_object_new_object();
			json_object_object_add(all, keys[evidence.kind], *part);
		}
		if (!*part)
			continue;
		json_object_object_add(
			*part, evidence.name,
			evidence.metric ? status_value(snapshot, evidence.metric, &evidence.value)
					: json_object_new_uint64(evidence.value.number));
	}
	return all;
}
