/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "collectd-plugin/notice.h"

static enum notice_level level_of(const struct alarm_record *row)
{
	if (row->transition == ALARM_CLEARED)
		return NOTICE_OKAY;
	return row->severity >= SEVERITY_MAJOR ? NOTICE_FAILURE : NOTICE_WARNING;
}

/* Cut between words, and so never within a letter of several octets. */
static void begin_of(const char *text, char *out)
{
	static const char more[] = " ...";
	size_t len = strlen(text), end = NOTICE_LEN - sizeof(more);

	if (len < NOTICE_LEN) {
		memcpy(out, text, len + 1);
		return;
	}
	while (end && text[end] != ' ')
		end--;
	while (end && text[end - 1] == ' ')
		end--;
	snprintf(out, NOTICE_LEN, "%.*s%s", (int)end, text, more);
}

void notice_of(const struct alarm_record *row, struct notice *notice)
{
	notice->level = level_of(row);
	notice->place = *row->wan_name ? row->wan_name : "host";
	begin_of(row->text, notice->message);
}

static const char *word_of(const struct metric *metric, uint64_t number)
{
	for (uint64_t i = 0; metric->words[i]; i++)
		if (i == number)
			return metric->words[i];
	return "";
}

void notice_details(const struct alarm_record *row, detail_fn fn, void *arg)
{
	const struct metric_table *table = &metric_tables[TABLE_ALARM_LOG];

	for (size_t i = 0; i < table->count; i++) {
		const struct metric *metric = &table->metrics[i];
		struct metric_value value;

		if (!metric->notify || !metric_read(metric, row, &value))
			continue;
		if (metric->meaning == ENUM)
			value.text = word_of(metric, value.number);
		if (!value.text)
			fn(arg, metric->key, NULL, metric_scaled(metric, value.number));
		else if (*value.text)
			fn(arg, metric->key, value.text, 0);
	}
}
