/* SPDX-License-Identifier: MIT */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/*
 * What is text to those who read us: status.json and the MIB's names are UTF-8 (RFC 3629). Labels
 * and aliases come from people and may be anything.
 */

/* Octets of the character that begins there, 1 to 4; 0: none does within len octets. */
size_t utf8_character(const char *text, size_t len);

/* Nothing but such characters. */
bool utf8_fits(const char *text);

/*
 * Makes one readable line of it: what is no such character, or a control character, becomes '?'.
 * For reasons told to people, which repeat what may be anything.
 */
void utf8_line(char *text);
#endif
