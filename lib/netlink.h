/* SPDX-License-Identifier: MIT */
#ifndef LIB_NETLINK_H
#define LIB_NETLINK_H
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Walks over netlink bytes that check every bound themselves: libmnl 1.0.4 crashes on nlmsg_len >
 * INT_MAX, and a capture or a fuzzer may hand us anything.
 */

/*
 * The message at `offset`, or NULL at the end. `*offset` moves past it. Sets `*error` to -EBADMSG
 * when what is left is no whole message, else leaves it alone.
 */
const struct nlmsghdr *netlink_next(const void *buf, size_t len, size_t *offset, int *error);

/*
 * Payload after the family's own header of `header_len` octets, or NULL when the message is shorter
 * than that.
 */
const void *netlink_header(const struct nlmsghdr *nlh, size_t header_len);

/*
 * The attribute after `attr`, or the first one (attr == NULL) behind a header of `header_len`
 * octets; NULL at the end and before anything malformed.
 */
const struct nlattr *netlink_attr(const struct nlmsghdr *nlh, size_t header_len,
				  const struct nlattr *attr);

/* The same inside a nest. */
const struct nlattr *netlink_nested(const struct nlattr *nest, const struct nlattr *attr);

/*
 * In one pass, which ends when all are found: the first attribute of each type whose bit is in
 * `wanted` (types below 32), behind a header or inside a nest, into found[type]. The rest of found
 * is left alone, also where there is none before anything malformed.
 */
void netlink_pick(const struct nlmsghdr *nlh, size_t header_len, uint32_t wanted,
		  const struct nlattr *found[]);
void netlink_pick_nested(const struct nlattr *nest, uint32_t wanted, const struct nlattr *found[]);

/*
 * Attribute values of the wanted size or more; false leaves *out alone. Big-endian values are given
 * as they are.
 */
bool attr_u8(const struct nlattr *attr, uint8_t *out);
bool attr_u16(const struct nlattr *attr, uint16_t *out);
bool attr_u32(const struct nlattr *attr, uint32_t *out);

/*
 * Copies whole characters of at most size - 1 octets and ends the text; control characters, and
 * octets that are not UTF-8, become '?'.
 */
void attr_text(const struct nlattr *attr, char *out, size_t size);
#endif
