/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "tests/fake_source.h"

enum { TCP_STATE_ESTABLISHED = 1, TCP_STATE_CLOSE = 7 };

static struct fake *fake_of(struct source *source)
{
	return (struct fake *)source;
}

static void note(struct fake *fake, char what)
{
	size_t len = strlen(fake->log);

	if (len + 1 < sizeof(fake->log))
		fake->log[len] = what;
}

static int fake_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct fake *fake = fake_of(source);
	struct fake_bytes *answer = &fake->answers[question];
	int error = 0;

	fake->asked[question]++;
	if (question == Q_SUBFLOWS)
		note(fake, 'q');
	if (answer->len)
		error = fn(answer->bytes, answer->len, arg);
	if (question == Q_SUBFLOWS && fake->during_dump)
		fake->during_dump(fake);
	if (fake->interruptions[question]) {
		fake->interruptions[question]--;
		return -EINTR;
	}
	return error ? error : fake->errors[question];
}

/* By cookie and port, as the kernel finds one. */
static bool is_socket(const struct nlmsghdr *nlh, const struct socket_id *id)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);

	return msg->id.idiag_cookie[0] == (uint32_t)id->cookie &&
	       msg->id.idiag_cookie[1] == (uint32_t)(id->cookie >> 32) &&
	       ntohs(msg->id.idiag_sport) == id->tuple.local_port;
}

static int fake_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct fake *fake = fake_of(source);
	const struct fake_bytes *all = &fake->answers[Q_SUBFLOWS];
	struct socket_id id;
	int error = 0;

	note(fake, 'e');
	while (!error && next(arg, &id)) {
		const struct nlmsghdr *nlh;

		fake->asked_each++;
		for (size_t at = 0; at < all->len && !error; at += NLMSG_ALIGN(nlh->nlmsg_len)) {
			nlh = (const struct nlmsghdr *)(all->bytes + at);
			if (is_socket(nlh, &id))
				error = fn(nlh, nlh->nlmsg_len, arg);
		}
	}
	if (fake->during_dump)
		fake->during_dump(fake);
	if (fake->interruptions[Q_SUBFLOWS]) {
		fake->interruptions[Q_SUBFLOWS]--;
		return -EINTR;
	}
	return error ? error : fake->each_error;
}

static int fake_walk(struct source *source, datagram_fn fn, void *arg)
{
	struct fake *fake = fake_of(source);
	int error = 0;

	fake->asked_walk++;
	if (fake->walk_error == -ENOSYS)
		return -ENOSYS;
	note(fake, 'w');
	if (fake->walked.len)
		error = fn(fake->walked.bytes, fake->walked.len, arg);
	if (fake->during_dump)
		fake->during_dump(fake);
	return error ? error : fake->walk_error;
}

static int fake_open(struct source *source, enum stream stream)
{
	fake_of(source)->opened[stream]++;
	return fake_of(source)->refused[stream];
}

/* Life records come one by one, netlink as it was received: several messages at once. */
static int fake_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct fake *fake = fake_of(source);
	struct fake_bytes *queue = &fake->streams[stream];
	size_t step = stream == STREAM_LIFE ? sizeof(struct life_record) : queue->len;
	int losses = fake->losses[stream];

	note(fake, (char)('0' + stream));
	fake->losses[stream] = 0;
	for (size_t at = 0; at < queue->len; at += step)
		fn(queue->bytes + at, step, arg);
	queue->len = 0;
	return losses;
}

static int fake_fd(struct source *source, enum stream stream)
{
	(void)source, (void)stream;
	return -1;
}

static uint64_t fake_now_us(struct source *source)
{
	return fake_of(source)->now_us += 7; /* time goes on */
}

static uint64_t fake_wall_ms(struct source *source)
{
	return fake_of(source)->wall_ms;
}

static void fake_close(struct source *source)
{
	free(fake_of(source));
}

static int fake_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
			  void *arg)
{
	struct {
		struct nlmsghdr nlh;
		char rest[64];
	} message = { 0 };
	uint32_t ifindex = 0;
	int error = fake_of(source)->route ? fake_of(source)->route(query, &ifindex) : -ENOSYS;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&message);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));

	nlh->nlmsg_type = RTM_NEWROUTE;
	route->rtm_type = RTN_UNICAST;
	if (ifindex)
		mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	return error ? error : fn(nlh, nlh->nlmsg_len, arg);
}

static const struct source_ops ops = {
	.ask = fake_ask,
	.ask_each = fake_ask_each,
	.walk = fake_walk,
	.ask_route = fake_ask_route,
	.open = fake_open,
	.drain = fake_drain,
	.fd = fake_fd,
	.now_us = fake_now_us,
	.wall_ms = fake_wall_ms,
	.close = fake_close,
};

