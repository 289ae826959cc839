/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lib/changes.h"
#include "lib/finding.h"
#include "lib/pace.h"

void changes_say(char *last, size_t size, const char *now, const char *what, say_fn fn, void *arg)
{
	char line[2 * WHY_LEN];

	if (!strcmp(last, now))
		return;
	snprintf(line, sizeof(line), "%s: %s", what, *now ? now : "all well again");
	snprintf(last, size, "%s", now);
	fn(arg, *now ? LOG_WARNING : LOG_NOTICE, line);
}

static void change_accounting(struct changes *changes, const struct host *host, say_fn fn,
			      void *arg)
{
	char line[REASON_LEN + 64];

	if (host->accounting == changes->accounting &&
	    !strcmp(host->accounting_reason, changes->reason))
		return;
	changes->accounting = host->accounting;
	snprintf(changes->reason, sizeof(changes->reason), "%s", host->accounting_reason);
	snprintf(line, sizeof(line), "accounting: %s%s%s%s", accounting_words[host->accounting],
		 *host->accounting_reason ? " (" : "", host->accounting_reason,
		 *host->accounting_reason ? ")" : "");
	fn(arg, host->accounting == ACCOUNTING_EXACT ? LOG_INFO : LOG_WARNING, line);
}

void changes_of(struct changes *changes, const struct host *host, say_fn fn, void *arg)
{
	bool off = host->enabled.known && !host->enabled.value;

	change_accounting(changes, host, fn, arg);
	changes_say(changes->kernel, sizeof(changes->kernel), host->last_error, "kernel", fn, arg);
	/* Not a fault of ours, but nothing else would say why all is quiet. */
	changes_say(changes->enabled, sizeof(changes->enabled),
		    off ? "is 0: no new connection uses MPTCP" : "", "net.mptcp.enabled", fn, arg);
}

void changes_of_pace(struct changes *changes, const struct settings *settings,
		     const struct host *host, say_fn fn, void *arg)
{
	char why[PACE_WHY_LEN];

	pace_why(settings->interval_ms, host->interval_ms, settings->cpu_budget, why);
	changes_say(changes->pace, sizeof(changes->pace), why, "polls", fn, arg);
}
