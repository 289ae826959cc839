/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_SOURCE_H
#define TESTS_FAKE_SOURCE_H
#include <netinet/in.h>
#include "lib/source.h"

/*
 * A source whose kernel is a script: what each question answers until told otherwise, and what each
 * stream will hand on with its next drain. Addresses are 10.0.0.N, the far end is 192.0.2.1:443.
 */
enum { FAKE_BYTES = 512 * 1024, FAKE_LOG = 128 };

struct fake_bytes {
	char bytes[FAKE_BYTES] __attribute__((aligned(8)));
	size_t len;
};

struct fake {
	struct source source;
	struct fake_bytes answers[QUESTIONS], streams[STREAMS];
	int errors[QUESTIONS];		       /* what a question returns, after its rows */
	unsigned int interruptions[QUESTIONS]; /* so often -EINTR first */
	int refused[STREAMS];		       /* what opening returns */
	int losses[STREAMS];		       /* what the next drain returns */
	int each_error;			       /* what source_ask_each() returns, after its rows */
	int walk_error;			       /* what source_walk() does; from -ENOSYS on */
	struct fake_bytes walked;	       /* its rows: those of Q_SUBFLOWS, by name */
	unsigned int asked[QUESTIONS], opened[STREAMS], asked_each, asked_walk;
	/*
	 * Of the last poll: q for subflows asked, e for each of them, w for a walk (there is one),
	 * 0 to 3 for a drain.
	 */
	char log[FAKE_LOG];
	uint64_t now_us, wall_ms;
	/* Called when the rows of the subflows have been handed on: what happens during a dump. */
	void (*during_dump)(struct fake *);
	/*
	 * The way of a packet: 0 and its interface (0: it does not say which), or -errno. NULL: it
	 * cannot tell.
	 */
	int (*route)(const struct route_query *, uint32_t *ifindex);
};

struct fake *fake_new(void); /* source_close() frees it; NULL: no memory */

/* Rows of answers; fake_forget() empties an answer. */
void fake_forget(struct fake *, enum question);
void fake_link(struct fake *, uint32_t ifindex, const char *name);
void fake_address(struct fake *, uint32_t ifindex, uint8_t last);
void fake_endpoint(struct fake *, uint8_t id, uint8_t last, uint32_t flags);
void fake_limits(struct fake *, uint32_t subflows, uint32_t add_addr);
void fake_connection(struct fake *, uint32_t token, bool fallback);
void fake_subflow(struct fake *, uint64_t cookie, uint8_t last, uint16_t port, uint32_t token,
		  uint64_t out, uint64_t in);
void fake_plain(struct fake *, uint64_t cookie, uint8_t last, uint16_t port); /* no subflow */
void fake_text(struct fake *, enum question, const char *text);

/* The same rows with all that may be told of them; what is left out is 0. */
struct fake_link {
	uint32_t ifindex;
	const char *name;
	bool no_carrier;
	uint64_t in, out;	/* octets of the device */
};
struct fake_endpoint {
	uint8_t id, last;
	uint32_t flags;
	uint32_t ifindex;	/* of its device; 0: none */
};
struct fake_connection {
	uint32_t token;
	uint8_t state;		/* of the kernel; 0: established */
	bool fallback;
	uint8_t extra, limit;	/* extra subflows, and how many it may have */
};
struct fake_subflow {
	uint64_t cookie;
	uint8_t last;
	uint16_t port;
	uint32_t token;
	uint8_t state;		/* of the kernel; 0: established */
	uint32_t flags;		/* of its ULP block: MPTCP_SUBFLOW_FLAG_* */
	uint64_t out, in, retrans;
	uint32_t rtt_us;
	bool full;		/* a congestion window waits */
	uint32_t acked_ago_ms;
	bool muted;		/* only a walk tells */
};
struct fake_life {
	uint8_t step, flags;	/* of lib/bpf/subflow.h */
	uint64_t cookie;
	uint8_t last;
	uint16_t port;
	uint32_t token, error;
	uint64_t out, in;
};
void fake_add_link(struct fake *, const struct fake_link *);
void fake_add_endpoint(struct fake *, const struct fake_endpoint *);
void fake_add_connection(struct fake *, const struct fake_connection *);
void fake_add_subflow(struct fake *, const struct fake_subflow *);
void fake_add_life(struct fake *, const struct fake_life *);

/* What a walk tells of a subflow that a dump tells so: fake_add_subflow() does it (fake_walk.c). */
struct inet_diag_msg;
struct tcp_info;
void fake_add_record(struct fake *, const struct fake_subflow *, const struct inet_diag_msg *,
		     const struct tcp_info *);

/* What streams will tell. `step` is of lib/bpf/subflow.h. */
void fake_life(struct fake *, uint8_t step, uint64_t cookie, uint8_t last, uint16_t port,
	       uint64_t out, uint64_t in);
void fake_pm_birth(struct fake *, uint8_t last, uint16_t port, uint32_t token);
void fake_destroy(struct fake *, uint64_t cookie, uint8_t last, uint16_t port, uint64_t out,
		  uint64_t in);

/* A router with wan1 (ifindex 5, 10.0.0.1) and wan2 (6, 10.0.0.2), one connection over both. */
struct fake *fake_router(void);
#endif
