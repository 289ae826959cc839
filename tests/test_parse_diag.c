/* SPDX-License-Identifier: MIT */
/*
 * Sockets: what their counters say of their octets, rows of dumps, and destroy messages. Messages
 * are built from the kernel's own headers, the parser has offsets of its own: they must agree.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/parse.h"
#include "tests/message.h"
#include "tests/tap.h"

enum { ESTABLISHED = 1, FIN_WAIT1 = 4, CLOSE_WAIT = 8 };

static const struct {
	const char *what;
	struct tcp_counters tcp;
	struct octets want;
} table[] = {
	{ "nothing yet", { 0 }, { .out = 0 } },
	{ "our SYN alone", { .bytes_acked = 1, .syn = true }, { .out = 0 } },
	{ "a SYN in flight", { .unacked = 1, .syn = true }, { .out = 0 } },
	{ "all acknowledged, we connected",
	  { .bytes_sent = 1000, .bytes_acked = 1001, .syn = true },
	  { .out = 1000 } },
	{ "all acknowledged, they connected",
	  { .bytes_sent = 1000, .bytes_acked = 1000 },
	  { .out = 1000 } },
	{ "SYN and FIN acknowledged",
	  { .bytes_sent = 1000, .bytes_acked = 1002, .syn = true, .fin = true },
	  { .out = 1000 } },
	{ "FIN in flight",
	  { .bytes_sent = 1000, .bytes_acked = 600, .unacked = 401, .fin = true },
	  { .out = 1000 } },
	{ "FIN waits behind what is unsent",
	  { .bytes_sent = 1000, .bytes_acked = 600, .unacked = 701, .unsent = 301, .fin = true },
	  { .out = 1000 } },
	{ "in flight",
	  { .bytes_sent = 1000, .bytes_acked = 300, .unacked = 700 },
	  { .out = 1000 } },
	{ "in flight and unsent",
	  { .bytes_sent = 1000, .bytes_acked = 300, .unacked = 1700, .unsent = 1000 },
	  { .out = 1000 } },
	{ "sent again",
	  { .bytes_sent = 1300, .bytes_retrans = 300, .bytes_acked = 1000 },
	  { .out = 1000, .retrans = 300, .in = 0 } },
	{ "refused by a queue of ours: counted as sent at each try",
	  { .bytes_sent = 5000,
	    .bytes_retrans = 100,
	    .bytes_acked = 1000,
	    .unacked = 400,
	    .unsent = 400 },
	  { .out = 1000, .retrans = 100, .in = 0 } },
	{ "sent again before it is counted as sent",
	  { .bytes_sent = 100, .bytes_retrans = 300, .bytes_acked = 100 },
	  { .out = 0, .retrans = 300, .in = 0 } },
	{ "unsent read later than unacked",
	  { .bytes_sent = 1000, .bytes_acked = 1000, .unacked = 5, .unsent = 9 },
	  { .out = 1000 } },
	{ "beyond 32 bits",
	  { .bytes_sent = UINT64_C(1) << 40,
	    .bytes_acked = UINT64_C(1) << 40,
	    .bytes_received = UINT64_C(3) << 40 },
	  { .out = UINT64_C(1) << 40, .in = UINT64_C(3) << 40 } },
	{ "sequence numbers that wrapped: differences are of 32 bits",
	  { .bytes_sent = UINT32_MAX, .unacked = UINT32_MAX, .unsent = 0 },
	  { .out = UINT32_MAX } },
};

static void octets(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct octets got = octets_of(&table[i].tcp);

		is_u64(got.out, table[i].want.out, "%s", table[i].what);
		is_u64(got.retrans, table[i].want.retrans, "... sent again");
		is_u64(got.in, table[i].want.in, "... received");
		is_u64(got.sent, table[i].tcp.bytes_sent, "... as counted by TCP");
	}
}

static const struct tcp_info info = {
	.tcpi_rtt = 30000,
	.tcpi_min_rtt = 20000,
	.tcpi_bytes_acked = 501,
	.tcpi_bytes_received = 7000,
	.tcpi_notsent_bytes = 40,
	.tcpi_bytes_sent = 600,
	.tcpi_bytes_retrans = 100,
	.tcpi_segs_out = 9,
	.tcpi_segs_in = 9,
};

static struct nlmsghdr *socket_message(uint8_t state)
{
	const struct inet_diag_msg msg = {
		.idiag_family = AF_INET,
		.idiag_state = state,
		.id = { .idiag_sport = htons(40000),
			.idiag_dport = htons(443),
			.idiag_src = { htonl(0x0a000001) },
			.idiag_dst = { htonl(0xc0000201) },
			.idiag_if = 12,
			.idiag_cookie = { 0x89abcdef, 0x01234567 } },
		.idiag_wqueue = 40,
	};
	struct nlmsghdr *nlh = message(SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));

	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 1);
	return nlh;
}

static void put_info(struct nlmsghdr *nlh, const void *data, size_t len)
{
	mnl_attr_put(nlh, INET_DIAG_INFO, len, data);
}

static void put_ulp(struct nlmsghdr *nlh, uint32_t flags)
{
	struct nlattr *ulp = mnl_attr_nest_start(nlh, INET_DIAG_ULP_INFO), *mptcp;

	mnl_attr_put_strz(nlh, INET_ULP_INFO_NAME, "mptcp");
	mptcp = mnl_attr_nest_start(nlh, INET_ULP_INFO_MPTCP);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_REM, 66);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_LOC, 77);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_FLAGS, flags);
	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 1);
	mnl_attr_nest_end(nlh, mptcp);
	mnl_attr_nest_end(nlh, ulp);
}

static struct nlmsghdr *subflow_message(uint32_t flags)
{
	struct nlmsghdr *nlh = socket_message(ESTABLISHED);

	put_info(nlh, &info, sizeof(info));
	put_ulp(nlh, flags);
	return nlh;
}

static int subflow_of(const struct nlmsghdr *nlh)
{
	bool plain;

	return parse_subflow(nlh, &(struct subflow_row){ 0 }, &plain);
}

static int destroy_of(const struct nlmsghdr *nlh)
{
	return parse_destroy(nlh, &(struct life){ 0 });
}

static int connection_of(const struct nlmsghdr *nlh)
{
	return parse_connection(nlh, &(struct connection_row){ 0 });
}

static void a_subflow(void)
{
	struct nlmsghdr *nlh =
		subflow_message(MPTCP_SUBFLOW_FLAG_JOIN_LOC | MPTCP_SUBFLOW_FLAG_BKUP_REM);
	struct subflow_row row;
	bool plain;

	is_u64(parse_subflow(nlh, &row, &plain), 1, "subflow");
	is_u64(row.cookie, UINT64_C(0x0123456789abcdef), "cookie");
	ok(row.tuple.local_port == 40000 && row.tuple.remote_port == 443, "ports");
	ok(row.tuple.local.bytes[3] == 1 && row.tuple.remote.bytes[0] == 192, "addresses");
	ok(row.token == 77 && row.bound_ifindex == 12 && row.state == ESTABLISHED, "token, device");
	ok(row.join && row.backup && !plain, "a join of ours, backup on the far side");
	is_u64(row.octets.out, 500, "sent, without the SYN");
	is_u64(row.octets.retrans, 100, "sent again");
	is_u64(row.octets.in, 7000, "received");
	ok(row.rtt_us == 30000 && row.min_rtt_us == 20000, "round trip");
	never_reads_beyond(nlh, subflow_of, "subflow");

	is_u64(parse_subflow(subflow_message(0), &row, &plain), 1, "accepted, first subflow");
	is_u64(row.octets.out, 500, "its octets are bounded by what was sent");
	ok(!row.join && !row.backup, "no join, no backup");
}

static struct subflow_row row_of(const struct tcp_info *tcp, uint32_t flags)
{
	struct nlmsghdr *nlh = socket_message(ESTABLISHED);
	struct subflow_row row;
	bool plain;

	put_info(nlh, tcp, sizeof(*tcp));
	put_ulp(nlh, flags);
	parse_subflow(nlh, &row, &plain);
	return row;
}

/* Busy time says nothing where there is a round trip; what waits and what flies do. */
static void a_full_sender(void)
{
	static const struct {
		const char *what;
		struct tcp_info tcp;
		bool full;
	} senders[] = {
		{ "nothing waits",
		  { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_unacked = 6 },
		  false },
		{ "0.7 of the window is in flight",
		  { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_unacked = 7 },
		  true },
		{ "less than a window waits",
		  { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_notsent_bytes = 9999 },
		  false },
		{ "a window waits",
		  { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_notsent_bytes = 10000 },
		  true },
		{ "no window told", { .tcpi_unacked = 7, .tcpi_notsent_bytes = 10000 }, false },
		{ "numbers beyond 32 bits",
		  { .tcpi_snd_cwnd = 1 << 20, .tcpi_snd_mss = 1 << 13, .tcpi_notsent_bytes = 1 },
		  false },
	};

	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
		is_u64(row_of(&senders[i].tcp, 0).full, senders[i].full, "%s", senders[i].what);
}