struct fake *fake_new(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return NULL;
	fake->source.ops = &ops;
	fake->now_us = 1000000000;
	fake->walk_error = -ENOSYS;
	fake->wall_ms = UINT64_C(1800000000400);
	return fake;
}

/*
 * --- messages ----------------------------------------------------------------------------------
 */

/* Room for a message; finish() says how long it became. */
static struct nlmsghdr *start(struct fake_bytes *to, uint16_t type, const void *header, size_t len)
{
	struct nlmsghdr *nlh;

	if (FAKE_BYTES - to->len < 1024)
		abort(); /* a script too long: raise FAKE_BYTES */
	memset(to->bytes + to->len, 0, 1024);
	nlh = mnl_nlmsg_put_header(to->bytes + to->len);
	nlh->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(nlh, len), header, len);
	return nlh;
}

static void finish(struct fake_bytes *to, const struct nlmsghdr *nlh)
{
	to->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

void fake_forget(struct fake *fake, enum question question)
{
	fake->answers[question].len = 0;
	if (question == Q_SUBFLOWS)
		fake->walked.len = 0;
}

void fake_add_link(struct fake *fake, const struct fake_link *link)
{
	const struct ifinfomsg ifi = {
		.ifi_index = (int)link->ifindex,
		.ifi_flags = IFF_UP | (link->no_carrier ? 0U : (unsigned int)IFF_LOWER_UP),
	};
	const uint64_t stats[30] = { 1, 2, link->in, link->out };
	struct fake_bytes *to = &fake->answers[Q_LINKS];
	struct nlmsghdr *nlh = start(to, RTM_NEWLINK, &ifi, sizeof(ifi));

	mnl_attr_put_strz(nlh, IFLA_IFNAME, link->name);
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, link->no_carrier ? IF_OPER_DOWN : IF_OPER_UP);
	mnl_attr_put(nlh, IFLA_STATS64, sizeof(stats), stats);
	finish(to, nlh);
}

void fake_link(struct fake *fake, uint32_t ifindex, const char *name)
{
	fake_add_link(fake, &(struct fake_link){
				    .ifindex = ifindex, .name = name, .in = 3000, .out = 4000 });
}

void fake_address(struct fake *fake, uint32_t ifindex, uint8_t last)
{
	const struct ifaddrmsg ifa = { .ifa_family = AF_INET, .ifa_index = ifindex };
	const uint8_t bytes[4] = { 10, 0, 0, last };
	struct fake_bytes *to = &fake->answers[Q_ADDRESSES];
	struct nlmsghdr *nlh = start(to, RTM_NEWADDR, &ifa, sizeof(ifa));

	mnl_attr_put(nlh, IFA_LOCAL, sizeof(bytes), bytes);
	finish(to, nlh);
}

void fake_add_endpoint(struct fake *fake, const struct fake_endpoint *endpoint)
{
	const struct genlmsghdr genl = { .cmd = MPTCP_PM_CMD_GET_ADDR };
	const uint8_t bytes[4] = { 10, 0, 0, endpoint->last };
	struct fake_bytes *to = &fake->answers[Q_ENDPOINTS];
	struct nlmsghdr *nlh = start(to, 29, &genl, sizeof(genl));
	struct nlattr *nest = mnl_attr_nest_start(nlh, MPTCP_PM_ATTR_ADDR);

	mnl_attr_put_u8(nlh, MPTCP_PM_ADDR_ATTR_ID, endpoint->id);
	mnl_attr_put(nlh, MPTCP_PM_ADDR_ATTR_ADDR4, sizeof(bytes), bytes);
	mnl_attr_put_u32(nlh, MPTCP_PM_ADDR_ATTR_FLAGS, endpoint->flags);
	if (endpoint->ifindex)
		mnl_attr_put_u32(nlh, MPTCP_PM_ADDR_ATTR_IF_IDX, endpoint->ifindex);
	mnl_attr_nest_end(nlh, nest);
	finish(to, nlh);
}

void fake_endpoint(struct fake *fake, uint8_t id, uint8_t last, uint32_t flags)
{
	fake_add_endpoint(fake, &(struct fake_endpoint){ .id = id, .last = last, .flags = flags });
}

