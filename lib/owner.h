/* SPDX-License-Identifier: MIT */
#ifndef LIB_OWNER_H
#define LIB_OWNER_H
#include "lib/addressbook.h"
#include "lib/registry.h"

/*
 * Which WAN a local address belongs to: one that is configured by addresses, else the one on the
 * interface that has the address. Whoever asks makes that interface a WAN (lib/registry.h), if it
 * was none.
 */

/* The slot of a socket's local end, or UNATTRIBUTED. wall_s: this moment, since 1970. */
uint8_t owner_of_socket(struct registry *, const struct addressbook *, const struct address *local,
			uint32_t bound_ifindex, uint64_t wall_s);

/*
 * Fills in an endpoint's WAN, if it has one, whether it is stale and usable. One that the kernel made
 * itself makes nothing a WAN.
 */
void owner_of_endpoint(struct registry *, const struct addressbook *, struct endpoint *,
		       uint64_t wall_s);
#endif
