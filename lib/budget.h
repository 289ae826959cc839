/* SPDX-License-Identifier: MIT */
#ifndef LIB_BUDGET_H
#define LIB_BUDGET_H
#include "lib/harvest.h"
#include "lib/settings.h"
#include "lib/snapshot.h"

/*
 * Linux has had this for both since the path manager came: the greatest limit, and the places of
 * the table of endpoints. Patched kernels have more.
 */
enum { BUDGET_KERNEL_MOST = 8 };

/*
 * What a connection needs of the path manager so that every line may join, against what it gets.
 * The in-kernel path manager (net/mptcp/pm_kernel.c) makes one extra subflow for each usable
 * endpoint, or with fullmesh one for each pair of endpoint and far address, until the subflow limit
 * is reached; attempts count, too. Without any fullmesh endpoint it makes one for each address that
 * the far end announces:
 *
 *	needed = endpoints + announced x each - first + unlisted
 */
struct budget {
	uint32_t lines;			/* that are up, with a usable endpoint */
	uint32_t lines_v4, lines_v6;	/* ... by family; a dual-stack line counts in both */
	uint32_t endpoints_v4, endpoints_v6;	/* usable for joins, of those lines */
	uint32_t others;		/* endpoints in the table that serve no line: stale, implicit ... */
	uint32_t table, table_most;	/* endpoints in the table, and its assumed size */
	bool table_full;
	uint32_t fullmesh_v4, fullmesh_v6;	/* of endpoints_v4 and _v6 */
	bool fullmesh;			/* one of either is */
	uint32_t far;			/* far addresses that a connection uses, its first included */
	bool first_line_listed;		/* the line of first subflows has an endpoint itself */
	bool v4, v6;			/* families whose endpoints take part */
	/* The terms: */
	uint32_t endpoints;		/* that take part in one connection */
	uint32_t announced;		/* far addresses beside the first that are joined, too ... */
	uint32_t each;			/* ... by so many subflows each */
	uint32_t first;			/* 1 if one of the endpoints has the first subflow, no extra one */
	uint32_t unlisted;		/* of what none of these tells: a limit that suffices was reached */
	uint32_t needed;		/* extra subflows that let every line join */
	struct maybe_u32 limit;		/* extra subflows, in force */
	struct maybe_u32 accept;	/* announced addresses accepted, in force */
	uint32_t accept_needed;		/* announced addresses, for lines of the other family */
	uint32_t ceiling;		/* the greatest limit that the kernel takes, as far as known */
	bool ceiling_assumed;		/* nobody has configured it */
};

/*
 * Writes into the snapshot's host what only the connections, the settings and the past tell of it:
 * families, far addresses, announced addresses needed, the ceilings.
 */
void budget_observe(struct snapshot *, const struct harvest *, const struct settings *);

/*
 * The arithmetic, from nothing but what is a column of a metric: also for a snapshot that was read
 * from the agent's status.
 */
struct budget budget_of(const struct snapshot *);

/* What else to do where more is needed than the kernel takes. */
const char *budget_way_out(const struct budget *);
#endif
