/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_BPF_H
#define LIB_SOURCE_BPF_H
#include "lib/source.h"

/* STREAM_LIFE: the tracepoint program of lib/bpf/subflow.bpf.c and its ring. */
struct bpf_stream;

/*
 * Loads the program and attaches it, for sockets of this thread's network namespace. NULL with
 * errno set:
 *   ENOSYS	built without BPF
 *   ENOENT	the kernel has no BTF, or not the tracepoint
 *   EPERM	CAP_BPF and CAP_PERFMON (or root) are needed while loading; afterwards none
 *   other	what the kernel says to bpf(2)
 */
struct bpf_stream *bpf_stream_open(void);

/* As source_drain(): number of records that found the ring full since the last call, or -errno. */
int bpf_stream_drain(struct bpf_stream *, datagram_fn fn, void *arg);
int bpf_stream_fd(struct bpf_stream *);
void bpf_stream_close(struct bpf_stream *);	/* NULL is allowed */
#endif
