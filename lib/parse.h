/* SPDX-License-Identifier: MIT */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/address.h"

/*
 * Bytes to plain structs. Every parser is pure, fills *out wholly, checks type (but for sockets of a
 * dump, which is of one type), then length, copies what it knows and skips the rest: a longer message
 * from a newer kernel is as good as ours.
 * All return
 *   1		*out holds a row
 *   0		well formed, but not for us (another type, another protocol)
 *   -EBADMSG	too short for what it claims to be
 */

/* A network interface: RTM_NEWLINK, and RTM_DELLINK with gone set. */
struct link_row {
	uint32_t ifindex;
	char name[IFNAME_LEN];
	char alias[LABEL_LEN];
	bool loopback, gone;
	bool admin_up;			/* IFF_UP: nobody has switched it off */
	bool up; /* may carry: IFF_UP, and operstate UP or UNKNOWN with IFF_LOWER_UP (RFC 2863) */
	struct maybe_u64 in_octets, out_octets;	/* IFLA_STATS64 */
	bool partial;			/* it tells nothing but its name, as wireless events do */
};
int parse_link(const struct nlmsghdr *nlh, struct link_row *out);

/* An address of an interface: RTM_NEWADDR, and RTM_DELADDR with gone set. */
struct address_row {
	uint32_t ifindex;
	struct address address;
	bool gone;
	bool usable;			/* neither tentative nor failed duplicate detection */
	bool link_scope;		/* IPv6 link-local: says nothing of an uplink */
};
int parse_address(const struct nlmsghdr *nlh, struct address_row *out);

/*
 * The answer of RTM_GETROUTE with RTM_F_FIB_MATCH: the interface that a packet of a socket bound to
 * that device (0: none) would leave by; 0 for none (unreachable, prohibited ...). Unknown where
 * there is a way, and the route does not say which: it has hops by several interfaces, or is that
 * of a nexthop object.
 */
int parse_route(const struct nlmsghdr *nlh, uint32_t bound_ifindex, struct maybe_u32 *ifindex);

/*
 * The answer of CTRL_CMD_GETFAMILY: the family's id and the group of that name (0: no such group).
 */
struct family_row {
	uint16_t id;
	uint32_t group;
};
int parse_family(const struct nlmsghdr *nlh, const char *group, struct family_row *out);

/* mptcp_pm: MPTCP_PM_CMD_GET_LIMITS */
struct limits_row {
	struct maybe_u32 subflows, add_addr;
};
int parse_limits(const struct nlmsghdr *nlh, struct limits_row *out);

/*
 * The kernel's refusal of a limit that is too high: an NLMSG_ERROR with an extended ACK whose text
 * names the maximum, "limit greater than maximum (8)". 1; 0 where none is named, as by older
 * kernels; -EBADMSG.
 */
int parse_limit_refusal(const struct nlmsghdr *nlh, uint32_t *maximum);

/* mptcp_pm: MPTCP_PM_CMD_GET_ADDR. The WAN fields are left empty. */
int parse_endpoint(const struct nlmsghdr *nlh, struct endpoint *out);

/* What a socket has carried. */
struct octets {
	uint64_t out;		/* payload sent for the first time */
	uint64_t retrans;	/* payload sent again: tcpi_bytes_retrans */
	uint64_t in;		/* payload received, a FIN counting as one: tcpi_bytes_received */
	uint64_t sent; /* tcpi_bytes_sent as it is: falls only when the socket lives again */
};

/*
 * The kernel's counters of a TCP socket that tell its octets; names as in struct tcp_info and
 * struct tcp_sock.
 */
struct tcp_counters {
	uint64_t bytes_sent, bytes_retrans, bytes_received, bytes_acked;
	uint32_t unacked;	/* write_seq - snd_una: idiag_wqueue */
	uint32_t unsent;	/* write_seq - snd_nxt: tcpi_notsent_bytes */
	bool syn;		/* we connected: bytes_acked counts our SYN */
	bool fin;		/* our FIN is in the sequence space, sent or not */
};

/*
 * The octets of a socket. bytes_sent - bytes_retrans alone is too much where a queue of our own
 * refuses segments: each of their tries counts in bytes_sent and none in bytes_retrans
 * (net/ipv4/tcp_output.c, __tcp_transmit_skb(), tcp_write_xmit()). What was acknowledged or is in
 * flight is exact, but for a SYN or FIN that we may not know of.
 */
struct octets octets_of(const struct tcp_counters *);

/*
 * Is the sender's side full? A congestion window is in flight or waits, or 0.7 of it is in flight.
 * Busy time does not tell: with a real round trip it is near 100 % at a small part of the line's
 * rate. Names as in struct tcp_info.
 */
bool window_full(uint32_t snd_cwnd, uint32_t snd_mss, uint32_t unacked, uint32_t notsent_bytes);

/* What became of a subflow or a connection, from whichever stream. */
enum life_kind { LIFE_NONE, ATTEMPTED, BORN, FAILED, ENDED, CONNECTION_CLOSED };

