/* SPDX-License-Identifier: MIT */
/*
 * Two that have watched the same lines at the same time become one: who held the state directory
 * until now, and who had to begin without it. The former's numbering goes on with the latter's rows
 * behind its own; an alarm of both is that of the former, with what is known of it now.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/alarm_condition.h"

static struct condition *find(const struct alarms *alarms, const struct alarm *alarm)
{
	for (size_t i = 0; i < alarms->count; i++) {
		struct condition *condition = &alarms->conditions[i];

		if (condition->alarm.type == alarm->type &&
		    !strcmp(condition->alarm.wan_name, alarm->wan_name))
			return condition;
	}
	return NULL;
}

/* By what number the joined log knows the row that raised an alarm of ours. */
static uint32_t joined_number(const struct alarms *alarms, const struct alarms *before,
			      uint32_t sequence)
{
	for (size_t i = 0; i < alarms->count; i++) {
		const struct condition *now = &alarms->conditions[i];
		const struct condition *then = find(before, &now->alarm);

		if (then && now->active && now->alarm.sequence == sequence)
			return then->alarm.sequence;
	}
	return before->sequence + sequence;
}

/* With one holder; NULL: no memory. */
static struct alarm_log *join_logs(const struct alarms *alarms, const struct alarms *before)
{
	size_t count = alarms->log ? alarms->log->count : 0;
	struct alarm_record *rows = malloc((count + 1) * sizeof(*rows));
	struct alarm_log *log;

	if (!rows)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		rows[i] = alarms->log->rows[i];
		rows[i].sequence += before->sequence;
		rows[i].raised_by = joined_number(alarms, before, rows[i].raised_by);
		rows[i].epoch = before->epoch;
	}
	log = alarm_log_append(before->log, rows, count);
	free(rows);
	return log;
}

/* One that we have not, or not any more, goes on as after a restart: evidence ends it. */
static void join_condition(struct condition *now, const struct condition *then)
{
	if (!now->active)
		*now = *then;
	now->alarm.sequence = then->alarm.sequence;
	now->alarm.raised_s = then->alarm.raised_s;
	now->alarm.flapping |= then->alarm.flapping;
	now->raised_ms = then->raised_ms;
	if (now->worst < then->worst)
		now->worst = then->worst;
}

/* Into room for all of both; returns how many they are. */
static size_t join_conditions(const struct alarms *alarms, const struct alarms *before,
			      struct condition *joined)
{
	size_t count = 0;

	for (size_t i = 0; i < alarms->count; i++) {
		const struct condition *then = find(before, &alarms->conditions[i].alarm);
		struct condition *now = &joined[count++];

		*now = alarms->conditions[i];
		if (then)
			join_condition(now, then);
		else if (now->active)
			now->alarm.sequence += before->sequence;
	}
	for (size_t i = 0; i < before->count; i++)
		if (!find(alarms, &before->conditions[i].alarm))
			joined[count++] = before->conditions[i];
	return count;
}

/*
 * What was not delivered before holds back what was delivered since: of an alarm the last word must
 * be the last one that is told, so all of it is told again.
 */
static uint32_t joined_delivered(const struct alarms *alarms, const struct alarms *before)
{
	uint32_t then = alarms_delivered_to(before);

	return then < before->sequence ? then : before->sequence + alarms_delivered_to(alarms);
}

/* Rows of before that found no room any more, and had not been delivered. */
static uint64_t lost_by_joining(const struct alarm_log *log, const struct alarms *before)
{
	uint32_t delivered = alarms_delivered_to(before);
	uint64_t lost = 0;

	for (size_t i = 0; before->log && i < before->log->count; i++)
		lost += before->log->rows[i].sequence < log->rows[0].sequence &&
			before->log->rows[i].sequence > delivered;
	return lost;
}

int alarms_join(struct alarms *alarms, const struct alarms *before)
{
	size_t most = alarms->count + before->count;
	struct condition *conditions = malloc((most + 1) * sizeof(*conditions));
	struct alarm_log *log = join_logs(alarms, before);

	if (!conditions || !log) {
		free(conditions);
		alarm_log_release(log);
		return -ENOMEM;
	}
	alarms->count = join_conditions(alarms, before, conditions);
	free(alarms->conditions);
	alarms->conditions = conditions;
	alarm_log_release(alarms->log);
	alarms->log = log;
	atomic_store_explicit(&alarms->delivered, joined_delivered(alarms, before),
			      memory_order_release);
	alarms->epoch = before->epoch;
	alarms->sequence += before->sequence;
	alarms->lost += before->lost + lost_by_joining(log, before);
	return 0;
}
