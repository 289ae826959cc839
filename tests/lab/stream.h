/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAB_STREAM_H
#define TESTS_LAB_STREAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one connection of traffic.c says. It begins with a header of the client: how much goes up,
 * how much down, how fast, and who closes first. Then both sides send at once; who has sent and
 * received all closes, or waits for the end of the stream.
 *
 * The payload is a pattern with a prime period which starts elsewhere in each connection and is
 * compared when read: lost, repeated or mixed up data is a failed connection.
 */
enum closer { CLOSE_CLIENT, CLOSE_SERVER, CLOSE_ALTERNATE };

enum {
	STREAM_CHUNK = 65536, /* most that is read or written in a step */
	STREAM_TICK_MS = 10   /* a paced stream is to be driven that often */
};

struct stream_header { /* all in network byte order */
	uint32_t magic;
	uint32_t closer;    /* enum closer, never CLOSE_ALTERNATE */
	uint32_t number;    /* of the connection; where its pattern starts */
	uint32_t rate_kbit; /* of each direction, 0: unlimited */
	uint64_t up_bytes;  /* without this header */
	uint64_t down_bytes;
};

/* What applications wrote and read, headers included. */
struct stream_bytes {
	uint64_t wrote, read;
};

struct stream {
	int fd;	      /* the owner's, not blocking */
	bool client;  /* whose side we are */
	bool started; /* client: connected; server: header complete */
	bool closes_first;
	uint32_t number;
	uint32_t rate_kbit;
	uint64_t start_ms;
	uint64_t out_total, out_done; /* payload */
	uint64_t in_total, in_done;
	struct stream_header header;
	size_t header_done; /* bytes of it which were sent or received */
};

enum stream_outcome { STREAM_GOES_ON, STREAM_ENDED, STREAM_FAILED };

/* Once, before any other. */
void stream_setup(void);

/* A client's wish, which is its header. CLOSE_ALTERNATE: client and server in turn, by number. */
void stream_ask(struct stream *, uint32_t number, enum closer, uint32_t rate_kbit,
		uint64_t up_bytes, uint64_t down_bytes);

/*
 * Does what `events` of epoll allow; 0 is the tick of a paced stream. What was written and read is
 * added to `bytes`. Of wrong data it says on stderr where.
 */
enum stream_outcome stream_step(struct stream *, uint32_t events, uint64_t now_ms,
				struct stream_bytes *bytes);

/* What epoll is to watch. A paced stream does not ask for EPOLLOUT, which would always fire. */
uint32_t stream_events(const struct stream *);
#endif
