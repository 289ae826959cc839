/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAB_TRUTH_H
#define TESTS_LAB_TRUTH_H

/* What truth.bpf.c adds up in the kernel and truth.c prints; truth.c says which sums must agree. */

struct address_key {
	__u32 netns;		/* inode number of the network namespace */
	__u8 address[16];	/* local; IPv4 as ::ffff:a.b.c.d, also where the socket is IPv6 */
};

struct address_sums {		/* of the ended subflows of one local address; bytes of payload */
	__u64 initial, joined;	/* subflows that were established */
	__u64 attempts;		/* of ours which ended before they were */
	__u64 sent;		/* bytes_sent - bytes_retrans */
	__u64 received;		/* bytes_received, FINs included */
	__u64 fins;		/* received in order: each is one byte of `received` */
	__u64 queued;		/* given to the subflow by MPTCP */
	__u64 unsent;		/* of these, never sent until the end */
	__u64 refused;		/* in `sent` twice: the queue of the line refused the segment */
	__u64 acked;		/* of `queued`: acknowledged by the peer's TCP */
};

struct connection_sums {	/* of one namespace: MPTCP sockets whose subflows have ended */
	__u64 count;
	__u64 sent;		/* bytes_sent: given to a subflow for the first time */
	__u64 reinjected;	/* bytes_retrans: given to a subflow again, by the MPTCP timer */
	__u64 received;		/* bytes_received: in order, without duplicates */
};

struct plain_sums {		/* of one namespace: ended connections accepted as plain TCP */
	__u64 count, acked, received;	/* bytes without FINs */
};

#endif
