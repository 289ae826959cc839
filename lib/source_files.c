/* SPDX-License-Identifier: MIT */
/*
 * Captures. A file is the magic line, a byte order mark, and records one after another: every call
 * of the source with what it gave. Payload is aligned to 8 octets, so netlink can be read where it
 * lies.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "lib/source.h"

struct head {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
};

static const struct head our_head = { "mptcpwan", 0x01020304, 2 };

enum call {
	CALL_ASK = 1,
	CALL_DRAIN,
	CALL_DATAGRAM,
	CALL_DONE,
	CALL_OPEN,
	CALL_NOW,
	CALL_WALL,
	CALL_ROUTE
};

struct record {
	uint32_t call;		/* enum call */
	uint32_t what;		/* question or stream */
	int64_t value;		/* result, or time */
	uint64_t len;		/* of the payload that follows */
};

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

/*
 * --- recorder ----------------------------------------------------------------------------------
 */

struct recorder {
	struct source source;
	struct source *inner;
	FILE *file;		/* NULL once it could not be written */
	datagram_fn fn;		/* of the call under way */
	void *arg;
};

static struct recorder *recorder_of(struct source *source)
{
	return (struct recorder *)source;
}

static void put(struct recorder *recorder, enum call call, uint32_t what, int64_t value,
		const void *payload, size_t len)
{
	static const char zeros[8];
	const struct record record = { .call = call, .what = what, .value = value, .len = len };

	if (!recorder->file)
		return;
	if (fwrite(&record, sizeof(record), 1, recorder->file) == 1 &&
	    fwrite(payload ? payload : zeros, 1, len, recorder->file) == len &&
	    fwrite(zeros, 1, padded(len) - len, recorder->file) == padded(len) - len)
		return;
	fclose(recorder->file);
	recorder->file = NULL;
}

static int record_datagram(const void *buf, size_t len, void *arg)
{
	struct recorder *recorder = arg;

	put(recorder, CALL_DATAGRAM, 0, 0, buf, len);
	return recorder->fn(buf, len, recorder->arg);
}

static int record_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	put(recorder, CALL_ASK, question, 0, NULL, 0);
	result = source_ask(recorder->inner, question, record_datagram, recorder);
	put(recorder, CALL_DONE, question, result, NULL, 0);
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
	put(recorder, CALL_ROUTE, 0, 0, &asked, sizeof(asked));
	result = source_ask_route(recorder->inner, query, record_datagram, recorder);
	put(recorder, CALL_DONE, 0, result, NULL, 0);
	return result;
}

static int record_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct recorder *recorder = recorder_of(source);
	int result;

	recorder->fn = fn;
	recorder->arg = arg;
	put(recorder, CALL_DRAIN, stream, 0, NULL, 0);
	result = source_drain(recorder->inner, stream, record_datagram, recorder);
	put(recorder, CALL_DONE, stream, result, NULL, 0);
	return result;
}

static int record_open(struct source *source, enum stream stream)
{
	int result = source_open(recorder_of(source)->inner, stream);

	put(recorder_of(source), CALL_OPEN, stream, result, NULL, 0);
	return result;
}

static int record_fd(struct source *source, enum stream stream)
{
	return source_fd(recorder_of(source)->inner, stream);
}

static uint64_t record_now_us(struct source *source)
{
	uint64_t now = source_now_us(recorder_of(source)->inner);

	put(recorder_of(source), CALL_NOW, 0, (int64_t)now, NULL, 0);
	return now;
}

static uint64_t record_wall_ms(struct source *source)
{
	uint64_t wall = source_wall_ms(recorder_of(source)->inner);

	put(recorder_of(source), CALL_WALL, 0, (int64_t)wall, NULL, 0);
	return wall;
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
	.ask_route = record_ask_route,
	.open = record_open,
	.drain = record_drain,
	.fd = record_fd,
	.now_us = record_now_us,
	.wall_ms = record_wall_ms,
	.close = record_close,
};

