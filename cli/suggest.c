/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "cli/suggest.h"

enum { WORD_MOST = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Steps from one word to the other; both are shorter than WORD_MOST. */
static size_t distance(const char *from, const char *to)
{
	size_t from_len = strlen(from), to_len = strlen(to);
	size_t steps[WORD_MOST][WORD_MOST];

	for (size_t i = 0; i <= from_len; i++)
		steps[i][0] = i;
	for (size_t j = 0; j <= to_len; j++)
		steps[0][j] = j;
	for (size_t i = 1; i <= from_len; i++)
		for (size_t j = 1; j <= to_len; j++) {
			size_t replaced = steps[i - 1][j - 1] + (from[i - 1] != to[j - 1]);

			steps[i][j] = least(replaced, least(steps[i - 1][j], steps[i][j - 1]) + 1);
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
				steps[i][j] = least(steps[i][j], steps[i - 2][j - 2] + 1);
		}
	return steps[from_len][to_len];
}

/* The only word that begins so. */
static const char *completed(const char *typed, const char *const *words, size_t count)
{
	const char *only = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strncmp(words[i], typed, strlen(typed)))
			continue;
		if (only)
			return NULL;
		only = words[i];
	}
	return only;
}

const char *suggest(const char *typed, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t nearest_steps = SIZE_MAX;

	if (!*typed || strlen(typed) >= WORD_MOST)
		return NULL;
	nearest = completed(typed, words, count);
	if (nearest)
		return nearest;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]), steps;

		if (len >= WORD_MOST)
			continue;
		steps = distance(typed, words[i]);
		if (steps < nearest_steps && steps <= (len + 2) / 3) {
			nearest = words[i];
			nearest_steps = steps;
		}
	}
	return nearest;
}
