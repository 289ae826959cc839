/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * Births and endings of MPTCP subflows, where the kernel changes the state of a TCP socket.
 *
 * tcp_set_state(sk, TCP_CLOSE) runs once a life, on every path (FIN, RST, timeout, TIME_WAIT,
 * disconnect), and before the counters are cleared; the destroy message of sock_diag comes later,
 * when those of a first subflow are gone. Only the fields used are declared; libbpf finds their
 * offsets in the running kernel (CO-RE), so one object fits all.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "subflow.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define RING_BYTES                                                                                 \
	(4 * 1024 *                                                                                \
	 1024) /* over 100 ms of 3,000 connections/s with six subflows, behind the wake-up */

enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_CLOSE = 7,
	TCP_LAST_ACK = 9,
	TCP_LISTEN,
	TCP_CLOSING
};

#define KERNEL __attribute__((preserve_access_index))

struct ns_common { unsigned int inum; } KERNEL;
struct net { struct ns_common ns; } KERNEL;
typedef struct { struct net *net; } KERNEL possible_net_t;
struct in6_addr { union { __u8 u6_addr8[16]; } in6_u; } KERNEL;
struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
} KERNEL;
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	int sk_err;
} KERNEL;
struct inet_sock { struct sock sk; __be16 inet_sport; } KERNEL;
struct inet_connection_sock { struct inet_sock icsk_inet; void *icsk_ulp_data; } KERNEL;
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_sent, bytes_retrans, bytes_received, bytes_acked;
	__u32 write_seq, snd_una, snd_nxt;
	_Bool is_mptcp;
} KERNEL;
struct mptcp_sock { _Bool rcv_data_fin; } KERNEL;
struct mptcp_subflow_context {
	__u32 token;
	__u32 request_mptcp : 1, request_join : 1, mp_capable : 1, mp_join : 1, backup : 1,
		request_bkup : 1;
	_Bool fully_established;
	struct sock *conn;
} KERNEL;

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 netns_inum;	/* set before loading: whose sockets we tell of */
__u64 lost;	/* records that found the ring full */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

static __always_inline int step_of(int from, int to)
{
	if (from == to)
		return 0;
	if (to == TCP_SYN_SENT)
		return LIFE_ATTEMPT;
	if (to == TCP_ESTABLISHED)
		return LIFE_BIRTH;
	if (to != TCP_CLOSE || from == TCP_LISTEN)
		return 0;
	return from == TCP_SYN_SENT || from == TCP_SYN_RECV ? LIFE_FAILURE : LIFE_ENDING;
}

#define BIT_OF(context, field) BPF_CORE_READ_BITFIELD_PROBED(context, field)

/* The far end may have said goodbye before we take note of it: rcv_data_fin. */
static __always_inline int is_over(struct sock *conn)
{
	return !conn || BPF_CORE_READ(conn, __sk_common.skc_state) != TCP_ESTABLISHED ||
	       BPF_CORE_READ((struct mptcp_sock *)conn, rcv_data_fin);
}

static __always_inline void read_context(struct life_record *life,
					 struct mptcp_subflow_context *context)
{
	if (!context)
		return;
	life->token = BPF_CORE_READ(context, token);
	if (BIT_OF(context, request_mptcp))
		life->flags |= LIFE_OURS;
	if (BIT_OF(context, request_join))
		life->flags |= LIFE_JOIN | LIFE_OURS;
	if (BIT_OF(context, mp_join))
		life->flags |= LIFE_JOIN | LIFE_JOINED;
	if (!(life->flags & LIFE_JOIN) && !BIT_OF(context, mp_capable))
		life->flags |= LIFE_PLAIN;
	if (BIT_OF(context, fully_established))
		life->flags |= LIFE_COMPLETE;
	if (BIT_OF(context, backup) || BIT_OF(context, request_bkup))
		life->flags |= LIFE_BACKUP;
	if (is_over(BPF_CORE_READ(context, conn)))
		life->flags |= LIFE_OVER;
}

static __always_inline int has_fin(int state)
{
	return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_LAST_ACK ||
	       state == TCP_CLOSING;
}

static __always_inline void read_counters(struct life_record *life, struct tcp_sock *tp)
{
	__u32 write_seq = BPF_CORE_READ(tp, write_seq);

	life->bytes_sent = BPF_CORE_READ(tp, bytes_sent);
	life->bytes_retrans = BPF_CORE_READ(tp, bytes_retrans);
	life->bytes_received = BPF_CORE_READ(tp, bytes_received);
	life->bytes_acked = BPF_CORE_READ(tp, bytes_acked);
	life->unacked = write_seq - BPF_CORE_READ(tp, snd_una);
	life->unsent = write_seq - BPF_CORE_READ(tp, snd_nxt);
}

static __always_inline void read_addresses(struct life_record *life, const struct sock *sk)
{
	__builtin_memset(life->local, 0, sizeof(life->local));
	__builtin_memset(life->remote, 0, sizeof(life->remote));
	if (life->family == AF_INET6) {
		BPF_CORE_READ_INTO(&life->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&life->remote, sk, __sk_common.skc_v6_daddr);
	} else {
		*(__be32 *)life->local = sk->__sk_common.skc_rcv_saddr;
		*(__be32 *)life->remote = sk->__sk_common.skc_daddr;
	}
}

