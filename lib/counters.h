/* SPDX-License-Identifier: MIT */
#ifndef LIB_COUNTERS_H
#define LIB_COUNTERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's MPTcpExt counters and the numbers that they have in the MIB. */
enum { COUNTER_UNKNOWN = 1000 };

/* False for what is no counter although it stands among them. */
bool counter_wanted(const char *name, size_t name_len);

/*
 * The fixed number of a known name; COUNTER_UNKNOWN and up, in the kernel's order, for others
 * (*unknown counts them).
 */
uint32_t counter_number(const char *name, uint32_t *unknown);
#endif
