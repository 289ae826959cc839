/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_HANDLER_H
#define MPTCP_WAN_AGENT_HANDLER_H
#include "lib/collector.h"

/*
 * Registers our subtree with net-snmp: one handler, one generic lookup, answered from the
 * collector's latest snapshot and from nothing else. Read-only. To be called in the thread that
 * runs net-snmp, before or while it is attached.
 */
bool handler_register(struct collector *);
void handler_unregister(void);
#endif
