/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_H
#define LIB_SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/model.h"

/*
 * Where answers come from: the live kernel, a capture, or a recorder around either.
 * Everything below this header speaks to the kernel; everything above it is pure and can be
 * replayed.
 */

/* What the kernel tells by itself. */
enum stream {
	STREAM_LINKS, /* rtnetlink: links and addresses that come and go */
	STREAM_LIFE,  /* struct life_record of lib/bpf/subflow.h, from our programs in the kernel */
	STREAM_CONNECTIONS, /* mptcp_pm_events: births of connections and subflows */
	STREAM_ENDINGS,	    /* sock_diag destroy groups: final counters of every TCP socket */
	STREAMS
};

/*
 * Called once for each datagram (netlink messages, a text file, our records); buf is aligned for
 * netlink and valid only during the call. Returns 0, or -errno to stop.
 */
typedef int (*datagram_fn)(const void *buf, size_t len, void *arg);

/* The next socket to ask for; false when there is none left. */
typedef bool (*next_socket_fn)(void *arg, struct socket_id *out);

struct source;

struct route_query;

struct source_ops {
	int (*ask)(struct source *, enum question, datagram_fn fn, void *arg);
	int (*ask_each)(struct source *, next_socket_fn next, datagram_fn fn, void *arg);
	int (*walk)(struct source *, datagram_fn fn, void *arg);
	int (*ask_route)(struct source *, const struct route_query *, datagram_fn fn, void *arg);
	int (*open)(struct source *, enum stream);
	int (*drain)(struct source *, enum stream, datagram_fn fn, void *arg);
	int (*fd)(struct source *, enum stream);
	uint64_t (*now_us)(struct source *);
	uint64_t (*wall_ms)(struct source *);
	uint32_t (*chance)(struct source *);
	void (*close)(struct source *);
};

struct source {
	const struct source_ops *ops;
};

/*
 * Asks the kernel and hands each datagram of the answer to fn. Returns 0 when the answer is
 * complete, or
 *   -EINTR	the kernel changed during the dump: ask again
 *   -EPERM	not permitted to us
 *   -ENOENT	this kernel has no such family, protocol or file
 *   -EBADMSG	truncated, out of sequence, or not netlink
 *   -ETIMEDOUT	the kernel did not finish within a second
 *   other -errno from the socket, the kernel (also in NLMSG_DONE), or fn
 * A failed answer is never an empty one: what fn has seen by then is to be thrown away.
 */
int source_ask(struct source *, enum question, datagram_fn fn, void *arg);

/*
 * The other way to ask Q_SUBFLOWS, for who knows them: each that next() gives, by itself. As
 * source_ask(); one that is no more is left out, as in a dump. -ENOSYS: not by this source, or not
 * now. `arg` is for both functions.
 */
int source_ask_each(struct source *, next_socket_fn next, datagram_fn fn, void *arg);

/*
 * The third way: by our own program, which a dump would tell the same. Each datagram is one or more
 * struct subflow_record of lib/bpf/subflow.h. -ENOSYS: not by this source, or STREAM_LIFE is not open
 * or is told by tracepoints; -EAGAIN: not now.
 */
int source_walk(struct source *, datagram_fn fn, void *arg);

/* Which way would a packet go: RTM_GETROUTE, also for unprivileged users. */
struct route_query {
	struct address to, from; /* of one family */
	uint32_t ifindex;	 /* a device that the socket would be bound to, or 0 */
};

/*
 * As source_ask(), for the one RTM_NEWROUTE message of the answer. -ENETUNREACH, -EHOSTUNREACH and
 * others of the kernel's routing errors mean that there is no way; -ENOSYS that this source cannot
 * tell.
 */
int source_ask_route(struct source *, const struct route_query *, datagram_fn fn, void *arg);

/*
 * Starts a stream. Returns 0 or -errno (-ENOSYS when this build or source has none); nothing is
 * lost from here on.
 */
int source_open(struct source *, enum stream);

/*
 * Hands on all that the stream has queued. Returns the number of losses noticed (a lower bound: an
 * overrun of a netlink socket counts as one), or -errno.
 */
int source_drain(struct source *, enum stream, datagram_fn fn, void *arg);

/*
 * A descriptor that polls readable when draining is due, or -1: then draining at each poll is
 * enough.
 */
int source_fd(struct source *, enum stream);

uint64_t source_now_us(
	struct source *); /* monotonic microseconds; the recorded time when replaying */
uint64_t source_now_ms(struct source *);	/* the same in milliseconds */
uint64_t source_wall_ms(struct source *);	/* milliseconds since 1970, UTC */
uint32_t source_chance(struct source *);	/* a random number; 0 from one that has none */
void source_close(struct source *);		/* frees the source; NULL is allowed */

/*
 * The kernel that this thread's network namespace belongs to. `traced`: STREAM_LIFE by tracepoints,
 * without source_walk(), also where the kernel could do better. NULL with errno set.
 */
struct source *source_live_open(bool traced);

/*
 * Another source, seen with other addresses (lib/anonymize.h, a copy is kept): so does whoever is
 * around it, a recorder too. Takes `inner` over, also when it fails. NULL with errno set.
 */
struct anonymizer;
struct source *source_anonymous_open(struct source *inner, const struct anonymizer *);

/*
 * Captures: a recorder (source_record.c) passes everything through and writes it down; a replay
 * (source_replay.c) gives the same answers to the same calls in the same order, so whatever is pure
 * above gives the same results, byte for byte.
 */

/*
 * Takes `inner` over, also when it fails. NULL with errno set. The file is for its owner only: it
 * holds addresses. A full disk ends the recording, not the source.
 */
struct source *source_record_open(struct source *inner, const char *path);

/*
 * Of a recorder: writes out what is recorded by now. Returns 0, or the -errno that has ended the
 * recording. *octets (NULL: not wanted) is what the file holds.
 */
int source_record_flush(struct source *, uint64_t *octets);

/* Where and why a capture cannot be read (any further). */
struct replay_fault {
	uint64_t offset;	/* in the file */
	char what[96];		/* "ends in the middle of a record"; "": nothing is wrong */
};

/*
 * NULL with errno set: EBADMSG when it is no capture, or was made on a machine of another byte
 * order, or by another version. One that is damaged or cut short is replayed up to the last poll
 * before that. *fault (NULL: not wanted) tells what is wrong in either case.
 */
struct source *source_replay_open(const char *path, struct replay_fault *fault);

/* Whether that stream was asked for when it was recorded: what the replay's settings must allow. */
bool source_replay_has(struct source *, enum stream);

/* What the recorded monitor did next: a poll, or a pump of the streams. */
enum replay_step { REPLAY_END, REPLAY_POLL, REPLAY_PUMP };
enum replay_step source_replay_next(struct source *);
#endif
