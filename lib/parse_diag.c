/* SPDX-License-Identifier: MIT */
/*
 * sock_diag: TCP sockets with tcp_info and the MPTCP block of their ULP info, MPTCP sockets with
 * mptcp_info, and the destroy messages. tcp_info and mptcp_info grow with the kernel: read by
 * attribute length, with offsets of our own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/parse.h"

/* include/uapi/linux/tcp.h: offsets in struct tcp_info, equal on all architectures. */
enum {
	INFO_SND_MSS = 16,
	INFO_UNACKED = 24,
	INFO_LAST_ACK_RECV = 56,
	INFO_RTT = 68,
	INFO_SND_CWND = 80,
	INFO_BYTES_ACKED = 120,
	INFO_BYTES_RECEIVED = 128,
	INFO_SEGS_OUT = 136,
	INFO_SEGS_IN = 140,
	INFO_NOTSENT = 144,
	INFO_MIN_RTT = 148,
	INFO_RWND_LIMITED = 176, /* microseconds */
	INFO_BYTES_SENT = 200,
	INFO_BYTES_RETRANS = 208
};

/* include/uapi/linux/mptcp.h: offsets in struct mptcp_info. */
enum {
	MSK_SUBFLOWS = 0,
	MSK_ADD_ADDR_ACCEPTED = 2,
	MSK_SUBFLOWS_MAX = 3,
	MSK_ADD_ADDR_ACCEPTED_MAX = 5,
	MSK_FLAGS = 8,
	MSK_TOKEN = 12
};
enum { MSK_FLAG_FALLBACK = 1 };

enum { SUBFLOW_TOKEN_LOC = 2, SUBFLOW_FLAGS = 8 };
enum {
	SUBFLOW_MCAP_LOC = 2,
	SUBFLOW_JOIN_REM = 4,
	SUBFLOW_JOIN_LOC = 8,
	SUBFLOW_BKUP_REM = 16,
	SUBFLOW_BKUP_LOC = 32,
	SUBFLOW_FULLY_ESTABLISHED = 64
};

/* Of a block that is known to be long enough. */
static uint32_t info_u32(const uint8_t *info, size_t offset)
{
	uint32_t value;

	memcpy(&value, info + offset, sizeof(value));
	return value;
}

static uint64_t info_u64(const uint8_t *info, size_t offset)
{
	uint64_t value;

	memcpy(&value, info + offset, sizeof(value));
	return value;
}

/*
 * The octets came with Linux 4.19, before MPTCP, and are the last that we read: a tcp_info that is
 * shorter is a broken one, NULL.
 */
static const uint8_t *tcp_info_of(const struct nlattr *attr)
{
	if (!attr || mnl_attr_get_payload_len(attr) < INFO_BYTES_RETRANS + sizeof(uint64_t))
		return NULL;
	return mnl_attr_get_payload(attr);
}

struct octets octets_of(const struct tcp_counters *tcp)
{
	uint64_t counted =
		tcp->bytes_sent > tcp->bytes_retrans ? tcp->bytes_sent - tcp->bytes_retrans : 0;
	uint32_t in_flight = tcp->unacked > tcp->unsent ? tcp->unacked - tcp->unsent : 0;
	uint64_t sequence = tcp->bytes_acked + in_flight,
		 no_payload = tcp->syn + (tcp->fin && !tcp->unsent);

	sequence = sequence > no_payload ? sequence - no_payload : 0;
	return (struct octets){
		.out = sequence < counted ? sequence : counted,
		.retrans = tcp->bytes_retrans,
		.in = tcp->bytes_received,
		.sent = tcp->bytes_sent,
	};
}

static uint64_t id_cookie(const struct inet_diag_sockid *id)
{
	return (uint64_t)id->idiag_cookie[1] << 32 | id->idiag_cookie[0];
}

/* *out is all zero. */
static void read_tuple(const struct inet_diag_msg *msg, struct tuple *out)
{
	const struct inet_diag_sockid *id = &msg->id;

	out->local_port = ntohs(id->idiag_sport);
	out->remote_port = ntohs(id->idiag_dport);
	address_pair(msg->idiag_family, id->idiag_src, id->idiag_dst, out);
}