static void what_waits_for_an_ack(void)
{
	struct tcp_info tcp = { .tcpi_unacked = 1,
				.tcpi_last_ack_recv = 4321,
				.tcpi_rwnd_limited = 7999 };
	struct subflow_row row = row_of(&tcp, 0);

	ok(row.pending && row.acked_ago_ms == 4321, "one segment, since the last ACK");
	is_u64(row.rwnd_limited_ms, 7, "microseconds become milliseconds");
	tcp.tcpi_unacked = 0;
	ok(!row_of(&tcp, 0).pending, "nothing waits");
}

static void who_opened_it_and_how_far(void)
{
	const struct tcp_info tcp = { 0 };
	static const struct {
		uint32_t flags;
		bool ours, join, complete;
	} rows[] = {
		{ MPTCP_SUBFLOW_FLAG_MCAP_LOC, true, false, false },
		{ MPTCP_SUBFLOW_FLAG_MCAP_REM, false, false, false },
		{ MPTCP_SUBFLOW_FLAG_MCAP_LOC | MPTCP_SUBFLOW_FLAG_MCAP_REM, true, false, false },
		{ MPTCP_SUBFLOW_FLAG_JOIN_LOC | MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED, true, true,
		  true },
		{ MPTCP_SUBFLOW_FLAG_JOIN_REM, false, true, false },
		{ MPTCP_SUBFLOW_FLAG_CONNECTED | MPTCP_SUBFLOW_FLAG_MAPVALID, false, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct subflow_row row = row_of(&tcp, rows[i].flags);

		ok(row.ours == rows[i].ours && row.join == rows[i].join &&
			   row.complete == rows[i].complete,
		   "flags %#x", rows[i].flags);
	}
}

static void our_fin_is_no_payload(void)
{
	const struct tcp_info sent = { .tcpi_bytes_sent = 1000, .tcpi_bytes_acked = 901 };
	static const struct {
		uint8_t state;
		uint64_t out;
	} states[] = { { ESTABLISHED, 940 }, { CLOSE_WAIT, 940 }, { FIN_WAIT1, 939 } };
	struct subflow_row row;
	bool plain;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct nlmsghdr *nlh = socket_message(states[i].state);

		put_info(nlh, &sent, sizeof(sent));
		put_ulp(nlh, MPTCP_SUBFLOW_FLAG_MCAP_LOC);
		parse_subflow(nlh, &row, &plain);
		is_u64(row.octets.out, states[i].out, "in state %u", states[i].state);
	}
}

