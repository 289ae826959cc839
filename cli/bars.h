/* SPDX-License-Identifier: MIT */
#ifndef CLI_BARS_H
#define CLI_BARS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Figures drawn in characters: blocks of eighths in UTF-8, else # = and others. Texts end with a
 * zero; what does not fit `size` octets is left out.
 */

/*
 * A share of 1/100 %, of `width` columns, blank behind its end. What is not nothing is seen, and
 * only the whole is full.
 */
void bar_text(uint32_t share, size_t width, bool utf8, char *text, size_t size);

/*
 * One column each: a rate against the one that is full height; 0 has a sign of its own, and -1,
 * not known, is blank.
 */
void spark_text(const int64_t *kbps, size_t count, uint64_t full_kbps, bool utf8, char *text,
		size_t size);
#endif
