/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_HOOK_H
#define MPTCP_WAN_AGENT_HOOK_H
#include <stddef.h>
#include <stdint.h>
#include "lib/model.h"

/*
 * The operator's program for alarms. A thread of its own runs it, one at a time and in order,
 * without a shell, in a process group of its own; stdin is /dev/null, and the environment is PATH
 * and the row of the alarm log. One that fails or takes too long is told in the log.
 */
enum { HOOK_WAITING_MOST = 64, HOOK_MS = 60 * 1000 };

/*
 * `limit_ms`: who takes longer is killed, with all of its group, and left behind when even that does
 * not end it. Returns 0 or -errno.
 */
int hook_start(uint32_t limit_ms);

/*
 * Have it run for this row; both are copied. Never waits: when HOOK_WAITING_MOST are waiting this
 * one is dropped, and the log says so.
 */
void hook_run(const char *program, const struct alarm_record *);

/*
 * Ends the thread, or leaves it when it is stuck in the kernel for some seconds. A program under way
 * goes on by itself, those that wait are not begun.
 */
void hook_stop(void);
#endif
