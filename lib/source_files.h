/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_FILES_H
#define LIB_SOURCE_FILES_H
#include <stddef.h>
#include <stdint.h>

/*
 * What a capture looks like, for source_record.c and source_replay.c: a head, and records one after
 * another: every call of the source with what it gave. Payload is padded to 8 octets, so that
 * netlink can be read where it lies. Numbers are as the machine has them.
 *
 *	poll	NOW WALL OPEN*	(ASK | DRAIN | ROUTE) ... NOW
 *	pump	NOW WALL	DRAIN ...
 * ASK, DRAIN and ROUTE are followed by DATAGRAM* and DONE.
 */
struct capture_head {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
};

#define CAPTURE_MAGIC "mptcpwan"	/* eight letters, without an end */
enum { CAPTURE_BYTE_ORDER = 0x01020304, CAPTURE_VERSION = 2 };

enum capture_call {
	CALL_ASK = 1,
	CALL_DRAIN,
	CALL_DATAGRAM,
	CALL_DONE,
	CALL_OPEN,
	CALL_NOW,
	CALL_WALL,
	CALL_ROUTE,
	CALL_CHANCE
};

/*
 * How a question was asked: Q_SUBFLOWS may be by source_ask_each() or source_walk(), which programs
 * did not know that made older captures. Who asks for all is answered by what source_ask_each()
 * brought, too: it is nearly the same. The datagrams of a walk are no netlink, and answer who walks:
 * refresh_ask() tries the other way where one is refused.
 */
enum capture_way { ASKED_ALL, ASKED_EACH, ASKED_WALK };

struct capture_record {
	uint32_t call;	/* enum capture_call */
	uint32_t what;	/* question or stream */
	int64_t value;	/* result, time, number, or enum capture_way */
	uint64_t len;	/* of the payload that follows */
};

/* They are written as they lie in memory: without a hole, and the same from every compiler. */
_Static_assert(sizeof(struct capture_head) == 16, "the head of a capture");
_Static_assert(sizeof(struct capture_record) == 24, "a record of a capture");

static inline size_t capture_padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}
#endif
