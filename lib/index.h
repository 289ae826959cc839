/* SPDX-License-Identifier: MIT */
#ifndef LIB_INDEX_H
#define LIB_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A hash index from 64-bit keys to positions in an array of the caller's: open addressing, four
 * octets a position. The key of a position is asked of the caller, so it is stored once; of
 * positions that it cannot be, nearly never. Keys may occur more than once.
 */
#define INDEX_NONE UINT32_MAX
enum { INDEX_MOST = 0xffffff }; /* positions are below this */

struct index {
	uint32_t *slots;	/* position + 1, 0 for empty, below eight bits of the key's hash */
	size_t size;		/* a power of two, or 0 */
	size_t count;
	uint64_t (*key_of)(const void *arg, uint32_t position);
	const void *arg;
};

int index_put(struct index *, uint32_t position);	/* 0 or -ENOMEM: nothing was added */

/*
 * Empties it; the next `count` of index_put() need no memory. 0, or -ENOMEM: it is as it was.
 */
int index_begin(struct index *, size_t count);

void index_remove(struct index *,
		  uint32_t position); /* by its key; nothing happens when it is not there */
void index_free(struct index *);

/*
 * The first position with that key, then (after != INDEX_NONE) the one following `after`;
 * INDEX_NONE at the end.
 */
uint32_t index_find(const struct index *, uint64_t key, uint32_t after);

/*
 * A position that may have that key, or INDEX_NONE: told without a look at keys, for who wants to
 * fetch what is there before it is needed.
 */
uint32_t index_guess(const struct index *, uint64_t key);
#endif
