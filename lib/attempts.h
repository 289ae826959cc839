/* SPDX-License-Identifier: MIT */
#ifndef LIB_ATTEMPTS_H
#define LIB_ATTEMPTS_H
#include <stdbool.h>
#include <stddef.h>
#include "lib/index.h"
#include "lib/parse.h"

/*
 * Subflows in SYN_SENT, from the stream that tells of attempts and of what became of each: nobody
 * can ask the kernel for one of them, since its port was not chosen yet when the stream told of it,
 * and a walk past all other sockets costs more than all requests. All zero to begin with.
 */
enum { ATTEMPTS_MOST = 4096 };

struct attempts {
	struct attempt *rows;
	size_t count, size;
	bool partial; /* there was no room for all */
	struct index by_cookie;
};

void attempts_free(struct attempts *);

/* A life as the stream told of it. */
void attempts_life(struct attempts *, const struct life *);

/*
 * A dump knows better: begin, name the subflows in SYN_SENT, and end when it was complete. The
 * streams have not been drained in between.
 */
void attempts_dump_begin(struct attempts *);
void attempts_row(struct attempts *, const struct subflow_row *);
void attempts_dump_end(struct attempts *);

/* The i-th of them, as a dump would show it; NULL after the last. Valid until one is told. */
const struct subflow_row *attempts_get(const struct attempts *, size_t i);
#endif
