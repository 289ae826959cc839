/* SPDX-License-Identifier: MIT */
/*
 * The live kernel: rtnetlink, generic netlink and sock_diag over libmnl, and two places in /proc
 * (source_proc.c).
 *
 * Each netlink family has one socket for questions, closed and opened anew after any failure, so
 * that the rest of an abandoned answer is never taken for the next one. Each stream has a socket of
 * its own. requests[] says what is asked.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "lib/netlink.h"
#include "lib/parse.h"
#include "lib/source.h"
#include "lib/source_bpf.h"
#include "lib/source_proc.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum {
	BUFFER_BYTES = 32768, /* the kernel fills up to this much of a dump at a time */
	ANSWER_MS = 1000,     /* for a whole answer; a dump of 100,000 sockets takes 0.2 s */
	EVENT_BYTES = 4 * 1024 * 1024, /* the kernel doubles it: 3,000 connections/s for 100 ms */
	DRAIN_MOST = 65536 /* datagrams a drain: it ends even when they come faster than we read */
};

enum { PM_VERSION = 1, PM_CMD_GET_ADDR = 3, PM_CMD_GET_LIMITS = 6 };
static const char PM_FAMILY[] = "mptcp_pm", PM_EVENTS[] = "mptcp_pm_events";

/* Buses: a netlink protocol and its socket for questions. */
enum bus { BUS_ROUTE, BUS_GENERIC, BUS_DIAG, BUSES };
static const int bus_protocol[BUSES] = { NETLINK_ROUTE, NETLINK_GENERIC, NETLINK_SOCK_DIAG };

struct live {
	struct source source;
	struct mnl_socket *asking[BUSES];
	struct mnl_socket *streams[STREAMS];
	struct bpf_stream *life;
	struct family_row pm;		/* id 0: not looked up yet */
	uint32_t seq;
	_Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
};

static struct live *live_of(struct source *source)
{
	return (struct live *)source;
}

static uint64_t live_now_us(struct source *source)
{
	struct timespec now;

	(void)source;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t live_wall_ms(struct source *source)
{
	struct timespec now;

	(void)source;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
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

/*
 * An unbound netlink socket joins groups and receives nothing, silently: bind always. NULL with
 * errno set.
 */
static struct mnl_socket *socket_open(int protocol, unsigned int groups)
{
	struct mnl_socket *nl = mnl_socket_open2(protocol, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (nl && mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID)) {
		int error = errno;

		mnl_socket_close(nl);
		errno = error;
		return NULL;
	}
	return nl;
}

/* The error that a control message ends an answer with, or 1 for "complete". */
static int control_result(const struct nlmsghdr *nlh)
{
	const int *code = netlink_header(nlh, sizeof(*code));

	if (nlh->nlmsg_type == NLMSG_OVERRUN)
		return -EBADMSG;
	/*
	 * NLMSG_DONE of an old kernel may be empty; an error without a code is none of netlink's.
	 */
	if (!code)
		return nlh->nlmsg_type == NLMSG_DONE ? 1 : -EBADMSG;
	return *code < 0 ? *code : 1;
}

/*
 * One datagram of an answer: hands its data messages to fn. Returns 0 to go on, 1 when the answer
 * is complete, or -errno. *interrupted notes NLM_F_DUMP_INTR: the dump goes on to its end, but is
 * worth nothing.
 */
static int answer_datagram(struct live *live, size_t len, uint32_t portid, bool *interrupted,
			   datagram_fn fn, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0, data = 0;
	int result = 0, error = 0;

	while (!result && (nlh = netlink_next(live->buffer, len, &offset, &error))) {
		if (nlh->nlmsg_seq != live->seq || nlh->nlmsg_pid != portid)
			return -EBADMSG;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (nlh->nlmsg_type == NLMSG_NOOP)
			continue;
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			result = control_result(nlh);
		else
			data = offset;
	}
	if (error)
		return error;
	if (result < 0)
		return result;
	if (data && (error = fn(live->buffer, data, arg)))
		return error;
	return result;
}

static int receive_answer(struct live *live, struct mnl_socket *nl, datagram_fn fn, void *arg)
{
	struct pollfd readable = { .fd = mnl_socket_get_fd(nl), .events = POLLIN };
	uint64_t deadline = source_now_ms(&live->source) + ANSWER_MS;
	bool interrupted = false;
	int result = 0;

	while (!result) {
		ssize_t len = mnl_socket_recvfrom(nl, live->buffer, sizeof(live->buffer));
		uint64_t now;

		if (len >= 0) {
			result = answer_datagram(live, (size_t)len, mnl_socket_get_portid(nl),
						 &interrupted, fn, arg);
			continue;
		}
		if (errno == ENOSPC)	/* how libmnl tells of MSG_TRUNC */
			return -EBADMSG;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		now = source_now_ms(&live->source);
		if (now >= deadline || !poll(&readable, 1, (int)(deadline - now)))
			return -ETIMEDOUT;
	}
	if (result < 0)
		return result;
	return interrupted ? -EINTR : 0;
}

/* Sends the request in `nlh` and receives its answer; the socket does not outlive a failure. */
static int bus_ask(struct live *live, enum bus bus, struct nlmsghdr *nlh, datagram_fn fn, void *arg)
{
	struct mnl_socket **nl = &live->asking[bus];
	int error;

	if (!*nl)
		*nl = socket_open(bus_protocol[bus], 0);
	if (!*nl)
		return -errno;
	nlh->nlmsg_seq = ++live->seq;
	if (mnl_socket_sendto(*nl, nlh, nlh->nlmsg_len) < 0)
		error = -errno;
	else
		error = receive_answer(live, *nl, fn, arg);
	if (error && error != -EINTR) {
		mnl_socket_close(*nl);
		*nl = NULL;
	}
	return error;
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
	char buf[256];
	struct nlmsghdr *nlh;

	if (live->pm.id)
		return 0;
	nlh = generic_request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PM_FAMILY);
	return bus_ask(live, BUS_GENERIC, nlh, on_family, &live->pm);
}

static int ask_route(struct live *live, uint32_t type, datagram_fn fn, void *arg)
{
	char buf[64];
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
	char buf[128];
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
	char buf[64];
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
	char buf[256];
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

/*
 * Joins `count` groups with a large buffer; what we may not force, we ask for. NULL with errno set.
 */
static struct mnl_socket *stream_open(int protocol, const unsigned int *groups, size_t count)
{
	struct mnl_socket *nl = socket_open(protocol, 0);
	int size = EVENT_BYTES;

	if (!nl)
		return NULL;
	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < count; i++) {
		unsigned int group = groups[i];

		if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))) {
			int error = errno;

			mnl_socket_close(nl);
			errno = error;
			return NULL;
		}
	}
	return nl;
}

