/* SPDX-License-Identifier: MIT */
#include "lib/siphash.h"

struct state { uint64_t a, b, c, d; };

static uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(struct state *v, int rounds)
{
	while (rounds--) {
		v->a += v->b;
		v->c += v->d;
		v->b = rotate(v->b, 13) ^ v->a;
		v->d = rotate(v->d, 16) ^ v->c;
		v->a = rotate(v->a, 32) + v->d;
		v->c += v->b;
		v->b = rotate(v->b, 17) ^ v->c;
		v->d = rotate(v->d, 21) ^ v->a;
		v->c = rotate(v->c, 32);
	}
}

static void take(struct state *v, uint64_t word)
{
	v->d ^= word;
	mix(v, 2);
	v->a ^= word;
}

uint64_t siphash(const struct siphash_key *key, const uint64_t *words, size_t count)
{
	struct state v = {
		.a = key->low ^ UINT64_C(0x736f6d6570736575),
		.b = key->high ^ UINT64_C(0x646f72616e646f6d),
		.c = key->low ^ UINT64_C(0x6c7967656e657261),
		.d = key->high ^ UINT64_C(0x7465646279746573),
	};

	for (size_t i = 0; i < count; i++)
		take(&v, words[i]);
	take(&v, (uint64_t)count * 8 << 56);
	v.c ^= 0xff;
	mix(&v, 4);
	return v.a ^ v.b ^ v.c ^ v.d;
}
