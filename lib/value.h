/* SPDX-License-Identifier: MIT */
#ifndef LIB_VALUE_H
#define LIB_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One setting: from text to its field, or the reason why not. What a key may be is a row of a
 * table; the tables are in settings.c and settings_wan.c.
 */
enum value_kind {		/* the field */
	VALUE_DURATION,		/* uint32_t, milliseconds: "5", "5s", "500ms", "2m", "1h" */
	VALUE_NUMBER,		/* uint32_t */
	VALUE_MAYBE,		/* struct maybe_u32, known once it is set */
	VALUE_RATE,		/* uint32_t, kbit/s: "500", "500kbit", "30mbit", "1gbit" */
	VALUE_SWITCH,		/* bool: true, false, yes, no, on, off, 1, 0 */
	VALUE_SWITCH_OR,	/* uint32_t: the same as 0 and 1, or the value of one of the words */
	VALUE_CHOICE,		/* uint32_t: the value of one of the words */
	VALUE_SET,		/* uint32_t: bits of words, "a, b", added to those before; "": none */
	VALUE_PATH,		/* char[]: absolute */
	VALUE_WORD,		/* char[]: UTF-8, printable, without space */
	VALUE_TEXT,		/* char[]: UTF-8, without control characters */
	VALUE_LIST		/* char[]: the same, words "a, b", added to those before */
};

/* The i-th of the words that a choice or a set may have, and its value; NULL after the last. */
typedef const char *(*value_word_fn)(size_t i, uint32_t *value);

struct value_key {
	const char *name;
	enum value_kind kind;
	size_t offset;		/* of the field in its struct */
	uint32_t least, most;	/* of numbers; of paths, words and texts in octets */
	value_word_fn word;
};

/*
 * Sets the field of a struct. 0, or -EINVAL with a line in why (WHY_LEN octets) that names key and
 * text; the field is then as before.
 */
int value_set(void *to, const struct value_key *, const char *text, char *why);

/*
 * The reverse: text (VALUE_TEXT_MOST octets) that sets a field to what this one holds. False where
 * there is none, since the field is not set: an unknown VALUE_MAYBE, a choice of no word, a path
 * that must not be empty.
 */
enum { VALUE_TEXT_MOST = 512 };
bool value_get(const void *from, const struct value_key *, char text[VALUE_TEXT_MOST]);

/* The next word of a list "a, b  c", at most 63 octets of it; false after the last. */
enum { VALUE_WORD_MOST = 64 };
bool value_next_word(const char **list, char word[VALUE_WORD_MOST]);

/* Writes that line: "key: 'text' reason"; returns -EINVAL. */
int value_refuse(char *why, const char *key, const char *text, const char *reason);
#endif