struct life {
	enum life_kind kind;
	uint64_t cookie;	/* 0: not told */
	struct tuple tuple;
	uint32_t token;		/* 0: not told */
	uint32_t bound_ifindex;	/* 0: none */
	uint32_t error;		/* errno of the socket, FAILED and ENDED */
	bool join, joined, complete, ours, over, plain;	/* see enum life_flag */
	bool mptcp;		/* false: may be any TCP socket, match it with a birth first */
	bool cleared;		/* ENDED: the kernel had already zeroed counters and ports */
	bool stillborn;		/* ENDED: it never took part in anything, see parse_destroy() */
	struct octets octets;
};

/* One struct life_record of our programs. */
int parse_life_record(const void *buf, size_t len, struct life *out);

/* One mptcp_pm_events message: BORN or CONNECTION_CLOSED. */
int parse_pm_event(const struct nlmsghdr *nlh, struct life *out);
bool pm_event_counts(uint8_t command);	/* of a kind that parse_pm_event() makes a life of */

/*
 * One message of the sock_diag destroy groups: ENDED. When two copies of a handshake's last ACK
 * race, a listener makes two sockets of one four-tuple and throws one away
 * (net/ipv4/inet_hashtables.c, inet_ehash_nolisten()): that one is stillborn, and its ending says
 * nothing of the other's birth.
 */
int parse_destroy(const struct nlmsghdr *nlh, struct life *out);

/* One TCP socket of a dump or a walk that is a subflow of MPTCP. */
struct subflow_row {
	uint64_t cookie;
	struct tuple tuple;
	uint32_t bound_ifindex;
	uint8_t state;			/* TCP_ESTABLISHED ... of the kernel */
	uint32_t token;			/* of its connection */
	bool join, backup;
	bool ours;			/* we sent its SYN */
	bool complete;			/* fully established: the far end has confirmed it */
	bool full;			/* window_full() */
	bool pending;			/* something sent is not acknowledged yet */
	struct octets octets;
	uint32_t rtt_us, min_rtt_us;	/* 0: not measured yet */
	uint32_t rwnd_limited_ms;	/* so long it waited for the receiver's window by now */
	uint32_t acked_ago_ms;		/* since the last ACK */
	bool muted;			/* its ending might not have been told; by a walk only */
};

/*
 * Returns 0 for what is no subflow; *plain then says whether it had no ULP block at all. Before
 * Linux 6.15 that is also all an unprivileged reader sees of a subflow: when every socket is plain
 * while connections exist, nothing is known.
 */
int parse_subflow(const struct nlmsghdr *nlh, struct subflow_row *out, bool *plain);

/*
 * The first struct subflow_record of a walk's datagram, by which its rows are the same as those of
 * parse_subflow().
 */
int parse_subflow_record(const void *buf, size_t len, struct subflow_row *out);

/* The cookie of a socket of a dump, 0 if it is too short to have one. */
uint64_t parse_cookie(const struct nlmsghdr *nlh);

/* One MPTCP socket of a dump. */
struct connection_row {
	uint32_t token;
	uint8_t state;
	bool fallback;
	bool both_families;	/* an IPv6 socket: IPv4 is open to it, too */
	struct address remote;
	uint16_t remote_port;
	struct maybe_u32 extra_subflows, extra_subflows_max;
	uint8_t addresses_accepted, addresses_accepted_max;	/* of the far end, beside its first */
};
int parse_connection(const struct nlmsghdr *nlh, struct connection_row *out);

/*
 * /proc/net/netstat: calls fn for each counter of the MPTcpExt lines. Returns the number of
 * counters, or -EBADMSG when names and values do not fit each other.
 */
typedef void (*counter_fn)(const char *name, size_t name_len, uint64_t value, void *arg);
int parse_counters(const char *text, size_t len, counter_fn fn, void *arg);

/* The sysctls of net.mptcp, as lines "name=value". */
struct sysctl_row {
	struct maybe_bool enabled;
	struct maybe_u32 blackhole_timeout_s;	/* 0: MPTCP is never switched off */
	char path_manager[WORD_LEN], scheduler[WORD_LEN];
};
int parse_sysctls(const char *text, size_t len, struct sysctl_row *out);

/* How busy the host is: /proc/stat, /proc/net/sockstat, sockstat6 and softnet_stat. */
enum { CORES_MOST = 64 };	/* the others are not looked at */
struct load_row {
	uint32_t cores;		/* the greatest number + 1 */
	uint64_t busy[CORES_MOST], ticks[CORES_MOST];	/* of each core since boot, ticks: all */
	struct maybe_u64 softnet_dropped;	/* packets, all cores, since boot */
	struct maybe_u64 tcp_pages;		/* memory of all TCP sockets */
	struct maybe_u64 tcp_sockets;		/* of our namespace, without TIME_WAIT */
	struct maybe_u64 tcp_time_wait;		/* of our namespace, those in TIME_WAIT */
};

/*
 * One of these files, told apart by its first word; adds to *out, which the caller has zeroed. 1,
 * or -EBADMSG.
 */
int parse_load(const char *text, size_t len, struct load_row *out);
#endif
