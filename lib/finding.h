/* SPDX-License-Identifier: MIT */
#ifndef LIB_FINDING_H
#define LIB_FINDING_H
#include <stddef.h>
#include "lib/model.h"

/*
 * What there is to find: the words of the causes and of what else is told by number, what kind each
 * cause is, and how a finding is told.
 */

enum finding_kind {
	FINDING_HOST,		/* stops bonding: an alarm type of the host's own */
	FINDING_DOWN,		/* explains a line that is down: line-down */
	FINDING_STRUCTURAL,	/* explains a line that cannot be joined: up-but-idle */
	FINDING_IDLE,		/* explains a line that is joined and silent: up-but-idle */
	FINDING_BACKUP,		/* explains a backup line that cannot join: up-but-idle */
	FINDING_INFO		/* worth knowing: no alarm */
};

/*
 * By number, from 0; "" where no cause has the number; ends with NULL. The words are the same in
 * collectd and on the command line; the MIB writes them as subflowLimit.
 */
extern const char *const cause_words[CAUSES + 1];
extern const char *const severity_words[];
extern const char *const state_words[];
extern const char *const alarm_type_words[];
extern const char *const transition_words[];
extern const char *const accounting_words[];
extern const char *const endpoint_flag_words[];	/* by bit */

/* Of a cause that has a word; FINDING_INFO and SEVERITY_INFO for any other number. */
enum finding_kind cause_kind(uint32_t cause);
enum severity cause_severity(uint32_t cause);	/* unless the finding says otherwise */

/*
 * The whole story: "no subflow; the subflow limit 3 leaves room for 1+3 lines of 6. Now: ...; for
 * good: ...; far end: ...; restart: ...". What does not fit is cut. Returns out.
 */
const char *finding_tell(const struct finding *, char *out, size_t size);
#endif
