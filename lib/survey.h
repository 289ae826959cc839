/* SPDX-License-Identifier: MIT */
#ifndef LIB_SURVEY_H
#define LIB_SURVEY_H
#include "lib/addressbook.h"
#include "lib/harvest.h"
#include "lib/registry.h"
#include "lib/sockets.h"
#include "lib/source.h"

/*
 * One look at all connections, subflows and endpoints, and where they run. Nothing is watched and
 * nothing diagnosed: for who wants to see each of them, now. A second look also tells what grew.
 */
struct survey {
	struct source *source;
	struct registry registry;	/* the WANs, by slot */
	struct addressbook *book;
	struct harvest harvest;		/* `answers` tells what was refused */
	struct sockets sockets;
	struct endpoint *endpoints;	/* sorted by id, each with its WAN */
	size_t endpoint_count;
	uint64_t wall_ms;		/* of the look */
	uint64_t taken_us;		/* the subflows were asked for then; 0: no answer */
	uint64_t elapsed_us;		/* since the look before; 0: nothing to compare with */
};

/*
 * Takes the source over, also when it fails, and a copy of the WANs that are known. NULL with errno
 * set; it is passed on if there is no source.
 */
struct survey *survey_new(struct source *, const struct registry *);
void survey_free(struct survey *);	/* NULL is allowed */

/*
 * 0 or -ENOMEM. What a question brought at the look before holds where it has no answer, but for
 * the subflows: then there are none.
 */
int survey_look(struct survey *);

/* The name of the WAN in a slot; NULL for UNATTRIBUTED. */
const char *survey_wan(const struct survey *, uint8_t slot);

/*
 * Established subflows of connections that are not in fallback, from an endpoint's address (or to
 * it, where the far end began them), and its port if it has one. One without a port does not count
 * those of an endpoint that has the port.
 */
uint32_t survey_subflows_of(const struct survey *, const struct endpoint *);
#endif
