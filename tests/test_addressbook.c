/* SPDX-License-Identifier: MIT */
/* Who owns an address: devices first, then the only owner; and those that went lately. */
#include <sys/socket.h>
#include "lib/addressbook.h"
#include "tests/tap.h"

static const uint64_t REMEMBERED_MS = 10 * 60 * 1000;

static struct address v4(uint8_t last)
{
	return (struct address){ AF_INET, { 10, 0, 0, last } };
}

static void link_row(struct addressbook *book, uint32_t ifindex, const char *name, bool gone,
		     uint64_t now_ms)
{
	struct link_row row = { .ifindex = ifindex, .gone = gone, .up = !gone };

	snprintf(row.name, sizeof(row.name), "%s", name);
	addressbook_link(book, &row, now_ms);
}

static void address_row(struct addressbook *book, uint32_t ifindex, uint8_t last, bool gone,
			uint64_t now_ms)
{
	struct address_row row = {
		.ifindex = ifindex, .address = v4(last), .gone = gone, .usable = true
	};

	addressbook_address(book, &row, now_ms);
}

/* A dump of eth1 (5) with 10.0.0.1, and eth2 (6) with 10.0.0.2. */
static void two_lines(struct addressbook *book, uint64_t now_ms)
{
	addressbook_dump_begin(book);
	link_row(book, 5, "eth1", false, now_ms);
	link_row(book, 6, "eth2", false, now_ms);
	address_row(book, 5, 1, false, now_ms);
	address_row(book, 6, 2, false, now_ms);
	addressbook_dump_end(book, now_ms);
}

static const char *owner(const struct addressbook *book, uint8_t last, uint32_t bound)
{
	struct address address = v4(last);
	const struct book_link *link = addressbook_owner(book, &address, bound);

	return link ? link->row.name : "nobody";
}

static void the_owner_of_an_address(void)
{
	struct addressbook *book = addressbook_new();

	is_text(owner(book, 1, 0), "nobody", "an empty book");
	two_lines(book, 0);
	is_text(owner(book, 1, 0), "eth1", "the only one that has it");
	is_text(owner(book, 1, 6), "eth2", "the device it is bound to comes first");
	is_text(owner(book, 9, 0), "nobody", "nobody has it");
	is_text(owner(book, 1, 77), "nobody", "bound to a device that we do not know");
	address_row(book, 6, 1, false, 0);
	is_text(owner(book, 1, 0), "nobody", "two have it, and nothing tells them apart");
	is_text(owner(book, 1, 5), "eth1", "but the device does");
	address_row(book, 6, 1, true, 10);
	is_text(owner(book, 1, 0), "eth1", "one of them loses it");
	addressbook_free(book);
	addressbook_free(NULL);
}

static void a_gone_interface_is_still_found(void)
{
	struct addressbook *book = addressbook_new();
	struct address first = v4(1);

	two_lines(book, 0);
	link_row(book, 5, "eth1", true, 100);
	is_text(owner(book, 1, 0), "eth1", "its address leads to it");
	is_text(owner(book, 1, 5), "eth1", "so does its index");
	ok(addressbook_owner(book, &first, 0)->row.gone, "and says that it has gone");
	ok(!addressbook_find(book, "eth1"), "but it is not present");
	address_row(book, 6, 1, false, 200);
	is_text(owner(book, 1, 0), "eth2", "whoever has the address now comes first");
	address_row(book, 6, 1, true, 300);
	is_text(owner(book, 1, 0), "eth2", "among those that had it, the latest");

	addressbook_dump_begin(book);
	link_row(book, 6, "eth2", false, 100 + REMEMBERED_MS);
	addressbook_dump_end(book, 100 + REMEMBERED_MS);
	is_text(owner(book, 1, 5), "nobody", "after ten minutes it is forgotten");
	addressbook_free(book);
}

static void made_anew_under_the_same_name(void)
{
	struct addressbook *book = addressbook_new();

	two_lines(book, 0);
	link_row(book, 5, "eth1", true, 100);
	link_row(book, 9, "eth1", false, 200);
	address_row(book, 9, 1, false, 200);
	is_u64(addressbook_find(book, "eth1")->row.ifindex, 9, "the present one has the new index");
	is_text(owner(book, 1, 5), "eth1", "a socket bound to the old index is of the same line");
	link_row(book, 5, "dummy", false, 300);
	is_text(owner(book, 1, 5), "dummy", "the index given to another one");
	addressbook_free(book);
}

static void what_a_dump_does_not_name_has_gone(void)
{
	struct addressbook *book = addressbook_new();

	two_lines(book, 0);
	addressbook_dump_begin(book);
	link_row(book, 6, "eth2", false, 10);
	address_row(book, 6, 3, false, 10);
	ok(addressbook_find(book, "eth1"), "not before it has ended");
	addressbook_dump_end(book, 10);
	ok(!addressbook_find(book, "eth1"), "the link");
	address_row(book, 6, 1, false, 20);
	is_text(owner(book, 1, 0), "eth2", "its address is free for another one");
	address_row(book, 5, 2, false, 20);
	is_text(owner(book, 2, 0), "eth1", "an address that went from a link that stayed");

	addressbook_dump_begin(book); /* this one never ends */
	addressbook_dump_begin(book);
	link_row(book, 6, "eth2", false, 30);
	addressbook_dump_end(book, 30);
	ok(addressbook_find(book, "eth2"), "a dump begun anew");
	addressbook_free(book);
}

