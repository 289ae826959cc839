/* SPDX-License-Identifier: MIT */
#ifndef LIB_ALARM_CONDITION_H
#define LIB_ALARM_CONDITION_H
#include "lib/alarm.h"
#include "lib/alarm_reading.h"

/*
 * The inside of the alarms, for their own files. A condition is there while it is pending, active,
 * or not long gone: its clocks decide when it becomes an alarm and when it ends to be one.
 */
enum {
	FLAPS_MOST = 3,		/* comings and goings within flap_window_ms; more is flapping */
	FLAP_CLEAR_FACTOR = 10, /* such an alarm must be gone for so many times clear_after_ms */
	POLLS_LEAST = 2,	/* that must agree: one reading never raises nor clears */
	CONDITIONS_MOST = 2 * WANS_MAX + CAUSE_DRIFT,
	SLIDING_PARTS = 60
};

/* Milliseconds within the last so many, to the precision of a part of them. */
struct sliding {
	uint64_t part_ms;	/* how long a part is */
	uint64_t newest;	/* number of the newest part: time / part_ms */
	uint32_t ms[SLIDING_PARTS];
};

struct condition {
	struct alarm alarm;	/* whose it is, always; the rest while it is active */
	bool active;
	bool present;		/* what it is about is in the newest snapshot */
	uint32_t worst;		/* severity since it was raised */
	uint64_t raised_ms;	/* 0: in an earlier run */
	struct reading last_for;	/* without its finding, which goes with the snapshot */
	enum evidence last;	/* that was any */
	uint64_t for_ms[HOLDS]; /* firm and backup: evidence for it, since there was some against */
	uint32_t for_polls;
	uint64_t last_for_ms;	/* when there was evidence for it last */
	struct sliding pressed; /* idle: the same within idle_memory_ms */
	uint64_t pressed_since_ms;	/* when the oldest of that began */
	uint64_t against_ms;	/* evidence against it, since there was some for it */
	uint32_t against_polls;
	/* What flapping needs; none of it is reset by evidence against it. */
	struct sliding seen;	/* evidence for it within flap_window_ms */
	uint64_t went_ms[FLAPS_MOST + 1];	/* the last times it went, newest first */
	uint32_t went_count;
	uint64_t cleared_ms;	/* 0: never */
};

struct alarms {
	struct condition *conditions;	/* the host's, then the WANs' by index, each by type */
	size_t count;
	const struct alarm_log *log;
	uint32_t epoch, sequence;	/* sequence: of the newest row */
	uint64_t lost;			/* rows overwritten undelivered */
	uint64_t taken_ms;		/* of the newest snapshot; 0: none yet */
	uint32_t interval_ms;		/* ... that was in force then */
	uint32_t settling;		/* polls that say nothing yet */
	bool dirty;
	_Atomic uint32_t delivered;
};

/*
 * Joins what was just read of those before to alarms that have run without it, or are just made.
 * Returns 0, or -ENOMEM with nothing changed. `before` stays its owner's.
 */
int alarms_join(struct alarms *, const struct alarms *before);

/* The time of a poll. */
struct poll_time {
	uint64_t now_ms;
	uint64_t elapsed_ms;	/* as much of it since the poll before as counts */
	const struct settings *settings;
};

/* The snapshot tells of it: an alarm of a WAN that it does not have would be nobody's. */
bool condition_listed(const struct condition *);

/* The columns of the snapshot that tell of alarms, and its hold of the log; all but the list. */
void columns_tell(const struct alarms *, struct snapshot *);

/* Runs its clocks. */
void condition_take(struct condition *, const struct reading *, const struct poll_time *);

/* It has held for as long as it must; it flaps; evidence against it has held. */
bool condition_due(struct condition *, const struct poll_time *);
bool condition_flapping(const struct condition *, const struct poll_time *);
bool condition_over(const struct condition *, const struct poll_time *);

/* Begins anew after a clearing, of which it remembers only the time. */
void condition_cleared(struct condition *, const struct poll_time *);

/* Neither active nor pending, and so long gone that nothing of it matters. */
bool condition_spent(const struct condition *, const struct poll_time *);
#endif
