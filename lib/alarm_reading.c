/* SPDX-License-Identifier: MIT */
#include "lib/alarm_reading.h"
#include "lib/finding.h"

static const struct reading nothing = { .evidence = EVIDENCE_NONE };

static struct reading against(const char *reason)
{
	return (struct reading){ .evidence = EVIDENCE_AGAINST, .reason = reason };
}

static const struct finding *finding_of(const struct snapshot *snapshot, uint32_t wan_index,
					uint32_t cause)
{
	for (size_t i = 0; i < snapshot->finding_count; i++)
		if (snapshot->findings[i].wan_index == wan_index &&
		    snapshot->findings[i].cause == cause)
			return &snapshot->findings[i];
	return NULL;
}

static bool serious(const struct finding *finding)
{
	return finding && finding->severity >= SEVERITY_WARNING;
}

static bool idle_hold(enum hold hold)
{
	return hold == HOLD_IDLE || hold == HOLD_AVOIDED;
}

static enum hold hold_of(const struct wan *wan, enum finding_kind kind)
{
	if (wan->cause == CAUSE_SCHEDULER_AVOIDS)
		return HOLD_AVOIDED;
	if (kind == FINDING_IDLE || wan->state == WAN_IDLE)
		return HOLD_IDLE;
	return kind == FINDING_BACKUP ? HOLD_BACKUP : HOLD_FIRM;
}

static bool of_old_connections(uint32_t cause)
{
	return cause == CAUSE_MISSING_ON_OLD_CONNECTIONS ||
	       cause == CAUSE_LIMITS_RAISED_OLD_CONNECTIONS;
}

static struct reading up_but_idle(const struct snapshot *snapshot, const struct wan *wan,
				  const struct reading *last)
{
	enum finding_kind kind = cause_kind(wan->cause);
	const struct finding *finding = finding_of(snapshot, wan->index, wan->cause);
	bool explained = serious(finding) && (kind == FINDING_STRUCTURAL || kind == FINDING_IDLE ||
					      kind == FINDING_BACKUP);

	switch (wan->state) {
	case WAN_UNKNOWN:
		return nothing;
	case WAN_CARRYING:
		return against("carries again");
	case WAN_ABSENT:
	case WAN_DOWN:
		return against(wan->cause == CAUSE_ADMIN_DOWN ? "was switched off"
							      : "the line went down");
	}
	if (explained)
		return (struct reading){ .evidence = EVIDENCE_FOR,
					 .hold = hold_of(wan, kind),
					 .state = wan->state,
					 .finding = finding,
					 .pressed_ms = wan->pressed_ms };
	/*
	 * To be joined is nothing new for a line that was joined and silent; and a young connection
	 * that joins does not help those that are too old to.
	 */
	if (last && !idle_hold(last->hold) && wan->subflows && !of_old_connections(wan->cause))
		return against("joined again");
	/*
	 * One that stood by already when it was at fault has not become a backup line: at night,
	 * without connections, nobody can say whether it could join.
	 */
	if (last && wan->state == WAN_STANDBY && last->state != WAN_STANDBY && kind != FINDING_HOST)
		return against("is a backup line now");
	return nothing;
}

static struct reading line_down(const struct snapshot *snapshot, const struct wan *wan)
{
	const struct finding *finding = finding_of(snapshot, wan->index, wan->cause);

	if (wan->state == WAN_UNKNOWN)
		return nothing;
	if (wan->state != WAN_DOWN && wan->state != WAN_ABSENT)
		return against("is back");
	if (cause_kind(wan->cause) != FINDING_DOWN)
		return nothing;
	if (serious(finding))
		return (struct reading){ .evidence = EVIDENCE_FOR,
					 .state = wan->state,
					 .finding = finding };
	if (wan->cause == CAUSE_ADMIN_DOWN)
		return against("was switched off");
	return finding ? against("is not missed any more") : nothing;
}

struct reading reading_of_wan(const struct snapshot *snapshot, const struct wan *wan, uint32_t type,
			      const struct reading *last)
{
	return type == ALARM_LINE_DOWN ? line_down(snapshot, wan)
				       : up_but_idle(snapshot, wan, last);
}

struct reading reading_of_host(const struct snapshot *snapshot, uint32_t cause)
{
	const struct finding *finding = finding_of(snapshot, 0, cause);

	if (snapshot->verdicts[cause] == VERDICT_NO)
		return against("over");
	if (snapshot->verdicts[cause] != VERDICT_YES || !finding)
		return nothing;
	if (!serious(finding))
		return against("no longer a fault");
	return (struct reading){ .evidence = EVIDENCE_FOR,
				 .state = WAN_UNKNOWN,
				 .finding = finding };
}
