/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * Births and endings of MPTCP subflows, where the kernel changes the state of a TCP socket, and
 * those that are alive, where a poll walks over them.
 *
 * tcp_set_state(sk, TCP_CLOSE) runs once a life, on every path (FIN, RST, timeout, TIME_WAIT,
 * disconnect), and before the counters are cleared; the destroy message of sock_diag comes later,
 * when those of a first subflow are gone.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel.h"
#include "subflow.h"

#define RING_BYTES                                                                                 \
	(4 * 1024 *                                                                                \
	 1024) /* over 100 ms of 3,000 connections/s with six subflows, behind the wake-up */

enum { LOOK_EVERY = 64 };	/* records: then whether somebody is to be woken */

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set before loading. */
const volatile __u32 netns_inum;	/* whose sockets we tell of */
const volatile __u32 hz = 1000;		/* ticks a second */

__u64 lost;	/* records that found the ring full, or could not be made */
__u64 told;	/* records, more or less: CPUs may count at once */
__u64 refused;	/* flags that the kernel did not let us put back */

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

/*
 * --- what a record tells -----------------------------------------------------------------------
 */

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

/* What MPTCP knows of a subflow, as far as we want it. */
struct known {
	__u32 token;
	_Bool request_mptcp, request_join, mp_capable, mp_join, backup, complete;
	struct sock *conn;
};

static __always_inline struct known read_known(const struct mptcp_subflow_context *context)
{
	return (struct known){
		.token = context->token,
		.request_mptcp = BPF_CORE_READ_BITFIELD(context, request_mptcp),
		.request_join = BPF_CORE_READ_BITFIELD(context, request_join),
		.mp_capable = BPF_CORE_READ_BITFIELD(context, mp_capable),
		.mp_join = BPF_CORE_READ_BITFIELD(context, mp_join),
		.backup = BPF_CORE_READ_BITFIELD(context, backup) ||
			  BPF_CORE_READ_BITFIELD(context, request_bkup),
		.complete = context->fully_established,
		.conn = context->conn,
	};
}

/*
 * Two ways to it, for it is no pointer that the verifier knows: by a cast, of Linux 6.2, or of a
 * copy, one call and not one for each field; the struct has 272 octets in Linux 6.18.
 * A program with the cast in it, run or not, is refused by kernels without it, or without a compiler
 * for such calls: only walk(), which needs a younger one, may have it.
 */
static __always_inline struct known known_by_cast(void *data)
{
	return read_known(bpf_rdonly_cast(data,
					  bpf_core_type_id_kernel(struct mptcp_subflow_context)));
}

static __always_inline int known_by_copy(struct known *known, void *data)
{
	const __u32 size = bpf_core_type_size(struct mptcp_subflow_context);
	__u64 copy[48];

	if (size > sizeof(copy) || bpf_probe_read_kernel(copy, size, data))
		return 0;
	*known = read_known((const struct mptcp_subflow_context *)copy);
	return 1;
}

static __always_inline __u8 flags_of(const struct known *known)
{
	__u8 flags = 0;

	if (known->request_mptcp)
		flags |= LIFE_OURS;
	if (known->request_join)
		flags |= LIFE_JOIN | LIFE_OURS;
	if (known->mp_join)
		flags |= LIFE_JOIN | LIFE_JOINED;
	if (known->complete)
		flags |= LIFE_COMPLETE;
	if (known->backup)
		flags |= LIFE_BACKUP;
	return flags;
}

/* The far end may have said goodbye before we take note of it: rcv_data_fin. */
static __always_inline int is_over(struct sock *conn)
{
	return !conn || BPF_CORE_READ(conn, __sk_common.skc_state) != TCP_ESTABLISHED ||
	       BPF_CORE_READ((struct mptcp_sock *)conn, rcv_data_fin);
}

static __always_inline __u8 more_flags_of(const struct known *known)
{
	return (!known->mp_join && !known->request_join && !known->mp_capable ? LIFE_PLAIN : 0) |
	       (is_over(known->conn) ? LIFE_OVER : 0);
}

static __always_inline int has_fin(int state)
{
	return 1 << state & ENDS;
}

/* Where one was given already, without a call. */
static __always_inline __u64 cookie_of(struct tcp_sock *tp)
{
	__u64 cookie = (__u64)((struct sock *)tp)->__sk_common.skc_cookie.counter;

	return cookie ? cookie : bpf_get_socket_cookie(tp);
}

