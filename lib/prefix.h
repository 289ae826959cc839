/* SPDX-License-Identifier: MIT */
#ifndef LIB_PREFIX_H
#define LIB_PREFIX_H
#include "lib/address.h"

/* 192.0.2.0/24, 2001:db8::/64; a single address has all its bits. */
struct prefix {
	struct address address;
	uint8_t bits;
};

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/64"; false for anything else, bits beyond it too.
 * IPv4-mapped IPv6 becomes IPv4, as by address_from().
 */
bool prefix_parse(const char *text, struct prefix *out);
bool prefix_has(const struct prefix *, const struct address *);
bool prefix_overlaps(const struct prefix *, const struct prefix *);
#endif
