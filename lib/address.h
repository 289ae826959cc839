/* SPDX-License-Identifier: MIT */
#ifndef LIB_ADDRESS_H
#define LIB_ADDRESS_H
#include "lib/model.h"

/* 192.0.2.0/24, 2001:db8::/64; a single address has all its bits. */
struct prefix {
	struct address address;
	uint8_t bits;
};

/* IPv4-mapped IPv6 becomes IPv4: a dual-stack listener reports its IPv4 clients that way. */
struct address address_from(uint16_t family, const void *bytes);
bool address_equal(const struct address *a, const struct address *b);
bool address_loopback(const struct address *);		/* 127.0.0.0/8, ::1 */

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/64"; false for anything else, bits beyond it too.
 * IPv4-mapped IPv6 becomes IPv4 here as well.
 */
bool prefix_parse(const char *text, struct prefix *out);
bool prefix_has(const struct prefix *, const struct address *);
bool prefix_overlaps(const struct prefix *, const struct prefix *);
#endif
