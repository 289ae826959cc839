/* SPDX-License-Identifier: MIT */
#ifndef CLI_VERIFY_COMPARE_H
#define CLI_VERIFY_COMPARE_H
#include "cli/verify_window.h"

/*
 * Two windows beside each other: what each figure was and became, by how much it changed, and what
 * that means. It means something only if the lines were under pressure in both: else a rate is what
 * was asked of them, not what they can do.
 */
enum measure_unit {
	UNIT_STATE,		/* enum wan_state */
	UNIT_KBPS,
	UNIT_US,
	UNIT_MS,
	UNIT_KIB,
	UNIT_HUNDREDTHS,	/* of a subflow, of a connection */
	UNIT_PART		/* 1/100 %: its change is told in points */
};

/* What becomes of it means what. */
enum outcome {
	OUTCOME_NONE,		/* nothing by itself, or nobody can say */
	OUTCOME_SAME,		/* within what two windows differ by anyhow */
	OUTCOME_BETTER,
	OUTCOME_WORSE,
	OUTCOME_DEARER,		/* a cost */
	OUTCOME_CHEAPER,
	OUTCOME_CARRIES_NOW,
	OUTCOME_CARRIES_NO_MORE,
	OUTCOMES
};
extern const char *const outcome_words[OUTCOMES];	/* "" for none; carries-now */

enum wanted { WANTED_NOTHING, WANTED_MORE, WANTED_LESS, WANTED_CHEAP };
enum direction { DIRECTION_ANY, DIRECTION_OUT, DIRECTION_IN };

/* One row of the tables in verify_compare.c. */
struct measure {
	const char *key;	/* in JSON */
	const char *title;	/* for people */
	enum measure_unit unit;
	struct maybe_u64 (*of)(const struct window *, const struct window_wan *);
	enum wanted wanted;
	enum direction direction;	/* in which both windows must have been under pressure */
	uint32_t least_percent;		/* a change of less, ... */
	uint64_t least;			/* ... or of less than this is none: no percent tells it */
};

struct change {
	const struct measure *measure;
	size_t wan;		/* position in the comparison's; HOST_ROW */
	struct maybe_u64 before, after;
	bool changed_known;	/* not of nothing, nor of too little to be told from noise */
	int64_t changed;	/* 1/100 % of before; of a part: 1/100 points */
	enum outcome outcome;
};
#define HOST_ROW SIZE_MAX

enum { MEASURES_OF_HOST = 7, MEASURES_OF_WAN = 10, VERIFY_REASON_LEN = 256 };

struct comparison {
	bool comparable;	/* in either direction */
	bool out, in;
	char reason[VERIFY_REASON_LEN];	/* why it is, or is not */
	struct compared_wan {
		char name[WAN_NAME_LEN], label[LABEL_LEN];
	} wans[WANS_MAX];	/* of both windows, by name: wan2 before wan10 */
	size_t wan_count;
	struct change rows[MEASURES_OF_HOST + WANS_MAX * MEASURES_OF_WAN];
	size_t row_count;	/* the host's, then WAN by WAN */
};

/* A window that has not begun has no figures. Interrupted: then they are not comparable. */
void windows_compare(const struct window *before, const struct window *after, bool interrupted,
		     struct comparison *out);

/*
 * MPTCP connections that began between two moments, either side's, as the kernel counts them; not
 * known where it tells no counters.
 */
struct maybe_u64 connections_begun(const struct snapshot *since, const struct snapshot *until);
#endif
