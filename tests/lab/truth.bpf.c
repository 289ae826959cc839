/* SPDX-License-Identifier: MIT */

/*
 * The final counters of all MPTCP subflows, summed up inside the kernel: what the product must find
 * by its own, different way. A sock_ops program of the root cgroup is called by tcp_set_state()
 * itself, once before each change of state of a socket that asked for it; no tracepoint, no event
 * and no dump is involved. See truth.c for the sums that must come out and for how to build this.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "truth.h"

#define AF_INET 2
#define SOCK_DONE 1		/* a bit of skc_flags; only tcp_fin() sets it */

#define KERNEL __attribute__((preserve_access_index))

struct ns_common { unsigned int inum; } KERNEL;
struct net { struct ns_common ns; } KERNEL;
typedef struct { struct net *net; } KERNEL possible_net_t;
struct in6_addr { union { __u8 u6_addr8[16]; } in6_u; } KERNEL;
struct sock_common {
	unsigned short skc_family;
	__u32 skc_rcv_saddr;
	struct in6_addr skc_v6_rcv_saddr;
	possible_net_t skc_net;
	unsigned long skc_flags;
} KERNEL;
struct sock { struct sock_common __sk_common; } KERNEL;
struct inet_connection_sock { void *icsk_ulp_data; } KERNEL;
struct tcp_sock {
	__u64 bytes_sent, bytes_retrans, bytes_received, bytes_acked;
	__u32 write_seq, snd_nxt, snd_una;
	_Bool is_mptcp;
} KERNEL;
struct mptcp_subflow_context { __u32 rel_write_seq, mp_join : 1; } KERNEL;
struct mptcp_sock { __u64 bytes_sent, bytes_retrans, bytes_received; } KERNEL;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct address_key);
	__type(value, struct address_sums);
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct connection_sums);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct plain_sums);
} plains SEC(".maps");

/* What of a connection is already in `connections`; lives and dies with its MPTCP socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct connection_sums);
} counted SEC(".maps");

#define ADD(field, value) __sync_fetch_and_add(&(field), (value))

static __u32 netns_of(void *sk)
{
	return BPF_CORE_READ((struct sock *)sk, __sk_common.skc_net.net, ns.inum);
}

static struct address_sums *sums_of_address(void *socket)
{
	static const struct address_sums zero;
	struct address_key key = { .address = { [10] = 0xff, [11] = 0xff } };
	struct sock *sk = socket;

	key.netns = netns_of(sk);
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET)
		BPF_CORE_READ_INTO((__u32 *)&key.address[12], sk, __sk_common.skc_rcv_saddr);
	else
		BPF_CORE_READ_INTO(&key.address, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	bpf_map_update_elem(&addresses, &key, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&addresses, &key);
}

/* A FIN of ours is in the queue or beyond. */
static _Bool has_fin(int state)
{
	return state == BPF_TCP_FIN_WAIT1 || state == BPF_TCP_FIN_WAIT2 ||
	       state == BPF_TCP_CLOSING || state == BPF_TCP_LAST_ACK;
}

static _Bool got_fin(struct tcp_sock *tp)
{
	return BPF_CORE_READ((struct sock *)tp, __sk_common.skc_flags) & (1UL << SOCK_DONE);
}

/*
 * What was really sent follows from sequence numbers, modulo 2^32 as these are. bytes_sent may
 * exceed it: __tcp_transmit_skb() adds to it before the queue of the line answers, and if that
 * refuses the packet tcp_write_xmit() leaves snd_nxt where it is; the same segment is then sent as
 * if for the first time, and counted in bytes_sent once more, and in bytes_retrans never.
 */
static void add_sent(struct address_sums *sums, struct tcp_sock *tp,
		     struct mptcp_subflow_context *subflow, int old)
{
	__u64 sent = tp->bytes_sent - tp->bytes_retrans;
	__u32 queued = BPF_CORE_READ(subflow, rel_write_seq) - 1;
	__u32 unsent = tp->write_seq - tp->snd_nxt, unacked = tp->write_seq - tp->snd_una;
	__u32 refused;

