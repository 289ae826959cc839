/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SITE_H
#define TESTS_SITE_H
#include "tests/fake_source.h"

/*
 * A model of a site: a router with six lines, its connections to one far end, and what its kernel
 * says of them at each moment, told by a fake source. Lines are asked for by name, wan1 is the
 * first path. Connections join as the kernel does: once, when they begin, in the order of the
 * endpoints, up to the limit in force; again only from an endpoint that is added anew.
 */
enum { SITE_LINES = 6, SITE_CONNECTIONS = 12, ALL_IT_CAN = 1000000 };

enum path { PATH_GOOD, PATH_DROPS_JOINS, PATH_STRIPS_JOINS };

struct site_line {
	char name[IFNAME_LEN];
	bool present, carrier;
	uint32_t ifindex;
	uint8_t address;		/* 10.0.0.N */
	uint8_t endpoint;		/* its id; 0: none */
	uint32_t endpoint_ifindex;
	bool backup;
	uint32_t rtt_us, in_kbps, out_kbps;	/* what it can do */
	enum path path;
	bool avoided;			/* joined, and nobody sends over it */
	uint32_t beside_kbps;		/* received beside MPTCP */
	uint64_t in, out;		/* octets of the device */
	uint64_t carried_in, carried_out;	/* payload, since boot */
};

struct site_subflow {
	uint64_t cookie;		/* 0: none */
	uint32_t token;			/* of its connection */
	uint16_t port;
	bool waiting;			/* its SYN has no answer */
	uint64_t waits_until_s;
	bool full;
	uint64_t in, out;
};

struct site_connection {
	uint32_t token;			/* 0: none */
	bool fallback, opening;
	bool unconfirmed;		/* the far end has not answered MPTCP yet */
	size_t first;			/* its first path */
	uint8_t extra;
	uint32_t in_kbps, out_kbps;	/* what is to be carried; ALL_IT_CAN */
	struct site_subflow subflows[SITE_LINES];
};

struct site {
	struct fake *fake;		/* the owner of its source closes it */
	uint64_t boot_s;		/* seconds since 1970 when it booted */
	uint64_t s;			/* since then */
	bool clock_set;
	struct site_line lines[SITE_LINES];
	struct site_connection connections[SITE_CONNECTIONS];
	uint8_t limit;			/* of subflows; the router's */
	uint8_t far_limit;		/* ... and the far end's */
	bool enabled;			/* net.mptcp.enabled */
	bool far_speaks;		/* MPTCP */
	uint8_t last_endpoint;		/* the id given last */
	uint32_t next_ifindex, next_token;
	uint64_t next_cookie;
	uint64_t connects, answered, joins;	/* the kernel's counters of them */
};

/* As it boots: six lines, the last one a backup, no connection; a fake of its own. */
void site_boot(struct site *, uint64_t boot_s);

/* A new source for another monitor of the same site. */
void site_watch_anew(struct site *);

/* So many seconds pass: traffic flows, and the fake tells how things are now. */
void site_pass(struct site *, uint32_t s);

/* Only tells again, what has changed at this moment. */
void site_tell(struct site *);

struct site_line *site_line(struct site *, const char *name);

/* A connection, with its joins; NULL while MPTCP is disabled: it is plain TCP then. */
struct site_connection *site_connect(struct site *);

/* And sets the pointer to NULL, which is allowed: another connection may get its place. */
void site_close(struct site *, struct site_connection **);

/* One that had no time to join anything; it is there, in some condition, until it is closed. */
struct site_connection *site_connect_briefly(struct site *);

/* So many that came and went since the last moment. */
void site_short_ones(struct site *, unsigned int count);

/* A tracker's doings; what is given back has a new id, and connections join from it. */
void site_withdraw(struct site *, const char *name);
void site_give_back(struct site *, const char *name);

/*
 * The interface goes with all of its subflows. A new one of its name has another index, another
 * address and another endpoint, which old connections do not join from.
 */
void site_hang_up(struct site *, const char *name);
void site_dial(struct site *, const char *name);

/* It is made anew behind the path manager's back: the endpoint keeps the index that is gone. */
void site_replace(struct site *, const char *name);
#endif
