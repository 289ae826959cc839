/* SPDX-License-Identifier: MIT */
#ifndef LIB_BIRTHS_H
#define LIB_BIRTHS_H
#include <stdbool.h>
#include "lib/index.h"
#include "lib/model.h"

/*
 * Births that are known by four-tuple only (mptcp_pm_events has no cookie), waiting for the socket
 * they belong to: a row of a dump, or the destroy message. A four-tuple may be born again before
 * its first ending is read: first come, first served.
 */
struct birth {
	struct tuple tuple;
	uint64_t key;		/* of the four-tuple */
	uint32_t token;		/* of its connection */
	uint32_t order;		/* counts up */
	uint32_t closed_in;	/* dump that was the last begun when its connection closed; 0: still
				   open */
	uint8_t slot;		/* its WAN */
	bool used;
};

struct births {
	struct birth *births;
	uint32_t *closed;	/* tokens of connections closed since the last sweep */
	size_t size, closed_size, closed_count;
	uint32_t free_hint, order;
	struct index by_tuple;
	uint64_t seed;		/* so that nobody chooses four-tuples that collide */
};

void births_init(struct births *, uint64_t seed);
void births_free(struct births *);

/* Returns 0 or -ENOMEM (also beyond the bound of 65,536 that wait): the birth is not remembered. */
int births_add(struct births *, const struct tuple *, uint32_t token, uint8_t slot);

/*
 * Takes the oldest birth of that four-tuple, and of that token unless it is 0, out; false when
 * there is none.
 */
bool births_take(struct births *, const struct tuple *, uint32_t token, struct birth *out);

/*
 * The connection's end was told: its births ought to find their endings soon. Returns 0 or -ENOMEM.
 */
int births_close(struct births *, uint32_t token);

/*
 * After the complete dump number `dump`: drops the births whose connection had closed `grace` dumps
 * before it, and calls fn for each: their endings were never told.
 */
void births_sweep(struct births *, uint32_t dump, uint32_t grace,
		  void (*fn)(void *arg, const struct birth *), void *arg);

/* Births that wait for a slot's WAN wait for another one's from now on. */
void births_move(struct births *, uint8_t from, uint8_t to);
#endif
