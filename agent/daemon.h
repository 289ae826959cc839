/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_DAEMON_H
#define MPTCP_WAN_AGENT_DAEMON_H

/*
 * Into the background, in such a way that who starts us sees how the start went: he waits until
 * daemon_ready(), or gets the exit status of a start that failed, and its lines on stderr.
 */

/* Returns in the child only: 0, or -errno when there is none. Before any thread is made. */
int daemon_begin(void);

/* Lets go of who started us and of his terminal; does nothing without daemon_begin(). */
void daemon_ready(void);
#endif