void fake_limits(struct fake *fake, uint32_t subflows, uint32_t add_addr)
{
	const struct genlmsghdr genl = { .cmd = MPTCP_PM_CMD_GET_LIMITS };
	struct fake_bytes *to = &fake->answers[Q_LIMITS];
	struct nlmsghdr *nlh = start(to, 29, &genl, sizeof(genl));

	mnl_attr_put_u32(nlh, MPTCP_PM_ATTR_SUBFLOWS, subflows);
	mnl_attr_put_u32(nlh, MPTCP_PM_ATTR_RCV_ADD_ADDRS, add_addr);
	finish(to, nlh);
}

static struct inet_diag_msg socket_of(uint8_t state, uint64_t cookie, uint8_t last, uint16_t port)
{
	return (struct inet_diag_msg){
		.idiag_family = AF_INET,
		.idiag_state = state,
		.id = { .idiag_sport = htons(port),
			.idiag_dport = htons(443),
			.idiag_src = { htonl(0x0a000000U + last) },
			.idiag_dst = { htonl(0xc0000201U) },
			.idiag_cookie = { (uint32_t)cookie, (uint32_t)(cookie >> 32) } },
	};
}

void fake_add_connection(struct fake *fake, const struct fake_connection *connection)
{
	const struct inet_diag_msg msg =
		socket_of(connection->state ? connection->state : TCP_STATE_ESTABLISHED,
			  connection->token, 1, 0);
	const struct mptcp_info info = {
		.mptcpi_token = connection->token,
		.mptcpi_subflows = connection->extra,
		.mptcpi_subflows_max = connection->limit,
		.mptcpi_flags = connection->fallback ? MPTCP_INFO_FLAG_FALLBACK : 0,
	};
	struct fake_bytes *to = &fake->answers[Q_CONNECTIONS];
	struct nlmsghdr *nlh = start(to, SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));

	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), &info);
	finish(to, nlh);
}

void fake_connection(struct fake *fake, uint32_t token, bool fallback)
{
	fake_add_connection(fake, &(struct fake_connection){ .token = token,
							     .fallback = fallback,
							     .extra = 1,
							     .limit = 2 });
}

static void put_info(struct nlmsghdr *nlh, uint64_t out, uint64_t in)
{
	const struct tcp_info info = { .tcpi_bytes_sent = out,
				       .tcpi_bytes_acked = out,
				       .tcpi_bytes_received = in,
				       .tcpi_rtt = 30000,
				       .tcpi_min_rtt = 20000,
				       .tcpi_segs_out = 9,
				       .tcpi_segs_in = 9 };

	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), &info);
}

static bool connected_by_us(uint32_t flags)
{
	return flags & (MPTCP_SUBFLOW_FLAG_MCAP_LOC | MPTCP_SUBFLOW_FLAG_JOIN_LOC);
}

void fake_add_subflow(struct fake *fake, const struct fake_subflow *subflow)
{
	enum { MSS = 1400, WINDOW = 10 };
	const struct inet_diag_msg msg =
		socket_of(subflow->state ? subflow->state : TCP_STATE_ESTABLISHED, subflow->cookie,
			  subflow->last, subflow->port);
	/* Our SYN is acknowledged, too. */
	const struct tcp_info info = {
		.tcpi_bytes_sent = subflow->out + subflow->retrans,
		.tcpi_bytes_retrans = subflow->retrans,
		.tcpi_bytes_acked = subflow->out + connected_by_us(subflow->flags),
		.tcpi_bytes_received = subflow->in,
		.tcpi_rtt = subflow->rtt_us,
		.tcpi_min_rtt = subflow->rtt_us * 2 / 3,
		.tcpi_snd_mss = MSS,
		.tcpi_snd_cwnd = WINDOW,
		.tcpi_unacked = subflow->full ? WINDOW : 0,
		.tcpi_notsent_bytes = subflow->full ? 2 * WINDOW * MSS : 0,
		.tcpi_last_ack_recv = subflow->acked_ago_ms,
		.tcpi_segs_out = 9,
		.tcpi_segs_in = 9,
	};
	struct fake_bytes *to = &fake->answers[Q_SUBFLOWS];
	struct nlmsghdr *nlh = start(to, SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));
	struct nlattr *ulp, *mptcp;

	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), &info);
	ulp = mnl_attr_nest_start(nlh, INET_DIAG_ULP_INFO);
	mptcp = mnl_attr_nest_start(nlh, INET_ULP_INFO_MPTCP);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_LOC, subflow->token);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_FLAGS, subflow->flags);
	mnl_attr_nest_end(nlh, mptcp);
	mnl_attr_nest_end(nlh, ulp);
	finish(to, nlh);
	fake_add_record(fake, subflow, &msg, &info);
}

