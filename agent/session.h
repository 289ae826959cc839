/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_SESSION_H
#define MPTCP_WAN_AGENT_SESSION_H
#include "lib/collector.h"

/*
 * The AgentX session: a thread of its own that runs net-snmp, attaches to the master, and attaches
 * again whenever the master went away. It may stall as long as the master does; nobody waits for
 * it. Only one at a time: net-snmp has globals.
 */

/* `socket`: path of the master's Unix socket, "" for net-snmp's default. Returns 0 or -errno. */
int session_start(const char *socket, struct collector *);

/* Ends the thread; false when it is stuck in the master after a second: then leave by _exit(). */
bool session_stop(void);
#endif