/* NULL when it is not a whole inet_diag message of IPv4 or IPv6. */
static const struct inet_diag_msg *diag_header(const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *msg = netlink_header(nlh, sizeof(*msg));

	return msg && (msg->idiag_family == AF_INET || msg->idiag_family == AF_INET6) ? msg : NULL;
}

static bool has_fin(uint8_t state)
{
	return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_LAST_ACK ||
	       state == TCP_CLOSING;
}

static struct octets info_octets(const struct inet_diag_msg *msg, const uint8_t *info, bool syn,
				 bool fin)
{
	const struct tcp_counters counters = {
		.bytes_sent = info_u64(info, INFO_BYTES_SENT),
		.bytes_retrans = info_u64(info, INFO_BYTES_RETRANS),
		.bytes_received = info_u64(info, INFO_BYTES_RECEIVED),
		.bytes_acked = info_u64(info, INFO_BYTES_ACKED),
		.unacked = msg->idiag_wqueue,
		.unsent = info_u32(info, INFO_NOTSENT),
		.syn = syn,
		.fin = fin,
	};

	return octets_of(&counters);
}

/* The MPTCP part of the ULP block, when this socket is a subflow: 1, 0 or -EBADMSG. */
static int read_ulp(const struct nlattr *ulp, struct subflow_row *out)
{
	const struct nlattr *mptcp[INET_ULP_INFO_MPTCP + 1] = { NULL },
							 *found[SUBFLOW_FLAGS + 1] = { NULL };
	uint32_t flags = 0;

	netlink_pick_nested(ulp, 1 << INET_ULP_INFO_MPTCP, mptcp);
	if (!mptcp[INET_ULP_INFO_MPTCP])
		return 0;
	netlink_pick_nested(mptcp[INET_ULP_INFO_MPTCP], 1 << SUBFLOW_TOKEN_LOC | 1 << SUBFLOW_FLAGS,
			    found);
	if (found[SUBFLOW_TOKEN_LOC] && !attr_u32(found[SUBFLOW_TOKEN_LOC], &out->token))
		return -EBADMSG;
	if (found[SUBFLOW_FLAGS] && !attr_u32(found[SUBFLOW_FLAGS], &flags))
		return -EBADMSG;
	out->ours = flags & (SUBFLOW_MCAP_LOC | SUBFLOW_JOIN_LOC);
	out->complete = flags & SUBFLOW_FULLY_ESTABLISHED;
	out->join = flags & (SUBFLOW_JOIN_LOC | SUBFLOW_JOIN_REM);
	out->backup = flags & (SUBFLOW_BKUP_LOC | SUBFLOW_BKUP_REM);
	return 1;
}

bool window_full(uint32_t snd_cwnd, uint32_t snd_mss, uint32_t unacked, uint32_t notsent_bytes)
{
	uint64_t cwnd = snd_cwnd, mss = snd_mss, in_flight = unacked;

	return cwnd && (in_flight * mss + notsent_bytes >= cwnd * mss || in_flight * 10 >= cwnd * 7);
}

static void read_pressure(const uint8_t *info, struct subflow_row *out)
{
	out->full = window_full(info_u32(info, INFO_SND_CWND), info_u32(info, INFO_SND_MSS),
				info_u32(info, INFO_UNACKED), info_u32(info, INFO_NOTSENT));
	out->pending = info_u32(info, INFO_UNACKED);
	out->rwnd_limited_ms = (uint32_t)(info_u64(info, INFO_RWND_LIMITED) / 1000);
	out->acked_ago_ms = info_u32(info, INFO_LAST_ACK_RECV);
}

