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

/* *out is all zero. */
static void read_tuple(const struct life_record *record, struct tuple *out)
{
	address_pair(record->family, record->local, record->remote, out);
	out->local_port = ntohs(record->local_port);
	out->remote_port = ntohs(record->remote_port);
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
	out->kind = kinds[record.step];
	out->cookie = record.cookie;
	out->token = record.token;
	out->bound_ifindex = record.bound_ifindex;
	out->error = record.error;
	out->join = record.flags & LIFE_JOIN;
	out->joined = record.flags & LIFE_JOINED;
	out->complete = record.flags & LIFE_COMPLETE;
	out->ours = record.flags & LIFE_OURS;
	out->mptcp = true;
	out->over = record.flags & LIFE_OVER;
	out->plain = record.flags & LIFE_PLAIN;
	out->octets = read_octets(&record);
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
	out->cookie = record.socket.cookie;
	out->bound_ifindex = record.socket.bound_ifindex;
	out->state = record.state;
	out->token = record.socket.token;
	out->join = record.socket.flags & LIFE_JOIN;
	out->backup = record.socket.flags & LIFE_BACKUP;
	out->ours = record.socket.flags & LIFE_OURS;
	out->complete = record.socket.flags & LIFE_COMPLETE;
	out->full = window_full(record.snd_cwnd, record.snd_mss, record.in_flight, record.socket.unsent);
	out->pending = record.in_flight;
	out->octets = read_octets(&record.socket);
	out->rtt_us = record.rtt_us;
	/* The kernel starts with "no sample yet" as the greatest value. */
	out->min_rtt_us = record.min_rtt_us == UINT32_MAX ? 0 : record.min_rtt_us;
	out->rwnd_limited_ms = record.rwnd_limited_ms;
	out->acked_ago_ms = record.last_ack_recv_ms;
	out->muted = record.muted;
	read_tuple(&record.socket, &out->tuple);
	return 1;
}
