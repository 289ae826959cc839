/* SPDX-License-Identifier: MIT */
#ifndef LIB_ADDRESS_H
#define LIB_ADDRESS_H
#include "lib/model.h"

/* IPv4-mapped IPv6 becomes IPv4: a dual-stack listener reports its IPv4 clients that way. */
struct address address_from(uint16_t family, const void *bytes);

/* *out, all zero before, gets both; ports are the caller's. */
void address_pair(uint16_t family, const void *local, const void *remote, struct tuple *out);
bool address_equal(const struct address *a, const struct address *b);
bool address_loopback(const struct address *);		/* 127.0.0.0/8, ::1 */
#endif
