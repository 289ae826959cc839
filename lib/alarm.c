/* SPDX-License-Identifier: MIT */
/*
 * A poll is worked out beside the alarms as they are: what each condition has become, and the rows
 * of its transitions. Only when all of it is there does it take the place of what was.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/alarm_condition.h"
#include "lib/finding.h"

struct poll {
	const struct alarms *before;
	const struct snapshot *snapshot;
	struct poll_time moment;
	bool frozen;		      /* too early to say anything */
	struct condition *conditions; /* what they have become; as many as there may be fit */
	size_t count;
	struct alarm_record *rows; /* ... as many as conditions */
	size_t row_count;
	bool dirty;
};

struct alarms *alarms_new(uint32_t epoch)
{
	struct alarms *alarms = calloc(1, sizeof(*alarms));

	if (alarms) {
		alarms->epoch = epoch;
		atomic_init(&alarms->delivered, 0);
	}
	return alarms;
}

void alarms_free(struct alarms *alarms)
{
	if (!alarms)
		return;
	alarm_log_release(alarms->log);
	free(alarms->conditions);
	free(alarms);
}

/*
 * --- texts -------------------------------------------------------------------------------------
 */

static void tell_finding(char *text, size_t size, const struct finding *finding)
{
	size_t len = 0;

	if (finding->wan_index)
		len = (size_t)snprintf(text, size, "%s: ", finding->wan_name);
	finding_tell(finding, text + len, size - len);
}