static void what_is_no_subflow(void)
{
	struct nlmsghdr *nlh = socket_message(ESTABLISHED);
	struct tcp_info young = info;
	struct subflow_row row;
	struct nlattr *ulp;
	bool plain;

	put_info(nlh, &info, sizeof(info));
	ok(parse_subflow(nlh, &row, &plain) == 0 && plain, "plain TCP");
	ulp = mnl_attr_nest_start(nlh, INET_DIAG_ULP_INFO);
	mnl_attr_put_strz(nlh, INET_ULP_INFO_NAME, "tls");
	mnl_attr_nest_end(nlh, ulp);
	ok(parse_subflow(nlh, &row, &plain) == 0 && !plain, "kernel TLS");

	nlh = socket_message(ESTABLISHED);
	put_info(nlh, &info, 200);
	put_ulp(nlh, 0);
	ok(parse_subflow(nlh, &row, &plain) == -EBADMSG, "tcp_info without bytes_sent");
	nlh = socket_message(ESTABLISHED);
	put_ulp(nlh, 0);
	ok(parse_subflow(nlh, &row, &plain) == -EBADMSG, "no tcp_info at all");

	young.tcpi_min_rtt = UINT32_MAX;
	nlh = socket_message(ESTABLISHED);
	put_info(nlh, &young, sizeof(young));
	put_ulp(nlh, 0);
	ok(parse_subflow(nlh, &row, &plain) == 1 && !row.min_rtt_us, "no round trip measured yet");
}

static void a_newer_kernel_tells_more(void)
{
	struct {
		struct tcp_info info;
		uint8_t more[64];
	} newer = { .info = info };
	struct nlmsghdr *nlh = socket_message(ESTABLISHED);
	struct subflow_row row;
	bool plain;

	memset(newer.more, 0xff, sizeof(newer.more));
	put_info(nlh, &newer, sizeof(newer));
	put_ulp(nlh, 0);
	ok(parse_subflow(nlh, &row, &plain) == 1 && row.octets.in == 7000, "longer tcp_info");
}