/* The MPTCP socket fires the tracepoint too, and is no tcp_sock. */
static __always_inline int is_ours(struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP &&
	       sk->__sk_common.skc_net.net->ns.inum == netns_inum &&
	       BPF_CORE_READ((struct tcp_sock *)sk, is_mptcp);
}

static __always_inline int tell(struct sock *sk, __u64 cookie, int from, int to)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct life_record *life;

	life = bpf_ringbuf_reserve(&ring, sizeof(*life), 0);
	if (!life) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	life->cookie = cookie;
	life->token = 0;
	life->bound_ifindex = sk->__sk_common.skc_bound_dev_if;
	life->error = sk->sk_err;
	life->family = sk->__sk_common.skc_family;
	life->local_port = BPF_CORE_READ(tp, inet_conn.icsk_inet.inet_sport);
	life->remote_port = sk->__sk_common.skc_dport;
	life->step = step_of(from, to);
	/* At the last SYN's timeout the kernel gives MPTCP up first: request_mptcp is gone by then. */
	life->flags = (has_fin(from) ? LIFE_FIN : 0) | (from == TCP_SYN_SENT ? LIFE_OURS : 0);
	__builtin_memset(life->pad, 0, sizeof(life->pad));
	read_counters(life, tp);
	read_addresses(life, sk);
	read_context(life, BPF_CORE_READ(tp, inet_conn.icsk_ulp_data));
	/*
	 * One wake-up an event would cost more than the event: the reader comes by itself, or when
	 * it gets full.
	 */
	bpf_ringbuf_submit(life, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > RING_BYTES / 4 ?
			   BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	return 0;
}

/*
 * Who tells of a transition. Neither of the kernel's two ways is complete:
 *   - sock_ops of the root cgroup is called by tcp_set_state() itself and has missed nothing in
 *     our measurements, but knows only sockets that began while it was attached, and not their SYN;
 *   - the tracepoint sees every socket, but on a busy CPU about one transition in a thousand never
 *     reaches it, and a tracing program is not run where it is running already: a transition in
 *     softirq that interrupts one in a system call is skipped. For that there are two of them, and
 *     the second tells what the first could not.
 * They run one after the other, in this order; whoever tells leaves word for those that follow.
 */
enum { SEEN_SLOTS = 64 };

struct seen {
	__u64 cookie;
	int to;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SEEN_SLOTS);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

/*
 * Where to leave word of a transition; another socket's that interrupts this one finds another
 * place.
 */
static __always_inline struct seen *seen_place(__u64 cookie)
{
	__u32 slot = cookie % SEEN_SLOTS;

	return bpf_map_lookup_elem(&seen, &slot);
}

static __always_inline int was_seen(const struct seen *place, __u64 cookie, int to)
{
	return place && place->cookie == cookie && place->to == to;
}

static __always_inline void leave_word(struct seen *place, __u64 cookie, int to)
{
	if (place) {
		place->cookie = cookie;
		place->to = to;
	}
}

/*
 * All three run for every TCP socket of the machine, several times in its life: what nothing is
 * told of they leave at once.
 */
static __always_inline int matters(const struct bpf_sock_ops *ops)
{
	return ops->op == BPF_SOCK_OPS_TCP_CONNECT_CB ||
	       ops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB ||
	       (ops->op == BPF_SOCK_OPS_STATE_CB && step_of((int)ops->args[0], (int)ops->args[1]));
}

SEC("sockops")
int watch(struct bpf_sock_ops *ops)
{
	struct bpf_sock *socket;
	struct tcp_sock *tp;
	__u64 cookie;

	if (!matters(ops))
		return 1;
	socket = ops->sk;
	tp = socket ? bpf_skc_to_tcp_sock(socket) : NULL;
	if (!tp || !is_ours((struct sock *)tp))
		return 1;
	switch (ops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(ops,
					  ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		cookie = bpf_get_socket_cookie(ops);
		leave_word(seen_place(cookie), cookie, (int)ops->args[1]);
		tell((struct sock *)tp, cookie, (int)ops->args[0], (int)ops->args[1]);
		break;
	}
	return 1;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(first, struct sock *sk, int from, int to)
{
	struct seen *place;
	__u64 cookie;

	if (!step_of(from, to) || !is_ours(sk))
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	place = seen_place(cookie);
	if (was_seen(place, cookie, to))
		return 0;
	leave_word(place, cookie, to);
	return tell(sk, cookie, from, to);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(second, struct sock *sk, int from, int to)
{
	struct seen *place;
	__u64 cookie;

	if (!step_of(from, to) || !is_ours(sk))
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	place = seen_place(cookie);
	if (was_seen(place, cookie, to)) {
		place->cookie = 0;
		return 0;
	}
	return tell(sk, cookie, from, to);
}
