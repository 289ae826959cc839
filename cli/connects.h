/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONNECTS_H
#define CLI_CONNECTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * How long a new MPTCP connection takes, by making some: from connect() to the answer of the far
 * end, one at a time, each closed as soon as it is there. Nothing is sent on it.
 */
enum { CONNECTS_MOST = 10, CONNECT_LIMIT_MS = 3000 };

struct connect_times {
	uint32_t answered_us[CONNECTS_MOST];
	uint32_t answered;
	uint32_t failed;		/* refused, no way, or no answer within the limit */
	uint32_t fallback;		/* of those answered: the far end does not speak MPTCP */
	int error;			/* of the last that failed: -errno */
};

struct connects {
	struct sockaddr_storage to;
	socklen_t to_len;
	bool fallback_known;		/* this kernel tells a connection that fell back */
	int fd;				/* of the one under way; -1: none */
	uint64_t begun_us;
};

/* "192.0.2.1:443" or "[2001:db8::1]:443". 0, or -EINVAL. */
int connects_to(struct connects *, const char *address);

/* May we? 0, or -errno of a socket of MPTCP. Learns fallback_known. */
int connects_try(struct connects *);

/*
 * Begins one; one that cannot begin has failed at once. Nothing happens while one is under way.
 */
void connects_begin(struct connects *, struct connect_times *);

/* To be called when the descriptor is writable, and now and then; ends the one that is decided. */
void connects_step(struct connects *, struct connect_times *);

/* Gives up the one under way, of which nothing is told. */
void connects_stop(struct connects *);

/* The middle one of those answered; false when there is none. */
bool connect_median_us(const struct connect_times *, uint64_t *us);
#endif
