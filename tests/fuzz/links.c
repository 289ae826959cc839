/* SPDX-License-Identifier: MIT */
/* rtnetlink: links, addresses, and the answer about a route. */
#include <string.h>
#include "lib/parse.h"
#include "lib/utf8.h"
#include "tests/fuzz/fuzz.h"

static int link(const struct nlmsghdr *nlh)
{
	struct link_row row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_link(nlh, &row);
	if (found <= 0)
		return found;
	must(row.ifindex && row.ifindex <= INT32_MAX);
	must(*row.name && memchr(row.name, '\0', sizeof(row.name)) && utf8_fits(row.name));
	must(memchr(row.alias, '\0', sizeof(row.alias)) && utf8_fits(row.alias));
	must(!row.gone || !row.up);
	return found;
}

static int address(const struct nlmsghdr *nlh)
{
	struct address_row row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_address(nlh, &row);
	must(found <= 0 || row.address.family);
	return found;
}

static int route(const struct nlmsghdr *nlh)
{
	struct maybe_u32 ifindex = { true, 1 };
	int found = parse_route(nlh, 2, &ifindex);

	must(found || !ifindex.known);
	return found;
}

void fuzz_links(const void *bytes, size_t len)
{
	fuzz_messages(bytes, len, link);
	fuzz_messages(bytes, len, address);
	fuzz_messages(bytes, len, route);
}
