/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/alarm_log.h"

struct alarm_log *alarm_log_append(const struct alarm_log *old, const struct alarm_record *rows,
				   size_t count)
{
	size_t kept = old ? old->count : 0;
	struct alarm_log *log;

	if (count > ALARM_LOG_MOST) {
		rows += count - ALARM_LOG_MOST;
		count = ALARM_LOG_MOST;
	}
	if (kept > ALARM_LOG_MOST - count)
		kept = ALARM_LOG_MOST - count;
	log = malloc(sizeof(*log) + (kept + count) * sizeof(log->rows[0]));
	if (!log)
		return NULL;
	atomic_init(&log->holders, 1);
	log->count = kept + count;
	if (kept)
		memcpy(log->rows, old->rows + (old->count - kept), kept * sizeof(log->rows[0]));
	if (count)
		memcpy(log->rows + kept, rows, count * sizeof(log->rows[0]));
	return log;
}

const struct alarm_log *alarm_log_hold(const struct alarm_log *log)
{
	if (log)
		atomic_fetch_add_explicit(&((struct alarm_log *)log)->holders, 1,
					  memory_order_relaxed);
	return log;
}

void alarm_log_release(const struct alarm_log *log)
{
	struct alarm_log *held = (struct alarm_log *)log;

	if (held && atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) == 1)
		free(held);
}
