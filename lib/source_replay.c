/* SPDX-License-Identifier: MIT */
/*
 * A capture may hold anything. The whole of it is looked over when it is opened (survey()): behind
 * that, its records are whole and in an order that a recorder writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/source.h"
#include "lib/source_files.h"

struct replay {
	struct source source;
	char *bytes;		/* the file behind its head, aligned */
	size_t len, at;
	uint64_t now_us, wall_ms;	/* last told */
};

static struct replay *replay_of(struct source *source)
{
	return (struct replay *)source;
}

/* The whole record at an offset, or NULL at the end or where the capture is cut short. */
static const struct capture_record *record_at(const struct replay *replay, size_t at)
{
	const struct capture_record *record = (const struct capture_record *)(replay->bytes + at);

	if (at > replay->len || replay->len - at < sizeof(*record) ||
	    record->len > replay->len - at - sizeof(*record))
		return NULL;
	return record;
}

static void pass(struct replay *replay, const struct capture_record *record)
{
	size_t step = sizeof(*record) + capture_padded(record->len);

	replay->at = step < replay->len - replay->at ? replay->at + step : replay->len;
}

/* A record; with its answer, if it has one. */
static void pass_call(struct replay *replay, const struct capture_record *record)
{
	do {
		pass(replay, record);
		record = record_at(replay, replay->at);
	} while (record && record->call == CALL_DATAGRAM);
	if (record && record->call == CALL_DONE)
		pass(replay, record);
}

/*
 * What the recorded monitor asked and the one that replays need not: who is asked about routes
 * depends on the diagnosis, which learns, and what is drained on the settings. Never past the
 * questions that each poll asks, nor past a poll.
 */
static bool may_be_skipped(const struct capture_record *record, enum capture_call wanted)
{
	if (wanted == CALL_DATAGRAM || wanted == CALL_DONE || wanted == CALL_ROUTE)
		return false;
	return record->call == CALL_ROUTE || record->call == CALL_DRAIN ||
	       record->call == CALL_OPEN;
}

/*
 * The next record that is that call; else NULL, and nothing was passed: the monitor that replays
 * does something else than the recorded one.
 */
static const struct capture_record *expect(struct replay *replay, enum capture_call call,
					   uint32_t what)
{
	size_t kept = replay->at;
	const struct capture_record *record;

	while ((record = record_at(replay, replay->at))) {
		if (record->call == call && record->what == what) {
			pass(replay, record);
			return record;
		}
		if (!may_be_skipped(record, call))
			break;
		pass_call(replay, record);
	}
	replay->at = kept;
	return NULL;
}

/* A result as a source may give it; a capture may hold anything. */
static int result_of(const struct capture_record *record, int most)
{
	return record->value < -4095 || record->value > most ? -EBADMSG : (int)record->value;
}

static int replay_datagrams(struct replay *replay, uint32_t what, int most, datagram_fn fn,
			    void *arg)
{
	const struct capture_record *record;
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

/* The next question, if it is that one and was asked in one of those ways; else nothing is passed. */
static bool was_asked(struct replay *replay, enum question question, int64_t way, int64_t other)
{
	size_t kept = replay->at;
	const struct capture_record *record = expect(replay, CALL_ASK, question);

	if (record && (record->value == way || record->value == other))
		return true;
	replay->at = kept;
	return false;
}

static int replay_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct replay *replay = replay_of(source);

	return was_asked(replay, question, ASKED_ALL, ASKED_EACH)
		       ? replay_datagrams(replay, question, 0, fn, arg)
		       : -ENODATA;
}

/* Where the recorded monitor asked for all, the one that replays is to do so, too. */
static int replay_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct replay *replay = replay_of(source);

	(void)next;
	return was_asked(replay, Q_SUBFLOWS, ASKED_EACH, ASKED_EACH)
		       ? replay_datagrams(replay, Q_SUBFLOWS, 0, fn, arg)
		       : -ENOSYS;
}

static int replay_walk(struct source *source, datagram_fn fn, void *arg)
{
	struct replay *replay = replay_of(source);

	return was_asked(replay, Q_SUBFLOWS, ASKED_WALK, ASKED_WALK)
		       ? replay_datagrams(replay, Q_SUBFLOWS, 0, fn, arg)
		       : -EAGAIN;
}

