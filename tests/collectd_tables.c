/* SPDX-License-Identifier: MIT */
/*
 * What the plugin tells and takes, from the tables that it is made of:
 *	values		a value a line, between tabs: name, sources, kind, unit, words
 *	reference	the same as the tables of doc/metrics-collectd.md
 *	options		a flat option a line: name, whether it is a list, bool or single, and the
 *			words that it may have (- for any)
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
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
	.name = "-", .meaning = TRUTH, .value = { .type = "bool", .instance = "up" },
	.help = "The last poll had every answer of the kernel, and is not old.",
};

typedef void (*told_fn)(const struct told *);

/* As types.db says; fleet.sh looks whether it does. */
static const char *source_of(const struct metric *metric)
{
	const char *dot = strchr(metric->value.type, '.');

	if (dot)
		return dot + 1;
	return strcmp(metric->value.type, "duration") ? "value" : "seconds";
}

static void tell(const char *place, const struct metric *first, const struct metric *second,
		 told_fn fn)
{
	const struct metric_value_name *value = &first->value;
	struct told told = { .first = first, .second = second };

	snprintf(told.name, sizeof(told.name), "%s/%.*s%s%s", value->place ? value->place : place,
		 (int)strcspn(value->type, "."), value->type, *value->instance ? "-" : "",
		 value->instance);
	fn(&told);
}

/* Only those that have that place of their own, or (NULL) none. */
static bool is_at(const struct metric *metric, const char *own)
{
	const char *place = metric->value.place;

	return place && own ? !strcmp(place, own) : !place && !own;
}

/* Halves are neighbours among the rows that have a type. */
static void each_of(size_t which, const char *place, const char *own, told_fn fn)
{
	const struct metric_table *table = &metric_tables[which];
	const struct metric *half = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct metric *metric = &table->metrics[i];

		if (!metric->value.type || !is_at(metric, own))
			continue;
		if (half) {
			tell(place, half, metric, fn);
			half = NULL;
		} else if (strchr(metric->value.type, '.')) {
			half = metric;
		} else {
			tell(place, metric, NULL, fn);
		}
	}
}

/* The limits' rows lie among the host's. */
static void each(told_fn fn)
{
	each_of(TABLE_WAN, "WAN", NULL, fn);
	tell("host", &up, NULL, fn);
	each_of(TABLE_HOST, "host", NULL, fn);
	each_of(TABLE_HOST, "host", "limits", fn);
}

/*
 * --- in words ----------------------------------------------------------------------------------
 */

/* As collectd gets it; the factor is checked, so this cannot tell another one than the plugin. */
static const char *unit_of(const struct metric *metric)
{
	static const struct { const char *unit, *told; double factor; } units[] = {
		{ "microseconds", "seconds", 1e-6 },
		{ "milliseconds", "seconds", 1e-3 },
		{ "kibioctets", "octets", 1024 },
		{ "hundredths of a percent", "percent", 1e-2 },
		{ "hundredths of a subflow", "subflows", 1e-2 },
	};

	if (metric->meaning == TRUTH)
		return "0 or 1";
	if (!metric->unit)
		return "a number, see below";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(metric->unit, units[i].unit) &&
		    value_scaled(metric, 1000000) == units[i].factor * 1000000)
			return units[i].told;
	if (value_scaled(metric, 1000000) != 1000000)
		abort();
	return metric->unit;
}

static const char *kind_of(const struct metric *metric)
{
	return metric->meaning == COUNTER ? "DERIVE" : "GAUGE";
}

static void print_words(const struct metric *metric, const char *between)
{
	const char *before = "";

	for (size_t i = 0; metric->words && metric->words[i]; i++) {
		if (!*metric->words[i])
			continue;
		printf("%s%zu %s", before, i, metric->words[i]);
		before = between;
	}
}

static void print_value(const struct told *told)
{
	printf("%s\t%s", told->name, source_of(told->first));
	if (told->second)
		printf(",%s", source_of(told->second));
	printf("\t%s\t%s\t", kind_of(told->first), unit_of(told->first));
	print_words(told->first, ",");
	putchar('\n');
}

/*
 * --- the reference -----------------------------------------------------------------------------
 */

/* Two objects' names, the second one without what is common: mptcpWanInOctets, OutOctets. */
static void print_objects(const struct told *told)
{
	const char *first = told->first->name, *second = told->second ? told->second->name : NULL;
	size_t same = 0, word = 0;

	printf("%s", first);
	if (!second)
		return;
	for (; first[same] && first[same] == second[same]; same++)
		if (isupper((unsigned char)first[same]))
			word = same;
	if (isupper((unsigned char)first[same]) && isupper((unsigned char)second[same]))
		word = same;
	printf(", %s", second + word);
}

static void print_row(const struct told *told)
{
	printf("| `%s` | %s | %s | ", told->name, kind_of(told->first), unit_of(told->first));
	if (told->second)
		printf("%s: ", source_of(told->first));
	printf("%s", told->first->help);
	if (told->second)
		printf(" %s: %s", source_of(told->second), told->second->help);
	printf(" | ");
	print_objects(told);
	printf(" |\n");
}

static void print_numbers(const struct told *told)
{
	if (!told->first->words)
		return;
	printf("- `%s`: ", told->name);
	print_words(told->first, ", ");
	printf(".\n");
}

static size_t of_a_wan, of_the_rest;

static void count(const struct told *told)
{
	size_t *series = strncmp(told->name, "WAN/", 4) ? &of_the_rest : &of_a_wan;

	*series += told->second ? 2 : 1;
}

static void print_series(void)
{
	static const size_t wans[] = { 1, 2, 4, 6, 8 };

	each(count);
	printf("A WAN has at most %zu series, the host and the limits together %zu. ", of_a_wan,
	       of_the_rest);
	printf("So with W WANs a router has %zu W + %zu:\n\n", of_a_wan, of_the_rest);
	printf("| WANs | series of a router | of 100 routers |\n|---|---|---|\n");
	for (size_t i = 0; i < sizeof(wans) / sizeof(wans[0]); i++) {
		size_t series = wans[i] * of_a_wan + of_the_rest;

		printf("| %zu | %zu | %zu |\n", wans[i], series, series * 100);
	}
}

static void print_reference(void)
{
	printf("## Names\n| value | kind | unit | of | in SNMP |\n|---|---|---|---|---|\n");
	each(print_row);
	printf("\n## What the numbers say\n");
	each(print_numbers);
	printf("\n## Series of a router\n");
	print_series();
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
	else if (argc == 2 && !strcmp(argv[1], "reference"))
		print_reference();
	else if (argc == 2 && !strcmp(argv[1], "options"))
		print_options();
	else
		return 2;
	return 0;
}
