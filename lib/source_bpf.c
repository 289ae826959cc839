/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/source_bpf.h"

#ifdef HAVE_BPF
#include <bpf/bpf.h>
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
static int attach(const struct bpf_program *program, struct bpf_link **link)
{
	*link = bpf_program__attach(program);
	return *link ? 0 : -errno;
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
	/* In this order: the second one asks what the first has seen. */
	error = attach(stream->program->progs.first, &stream->program->links.first);
	if (error)
		return error;
	return attach(stream->program->progs.second, &stream->program->links.second);
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

/*
 * Transitions that neither program was run for; the kernel tells since 5.12 how often the first was
 * not.
 */
static uint64_t unseen(const struct subflow_bpf *program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	uint64_t rescued;

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program->progs.first), &info, &len))
		return 0;
	rescued = __atomic_load_n(&program->bss->rescued, __ATOMIC_RELAXED);
	return info.recursion_misses > rescued ? info.recursion_misses - rescued : 0;
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
	lost = __atomic_load_n(&stream->program->bss->lost, __ATOMIC_RELAXED) +
	       unseen(stream->program);
	if (lost <= stream->lost_before)
		return 0;
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