/* Captures of before queries were recorded have none: there, the next route is the one. */
static bool is_query(const struct capture_record *record, const struct route_query *query)
{
	const struct route_query *asked = (const struct route_query *)(record + 1);

	if (!record->len)
		return true;
	return record->len == sizeof(*asked) && asked->ifindex == query->ifindex &&
	       !memcmp(&asked->to, &query->to, sizeof(asked->to)) &&
	       !memcmp(&asked->from, &query->from, sizeof(asked->from));
}

/* For the same reason as in may_be_skipped(), others may come before it; or it was never asked. */
static int replay_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
			    void *arg)
{
	struct replay *replay = replay_of(source);
	const struct capture_record *record;
	size_t kept = replay->at;

	while ((record = record_at(replay, replay->at)) && record->call == CALL_ROUTE) {
		if (is_query(record, query)) {
			pass(replay, record);
			return replay_datagrams(replay, 0, 0, fn, arg);
		}
		pass_call(replay, record);
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
	const struct capture_record *record = expect(replay_of(source), CALL_OPEN, stream);

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
	const struct capture_record *record = expect(replay, CALL_NOW, 0);

	if (record)
		replay->now_us = (uint64_t)record->value;
	return replay->now_us;
}

static uint32_t replay_chance(struct source *source)
{
	const struct capture_record *record = expect(replay_of(source), CALL_CHANCE, 0);

	return record ? (uint32_t)record->value : 0;
}

static uint64_t replay_wall_ms(struct source *source)
{
	struct replay *replay = replay_of(source);
	const struct capture_record *record = expect(replay, CALL_WALL, 0);

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
	.ask_each = replay_ask_each,
	.walk = replay_walk,
	.ask_route = replay_ask_route,
	.open = replay_open,
	.drain = replay_drain,
	.fd = replay_fd,
	.now_us = replay_now_us,
	.wall_ms = replay_wall_ms,
	.chance = replay_chance,
	.close = replay_close,
};

/*
 * --- opening -----------------------------------------------------------------------------------
 */

static void tell(struct replay_fault *fault, uint64_t offset, const char *what)
{
	fault->offset = offset;
	snprintf(fault->what, sizeof(fault->what), "%s", what);
}

/* 0, or -EBADMSG having told why it is no capture of ours. */
static int check_head(const struct capture_head *head, size_t len, struct replay_fault *fault)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b };

	if (len >= sizeof(gzip) && !memcmp(head, gzip, sizeof(gzip))) {
		tell(fault, 0, "is compressed: gunzip it first");
	} else if (len < sizeof(*head) || memcmp(head->magic, CAPTURE_MAGIC, sizeof(head->magic))) {
		tell(fault, 0, len ? "is no capture of mptcp-wan" : "is empty");
	} else if (head->byte_order == __builtin_bswap32(CAPTURE_BYTE_ORDER)) {
		tell(fault, offsetof(struct capture_head, byte_order),
		     "was made on a machine of the other byte order: replay it on one of its kind");
	} else if (head->byte_order != CAPTURE_BYTE_ORDER) {
		tell(fault, offsetof(struct capture_head, byte_order), "has no byte order mark");
	} else if (head->version != CAPTURE_VERSION) {
		tell(fault, offsetof(struct capture_head, version), "");
		snprintf(fault->what, sizeof(fault->what),
			 "is of version %u of captures; this program replays version %d",
			 head->version, CAPTURE_VERSION);
	} else {
		return 0;
	}
	return -EBADMSG;
}

/* Whether a recorder writes that one there: in the answer to `asked`, or (NULL) between answers. */
static bool may_come(const struct capture_record *record, const struct capture_record *asked)
{
	switch (record->call) {
	case CALL_DATAGRAM:
		return asked && !record->what;
	case CALL_DONE:
		return asked && record->what == asked->what;
	case CALL_ASK:
	case CALL_DRAIN:
	case CALL_OPEN:
		return !asked;
	case CALL_NOW:
	case CALL_WALL:
	case CALL_ROUTE:
	case CALL_CHANCE:
		return !asked && !record->what;
	}
	return false;
}

static bool is_question(const struct capture_record *record)
{
	return record->call == CALL_ASK || record->call == CALL_DRAIN || record->call == CALL_ROUTE;
}

/*
 * Looks over all records. What is cut short or damaged is worth as much as the polls before: half
 * of one would look like a kernel that does not answer. A poll asks, and then looks at the clock.
 */
