/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include "lib/index.h"

enum { SIZE_LEAST = 64 };

/* Socket cookies are consecutive numbers: spread them (Fibonacci hashing). */
static size_t home(const struct index *index, uint64_t key)
{
	key ^= key >> 32;
	return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (index->size - 1);
}

static size_t following(const struct index *index, size_t slot)
{
	return (slot + 1) & (index->size - 1);
}

static void place(struct index *index, uint32_t position)
{
	size_t slot = home(index, index->key_of(index->arg, position));

	while (index->slots[slot])
		slot = following(index, slot);
	index->slots[slot] = position + 1;
}

static int grow(struct index *index)
{
	struct index grown = *index;

	grown.size = index->size ? index->size * 2 : SIZE_LEAST;
	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (!grown.slots)
		return -ENOMEM;
	for (size_t i = 0; i < index->size; i++)
		if (index->slots[i])
			place(&grown, index->slots[i] - 1);
	free(index->slots);
	*index = grown;
	return 0;
}

int index_put(struct index *index, uint32_t position)
{
	/* At most three quarters full: a search then looks at few slots. */
	if (index->count + 1 > index->size / 4 * 3 && grow(index))
		return -ENOMEM;
	place(index, position);
	index->count++;
	return 0;
}

uint32_t index_find(const struct index *index, uint64_t key, uint32_t after)
{
	bool passed = after == INDEX_NONE;

	if (!index->size)
		return INDEX_NONE;
	for (size_t slot = home(index, key); index->slots[slot]; slot = following(index, slot)) {
		uint32_t position = index->slots[slot] - 1;

		if (index->key_of(index->arg, position) != key)
			continue;
		if (passed)
			return position;
		passed = position == after;
	}
	return INDEX_NONE;
}

void index_remove(struct index *index, uint32_t position)
{
	size_t slot, hole;

	if (!index->size)
		return;
	slot = home(index, index->key_of(index->arg, position));
	while (index->slots[slot] && index->slots[slot] != position + 1)
		slot = following(index, slot);
	if (!index->slots[slot])
		return;
	/* Close the gap: whatever a search would no longer reach across it moves into it. */
	hole = slot;
	for (slot = following(index, slot); index->slots[slot]; slot = following(index, slot)) {
		size_t wanted = home(index, index->key_of(index->arg, index->slots[slot] - 1));

		if (((slot - wanted) & (index->size - 1)) >= ((slot - hole) & (index->size - 1))) {
			index->slots[hole] = index->slots[slot];
			hole = slot;
		}
	}
	index->slots[hole] = 0;
	index->count--;
}

void index_free(struct index *index)
{
	free(index->slots);
	index->slots = NULL;
	index->size = index->count = 0;
}
