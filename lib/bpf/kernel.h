/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
#ifndef LIB_BPF_KERNEL_H
#define LIB_BPF_KERNEL_H
/*
 * What our programs need of the kernel's own structs. Only the fields used are declared; libbpf finds
 * their offsets in the running kernel (CO-RE), so one object fits all. After linux/bpf.h.
 */

#define AF_INET 2
#define AF_INET6 10
#define SOL_TCP 6
/* Of Linux 6.12; headers may be older. */
enum { BPF_SOCK_OPS_CB_FLAGS = 1008 };

enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_CLOSE = 7,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING
};
enum {
	ENDS = 1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 | 1 << TCP_LAST_ACK | 1 << TCP_CLOSING,
	ALIVE = 1 << TCP_ESTABLISHED | 1 << TCP_SYN_SENT | 1 << TCP_CLOSE_WAIT | ENDS
};
enum { CHRONO_RWND_LIMITED = 2 };	/* enum tcp_chrono */

#define KERNEL __attribute__((preserve_access_index))

struct ns_common { unsigned int inum; } KERNEL;
struct net { struct ns_common ns; } KERNEL;
typedef struct { struct net *net; } KERNEL possible_net_t;
typedef struct { __s64 counter; } KERNEL atomic64_t;
struct in6_addr { union { __be32 u6_addr32[4]; } in6_u; } KERNEL;
struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	unsigned short skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
} KERNEL;
struct sock {
	struct sock_common __sk_common;
	int sk_err;
} KERNEL;
struct inet_sock { struct sock sk; __be16 inet_sport; } KERNEL;
struct inet_connection_sock { struct inet_sock icsk_inet; void *icsk_ulp_data; } KERNEL;
struct minmax_sample { __u32 v; } KERNEL;
struct minmax { struct minmax_sample s[3]; } KERNEL;
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_sent, bytes_retrans, bytes_received, bytes_acked;
	__u32 write_seq, snd_una, snd_nxt;
	__u32 srtt_us, snd_cwnd, mss_cache, packets_out, rcv_tstamp;
	struct minmax rtt_min;
	__u32 chrono_start, chrono_stat[3];
	__u8 chrono_type : 2;
	__u8 bpf_sock_ops_cb_flags;
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
struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; } KERNEL;
struct bpf_iter__tcp { struct bpf_iter_meta *meta; struct sock_common *sk_common; } KERNEL;
#endif
