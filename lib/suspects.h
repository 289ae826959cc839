/* SPDX-License-Identifier: MIT */
#ifndef LIB_SUSPECTS_H
#define LIB_SUSPECTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Joins that the far end turned away, until a dump tells whether their connection lives on: when
 * the far end has just closed it, its goodbye may come by another line, and later than the reset.
 */
enum { SUSPECTS_MOST = 4096 };

struct suspect {
	uint32_t token;		/* of the connection */
	uint32_t dump;		/* the last one begun when it was turned away */
	uint8_t slot;
	bool lives;		/* a subflow of the connection was seen in a later dump */
};

struct suspects {
	struct suspect *rows;
	size_t count, size;
};

void suspects_free(struct suspects *);

/* False when there is no room. */
bool suspects_add(struct suspects *, uint32_t token, uint8_t slot, uint32_t dump);

/* Around a dump: sort, then name the token of each established subflow, then judge. */
void suspects_sort(struct suspects *);
void suspects_see(struct suspects *, uint32_t token);

/* Calls fn for each that is older than that dump, and drops it. */
typedef void (*suspect_fn)(void *arg, const struct suspect *);
void suspects_judge(struct suspects *, uint32_t dump, suspect_fn fn, void *arg);
#endif
