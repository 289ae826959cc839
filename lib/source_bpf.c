/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/source_bpf.h"

#ifdef HAVE_BPF
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "lib/bpf/subflow.h"
#include "lib/bpf/subflow.skel.h"

struct bpf_stream {
	struct subflow_bpf *program;
	struct ring_buffer *ring;
	uint64_t lost_before;
	datagram_fn fn;		/* set while draining */
	void *arg;
};

/* Which of the programs tell of lives, the best way first: "Who tells of a transition" says why. */
static const struct variant {
	bool walk, beside, trace; /* watch() and walk(); watch_beside(); first() and second() */
} variants[] = {
	{ .walk = true },
	{ .beside = true, .trace = true }, /* walk() is refused, may set no flags, or does not see all */
	{ .trace = true },		   /* sock_ops is refused */
};
enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

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

	if (context >= 0) {
		if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
			root = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
		close(context);
	}
	/* Who may not mount: of a hybrid tree version 2 is apart. */
	if (root < 0)
		root = open("/sys/fs/cgroup/unified", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		root = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -errno : root;
}

/* 0 or -errno */
static int attach_cgroup(const struct bpf_program *program, struct bpf_link **link)
{
	int root = open_cgroup_root();

	if (root < 0)
		return root;
	*link = bpf_program__attach_cgroup(program, root);
	close(root);
	return *link ? 0 : -errno;
}

/*
 * In a cgroup namespace of its own (a container) a process finds no other root than that of its
 * namespace, and at that root watch() is called for the sockets below it only. The first namespace
 * has the same number everywhere: CGROUP_NS_INIT_INO, include/uapi/linux/nsfs.h.
 */
static bool sees_all_cgroups(void)
{
	struct stat namespace;

	return !stat("/proc/self/ns/cgroup", &namespace) && namespace.st_ino == 0xeffffffb;
}

/*
 * Whether walk() may set the flag that watch() needs, told by the name of the option: at the moment
 * there may be no subflow to try it on.
 */
static bool may_set_flags(void)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	bool found = false;

	for (uint32_t id = 1; kernel && !found && id < btf__type_cnt(kernel); id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id);

		if (!btf_is_enum(type))
			continue;
		for (uint16_t i = 0; !found && i < btf_vlen(type); i++)
			found = !strcmp(btf__name_by_offset(kernel, btf_enum(type)[i].name_off),
					"TCP_BPF_SOCK_OPS_CB_FLAGS");
	}
	btf__free(kernel);
	return found;
}

static uint32_t ticks_a_second(void)
{
	struct timespec tick = { 0 };

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_nsec <= 0)
		return 1000;
	return (uint32_t)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

/* 0 or -errno */
static int load(struct bpf_stream *stream, const struct variant *variant)
{
	struct subflow_bpf *program = subflow_bpf__open();
	struct stat netns;

	stream->program = program;
	if (!program || stat("/proc/thread-self/ns/net", &netns))
		return -errno;
	program->rodata->netns_inum = (uint32_t)netns.st_ino;
	program->rodata->hz = ticks_a_second();
	bpf_program__set_autoload(program->progs.watch, variant->walk);
	bpf_program__set_autoload(program->progs.watch_beside, variant->beside);
	bpf_program__set_autoload(program->progs.walk, variant->walk);
	bpf_program__set_autoload(program->progs.first, variant->trace);
	bpf_program__set_autoload(program->progs.second, variant->trace);
	return subflow_bpf__load(program);
}

/* 0 or -errno */
static int attach_all(struct subflow_bpf *program, const struct variant *variant)
{
	int error = 0;

	if (variant->walk)
		error = attach_cgroup(program->progs.watch, &program->links.watch);
	if (variant->beside)
		error = attach_cgroup(program->progs.watch_beside, &program->links.watch_beside);
	if (!error && variant->walk)
		error = attach(program->progs.walk, &program->links.walk);
	/* In this order: the second one asks what the first has seen. */
	if (!error && variant->trace)
		error = attach(program->progs.first, &program->links.first);
	if (!error && variant->trace)
		error = attach(program->progs.second, &program->links.second);
	return error;
}

