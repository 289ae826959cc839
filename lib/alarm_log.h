/* SPDX-License-Identifier: MIT */
#ifndef LIB_ALARM_LOG_H
#define LIB_ALARM_LOG_H
#include <stdatomic.h>
#include <stddef.h>
#include "lib/model.h"

/*
 * The alarm log: immutable once made, so that snapshots in several threads share it. A poll with
 * transitions makes a new one out of the one before.
 */
enum { ALARM_LOG_MOST = 1024 };

struct alarm_log {
	atomic_uint holders;
	size_t count;			/* at most ALARM_LOG_MOST */
	struct alarm_record rows[];	/* by sequence, rising without a gap */
};

/*
 * A log of the last rows of `old` (NULL: none) and then `rows`, as many as fit, with one holder.
 * NULL: no memory. `old` stays its holder's.
 */
struct alarm_log *alarm_log_append(const struct alarm_log *old, const struct alarm_record *rows,
				   size_t count);

const struct alarm_log *alarm_log_hold(const struct alarm_log *);	/* NULL is allowed */
void alarm_log_release(const struct alarm_log *);	/* the last one frees it; NULL is allowed */
#endif
