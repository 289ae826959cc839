/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * What another sock_ops program would do that sets flags of its own: takes all of them from each
 * connected TCP socket of the network namespace that the iterator is opened in.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { SOL_TCP = 6, BPF_SOCK_OPS_CB_FLAGS = 1008, LISTEN = 10, TIME_WAIT = 6, NEW_SYN_RECV = 12 };

struct sock_common { volatile unsigned char skc_state; } __attribute__((preserve_access_index));
struct bpf_iter__tcp { void *meta; struct sock_common *sk_common; } __attribute__((preserve_access_index));

char LICENSE[] SEC("license") = "Dual MIT/GPL";

unsigned int stripped;

SEC("iter/tcp")
int strip(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	int none = 0;

	if (!common || common->skc_state == LISTEN || common->skc_state == TIME_WAIT ||
	    common->skc_state == NEW_SYN_RECV)
		return 0;
	if (!bpf_setsockopt(common, SOL_TCP, BPF_SOCK_OPS_CB_FLAGS, &none, sizeof(none)))
		stripped++;
	return 0;
}
