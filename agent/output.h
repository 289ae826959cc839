/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_OUTPUT_H
#define MPTCP_WAN_AGENT_OUTPUT_H
#include "lib/changes.h"
#include "lib/monitor.h"

/*
 * What the collector's thread writes after each poll: the state, status.json, the log, and what it
 * has for the operator's program. Which of it was said already is kept here.
 */
struct output {
	bool state_off;		/* the state could not be had: it is not ours to write */
	bool alarms_off;	/* ... or the alarms' part of it */
	uint32_t delivered_to;	/* as saved last */
	uint32_t told_to;	/* sequence of the newest row of the alarm log that was told */
	char why_state[WHY_LEN], why_alarms[WHY_LEN], why_status[WHY_LEN], why_full[WHY_LEN];
	struct changes changes;
};

/* Before the first poll: the alarms of before are read, and what they told is not told again. */
void output_begin(struct output *, struct monitor *);

/* The collector's polled_fn, with a struct output as its argument. */
void output_polled(void *output, struct monitor *, const struct snapshot *);
#endif
