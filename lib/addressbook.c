/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/addressbook.h"

/* Longer than any poll interval: endings are told of one interval late at most. */
enum { REMEMBERED_MS = 10 * 60 * 1000 };

struct book_address {
	struct address address;
	uint32_t ifindex;
	bool usable, link_scope, gone;
	uint64_t gone_ms;
	uint32_t told_in;
};

struct addressbook {
	struct book_link *links;
	struct book_address *addresses;
	size_t link_count, address_count;
	uint32_t dump;
};

struct addressbook *addressbook_new(void)
{
	return calloc(1, sizeof(struct addressbook));
}

void addressbook_free(struct addressbook *book)
{
	if (!book)
		return;
	free(book->links);
	free(book->addresses);
	free(book);
}

/* Grows in powers of two; true when there is room for one more. */
static bool room(void **array, size_t count, size_t size)
{
	void *grown;

	if (count & (count - 1) || (count && count < 16))
		return true;
	grown = realloc(*array, (count ? count * 2 : 16) * size);
	if (!grown)
		return false;
	*array = grown;
	return true;
}

static const struct book_link *link_by_index(const struct addressbook *book, uint32_t ifindex)
{
	for (size_t i = 0; i < book->link_count; i++)
		if (book->links[i].row.ifindex == ifindex)
			return &book->links[i];
	return NULL;
}

static struct book_link *link_find(struct addressbook *book, uint32_t ifindex)
{
	return (struct book_link *)link_by_index(book, ifindex);
}

static void addresses_gone(struct addressbook *book, uint32_t ifindex, uint64_t now_ms)
{
	for (size_t i = 0; i < book->address_count; i++) {
		struct book_address *address = &book->addresses[i];

		if (address->ifindex == ifindex && !address->gone) {
			address->gone = true;
			address->gone_ms = now_ms;
		}
	}
}

static void link_gone(struct addressbook *book, struct book_link *link, uint64_t now_ms)
{
	if (link->row.gone)
		return;
	link->row.gone = true;
	link->row.up = false;
	link->gone_ms = now_ms;
	addresses_gone(book, link->row.ifindex, now_ms);
}

int addressbook_link(struct addressbook *book, const struct link_row *row, uint64_t now_ms)
{
	struct book_link *link = link_find(book, row->ifindex);

	if (row->gone) {
		if (link)
			link_gone(book, link, now_ms);
		return 0;
	}
	if (!link) {
		if (!room((void **)&book->links, book->link_count, sizeof(*link)))
			return -ENOMEM;
		link = &book->links[book->link_count++];
		memset(link, 0, sizeof(*link));
	}
	if (!row->partial || link->row.gone || !link->row.ifindex)
		link->row = *row;
	link->told_in = book->dump;
	return 0;
}

static struct book_address *address_find(struct addressbook *book, const struct address *address,
					 uint32_t ifindex)
{
	for (size_t i = 0; i < book->address_count; i++)
		if (book->addresses[i].ifindex == ifindex &&
		    address_equal(&book->addresses[i].address, address))
			return &book->addresses[i];
	return NULL;
}

int addressbook_address(struct addressbook *book, const struct address_row *row, uint64_t now_ms)
{
	struct book_address *address = address_find(book, &row->address, row->ifindex);

	if (row->gone) {
		if (address && !address->gone) {
			address->gone = true;
			address->gone_ms = now_ms;
		}
		return 0;
	}
	if (!address) {
		if (!room((void **)&book->addresses, book->address_count, sizeof(*address)))
			return -ENOMEM;
		address = &book->addresses[book->address_count++];
	}
	*address = (struct book_address){
		.address = row->address,
		.ifindex = row->ifindex,
		.usable = row->usable,
		.link_scope = row->link_scope,
		.told_in = book->dump,
	};
	return 0;
}

void addressbook_dump_begin(struct addressbook *book)
{
	book->dump++;
}

/* Drops what went too long ago to matter. */
static void forget(struct addressbook *book, uint64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < book->link_count; i++)
		if (!book->links[i].row.gone || now_ms - book->links[i].gone_ms < REMEMBERED_MS)
			book->links[kept++] = book->links[i];
	book->link_count = kept;
	kept = 0;
	for (size_t i = 0; i < book->address_count; i++)
		if (!book->addresses[i].gone || now_ms - book->addresses[i].gone_ms < REMEMBERED_MS)
			book->addresses[kept++] = book->addresses[i];
	book->address_count = kept;
}