/* All but cookie, local port, step, error, and what MPTCP knows. */
static __always_inline void read_socket(struct life_record *record, struct tcp_sock *tp, int state)
{
	const struct sock_common *common = &((struct sock *)tp)->__sk_common;
	__u32 write_seq = tp->write_seq;

	record->bytes_sent = tp->bytes_sent;
	record->bytes_retrans = tp->bytes_retrans;
	record->bytes_received = tp->bytes_received;
	record->bytes_acked = tp->bytes_acked;
	record->unacked = write_seq - tp->snd_una;
	record->unsent = write_seq - tp->snd_nxt;
	record->bound_ifindex = common->skc_bound_dev_if;
	record->family = common->skc_family;
	record->remote_port = common->skc_dport;
	record->flags = has_fin(state) ? LIFE_FIN : 0;
	__builtin_memset(record->pad, 0, sizeof(record->pad));
	if (record->family == AF_INET6) {
		__builtin_memcpy(record->local, &common->skc_v6_rcv_saddr, sizeof(record->local));
		__builtin_memcpy(record->remote, &common->skc_v6_daddr, sizeof(record->remote));
	} else {
		__builtin_memset(record->local, 0, sizeof(record->local));
		__builtin_memset(record->remote, 0, sizeof(record->remote));
		*(__be32 *)record->local = common->skc_rcv_saddr;
		*(__be32 *)record->remote = common->skc_daddr;
	}
}

/*
 * --- lives -------------------------------------------------------------------------------------
 */

static __always_inline int is_ours(struct tcp_sock *tp)
{
	return tp->is_mptcp && ((struct sock *)tp)->__sk_common.skc_net.net->ns.inum == netns_inum;
}

/*
 * One wake-up an event would cost more than the event: the reader comes by itself, or when the ring
 * gets full; who then does not come at once is not called again by each event.
 */
static __always_inline int is_to_wake(void)
{
	return !(told++ % LOOK_EVERY) &&
	       bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > RING_BYTES / 4;
}

