/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/suggest.h"
#include "cli/threshold.h"
#include "lib/finding.h"
#include "lib/settings.h"

enum { WORD_MOST = 96, KEYS_MOST = 80 };

/*
 * --- ranges ------------------------------------------------------------------------------------
 */

/* Digits with at most one point, and a sign: what perfdata may have. Its end, or NULL. */
static const char *number(const char *text, double *out)
{
	const char *at = text + (*text == '-');
	size_t digits = strspn(at, "0123456789"), more = 0;

	at += digits;
	if (*at == '.') {
		more = strspn(at + 1, "0123456789");
		at += 1 + more;
	}
	if (!digits && !more)
		return NULL;
	*out = strtod(text, NULL);
	return at;
}

bool range_parse(const char *text, struct range *range)
{
	const char *at = text;

	*range = (struct range){ .start = 0, .end = INFINITY };
	if (strlen(text) >= sizeof(range->text))
		return false;
	strcpy(range->text, text);
	range->inside = *at == '@';
	at += range->inside;
	if (strchr(at, ':')) {
		if (*at == '~') {
			range->start = -INFINITY;
			at++;
		} else if (!(at = number(at, &range->start))) {
			return false;
		}
		if (*at++ != ':')
			return false;
		if (!*at)
			return true;
	}
	at = number(at, &range->end);
	return at && !*at && range->start <= range->end;
}

bool range_calls(const struct range *range, double value)
{
	bool within = value >= range->start && value <= range->end;

	return within == range->inside;
}

/*
 * --- lists -------------------------------------------------------------------------------------
 */

static bool is_number(const struct metric *metric)
{
	return metric->meaning == GAUGE || metric->meaning == COUNTER || metric->meaning == AGE;
}

static const struct metric *find_metric(const struct metric_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].key, key) && is_number(&table->metrics[i]))
			return &table->metrics[i];
	return NULL;
}

static const char *key_meant(const struct metric_table *table, const char *key)
{
	const char *keys[KEYS_MOST];
	size_t count = 0;

	for (size_t i = 0; i < table->count && count < KEYS_MOST; i++)
		if (is_number(&table->metrics[i]))
			keys[count++] = table->metrics[i].key;
	return suggest(key, keys, count);
}

static int refuse(const char *option, const char *word, const char *why_not, const char *meant,
		  char *why)
{
	snprintf(why, WHY_LEN, "%s: '%s' %s%s%s%s", option, word, why_not,
		 meant ? ", did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
	return -EINVAL;
}

static int parse_severity(const char *option, const char *word, uint32_t *severity, char *why)
{
	if (!strcmp(word, "never")) {
		*severity = SEVERITY_NEVER;
		return 0;
	}
	for (uint32_t i = SEVERITY_WARNING; i <= SEVERITY_CRITICAL; i++) {
		if (!strcmp(word, severity_words[i])) {
			*severity = i;
			return 0;
		}
	}
	return refuse(option, word,
		      "is no severity (warning, minor, major, critical, never) and no KEY=RANGE",
		      NULL, why);
}

static int parse_word(const char *option, char *word, const struct metric_table *table,
		      struct thresholds *thresholds, char *why)
{
	char *equals = strchr(word, '=');
	struct threshold *row = &thresholds->rows[thresholds->count];

	if (!equals)
		return parse_severity(option, word, &thresholds->severity, why);
	if (thresholds->count == THRESHOLDS_MOST)
		return refuse(option, word, "is one range too many", NULL, why);
	*equals = '\0';
	row->metric = find_metric(table, word);
	if (!row->metric)
		return refuse(option, word, "is no number that is known", key_meant(table, word),
			      why);
	if (!range_parse(equals + 1, &row->range))
		return refuse(option, equals + 1, "is no range: [@][START:][END]", NULL, why);
	thresholds->count++;
	return 0;
}

int thresholds_parse(const char *option, const char *list, const struct metric_table *table,
		     struct thresholds *thresholds, char *why)
{
	int error = 0;

	for (const char *at = list + strspn(list, ", "); *at && !error; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ", ");
		char word[WORD_MOST];

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		error = parse_word(option, word, table, thresholds, why);
		at += len;
	}
	return error;
}

const struct range *thresholds_find(const struct thresholds *thresholds,
				    const struct metric *metric)
{
	for (size_t i = 0; i < thresholds->count; i++)
		if (thresholds->rows[i].metric == metric)
			return &thresholds->rows[i].range;
	return NULL;
}
