/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tests/message.h"

enum { MANGLED_TIMES = 3000, HOLES = 3 };

static char buffer[8192] __attribute__((aligned(8)));

struct nlmsghdr *message(uint16_t type, const void *header, size_t header_len)
{
	struct nlmsghdr *nlh;

	memset(buffer, 0, sizeof(buffer));
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(nlh, header_len), header, header_len);
	return nlh;
}

struct nlmsghdr *message_copied(const void *octets, size_t len)
{
	return memcpy(buffer, octets, len);
}

/* Cut to `len`, and so many octets of it made random. */
static bool holds(const struct nlmsghdr *nlh, size_t len, int holes, parser_fn parse)
{
	struct nlmsghdr *copy = malloc(len);
	int found;

	memcpy(copy, nlh, len);
	copy->nlmsg_len = (uint32_t)len;
	for (int i = 0; i < holes; i++)
		((uint8_t *)copy)[sizeof(*nlh) + (size_t)rand() % (len - sizeof(*nlh))] =
			(uint8_t)rand();
	found = parse(copy);
	free(copy);
	return found == 1 || found == 0 || found == -EBADMSG;
}

bool message_cut(const struct nlmsghdr *nlh, parser_fn parse)
{
	bool good = true;

	for (size_t len = sizeof(*nlh); len <= nlh->nlmsg_len; len++)
		good &= holds(nlh, len, 0, parse);
	return good;
}

bool message_mangled(const struct nlmsghdr *nlh, parser_fn parse)
{
	bool good = true;

	for (int i = 0; i < MANGLED_TIMES; i++)
		good &= holds(nlh, nlh->nlmsg_len, HOLES, parse);
	return good;
}
