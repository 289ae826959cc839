/* SPDX-License-Identifier: MIT */
#ifndef LIB_ROUTES_H
#define LIB_ROUTES_H
#include "lib/snapshot.h"

/*
 * Asks the kernel where a join from each unjoined WAN would leave, towards a far end that others
 * reach, and fills in their route_ifindex. Where it is not known how to ask, or there is no answer,
 * or a way that may be by several
 * interfaces, that stays unknown.
 */
void routes_ask(struct snapshot *, struct source *, const struct ledger *);
#endif