void fake_subflow(struct fake *fake, uint64_t cookie, uint8_t last, uint16_t port, uint32_t token,
		  uint64_t out, uint64_t in)
{
	fake_add_subflow(fake, &(struct fake_subflow){ .cookie = cookie,
						       .last = last,
						       .port = port,
						       .token = token,
						       .out = out,
						       .in = in,
						       .rtt_us = 30000 });
}

void fake_plain(struct fake *fake, uint64_t cookie, uint8_t last, uint16_t port)
{
	const struct inet_diag_msg msg = socket_of(TCP_STATE_ESTABLISHED, cookie, last, port);
	struct fake_bytes *to = &fake->answers[Q_SUBFLOWS];
	struct nlmsghdr *nlh = start(to, SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));

	put_info(nlh, 100, 100);
	finish(to, nlh);
}

void fake_text(struct fake *fake, enum question question, const char *text)
{
	fake->answers[question].len = strlen(text);
	memcpy(fake->answers[question].bytes, text, strlen(text));
}

void fake_add_life(struct fake *fake, const struct fake_life *life)
{
	const struct life_record record = {
		.cookie = life->cookie,
		.bytes_sent = life->out,
		.bytes_acked = life->out + !!(life->flags & LIFE_OURS),
		.bytes_received = life->in,
		.token = life->token,
		.error = life->error,
		.family = AF_INET,
		.step = life->step,
		.flags = life->flags,
		.local_port = htons(life->port),
		.remote_port = htons(443),
		.local = { 10, 0, 0, life->last },
		.remote = { 192, 0, 2, 1 },
	};
	struct fake_bytes *to = &fake->streams[STREAM_LIFE];

	if (FAKE_BYTES - to->len < sizeof(record))
		abort();
	memcpy(to->bytes + to->len, &record, sizeof(record));
	to->len += sizeof(record);
}

void fake_life(struct fake *fake, uint8_t step, uint64_t cookie, uint8_t last, uint16_t port,
	       uint64_t out, uint64_t in)
{
	fake_add_life(fake, &(struct fake_life){ .step = step,
						 .cookie = cookie,
						 .last = last,
						 .port = port,
						 .out = out,
						 .in = in });
}

void fake_pm_birth(struct fake *fake, uint8_t last, uint16_t port, uint32_t token)
{
	const struct genlmsghdr genl = { .cmd = MPTCP_EVENT_CREATED };
	const uint8_t local[4] = { 10, 0, 0, last }, far[4] = { 192, 0, 2, 1 };
	struct fake_bytes *to = &fake->streams[STREAM_CONNECTIONS];
	struct nlmsghdr *nlh = start(to, 29, &genl, sizeof(genl));

	mnl_attr_put_u32(nlh, MPTCP_ATTR_TOKEN, token);
	mnl_attr_put(nlh, MPTCP_ATTR_SADDR4, sizeof(local), local);
	mnl_attr_put(nlh, MPTCP_ATTR_DADDR4, sizeof(far), far);
	mnl_attr_put_u16(nlh, MPTCP_ATTR_SPORT, htons(port));
	mnl_attr_put_u16(nlh, MPTCP_ATTR_DPORT, htons(443));
	finish(to, nlh);
}

void fake_destroy(struct fake *fake, uint64_t cookie, uint8_t last, uint16_t port, uint64_t out,
		  uint64_t in)
{
	const struct inet_diag_msg msg = socket_of(TCP_STATE_CLOSE, cookie, last, port);
	struct fake_bytes *to = &fake->streams[STREAM_ENDINGS];
	struct nlmsghdr *nlh = start(to, SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));

	put_info(nlh, out, in);
	finish(to, nlh);
}

struct fake *fake_router(void)
{
	struct fake *fake = fake_new();

	fake_link(fake, 5, "wan1");
	fake_link(fake, 6, "wan2");
	fake_address(fake, 5, 1);
	fake_address(fake, 6, 2);
	fake_endpoint(fake, 1, 1, ENDPOINT_SUBFLOW);
	fake_endpoint(fake, 2, 2, ENDPOINT_SUBFLOW);
	fake_limits(fake, 2, 0);
	fake_connection(fake, 77, false);
	fake_subflow(fake, 1, 1, 40000, 77, 1000, 2000);
	fake_subflow(fake, 2, 2, 40001, 77, 10, 20);
	fake_text(fake, Q_SYSCTLS, "enabled=1\npath_manager=kernel\nscheduler=default\n");
	fake_text(fake, Q_COUNTERS, "MPTcpExt: MPJoinSynTx NewOne\nMPTcpExt: 7 8\n");
	return fake;
}