int parse_subflow(const struct nlmsghdr *nlh, struct subflow_row *out, bool *plain)
{
	const struct inet_diag_msg *msg = diag_header(nlh);
	const struct nlattr *found[INET_DIAG_ULP_INFO + 1] = { NULL };
	const uint8_t *info;
	int is_subflow;

	memset(out, 0, sizeof(*out));
	*plain = false;
	if (!msg)
		return -EBADMSG;
	netlink_pick(nlh, sizeof(*msg), 1 << INET_DIAG_INFO | 1 << INET_DIAG_ULP_INFO, found);
	if (!found[INET_DIAG_ULP_INFO]) {
		*plain = true;
		return 0;
	}
	is_subflow = read_ulp(found[INET_DIAG_ULP_INFO], out);
	if (is_subflow <= 0)
		return is_subflow;
	out->cookie = id_cookie(&msg->id);
	read_tuple(msg, &out->tuple);
	out->bound_ifindex = msg->id.idiag_if;
	out->state = msg->idiag_state;
	info = tcp_info_of(found[INET_DIAG_INFO]);
	if (!info)
		return -EBADMSG;
	out->octets = info_octets(msg, info, out->ours, has_fin(msg->idiag_state));
	read_pressure(info, out);
	out->rtt_us = info_u32(info, INFO_RTT);
	out->min_rtt_us = info_u32(info, INFO_MIN_RTT);
	/* The kernel starts with "no sample yet" as the greatest value. */
	if (out->min_rtt_us == UINT32_MAX)
		out->min_rtt_us = 0;
	return 1;
}

/* The block of what the protocol has to tell, or NULL. */
static const struct nlattr *diag_info(const struct nlmsghdr *nlh)
{
	const struct nlattr *found[INET_DIAG_INFO + 1] = { NULL };

	netlink_pick(nlh, sizeof(struct inet_diag_msg), 1 << INET_DIAG_INFO, found);
	return found[INET_DIAG_INFO];
}

uint64_t parse_cookie(const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *msg = netlink_header(nlh, sizeof(*msg));

	return msg ? id_cookie(&msg->id) : 0;
}

int parse_destroy(const struct nlmsghdr *nlh, struct life *out)
{
	const struct inet_diag_msg *msg = diag_header(nlh);
	const uint8_t *info;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	if (!msg)
		return -EBADMSG;
	info = tcp_info_of(diag_info(nlh));
	if (!info)
		return 0;
	out->kind = ENDED;
	out->cookie = id_cookie(&msg->id);
	read_tuple(msg, &out->tuple);
	out->bound_ifindex = msg->id.idiag_if;
	/*
	 * tcp_disconnect() of the MPTCP worker has been here: net/mptcp/protocol.c,
	 * __mptcp_subflow_disconnect().
	 */
	out->cleared = !msg->id.idiag_dport;
	out->stillborn = !out->cleared && !info_u32(info, INFO_SEGS_OUT) &&
			 info_u32(info, INFO_SEGS_IN) <= 1;
	/*
	 * Neither who connected nor whether there was a FIN is known any more: octets_of() finds
	 * out in most cases.
	 */
	out->octets = info_octets(msg, info, false, false);
	return 1;
}

int parse_connection(const struct nlmsghdr *nlh, struct connection_row *out)
{
	const struct inet_diag_msg *msg = diag_header(nlh);
	const struct nlattr *attr;
	const uint8_t *info;

	memset(out, 0, sizeof(*out));
	if (!msg)
		return -EBADMSG;
	attr = diag_info(nlh);
	if (!attr || mnl_attr_get_payload_len(attr) < MSK_TOKEN + sizeof(uint32_t))
		return -EBADMSG;
	info = mnl_attr_get_payload(attr);
	out->state = msg->idiag_state;
	out->token = info_u32(info, MSK_TOKEN);
	out->fallback = info_u32(info, MSK_FLAGS) & MSK_FLAG_FALLBACK;
	out->both_families = msg->idiag_family == AF_INET6;
	out->remote = address_from(msg->idiag_family, msg->id.idiag_dst);
	out->remote_port = ntohs(msg->id.idiag_dport);
	out->addresses_accepted = info[MSK_ADD_ADDR_ACCEPTED];
	out->addresses_accepted_max = info[MSK_ADD_ADDR_ACCEPTED_MAX];
	out->extra_subflows = (struct maybe_u32){ true, info[MSK_SUBFLOWS] };
	/*
	 * Filled for the in-kernel path manager only; with a userspace one it is zero and says
	 * nothing.
	 */
	out->extra_subflows_max =
		(struct maybe_u32){ info[MSK_SUBFLOWS_MAX] != 0, info[MSK_SUBFLOWS_MAX] };
	return 1;
}
