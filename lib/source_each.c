/* SPDX-License-Identifier: MIT */
/*
 * Sockets asked for one by one: many requests to a send, each of which the kernel answers by one
 * message of its own, the socket or an error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/source_netlink.h"

enum { BATCH = 64 }; /* requests to a send: their answers fit a socket's usual buffer */

struct request {
	struct nlmsghdr nlh;
	struct inet_diag_req_v2 req;
};

struct batch {
	struct request requests[BATCH];
	uint32_t first_seq;
	size_t count, answered;
};

static void put_request(struct request *request, uint32_t seq, const struct socket_id *socket)
{
	struct inet_diag_sockid *id = &request->req.id;

	*request = (struct request){ .nlh = { .nlmsg_len = sizeof(*request),
					      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
					      .nlmsg_flags = NLM_F_REQUEST,
					      .nlmsg_seq = seq } };
	request->req.sdiag_family = socket->tuple.local.family;
	request->req.sdiag_protocol = IPPROTO_TCP;
	request->req.idiag_ext = 1 << (INET_DIAG_INFO - 1); /* the ULP block comes with it */
	request->req.idiag_states = UINT32_MAX;
	id->idiag_sport = htons(socket->tuple.local_port);
	id->idiag_dport = htons(socket->tuple.remote_port);
	memcpy(id->idiag_src, socket->tuple.local.bytes, sizeof(id->idiag_src));
	memcpy(id->idiag_dst, socket->tuple.remote.bytes, sizeof(id->idiag_dst));
	/* The kernel does not find one that is bound to a device without it. */
	id->idiag_if = socket->bound_ifindex;
	id->idiag_cookie[0] = (uint32_t)socket->cookie;
	id->idiag_cookie[1] = (uint32_t)(socket->cookie >> 32);
}

static void fill(struct batch *batch, struct asker *asker, next_socket_fn next, void *arg)
{
	struct socket_id socket;

	batch->count = batch->answered = 0;
	batch->first_seq = asker->seq + 1;
	while (batch->count < BATCH && next(arg, &socket))
		put_request(&batch->requests[batch->count++], ++asker->seq, &socket);
}

/* 0 for a socket that has ended: as in a dump, it is just not there. */
static int refusal(const struct nlmsghdr *nlh)
{
	const int *code = netlink_header(nlh, sizeof(*code));

	if (nlh->nlmsg_type != NLMSG_ERROR || !code || *code >= 0)
		return -EBADMSG;
	return *code == -ENOENT || *code == -ESTALE ? 0 : *code;
}

/* 0 or -errno */
static int take(struct batch *batch, const struct asker *asker, const void *buf, size_t len,
		datagram_fn fn, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	while (!error && (nlh = netlink_next(buf, len, &offset, &error))) {
		if (nlh->nlmsg_seq - batch->first_seq >= batch->count ||
		    nlh->nlmsg_pid != mnl_socket_get_portid(asker->nl))
			return -EBADMSG;
		batch->answered++;
		error = nlh->nlmsg_type < NLMSG_MIN_TYPE ? refusal(nlh)
							 : fn(nlh, nlh->nlmsg_len, arg);
	}
	return error;
}

/* All answers are here when the send returns: the kernel works on a request within it. */
static int receive(struct batch *batch, const struct asker *asker, struct netlink_buffer *buffer,
		   datagram_fn fn, void *arg)
{
	struct netlink_rooms answers;
	int error = 0;

	netlink_rooms_init(&answers, buffer, ROOMS_MOST);
	while (!error && batch->answered < batch->count) {
		size_t left = batch->count - batch->answered;
		int got = recvmmsg(mnl_socket_get_fd(asker->nl), answers.datagrams,
				   left < ROOMS_MOST ? (unsigned int)left : ROOMS_MOST,
				   MSG_DONTWAIT, NULL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) /* one is missing */
			return errno == EAGAIN ? -ENOBUFS : -errno;
		for (int i = 0; i < got && !error; i++)
			error = answers.datagrams[i].msg_hdr.msg_flags & MSG_TRUNC
					? -EBADMSG
					: take(batch, asker, answers.iov[i].iov_base,
					       answers.datagrams[i].msg_len, fn, arg);
	}
	return error;
}

int asker_ask_each(struct asker *asker, struct netlink_buffer *buffer, next_socket_fn next,
		   datagram_fn fn, void *arg)
{
	struct batch batch;
	int error = asker_open(asker);

	while (!error) {
		fill(&batch, asker, next, arg);
		if (!batch.count)
			return 0;
		if (mnl_socket_sendto(asker->nl, batch.requests,
				      batch.count * sizeof(batch.requests[0])) < 0)
			error = -errno;
		else
			error = receive(&batch, asker, buffer, fn, arg);
	}
	/* The rest of an abandoned answer is never to be taken for the next one. */
	asker_close(asker);
	return error;
}
