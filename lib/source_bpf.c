/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/source_bpf.h"

#ifdef HAVE_BPF
#include <bpf/libbpf.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/bpf/subflow.skel.h"

struct bpf_stream {
	struct subflow_bpf *program;
	struct ring_buffer *ring;
	uint64_t lost_before;
	datagram_fn fn;		/* set while draining */
	void *arg;
};

static int on_record(void *stream_arg, void *data, size_t size)
{
	struct bpf_stream *stream = stream_arg;

	return stream->fn(data, size, stream->arg);
}

/* 0 or -errno */
static int load(struct bpf_stream *stream)
{
	struct stat netns;
	int error;

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return -errno;
	if (stat("/proc/thread-self/ns/net", &netns))
		return -errno;
	stream->program = subflow_bpf__open();
	if (!stream->program)
		return -errno;
	stream->program->rodata->netns_inum = (uint32_t)netns.st_ino;
	error = subflow_bpf__load(stream->program);
	if (error)
		return error;
	/* The ring is read from the moment of attaching: whatever comes is seen. */
	stream->ring =
		ring_buffer__new(bpf_map__fd(stream->program->maps.ring), on_record, stream, NULL);
	if (!stream->ring)
		return -errno;
	return subflow_bpf__attach(stream->program);
}

struct bpf_stream *bpf_stream_open(void)
{
	struct bpf_stream *stream = calloc(1, sizeof(*stream));
	int error;

	if (!stream)
		return NULL;
	/* libbpf would explain itself on stderr; the reason travels as errno instead. */
	libbpf_set_print(NULL);
	error = load(stream);
	if (error) {
		bpf_stream_close(stream);
		errno = -error;
		return NULL;
	}
	return stream;
}

int bpf_stream_drain(struct bpf_stream *stream, datagram_fn fn, void *arg)
{
	uint64_t lost;
	int error, losses;

	stream->fn = fn;
	stream->arg = arg;
	error = ring_buffer__consume(stream->ring);
	if (error < 0)
		return error;
	/* Read after the ring: a loss that happens now is reported with the next drain. */
	lost = __atomic_load_n(&stream->program->bss->lost, __ATOMIC_RELAXED);
	losses = lost - stream->lost_before > INT_MAX ? INT_MAX : (int)(lost - stream->lost_before);
	stream->lost_before = lost;
	return losses;
}

int bpf_stream_fd(struct bpf_stream *stream)
{
	return ring_buffer__epoll_fd(stream->ring);
}

void bpf_stream_close(struct bpf_stream *stream)
{
	if (!stream)
		return;
	ring_buffer__free(stream->ring);
	subflow_bpf__destroy(stream->program);
	free(stream);
}
#else
struct bpf_stream *bpf_stream_open(void)
{
	errno = ENOSYS;
	return NULL;
}

int bpf_stream_drain(struct bpf_stream *stream, datagram_fn fn, void *arg)
{
	(void)stream, (void)fn, (void)arg;
	return -ENOSYS;
}

int bpf_stream_fd(struct bpf_stream *stream)
{
	(void)stream;
	return -1;
}

void bpf_stream_close(struct bpf_stream *stream)
{
	(void)stream;
}
#endif
