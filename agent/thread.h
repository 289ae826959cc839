/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_THREAD_H
#define MPTCP_WAN_AGENT_THREAD_H
#include <pthread.h>
#include <stdbool.h>

/*
 * Waits for a thread to end by itself, and joins it. False after so many seconds: it goes on, and
 * whatever it holds stays its own.
 */
bool thread_joined(pthread_t, int seconds);
#endif
