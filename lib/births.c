/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/births.h"

enum { WAITING_MOST = 65536 };

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
	uint64_t word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		word = 0;
		memcpy(&word, (const char *)bytes + i,
		       len - i < sizeof(word) ? len - i : sizeof(word));
		hash = (hash ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
		hash ^= hash >> 32;
	}
	return hash;
}

static uint64_t tuple_key(uint64_t seed, const struct tuple *tuple)
{
	uint32_t ports = (uint32_t)tuple->local_port << 16 | tuple->remote_port;
	uint64_t hash = mix(seed, &ports, sizeof(ports));

	hash = mix(hash, tuple->local.bytes, sizeof(tuple->local.bytes));
	return mix(hash, tuple->remote.bytes, sizeof(tuple->remote.bytes));
}

static uint64_t key_of(const void *arg, uint32_t position)
{
	return ((const struct births *)arg)->births[position].key;
}

static bool same_tuple(const struct tuple *a, const struct tuple *b)
{
	return a->local_port == b->local_port && a->remote_port == b->remote_port &&
	       !memcmp(a->local.bytes, b->local.bytes, sizeof(a->local.bytes)) &&
	       !memcmp(a->remote.bytes, b->remote.bytes, sizeof(a->remote.bytes));
}

void births_init(struct births *births, uint64_t seed)
{
	memset(births, 0, sizeof(*births));
	births->seed = seed;
	births->by_tuple.key_of = key_of;
	births->by_tuple.arg = births;
}

void births_free(struct births *births)
{
	index_free(&births->by_tuple);
	free(births->births);
	free(births->closed);
}

static int grow(struct births *births)
{
	size_t size = births->size ? births->size * 2 : 64;
	struct birth *grown = realloc(births->births, size * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memset(grown + births->size, 0, (size - births->size) * sizeof(*grown));
	births->free_hint = (uint32_t)births->size;
	births->births = grown;
	births->size = size;
	return 0;
}

/* A free place; the hint goes round, so that looking for it stays cheap while a quarter is free. */
static int free_place(struct births *births, uint32_t *place)
{
	if (births->by_tuple.count == WAITING_MOST)
		return -ENOMEM;
	if (births->by_tuple.count + 1 > births->size / 4 * 3 && grow(births))
		return -ENOMEM;
	while (births->births[births->free_hint].used)
		births->free_hint = (births->free_hint + 1) & (uint32_t)(births->size - 1);
	*place = births->free_hint;
	return 0;
}

int births_add(struct births *births, const struct tuple *tuple, uint32_t token, uint8_t slot)
{
	struct birth *birth;
	uint32_t place;

	if (free_place(births, &place))
		return -ENOMEM;
	birth = &births->births[place];
	*birth = (struct birth){
		.tuple = *tuple,
		.key = tuple_key(births->seed, tuple),
		.token = token,
		.slot = slot,
		.order = births->order++,
	};
	if (index_put(&births->by_tuple, place))
		return -ENOMEM;
	birth->used = true;
	return 0;
}

static void drop(struct births *births, uint32_t place)
{
	index_remove(&births->by_tuple, place);
	births->births[place].used = false;
}

bool births_take(struct births *births, const struct tuple *tuple, uint32_t token,
		 struct birth *out)
{
	uint64_t key = tuple_key(births->seed, tuple);
	uint32_t place = INDEX_NONE, oldest = INDEX_NONE;

	while ((place = index_find(&births->by_tuple, key, place)) != INDEX_NONE) {
		const struct birth *birth = &births->births[place];

		if (!same_tuple(&birth->tuple, tuple) || (token && birth->token != token))
			continue;
		/* The difference is signed, as with TCP sequence numbers: the order may wrap. */
		if (oldest == INDEX_NONE ||
		    (int32_t)(birth->order - births->births[oldest].order) < 0)
			oldest = place;
	}
	if (oldest == INDEX_NONE)
		return false;
	*out = births->births[oldest];
	drop(births, oldest);
	return true;
}

int births_close(struct births *births, uint32_t token)
{
	if (births->closed_count == births->closed_size) {
		size_t size = births->closed_size ? births->closed_size * 2 : 64;
		uint32_t *grown =
			size > WAITING_MOST ? NULL : realloc(births->closed, size * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		births->closed = grown;
		births->closed_size = size;
	}
	births->closed[births->closed_count++] = token;
	return 0;
}

static int compare_tokens(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void births_sweep(struct births *births, uint32_t dump, uint32_t grace,
		  void (*fn)(void *arg, const struct birth *), void *arg)
{
	if (births->closed_count)
		qsort(births->closed, births->closed_count, sizeof(*births->closed),
		      compare_tokens);
	for (uint32_t place = 0; place < births->size && births->by_tuple.count; place++) {
		struct birth *birth = &births->births[place];

		if (!birth->used)
			continue;
		if (birth->closed_in && dump - birth->closed_in >= grace) {
			fn(arg, birth);
			drop(births, place);
		} else if (!birth->closed_in && births->closed_count &&
			   bsearch(&birth->token, births->closed, births->closed_count,
				   sizeof(*births->closed), compare_tokens)) {
			birth->closed_in = dump;
		}
	}
	births->closed_count = 0;
}

void births_move(struct births *births, uint8_t from, uint8_t to)
{
	for (uint32_t place = 0; place < births->size; place++)
		if (births->births[place].slot == from)
			births->births[place].slot = to;
}
