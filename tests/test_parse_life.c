/* SPDX-License-Identifier: MIT */
/* Records of our programs in the kernel. */
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

static struct subflow_record a_subflow(void)
{
	return (struct subflow_record){
		.socket = { .cookie = 5,
			    .bytes_sent = 600,
			    .bytes_retrans = 100,
			    .bytes_received = 7000,
			    .bytes_acked = 402,
			    .unacked = 130,
			    .unsent = 30,
			    .token = 77,
			    .bound_ifindex = 12,
			    .family = AF_INET,
			    .local_port = htons(40000),
			    .remote_port = htons(443),
			    .local = { 10, 0, 0, 1 },
			    .remote = { 192, 0, 2, 1 },
			    .flags = LIFE_JOIN | LIFE_OURS | LIFE_COMPLETE | LIFE_FIN },
		.rtt_us = 30000,
		.min_rtt_us = 20000,
		.snd_cwnd = 10,
		.snd_mss = 1400,
		.in_flight = 1,
		.rwnd_limited_ms = 40,
		.last_ack_recv_ms = 50,
		.state = 4,
	};
}

static void a_subflow_record(void)
{
	struct {
		struct subflow_record record;
		char more[16];
	} newer = { .record = a_subflow() };
	struct subflow_record *copy = malloc(sizeof(*copy));
	struct subflow_row row;
	bool good = true;

	is_u64(parse_subflow_record(&newer, sizeof(newer), &row), 1, "the first of several");
	ok(row.cookie == 5 && row.token == 77 && row.bound_ifindex == 12 && row.state == 4, "who");
	ok(row.tuple.local_port == 40000 && row.tuple.remote_port == 443 &&
		   row.tuple.local.family == AF_INET && row.tuple.remote.bytes[2] == 2,
	   "its addresses");
	ok(row.join && row.ours && row.complete && !row.backup && !row.muted, "flags");
	is_u64(row.octets.out, 500, "octets that were sent, without SYN and resends");
	ok(row.octets.in == 7000 && row.octets.retrans == 100 && row.octets.sent == 600, "the others");
	ok(row.pending && !row.full, "one segment is on its way");
	ok(row.rtt_us == 30000 && row.min_rtt_us == 20000, "round trips");
	ok(row.rwnd_limited_ms == 40 && row.acked_ago_ms == 50, "times");
	newer.record.in_flight = 7;
	newer.record.min_rtt_us = UINT32_MAX;
	newer.record.muted = 1;
	newer.record.socket.flags = LIFE_BACKUP;
	parse_subflow_record(&newer, sizeof(newer), &row);
	ok(row.full && !row.min_rtt_us && row.muted && row.backup && !row.ours, "otherwise");
	newer.record.in_flight = 0;
	newer.record.socket.unsent = 10 * 1400;
	parse_subflow_record(&newer, sizeof(newer), &row);
	ok(row.full && !row.pending, "a window waits");
	for (size_t cut = 0; cut < sizeof(*copy); cut++) {
		memcpy(copy, &newer, cut);
		good &= parse_subflow_record(copy, cut, &row) == -EBADMSG;
	}
	ok(good, "a short one at every length");
	free(copy);
	newer.record.socket.family = AF_INET6;
	newer.record.socket.local[15] = 9;
	ok(parse_subflow_record(&newer, sizeof(newer), &row) == 1 &&
		   row.tuple.local.family == AF_INET6 && row.tuple.local.bytes[15] == 9,
	   "IPv6");
	newer.record.socket.family = AF_UNIX;
	ok(parse_subflow_record(&newer, sizeof(newer), &row) == -EBADMSG, "no family of ours");
}

int main(void)
{
	a_life_record();
	a_subflow_record();
	return tap_done();
}
