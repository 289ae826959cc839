/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/settings.h"
#include "lib/value.h"

/* The flat keys of this beginning are a section of their own in the file. */
static const char EXPECT[] = "expect-";

static bool is_expected(const char *key)
{
	return !strncmp(key, EXPECT, strlen(EXPECT));
}

/*
 * Within single quotes only they and backslashes mean anything; within double ones the environment
 * would. What a number or a word is made of needs none.
 */
static void print_value(FILE *out, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	if (*value && !value[strspn(value, plain)]) {
		fputs(value, out);
		return;
	}
	fputc('\'', out);
	for (; *value; value++) {
		if (strchr("\\'", *value))
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('\'', out);
}

static void print_list(FILE *out, const char *values)
{
	char word[VALUE_WORD_MOST];
	const char *before = "{ ";

	for (; value_next_word(&values, word); before = ", ") {
		fputs(before, out);
		print_value(out, word);
	}
	fputs(*before == '{' ? "{}" : " }", out);
}

static void print_key(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s = ", is_expected(key) ? key + strlen(EXPECT) : key);
	if (settings_key_is_list(key))
		print_list(out, value);
	else
		print_value(out, value);
	fputc('\n', out);
}

static void print_keys(FILE *out, const struct settings *settings, bool expected)
{
	char text[VALUE_TEXT_MOST];
	const char *key;

	for (size_t i = 0; (key = settings_key(i)); i++) {
		if (is_expected(key) != expected || !settings_get(settings, i, text))
			continue;
		fputs(expected ? "\t" : "", out);
		print_key(out, key, text);
	}
}

/* Only what was told of it. */
static void print_wan(FILE *out, const struct wan_settings *wan)
{
	static const struct wan_settings nothing;
	char text[VALUE_TEXT_MOST], untold[VALUE_TEXT_MOST];
	const char *key;

	fputs("wan ", out);
	print_value(out, wan->name);
	fputs(" {\n", out);
	for (size_t i = 0; (key = settings_wan_key(i)); i++) {
		if (!settings_get_wan(wan, i, text) ||
		    (settings_get_wan(&nothing, i, untold) && !strcmp(text, untold)))
			continue;
		fputc('\t', out);
		print_key(out, key, text);
	}
	fputs("}\n", out);
}

char *settings_print(const struct settings *settings)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool failed;

	if (!out)
		return NULL;
	print_keys(out, settings, false);
	fputs("expect {\n", out);
	print_keys(out, settings, true);
	fputs("}\n", out);
	for (size_t i = 0; i < settings->wan_count; i++)
		print_wan(out, &settings->wans[i]);
	failed = ferror(out);
	if (!fclose(out) && !failed)
		return text;
	free(text);
	return NULL;
}
