/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/units.h"

/* In thousands of the unit, two figures at least where there are: 4.1, 41, 412. */
static void scaled_text(uint64_t value, const char *const *units, size_t count,
			char text[UNIT_LEN])
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

const struct metric *metric_of(const struct metric_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].key, key))
			return &table->metrics[i];
	abort();
}

void metric_text(const struct metric_table *table, const char *key, const void *row, char *text,
		 size_t size)
{
	const struct metric *metric = metric_of(table, key);
	const char *unit = metric->unit ? metric->unit : "";
	char figure[UNIT_LEN];
	struct metric_value value;

	if (!metric_read(metric, row, &value)) {
		snprintf(text, size, "-");
	} else if (metric->meaning == TEXT) {
		snprintf(text, size, "%s", value.text);
	} else if (metric->meaning == ENUM) {
		snprintf(text, size, "%s", metric->words[value.number]);
	} else {
		if (!strcmp(unit, "kilobits per second"))
			rate_text(value.number, figure);
		else if (!strcmp(unit, "hundredths of a percent"))
			share_text(value.number, figure);
		else
			snprintf(figure, sizeof(figure), "%" PRIu64, value.number);
		snprintf(text, size, "%s", figure);
	}
}
