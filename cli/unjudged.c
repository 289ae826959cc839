/* SPDX-License-Identifier: MIT */
/* What a look could not read or judge, and why: whoever says that all is well says this, too. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/doctor.h"
#include "cli/units.h"

__attribute__((format(printf, 2, 3))) static bool say(char text[UNJUDGED_LEN], const char *format,
						      ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, UNJUDGED_LEN, format, args);
	va_end(args);
	return true;
}

/* The names of the WANs that are so; "" for none. */
static size_t list_wans(const struct snapshot *snapshot, bool (*is)(const struct wan *),
			char text[UNJUDGED_LEN])
{
	size_t len = 0, count = 0;

	*text = '\0';
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		if (!is(&snapshot->wans[i]))
			continue;
		count++;
		if (len < UNJUDGED_LEN)
			len += (size_t)snprintf(text + len, UNJUDGED_LEN - len, "%s%s",
						len ? ", " : "", snapshot->wans[i].name);
	}
	return count;
}

static bool not_read(const struct view *view, struct unjudged *out)
{
	if (!*view->snapshot->host.last_error)
		return false;
	say(out->what, "what these rest on: %s", view->snapshot->host.last_error);
	return say(out->why, "the kernel did not answer%s",
		   view_not_permitted(view->snapshot) ? "; root sees more" : "");
}

static bool no_wans(const struct view *view, struct unjudged *out)
{
	if (view->snapshot->wan_count)
		return false;
	say(out->what, "any line");
	return say(out->why, "no WAN is known, by configuration, endpoint or subflow");
}

static bool is_unknown(const struct wan *wan)
{
	return wan->state == WAN_UNKNOWN;
}

static bool too_early(const struct view *view, struct unjudged *out)
{
	char wans[UNJUDGED_LEN];

	if (!list_wans(view->snapshot, is_unknown, wans))
		return false;
	say(out->what, "the state of %.400s", wans);
	return say(out->why, "it is too early to say, or a source that it rests on has failed");
}

static bool too_short(const struct view *view, struct unjudged *out)
{
	char looked[UNIT_LEN], grace[UNIT_LEN];

	if (view->from_agent || view->looked_ms > view->settings.join_grace_ms)
		return false;
	duration_text(view->looked_ms, looked);
	duration_text(view->settings.join_grace_ms, grace);
	say(out->what, "lines that new connections do not join");
	return say(out->why,
		   "the look lasted %s, and a join may take %s: try --for with more than that",
		   looked, grace);
}

static bool no_connections(const struct view *view, struct unjudged *out)
{
	const struct host *host = &view->snapshot->host;

	if (!host->connections.known || host->connections.value)
		return false;
	say(out->what, "whether lines can be joined");
	return say(out->why, "there is no MPTCP connection: joins are tried when one begins");
}

static bool joins_unknown(const struct wan *wan)
{
	return !wan->joins_attempted.known;
}

static bool no_outcomes(const struct view *view, struct unjudged *out)
{
	const struct host *host = &view->snapshot->host;
	char wans[UNJUDGED_LEN];

	if (!list_wans(view->snapshot, joins_unknown, wans) || host->role != ROLE_ROUTER)
		return false;
	say(out->what, "how joins fail (no answer, refused, reset, option stripped)");
	return say(out->why, "nobody tells of attempts: %s",
		   *host->accounting_reason ? host->accounting_reason
					    : "the program that follows them is not loaded");
}

static bool is_quiet(const struct wan *wan)
{
	return wan->state == WAN_QUIET && wan->up && wan->subflows && !wan->rate_in_kbps.known;
}

/* Of a download the far end decides: here only rates tell that the other lines are full. */
static bool no_rates(const struct view *view, struct unjudged *out)
{
	char wans[UNJUDGED_LEN];

	if (view->snapshot->host.role != ROLE_ROUTER || !view->snapshot->host.wans_carrying ||
	    !list_wans(view->snapshot, is_quiet, wans))
		return false;
	say(out->what, "whether a download leaves %.400s out", wans);
	return say(out->why, "it is the far end that decides, and without configured rates "
			     "(rate-in) nobody here knows when the other lines are full");
}

static bool far_end(const struct view *view, struct unjudged *out)
{
	if (view->snapshot->host.role != ROLE_AGGREGATOR)
		return false;
	say(out->what, "which lines ought to carry");
	return say(out->why, "this host is the far end of its connections: ask the router");
}

static bool no_history(const struct view *view, struct unjudged *out)
{
	if (view->from_agent)
		return false;
	say(out->what, "what was before this look");
	return say(out->why, "no agent was asked: how long something has lasted, alarms, joins of "
			     "connections that were there already are not known");
}

bool unjudged_next(const struct view *view, size_t *at, struct unjudged *out)
{
	static bool (*const reasons[])(const struct view *, struct unjudged *) = {
		not_read, no_wans,     too_early, too_short,  no_connections,
		far_end,  no_outcomes, no_rates,  no_history,
	};

	while (*at < sizeof(reasons) / sizeof(reasons[0]))
		if (reasons[(*at)++](view, out))
			return true;
	return false;
}
