/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_LOG_H
#define MPTCP_WAN_AGENT_LOG_H
#include <stdbool.h>
#include <syslog.h>

/*
 * One line a fact, from any thread: to stderr in the foreground, to syslog otherwise, and to stderr
 * as well until daemon_ready(). In the foreground of a service (JOURNAL_STREAM, systemd.exec(5))
 * with its priority. Cut at 1,535 octets. Callers log on change, never at every poll. `program`
 * stays the caller's, for good.
 */
void log_open(const char *program, bool foreground);
__attribute__((format(printf, 2, 3))) void log_line(int priority, const char *format, ...);
#endif
