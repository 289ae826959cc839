/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "lib/lives.h"

enum { SIZE_LEAST = 64 };

static uint64_t key_of(const void *arg, uint32_t position)
{
	return ((const struct lives *)arg)->entries[position].cookie;
}

void lives_init(struct lives *lives, size_t most)
{
	*lives = (struct lives){ .most = most, .free_head = INDEX_NONE };
	lives->by_cookie.key_of = key_of;
	lives->by_cookie.arg = lives;
}

void lives_clear(struct lives *lives)
{
	index_free(&lives->by_cookie);
	free(lives->entries);
}

struct entry *lives_find(const struct lives *lives, uint64_t cookie)
{
	uint32_t position = index_find(&lives->by_cookie, cookie, INDEX_NONE);

	return position == INDEX_NONE ? NULL : &lives->entries[position];
}

static bool grow(struct lives *lives)
{
	size_t size = lives->size ? lives->size * 2 : SIZE_LEAST;
	struct entry *grown = realloc(lives->entries, size * sizeof(*grown));

	if (!grown)
		return false;
	for (size_t i = lives->size; i < size; i++) {
		grown[i] = (struct entry){ .phase = FREE };
		grown[i].next_free = i + 1 < size ? (uint32_t)i + 1 : lives->free_head;
	}
	lives->free_head = (uint32_t)lives->size;
	lives->entries = grown;
	lives->size = size;
	return true;
}

struct entry *lives_add(struct lives *lives, uint64_t cookie, enum phase phase)
{
	uint32_t position, next_free;

	if (lives->used >= lives->most || (lives->free_head == INDEX_NONE && !grow(lives)))
		return NULL;
	position = lives->free_head;
	next_free = lives->entries[position].next_free;
	lives->entries[position] = (struct entry){ .cookie = cookie, .next_free = next_free };
	if (index_put(&lives->by_cookie, position))
		return NULL;
	lives->free_head = next_free;
	lives->used++;
	lives_set_phase(lives, &lives->entries[position], phase);
	return &lives->entries[position];
}

void lives_drop(struct lives *lives, struct entry *entry)
{
	uint32_t position = (uint32_t)(entry - lives->entries);

	index_remove(&lives->by_cookie, position);
	lives_set_phase(lives, entry, FREE);
	lives->used--;
	entry->next_free = lives->free_head;
	lives->free_head = position;
}

void lives_set_phase(struct lives *lives, struct entry *entry, enum phase phase)
{
	lives->live -= entry->phase == LIVE;
	lives->live += phase == LIVE;
	entry->phase = (uint8_t)phase;
}

void lives_renew(struct lives *lives, struct entry *entry)
{
	uint64_t cookie = entry->cookie;

	lives_set_phase(lives, entry, LIVE);
	*entry = (struct entry){ .cookie = cookie, .phase = LIVE };
}