static void survey(struct replay *replay, struct replay_fault *fault)
{
	const struct capture_record *record, *asked = NULL;
	size_t whole = 0, at;
	bool in_poll = false;

	while (replay->at < replay->len) {
		record = record_at(replay, replay->at);
		if (!record || !may_come(record, asked))
			break;
		if (is_question(record))
			asked = record;
		else if (record->call == CALL_DONE)
			asked = NULL;
		in_poll |= record->call == CALL_ASK;
		pass(replay, record);
		if (record->call != CALL_NOW || !in_poll)
			continue;
		in_poll = false;
		whole = replay->at;
	}
	at = replay->at;
	replay->at = 0;
	if (at == replay->len && !asked && !in_poll)
		return;
	tell(fault, sizeof(struct capture_head) + at,
	     at == replay->len	     ? "ends in the middle of a poll"
	     : record_at(replay, at) ? "has something there that is no record"
				     : "ends in the middle of a record");
	replay->len = whole;
}

/* Reads as much as there is, up to `size`; or -errno. */
static ssize_t read_all(int fd, void *to, size_t size)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && got) {
		got = read(fd, (char *)to + len, size - len);
		if (got < 0 && errno != EINTR)
			return -errno;
		len += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)len;
}

/* 0 or -errno */
static int load(struct replay *replay, int fd, struct replay_fault *fault)
{
	struct capture_head head;
	struct stat info;
	size_t size;
	ssize_t len;
	int error;

	if (fstat(fd, &info))
		return -errno;
	if (S_ISDIR(info.st_mode))
		return -EISDIR;
	if (!S_ISREG(info.st_mode)) {
		tell(fault, 0, "is no regular file");
		return -EBADMSG;
	}
	if ((uint64_t)info.st_size > SIZE_MAX / 2)
		return -EFBIG;
	len = read_all(fd, &head, sizeof(head));
	error = len < 0 ? (int)len : check_head(&head, (size_t)len, fault);
	if (error)
		return error;
	/* Who records at this moment may have written the head since we asked for the size. */
	size = (size_t)info.st_size > sizeof(head) ? (size_t)info.st_size - sizeof(head) : 0;
	replay->bytes = malloc(size + 1);
	if (!replay->bytes)
		return -ENOMEM;
	len = read_all(fd, replay->bytes, size);
	if (len < 0)
		return (int)len;
	replay->len = (size_t)len;
	survey(replay, fault);
	return 0;
}

struct source *source_replay_open(const char *path, struct replay_fault *fault)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	struct replay_fault nobody;
	int fd, error;

	if (!replay)
		return NULL;
	fault = fault ? fault : &nobody;
	*fault = (struct replay_fault){ 0 };
	replay->source.ops = &replay_ops;
	/* Without waiting: a FIFO may never have a writer. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	error = fd < 0 ? -errno : load(replay, fd, fault);
	if (fd >= 0)
		close(fd);
	if (!error)
		return &replay->source;
	replay_close(&replay->source);
	errno = -error;
	return NULL;
}

/*
 * --- what comes next ---------------------------------------------------------------------------
 */

bool source_replay_has(struct source *source, enum stream stream)
{
	struct replay *replay = replay_of(source);
	const struct capture_record *record;
	size_t kept = replay->at;
	bool found = false;

	replay->at = 0;
	while (!found && (record = record_at(replay, replay->at))) {
		found = record->call == CALL_OPEN && record->what == stream;
		pass(replay, record);
	}
	replay->at = kept;
	return found;
}

/* Each poll and pump begins with both clocks; the one at the end of a poll is alone. */
static bool begins_step(const struct replay *replay, const struct capture_record *record)
{
	size_t next = replay->at + sizeof(*record) + capture_padded(record->len);

	if (record->call != CALL_NOW)
		return false;
	record = record_at(replay, next);
	return record && record->call == CALL_WALL;
}

enum replay_step source_replay_next(struct source *source)
{
	struct replay *replay = replay_of(source);
	const struct capture_record *record;
	enum replay_step step = REPLAY_END;
	bool drained = false;
	size_t kept;

	/* What the monitor that replays did not ask for is passed: with other settings, say. */
	while ((record = record_at(replay, replay->at)) && !begins_step(replay, record))
		pass(replay, record);
	kept = replay->at;
	/* A poll asks before it looks at the clock again; a pump only drains. */
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
