/* SPDX-License-Identifier: MIT */
/*
 * What the plugin tells and takes, from the tables that it is made of:
 *	values		a value a line, between tabs: name, sources, kind, unit, words
 *	options		a flat option a line: name, whether it is a list, bool or single, and the
 *			words that it may have (- for any)
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "collectd-plugin/options.h"
#include "collectd-plugin/values.h"

enum { NAME_LEN = 96 };

/* A value as collectd has it: a metric, or the two halves of one. */
struct told {
	char name[NAME_LEN];		/* WAN/count-state */
	const struct metric *first, *second;
};

/* The one value that no metric is: values_of_now() makes it. */
static const struct metric up = {
	.meaning = TRUTH, .value = "bool-up",
};

typedef void (*told_fn)(const struct told *);

/* As types.db says; fleet.sh looks whether it does. */
static void print_source(const struct metric *metric)
{
	struct metric_value_name name = metric_value_name(metric);

	printf("%s", *name.source ? name.source : strcmp(name.type, "duration") ? "value" : "seconds");
}

static void tell(const char *place, const struct metric *first, const struct metric *second,
		 told_fn fn)
{
	struct metric_value_name name = metric_value_name(first);
	struct told told = { .first = first, .second = second };

	snprintf(told.name, sizeof(told.name), "%s/%s%s%s", *name.place ? name.place : place, name.type,
		 *name.instance ? "-" : "", name.instance);
	fn(&told);
}

/*
 * Only those that have that place of their own, or ("") none. Halves are neighbours among the rows
 * that have a value.
 */
static void each_of(size_t which, const char *place, const char *own, told_fn fn)
{
	const struct metric_table *table = &metric_tables[which];
	const struct metric *half = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct metric *metric = &table->metrics[i];
		struct metric_value_name name;

		if (!metric->value)
			continue;
		name = metric_value_name(metric);
		if (strcmp(name.place, own) != 0)
			continue;
		if (half) {
			tell(place, half, metric, fn);
			half = NULL;
		} else if (*name.source) {
			half = metric;
		} else {
			tell(place, metric, NULL, fn);
		}
	}
}

/* The limits' rows lie among the host's. */
static void each(told_fn fn)
{
	each_of(TABLE_WAN, "WAN", "", fn);
	tell("host", &up, NULL, fn);
	each_of(TABLE_HOST, "host", "", fn);
	each_of(TABLE_HOST, "host", "limits", fn);
}

/*
 * --- in words ----------------------------------------------------------------------------------
 */

/* A truth is 0 or 1, and what has no unit is the number of a word. */
static const char *unit_of(const struct metric *metric)
{
	const char *unit = metric_scaled_unit(metric);

	if (metric->meaning == TRUTH)
		return "0 or 1";
	return unit ? unit : "a number";
}

static const char *kind_of(const struct metric *metric)
{
	return metric->meaning == COUNTER ? "DERIVE" : "GAUGE";
}

static void print_words(const struct metric *metric)
{
	const char *before = "";

	for (size_t i = 0; metric->words && metric->words[i]; i++) {
		if (!*metric->words[i])
			continue;
		printf("%s%zu %s", before, i, metric->words[i]);
		before = ",";
	}
}

static void print_value(const struct told *told)
{
	printf("%s\t", told->name);
	print_source(told->first);
	if (told->second) {
		putchar(',');
		print_source(told->second);
	}
	printf("\t%s\t%s\t", kind_of(told->first), unit_of(told->first));
	print_words(told->first);
	putchar('\n');
}

/*
 * --- options -----------------------------------------------------------------------------------
 */

/* raise-after is RaiseAfter. */
static void name_of(const char *key, char *name)
{
	bool begins = true;

	for (; *key; key++) {
		if (*key != '-')
			*name++ = (char)(begins ? toupper((unsigned char)*key) : *key);
		begins = *key == '-';
	}
	*name = '\0';
}

static bool takes(const char *name, const char *value)
{
	struct options options;
	char why[WHY_LEN];

	options_default(&options);
	return !options_set(&options, name, value, why);
}

/* The agent's own ones are refused, whatever their value; one of these suits any other. */
static bool is_known(const char *name)
{
	static const char *const values[] = { "", "1", "1000", "10m", "auto", "true", "/tmp" };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (takes(name, values[i]))
			return true;
	return false;
}

/* They are in the reason for which another word is refused: "Role: '?' is none of auto, router". */
static void print_choices(const char *name)
{
	static const char none[] = " is none of ";
	struct options options;
	char why[WHY_LEN] = "";
	const char *words;

	options_default(&options);
	(void)options_set(&options, name, "?", why);
	words = strstr(why, none);
	printf("\t%s\n", words ? words + strlen(none) : "-");
}

static void print_options(void)
{
	const char *key, *kind;
	char name[64];

	for (size_t i = 0; (key = settings_key(i)); i++) {
		name_of(key, name);
		if (!is_known(name))
			continue;
		kind = takes(name, "true") && !takes(name, "maybe") ? "bool" : "single";
		printf("%s\t%s", name, settings_key_is_list(key) ? "list" : kind);
		print_choices(name);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "values"))
		each(print_value);
	else if (argc == 2 && !strcmp(argv[1], "options"))
		print_options();
	else
		return 2;
	return 0;
}
