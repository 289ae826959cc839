/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/bars.h"

/* From nothing to full. Bars grow to the right, sparks upwards. */
struct scale {
	const char *const *signs;
	size_t full; /* the last one's place */
};

#define SCALE(signs)                                                                               \
	{                                                                                          \
		signs, sizeof(signs) / sizeof((signs)[0]) - 1                                      \
	}

static const char *const bar_utf8[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
static const char *const bar_ascii[] = { " ", ".", "=", "#" };
static const char *const spark_utf8[] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const spark_ascii[] = { "_", ".", "-", "=", "#" };
static const struct scale bars[] = { SCALE(bar_ascii), SCALE(bar_utf8) };
static const struct scale sparks[] = { SCALE(spark_ascii), SCALE(spark_utf8) };

/* part/whole of `full` steps, upwards: 0 for nothing only. */
static size_t step(uint64_t part, uint64_t whole, size_t full)
{
	if (part >= whole)
		return part ? full : 0;
	/* Great numbers lose what no step shows. */
	while (whole > UINT32_MAX) {
		part = part / 2 + part % 2;
		whole /= 2;
	}
	return (size_t)((part * full + whole - 1) / whole);
}

static size_t put(char *text, size_t size, size_t at, const char *sign)
{
	size_t len = strlen(sign);

	if (at + len >= size)
		return at;
	memcpy(text + at, sign, len + 1);
	return at + len;
}

void bar_text(uint32_t share, size_t width, bool utf8, char *text, size_t size)
{
	const struct scale *scale = &bars[utf8];
	size_t all = width * scale->full, filled = step(share, 10000, all), at = 0;

	/* Nearly all of it is not all. */
	if (filled == all && share < 10000 && all)
		filled--;
	*text = '\0';
	for (size_t i = 0; i < width; i++) {
		size_t left = filled > i * scale->full ? filled - i * scale->full : 0;

		at = put(text, size, at, scale->signs[left < scale->full ? left : scale->full]);
	}
}

void spark_text(const int64_t *kbps, size_t count, uint64_t full_kbps, bool utf8, char *text,
		size_t size)
{
	const struct scale *scale = &sparks[utf8];
	size_t at = 0;

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		at = put(text, size, at,
			 kbps[i] < 0
				 ? " "
				 : scale->signs[step((uint64_t)kbps[i], full_kbps, scale->full)]);
}