static int ignore(const void *buf, size_t len, void *arg)
{
	(void)buf, (void)len, (void)arg;
	return 0;
}

/* Those that began before watch() was there get their flag. 0 or -errno */
static int walk_first(struct bpf_stream *stream)
{
	_Alignas(struct subflow_record) char buffer[8192];
	int error = bpf_stream_walk(stream, buffer, sizeof(buffer), ignore, NULL);

	return error ? error : stream->program->bss->refused ? -EOPNOTSUPP : 0;
}

/* 0 or -errno */
static int start(struct bpf_stream *stream, const struct variant *variant)
{
	int error = load(stream, variant);

	if (error)
		return error;
	/* The ring is read from the moment of attaching: whatever comes is seen. */
	stream->ring = ring_buffer__new(bpf_map__fd(stream->program->maps.ring), on_record, stream,
					NULL);
	if (!stream->ring)
		return -errno;
	error = attach_all(stream->program, variant);
	return error || !variant->walk ? error : walk_first(stream);
}

static void stop(struct bpf_stream *stream)
{
	ring_buffer__free(stream->ring);
	subflow_bpf__destroy(stream->program);
	stream->ring = NULL;
	stream->program = NULL;
}

struct bpf_stream *bpf_stream_open(bool traced)
{
	struct bpf_stream *stream;
	int error = -EOPNOTSUPP;

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return NULL;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	/* libbpf would explain itself on stderr; the reason travels as errno instead. */
	libbpf_set_print(NULL);
	for (size_t i = 0; error && i < VARIANTS; i++) {
		if (variants[i].walk && (traced || !sees_all_cgroups() || !may_set_flags()))
			continue;
		stop(stream);
		error = start(stream, &variants[i]);
	}
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

/* Whole records only, whatever the size of the kernel's own buffer. 0 or -errno */
static int read_walk(int fd, void *buffer, size_t size, datagram_fn fn, void *arg)
{
	ssize_t got;
	int error = 0;

	size -= size % sizeof(struct subflow_record);
	while (!error && (got = read(fd, buffer, size))) {
		if (got > 0)
			error = got % (ssize_t)sizeof(struct subflow_record)
					? -EBADMSG
					: fn(buffer, (size_t)got, arg);
		/* A million sockets without a subflow among them: it goes on after that. */
		else if (errno != EAGAIN && errno != EINTR)
			error = -errno;
	}
	return error;
}

int bpf_stream_walk(struct bpf_stream *stream, void *buffer, size_t size, datagram_fn fn, void *arg)
{
	int fd, error;

	if (!stream->program->links.walk)
		return -ENOSYS;
	fd = bpf_iter_create(bpf_link__fd(stream->program->links.walk));
	if (fd < 0)
		return -errno;
	error = read_walk(fd, buffer, size, fn, arg);
	close(fd);
	return error;
}

int bpf_stream_fd(struct bpf_stream *stream)
{
	return ring_buffer__epoll_fd(stream->ring);
}

void bpf_stream_close(struct bpf_stream *stream)
{
	if (!stream)
		return;
	stop(stream);
	free(stream);
}
#else
struct bpf_stream *bpf_stream_open(bool traced)
{
	(void)traced;
	errno = ENOSYS;
	return NULL;
}

int bpf_stream_drain(struct bpf_stream *stream, datagram_fn fn, void *arg)
{
	(void)stream, (void)fn, (void)arg;
	return -ENOSYS;
}

int bpf_stream_walk(struct bpf_stream *stream, void *buffer, size_t size, datagram_fn fn, void *arg)
{
	(void)stream, (void)buffer, (void)size, (void)fn, (void)arg;
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
