/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/units.h"

void rate_text(uint64_t kbps, char text[UNIT_LEN])
{
	static const char *const units[] = { "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	uint64_t scale = 1, tenths;
	size_t unit = 0;

	while (unit < 3 && (kbps + scale / 2) / scale >= 1000) {
		scale *= 1000;
		unit++;
	}
	tenths = (kbps * 10 + scale / 2) / scale;
	if (!kbps)
		snprintf(text, UNIT_LEN, "0");
	else if (tenths < 100 && tenths % 10)
		snprintf(text, UNIT_LEN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(text, UNIT_LEN, "%" PRIu64 " %s", (kbps + scale / 2) / scale, units[unit]);
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
