/* SPDX-License-Identifier: MIT */
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bpf/subflow.h"
#include "tests/fake_source.h"

void fake_add_record(struct fake *fake, const struct fake_subflow *subflow,
		     const struct inet_diag_msg *msg, const struct tcp_info *info)
{
	static const struct { uint32_t told; uint8_t is; } flags[] = {
		{ MPTCP_SUBFLOW_FLAG_MCAP_LOC, LIFE_OURS },
		{ MPTCP_SUBFLOW_FLAG_JOIN_LOC, LIFE_OURS | LIFE_JOIN },
		{ MPTCP_SUBFLOW_FLAG_JOIN_REM, LIFE_JOIN | LIFE_JOINED },
		{ MPTCP_SUBFLOW_FLAG_BKUP_REM, LIFE_BACKUP },
		{ MPTCP_SUBFLOW_FLAG_BKUP_LOC, LIFE_BACKUP },
		{ MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED, LIFE_COMPLETE },
	};
	struct subflow_record record = {
		.socket = {
			.cookie = subflow->cookie,
			.bytes_sent = info->tcpi_bytes_sent,
			.bytes_retrans = info->tcpi_bytes_retrans,
			.bytes_received = info->tcpi_bytes_received,
			.bytes_acked = info->tcpi_bytes_acked,
			.unsent = info->tcpi_notsent_bytes,
			.token = subflow->token,
			.family = msg->idiag_family,
			.local_port = msg->id.idiag_sport,
			.remote_port = msg->id.idiag_dport,
		},
		.rtt_us = info->tcpi_rtt,
		.min_rtt_us = info->tcpi_min_rtt,
		.snd_cwnd = info->tcpi_snd_cwnd,
		.snd_mss = info->tcpi_snd_mss,
		.in_flight = info->tcpi_unacked,
		.last_ack_recv_ms = info->tcpi_last_ack_recv,
		.state = msg->idiag_state,
		.muted = subflow->muted,
	};

	if (FAKE_BYTES - fake->walked.len < sizeof(record))
		abort(); /* a script too long: raise FAKE_BYTES */
	memcpy(record.socket.local, msg->id.idiag_src, sizeof(record.socket.local));
	memcpy(record.socket.remote, msg->id.idiag_dst, sizeof(record.socket.remote));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (subflow->flags & flags[i].told)
			record.socket.flags |= flags[i].is;
	memcpy(fake->walked.bytes + fake->walked.len, &record, sizeof(record));
	fake->walked.len += sizeof(record);
}
