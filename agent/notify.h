/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_NOTIFY_H
#define MPTCP_WAN_AGENT_NOTIFY_H
#include <stdbool.h>
#include "lib/collector.h"

/*
 * Rows of the alarm log as notifications: one at a time, in order, each until the AgentX master has
 * taken it; one that he refuses again and again is passed over, and the log says so. Who is told
 * late is told the truth of then, for all that is sent is in the row. Everything here is for the
 * thread that runs net-snmp.
 */

struct snmp_session;	/* net-snmp's */

/* The newest snapshot of the collector has the rows; the alarms keep what was delivered. */
void notify_begin(struct collector *, struct alarms *);

/*
 * An AgentX session, until it is detached. What is under way when it goes is sent again. With
 * `announce` the alarms that are active now are told again, too, by the rows that raised them,
 * or by what is left of these.
 */
void notify_attached(struct snmp_session *, bool announce);
void notify_detached(void);

/* Sends the next one if nothing is under way. To be called often. */
void notify_run(void);

/*
 * One notification that says that it is a test; needs no collector. To be called often while it
 * returns -EAGAIN: 0 when the master has taken it, or another -errno.
 */
int notify_test(void);
#endif
