/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_HOOK_H
#define MPTCP_WAN_AGENT_HOOK_H
#include <stdint.h>
#include "lib/alarm_log.h"

/*
 * The operator's program for alarms. A thread of its own runs it, one at a time and in order,
 * without a shell, in a process group of its own; stdin is /dev/null, and the environment is PATH
 * and the row of the alarm log. One that fails or takes too long is told in the log.
 */
enum { HOOK_MS = 60 * 1000 };

/*
 * `limit_ms`: who takes longer is killed, with all of its group, and left behind when even that
 * does not end it. `told_to`: rows up to this sequence are none for it. Returns 0 or -errno.
 */
int hook_start(uint32_t limit_ms, uint32_t told_to);

/*
 * The alarm log of now (NULL: none yet) and the program to run for each new row; "" for no program:
 * these rows are never run for. Never waits, and the log is held as long as rows of it wait. Those
 * that it has lost by then are not run for, and the log says so.
 */
void hook_run(const char *program, const struct alarm_log *);

/*
 * Ends the thread, or leaves it when it is stuck in the kernel for some seconds. A program under
 * way goes on by itself, those that wait are not begun.
 */
void hook_stop(void);
#endif
