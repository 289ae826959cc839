/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/units.h"

/* In thousands of the unit, two figures at least where there are: 4.1, 41, 412. */
static void scaled_text(uint64_t value, const char *const *units, size_t count, char text[UNIT_LEN])
{
	uint64_t scale = 1, whole, tenths;
	size_t unit = 0;

	while (unit + 1 < count && (value + scale / 2) / scale >= 1000) {
		scale *= 1000;
		unit++;
	}
	whole = value / scale;
	tenths = whole * 10 + (value % scale * 10 + scale / 2) / scale;
	if (!value)
		snprintf(text, UNIT_LEN, "0");
	else if (tenths < 100 && tenths % 10)
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 " %s",
			 whole + (value % scale + scale / 2) / scale, units[unit]);
}

void rate_text(uint64_t kbps, char text[UNIT_LEN])
{
	static const char *const units[] = { "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };

	scaled_text(kbps, units, sizeof(units) / sizeof(units[0]), text);
}

void octets_text(uint64_t octets, char text[UNIT_LEN])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };

	scaled_text(octets, units, sizeof(units) / sizeof(units[0]), text);
}

void share_text(uint64_t share, char text[UNIT_LEN])
{
	if (share && share < 100)
		snprintf(text, UNIT_LEN, "<1 %%");
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 " %%", (share + 50) / 100);
}

void duration_text(uint64_t ms, char text[UNIT_LEN])
{
	if (ms < 1000)
		snprintf(text, UNIT_LEN, "%" PRIu64 " ms", ms);
	else if (ms % 1000 < 100)
		snprintf(text, UNIT_LEN, "%" PRIu64 " s", ms / 1000);
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms % 1000 / 100);
}

void age_text(uint64_t s, char text[UNIT_LEN])
{
	static const struct {
		uint64_t s;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t i = 0;

	while (i < 3 && s < units[i].s)
		i++;
	/* From ten on, and of minutes, the rest is no matter. */
	if (i < 2 && s / units[i].s < 10 && s % units[i].s >= units[i + 1].s)
		snprintf(text, UNIT_LEN, "%" PRIu64 " %s %" PRIu64 " %s", s / units[i].s,
			 units[i].unit, s % units[i].s / units[i + 1].s, units[i + 1].unit);
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 " %s", s / units[i].s, units[i].unit);
}

void kib_text(uint64_t kib, char text[UNIT_LEN])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	uint64_t tenths = kib * 10;
	size_t unit = 0;

	while (unit < 3 && tenths >= 10240) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	if (tenths < 100 && tenths % 10)
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 " %s", (tenths + 5) / 10, units[unit]);
}

void count_text(struct maybe_u32 count, const char *one, const char *many, char *text, size_t size)
{
	if (count.known)
		snprintf(text, size, "%" PRIu32 " %s", count.value, count.value == 1 ? one : many);
	else
		snprintf(text, size, "? %s", many);
}

const struct metric *metric_of(const struct metric_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].key, key))
			return &table->metrics[i];
	abort();
}

static void flags_text(const char *const *words, uint64_t flags, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "none");
	for (size_t bit = 0; words[bit]; bit++)
		if (flags & UINT64_C(1) << bit && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						words[bit]);
}

static void figure_text(enum metric_unit unit, uint64_t number, char text[UNIT_LEN])
{
	switch (unit) {
	case UNIT_KILOBITS:
		rate_text(number, text);
		break;
	case UNIT_PERCENT_HUNDREDTHS:
		share_text(number, text);
		break;
	case UNIT_SUBFLOW_HUNDREDTHS:
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%02" PRIu64, number / 100, number % 100);
		break;
	case UNIT_MICROSECONDS:
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%" PRIu64 " ms", number / 1000,
			 number / 100 % 10);
		break;
	case UNIT_KIBIOCTETS:
		kib_text(number, text);
		break;
	default:
		snprintf(text, UNIT_LEN, "%" PRIu64, number);
	}
}

void metric_value_text(const struct metric *metric, const struct metric_value *value, char *text,
		       size_t size)
{
	char figure[UNIT_LEN];

	if (metric->meaning == TEXT) {
		snprintf(text, size, "%s", value->text);
	} else if (metric->meaning == ENUM) {
		snprintf(text, size, "%s", metric->words[value->number]);
	} else if (metric->meaning == TRUTH) {
		snprintf(text, size, "%s", value->number ? "yes" : "no");
	} else if (metric->meaning == FLAGS) {
		flags_text(metric->words, value->number, text, size);
	} else {
		figure_text(metric->unit, value->number, figure);
		snprintf(text, size, "%s", figure);
	}
}

void metric_text(const struct metric_table *table, const char *key, const void *row, char *text,
		 size_t size)
{
	const struct metric *metric = metric_of(table, key);
	struct metric_value value;

	if (metric_read(metric, row, &value))
		metric_value_text(metric, &value, text, size);
	else
		snprintf(text, size, "-");
}
