/* SPDX-License-Identifier: MIT */
/* What streams tell: records of the tracepoint program, path manager events, destroy messages. */
#include <errno.h>
#include <string.h>
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

void fuzz_life(const void *bytes, size_t len)
{
	struct life life;

	memset(&life, 0xa5, sizeof(life));
	check(&life, parse_life_record(bytes, len, &life));
	fuzz_messages(bytes, len, event);
	fuzz_messages(bytes, len, ending);
}
