/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/settings.h"
#include "lib/utf8.h"
#include "lib/value.h"

int value_refuse(char *why, const char *key, const char *text, const char *reason)
{
	snprintf(why, WHY_LEN, "%s: '%.48s' %s", key, text, reason);
	utf8_line(why);
	return -EINVAL;
}

/*
 * --- numbers -----------------------------------------------------------------------------------
 */

enum { NUMBER_LEN = 24 };
struct unit { const char *name; uint32_t factor; };

static const struct unit no_units[] = { { "", 1 }, { 0 } };
static const struct unit times[] = { { "", 1000 },	 { "s", 1000 },		{ "ms", 1 },
				     { "m", 60 * 1000 }, { "h", 3600 * 1000 },	{ 0 } };
static const struct unit rates[] = { { "", 1 },	       { "kbit", 1 },
				     { "mbit", 1000 }, { "gbit", 1000 * 1000 },	{ 0 } };

/* Of rates 30Mbit is as good; there are no millibits. */
static const struct number {
	const struct unit *units;
	int (*compare)(const char *, const char *);
	const char *reason;
} numbers[] = {
	[VALUE_DURATION] = { times, strcmp, "is no time: seconds, or 500ms, 5s, 2m" },
	[VALUE_NUMBER] = { no_units, strcmp, "is no whole number" },
	[VALUE_MAYBE] = { no_units, strcmp, "is no whole number" },
	[VALUE_RATE] = { rates, strcasecmp, "is no rate: kbit/s, or 500kbit, 30mbit, 1gbit" },
};

/* In the greatest unit of which it is a whole number; without one if there are no units. */
static const char *number_text(const struct unit *units, uint32_t value, char text[NUMBER_LEN])
{
	const struct unit *best = NULL;

	for (const struct unit *unit = units; unit->name; unit++)
		if (value && !(value % unit->factor) &&
		    (!best || unit->factor > best->factor || !*best->name))
			best = unit;
	snprintf(text, NUMBER_LEN, "%u%s", best ? value / best->factor : 0, best ? best->name : "");
	return text;
}

static bool parse_number(const char *text, const struct number *number, uint64_t *out)
{
	char *unit;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &unit, 10);
	if (errno || *out > UINT32_MAX)
		return false;
	for (size_t i = 0; number->units[i].name; i++) {
		if (!number->compare(unit, number->units[i].name)) {
			*out *= number->units[i].factor;
			return true;
		}
	}
	return false;
}

static int set_number(void *field, const struct value_key *key, const char *text, char *why)
{
	const struct number *number = &numbers[key->kind];
	char reason[64], least[NUMBER_LEN], most[NUMBER_LEN];
	uint64_t value;

	if (!parse_number(text, number, &value))
		return value_refuse(why, key->name, text, number->reason);
	if (value < key->least || value > key->most) {
		snprintf(reason, sizeof(reason), "is not between %s and %s",
			 number_text(number->units, key->least, least),
			 number_text(number->units, key->most, most));
		return value_refuse(why, key->name, text, reason);
	}
	if (key->kind == VALUE_MAYBE)
		*(struct maybe_u32 *)field = (struct maybe_u32){ true, (uint32_t)value };
	else
		*(uint32_t *)field = (uint32_t)value;
	return 0;
}

static bool find_switch(const char *text, bool *on)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i])) {
			*on = i & 1;
			return true;
		}
	}
	return false;
}

static int set_switch(void *field, const struct value_key *key, const char *text, char *why)
{
	if (find_switch(text, field))
		return 0;
	return value_refuse(why, key->name, text, "is neither true nor false");
}

/*
 * --- words -------------------------------------------------------------------------------------
 */

static bool find_word(const struct value_key *key, const char *text, uint32_t *value)
{
	const char *word;

	for (size_t i = 0; (word = key->word(i, value)); i++)
		if (!strcmp(word, text))
			return true;
	return false;
}

/* ... "is none of auto, router, aggregator" */
static int refuse_word(char *why, const struct value_key *key, const char *text)
{
	char reason[WHY_LEN] = "is none of";
	size_t len = strlen(reason);
	const char *word;
	uint32_t value;

	for (size_t i = 0; (word = key->word(i, &value)) && len < sizeof(reason); i++)
		len += (size_t)snprintf(reason + len, sizeof(reason) - len, "%s %s", i ? "," : "",
					word);
	return value_refuse(why, key->name, text, reason);
}

static int set_choice(void *field, const struct value_key *key, const char *text, char *why)
{
	uint32_t value;

	if (!find_word(key, text, &value))
		return refuse_word(why, key, text);
	*(uint32_t *)field = value;
	return 0;
}

static int set_switch_or(void *field, const struct value_key *key, const char *text, char *why)
{
	char reason[WHY_LEN] = "is neither true nor false";
	size_t len = strlen(reason);
	const char *word;
	uint32_t value;
	bool on;

	if (find_word(key, text, &value)) {
		*(uint32_t *)field = value;
		return 0;
	}
	if (find_switch(text, &on)) {
		*(uint32_t *)field = on;
		return 0;
	}
	for (size_t i = 0; (word = key->word(i, &value)) && len < sizeof(reason); i++)
		len += (size_t)snprintf(reason + len, sizeof(reason) - len, " nor %s", word);
	return value_refuse(why, key->name, text, reason);
}

bool value_next_word(const char **list, char word[VALUE_WORD_MOST])
{
	static const char between[] = ", \t\r\n";
	const char *from = *list + strspn(*list, between);
	size_t len = strcspn(from, between);

	snprintf(word, VALUE_WORD_MOST, "%.*s",
		 (int)(len < VALUE_WORD_MOST ? len : VALUE_WORD_MOST), from);
	*list = from + len;
	return len;
}