struct source *source_record_open(struct source *inner, const char *path)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int error;

	if (!recorder) {
		source_close(inner);
		errno = ENOMEM;
		return NULL;
	}
	recorder->source.ops = &record_ops;
	recorder->inner = inner;
	recorder->file = fopen(path, "we");
	if (recorder->file && fwrite(&our_head, sizeof(our_head), 1, recorder->file) == 1)
		return &recorder->source;
	error = errno;
	record_close(&recorder->source);
	errno = error;
	return NULL;
}

/*
 * --- replay ------------------------------------------------------------------------------------
 */

struct replay {
	struct source source;
	char *bytes;		/* the file behind its head, aligned */
	size_t len, at;
	uint64_t now_us, wall_ms;	/* last told */
	bool freely;
};

static struct replay *replay_of(struct source *source)
{
	return (struct replay *)source;
}

/* The whole record at an offset, or NULL at the end or where the capture is cut short. */
static const struct record *record_at(const struct replay *replay, size_t at)
{
	const struct record *record = (const struct record *)(replay->bytes + at);

	if (at > replay->len || replay->len - at < sizeof(*record) ||
	    record->len > replay->len - at - sizeof(*record))
		return NULL;
	return record;
}

static void pass(struct replay *replay, const struct record *record)
{
	size_t step = sizeof(*record) + padded(record->len);

	replay->at = step < replay->len - replay->at ? replay->at + step : replay->len;
}

/* A question about a route, and its answer. */
static void pass_route(struct replay *replay, const struct record *record)
{
	do {
		pass(replay, record);
		record = record_at(replay, replay->at);
	} while (record && record->call == CALL_DATAGRAM);
	if (record && record->call == CALL_DONE)
		pass(replay, record);
}

/*
 * Passes what the recorded monitor asked about routes and the one that replays does not: who is
 * asked about depends on the diagnosis, which learns.
 */
static const struct record *skip_routes(struct replay *replay, enum call call)
{
	const struct record *record = record_at(replay, replay->at);

	while (record && record->call == CALL_ROUTE && call != CALL_ROUTE) {
		pass_route(replay, record);
		record = record_at(replay, replay->at);
	}
	return record;
}

/*
 * The next record if it is that call, else NULL: the monitor that replays does something else than
 * the recorded one.
 */
static const struct record *expect(struct replay *replay, enum call call, uint32_t what)
{
	const struct record *record = skip_routes(replay, call);

	if (!record || record->call != call || record->what != what)
		return NULL;
	pass(replay, record);
	return record;
}

/* A result as a source may give it; a capture may hold anything. */
static int result_of(const struct record *record, int most)
{
	return record->value < -4095 || record->value > most ? -EBADMSG : (int)record->value;
}

static int replay_datagrams(struct replay *replay, uint32_t what, int most, datagram_fn fn,
			    void *arg)
{
	const struct record *record;
	int error = 0, failed;

	while ((record = expect(replay, CALL_DATAGRAM, 0))) {
		failed = error ? 0 : fn(record + 1, record->len, arg);
		error = failed ? failed : error;
	}
	record = expect(replay, CALL_DONE, what);
	if (!record)
		return -ENODATA;
	return error ? error : result_of(record, most);
}

/* Passes all but the clocks. */
static void seek(struct replay *replay, enum question question)
{
	const struct record *record;

	while ((record = record_at(replay, replay->at)) &&
	       (record->call != CALL_ASK || record->what != question)) {
		if (record->call == CALL_NOW)
			replay->now_us = (uint64_t)record->value;
		if (record->call == CALL_WALL)
			replay->wall_ms = (uint64_t)record->value;
		pass(replay, record);
	}
}

static int replay_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct replay *replay = replay_of(source);

	if (replay->freely)
		seek(replay, question);
	return expect(replay, CALL_ASK, question) ? replay_datagrams(replay, question, 0, fn, arg)
						  : -ENODATA;
}

/* Captures of before queries were recorded have none: there, the next route is the one. */
static bool is_query(const struct record *record, const struct route_query *query)
{
	const struct route_query *asked = (const struct route_query *)(record + 1);

	if (!record->len)
		return true;
	return record->len == sizeof(*asked) && asked->ifindex == query->ifindex &&
	       !memcmp(&asked->to, &query->to, sizeof(asked->to)) &&
	       !memcmp(&asked->from, &query->from, sizeof(asked->from));
}