static void count_addresses(struct addressbook *book)
{
	for (size_t i = 0; i < book->link_count; i++)
		book->links[i].v4 = book->links[i].v6 = 0;
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_address *address = &book->addresses[i];
		struct book_link *link;

		if (address->gone || !address->usable || address->link_scope)
			continue;
		link = link_find(book, address->ifindex);
		if (link)
			*(address->address.family == AF_INET ? &link->v4 : &link->v6) += 1;
	}
}

void addressbook_dump_end(struct addressbook *book, uint64_t now_ms)
{
	for (size_t i = 0; i < book->link_count; i++)
		if (book->links[i].told_in != book->dump)
			link_gone(book, &book->links[i], now_ms);
	for (size_t i = 0; i < book->address_count; i++) {
		struct book_address *address = &book->addresses[i];

		if (address->told_in != book->dump && !address->gone) {
			address->gone = true;
			address->gone_ms = now_ms;
		}
	}
	forget(book, now_ms);
	count_addresses(book);
}

const struct book_link *addressbook_owner(const struct addressbook *book,
					  const struct address *local, uint32_t bound_ifindex)
{
	const struct book_address *last = NULL, *only = NULL;

	if (bound_ifindex)
		return link_by_index(book, bound_ifindex);
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_address *address = &book->addresses[i];

		if (!address_equal(&address->address, local))
			continue;
		if (address->gone) {
			if (!last || address->gone_ms >= last->gone_ms)
				last = address;
		} else if (only) {
			return NULL;
		} else {
			only = address;
		}
	}
	if (!only)
		only = last;
	return only ? link_by_index(book, only->ifindex) : NULL;
}

bool addressbook_address_of(const struct addressbook *book, uint32_t ifindex, uint8_t family,
			    struct address *out)
{
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_address *address = &book->addresses[i];

		if (address->ifindex != ifindex || address->address.family != family ||
		    address->gone || !address->usable || address->link_scope)
			continue;
		*out = address->address;
		return true;
	}
	return false;
}

bool addressbook_has(const struct addressbook *book, const struct address *address,
		     uint32_t ifindex)
{
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_address *known = &book->addresses[i];

		if (!known->gone && (!ifindex || known->ifindex == ifindex) &&
		    address_equal(&known->address, address))
			return true;
	}
	return false;
}

const struct book_link *addressbook_rival(const struct addressbook *book, uint32_t ifindex)
{
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_address *ours = &book->addresses[i];

		if (ours->ifindex != ifindex || ours->gone || ours->link_scope)
			continue;
		for (size_t j = 0; j < book->address_count; j++) {
			const struct book_address *other = &book->addresses[j];
			const struct book_link *link;

			if (other->ifindex == ifindex || other->gone ||
			    !address_equal(&other->address, &ours->address))
				continue;
			link = link_by_index(book, other->ifindex);
			if (link && !link->row.gone)
				return link;
		}
	}
	return NULL;
}

static bool within(const struct book_address *address, const struct prefix *prefixes, size_t count)
{
	if (address->gone || !address->usable || address->link_scope)
		return false;
	for (size_t i = 0; i < count; i++)
		if (prefix_has(&prefixes[i], &address->address))
			return true;
	return false;
}

const struct book_link *addressbook_within(const struct addressbook *book,
					   const struct prefix *prefixes, size_t count,
					   uint32_t *addresses)
{
	const struct book_link *lowest = NULL;

	*addresses = 0;
	for (size_t i = 0; i < book->address_count; i++) {
		const struct book_link *link;

		if (!within(&book->addresses[i], prefixes, count))
			continue;
		link = link_by_index(book, book->addresses[i].ifindex);
		if (!link || link->row.gone || (lowest && link->row.ifindex > lowest->row.ifindex))
			continue;
		*addresses = link == lowest ? *addresses + 1 : 1;
		lowest = link;
	}
	return lowest;
}

const struct book_link *addressbook_find(const struct addressbook *book, const char *ifname)
{
	for (size_t i = 0; i < book->link_count; i++)
		if (!book->links[i].row.gone && !strcmp(book->links[i].row.name, ifname))
			return &book->links[i];
	return NULL;
}
