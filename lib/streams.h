/* SPDX-License-Identifier: MIT */
#ifndef LIB_STREAMS_H
#define LIB_STREAMS_H
#include "lib/addressbook.h"
#include "lib/attempts.h"
#include "lib/ledger.h"
#include "lib/source.h"

/*
 * What the kernel tells by itself, on its way into the address book and the ledger. Lives are read
 * first and entered last:
 *   - whatever was told of a subflow, the address it uses was told before, so links are read after;
 *   - of the two netlink streams the endings are read before the births and entered after them: a
 *     birth precedes its ending, so it is there when the ending asks for it.
 */
struct life_list {
	struct life *lives;
	size_t count, size;
};

struct streams {
	struct source *source;		/* these three are the owner's */
	struct addressbook *book;
	struct ledger *ledger;
	bool open[STREAMS];
	int refused[STREAMS];		/* -errno of the last try to open it, or 0 */
	struct life_list told, endings;	/* read, not entered yet */
	struct attempts attempts;	/* of those entered */
	uint32_t unread;		/* messages that made no sense, or found no memory */
	uint64_t now_ms;
};

/*
 * Opens what is not open yet and may be: the best accounting that can be had is by BPF, else by
 * both netlink streams, else by dumps alone. Never BPF beside the others, a life told twice would
 * count twice: so may_bpf is for the first time only, which is also when we may load it.
 */
void streams_open(struct streams *, bool may_bpf, bool may_events);

/* Reads all that is queued; losses go to the ledger. */
void streams_drain(struct streams *, uint64_t now_ms);
void streams_drain_links(struct streams *, uint64_t now_ms);

/* Enters the lives that were read. */
void streams_enter(struct streams *);

void streams_free(struct streams *);	/* frees what was read, not the struct */
#endif