static __noinline void tell(struct tcp_sock *tp, __u64 cookie, int from, int step)
{
	struct life_record *life;
	struct known known;
	void *context;

	life = bpf_ringbuf_reserve(&ring, sizeof(*life), 0);
	if (!life) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	read_socket(life, tp, from);
	/* Not skc_num, which is 0 by now when the tracepoint tells of an ending. */
	life->local_port = tp->inet_conn.icsk_inet.inet_sport;
	life->cookie = cookie;
	life->token = 0;
	life->error = ((struct sock *)tp)->sk_err;
	life->step = step;
	/* At the last SYN's timeout the kernel gives MPTCP up first: request_mptcp is gone by then. */
	if (from == TCP_SYN_SENT)
		life->flags |= LIFE_OURS;
	context = tp->inet_conn.icsk_ulp_data;
	if (context) {
		if (!known_by_copy(&known, context)) {
			bpf_ringbuf_discard(life, BPF_RB_NO_WAKEUP);
			__sync_fetch_and_add(&lost, 1);
			return;
		}
		life->token = known.token;
		life->flags |= flags_of(&known) | more_flags_of(&known);
	}
	bpf_ringbuf_submit(life, is_to_wake() ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/*
 * Who tells of a transition.
 *
 * sock_ops of the root cgroup is called by tcp_set_state() itself and has missed nothing in our
 * measurements, but only for a socket that has its flag: it gets it at its SYN or when it is
 * accepted. Where the walk may set it as well (Linux 6.12), which finds those that began before, and
 * those whose flag another program took away, watch() is all that is needed.
 *
 * Elsewhere there are two programs at the tracepoint, and watch_beside(). That sees every socket, but on a
 * busy CPU about one transition in a thousand never reaches it, and a tracing program is not run
 * where it is running already: a transition in softirq that interrupts one in a system call is
 * skipped. For that there are two of them, and the second tells what the first could not. They run
 * one after the other, in this order; whoever tells leaves word for those that follow.
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

/* NULL: not a subflow of ours. The MPTCP socket comes by here too, and is no tcp_sock. */
static __always_inline struct tcp_sock *subflow_of(void *socket)
{
	struct tcp_sock *tp = socket ? bpf_skc_to_tcp_sock(socket) : NULL;

	return tp && is_ours(tp) ? tp : NULL;
}

/*
 * They run for every TCP socket of the machine, several times in its life: what nothing is told of
 * they leave at once. Other programs that set flags of their own do so when a connection is
 * established, and ours, at the root, is called after those below it.
 *
 * An attempt is told of at its SYN where nobody else does: the transition before it had no flag yet,
 * unless the socket is used again.
 */
static __always_inline int watched(struct bpf_sock_ops *ops, int alone)
{
	const __u32 op = ops->op;
	int from = TCP_CLOSE, to = TCP_SYN_SENT, step = LIFE_ATTEMPT;
	struct tcp_sock *tp;
	__u64 cookie;

	if (op == BPF_SOCK_OPS_STATE_CB) {
		from = (int)ops->args[0];
		to = (int)ops->args[1];
		step = step_of(from, to);
		if (!step || (alone && step == LIFE_ATTEMPT))
			return 1;
	} else if (op != BPF_SOCK_OPS_TCP_CONNECT_CB && op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
		   op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
		return 1;
	}
	tp = subflow_of(ops->sk);
	if (!tp)
		return 1;
	if (op != BPF_SOCK_OPS_STATE_CB)
		bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags |
					       BPF_SOCK_OPS_STATE_CB_FLAG);
	if (op != BPF_SOCK_OPS_STATE_CB && (op != BPF_SOCK_OPS_TCP_CONNECT_CB || !alone))
		return 1;
	cookie = bpf_get_socket_cookie(ops);
	if (!alone)
		leave_word(seen_place(cookie), cookie, to);
	tell(tp, cookie, from, step);
	return 1;
}

SEC("sockops")
int watch(struct bpf_sock_ops *ops)
{
	return watched(ops, 1);
}

SEC("sockops")
int watch_beside(struct bpf_sock_ops *ops)
{
	return watched(ops, 0);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(first, struct sock *sk, int from, int to)
{
	const int step = step_of(from, to);
	struct tcp_sock *tp = step ? subflow_of(sk) : NULL;
	struct seen *place;
	__u64 cookie;

	if (!tp)
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	place = seen_place(cookie);
	if (was_seen(place, cookie, to))
		return 0;
	leave_word(place, cookie, to);
	tell(tp, cookie, from, step);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(second, struct sock *sk, int from, int to)
{
	const int step = step_of(from, to);
	struct tcp_sock *tp = step ? subflow_of(sk) : NULL;
	struct seen *place;
	__u64 cookie;

	if (!tp)
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	place = seen_place(cookie);
	if (was_seen(place, cookie, to)) {
		place->cookie = 0;
		return 0;
	}
	tell(tp, cookie, from, step);
	return 0;
}

/*
 * --- the walk ----------------------------------------------------------------------------------
 */

/*
 * What watch() needs to be called for it: a subflow that began before us lacks it, and one that
 * another sock_ops program took it from, by setting flags of its own. 1 where it was missing.
 */
static __always_inline __u32 put_back(struct tcp_sock *tp)
{
	int flags = tp->bpf_sock_ops_cb_flags;

	if (flags & BPF_SOCK_OPS_STATE_CB_FLAG)
		return 0;
	flags |= BPF_SOCK_OPS_STATE_CB_FLAG;
	if (bpf_setsockopt(tp, SOL_TCP, BPF_SOCK_OPS_CB_FLAGS, &flags, sizeof(flags)))
		__sync_fetch_and_add(&refused, 1);
	return 1;
}

/* As tcp_get_info_chrono_stats() has it. */
static __always_inline __u32 rwnd_limited_ms(const struct tcp_sock *tp, __u32 now)
{
	__u32 ticks = tp->chrono_stat[CHRONO_RWND_LIMITED - 1];

	if (BPF_CORE_READ_BITFIELD(tp, chrono_type) == CHRONO_RWND_LIMITED)
		ticks += now - tp->chrono_start;
	return ticks ? (__u64)ticks * (1000000 / hz) / 1000 : 0;
}

/* As jiffies_to_msecs() has it. */
static __always_inline __u32 ms_of(__u32 ticks)
{
	return ((__u64)ticks * 1000 + hz - 1) / hz;
}

/*
 * Each TCP socket of the network namespace of who opened the iterator, locked; of subflows, what a
 * dump of sock_diag tells (tcp_get_info(), subflow_get_info()), of the same states.
 */
SEC("iter/tcp")
int walk(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct subflow_record record;
	struct tcp_sock *tp;
	struct known known;
	void *context;
	__u32 now;

	if (!common || !(1 << common->skc_state & (ALIVE | 1 << TCP_SYN_RECV)))
		return 0;
	tp = bpf_skc_to_tcp_sock(common);
	if (!tp || !tp->is_mptcp)
		return 0;
	/* A socket of TCP Fast Open: its birth is still to come. */
	if (common->skc_state == TCP_SYN_RECV) {
		put_back(tp);
		return 0;
	}
	context = tp->inet_conn.icsk_ulp_data;
	if (!context)
		return 0;
	record.state = common->skc_state;
	read_socket(&record.socket, tp, record.state);
	known = known_by_cast(context);
	/* Where the rest was just read from: inet_sport lies far off. */
	record.socket.local_port = bpf_htons(common->skc_num);
	record.socket.cookie = cookie_of(tp);
	record.socket.token = known.token;
	record.socket.error = 0;
	record.socket.step = 0;
	record.socket.flags |= flags_of(&known);
	now = bpf_jiffies64();
	record.rtt_us = tp->srtt_us >> 3;
	record.min_rtt_us = tp->rtt_min.s[0].v;
	record.snd_cwnd = tp->snd_cwnd;
	record.snd_mss = tp->mss_cache;
	record.in_flight = tp->packets_out;
	record.rwnd_limited_ms = rwnd_limited_ms(tp, now);
	record.last_ack_recv_ms = ms_of(now - tp->rcv_tstamp);
	/* A SYN that waits for its first octets (TCP_FASTOPEN_CONNECT) was not told of yet. */
	record.muted = put_back(tp) && (record.state != TCP_SYN_SENT || tp->packets_out);
	__builtin_memset(record.pad, 0, sizeof(record.pad));
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}