static void mapped_addresses_are_ipv4(void)
{
	const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 };
	struct nlmsghdr *nlh = subflow_message(0);
	struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct subflow_row row;
	bool plain;

	msg->idiag_family = AF_INET6;
	memcpy(msg->id.idiag_src, mapped, sizeof(mapped));
	memcpy(msg->id.idiag_dst, mapped, sizeof(mapped));
	is_u64(parse_subflow(nlh, &row, &plain), 1, "a dual-stack listener's client");
	ok(row.tuple.local.family == AF_INET && row.tuple.local.bytes[3] == 7, "is IPv4");
	msg->idiag_family = AF_UNIX;
	ok(parse_subflow(nlh, &row, &plain) == -EBADMSG, "another family is no row of ours");
}

static void a_destroy_message(void)
{
	struct nlmsghdr *nlh = socket_message(7);
	struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct tcp_info still = { .tcpi_segs_in = 1 };
	struct life life;

	is_u64(parse_destroy(nlh, &life), 0, "without counters it says nothing");
	put_info(nlh, &info, sizeof(info));
	is_u64(parse_destroy(nlh, &life), 1, "destroy message");
	ok(life.kind == ENDED && life.cookie == UINT64_C(0x0123456789abcdef), "an ending");
	ok(!life.mptcp && !life.cleared && !life.stillborn, "of whichever TCP socket");
	ok(life.octets.out == 500 && life.octets.in == 7000 && life.octets.retrans == 100,
	   "octets");
	ok(life.tuple.local_port == 40000 && life.bound_ifindex == 12, "four-tuple");
	never_reads_beyond(nlh, destroy_of, "destroy message");
	nlh->nlmsg_type = NLMSG_DONE;
	is_u64(parse_destroy(nlh, &life), 0, "not of sock_diag");

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	msg->id.idiag_dport = 0;
	ok(parse_destroy(nlh, &life) == 1 && life.cleared && !life.stillborn,
	   "no far end: cleared by the kernel, or a listener");
	nlh = socket_message(7);
	put_info(nlh, &still, sizeof(still));
	ok(parse_destroy(nlh, &life) == 1 && life.stillborn, "never took part in anything");
}

static void a_connection(void)
{
	struct mptcp_info msk = { .mptcpi_subflows = 3,
				  .mptcpi_subflows_max = 3,
				  .mptcpi_add_addr_signal = 9,
				  .mptcpi_add_addr_accepted = 1,
				  .mptcpi_add_addr_signal_max = 9,
				  .mptcpi_add_addr_accepted_max = 4,
				  .mptcpi_token = 77,
				  .mptcpi_flags = MPTCP_INFO_FLAG_FALLBACK };
	struct nlmsghdr *nlh = socket_message(ESTABLISHED);
	struct connection_row row;

	ok(parse_connection(nlh, &row) == -EBADMSG, "a connection without its block");
	put_info(nlh, &msk, sizeof(msk));
	is_u64(parse_connection(nlh, &row), 1, "connection");
	ok(row.token == 77 && row.state == ESTABLISHED && row.fallback, "in fallback");
	ok(row.extra_subflows.known && row.extra_subflows.value == 3, "extra subflows");
	ok(row.extra_subflows_max.known && row.extra_subflows_max.value == 3, "its limit");
	ok(row.addresses_accepted == 1 && row.addresses_accepted_max == 4, "announced addresses");
	ok(row.remote.family == AF_INET && row.remote.bytes[0] == 192, "its far end");
	never_reads_beyond(nlh, connection_of, "connection");

	msk.mptcpi_subflows_max = 0;
	msk.mptcpi_flags = MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED;
	nlh = socket_message(CLOSE_WAIT);
	put_info(nlh, &msk, sizeof(msk));
	ok(parse_connection(nlh, &row) == 1 && !row.fallback && !row.extra_subflows_max.known,
	   "a userspace path manager has no limit to tell");
	nlh = socket_message(ESTABLISHED);
	put_info(nlh, &msk, 15);
	ok(parse_connection(nlh, &row) == -EBADMSG, "too short for the token");
}

int main(void)
{
	octets();
	a_subflow();
	a_full_sender();
	what_waits_for_an_ack();
	who_opened_it_and_how_far();
	our_fin_is_no_payload();
	what_is_no_subflow();
	a_newer_kernel_tells_more();
	mapped_addresses_are_ipv4();
	a_destroy_message();
	a_connection();
	return tap_done();
}
