/* SPDX-License-Identifier: MIT */
#ifndef LIB_DIAGNOSE_SCENE_H
#define LIB_DIAGNOSE_SCENE_H
#include "lib/budget.h"
#include "lib/diagnose.h"
#include "lib/finding.h"

/*
 * The inside of the diagnosis, for its own files:
 *	diagnose.c		compares, tells the states, and orders the rest
 *	diagnose_memory.c	carries on what one poll cannot tell
 *	diagnose_bearing.c	asks what the connections want of each line
 *	diagnose_host.c		judges what stops bonding as a whole
 *	diagnose_line.c		explains a line
 *	diagnose_endpoint.c	... that has no usable endpoint
 *	diagnose_join.c		... that cannot be joined
 *	diagnose_info.c		notes what else is worth knowing
 *	diagnose_words.c	words that several of them need
 */

/* How the connections bear on one WAN. */
struct bearing {
	uint32_t joined;		/* have an established subflow here */
	uint32_t eligible;		/* ought to have one */
	uint32_t eligible_joined;	/* ... and do */
	/* Of the eligible ones that have none: */
	uint32_t at_limit;		/* have as many extra subflows as the limit allows */
	uint32_t doubled;		/* ... and more than one on some line */
	uint32_t raised;		/* had reached a limit that was raised since */
	uint32_t unannounced;		/* need an announced address and may accept no more */
	uint64_t oldest_ms, youngest_ms;	/* when these of them were first seen */
	uint32_t endpoints_v4, endpoints_v6;	/* usable ones: to join from */
	uint64_t ready_v4_ms, ready_v6_ms;	/* since when it may be joined; 0: not */
	uint32_t young;			/* of our beginning, and may yet join: too early to tell */
	/* Ours, but begun before the line was ready, and without a subflow here: */
	uint32_t old;
	uint32_t old_raised;		/* ... that had reached a limit that was raised since */
	uint64_t old_grown;		/* octets since the poll before */
	uint32_t plain;			/* connections in fallback that are here */
	bool wanted_out;		/* one is full elsewhere and has a subflow here */
	bool wanted_in;			/* the others receive nearly all that they can */
};

/* Questions, a bit each; and those that states rest on. */
#define ASKED(question) (1U << (question))
enum {
	ASKED_FOR_STATES = ASKED(Q_LINKS) | ASKED(Q_ADDRESSES) | ASKED(Q_ENDPOINTS) |
			   ASKED(Q_CONNECTIONS) | ASKED(Q_SUBFLOWS)
};

/* One of these has failed: what it has told is of before. */
bool answers_lack(const struct snapshot *, unsigned int asked);

struct scene {
	struct snapshot *snapshot;
	const struct snapshot *before;	/* the poll before; NULL at the first one */
	const struct history *history;
	const struct moment *window;	/* the moment that the state window began at; or NULL */
	const struct harvest *harvest;
	const struct settings *settings;
	struct budget budget;
	bool blind;			/* a source that states rest on has failed */
	bool endpoints_elsewhere;	/* somebody has a usable endpoint */
	slots_t carrying;		/* WANs above the floor */
	uint64_t elapsed_ms;		/* since the poll before, 0 at the first one */
	uint64_t grown;			/* octets of connections of ours since then */
	uint32_t connections;		/* of ours, speaking MPTCP, old enough to have joined */
	uint32_t connections_joined;	/* ... with more than one subflow */
	uint32_t connections_silent;	/* ... that wait for an ACK, and have had none for long */
	struct bearing bearings[WANS_MAX];	/* by position in snapshot->wans */
	struct finding *latest;		/* the finding that was added last */
	bool no_memory;			/* a finding was left out: ... */
	struct finding spare;		/* ... it was written here */
};

/* Payload of a WAN since a moment; a WAN that was not there began at zero. */
struct growth {
	uint64_t in, out, retrans;
	uint64_t spoken_in, spoken_out;	/* ... without connections in fallback */
};
struct growth growth_of(const struct wan *, const struct moment *since);

/* What is above the floor in a direction, over the state window. At least 1. */
uint64_t scene_floor_octets(const struct scene *);

/* Payload has grown on some line since the state window began. */
bool scene_goes_on(const struct scene *);

/* Carries the memory on from the poll before, with what this one adds. */
void memory_take(struct scene *);

/* How often the kernel has counted this since the poll before; 0 at the first one. */
uint64_t scene_counter_growth(const struct scene *, const char *name);

void bearings_take(struct scene *);

/*
 * A new finding, its since_ms taken over from the poll before. Never NULL; valid until the next one
 * is added. finding_drop() takes the last one back.
 */
struct finding *finding_add(struct scene *, const struct wan *, enum cause);
void finding_drop(struct scene *, const struct finding *);

/* The poll before has found it, too. */
bool finding_was(const struct scene *, const struct wan *, enum cause);

/* The finding added last, which must be this WAN's, explains it as another cause does. */
struct finding *finding_recast(struct scene *, struct wan *, enum cause);

/* Writes a sentence or a part of the advice. */
__attribute__((format(printf, 2, 3))) void finding_say(char *part, const char *format, ...);

/*
 * Words of advice. Texts hold INET6_ADDRSTRLEN and are returned: an address, or what stands for it;
 * the line's own; that of a far end which connections reach by other lines.
 */
const char *word_plural(uint64_t count);
const char *word_address(const struct address *, const char *otherwise, char *text);
const char *word_own(const struct wan *, char *text);
const char *word_far(const struct scene *, char *text);

/* A cause of this WAN's state: the finding, and wan->cause. */
struct finding *finding_because(struct scene *, struct wan *, enum cause);

/* Why no eligible connection has a subflow here. */
void explain_unjoined(struct scene *, size_t position);

/* Nothing to join from, and not because somebody took it away: see explain_detached(). */
bool wan_is_detached(const struct scene *, const struct wan *);

/* Its address is another line's, too. */
void explain_duplicate(struct scene *, struct wan *);

/* Why it has no usable endpoint. */
void explain_detached(struct scene *, size_t position);

/* A state's explanation, and what else there is to say of a line. Sets wan->cause. */
void explain_wan(struct scene *, size_t position);

/* Verdicts and findings on the host. */
void judge_host(struct scene *);

/* What is worth knowing, of the host and of its lines. */
void note_the_rest(struct scene *);
#endif
