/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_PROC_H
#define LIB_SOURCE_PROC_H
#include "lib/source.h"

/*
 * The questions that the kernel answers in /proc only, for this thread's network namespace; as
 * source_ask().
 */
int proc_ask_counters(datagram_fn fn, void *arg);	/* the text of /proc/net/netstat */
int proc_ask_sysctls(
	datagram_fn fn,
	void *arg); /* lines "name=value" of /proc/sys/net/mptcp; -ENOENT without MPTCP */
/*
 * /proc/stat, /proc/net/sockstat, sockstat6 (where there is IPv6) and softnet_stat, one
 * after another.
 */
int proc_ask_load(datagram_fn fn, void *arg);
#endif
