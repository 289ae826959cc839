/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_PRIVILEGE_H
#define MPTCP_WAN_AGENT_PRIVILEGE_H
#include "lib/settings.h"

/*
 * What the agent may do, and until when: capabilities(7). An agent that is not root holds them only
 * as long as it needs them. One that is root stays so: the operator's program (on-alarm) may have
 * to act as root, and without --user nobody asked for less.
 */

/*
 * Root becomes that user, with the groups the user is in, and keeps what privilege_drop() will
 * take: CAP_BPF and CAP_PERFMON, to load programs, and CAP_NET_ADMIN. Folders of the settings
 * that are not there yet are made, and are the user's. Before there is a second thread. Returns 0,
 * or -errno with one line in why (WHY_LEN).
 */
int privilege_become(const char *user, const struct settings *, char *why);

/*
 * When all is loaded and opened: gives up every capability, but for CAP_NET_ADMIN on a kernel
 * that tells of subflows to nobody else (before 6.15: tcp_diag_put_ulp() in tcp_diag.c), and the
 * means to get any again. Does nothing for root. Returns 0 or -errno.
 */
int privilege_drop(void);
#endif
