/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/suspects.h"

void suspects_free(struct suspects *suspects)
{
	free(suspects->rows);
	memset(suspects, 0, sizeof(*suspects));
}

bool suspects_add(struct suspects *suspects, uint32_t token, uint8_t slot, uint32_t dump)
{
	if (suspects->count == suspects->size) {
		size_t size = suspects->size ? suspects->size * 2 : 16;
		struct suspect *grown;

		if (size > SUSPECTS_MOST)
			return false;
		grown = realloc(suspects->rows, size * sizeof(*grown));
		if (!grown)
			return false;
		suspects->rows = grown;
		suspects->size = size;
	}
	suspects->rows[suspects->count++] =
		(struct suspect){ .token = token, .slot = slot, .dump = dump };
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct suspect *left = a, *right = b;

	return (left->token > right->token) - (left->token < right->token);
}

void suspects_sort(struct suspects *suspects)
{
	if (suspects->count)
		qsort(suspects->rows, suspects->count, sizeof(*suspects->rows), compare);
}

void suspects_see(struct suspects *suspects, uint32_t token)
{
	size_t low = 0, high = suspects->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (suspects->rows[middle].token < token)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < suspects->count && suspects->rows[low].token == token; low++)
		suspects->rows[low].lives = true;
}

void suspects_judge(struct suspects *suspects, uint32_t dump, suspect_fn fn, void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < suspects->count; i++) {
		if (suspects->rows[i].dump < dump)
			fn(arg, &suspects->rows[i]);
		else
			suspects->rows[kept++] = suspects->rows[i];
	}
	suspects->count = kept;
}
