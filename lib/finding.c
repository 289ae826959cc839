/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lib/finding.h"

/* One row a cause: everything that is said of causes as such. */
#define CAUSES_TABLE(X)                                                                            \
	X(MPTCP_DISABLED, "mptcp-disabled", HOST, CRITICAL)                                        \
	X(USERSPACE_PM, "userspace-pm-without-daemon", HOST, MAJOR)                                \
	X(NO_ENDPOINTS, "no-endpoints", HOST, MAJOR)                                               \
	X(FALLBACK, "fallback", HOST, MAJOR)                                                       \
	X(BLACKHOLE, "blackhole", HOST, MAJOR)                                                     \
	X(FAR_END_SILENT, "far-end-silent", HOST, CRITICAL)                                        \
	X(CONNECT_UNANSWERED, "connect-unanswered", HOST, CRITICAL)                                \
	X(CONNECT_REFUSED, "connect-refused", HOST, CRITICAL)                                      \
	X(SOURCE_UNREADABLE, "source-unreadable", HOST, WARNING)                                   \
	X(DRIFT, "drift", HOST, INFO)                                                              \
	X(LINK_DOWN, "link-down", DOWN, MAJOR)                                                     \
	X(ADMIN_DOWN, "admin-down", DOWN, INFO)                                                    \
	X(NO_ADDRESS, "no-address", DOWN, MAJOR)                                                   \
	X(ENDPOINT_WITHDRAWN, "endpoint-withdrawn", DOWN, MAJOR)                                   \
	X(BASE_DOWN, "base-down", DOWN, MINOR)                                                     \
	X(INTERFACE_ABSENT, "interface-absent", DOWN, MAJOR)                                       \
	X(SUBFLOW_LIMIT, "subflow-limit", STRUCTURAL, MAJOR)                                       \
	X(ENDPOINT_TABLE_FULL, "endpoint-table-full", STRUCTURAL, MAJOR)                           \
	X(ADD_ADDR_LIMIT, "add-addr-limit", STRUCTURAL, MAJOR)                                     \
	X(SERVER_REFUSES_JOINS, "server-refuses-joins", STRUCTURAL, MAJOR)                         \
	X(DUPLICATE_PATHS, "duplicate-paths", STRUCTURAL, MAJOR)                                   \
	X(NO_ENDPOINT, "no-endpoint", STRUCTURAL, MAJOR)                                           \
	X(ENDPOINT_NOT_SUBFLOW, "endpoint-not-subflow", STRUCTURAL, MAJOR)                         \
	X(STALE_ENDPOINT, "stale-endpoint", STRUCTURAL, MAJOR)                                     \
	X(JOIN_STRIPPED, "join-stripped", STRUCTURAL, MAJOR)                                       \
	X(JOIN_UNANSWERED, "join-unanswered", STRUCTURAL, MAJOR)                                   \
	X(JOIN_REFUSED, "join-refused", STRUCTURAL, MAJOR)                                         \
	X(BIND_OR_ROUTE_ERROR, "bind-or-route-error", STRUCTURAL, MAJOR)                           \
	X(NO_ROUTE_FROM_LINE, "no-route-from-line", STRUCTURAL, MAJOR)                             \
	X(MISSING_ON_OLD_CONNECTIONS, "missing-on-old-connections", STRUCTURAL, INFO)              \
	X(LIMITS_RAISED_OLD_CONNECTIONS, "limits-raised-old-connections", STRUCTURAL, WARNING)     \
	X(DUPLICATE_ADDRESS, "duplicate-address", STRUCTURAL, MAJOR)                               \
	X(SCHEDULER_AVOIDS, "scheduler-avoids", IDLE, MINOR)                                       \
	X(BACKUP_NOT_READY, "backup-not-ready", BACKUP, MINOR)                                     \
	X(BACKUP_IN_USE, "backup-in-use", INFO, INFO)                                              \
	X(UNEXPLAINED, "unexplained", STRUCTURAL, MAJOR)                                           \
	X(NO_MPTCP_TRAFFIC, "no-mptcp-traffic", INFO, INFO)                                        \
	X(NOT_MPTCP_TRAFFIC, "not-mptcp-traffic", INFO, INFO)                                      \
	X(CPU_BOUND, "cpu-bound", INFO, INFO)                                                      \
	X(ACCOUNTING_DEGRADED, "accounting-degraded", INFO, INFO)                                  \
	X(EVENTS_LOST, "events-lost", INFO, INFO)

