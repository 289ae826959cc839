/* SPDX-License-Identifier: MIT */
/* What the alarms put into a snapshot beside their list: the columns of its WANs and of the host. */
#include <string.h>
#include "lib/alarm_condition.h"

bool condition_listed(const struct condition *condition)
{
	return condition->active && condition->present;
}

void columns_tell(const struct alarms *alarms, struct snapshot *snapshot)
{
	uint32_t delivered = alarms_delivered_to(alarms);
	struct host *host = &snapshot->host;

	host->worst_severity = SEVERITY_NONE;
	host->wans_in_alarm = 0;
	host->alarm = false;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		snapshot->wans[i].alarm = false;
		snapshot->wans[i].alarm_severity = SEVERITY_NONE;
	}
	for (size_t i = 0; i < alarms->count; i++) {
		const struct condition *condition = &alarms->conditions[i];
		const struct alarm *alarm = &condition->alarm;

		if (!condition_listed(condition))
			continue;
		if (host->worst_severity < alarm->severity)
			host->worst_severity = alarm->severity;
		host->wans_in_alarm += alarm->type == ALARM_UP_BUT_IDLE;
		host->alarm |= alarm->type >= ALARM_HOST;
		for (size_t j = 0; j < snapshot->wan_count; j++) {
			struct wan *wan = &snapshot->wans[j];

			if (strcmp(wan->name, alarm->wan_name) != 0)
				continue;
			wan->alarm = true;
			if (wan->alarm_severity < alarm->severity)
				wan->alarm_severity = alarm->severity;
		}
	}
	host->alarm_epoch = alarms->epoch;
	host->alarm_sequence = alarms->sequence;
	host->notifications_pending = 0;
	if (alarms->log && delivered < alarms->sequence) {
		host->notifications_pending = alarms->sequence - delivered;
		if (host->notifications_pending > alarms->log->count)
			host->notifications_pending = (uint32_t)alarms->log->count;
	}
	host->notifications_lost = alarms->lost;
	snapshot->alarm_log = alarm_log_hold(alarms->log);
}