/* The two greatest units of a duration. */
static void tell_duration(char *text, size_t size, uint64_t s)
{
	if (s < 60)
		snprintf(text, size, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(text, size, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 24 * 3600)
		snprintf(text, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(text, size, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
}

/* Seconds since 1970, or 0 while the clock is not set. */
static uint64_t wall_s(const struct snapshot *snapshot)
{
	uint64_t s = snapshot->wall_ms / 1000;

	return s < CLOCK_SET_S ? 0 : s;
}

/* How long it has been active; an alarm of an earlier run only has the clock to go by. */
static bool active_s(const struct poll *poll, const struct condition *condition, uint64_t *s)
{
	uint64_t now_s = wall_s(poll->snapshot);

	if (condition->raised_ms) {
		*s = (poll->moment.now_ms - condition->raised_ms) / 1000;
		return true;
	}
	*s = now_s - condition->alarm.raised_s;
	return condition->alarm.raised_s && now_s >= condition->alarm.raised_s;
}

static void tell_clearing(const struct poll *poll, const struct condition *condition,
			  const char *reason, char *text, size_t size)
{
	const struct alarm *alarm = &condition->alarm;
	char lasted[48] = "";
	uint64_t s;

	if (active_s(poll, condition, &s)) {
		memcpy(lasted, " for ", sizeof(" for "));
		tell_duration(lasted + strlen(lasted), sizeof(lasted) - strlen(lasted), s);
	}
	snprintf(text, size, "%s%s%s; it had been %s%s", alarm->wan_name,
		 *alarm->wan_name ? ": " : "", reason, cause_words[alarm->cause], lasted);
}

/*
 * --- transitions -------------------------------------------------------------------------------
 */

/* A row about an alarm, but for its text. wan: NULL for the host and for one that is forgotten. */
static struct alarm_record *add_row(struct poll *poll, const struct alarm *alarm,
				    const struct wan *wan, enum transition transition)
{
	const struct host *host = &poll->snapshot->host;
	struct alarm_record *row = &poll->rows[poll->row_count++];

	/* No octet of it is left to chance: the same poll gives the same row. */
	memset(row, 0, sizeof(*row));
	row->sequence = poll->before->sequence + (uint32_t)poll->row_count;
	row->epoch = poll->before->epoch;
	row->transition = transition;
	row->time_s = wall_s(poll->snapshot);
	row->wan_index = alarm->wan_index;
	row->type = alarm->type;
	row->cause = alarm->cause;
	row->severity = alarm->severity;
	row->state = WAN_UNKNOWN;
	row->raised_by = alarm->sequence;
	row->wans_carrying = host->wans_carrying;
	row->wans_joined = host->wans_joined;
	row->wans_configured = host->wans_configured;
	memcpy(row->wan_name, alarm->wan_name, sizeof(row->wan_name));
	if (wan) {
		row->ifindex = wan->ifindex;
		row->state = wan->state;
		row->subflows = wan->subflows;
		row->share_in = wan->share_in;
		row->share_out = wan->share_out;
		memcpy(row->wan_label, wan->label, sizeof(row->wan_label));
	} else if (alarm->type >= ALARM_HOST) {
		row->subflows = host->subflows.known ? host->subflows.value : 0;
	}
	poll->dirty = true;
	return row;
}

/* The finding of this moment is what the alarm says. */
static void explain(struct condition *condition, const struct finding *finding)
{
	struct alarm *alarm = &condition->alarm;

	alarm->cause = finding->cause;
	alarm->severity = finding->severity;
	if (condition->worst < finding->severity)
		condition->worst = finding->severity;
	tell_finding(alarm->text, sizeof(alarm->text), finding);
}

static void raise_alarm(struct poll *poll, struct condition *condition, const struct wan *wan,
			const struct finding *finding)
{
	struct alarm *alarm = &condition->alarm;
	struct alarm_record *row;

	condition->active = true;
	condition->worst = SEVERITY_NONE;
	condition->raised_ms = poll->moment.now_ms;
	explain(condition, finding);
	alarm->sequence = poll->before->sequence + (uint32_t)poll->row_count + 1;
	alarm->raised_s = wall_s(poll->snapshot);
	alarm->flapping = condition_flapping(condition, &poll->moment);
	row = add_row(poll, alarm, wan, ALARM_RAISED);
	memcpy(row->text, alarm->text, strlen(alarm->text) + 1);
}

static void renew_alarm(struct poll *poll, struct condition *condition, const struct wan *wan,
			const struct finding *finding)
{
	struct alarm *alarm = &condition->alarm;
	uint32_t cause = alarm->cause, severity = alarm->severity, worst = condition->worst;
	struct alarm_record *row;

	explain(condition, finding);
	/* The text alone is not worth a write to the disk: it is found again. */
	poll->dirty |= alarm->cause != cause || alarm->severity != severity;
	if (condition->worst == worst)
		return;
	row = add_row(poll, alarm, wan, ALARM_WORSENED);
	memcpy(row->text, alarm->text, strlen(alarm->text) + 1);
}

static void clear_alarm(struct poll *poll, struct condition *condition, const struct wan *wan,
			const char *reason)
{
	struct alarm_record *row = add_row(poll, &condition->alarm, wan, ALARM_CLEARED);

	tell_clearing(poll, condition, reason, row->text, sizeof(row->text));
	condition_cleared(condition, &poll->moment);
}

/*
 * --- one condition at a time -------------------------------------------------------------------
 */

/*
 * The WAN that an alarm of before is about: of its name, else the one that has its index by now,
 * for a WAN that is configured under a new name keeps it. NULL: of none, or of the host.
 */
static const struct wan *wan_of(const struct snapshot *snapshot, const struct alarm *alarm)
{
	for (size_t i = 0; i < snapshot->wan_count; i++)
		if (!strcmp(snapshot->wans[i].name, alarm->wan_name))
			return &snapshot->wans[i];
	return *alarm->wan_name ? snapshot_wan(snapshot, alarm->wan_index) : NULL;
}

static const struct condition *find(const struct poll *poll, const struct wan *wan, uint32_t type)
{
	for (size_t i = 0; i < poll->before->count; i++) {
		const struct condition *condition = &poll->before->conditions[i];

		if (condition->alarm.type == type &&
		    wan_of(poll->snapshot, &condition->alarm) == wan)
			return condition;
	}
	return NULL;
}

static bool shelved(const struct settings *settings, const struct wan *wan, uint32_t type)
{
	if (!wan)
		return settings->shelved_host & UINT32_C(1) << (type - ALARM_HOST);
	for (size_t i = 0; i < settings->wan_count; i++)
		if (!strcmp(settings->wans[i].name, wan->name))
			return settings->wans[i].shelved & UINT32_C(1) << type;
	return false;
}

static struct reading read_condition(const struct poll *poll, const struct condition *before,
				     const struct wan *wan, uint32_t type)
{
	const struct reading *last = NULL;

	if (poll->frozen)
		return (struct reading){ .evidence = EVIDENCE_NONE };
	if (!wan)
		return reading_of_host(poll->snapshot, type - ALARM_HOST);
	if (before && before->last_for.evidence == EVIDENCE_FOR)
		last = &before->last_for;
	return reading_of_wan(poll->snapshot, wan, type, last);
}

static void advance(struct poll *poll, struct condition *condition, const struct wan *wan,
		    const struct reading *reading)
{
	condition_take(condition, reading, &poll->moment);
	if (condition->active && !condition->alarm.flapping &&
	    condition_flapping(condition, &poll->moment)) {
		condition->alarm.flapping = true;
		poll->dirty = true;
	}
	if (reading->evidence == EVIDENCE_FOR && condition->active)
		renew_alarm(poll, condition, wan, reading->finding);
	else if (reading->evidence == EVIDENCE_FOR && condition_due(condition, &poll->moment))
		raise_alarm(poll, condition, wan, reading->finding);
	else if (reading->evidence == EVIDENCE_AGAINST && condition->active &&
		 condition_over(condition, &poll->moment))
		clear_alarm(poll, condition, wan, reading->reason);
}

/* Of the host when wan is NULL. */
static void consider(struct poll *poll, const struct wan *wan, uint32_t type)
{
	const struct condition *before = find(poll, wan, type);
	struct reading reading = read_condition(poll, before, wan, type);
	struct condition *condition = &poll->conditions[poll->count];

	if (!before && reading.evidence != EVIDENCE_FOR)
		return;
	if (before)
		*condition = *before;
	else
		*condition = (struct condition){ .alarm = { .type = type } };
	if (wan)
		memcpy(condition->alarm.wan_name, wan->name, sizeof(wan->name));
	condition->alarm.wan_index = wan ? wan->index : 0;
	condition->present = true;
	if (shelved(poll->moment.settings, wan, type)) {
		if (condition->active)
			clear_alarm(poll, condition, wan, "shelved by configuration");
		return;
	}
	advance(poll, condition, wan, &reading);
	if (condition_spent(condition, &poll->moment))
		return;
	poll->count++;
}

/* Conditions of WANs that the snapshot does not know. */
static void consider_forgotten(struct poll *poll)
{
	for (size_t i = 0; i < poll->before->count; i++) {
		const struct condition *before = &poll->before->conditions[i];
		struct condition *condition = &poll->conditions[poll->count];
		bool known = !*before->alarm.wan_name ||
			     wan_of(poll->snapshot, &before->alarm);

		if (known)
			continue;
		*condition = *before;
		condition->present = false;
		/* After a start its interface may still come. */
		if (poll->frozen)
			poll->count++;
		else if (condition->active)
			clear_alarm(poll, condition, NULL, "forgotten");
	}
}

/*
 * --- a poll ------------------------------------------------------------------------------------
 */

static bool unknown_everywhere(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->wan_count; i++)
		if (snapshot->wans[i].state != WAN_UNKNOWN)
			return false;
	return snapshot->wan_count > 0;
}

/*
 * Polls that must pass before anything counts. One at which every line is unknown is not among
 * them: what the host says then may be why.
 */
static uint32_t settling_of(const struct alarms *alarms, const struct snapshot *snapshot)
{
	if (snapshot->host.polls <= POLLS_LEAST)
		return 1;
	return alarms->settling && !unknown_everywhere(snapshot) ? alarms->settling : 0;
}

/*
 * Time that counts as evidence: after a stop no more than two intervals, by the greater one where the
 * interval has just changed.
 */
static uint64_t elapsed_ms(const struct alarms *alarms, const struct snapshot *snapshot)
{
	const uint32_t now_ms = snapshot->host.interval_ms, before_ms = alarms->interval_ms;
	uint64_t most_ms = 2 * (uint64_t)(now_ms > before_ms ? now_ms : before_ms), ms;

	if (!alarms->taken_ms || snapshot->taken_ms < alarms->taken_ms)
		return 0;
	ms = snapshot->taken_ms - alarms->taken_ms;
	return ms < most_ms ? ms : most_ms;
}

/* How many rows fall out of the log undelivered when it gains so many. */
static uint64_t lost_by(const struct alarms *alarms, size_t count)
{
	size_t kept = alarms->log ? alarms->log->count : 0;
	uint32_t delivered = alarms_delivered_to(alarms), first, fallen;

	if (kept + count <= ALARM_LOG_MOST)
		return 0;
	fallen = (uint32_t)(kept + count - ALARM_LOG_MOST);
	first = alarms->log->rows[0].sequence;
	if (delivered < first)
		return fallen;
	return delivered - first + 1 < fallen ? fallen - (delivered - first + 1) : 0;
}

/* The poll takes the place of what was. Returns 0 or -ENOMEM, with nothing changed. */
static int commit(struct alarms *alarms, struct poll *poll, struct snapshot *snapshot)
{
	struct alarm_log *log = NULL;
	struct alarm *list = NULL;
	size_t active = 0;

	for (size_t i = 0; i < poll->count; i++)
		active += condition_listed(&poll->conditions[i]);
	if (active) {
		list = malloc(active * sizeof(*list));
		if (!list)
			return -ENOMEM;
	}
	if (poll->row_count) {
		log = alarm_log_append(alarms->log, poll->rows, poll->row_count);
		if (!log) {
			free(list);
			return -ENOMEM;
		}
		alarms->lost += lost_by(alarms, poll->row_count);
		alarm_log_release(alarms->log);
		alarms->log = log;
		alarms->sequence += (uint32_t)poll->row_count;
	}
	snapshot->alarms = list;
	snapshot->alarm_count = active;
	for (size_t i = 0; i < poll->count; i++)
		if (condition_listed(&poll->conditions[i]))
			*list++ = poll->conditions[i].alarm;
	alarms->dirty |= poll->dirty;
	free(alarms->conditions);
	alarms->conditions = NULL;
	alarms->count = poll->count;
	/* There was room for all that there might have been. */
	if (poll->count) {
		alarms->conditions =
			realloc(poll->conditions, poll->count * sizeof(*poll->conditions));
		if (!alarms->conditions)
			alarms->conditions = poll->conditions;
		poll->conditions = NULL;
	}
	return 0;
}

int alarms_update(struct alarms *alarms, struct snapshot *snapshot, const struct settings *settings)
{
	size_t most = alarms->count + 2 * snapshot->wan_count + CAUSE_DRIFT;
	uint32_t settling = settling_of(alarms, snapshot);
	struct poll poll = {
		.before = alarms,
		.snapshot = snapshot,
		.moment = { snapshot->taken_ms, elapsed_ms(alarms, snapshot), settings },
		.frozen = settling > 0,
		.conditions = malloc(most * sizeof(*poll.conditions)),
		.rows = malloc(most * sizeof(*poll.rows)),
	};
	int error = -ENOMEM;

	if (poll.conditions && poll.rows) {
		for (uint32_t cause = CAUSE_NONE + 1; cause <= CAUSE_DRIFT; cause++)
			consider(&poll, NULL, ALARM_HOST + cause);
		for (size_t i = 0; i < snapshot->wan_count; i++) {
			consider(&poll, &snapshot->wans[i], ALARM_UP_BUT_IDLE);
			consider(&poll, &snapshot->wans[i], ALARM_LINE_DOWN);
		}
		consider_forgotten(&poll);
		error = commit(alarms, &poll, snapshot);
	}
	if (!error) {
		alarms->taken_ms = snapshot->taken_ms;
		alarms->interval_ms = snapshot->host.interval_ms;
		alarms->settling = unknown_everywhere(snapshot) ? POLLS_LEAST
				   : settling			? settling - 1
								: 0;
	}
	columns_tell(alarms, snapshot);
	free(poll.conditions);
	free(poll.rows);
	return error ? error : (int)poll.row_count;
}

/*
 * --- what is written and told elsewhere --------------------------------------------------------
 */

bool alarms_dirty(const struct alarms *alarms)
{
	return alarms->dirty;
}

void alarms_saved(struct alarms *alarms)
{
	alarms->dirty = false;
}

uint32_t alarms_sequence(const struct alarms *alarms)
{
	return alarms->sequence;
}

void alarms_delivered(struct alarms *alarms, uint32_t sequence)
{
	uint32_t before = atomic_load_explicit(&alarms->delivered, memory_order_relaxed);

	while (before < sequence &&
	       !atomic_compare_exchange_weak_explicit(&alarms->delivered, &before, sequence,
						      memory_order_release, memory_order_relaxed))
		;
}

uint32_t alarms_delivered_to(const struct alarms *alarms)
{
	return atomic_load_explicit(&alarms->delivered, memory_order_acquire);
}
