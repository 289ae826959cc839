/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/utf8.h"

/*
 * By the first octet: how many there are, and within which the second is. That leaves out what is
 * longer than it need be, the surrogates, and what is beyond U+10FFFF.
 */
static const struct {
	unsigned char first, last;
	unsigned char octets, least, most;
} kinds[] = {
	{ 0x00, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

size_t utf8_character(const char *text, size_t len)
{
	const unsigned char *octets = (const unsigned char *)text;
	size_t kind = 0, i;

	while (kind < sizeof(kinds) / sizeof(kinds[0]) &&
	       (!len || octets[0] < kinds[kind].first || octets[0] > kinds[kind].last))
		kind++;
	if (kind == sizeof(kinds) / sizeof(kinds[0]) || kinds[kind].octets > len)
		return 0;
	if (kinds[kind].octets > 1 &&
	    (octets[1] < kinds[kind].least || octets[1] > kinds[kind].most))
		return 0;
	for (i = 2; i < kinds[kind].octets; i++)
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
	return kinds[kind].octets;
}

bool utf8_fits(const char *text)
{
	size_t left = strlen(text), octets;

	for (; left; text += octets, left -= octets) {
		octets = utf8_character(text, left);
		if (!octets)
			return false;
	}
	return true;
}

void utf8_line(char *text)
{
	size_t left = strlen(text), octets;

	for (; left; text += octets, left -= octets) {
		octets = utf8_character(text, left);
		if (octets && (unsigned char)*text >= ' ' && *text != 0x7f)
			continue;
		*text = '?';
		octets = 1;
	}
}
