/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "tests/lab/stream.h"

#define PERIOD 131071 /* prime, so that no loss of whole segments or pages fits it */
#define MAGIC 0x6d777472

static unsigned char pattern[PERIOD + STREAM_CHUNK];
static unsigned char buffer[STREAM_CHUNK];

void stream_setup(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < PERIOD; i++) {
		x = x * 1664525 + 1013904223;
		pattern[i] = (unsigned char)(x >> 24);
	}
	memcpy(pattern + PERIOD, pattern, STREAM_CHUNK);
}

/* Where in the pattern byte `done` of connection `number` is. */
static const unsigned char *pattern_at(uint32_t number, uint64_t done)
{
	return pattern + (number * UINT64_C(7919) + done) % PERIOD;
}

void stream_ask(struct stream *stream, uint32_t number, enum closer closer, uint32_t rate_kbit,
		uint64_t up_bytes, uint64_t down_bytes)
{
	stream->header = (struct stream_header){
		.magic = htobe32(MAGIC),
		.closer = htobe32(closer == CLOSE_ALTERNATE ? number % 2 : closer),
		.number = htobe32(number),
		.rate_kbit = htobe32(rate_kbit),
		.up_bytes = htobe64(up_bytes),
		.down_bytes = htobe64(down_bytes),
	};
}

/* Takes over what the header says. */
static void start(struct stream *stream, uint64_t now_ms)
{
	uint64_t up_bytes = be64toh(stream->header.up_bytes);
	uint64_t down_bytes = be64toh(stream->header.down_bytes);

	stream->number = be32toh(stream->header.number);
	stream->rate_kbit = be32toh(stream->header.rate_kbit);
	stream->closes_first = stream->client == (be32toh(stream->header.closer) == CLOSE_CLIENT);
	stream->out_total = stream->client ? up_bytes : down_bytes;
	stream->in_total = stream->client ? down_bytes : up_bytes;
	stream->start_ms = now_ms;
	stream->started = true;
}

/* What may be written now: all that is left, or less at a limited rate. */
static uint64_t allowance(const struct stream *stream, uint64_t now_ms)
{
	uint64_t left = stream->out_total - stream->out_done;
	uint64_t due;

	if (!stream->rate_kbit)
		return left;
	due = (now_ms - stream->start_ms + STREAM_TICK_MS) * stream->rate_kbit / 8;
	due = due > stream->out_done ? due - stream->out_done : 0;
	return due < left ? due : left;
}

static bool complete(const struct stream *stream)
{
	return stream->started && stream->in_done == stream->in_total &&
	       stream->out_done == stream->out_total;
}

static enum stream_outcome send_header(struct stream *stream, uint64_t now_ms,
				       struct stream_bytes *bytes)
{
	const struct stream_header *header = &stream->header;
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return STREAM_FAILED;
	/* Nothing was sent before: it fits, or the connection is of no use. */
	if (send(stream->fd, header, sizeof(*header), MSG_NOSIGNAL) != (ssize_t)sizeof(*header))
		return errno == EAGAIN ? STREAM_GOES_ON : STREAM_FAILED;
	stream->header_done = sizeof(*header);
	bytes->wrote += sizeof(*header);
	start(stream, now_ms);
	return STREAM_GOES_ON;
}

static enum stream_outcome read_header(struct stream *stream, uint64_t now_ms,
				       struct stream_bytes *bytes)
{
	ssize_t n = recv(stream->fd, (char *)&stream->header + stream->header_done,
			 sizeof(stream->header) - stream->header_done, 0);

	if (n <= 0)
		return n < 0 && errno == EAGAIN ? STREAM_GOES_ON : STREAM_FAILED;
	bytes->read += (uint64_t)n;
	stream->header_done += (size_t)n;
	if (stream->header_done < sizeof(stream->header))
		return STREAM_GOES_ON;
	if (be32toh(stream->header.magic) != MAGIC)
		return STREAM_FAILED;
	start(stream, now_ms);
	return STREAM_GOES_ON;
}

static enum stream_outcome write_payload(struct stream *stream, uint64_t now_ms,
					 struct stream_bytes *bytes)
{
	uint64_t allowed = allowance(stream, now_ms);
	ssize_t n;

	if (!allowed)
		return STREAM_GOES_ON;
	n = send(stream->fd, pattern_at(stream->number, stream->out_done),
		 allowed < STREAM_CHUNK ? allowed : STREAM_CHUNK, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? STREAM_GOES_ON : STREAM_FAILED;
	stream->out_done += (uint64_t)n;
	bytes->wrote += (uint64_t)n;
	return STREAM_GOES_ON;
}

static enum stream_outcome read_payload(struct stream *stream, struct stream_bytes *bytes)
{
	ssize_t n = recv(stream->fd, buffer, sizeof(buffer), 0);

	if (n < 0)
		return errno == EAGAIN ? STREAM_GOES_ON : STREAM_FAILED;
	if (n == 0)
		return complete(stream) && !stream->closes_first ? STREAM_ENDED : STREAM_FAILED;
	bytes->read += (uint64_t)n;
	if ((uint64_t)n > stream->in_total - stream->in_done ||
	    memcmp(buffer, pattern_at(stream->number, stream->in_done), (size_t)n)) {
		fprintf(stderr,
			"traffic: connection %u: wrong data within %zd bytes from byte %" PRIu64
			"\n",
			stream->number, n, stream->in_done);
		return STREAM_FAILED;
	}
	stream->in_done += (uint64_t)n;
	return STREAM_GOES_ON;
}

enum stream_outcome stream_step(struct stream *stream, uint32_t events, uint64_t now_ms,
				struct stream_bytes *bytes)
{
	enum stream_outcome outcome = STREAM_GOES_ON;

	if (!stream->started)
		outcome = stream->client ? send_header(stream, now_ms, bytes)
					 : read_header(stream, now_ms, bytes);
	else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		outcome = read_payload(stream, bytes);
	if (outcome == STREAM_GOES_ON && stream->started)
		outcome = write_payload(stream, now_ms, bytes);
	if (outcome == STREAM_GOES_ON && complete(stream) && stream->closes_first)
		outcome = STREAM_ENDED;
	return outcome;
}

uint32_t stream_events(const struct stream *stream)
{
	if (!stream->started)
		return stream->client ? EPOLLOUT : EPOLLIN;
	return stream->out_done < stream->out_total && !stream->rate_kbit ? EPOLLIN | EPOLLOUT
									  : EPOLLIN;
}
