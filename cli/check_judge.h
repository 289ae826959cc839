/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHECK_JUDGE_H
#define CLI_CHECK_JUDGE_H
#include "cli/check.h"
#include "cli/perfdata.h"

/*
 * The inside of a check: what is wrong, and how bad it is. Judged by alarms, which know how long a
 * fault must last and what is evidence to the contrary; without the agent by the findings of a look
 * of our own. Never by a bare state.
 */
struct check {
	const struct check_options *options;
	const struct view *view;
	const struct snapshot *snapshot;
	const struct wan **wans; /* by name */
	const struct wan *wan;	 /* the only one that is looked at; NULL: all, and the host */
	struct perfdata perfdata;
	enum check_status status;
	char blind[STATUS_WHY_LEN]; /* why, or "" */
};

/* Sets the status, and why the monitor is blind. */
void check_judge(struct check *);

/* An alarm, or without the agent a finding. */
struct trouble {
	uint32_t wan_index;
	const char *who;  /* the WAN, or the host */
	const char *what; /* the alarm's type, or "" */
	uint32_t cause, severity;
	const char *story; /* without its name */
	char buffer[STORY_LEN];
};

/* The i-th of all, whatever is looked at; false after the last. */
bool trouble_at(const struct check *, size_t i, struct trouble *);

/* Of what is looked at, and more than worth knowing. */
bool trouble_matters(const struct check *, const struct trouble *);

/* What it makes of the check. */
enum check_status trouble_status(const struct check *, const struct trouble *);

/* Whether a threshold of what is looked at calls, and at which number. */
bool threshold_calls(const struct check *, const struct threshold *, double *number);
#endif
