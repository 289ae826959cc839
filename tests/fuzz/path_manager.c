/* SPDX-License-Identifier: MIT */
/* Generic netlink: the family, and what mptcp_pm answers. */
#include <string.h>
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

static int family(const struct nlmsghdr *nlh)
{
	struct family_row row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_family(nlh, "mptcp_pm_events", &row);
	must(found <= 0 || row.id);
	return found;
}

static int limits(const struct nlmsghdr *nlh)
{
	struct limits_row row;

	memset(&row, 0xa5, sizeof(row));
	return parse_limits(nlh, &row);
}

static int refusal(const struct nlmsghdr *nlh)
{
	uint32_t maximum;

	return parse_limit_refusal(nlh, &maximum);
}

static int endpoint(const struct nlmsghdr *nlh)
{
	struct endpoint row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_endpoint(nlh, &row);
	must(found <= 0 || (row.address.family && row.id <= UINT8_MAX));
	return found;
}

void fuzz_path_manager(const void *bytes, size_t len)
{
	fuzz_messages(bytes, len, family);
	fuzz_messages(bytes, len, limits);
	fuzz_messages(bytes, len, refusal);
	fuzz_messages(bytes, len, endpoint);
}