static int set_bits(void *field, const struct value_key *key, const char *text, char *why)
{
	uint32_t bits = *text ? *(uint32_t *)field : 0, value;
	char word[VALUE_WORD_MOST];

	while (value_next_word(&text, word)) {
		if (!find_word(key, word, &value))
			return refuse_word(why, key, word);
		bits |= value;
	}
	*(uint32_t *)field = bits;
	return 0;
}

/*
 * --- texts -------------------------------------------------------------------------------------
 */

static bool has_octet_up_to(const char *text, unsigned char last)
{
	for (; *text; text++)
		if ((unsigned char)*text <= last || *text == 0x7f)
			return true;
	return false;
}

static int set_text(void *field, const struct value_key *key, const char *text, char *why)
{
	size_t len = strlen(text);
	char reason[64];

	if (key->kind == VALUE_PATH && *text != '/' && (len || key->least))
		return value_refuse(why, key->name, text, "is no absolute path");
	if (len > key->most) {
		snprintf(reason, sizeof(reason), "is too long: %u octets at most", key->most);
		return value_refuse(why, key->name, text, reason);
	}
	if (key->kind == VALUE_WORD && has_octet_up_to(text, ' '))
		return value_refuse(why, key->name, text, "is not one word");
	if (has_octet_up_to(text, ' ' - 1))
		return value_refuse(why, key->name, text, "has control characters");
	/* A path is what the file system takes; the others come out in status.json. */
	if (key->kind != VALUE_PATH && !utf8_fits(text))
		return value_refuse(why, key->name, text, "is not UTF-8");
	memcpy(field, text, len + 1);
	return 0;
}

static int add_words(void *field, const struct value_key *key, const char *text, char *why)
{
	size_t len = strlen(field), at = len + (len > 0);
	struct value_key rest = *key;

	if (!*text)
		return 0;
	rest.most = at < key->most ? key->most - (uint32_t)at : 0;
	if (set_text((char *)field + at, &rest, text, why))
		return -EINVAL;
	if (len)
		((char *)field)[len] = ' ';
	return 0;
}

int value_set(void *to, const struct value_key *key, const char *text, char *why)
{
	static int (*const setters[])(void *field, const struct value_key *key, const char *text,
				      char *why) = {
		[VALUE_DURATION] = set_number, [VALUE_NUMBER] = set_number,
		[VALUE_MAYBE] = set_number,    [VALUE_RATE] = set_number,
		[VALUE_SWITCH] = set_switch,   [VALUE_CHOICE] = set_choice,
		[VALUE_SWITCH_OR] = set_switch_or,
		[VALUE_SET] = set_bits,	       [VALUE_PATH] = set_text,
		[VALUE_WORD] = set_text,       [VALUE_TEXT] = set_text,
		[VALUE_LIST] = add_words,
	};

	return setters[key->kind]((char *)to + key->offset, key, text, why);
}

/*
 * --- back --------------------------------------------------------------------------------------
 */

static bool get_number(const void *field, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	const struct maybe_u32 *maybe = field;
	uint32_t value = key->kind == VALUE_MAYBE ? maybe->value : *(const uint32_t *)field;

	if (key->kind == VALUE_MAYBE && !maybe->known)
		return false;
	number_text(numbers[key->kind].units, value, text);
	return true;
}

static bool get_switch(const void *field, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	(void)key;
	strcpy(text, *(const bool *)field ? "true" : "false");
	return true;
}

static bool get_choice(const void *field, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	const char *word;
	uint32_t value;

	for (size_t i = 0; (word = key->word(i, &value)); i++) {
		if (value == *(const uint32_t *)field) {
			snprintf(text, VALUE_TEXT_MOST, "%s", word);
			return true;
		}
	}
	return false;
}

static bool get_switch_or(const void *field, const struct value_key *key,
			  char text[VALUE_TEXT_MOST])
{
	if (get_choice(field, key, text))
		return true;
	strcpy(text, *(const uint32_t *)field ? "true" : "false");
	return true;
}

/* A word for several bits comes behind those for one: by then nothing is left for it. */
static bool get_bits(const void *field, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	uint32_t left = *(const uint32_t *)field, value;
	const char *word;
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; (word = key->word(i, &value)) && len < VALUE_TEXT_MOST; i++) {
		if (!value || (left & value) != value)
			continue;
		left &= ~value;
		len += (size_t)snprintf(text + len, VALUE_TEXT_MOST - len, "%s%s", len ? ", " : "",
					word);
	}
	return len < VALUE_TEXT_MOST;
}

static bool get_text(const void *field, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	snprintf(text, VALUE_TEXT_MOST, "%s", (const char *)field);
	return *text || !key->least;
}

bool value_get(const void *from, const struct value_key *key, char text[VALUE_TEXT_MOST])
{
	static bool (*const getters[])(const void *field, const struct value_key *key,
				       char text[VALUE_TEXT_MOST]) = {
		[VALUE_DURATION] = get_number, [VALUE_NUMBER] = get_number,
		[VALUE_MAYBE] = get_number,    [VALUE_RATE] = get_number,
		[VALUE_SWITCH] = get_switch,   [VALUE_CHOICE] = get_choice,
		[VALUE_SWITCH_OR] = get_switch_or,
		[VALUE_SET] = get_bits,	       [VALUE_PATH] = get_text,
		[VALUE_WORD] = get_text,       [VALUE_TEXT] = get_text,
		[VALUE_LIST] = get_text,
	};

	return getters[key->kind]((const char *)from + key->offset, key, text);
}
