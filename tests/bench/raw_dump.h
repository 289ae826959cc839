/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_RAW_DUMP_H
#define TESTS_BENCH_RAW_DUMP_H

/*
 * The plain dump: all TCP and all MPTCP sockets that are alive, with what the kernel tells of each,
 * asked for as lib/source_live.c does, received into a buffer and thrown away.
 */
struct raw_dump {
	int fd;
	unsigned long datagrams, octets; /* received so far */
};

/* Both end the program where the kernel refuses. */
void raw_dump_open(struct raw_dump *);
void raw_dump_ask(struct raw_dump *);
#endif
