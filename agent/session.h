/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_SESSION_H
#define MPTCP_WAN_AGENT_SESSION_H
#include "lib/collector.h"

/*
 * The AgentX session: a thread of its own that runs net-snmp, attaches to the master, and attaches
 * again whenever the master went away. It may stall as long as the master does; nobody waits for
 * it. Only one at a time: net-snmp has globals.
 */

/*
 * What is asked is answered from the collector's snapshots, and rows of its alarm log are sent as
 * notifications. The settings are copied. 0 or -errno.
 */
int session_start(const struct settings *, struct collector *, struct alarms *);

/* New settings; the socket stays what it is. */
void session_configure(const struct settings *);

/*
 * Ends the thread; false when it is stuck in the master after a second: then leave by _exit(). The
 * session ends with its connection, and no Close is sent: that would have to be waited for, and to
 * the master the one is the same as the other.
 */
bool session_stop(void);

/*
 * In place of all this: attaches, has the master send one notification that says that it is a test,
 * and logs what came of it. Takes some seconds at most; false when the master has not taken it.
 */
bool session_test(const struct settings *);
#endif