static void usable_addresses_are_counted(void)
{
	struct addressbook *book = addressbook_new();
	struct address_row row = { .ifindex = 5,
				   .address = { AF_INET6, { 0xfe, 0x80 } },
				   .usable = true,
				   .link_scope = true };
	const struct book_link *link;

	addressbook_dump_begin(book);
	link_row(book, 5, "eth1", false, 0);
	addressbook_address(book, &row, 0);
	row = (struct address_row){ .ifindex = 5, .address = { AF_INET6, { 0x20, 1 } } };
	addressbook_address(book, &row, 0);
	address_row(book, 5, 1, false, 0);
	address_row(book, 5, 2, false, 0);
	address_row(book, 8, 2, false, 0); /* of a link nobody told of */
	addressbook_dump_end(book, 0);
	link = addressbook_find(book, "eth1");
	ok(link->v4 == 2 && link->v6 == 0, "neither link-local nor tentative ones");

	addressbook_dump_begin(book);
	link_row(book, 5, "eth1", false, 0);
	row.usable = true;
	addressbook_address(book, &row, 0);
	addressbook_dump_end(book, 0);
	link = addressbook_find(book, "eth1");
	ok(link->v4 == 0 && link->v6 == 1, "counted anew by each dump");
	addressbook_free(book);
}

static void many_links_come_and_go(void)
{
	struct addressbook *book = addressbook_new();
	char name[IFNAME_LEN];
	bool good = true;

	for (uint64_t round = 0; round < 6; round++) {
		uint32_t count = round % 2 ? 3 : 200;

		addressbook_dump_begin(book);
		for (uint32_t i = 1; i <= count; i++) {
			snprintf(name, sizeof(name), "ppp%u", i);
			link_row(book, i, name, false, round * REMEMBERED_MS);
			address_row(book, i, (uint8_t)i, false, round * REMEMBERED_MS);
		}
		addressbook_dump_end(book, round * REMEMBERED_MS);
		for (uint32_t i = 1; i <= count; i++) {
			snprintf(name, sizeof(name), "ppp%u", i);
			good &= !strcmp(owner(book, (uint8_t)i, 0), name);
		}
	}
	ok(good, "each is found");
	ok(!addressbook_find(book, "ppp4"), "those that went are not");
	addressbook_free(book);
}

static void who_has_an_address_now(void)
{
	struct addressbook *book = addressbook_new();
	const struct address first = v4(1), second = v4(2), nobody = v4(9);
	const struct address_row tentative = { .ifindex = 5, .address = v4(7) };

	ok(!addressbook_has(book, &first, 0), "an empty book");
	two_lines(book, 0);
	ok(addressbook_has(book, &first, 5), "its own");
	ok(!addressbook_has(book, &second, 5), "another's");
	ok(addressbook_has(book, &second, 0) && !addressbook_has(book, &nobody, 0), "anybody's");
	addressbook_address(book, &tentative, 0);
	ok(addressbook_has(book, &tentative.address, 5), "usable or not");
	address_row(book, 5, 1, true, 10);
	ok(!addressbook_has(book, &first, 5) && !addressbook_has(book, &first, 0), "lost");
	address_row(book, 6, 1, false, 20);
	ok(!addressbook_has(book, &first, 5) && addressbook_has(book, &first, 0), "moved");
	link_row(book, 6, "eth2", true, 30);
	ok(!addressbook_has(book, &second, 0), "gone with its link");
	addressbook_free(book);
}

static const char *rival(const struct addressbook *book, uint32_t ifindex)
{
	const struct book_link *link = addressbook_rival(book, ifindex);

	return link ? link->row.name : "nobody";
}

static void two_links_with_one_address(void)
{
	struct addressbook *book = addressbook_new();
	struct address_row local = { .ifindex = 5,
				     .address = { AF_INET6, { 0xfe, 0x80, [15] = 1 } },
				     .usable = true,
				     .link_scope = true };

	two_lines(book, 0);
	is_text(rival(book, 5), "nobody", "each has its own");
	addressbook_address(book, &local, 0);
	local.ifindex = 6;
	addressbook_address(book, &local, 0);
	is_text(rival(book, 5), "nobody", "link-local ones may be anywhere");
	address_row(book, 6, 1, false, 10);
	is_text(rival(book, 5), "eth2", "the other has it, too");
	is_text(rival(book, 6), "eth1", "from either side");
	is_text(rival(book, 9), "nobody", "a link that nobody knows");
	address_row(book, 6, 1, true, 20);
	is_text(rival(book, 5), "nobody", "no more");
	address_row(book, 8, 1, false, 30);
	is_text(rival(book, 5), "nobody", "a link that nobody told of is none");
	address_row(book, 6, 1, false, 40);
	link_row(book, 6, "eth2", true, 50);
	is_text(rival(book, 5), "nobody", "nor is one that has gone");
	addressbook_free(book);
}

int main(void)
{
	the_owner_of_an_address();
	a_gone_interface_is_still_found();
	made_anew_under_the_same_name();
	what_a_dump_does_not_name_has_gone();
	usable_addresses_are_counted();
	many_links_come_and_go();
	who_has_an_address_now();
	two_links_with_one_address();
	return tap_done();
}
