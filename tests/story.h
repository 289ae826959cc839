/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H
#include <stdio.h>
#include "lib/monitor.h"
#include "tests/site.h"

/*
 * A monitor at a site, by a clock of our own: polled each POLL_S seconds with the settings that
 * everybody has, and all that it tells is written down.
 */
#define AT(hour, minute, second) ((hour) * 3600U + (minute) * 60U + (second))

enum { POLL_S = 5, DAY_S = 24 * 3600, TUNNEL_KBPS = 300, ROWS_MOST = 64, ROW_LEN = 80 };

struct story {
	struct site site;		/* booted at midnight */
	struct settings settings;
	struct registry registry;
	struct monitor *monitor;
	const struct snapshot *now;	/* the last poll's */
	struct site_connection *tunnel, *download, *brief, *idle[3];
	uint32_t sequence;		/* rows of the log that were told by now */
	char rows[ROWS_MOST][ROW_LEN];	/* ... 07:31:10 raised wan5 up-but-idle subflow-limit */
	size_t row_count;		/* of all, the first ROWS_MOST of which are kept */
	uint32_t rows_of[CAUSES];	/* ... by cause */
	FILE *seen;			/* the same octet by octet, and what else a manager may see */
	char *seen_bytes;
	size_t seen_len;
};

/* Settings may be changed before the first poll. */
void story_begin(struct story *);
void story_end(struct story *);

/* A poll of this moment, and one so many seconds later. */
void story_look(struct story *);
void story_pass(struct story *, uint32_t s);
void story_pass_for(struct story *, uint32_t s);	/* polls until so many have passed */

/* A new agent takes over: what the old one has saved, and nothing else. */
void story_restart_agent(struct story *);

/* The one long connection of the site begins anew. */
void story_restart_tunnel(struct story *);

/* The whole of status.json, into what is seen. */
void story_keep_status(struct story *);

const struct wan *story_wan(const struct story *, const char *name);
#endif
