/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESSAGE_H
#define TESTS_MESSAGE_H
#include <libmnl/libmnl.h>
#include <stdbool.h>

/* Netlink messages for the parsers, one at a time: the next one takes the place of the last. */

enum { UNKNOWN_ATTR = 200 }; /* of a kernel to come */

/* One with that header of its family's, for attributes to be put behind. */
struct nlmsghdr *message(uint16_t type, const void *header, size_t header_len);

/* As the kernel sent it. */
struct nlmsghdr *message_copied(const void *octets, size_t len);

/*
 * Whether a parser has an answer of its contract (1, 0, -EBADMSG) to a good message that is cut at
 * each length, or of which some octets are random. It gets them in memory of exactly their size, so
 * that a sanitizer sees a read beyond it.
 */
typedef int (*parser_fn)(const struct nlmsghdr *);
bool message_cut(const struct nlmsghdr *, parser_fn);
bool message_mangled(const struct nlmsghdr *, parser_fn);

/* With tests/tap.h: both, as checks. */
#define never_reads_beyond(nlh, parse, what)                                                       \
	do {                                                                                       \
		ok(message_cut((nlh), (parse)), "%s: cut at every length", (what));                \
		ok(message_mangled((nlh), (parse)), "%s: mangled", (what));                        \
	} while (0)

/* A parser's call, of `nlh`, as such a function. */
#define PARSER(name, call)                                                                         \
	static int name(const struct nlmsghdr *nlh)                                                \
	{                                                                                          \
		return call;                                                                       \
	}
#endif
