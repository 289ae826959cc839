/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_LOG_H
#define MPTCP_WAN_AGENT_LOG_H
#include <stdbool.h>
#include <syslog.h>

/*
 * One line a fact: to stderr in the foreground, to syslog otherwise. Callers log on change, never
 * at every poll.
 */
void log_open(const char *program, bool foreground);
__attribute__((format(printf, 2, 3))) void log_line(int priority, const char *format, ...);
#endif