/* For the same reason as in skip_routes(), others may come before it; or it was never asked. */
static int replay_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
			    void *arg)
{
	struct replay *replay = replay_of(source);
	const struct record *record;
	size_t kept = replay->at;

	while ((record = record_at(replay, replay->at)) && record->call == CALL_ROUTE) {
		if (is_query(record, query)) {
			pass(replay, record);
			return replay_datagrams(replay, 0, 0, fn, arg);
		}
		pass_route(replay, record);
	}
	replay->at = kept;
	return -ENODATA;
}

static int replay_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct replay *replay = replay_of(source);

	return expect(replay, CALL_DRAIN, stream)
		       ? replay_datagrams(replay, stream, INT32_MAX / 2, fn, arg)
		       : -ENODATA;
}

static int replay_open(struct source *source, enum stream stream)
{
	const struct record *record = expect(replay_of(source), CALL_OPEN, stream);

	return record ? result_of(record, 0) : -ENODATA;
}

static int replay_fd(struct source *source, enum stream stream)
{
	(void)source, (void)stream;
	return -1;
}

static uint64_t replay_now_us(struct source *source)
{
	struct replay *replay = replay_of(source);
	const struct record *record = expect(replay, CALL_NOW, 0);

	if (record)
		replay->now_us = (uint64_t)record->value;
	return replay->now_us;
}

static uint64_t replay_wall_ms(struct source *source)
{
	struct replay *replay = replay_of(source);
	const struct record *record = expect(replay, CALL_WALL, 0);

	if (record)
		replay->wall_ms = (uint64_t)record->value;
	return replay->wall_ms;
}

static void replay_close(struct source *source)
{
	free(replay_of(source)->bytes);
	free(source);
}

static const struct source_ops replay_ops = {
	.ask = replay_ask,
	.ask_route = replay_ask_route,
	.open = replay_open,
	.drain = replay_drain,
	.fd = replay_fd,
	.now_us = replay_now_us,
	.wall_ms = replay_wall_ms,
	.close = replay_close,
};

/* 0 or -errno */
static int load(struct replay *replay, FILE *file)
{
	struct head head;
	struct stat info;

	if (fstat(fileno(file), &info))
		return -errno;
	if (!S_ISREG(info.st_mode) || info.st_size < (off_t)sizeof(head) ||
	    (uint64_t)info.st_size > SIZE_MAX / 2 || fread(&head, sizeof(head), 1, file) != 1 ||
	    memcmp(&head, &our_head, sizeof(head)) != 0)
		return -EBADMSG;
	replay->len = (size_t)info.st_size - sizeof(head);
	replay->bytes = malloc(replay->len + 1);
	if (!replay->bytes)
		return -ENOMEM;
	return fread(replay->bytes, 1, replay->len, file) == replay->len ? 0 : -EIO;
}

struct source *source_replay_open(const char *path)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	FILE *file;
	int error;

	if (!replay)
		return NULL;
	replay->source.ops = &replay_ops;
	file = fopen(path, "re");
	error = file ? load(replay, file) : -errno;
	if (file)
		fclose(file);
	if (!error)
		return &replay->source;
	replay_close(&replay->source);
	errno = -error;
	return NULL;
}

/* A poll asks before it looks at the clock again; a pump only drains. */
enum replay_step source_replay_next(struct source *source)
{
	struct replay *replay = replay_of(source);
	const struct record *record;
	size_t kept = replay->at;
	enum replay_step step = REPLAY_END;
	bool drained = false;

	while (step == REPLAY_END && (record = record_at(replay, replay->at))) {
		if (record->call == CALL_ASK)
			step = REPLAY_POLL;
		else if (record->call == CALL_NOW && drained)
			step = REPLAY_PUMP;
		drained |= record->call == CALL_DRAIN;
		pass(replay, record);
	}
	replay->at = kept;
	return step == REPLAY_END && drained ? REPLAY_PUMP : step;
}

void source_replay_freely(struct source *source)
{
	replay_of(source)->freely = true;
}