static struct mnl_socket *open_netlink_stream(struct live *live, enum stream stream)
{
	static const unsigned int links[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					      RTNLGRP_IPV6_IFADDR };
	static const unsigned int endings[] = { SKNLGRP_INET_TCP_DESTROY,
						SKNLGRP_INET6_TCP_DESTROY };
	int error;

	if (stream == STREAM_LINKS)
		return stream_open(NETLINK_ROUTE, links, 3);
	if (stream == STREAM_ENDINGS)
		return stream_open(NETLINK_SOCK_DIAG, endings, 2);
	error = find_pm(live);
	if (!error && !live->pm.group)
		error = -ENOENT;
	if (error) {
		errno = -error;
		return NULL;
	}
	return stream_open(NETLINK_GENERIC, &live->pm.group, 1);
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
		live->life = bpf_stream_open();
	return live->life ? 0 : -errno;
}

static int live_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct live *live = live_of(source);
	struct mnl_socket *nl = live->streams[stream];
	int losses = 0, count = 0, error;

	if (stream == STREAM_LIFE)
		return live->life ? bpf_stream_drain(live->life, fn, arg) : -EBADF;
	if (!nl)
		return -EBADF;
	for (; count < DRAIN_MOST; count++) {
		ssize_t len = mnl_socket_recvfrom(nl, live->buffer, sizeof(live->buffer));

		if (len >= 0) {
			error = fn(live->buffer, (size_t)len, arg);
			if (error)
				return error;
		} else if (errno == EAGAIN) {
			break;
		} else if (errno == ENOBUFS || errno == ENOSPC) {
			losses++;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	/* What is left then comes with the next drain, and perhaps too late to be in order. */
	return losses + (count == DRAIN_MOST);
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
		if (live->asking[i])
			mnl_socket_close(live->asking[i]);
	for (size_t i = 0; i < STREAMS; i++)
		if (live->streams[i])
			mnl_socket_close(live->streams[i]);
	bpf_stream_close(live->life);
	free(live);
}

static const struct source_ops live_ops = {
	.ask = live_ask,
	.ask_route = live_ask_route,
	.open = live_open,
	.drain = live_drain,
	.fd = live_fd,
	.now_us = live_now_us,
	.wall_ms = live_wall_ms,
	.chance = live_chance,
	.close = live_close,
};

struct source *source_live_open(void)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->source.ops = &live_ops;
	return &live->source;
}
