/* SPDX-License-Identifier: MIT */
/* sock_diag: MPTCP sockets of a dump. */
#include <string.h>
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

static int connection(const struct nlmsghdr *nlh)
{
	struct connection_row row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_connection(nlh, &row);
	must(found <= 0 || (row.remote.family && row.extra_subflows.known));
	return found;
}

void fuzz_connections(const void *bytes, size_t len)
{
	fuzz_messages(bytes, len, connection);
}
