/* SPDX-License-Identifier: MIT */
/*
 * The live kernel: rtnetlink, generic netlink and sock_diag (source_netlink.c, source_each.c), two places in /proc
 * (source_proc.c), and our programs in the kernel (source_bpf.c). requests[] says what is asked.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/source_bpf.h"
#include "lib/source_netlink.h"
#include "lib/source_proc.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { PM_VERSION = 1, PM_CMD_GET_ADDR = 3, PM_CMD_GET_LIMITS = 6 };
static const char PM_FAMILY[] = "mptcp_pm", PM_EVENTS[] = "mptcp_pm_events";

/* One for each netlink protocol. */
enum bus { BUS_ROUTE, BUS_GENERIC, BUS_DIAG, BUSES };

struct live {
	struct source source;
	struct asker askers[BUSES];
	struct mnl_socket *streams[STREAMS];
	struct bpf_stream *life;
	bool traced;			/* how it is to be opened */
	struct family_row pm;		/* id 0: not looked up yet */
	struct netlink_buffer buffer;
};

static struct live *live_of(struct source *source)
{
	return (struct live *)source;
}

static uint64_t live_now_us(struct source *source)
{
	(void)source;
	return clock_now_us();
}

static uint64_t live_wall_ms(struct source *source)
{
	(void)source;
	return clock_wall_ms();
}

/* Early at boot there may be none: better a guessable number than to wait. */
static uint32_t live_chance(struct source *source)
{
	uint32_t chance;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) == sizeof(chance))
		return chance;
	return (uint32_t)(live_now_us(source) ^ (uint64_t)getpid() << 16);
}

/*
 * --- questions over netlink --------------------------------------------------------------------
 */

static int bus_ask(struct live *live, enum bus bus, struct nlmsghdr *nlh, datagram_fn fn, void *arg)
{
	return asker_ask(&live->askers[bus], nlh, &live->buffer, fn, arg);
}

static int on_family(const void *buf, size_t len, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error)))
		if (parse_family(nlh, PM_EVENTS, arg) < 0)
			return -EBADMSG;
	return error;
}

static struct nlmsghdr *generic_request(char *buf, uint16_t family, uint8_t cmd, uint8_t version,
					uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

/* Looks the path manager's family up, once. */
static int find_pm(struct live *live)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh;

	if (live->pm.id)
		return 0;
	nlh = generic_request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PM_FAMILY);
	return bus_ask(live, BUS_GENERIC, nlh, on_family, &live->pm);
}

static int ask_route(struct live *live, uint32_t type, datagram_fn fn, void *arg)
{
	_Alignas(struct nlmsghdr) char buf[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = (uint16_t)type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (type == RTM_GETLINK)
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	else
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	return bus_ask(live, BUS_ROUTE, nlh, fn, arg);
}

static int live_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
			  void *arg)
{
	size_t size = query->to.family == AF_INET6 ? 16 : 4;
	_Alignas(struct nlmsghdr) char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	route->rtm_family = query->to.family;
	route->rtm_flags = RTM_F_FIB_MATCH;	/* else "on link" is the answer where no route is */
	route->rtm_dst_len = route->rtm_src_len = (unsigned char)(size * 8);
	mnl_attr_put(nlh, RTA_DST, size, query->to.bytes);
	mnl_attr_put(nlh, RTA_SRC, size, query->from.bytes);
	if (query->ifindex)
		mnl_attr_put_u32(nlh, RTA_OIF, query->ifindex);
	return bus_ask(live_of(source), BUS_ROUTE, nlh, fn, arg);
}

static int ask_pm(struct live *live, uint32_t command, datagram_fn fn, void *arg)
{
	uint16_t flags = command == PM_CMD_GET_ADDR ? NLM_F_DUMP : NLM_F_ACK;
	_Alignas(struct nlmsghdr) char buf[64];
	int error = find_pm(live);

	if (error)
		return error;
	return bus_ask(live, BUS_GENERIC,
		       generic_request(buf, live->pm.id, (uint8_t)command, PM_VERSION, flags), fn,
		       arg);
}

/*
 * A dump of sockets in one walk of both address families, by the older of the two request types:
 * the newer one wants a dump a family. Listeners and TIME_WAIT carry nothing we count.
 */
static int ask_sockets(struct live *live, uint32_t protocol, datagram_fn fn, void *arg)
{
	enum {
		ESTABLISHED = 1,
		SYN_SENT,
		FIN_WAIT1 = 4,
		FIN_WAIT2,
		CLOSE_WAIT = 8,
		LAST_ACK,
		CLOSING = 11
	};
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req *req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));

	nlh->nlmsg_type = TCPDIAG_GETSOCK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	req->idiag_family = AF_UNSPEC;
	req->idiag_ext = 1 << (INET_DIAG_INFO - 1);	/* the ULP block comes with it */
	req->idiag_states = 1 << ESTABLISHED | 1 << SYN_SENT | 1 << FIN_WAIT1 | 1 << FIN_WAIT2 |
			    1 << CLOSE_WAIT | 1 << LAST_ACK | 1 << CLOSING;
	if (protocol != IPPROTO_TCP)
		mnl_attr_put_u32(nlh, INET_DIAG_REQ_PROTOCOL, protocol);
	return bus_ask(live, BUS_DIAG, nlh, fn, arg);
}

