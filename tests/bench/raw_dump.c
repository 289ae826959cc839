/* SPDX-License-Identifier: MIT */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "tests/bench/raw_dump.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { BUFFER_BYTES = 32768, ALIVE = 0xb36 /* neither LISTEN nor TIME_WAIT nor CLOSE */ };

static _Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ask(struct raw_dump *raw, unsigned int protocol)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req req;
		struct nlattr attr;
		unsigned int protocol;
	} request = {
		.nlh = { .nlmsg_len = sizeof(request),
			 .nlmsg_type = TCPDIAG_GETSOCK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			 .nlmsg_seq = protocol },
		.req = { .idiag_family = AF_UNSPEC,
			 .idiag_ext = 1 << (INET_DIAG_INFO - 1),
			 .idiag_states = ALIVE },
		.attr = { .nla_len = sizeof(struct nlattr) + sizeof(unsigned int),
			  .nla_type = INET_DIAG_REQ_PROTOCOL },
		.protocol = protocol,
	};
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buffer;

	if (send(raw->fd, &request, sizeof(request), 0) < 0)
		die("send");
	do {
		ssize_t len = recv(raw->fd, buffer, sizeof(buffer), 0);

		if (len < (ssize_t)sizeof(*nlh) || nlh->nlmsg_type == NLMSG_ERROR)
			die("recv");
		raw->datagrams++;
		raw->octets += (unsigned long)len;
	} while (nlh->nlmsg_type != NLMSG_DONE);
}

void raw_dump_open(struct raw_dump *raw)
{
	*raw = (struct raw_dump){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
					       NETLINK_SOCK_DIAG) };
	if (raw->fd < 0)
		die("socket");
}

void raw_dump_ask(struct raw_dump *raw)
{
	ask(raw, IPPROTO_MPTCP);
	ask(raw, IPPROTO_TCP);
}
