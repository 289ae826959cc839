/* SPDX-License-Identifier: MIT */
#ifndef LIB_SOURCE_UNPACK_H
#define LIB_SOURCE_UNPACK_H
#include <stddef.h>

/*
 * What gzip has packed, into a place of just its size. 0; -ENOMEM; -EINVAL: it is something else.
 * The BPF object is packed, in the header that the Makefile makes of it: two thirds of it are.
 */
int unpack(const unsigned char *packed, size_t len, void *to, size_t size);
#endif
