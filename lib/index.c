/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/index.h"

enum { SIZE_LEAST = 64, PLACE = 0xffffff };

/* Socket cookies are consecutive numbers: spread them (Fibonacci hashing). */
static uint64_t hash_of(uint64_t key)
{
	key ^= key >> 32;
	return key * UINT64_C(0x9E3779B97F4A7C15);
}

static size_t home(const struct index *index, uint64_t hash)
{
	return (size_t)(hash >> 20) & (index->size - 1);
}

/*
 * The topmost bits, of which home() takes none. To look at a key is to wait for memory, which the
 * slots spare: neighbours have others.
 */
static uint32_t mark_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~(uint32_t)PLACE;
}

static uint32_t position_at(const struct index *index, size_t slot)
{
	return (index->slots[slot] & PLACE) - 1;
}

static size_t following(const struct index *index, size_t slot)
{
	return (slot + 1) & (index->size - 1);
}

static uint64_t hash_at(const struct index *index, uint32_t position)
{
	return hash_of(index->key_of(index->arg, position));
}

static void place(struct index *index, uint32_t position)
{
	uint64_t hash = hash_at(index, position);
	size_t slot = home(index, hash);

	while (index->slots[slot])
		slot = following(index, slot);
	index->slots[slot] = mark_of(hash) | (position + 1);
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
			place(&grown, position_at(index, i));
	free(index->slots);
	*index = grown;
	return 0;
}

/* At most seven eighths full: a search looks at a few slots, but next to each other. */
static bool has_room(size_t size, size_t count)
{
	return count <= size / 8 * 7;
}

int index_begin(struct index *index, size_t count)
{
	size_t size = SIZE_LEAST;
	uint32_t *slots;

	while (!has_room(size, count))
		size *= 2;
	if (size > index->size) {
		slots = calloc(size, sizeof(*slots));
		if (!slots)
			return -ENOMEM;
		free(index->slots);
		index->slots = slots;
		index->size = size;
	} else {
		memset(index->slots, 0, index->size * sizeof(*index->slots));
	}
	index->count = 0;
	return 0;
}

int index_put(struct index *index, uint32_t position)
{
	if (position >= INDEX_MOST)
		return -ENOMEM;
	if (!has_room(index->size, index->count + 1) && grow(index))
		return -ENOMEM;
	place(index, position);
	index->count++;
	return 0;
}

uint32_t index_find(const struct index *index, uint64_t key, uint32_t after)
{
	const uint64_t hash = hash_of(key);
	const uint32_t mark = mark_of(hash);
	bool passed = after == INDEX_NONE;

	if (!index->size)
		return INDEX_NONE;
	for (size_t slot = home(index, hash); index->slots[slot]; slot = following(index, slot)) {
		uint32_t position = position_at(index, slot);

		if ((index->slots[slot] & ~(uint32_t)PLACE) != mark ||
		    index->key_of(index->arg, position) != key)
			continue;
		if (passed)
			return position;
		passed = position == after;
	}
	return INDEX_NONE;
}

uint32_t index_guess(const struct index *index, uint64_t key)
{
	const uint64_t hash = hash_of(key);
	const uint32_t mark = mark_of(hash);

	if (!index->size)
		return INDEX_NONE;
	for (size_t slot = home(index, hash); index->slots[slot]; slot = following(index, slot))
		if ((index->slots[slot] & ~(uint32_t)PLACE) == mark)
			return position_at(index, slot);
	return INDEX_NONE;
}

void index_remove(struct index *index, uint32_t position)
{
	size_t slot, hole;

	if (!index->size)
		return;
	slot = home(index, hash_at(index, position));
	while (index->slots[slot] && position_at(index, slot) != position)
		slot = following(index, slot);
	if (!index->slots[slot])
		return;
	/* Close the gap: whatever a search would no longer reach across it moves into it. */
	hole = slot;
	for (slot = following(index, slot); index->slots[slot]; slot = following(index, slot)) {
		size_t wanted = home(index, hash_at(index, position_at(index, slot)));

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