static int live_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct live *live = live_of(source);

	return asker_ask_each(&live->askers[BUS_DIAG], &live->buffer, next, fn, arg);
}

static int live_walk(struct source *source, datagram_fn fn, void *arg)
{
	struct live *live = live_of(source);

	return live->life ? bpf_stream_walk(live->life, live->buffer.octets,
					    sizeof(live->buffer.octets), fn, arg)
			  : -ENOSYS;
}

static int ask_proc(struct live *live, uint32_t what, datagram_fn fn, void *arg)
{
	(void)live;
	if (what == Q_LOAD)
		return proc_ask_load(fn, arg);
	return what == Q_COUNTERS ? proc_ask_counters(fn, arg) : proc_ask_sysctls(fn, arg);
}

/*
 * --- the source --------------------------------------------------------------------------------
 */

static const struct {
	int (*ask)(struct live *, uint32_t, datagram_fn, void *);
	uint32_t what;
} requests[QUESTIONS] = {
	[Q_LINKS] = { ask_route, RTM_GETLINK },
	[Q_ADDRESSES] = { ask_route, RTM_GETADDR },
	[Q_LIMITS] = { ask_pm, PM_CMD_GET_LIMITS },
	[Q_ENDPOINTS] = { ask_pm, PM_CMD_GET_ADDR },
	[Q_CONNECTIONS] = { ask_sockets, IPPROTO_MPTCP },
	[Q_SUBFLOWS] = { ask_sockets, IPPROTO_TCP },
	[Q_COUNTERS] = { ask_proc, Q_COUNTERS },
	[Q_SYSCTLS] = { ask_proc, Q_SYSCTLS },
	[Q_LOAD] = { ask_proc, Q_LOAD },
};

static int live_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	return requests[question].ask(live_of(source), requests[question].what, fn, arg);
}

static struct mnl_socket *open_netlink_stream(struct live *live, enum stream stream)
{
	static const unsigned int links[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					      RTNLGRP_IPV6_IFADDR };
	static const unsigned int endings[] = { SKNLGRP_INET_TCP_DESTROY,
						SKNLGRP_INET6_TCP_DESTROY };
	struct mnl_socket *events;
	int error;

	if (stream == STREAM_LINKS)
		return netlink_stream_open(NETLINK_ROUTE, links, 3);
	if (stream == STREAM_ENDINGS)
		return netlink_stream_open(NETLINK_SOCK_DIAG, endings, 2);
	error = find_pm(live);
	if (!error && !live->pm.group)
		error = -ENOENT;
	if (error) {
		errno = -error;
		return NULL;
	}
	events = netlink_stream_open(NETLINK_GENERIC, &live->pm.group, 1);
	if (events)
		netlink_stream_only(events, pm_event_counts);
	return events;
}

static int live_open(struct source *source, enum stream stream)
{
	struct live *live = live_of(source);

	if (stream != STREAM_LIFE) {
		if (!live->streams[stream])
			live->streams[stream] = open_netlink_stream(live, stream);
		return live->streams[stream] ? 0 : -errno;
	}
	if (!live->life)
		live->life = bpf_stream_open(live->traced);
	return live->life ? 0 : -errno;
}

static int live_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct live *live = live_of(source);

	if (stream == STREAM_LIFE)
		return live->life ? bpf_stream_drain(live->life, fn, arg) : -EBADF;
	if (!live->streams[stream])
		return -EBADF;
	return netlink_stream_drain(live->streams[stream], &live->buffer,
				    stream == STREAM_LINKS ? 1 : ROOMS_MOST, fn, arg);
}

static int live_fd(struct source *source, enum stream stream)
{
	struct live *live = live_of(source);

	if (stream == STREAM_LIFE)
		return live->life ? bpf_stream_fd(live->life) : -1;
	return live->streams[stream] ? mnl_socket_get_fd(live->streams[stream]) : -1;
}

static void live_close(struct source *source)
{
	struct live *live = live_of(source);

	for (size_t i = 0; i < BUSES; i++)
		asker_close(&live->askers[i]);
	for (size_t i = 0; i < STREAMS; i++)
		if (live->streams[i])
			mnl_socket_close(live->streams[i]);
	bpf_stream_close(live->life);
	free(live);
}

static const struct source_ops live_ops = {
	.ask = live_ask,
	.ask_each = live_ask_each,
	.walk = live_walk,
	.ask_route = live_ask_route,
	.open = live_open,
	.drain = live_drain,
	.fd = live_fd,
	.now_us = live_now_us,
	.wall_ms = live_wall_ms,
	.chance = live_chance,
	.close = live_close,
};

struct source *source_live_open(bool traced)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->source.ops = &live_ops;
	live->traced = traced;
	live->askers[BUS_ROUTE].protocol = NETLINK_ROUTE;
	live->askers[BUS_GENERIC].protocol = NETLINK_GENERIC;
	live->askers[BUS_DIAG].protocol = NETLINK_SOCK_DIAG;
	return &live->source;
}