	/* The FIN is the last in the queue: if anything is left there, it is. */
	unsent -= unsent && has_fin(old);
	unacked -= unacked && has_fin(old);
	refused = (__u32)sent - (queued - unsent);
	ADD(sums->sent, sent);
	ADD(sums->unsent, unsent);
	ADD(sums->refused, refused);
	ADD(sums->queued, sent - refused + unsent);
	ADD(sums->acked, sent - refused + unsent - unacked);
}

static void subflow_end(struct tcp_sock *tp, int old)
{
	struct mptcp_subflow_context *subflow =
		BPF_CORE_READ((struct inet_connection_sock *)tp, icsk_ulp_data);
	struct address_sums *sums = sums_of_address(tp);

	if (!sums || !subflow)
		return;
	if (old == BPF_TCP_SYN_SENT || old == BPF_TCP_SYN_RECV) {
		ADD(sums->attempts, 1);
		return;
	}
	if (BPF_CORE_READ_BITFIELD_PROBED(subflow, mp_join))
		ADD(sums->joined, 1);
	else
		ADD(sums->initial, 1);
	add_sent(sums, tp, subflow, old);
	ADD(sums->received, tp->bytes_received);
	ADD(sums->fins, got_fin(tp));
}

/*
 * When the ACK that completes the handshake comes without MPTCP, the server has a plain TCP socket
 * while the client's stays an MPTCP one. An accepted socket has no SYN in bytes_acked.
 */
static void plain_end(struct tcp_sock *tp, int old)
{
	static const struct plain_sums zero;
	__u32 netns = netns_of(tp);
	struct plain_sums *sums;

	bpf_map_update_elem(&plains, &netns, &zero, BPF_NOEXIST);
	sums = bpf_map_lookup_elem(&plains, &netns);
	if (!sums)
		return;
	ADD(sums->count, 1);
	ADD(sums->acked, tp->bytes_acked - (has_fin(old) && tp->snd_una == tp->write_seq));
	ADD(sums->received, tp->bytes_received - got_fin(tp));
}

/*
 * There is no such call for MPTCP sockets. Each end of a subflow adds what its connection has done
 * since the last; that is all of it once no subflow is left and the application has read its data.
 */
static void connection_progress(struct mptcp_sock *msk)
{
	static const struct connection_sums zero;
	__u32 netns = netns_of(msk);
	struct connection_sums *sums, *done;
	__u64 sent = msk->bytes_sent, reinjected = msk->bytes_retrans;
	__u64 received = msk->bytes_received;

	bpf_map_update_elem(&connections, &netns, &zero, BPF_NOEXIST);
	sums = bpf_map_lookup_elem(&connections, &netns);
	done = bpf_sk_storage_get(&counted, msk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!sums || !done)
		return;
	/* Two subflows of a connection may end on two CPUs at once. */
	ADD(sums->count, !__sync_lock_test_and_set(&done->count, 1));
	ADD(sums->sent, sent - __sync_lock_test_and_set(&done->sent, sent));
	ADD(sums->reinjected, reinjected - __sync_lock_test_and_set(&done->reinjected, reinjected));
	ADD(sums->received, received - __sync_lock_test_and_set(&done->received, received));
}

static void socket_end(struct bpf_sock_ops *ops, int old)
{
	struct bpf_sock *sk = ops->sk;
	struct mptcp_sock *msk;
	struct tcp_sock *tp;

	if (!sk)
		return;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return;
	if (!tp->is_mptcp) {
		plain_end(tp, old);
		return;
	}
	subflow_end(tp, old);
	msk = bpf_skc_to_mptcp_sock(sk);
	if (msk)
		connection_progress(msk);
}

static _Bool is_subflow(struct bpf_sock_ops *ops)
{
	struct bpf_sock *sk = ops->sk;
	struct tcp_sock *tp = sk ? bpf_skc_to_tcp_sock(sk) : NULL;

	return tp && tp->is_mptcp;
}

SEC("sockops")
int truth(struct bpf_sock_ops *ops)
{
	switch (ops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		if (!is_subflow(ops))
			break;
		/* fall through */
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags |
					       BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ops->args[1] == BPF_TCP_CLOSE && ops->args[0] != BPF_TCP_CLOSE)
			socket_end(ops, (int)ops->args[0]);
		break;
	}
	return 1;
}

char licence[] SEC("license") = "Dual MIT/GPL";
