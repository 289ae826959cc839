/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/source_bpf.h"

#ifdef HAVE_BPF
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/*
 * The root of the cgroup tree: every socket belongs to it, subflows that the kernel opens included.
 * A mount of our own that nobody sees, because in a network namespace of ip-netns(8) /sys/fs/cgroup
 * is hidden. A descriptor or -errno.
 */
static int open_cgroup_root(void)
{
	int context = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC), root = -1;

	if (context < 0) {
		root = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return root < 0 ? -errno : root;
	}
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return root < 0 ? -errno : root;
}

/* 0 or -errno */
static int attach_cgroup(struct subflow_bpf *program)
{
	int root = open_cgroup_root();

	if (root < 0)
		return root;
	program->links.watch = bpf_program__attach_cgroup(program->progs.watch, root);
	close(root);
	return program->links.watch ? 0 : -errno;
}

/* With or without the cgroup's program, which an older kernel may refuse. 0 or -errno */
static int load_program(struct bpf_stream *stream, uint32_t netns, bool cgroup)
{
	int error;

	stream->program = subflow_bpf__open();
	if (!stream->program)
		return -errno;
	stream->program->rodata->netns_inum = netns;
	bpf_program__set_autoload(stream->program->progs.watch, cgroup);
	error = subflow_bpf__load(stream->program);
	if (error) {
		subflow_bpf__destroy(stream->program);
		stream->program = NULL;
	}
	return error;
}

/* 0 or -errno */
static int load(struct bpf_stream *stream)
{
	struct stat netns;
	bool cgroup = true;
	int error;

	if (access("/sys/kernel/btf/vmlinux", R_OK) || stat("/proc/thread-self/ns/net", &netns))
		return -errno;
	error = load_program(stream, (uint32_t)netns.st_ino, cgroup);
	if (error) {
		cgroup = false;
		error = load_program(stream, (uint32_t)netns.st_ino, cgroup);
	}
	if (error)
		return error;
	/* The ring is read from the moment of attaching: whatever comes is seen. */
	stream->ring = ring_buffer__new(bpf_map__fd(stream->program->maps.ring), on_record, stream,
					NULL);
	if (!stream->ring)
		return -errno;
	/* Without it the tracepoint goes on alone; what that misses is counted as truncated. */
	if (cgroup)
		(void)attach_cgroup(stream->program);
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
