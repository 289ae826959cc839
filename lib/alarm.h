/* SPDX-License-Identifier: MIT */
#ifndef LIB_ALARM_H
#define LIB_ALARM_H
#include "lib/snapshot.h"

/*
 * Findings to alarms: a condition that has held raises one, contrary evidence that has held clears
 * it, and what can be neither said nor denied freezes both clocks. Knows time only from the
 * snapshots it is given, so a replay gives the same alarms, byte for byte.
 *
 * For one thread, but for alarms_delivered() and alarms_delivered_to().
 */
struct alarms;

/* `epoch` names the numbering, unless alarms_load() brings an older one. NULL: no memory. */
struct alarms *alarms_new(uint32_t epoch);
void alarms_free(struct alarms *);	/* NULL is allowed */

/*
 * Takes in one diagnosed, not yet sealed snapshot: fills in its active alarms, its log, and the
 * alarm columns of its WANs and host. Returns how many rows the log has gained, or -ENOMEM: then
 * the alarms stay as they were, and the next poll tries again.
 */
int alarms_update(struct alarms *, struct snapshot *, const struct settings *);

/*
 * What must survive a restart, as JSON text for the caller to free (NULL: no memory), and back:
 * numbering, active alarms, what was delivered, the rows that were not, and the newest of the
 * others up to ALARM_LOG_KEPT in all. alarms_load() returns 0, -ENOMEM, or -EBADMSG with nothing
 * taken. Into alarms that have run already it is loaded late: nothing of either is lost, their rows
 * get numbers behind those of the text, and an alarm of both goes on as that of the text. Nobody
 * may call alarms_delivered() meanwhile, nor later with a number of before.
 */
enum { ALARM_LOG_KEPT = 128 };
char *alarms_save(const struct alarms *);
int alarms_load(struct alarms *, const char *text);

/* There is something new to save; the caller clears it by alarms_saved() when it is written. */
bool alarms_dirty(const struct alarms *);
void alarms_saved(struct alarms *);

/* Of the newest row; 0 before the first. */
uint32_t alarms_sequence(const struct alarms *);

/* All rows up to this sequence were taken by a master. From any thread; never goes back. */
void alarms_delivered(struct alarms *, uint32_t sequence);
uint32_t alarms_delivered_to(const struct alarms *);
#endif
