/* SPDX-License-Identifier: MIT */
#ifndef TESTS_ALARM_WORLD_H
#define TESTS_ALARM_WORLD_H
#include "lib/alarm.h"
#include "lib/finding.h"

/*
 * A world for the alarms to watch: lines wan1 to wan6 and a host, each in the state and with the
 * finding that a test gave it last. A poll makes a diagnosed snapshot of that, five seconds after
 * the one before.
 */
enum { WORLD_WANS = 6 };

struct world {
	struct alarms *alarms;
	struct settings settings;
	struct snapshot snapshot;	/* of the last poll */
	struct wan wans[WORLD_WANS];
	uint32_t severities[WORLD_WANS];	/* of the finding of a WAN's cause */
	uint32_t host_severities[CAUSE_DRIFT + 1];
	char text[SENTENCE_LEN];		/* what every finding says */
};

/* All lines carry, warm-up is over. The default times of the product. */
void world_begin(struct world *);
void world_end(struct world *);

/* A new agent: its alarms are new, its polls count from 1. */
void world_restart(struct world *, struct alarms *);

/* wan 1 to WORLD_WANS; severity 0: the cause's own. It has 2 subflows if the state has any. */
void world_wan(struct world *, uint32_t wan, enum wan_state, enum cause, enum severity);
void world_host(struct world *, enum cause, enum verdict, enum severity);

int world_poll(struct world *);			/* as alarms_update() */
int world_run(struct world *, uint32_t s);	/* polls for so long; rows gained, or an error */

/* Polls until a row is gained, at most so long: seconds from the first of these polls, or most. */
uint32_t world_until_row(struct world *, uint32_t most_s);

/* Raises and clears an alarm of wan1, so many rows; two polls are enough for it from now on. */
void world_make_rows(struct world *, uint32_t count);

/* The row that came so many rows before the newest. */
const struct alarm_record *world_row(const struct world *, size_t back);

/* Whether it is there, and says that of an alarm of that type; wan "": of the host. */
bool world_row_is(const struct world *, size_t back, enum transition, const char *wan,
		  uint32_t type);
#endif
