/* SPDX-License-Identifier: MIT */
/* Records of the tracepoint program. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "lib/parse.h"
#include "tests/tap.h"

static void a_life_record(void)
{
	struct {
		struct life_record record;
		char more[16];
	} newer = { .record = { .cookie = 5,
				.bytes_sent = 600,
				.bytes_retrans = 100,
				.bytes_received = 7000,
				.bytes_acked = 502,
				.token = 77,
				.bound_ifindex = 12,
				.error = ECONNRESET,
				.family = AF_INET,
				.local_port = htons(40000),
				.remote_port = htons(443),
				.step = LIFE_ENDING,
				.local = { 10, 0, 0, 1 },
				.remote = { 192, 0, 2, 1 },
				.flags = LIFE_JOIN | LIFE_OURS | LIFE_FIN | LIFE_OVER } };
	static const enum life_kind kinds[] = { LIFE_NONE, ATTEMPTED, BORN, FAILED, ENDED };
	struct life_record *copy = malloc(sizeof(*copy));
	const size_t len = sizeof(newer.record);
	struct life life;
	bool good = true;

	is_u64(parse_life_record(&newer, len, &life), 1, "life record");
	ok(life.kind == ENDED && life.cookie == 5 && life.token == 77, "ending");
	ok(life.join && life.ours && life.over && !life.joined && !life.complete, "flags");
	ok(life.mptcp && !life.cleared && life.error == ECONNRESET, "final counters");
	ok(life.octets.out == 500 && life.octets.in == 7000, "octets, without SYN and FIN");
	ok(life.tuple.local_port == 40000 && life.tuple.remote_port == 443, "ports");
	is_u64(parse_life_record(&newer, sizeof(newer), &life), 1, "a longer one");
	for (size_t cut = 0; cut < len; cut++) {
		memcpy(copy, &newer, cut);
		good &= parse_life_record(copy, cut, &life) == -EBADMSG;
	}
	ok(good, "a short one at every length");
	free(copy);
	for (uint8_t step = 1; step <= LIFE_ENDING; step++) {
		newer.record.step = step;
		ok(parse_life_record(&newer, len, &life) == 1 && life.kind == kinds[step],
		   "step %u", step);
	}
	newer.record.step = 0;
	is_u64(parse_life_record(&newer, len, &life), 0, "no step");
	newer.record.step = LIFE_ENDING + 1;
	is_u64(parse_life_record(&newer, len, &life), 0, "a step of a program to come");
	newer.record.family = AF_UNIX;
	ok(parse_life_record(&newer, len, &life) == -EBADMSG, "no family of ours");
}

int main(void)
{
	a_life_record();
	return tap_done();
}
