/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/source.h"
#include "lib/source_files.h"

struct recorder {
	struct source source;
	struct source *inner;
	FILE *file;
	int error;		/* -errno: it could not be written; nothing is, from there on */
	uint64_t octets;	/* that were */
	datagram_fn fn;		/* of the call under way */
	next_socket_fn next;	/* ... too */
	void *arg;
};

static struct recorder *recorder_of(struct source *source)
{
	return (struct recorder *)source;
}

static void put(struct recorder *recorder, const void *bytes, size_t len)
{
	if (recorder->error || !len)
		return;
	if (fwrite(bytes, 1, len, recorder->file) == len)
		recorder->octets += len;
	else
		recorder->error = errno ? -errno : -EIO;
}

static void put_record(struct recorder *recorder, enum capture_call call, uint32_t what,
		       int64_t value, const void *payload, size_t len)
{
	static const char zeros[8];
	const struct capture_record record = {
		.call = call, .what = what, .value = value, .len = len
	};

	put(recorder, &record, sizeof(record));
	put(recorder, payload, len);
	put(recorder, zeros, capture_padded(len) - len);
}

static int record_datagram(const void *buf, size_t len, void *arg)
{
	struct recorder *recorder = arg;

	put_record(recorder, CALL_DATAGRAM, 0, 0, buf, len);
	return recorder->fn(buf, len, recorder->arg);
}

static int record_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	put_record(recorder, CALL_ASK, question, ASKED_ALL, NULL, 0);
	result = source_ask(recorder->inner, question, record_datagram, recorder);
	put_record(recorder, CALL_DONE, question, result, NULL, 0);
	return result;
}

static bool next_of_call(void *arg, struct socket_id *out)
{
	struct recorder *recorder = arg;

	return recorder->next(recorder->arg, out);
}

static int record_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->next = next;
	recorder->fn = fn;
	recorder->arg = arg;
	put_record(recorder, CALL_ASK, Q_SUBFLOWS, ASKED_EACH, NULL, 0);
	result = source_ask_each(recorder->inner, next_of_call, record_datagram, recorder);
	put_record(recorder, CALL_DONE, Q_SUBFLOWS, result, NULL, 0);
	return result;
}

static int record_walk(struct source *source, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	put_record(recorder, CALL_ASK, Q_SUBFLOWS, ASKED_WALK, NULL, 0);
	result = source_walk(recorder->inner, record_datagram, recorder);
	put_record(recorder, CALL_DONE, Q_SUBFLOWS, result, NULL, 0);
	return result;
}

static int record_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
			    void *arg)
{
	struct recorder *recorder = recorder_of(source);
	struct route_query asked;
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	memset(&asked, 0, sizeof(asked));	/* nothing of the stack between its fields */
	asked.to = query->to;
	asked.from = query->from;
	asked.ifindex = query->ifindex;
	put_record(recorder, CALL_ROUTE, 0, 0, &asked, sizeof(asked));
	result = source_ask_route(recorder->inner, query, record_datagram, recorder);
	put_record(recorder, CALL_DONE, 0, result, NULL, 0);
	return result;
}

static int record_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	put_record(recorder, CALL_DRAIN, stream, 0, NULL, 0);
	result = source_drain(recorder->inner, stream, record_datagram, recorder);
	put_record(recorder, CALL_DONE, stream, result, NULL, 0);
	return result;
}

static int record_open(struct source *source, enum stream stream)
{
	int result = source_open(recorder_of(source)->inner, stream);

	put_record(recorder_of(source), CALL_OPEN, stream, result, NULL, 0);
	return result;
}

static int record_fd(struct source *source, enum stream stream)
{
	return source_fd(recorder_of(source)->inner, stream);
}

static uint64_t record_now_us(struct source *source)
{
	uint64_t now = source_now_us(recorder_of(source)->inner);

	put_record(recorder_of(source), CALL_NOW, 0, (int64_t)now, NULL, 0);
	return now;
}

static uint64_t record_wall_ms(struct source *source)
{
	uint64_t wall = source_wall_ms(recorder_of(source)->inner);

	put_record(recorder_of(source), CALL_WALL, 0, (int64_t)wall, NULL, 0);
	return wall;
}

static uint32_t record_chance(struct source *source)
{
	uint32_t chance = source_chance(recorder_of(source)->inner);

	put_record(recorder_of(source), CALL_CHANCE, 0, chance, NULL, 0);
	return chance;
}

static void record_close(struct source *source)
{
	struct recorder *recorder = recorder_of(source);

	source_close(recorder->inner);
	if (recorder->file)
		fclose(recorder->file);
	free(recorder);
}

static const struct source_ops record_ops = {
	.ask = record_ask,
	.ask_each = record_ask_each,
	.walk = record_walk,
	.ask_route = record_ask_route,
	.open = record_open,
	.drain = record_drain,
	.fd = record_fd,
	.now_us = record_now_us,
	.wall_ms = record_wall_ms,
	.chance = record_chance,
	.close = record_close,
};

/* NULL with errno set. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

struct source *source_record_open(struct source *inner, const char *path)
{
	static const struct capture_head head = { CAPTURE_MAGIC, CAPTURE_BYTE_ORDER,
						  CAPTURE_VERSION };
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int error;

	if (!recorder) {
		source_close(inner);
		errno = ENOMEM;
		return NULL;
	}
	recorder->source.ops = &record_ops;
	recorder->inner = inner;
	recorder->file = open_file(path);
	error = recorder->file ? 0 : errno;
	if (!error) {
		put(recorder, &head, sizeof(head));
		error = -source_record_flush(&recorder->source, NULL);
	}
	if (!error)
		return &recorder->source;
	record_close(&recorder->source);
	errno = error;
	return NULL;
}

int source_record_flush(struct source *source, uint64_t *octets)
{
	struct recorder *recorder = recorder_of(source);

	if (!recorder->error && fflush(recorder->file))
		recorder->error = -errno;
	if (octets)
		*octets = recorder->octets;
	return recorder->error;
}
