/* SPDX-License-Identifier: MIT */
#ifndef LIB_ALARM_READING_H
#define LIB_ALARM_READING_H
#include "lib/snapshot.h"

/*
 * What one snapshot says about one condition: for it, against it, or nothing. Silence is neither:
 * only contrary evidence speaks against.
 */
enum evidence { EVIDENCE_NONE, EVIDENCE_FOR, EVIDENCE_AGAINST };

/* How long a condition must have held depends on what speaks for it. */
enum hold {
	HOLD_FIRM,	/* structural causes, lines down, the host's */
	HOLD_BACKUP,	/* a backup line that could not take over */
	HOLD_IDLE,	/* silence under pressure: only pressed time counts */
	HOLD_AVOIDED,	/* ... by the scheduler's choice */
	HOLDS
};

struct reading {
	enum evidence evidence;
	/* Of what speaks for it: */
	enum hold hold;
	uint32_t state;			/* enum wan_state */
	const struct finding *finding;	/* the snapshot's */
	uint64_t pressed_ms;		/* since the poll before */
	/* Of what speaks against it: */
	const char *reason;		/* as the text of a clearing says it */
};

/*
 * type is ALARM_UP_BUT_IDLE or ALARM_LINE_DOWN; last is the reading of this condition that spoke
 * for it last (of it, hold and state count), or NULL.
 */
struct reading reading_of_wan(const struct snapshot *, const struct wan *, uint32_t type,
			      const struct reading *last);
struct reading reading_of_host(const struct snapshot *, uint32_t cause);
#endif
