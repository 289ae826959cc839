/* SPDX-License-Identifier: MIT */
#ifndef LIB_ANONYMIZE_H
#define LIB_ANONYMIZE_H
#include <stddef.h>
#include "lib/prefix.h"
#include "lib/settings.h"
#include "lib/siphash.h"

/*
 * Other addresses in place of the true ones, always the same for the same, so that what is said of
 * a host stays right without telling whose it is.
 *
 * The scheme is Crypto-PAn's (Xu and others, 2002): whether a bit is turned over depends on the key
 * and on all bits before it. So no two addresses become one, and two that have their first n bits
 * in common still have exactly n: what was in one subnet is, and what was in two is not. Kept as
 * they are: family, 0.0.0.0/8 and 127.0.0.0/8, :: and ::1, and the beginnings that make an address
 * link-local, multicast, global unicast or unique local; which addresses were private ones is not.
 * IPv4 within IPv6 (::ffff:0:0/96, ::/96) is replaced as IPv4 is. For the beginnings to be kept,
 * those of their neighbours must be, too: 126.x stays 126.x, 169.x stays 169.x.
 */
struct anonymizer {
	struct siphash_key key;		/* who knows it can undo everything */
};

struct address anonymize_address(const struct anonymizer *, const struct address *);
struct address anonymize_undo(const struct anonymizer *, const struct address *);

/* The prefix of all that addresses within the given one become. */
struct prefix anonymize_prefix(const struct anonymizer *, const struct prefix *);

/*
 * The WANs' addresses; and away with what is told to people only or may name them: labels, programs
 * and paths. Names of WANs and devices stay.
 */
void anonymize_settings(const struct anonymizer *, struct settings *);

/*
 * --- datagrams (anonymize_datagram.c) ----------------------------------------------------------
 */

/* What a source hands on, by what is in it. */
enum datagram {
	DATAGRAM_ROUTE,		/* rtnetlink: links, addresses, routes */
	DATAGRAM_LIMITS,	/* mptcp_pm */
	DATAGRAM_ENDPOINTS,
	DATAGRAM_EVENTS,
	DATAGRAM_SOCKETS,	/* sock_diag */
	DATAGRAM_LIFE,		/* struct life_record */
	DATAGRAM_COUNTERS,	/* text of /proc */
	DATAGRAM_SYSCTLS,
	DATAGRAM_LOAD,
	DATAGRAM_SUBFLOWS,	/* struct subflow_record, one or more */
	DATAGRAMS
};

/*
 * Writes to `out`, which has room for `len` octets, what may be told of the datagram: only what a
 * parser of ours reads is copied, addresses are replaced, and the rest is zero (of texts: left
 * out). So the parsers make the same of it. Both are aligned for netlink and do not overlap.
 * Returns the length, at most `len`.
 */
size_t anonymize_datagram(const struct anonymizer *, enum datagram, const void *in, size_t len,
			  void *out);
#endif
