/* SPDX-License-Identifier: MIT */
#ifndef TESTS_KERNEL_TOLD_H
#define TESTS_KERNEL_TOLD_H
#include <stdint.h>

/*
 * Netlink messages with all that a real kernel tells in them, and more. What is nobody's business
 * is written in Zs, which are nowhere else. Each is valid until the next one is made.
 */
enum { TOLD_MOST = 8192 };	/* octets of one */
extern const char secret[64];

/* The addresses in them. */
extern const uint8_t local4[4], far4[4], local6[16], far6[16], mapped6[16];

struct nlmsghdr;
struct nlmsghdr *link_told(void);
struct nlmsghdr *address4_told(void);
struct nlmsghdr *address6_told(void);
struct nlmsghdr *route_told(void);
struct nlmsghdr *hops_told(void);
struct nlmsghdr *limits_told(void);
struct nlmsghdr *endpoint4_told(void);
struct nlmsghdr *endpoint6_told(void);
struct nlmsghdr *endpoint_mapped_told(void);
struct nlmsghdr *event4_told(void);
struct nlmsghdr *event6_told(void);
struct nlmsghdr *socket4_told(void);
struct nlmsghdr *socket6_told(void);
struct nlmsghdr *socket_mapped_told(void);
#endif
