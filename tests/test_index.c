/* SPDX-License-Identifier: MIT */
/* The hash index against a list that is simply searched: few keys, so that many are equal. */
#include <errno.h>
#include <stdlib.h>
#include "lib/index.h"
#include "tests/tap.h"

enum { PLACES = 3000, STEPS = 100000 };

struct world {
	uint64_t keys[PLACES];
	bool in[PLACES];
	struct index index;
};

static uint64_t key_of(const void *arg, uint32_t position)
{
	return ((const struct world *)arg)->keys[position];
}

static struct world *world(void)
{
	struct world *w = calloc(1, sizeof(*w));

	w->index.key_of = key_of;
	w->index.arg = w;
	return w;
}

static void leave(struct world *w)
{
	index_free(&w->index);
	free(w);
}

/* Every position with that key is found once, and nothing else is. */
static bool same_as_list(const struct world *w, uint64_t key)
{
	bool seen[PLACES] = { false };
	uint32_t position = INDEX_NONE;
	size_t found = 0, wanted = 0;

	for (size_t i = 0; i < PLACES; i++)
		wanted += w->in[i] && w->keys[i] == key;
	while ((position = index_find(&w->index, key, position)) != INDEX_NONE) {
		if (position >= PLACES || !w->in[position] || w->keys[position] != key ||
		    seen[position])
			return false;
		seen[position] = true;
		found++;
	}
	return found == wanted;
}

static void an_empty_index_holds_nothing(void)
{
	struct world *w = world();

	ok(index_find(&w->index, 0, INDEX_NONE) == INDEX_NONE, "nothing is found");
	index_remove(&w->index, 0);
	is_u64(w->index.count, 0, "removing from it does nothing");
	leave(w);
}

static void equal_keys_are_told_apart(void)
{
	struct world *w = world();

	for (uint32_t i = 0; i < 5; i++) {
		w->keys[i] = 7;
		w->in[i] = !index_put(&w->index, i);
	}
	ok(same_as_list(w, 7), "five of one key");
	index_remove(&w->index, 2);
	w->in[2] = false;
	ok(same_as_list(w, 7), "one of them removed");
	index_remove(&w->index, 2);
	is_u64(w->index.count, 4, "removed twice is removed once");
	ok(index_find(&w->index, 8, INDEX_NONE) == INDEX_NONE, "no other key");
	leave(w);
}

static void random_steps_equal_the_list(uint64_t keys, const char *what)
{
	struct world *w = world();
	size_t count = 0;
	bool good = true;

	srand(1);
	for (int step = 0; step < STEPS; step++) {
		uint32_t at = (uint32_t)rand() % PLACES;

		/* Full in the middle of the run, emptier at its ends: it grows and thins out. */
		if (!w->in[at] && rand() % 3) {
			w->keys[at] = (uint64_t)rand() % keys << (rand() % 2 * 33);
			good &= !index_put(&w->index, at);
			w->in[at] = true;
			count++;
		} else if (w->in[at]) {
			index_remove(&w->index, at);
			w->in[at] = false;
			count--;
		}
		if (step % 50 == 0)
			good &= same_as_list(w, w->keys[at]);
	}
	for (size_t i = 0; i < PLACES; i++)
		good &= same_as_list(w, w->keys[i]);
	ok(good, "%s: as the list", what);
	is_u64(w->index.count, count, "%s: its count", what);
	leave(w);
}

static void consecutive_cookies_all_fit(void)
{
	struct world *w = world();
	bool good = true;

	for (uint32_t i = 0; i < PLACES; i++) {
		w->keys[i] = UINT64_C(4294960000) + i;
		good &= !index_put(&w->index, i);
	}
	for (uint32_t i = 0; i < PLACES; i++)
		good &= index_find(&w->index, w->keys[i], INDEX_NONE) == i;
	ok(good, "each is found at once");
	ok(w->index.count * 8 <= w->index.size * 7, "at most seven eighths are full");
	leave(w);
}

/* Who has the key is among those guessed, for each key has its own here. */
static void guesses(void)
{
	struct world *w = world();
	size_t right = 0, strangers = 0;

	ok(index_guess(&w->index, 1) == INDEX_NONE, "nobody is there");
	for (uint32_t i = 0; i < PLACES; i++) {
		w->keys[i] = 1000 + i;
		index_put(&w->index, i);
	}
	for (uint32_t i = 0; i < PLACES; i++) {
		right += index_guess(&w->index, w->keys[i]) == i;
		strangers += index_guess(&w->index, 900000 + i) != INDEX_NONE;
	}
	ok(right > PLACES / 10 * 9, "%zu of %d guesses are right", right, PLACES);
	ok(strangers < PLACES / 10, "%zu of %d strangers are taken for somebody", strangers,
	   PLACES);
	leave(w);
}

static void begun_anew(void)
{
	struct world *w = world();
	size_t size;
	bool good = true;

	for (uint32_t i = 0; i < 10; i++) {
		w->keys[i] = i;
		index_put(&w->index, i);
	}
	ok(!index_begin(&w->index, PLACES), "there is room for all");
	size = w->index.size;
	ok(index_find(&w->index, 3, INDEX_NONE) == INDEX_NONE && !w->index.count, "and nobody in it");
	for (uint32_t i = 0; i < PLACES; i++) {
		w->keys[i] = i;
		w->in[i] = true;
		good &= !index_put(&w->index, i);
	}
	ok(good && w->index.size == size, "all that was said to come had room");
	ok(same_as_list(w, 7) && same_as_list(w, PLACES), "and is found");
	ok(!index_begin(&w->index, 1) && w->index.size == size, "what it has it keeps");
	ok(index_find(&w->index, 7, INDEX_NONE) == INDEX_NONE, "but for who was in it");
	ok(index_put(&w->index, INDEX_MOST) == -ENOMEM, "a position that has no room is refused");
	leave(w);
}

int main(void)
{
	an_empty_index_holds_nothing();
	equal_keys_are_told_apart();
	random_steps_equal_the_list(40, "few keys");
	random_steps_equal_the_list(1000000, "many keys");
	consecutive_cookies_all_fit();
	guesses();
	begun_anew();
	return tap_done();
}
