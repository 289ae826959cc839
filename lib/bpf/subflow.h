/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
#ifndef LIB_BPF_SUBFLOW_H
#define LIB_BPF_SUBFLOW_H
/*
 * What our programs in the kernel tell: one life_record for each step in the life of a subflow, one
 * subflow_record for each that is alive. Read by parse_life.c; also what a capture holds. Native
 * byte order, addresses and ports in network order.
 */

enum life_step {
	LIFE_ATTEMPT = 1,	/* CLOSE -> SYN_SENT */
	LIFE_BIRTH,		/* -> ESTABLISHED */
	LIFE_FAILURE,		/* SYN_SENT or SYN_RECV -> CLOSE */
	LIFE_ENDING		/* any later state -> CLOSE: the counters are final */
};

enum life_flag {
	LIFE_JOIN = 1,		/* an MP_JOIN of ours, or one that we accepted */
	LIFE_JOINED = 2,	/* the MP_JOIN handshake went well as far as this side can know */
	LIFE_COMPLETE = 4,	/* fully established: the far end has confirmed it */
	LIFE_BACKUP = 8,
	LIFE_OURS = 16,		/* we sent the SYN */
	LIFE_FIN = 32,		/* our FIN is in the sequence space, sent or not */
	LIFE_OVER = 64,		/* its connection is being closed, or is no more */
	LIFE_PLAIN = 128	/* neither asked for MPTCP with success, nor joined: plain TCP */
};

struct life_record {
	__u64 cookie;
	__u64 bytes_sent;	/* as struct tcp_info has them */
	__u64 bytes_retrans;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u32 unacked;		/* write_seq - snd_una */
	__u32 unsent;		/* write_seq - snd_nxt */
	__u32 token;		/* of the connection, as `ss -M` shows it */
	__u32 bound_ifindex;	/* 0 for none */
	__u32 error;		/* sk_err: ETIMEDOUT, ECONNREFUSED, ECONNRESET ... or 0 */
	__u16 family;		/* AF_INET, AF_INET6 */
	__u16 local_port, remote_port;
	__u8 step;		/* enum life_step */
	__u8 flags;		/* enum life_flag */
	__u8 local[16], remote[16];
	__u8 pad[4];
};

/*
 * A subflow as a walk found it: what a record of its life would tell, but for step, error, LIFE_OVER
 * and LIFE_PLAIN, which are 0, and what a dump tells beside. Names as in struct tcp_info.
 */
struct subflow_record {
	struct life_record socket;
	__u32 rtt_us;
	__u32 min_rtt_us;	/* UINT32_MAX: no sample yet */
	__u32 snd_cwnd, snd_mss;
	__u32 in_flight;	/* segments: tcpi_unacked */
	__u32 rwnd_limited_ms;
	__u32 last_ack_recv_ms;
	__u8 state;		/* TCP_ESTABLISHED ... of the kernel */
	__u8 muted;		/* nobody would have told of its ending: see put_back() in subflow.bpf.c */
	__u8 pad[2];
};
#endif