#define WORD(name, word, kind, severity) [CAUSE_##name] = word,
#define KIND(name, word, kind, severity) [CAUSE_##name] = { FINDING_##kind, SEVERITY_##severity },

static const struct row { enum finding_kind kind; enum severity severity; } rows[CAUSES] = {
	CAUSES_TABLE(KIND)
};

/* A number that is not used has the word "": the list must not end there. */
const char *const cause_words[CAUSES + 1] = {
	[CAUSE_NONE] = "none",
	[CAUSE_DRIFT + 1 ... CAUSE_LINK_DOWN - 1] = "",
	[CAUSE_INTERFACE_ABSENT + 1 ... CAUSE_SUBFLOW_LIMIT - 1] = "",
	[CAUSE_UNEXPLAINED + 1 ... CAUSE_NO_MPTCP_TRAFFIC - 1] = "",
	CAUSES_TABLE(WORD)
};

/* Those of the host are named after their cause. */
#define HOST_TYPE(name, word, kind, severity) HOST_TYPE_##kind(name, word)
#define HOST_TYPE_HOST(name, word) [ALARM_HOST + CAUSE_##name] = word,
#define HOST_TYPE_DOWN(name, word)
#define HOST_TYPE_STRUCTURAL(name, word)
#define HOST_TYPE_IDLE(name, word)
#define HOST_TYPE_BACKUP(name, word)
#define HOST_TYPE_INFO(name, word)
const char *const alarm_type_words[] = {
	[0] = "",
	[ALARM_UP_BUT_IDLE] = "up-but-idle",
	[ALARM_LINE_DOWN] = "line-down",
	[ALARM_LINE_DOWN + 1 ... ALARM_HOST] = "",
	CAUSES_TABLE(HOST_TYPE)
	[ALARM_HOST + CAUSE_DRIFT + 1] = NULL,
};

const char *const severity_words[] = { "",	"none",	 "info",     "warning",
				       "minor", "major", "critical", NULL };
const char *const state_words[] = { "",	       "unknown",  "absent", "down",
				    "detached", "standby",  "quiet",  "unjoined",
				    "idle",     "carrying", NULL };

const char *const transition_words[] = { "", "raised", "worsened", "cleared", NULL };
const char *const accounting_words[] = { "", "unavailable", "sampled", "events", "exact", NULL };
const char *const endpoint_flag_words[] = { "signal",	"subflow",  "backup", "fullmesh",
					    "implicit", "laminar", NULL };

static bool known(uint32_t cause)
{
	return cause < CAUSES && cause != CAUSE_NONE && *cause_words[cause];
}

enum finding_kind cause_kind(uint32_t cause)
{
	return known(cause) ? rows[cause].kind : FINDING_INFO;
}

enum severity cause_severity(uint32_t cause)
{
	return known(cause) ? rows[cause].severity : SEVERITY_INFO;
}

const char *finding_tell(const struct finding *finding, char *out, size_t size)
{
	const struct { const char *before, *text; } parts[] = {
		{ "", finding->text },
		{ ". Now: ", finding->now },
		{ "; for good: ", finding->for_good },
		{ "; far end: ", finding->far_end },
		{ "; restart: ", finding->restart },
	};
	size_t len = 0;
	bool advised = false;

	*out = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && len < size; i++) {
		const char *before = parts[i].before;

		if (!*parts[i].text)
			continue;
		/* The first part of the advice begins a sentence, whichever it is. */
		if (i > 1 && !advised)
			before = i == 2 ? ". For good: " : i == 3 ? ". Far end: " : ". Restart: ";
		advised |= i > 0;
		len += (size_t)snprintf(out + len, size - len, "%s%s", before, parts[i].text);
	}
	return out;
}
