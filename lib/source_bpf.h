/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_BPF_H
#define LIB_SOURCE_BPF_H
#include "lib/source.h"

/* STREAM_LIFE and source_walk(): the programs of lib/bpf/subflow.bpf.c. */
struct bpf_stream;

/*
 * Loads and attaches them, for sockets of this thread's network namespace. `traced`: as on a kernel
 * before 6.12, by its tracepoint. NULL with errno set:
 *   ENOSYS	built without BPF
 *   ENOENT	the kernel has no BTF, or not the tracepoint
 *   EPERM	CAP_BPF and CAP_PERFMON (or root) are needed while loading; afterwards none
 *   other	what the kernel says to bpf(2)
 */
struct bpf_stream *bpf_stream_open(bool traced);

/* As source_drain(): number of records that found the ring full since the last call, or -errno. */
int bpf_stream_drain(struct bpf_stream *, datagram_fn fn, void *arg);

/*
 * As source_walk(), by way of a buffer, which is aligned for 64 bits. -ENOSYS where the lives are told
 * by the tracepoint. In the network namespace that the calling thread is in.
 */
int bpf_stream_walk(struct bpf_stream *, void *buffer, size_t size, datagram_fn fn, void *arg);
int bpf_stream_fd(struct bpf_stream *);
void bpf_stream_close(struct bpf_stream *);	/* NULL is allowed */
#endif
