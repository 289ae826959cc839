/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H
#include <stddef.h>

/*
 * Which word was meant: the one that `typed` is the only beginning of, else the nearest by
 * insertions, deletions, replacements and swaps of neighbours (Damerau 1964, optimal string
 * alignment), as long as it takes no more of them than a third of its letters. NULL: none.
 */
const char *suggest(const char *typed, const char *const *words, size_t count);
#endif
