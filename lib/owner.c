/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/owner.h"

uint8_t owner_of_socket(struct registry *registry, const struct addressbook *book,
			const struct address *local, uint32_t bound_ifindex, uint64_t wall_s)
{
	const struct book_link *link;
	int slot = registry_on_address(registry, local);

	if (slot >= 0)
		return (uint8_t)slot;
	link = addressbook_owner(book, local, bound_ifindex);
	if (!link || link->row.loopback)
		return UNATTRIBUTED;
	slot = registry_on_device(registry, link->row.name, wall_s);
	return slot < 0 ? UNATTRIBUTED : (uint8_t)slot;
}

/*
 * The link that an endpoint is of, and whether it is only a memory: bound to an interface index
 * that is gone (an interface made anew has another one), or of an address that the interface has
 * lost. The kernel keeps such an endpoint, and nothing can be joined from it.
 */
static const struct book_link *endpoint_link(struct endpoint *endpoint,
					     const struct addressbook *book)
{
	const struct book_link *link =
		addressbook_owner(book, &endpoint->address, endpoint->ifindex);
	const struct book_link *present = addressbook_owner(book, &endpoint->address, 0);

	/* NULL when several have the address: it is there, and nobody's. */
	if (addressbook_has(book, &endpoint->address, endpoint->ifindex) &&
	    (!link || !link->row.gone))
		return link;
	endpoint->stale = !(endpoint->flags & ENDPOINT_IMPLICIT);
	if (!link || (link->row.gone && present && !present->row.gone))
		link = present;
	return link;
}

/* An endpoint not made by the kernel itself makes its interface a WAN. -1: none. */
static int slot_on_link(struct registry *registry, const struct endpoint *endpoint,
			const struct book_link *link, uint64_t wall_s)
{
	if (!link || link->row.loopback)
		return -1;
	if (endpoint->flags & ENDPOINT_IMPLICIT || link->row.gone)
		return registry_find_device(registry, link->row.name);
	return registry_on_device(registry, link->row.name, wall_s);
}

void owner_of_endpoint(struct registry *registry, const struct addressbook *book,
		       struct endpoint *endpoint, uint64_t wall_s)
{
	const struct book_link *link = endpoint_link(endpoint, book);
	int slot = registry_on_address(registry, &endpoint->address);

	endpoint->usable = endpoint->flags & ENDPOINT_SUBFLOW &&
			   !(endpoint->flags & ENDPOINT_IMPLICIT) && !endpoint->stale;
	if (slot < 0)
		slot = slot_on_link(registry, endpoint, link, wall_s);
	if (slot < 0)
		return;
	endpoint->wan_index = registry->wans[slot].index;
	memcpy(endpoint->wan_name, registry->wans[slot].name, sizeof(endpoint->wan_name));
}
