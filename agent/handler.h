/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_HANDLER_H
#define MPTCP_WAN_AGENT_HANDLER_H
#include "lib/collector.h"

/*
 * Registers our subtree with net-snmp: one handler, one generic lookup, answered from the
 * collector's latest snapshot and from nothing else. Read-only. Of several registrations of a
 * subtree the master asks the one with the lowest priority number. To be called in the thread that
 * runs net-snmp. Nothing is ever unregistered: net-snmp's master takes an Unregister for a name of
 * whoever holds it (5.9.3, unregister_agentx_list()), and forgets ours by itself when we go.
 */
bool handler_register(struct collector *, int priority);

struct variable_list;	/* net-snmp's */

/*
 * Appends what a notification of that row says: snmpTrapOID.0, which tells raised (or worsened)
 * from cleared, then the columns in the order of the MIB. Needs no session and no snapshot. Returns
 * how many variables, or 0: no memory, and the list is as it was. Free it by snmp_free_varbind().
 */
size_t handler_varbinds(struct variable_list **, const struct alarm_record *);

/* How many requests were answered; to see whether the master asks us. */
unsigned long handler_requests(void);
#endif
