/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_NETLINK_H
#define LIB_SOURCE_NETLINK_H
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/source.h"

/* The sockets of netlink that the live kernel is asked and heard by. */

/* Takes any datagram, also of our own programs: the kernel fills up to this much of a dump at a time. */
struct netlink_buffer {
	_Alignas(uint64_t) char octets[32768];
};

/*
 * A buffer as rooms for datagrams that are received by one call, for recvmmsg(). One that is larger
 * than its room comes with MSG_TRUNC. Events and sockets take less than 600 octets.
 */
enum { ROOMS_MOST = 32 };
struct netlink_rooms {
	struct mmsghdr datagrams[ROOMS_MOST];
	struct iovec iov[ROOMS_MOST];
};
void netlink_rooms_init(struct netlink_rooms *, struct netlink_buffer *, unsigned int count);

/* Asks one netlink protocol. The first question opens its socket, the one after a failure anew. */
struct asker {
	int protocol;
	struct mnl_socket *nl;	/* NULL: not open */
	uint32_t seq;		/* of the last question */
};

/* Sends the request, whose sequence number it sets; fn and what is returned as in source_ask(). */
int asker_ask(struct asker *, struct nlmsghdr *request, struct netlink_buffer *, datagram_fn fn,
	      void *arg);

/*
 * Asks of NETLINK_SOCK_DIAG for each TCP socket that next() gives, by itself (source_each.c); as in
 * source_ask_each().
 */
int asker_ask_each(struct asker *, struct netlink_buffer *, next_socket_fn next, datagram_fn fn,
		   void *arg);

int asker_open(struct asker *);		/* if it is not yet; 0 or -errno */
void asker_close(struct asker *);

/*
 * Joins `count` groups, with a large buffer. For the caller to close with mnl_socket_close(); NULL
 * with errno set.
 */
struct mnl_socket *netlink_stream_open(int protocol, const unsigned int *groups, size_t count);

/*
 * Of generic netlink, for a socket that hears one family: messages whose command is not wanted are
 * no longer queued, nor is anybody woken for them. Where the kernel takes no filter, all come.
 */
void netlink_stream_only(struct mnl_socket *, bool (*wanted)(uint8_t command));

/* As source_drain(), up to `rooms` datagrams a call: 1 for those that may be large. */
int netlink_stream_drain(struct mnl_socket *, struct netlink_buffer *, unsigned int rooms,
			 datagram_fn fn, void *arg);
#endif
