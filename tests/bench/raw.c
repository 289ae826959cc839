/* SPDX-License-Identifier: MIT */
/*
 * The plain dump: all TCP and all MPTCP sockets that are alive, with what the kernel tells of each,
 * asked for as lib/source_live.c does, received into a buffer and thrown away. Prints how many
 * datagrams and octets there were.
 */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { BUFFER_BYTES = 32768, ALIVE = 0xb36 /* neither LISTEN nor TIME_WAIT nor CLOSE */ };

static _Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
static unsigned long datagrams, octets;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ask(int fd, unsigned int protocol)
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

	if (send(fd, &request, sizeof(request), 0) < 0)
		die("send");
	do {
		ssize_t len = recv(fd, buffer, sizeof(buffer), 0);

		if (len < (ssize_t)sizeof(*nlh) || nlh->nlmsg_type == NLMSG_ERROR)
			die("recv");
		datagrams++;
		octets += (unsigned long)len;
	} while (nlh->nlmsg_type != NLMSG_DONE);
}

int main(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		die("socket");
	ask(fd, IPPROTO_MPTCP);
	ask(fd, IPPROTO_TCP);
	close(fd);
	printf("%lu datagrams, %lu octets\n", datagrams, octets);
	return 0;
}
