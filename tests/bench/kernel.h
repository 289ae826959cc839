/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_KERNEL_H
#define TESTS_BENCH_KERNEL_H
#include "lib/source.h"

/*
 * A source with as many subflows as one likes: a router with six lines, wan1 to wan6 of addresses
 * 10.0.0.1 to .6, and connections over all of them. As the real kernel does, it writes each
 * datagram of a dump or a walk into the same 32 KiB, in rows as long as those of Linux 6.18.
 */
enum { KERNEL_LINES = 6 };

/* What each subflow sends and receives between two polls, or in its whole life. */
enum { KERNEL_STEP_OUT = 1000, KERNEL_STEP_IN = 2000 };

enum { KERNEL_SUBFLOW_ROW = 512, KERNEL_CONNECTION_ROW = 224 }; /* octets */

struct kernel {
	struct source source;
	struct source *small; /* answers all but the two long questions */
	size_t subflows; /* alive; a multiple of six, not of 7919: each connection has one a line */
	uint64_t polls;	 /* to be counted up before each: octets grow with it */
	bool no_walk;	 /* it has none: they are dumped */
	size_t lives;	 /* that the next drain tells of, both birth and ending */
	uint64_t cookie; /* of the first of them */
	size_t info_at, token_at, msk_token_at; /* in a row: what differs */
	_Alignas(8) char rows[32768], connections[32768];
};

struct kernel *kernel_new(size_t subflows); /* source_close() frees it; NULL: no memory */
#endif
