/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_SERVICE_H
#define MPTCP_WAN_AGENT_SERVICE_H
#include <stdint.h>

/*
 * What the service manager that started us is told, by the protocol of sd_notify(3): one datagram
 * to $NOTIFY_SOCKET. Without it nothing is done.
 */

/* All is open and running. */
void service_ready(void);

/*
 * After each poll, by one thread. A watchdog ($WATCHDOG_USEC) is fed, so that an agent whose polls
 * hang is started anew; it is never made shorter than three intervals, however long those are set.
 */
void service_polled(uint32_t interval_ms);

void service_stopping(void);
#endif
