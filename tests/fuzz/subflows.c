/* SPDX-License-Identifier: MIT */
/* sock_diag: TCP sockets of a dump. */
#include <string.h>
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

static int subflow(const struct nlmsghdr *nlh)
{
	struct subflow_row row;
	bool plain;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_subflow(nlh, &row, &plain);
	must(!plain || !found);
	must(found <= 0 || row.tuple.local.family);
	must(found <= 0 || row.octets.out <= row.octets.sent);
	must(found <= 0 || row.min_rtt_us != UINT32_MAX);
	return found;
}

void fuzz_subflows(const void *bytes, size_t len)
{
	fuzz_messages(bytes, len, subflow);
}
