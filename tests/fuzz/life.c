/* SPDX-License-Identifier: MIT */
/* What streams and walks tell: records of our programs, path manager events, destroy messages. */
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include "lib/bpf/subflow.h"
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct life *life, int found)
{
	must(found == 1 || found == 0 || found == -EBADMSG);
	must(found <= 0 || (life->kind > LIFE_NONE && life->kind <= CONNECTION_CLOSED));
}

static int event(const struct nlmsghdr *nlh)
{
	struct life life;
	int found;

	memset(&life, 0xa5, sizeof(life));
	found = parse_pm_event(nlh, &life);
	check(&life, found);
	must(found <= 0 || (life.token && life.mptcp));
	return found;
}

static int ending(const struct nlmsghdr *nlh)
{
	struct life life;
	int found;

	memset(&life, 0xa5, sizeof(life));
	found = parse_destroy(nlh, &life);
	check(&life, found);
	must(found <= 0 || (life.kind == ENDED && !life.mptcp));
	return found;
}

static void subflow(const void *bytes, size_t len)
{
	struct subflow_row row;
	int found;

	memset(&row, 0xa5, sizeof(row));
	found = parse_subflow_record(bytes, len, &row);
	must(found == 1 || found == -EBADMSG);
	must(found <= 0 || row.tuple.local.family);
	must(found <= 0 || row.octets.out <= row.octets.sent);
	must(found <= 0 || row.min_rtt_us != UINT32_MAX);
}

void fuzz_life(const void *bytes, size_t len)
{
	struct life life;

	memset(&life, 0xa5, sizeof(life));
	check(&life, parse_life_record(bytes, len, &life));
	for (size_t at = 0; len - at >= sizeof(struct subflow_record);
	     at += sizeof(struct subflow_record))
		subflow((const char *)bytes + at, len - at);
	fuzz_messages(bytes, len, event);
	fuzz_messages(bytes, len, ending);
}
