/* SPDX-License-Identifier: MIT */
/* Records of our programs in the kernel: lib/bpf/subflow.h. */
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

static bool is_ip(const struct life_record *record)
{
	return record->family == AF_INET || record->family == AF_INET6;
}

static void read_tuple(const struct life_record *record, struct tuple *out)
{
	*out = (struct tuple){
		.local = address_from(record->family, record->local),
		.remote = address_from(record->family, record->remote),
		.local_port = ntohs(record->local_port),
		.remote_port = ntohs(record->remote_port),
	};
}

static struct octets read_octets(const struct life_record *record)
{
	const struct tcp_counters counters = {
		.bytes_sent = record->bytes_sent,
		.bytes_retrans = record->bytes_retrans,
		.bytes_received = record->bytes_received,
		.bytes_acked = record->bytes_acked,
		.unacked = record->unacked,
		.unsent = record->unsent,
		.syn = record->flags & LIFE_OURS,
		.fin = record->flags & LIFE_FIN,
	};

	return octets_of(&counters);
}

int parse_life_record(const void *buf, size_t len, struct life *out)
{
	struct life_record record;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(record))
		return -EBADMSG;
	memcpy(&record, buf, sizeof(record));
	if (!is_ip(&record))
		return -EBADMSG;
	if (record.step >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[record.step])
		return 0;
	*out = (struct life){
		.kind = kinds[record.step],
		.cookie = record.cookie,
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
		.octets = read_octets(&record),
	};
	read_tuple(&record, &out->tuple);
	return 1;
}

int parse_subflow_record(const void *buf, size_t len, struct subflow_row *out)
{
	struct subflow_record record;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(record))
		return -EBADMSG;
	memcpy(&record, buf, sizeof(record));
	if (!is_ip(&record.socket))
		return -EBADMSG;
	*out = (struct subflow_row){
		.cookie = record.socket.cookie,
		.bound_ifindex = record.socket.bound_ifindex,
		.state = record.state,
		.token = record.socket.token,
		.join = record.socket.flags & LIFE_JOIN,
		.backup = record.socket.flags & LIFE_BACKUP,
		.ours = record.socket.flags & LIFE_OURS,
		.complete = record.socket.flags & LIFE_COMPLETE,
		.full = window_full(record.snd_cwnd, record.snd_mss, record.in_flight,
				    record.socket.unsent),
		.pending = record.in_flight,
		.octets = read_octets(&record.socket),
		.rtt_us = record.rtt_us,
		/* The kernel starts with "no sample yet" as the greatest value. */
		.min_rtt_us = record.min_rtt_us == UINT32_MAX ? 0 : record.min_rtt_us,
		.rwnd_limited_ms = record.rwnd_limited_ms,
		.acked_ago_ms = record.last_ack_recv_ms,
		.muted = record.muted,
	};
	read_tuple(&record.socket, &out->tuple);
	return 1;
}
