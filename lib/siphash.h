/* SPDX-License-Identifier: MIT */
#ifndef LIB_SIPHASH_H
#define LIB_SIPHASH_H
#include <stddef.h>
#include <stdint.h>

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012) of whole words, which are taken as their little-endian
 * octets: who does not know the key cannot tell the result from chance.
 */
struct siphash_key { uint64_t low, high; };

uint64_t siphash(const struct siphash_key *, const uint64_t *words, size_t count);
#endif
