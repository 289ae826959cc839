/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/lives.h"

enum { BLOCK = 512, LINE = 64 }; /* entries; octets of a line of the cache */

/*
 * The rest of IPv6 addresses is kept apart, in pages that nobody touches where there is only IPv4.
 */
struct rest {
	uint8_t local[12], remote[12];
};

struct block {
	struct entry entries[BLOCK];
	struct rest rests[BLOCK];
};

_Static_assert(sizeof(struct entry) == 104, "octets, of each subflow");

struct entry *lives_at(const struct lives *lives, size_t position)
{
	return &lives->blocks[position / BLOCK]->entries[position % BLOCK];
}

static uint64_t key_of(const void *arg, uint32_t position)
{
	return lives_at(arg, position)->cookie;
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
	for (size_t i = 0; i < lives->block_count; i++)
		free(lives->blocks[i]);
	free(lives->blocks);
}

struct entry *lives_find(const struct lives *lives, uint64_t cookie)
{
	uint32_t position = index_find(&lives->by_cookie, cookie, INDEX_NONE);

	return position == INDEX_NONE ? NULL : lives_at(lives, position);
}

void lives_expect(const struct lives *lives, uint64_t cookie)
{
	uint32_t position = index_guess(&lives->by_cookie, cookie);
	const struct entry *entry;

	if (position == INDEX_NONE)
		return;
	entry = lives_at(lives, position);
	__builtin_prefetch(entry, 1);
	__builtin_prefetch((const char *)entry + LINE, 1);
	__builtin_prefetch((const char *)(entry + 1) - 1, 1);
}

static bool grow(struct lives *lives)
{
	struct block **grown, *block;

	grown = realloc(lives->blocks, (lives->block_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	lives->blocks = grown;
	block = aligned_alloc(LINE, sizeof(*block));
	if (!block)
		return false;
	lives->blocks[lives->block_count++] = block;
	return true;
}

/* A place of an entry that was dropped, else one that was never used. INDEX_NONE: no memory. */
static uint32_t free_place(struct lives *lives)
{
	if (lives->free_head != INDEX_NONE)
		return lives->free_head;
	if (lives->top == lives->block_count * BLOCK && !grow(lives))
		return INDEX_NONE;
	return (uint32_t)lives->top;
}

struct entry *lives_add(struct lives *lives, uint64_t cookie, enum phase phase)
{
	uint32_t position, next_free = INDEX_NONE;
	struct entry *entry;

	if (lives->used >= lives->most)
		return NULL;
	position = free_place(lives);
	if (position == INDEX_NONE)
		return NULL;
	entry = lives_at(lives, position);
	if (position < lives->top)
		next_free = entry->next_free;
	*entry = (struct entry){ .cookie = cookie, .next_free = next_free };
	if (index_put(&lives->by_cookie, position))
		return NULL;
	if (position < lives->top)
		lives->free_head = next_free;
	else
		lives->top++;
	entry->next_free = 0;
	lives->used++;
	lives_set_phase(lives, entry, phase);
	return entry;
}

static struct rest *rest_of(const struct lives *lives, const struct entry *entry)
{
	uint32_t position = index_find(&lives->by_cookie, entry->cookie, INDEX_NONE);

	return &lives->blocks[position / BLOCK]->rests[position % BLOCK];
}

struct tuple lives_tuple(const struct lives *lives, const struct entry *entry)
{
	struct tuple tuple = { .local_port = entry->local_port, .remote_port = entry->remote_port };

	tuple.local.family = tuple.remote.family = entry->v4 ? AF_INET : entry->v6 ? AF_INET6 : 0;
	memcpy(tuple.local.bytes, entry->local, sizeof(entry->local));
	memcpy(tuple.remote.bytes, entry->remote, sizeof(entry->remote));
	if (entry->v6) {
		const struct rest *rest = rest_of(lives, entry);

		memcpy(tuple.local.bytes + 4, rest->local, sizeof(rest->local));
		memcpy(tuple.remote.bytes + 4, rest->remote, sizeof(rest->remote));
	}
	return tuple;
}

void lives_set_tuple(struct lives *lives, struct entry *entry, const struct tuple *tuple)
{
	entry->v4 = tuple->local.family == AF_INET;
	entry->v6 = tuple->local.family == AF_INET6;
	entry->local_port = tuple->local_port;
	entry->remote_port = tuple->remote_port;
	memcpy(entry->local, tuple->local.bytes, sizeof(entry->local));
	memcpy(entry->remote, tuple->remote.bytes, sizeof(entry->remote));
	if (entry->v6) {
		struct rest *rest = rest_of(lives, entry);

		memcpy(rest->local, tuple->local.bytes + 4, sizeof(rest->local));
		memcpy(rest->remote, tuple->remote.bytes + 4, sizeof(rest->remote));
	}
}

void lives_drop(struct lives *lives, struct entry *entry)
{
	uint32_t position = index_find(&lives->by_cookie, entry->cookie, INDEX_NONE);

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
	entry->phase = (uint8_t)phase & 3;
}

void lives_renew(struct lives *lives, struct entry *entry)
{
	lives_set_phase(lives, entry, LIVE);
	*entry = (struct entry){ .cookie = entry->cookie, .phase = LIVE };
}
