/* SPDX-License-Identifier: MIT */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H
#include "cli/screen.h"
#include "lib/survey.h"

/* Connections with their subflows: which of them are shown, in which order, and how. */

enum connection_state {
	CONNECTION_OPENING,
	CONNECTION_ESTABLISHED,
	CONNECTION_CLOSING,
	CONNECTION_FALLBACK, /* to plain TCP, whatever else it is */
	CONNECTION_STATES
};
extern const char *const connection_state_words[CONNECTION_STATES + 1]; /* ends with NULL */

enum connection_state connection_state(const struct connection *);

/* What a connection must be to be shown: all of it. Zero: anything. */
struct connection_filter {
	bool by_wan;
	slots_t wans;	    /* by_wan: has a subflow on one of these ... */
	bool no_wan;	    /* ... or one that fits no WAN */
	struct prefix peer; /* the far end of it or of a subflow; no family: any */
	uint32_t port;	    /* of either end of it or of a subflow; 0: any */
	uint32_t states;    /* bits of enum connection_state; 0: any */
	uint32_t top;	    /* so many of them; 0: all */
};

struct listing_row {
	const struct socket_connection *connection;
	const struct socket_subflow **subflows; /* connection->count: initial first, then by WAN */
};

/* Those of most octets come first, or of the highest rate if there was a look before. */
struct listing {
	const struct survey *survey;
	struct listing_row *rows;
	size_t count;
	size_t subflows, subflows_shown; /* of all connections, and of those listed */
	const struct socket_subflow **places; /* of the rows' subflows */
};

/* 0 or -ENOMEM: then there is nothing to free. */
int listing_make(struct listing *, const struct survey *, const struct connection_filter *);
void listing_free(struct listing *);

/* A table with a row a subflow below the one of its connection, and the sums below (text). */
void listing_print(const struct screen *, const struct listing *);

/* One document, a line a connection. 0 or -ENOMEM. */
int listing_print_json(FILE *, const struct listing *);

/* Whether the kernel has told of subflows: else octets and counts of them are not known. */
bool listing_told(const struct listing *);

/*
 * How many subflows a connection may have, the initial one included; payload per time between the
 * two looks, unknown after one.
 */
struct maybe_u32 listing_most(const struct socket_connection *);
struct maybe_u64 listing_kbps(const struct listing *, uint64_t grown);

/* The kernel's states of a TCP socket, as ss calls them. */
const char *listing_tcp_word(uint8_t state);
#endif
