/* SPDX-License-Identifier: MIT */
#ifndef LIB_ADDRESSBOOK_H
#define LIB_ADDRESSBOOK_H
#include <stddef.h>
#include "lib/parse.h"
#include "lib/prefix.h"

/*
 * Who owns an address: the links and addresses of now, and those that went lately, so that a
 * subflow which is told of after its interface has gone still finds its line. Fed by dumps and by
 * the rtnetlink stream alike.
 */
struct addressbook;

struct book_link {
	struct link_row row;	/* as last told; row.gone once it has gone */
	uint32_t v4, v6;	/* usable addresses at the last dump, link-local ones not counted */
	uint64_t gone_ms;
	uint32_t told_in;	/* number of the dump that last named it */
};

struct addressbook *addressbook_new(void);		/* NULL: no memory */
void addressbook_free(struct addressbook *);		/* NULL is allowed */

/* A row of a dump or of the stream. Returns 0 or -ENOMEM. */
int addressbook_link(struct addressbook *, const struct link_row *, uint64_t now_ms);
int addressbook_address(struct addressbook *, const struct address_row *, uint64_t now_ms);

/*
 * Around a dump of links and one of addresses: what neither named when both are complete has gone.
 */
void addressbook_dump_begin(struct addressbook *);
void addressbook_dump_end(struct addressbook *, uint64_t now_ms);

/*
 * The link that a socket belongs to: the device it is bound to, else the only one that has the
 * local address; among links that have gone, the latest. NULL when nobody has it, or several do and
 * nothing tells them apart. The pointer is valid until the book is next fed.
 */
const struct book_link *addressbook_owner(const struct addressbook *, const struct address *local,
					  uint32_t bound_ifindex);

/*
 * A usable address of that family, not link-local, that the link has now; false when there is none.
 */
bool addressbook_address_of(const struct addressbook *, uint32_t ifindex, uint8_t family,
			    struct address *out);

/* Does the link have this address now, usable or not? 0 for any link. */
bool addressbook_has(const struct addressbook *, const struct address *, uint32_t ifindex);

/* Another present link that has one of this link's addresses, link-local ones aside; or NULL. */
const struct book_link *addressbook_rival(const struct addressbook *, uint32_t ifindex);

/*
 * The present link that has a usable address, not link-local, within one of the prefixes: of
 * several the one with the lowest index; *addresses, how many it has. NULL when there is none.
 */
const struct book_link *addressbook_within(const struct addressbook *,
					   const struct prefix *prefixes, size_t count,
					   uint32_t *addresses);

/* The present link of that name, or NULL. */
const struct book_link *addressbook_find(const struct addressbook *, const char *ifname);
#endif
