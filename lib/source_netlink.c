/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include "lib/clock.h"
#include "lib/source_netlink.h"

enum {
	ANSWER_MS = 1000,	       /* for a whole answer; 100,000 sockets take 0.2 s */
	EVENT_BYTES = 4 * 1024 * 1024, /* the kernel doubles it: 3,000 connections/s for 100 ms */
	DRAIN_MOST = 65536, /* datagrams a drain: it ends even when they come faster than we read */
	FILTER_MOST = 2 + 2 * 256 /* instructions, all commands wanted */
};

/*
 * An unbound netlink socket joins groups and receives nothing, silently: bind always. NULL with
 * errno set.
 */
static struct mnl_socket *socket_open(int protocol)
{
	struct mnl_socket *nl = mnl_socket_open2(protocol, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID)) {
		int error = errno;

		mnl_socket_close(nl);
		errno = error;
		return NULL;
	}
	return nl;
}

/*
 * --- questions ---------------------------------------------------------------------------------
 */

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
static int answer_datagram(const struct asker *asker, const struct netlink_buffer *buffer,
			   size_t len, bool *interrupted, datagram_fn fn, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0, data = 0;
	int result = 0, error = 0;

	while (!result && (nlh = netlink_next(buffer->octets, len, &offset, &error))) {
		if (nlh->nlmsg_seq != asker->seq ||
		    nlh->nlmsg_pid != mnl_socket_get_portid(asker->nl))
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
	if (data && (error = fn(buffer->octets, data, arg)))
		return error;
	return result;
}

static int receive_answer(const struct asker *asker, struct netlink_buffer *buffer, datagram_fn fn,
			  void *arg)
{
	struct pollfd readable = { .fd = mnl_socket_get_fd(asker->nl), .events = POLLIN };
	uint64_t deadline_ms = clock_now_ms() + ANSWER_MS;
	bool interrupted = false;
	int result = 0;

	while (!result) {
		ssize_t len =
			mnl_socket_recvfrom(asker->nl, buffer->octets, sizeof(buffer->octets));
		uint64_t now;

		if (len >= 0) {
			result = answer_datagram(asker, buffer, (size_t)len, &interrupted, fn, arg);
			continue;
		}
		if (errno == ENOSPC) /* how libmnl tells of MSG_TRUNC */
			return -EBADMSG;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		now = clock_now_ms();
		if (now >= deadline_ms || !poll(&readable, 1, (int)(deadline_ms - now)))
			return -ETIMEDOUT;
	}
	if (result < 0)
		return result;
	return interrupted ? -EINTR : 0;
}

int asker_open(struct asker *asker)
{
	if (!asker->nl)
		asker->nl = socket_open(asker->protocol);
	return asker->nl ? 0 : -errno;
}

int asker_ask(struct asker *asker, struct nlmsghdr *nlh, struct netlink_buffer *buffer,
	      datagram_fn fn, void *arg)
{
	int error = asker_open(asker);

	if (error)
		return error;
	nlh->nlmsg_seq = ++asker->seq;
	if (mnl_socket_sendto(asker->nl, nlh, nlh->nlmsg_len) < 0)
		error = -errno;
	else
		error = receive_answer(asker, buffer, fn, arg);
	/* The rest of an abandoned answer is never to be taken for the next one. */
	if (error && error != -EINTR)
		asker_close(asker);
	return error;
}

void asker_close(struct asker *asker)
{
	if (asker->nl)
		mnl_socket_close(asker->nl);
	asker->nl = NULL;
}

/*
 * --- streams -----------------------------------------------------------------------------------
 */

struct mnl_socket *netlink_stream_open(int protocol, const unsigned int *groups, size_t count)
{
	struct mnl_socket *nl = socket_open(protocol);
	int size = EVENT_BYTES;

	if (!nl)
		return NULL;
	/* What we may not force, we ask for. */
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

void netlink_stream_only(struct mnl_socket *nl, bool (*wanted)(uint8_t command))
{
	enum { COMMAND = sizeof(struct nlmsghdr) + offsetof(struct genlmsghdr, cmd) };
	struct sock_filter code[FILTER_MOST] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, COMMAND) };
	struct sock_fprog program = { .len = 1, .filter = code };

	for (unsigned int command = 0; command <= UINT8_MAX; command++) {
		if (!wanted((uint8_t)command))
			continue;
		code[program.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, command, 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	(void)setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_ATTACH_FILTER, &program,
			 sizeof(program));
}

void netlink_rooms_init(struct netlink_rooms *rooms, struct netlink_buffer *buffer,
			unsigned int count)
{
	const size_t size = sizeof(buffer->octets) / count;

	for (unsigned int i = 0; i < count; i++) {
		rooms->iov[i] = (struct iovec){ buffer->octets + i * size, size };
		rooms->datagrams[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &rooms->iov[i],
								     .msg_iovlen = 1 } };
	}
}

/* What one call received. Losses, or -errno from fn. */
static int hand_on(const struct netlink_rooms *rooms, int count, datagram_fn fn, void *arg)
{
	int losses = 0, error;

	for (int i = 0; i < count; i++) {
		const struct mmsghdr *datagram = &rooms->datagrams[i];

		if (datagram->msg_hdr.msg_flags & MSG_TRUNC) {
			losses++;
			continue;
		}
		error = fn(rooms->iov[i].iov_base, datagram->msg_len, arg);
		if (error)
			return error;
	}
	return losses;
}

int netlink_stream_drain(struct mnl_socket *nl, struct netlink_buffer *buffer, unsigned int count,
			 datagram_fn fn, void *arg)
{
	int losses = 0, drained = 0, got, result;
	struct netlink_rooms rooms;

	netlink_rooms_init(&rooms, buffer, count);
	for (; drained < DRAIN_MOST; drained += got > 0 ? got : 1) {
		got = recvmmsg(mnl_socket_get_fd(nl), rooms.datagrams, count, MSG_DONTWAIT, NULL);
		if (got >= 0) {
			result = hand_on(&rooms, got, fn, arg);
			if (result < 0)
				return result;
			losses += result;
		} else if (errno == EAGAIN) {
			break;
		} else if (errno == ENOBUFS) {
			losses++;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	/* What is left then comes with the next drain, and perhaps too late to be in order. */
	return losses + (drained >= DRAIN_MOST);
}
