/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "lib/parse.h"

static const enum life_kind kinds[] = {
	[LIFE_ATTEMPT] = ATTEMPTED,
	[LIFE_BIRTH] = BORN,
	[LIFE_FAILURE] = FAILED,
	[LIFE_ENDING] = ENDED,
};

int parse_life_record(const void *buf, size_t len, struct life *out)
{
	struct life_record record;
	struct tcp_counters counters;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(record))
		return -EBADMSG;
	memcpy(&record, buf, sizeof(record));
	if (record.family != AF_INET && record.family != AF_INET6)
		return -EBADMSG;
	if (record.step >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[record.step])
		return 0;
	counters = (struct tcp_counters){
		.bytes_sent = record.bytes_sent,
		.bytes_retrans = record.bytes_retrans,
		.bytes_received = record.bytes_received,
		.bytes_acked = record.bytes_acked,
		.unacked = record.unacked,
		.unsent = record.unsent,
		.syn = record.flags & LIFE_OURS,
		.fin = record.flags & LIFE_FIN,
	};
	*out = (struct life){
		.kind = kinds[record.step],
		.cookie = record.cookie,
		.tuple = {
			.local = address_from(record.family, record.local),
			.remote = address_from(record.family, record.remote),
			.local_port = ntohs(record.local_port),
			.remote_port = ntohs(record.remote_port),
		},
		.token = record.token,
		.bound_ifindex = record.bound_ifindex,
		.error = record.error,
		.join = record.flags & LIFE_JOIN,
		.joined = record.flags & LIFE_JOINED,
		.complete = record.flags & LIFE_COMPLETE,
		.ours = record.flags & LIFE_OURS,
		.mptcp = true,
		.over = record.flags & LIFE_OVER,
		.plain = record.flags & LIFE_PLAIN,
	};
	out->octets = octets_of(&counters);
	return 1;
}
