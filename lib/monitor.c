/* SPDX-License-Identifier: MIT */
/*
 * The order of a poll is what makes the accounting exact:
 *   drain the streams, read the subflows, drain again, and only then enter what was read.
 * Whatever ended before its row was read is known by then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/answer.h"
#include "lib/fixed.h"
#include "lib/monitor.h"
#include "lib/owner.h"
#include "lib/refresh.h"
#include "lib/routes.h"
#include "lib/streams.h"

enum {
	REOPEN_MS = 30 * 1000,	/* between tries to get a stream that was refused */
	LINES_WAITED_FOR = 3	/* polls that may fail to read the lines before subflows are counted without */
};

struct monitor {
	struct source *source;
	struct settings settings;
	struct registry registry;
	struct addressbook *book;
	struct ledger *ledger;
	struct harvest harvest;
	struct refresh refresh;
	struct history history;
	struct alarms *alarms;
	struct streams streams;
	uint64_t tried_ms;		/* when we last tried to open those that were refused */
	uint64_t now_ms, wall_ms;	/* of the poll or pump under way */
	uint64_t since_ms, complete_ms, polls, poll_errors;
	uint64_t since_s;		/* since_ms by the wall clock, see tell_since() */
	uint32_t interval_ms;		/* in force */
	uint64_t lost_before;		/* events, by the last poll */
	uint64_t loss_told_ms;		/* until then a loss is told, whatever was read since */
};

/*
 * --- attribution -------------------------------------------------------------------------------
 */

static uint8_t owner_slot(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	struct monitor *monitor = arg;

	return owner_of_socket(&monitor->registry, monitor->book, local, bound_ifindex,
			       monitor->wall_ms / 1000);
}

static void seen(void *arg, const struct sight *sight)
{
	connections_see(&((struct monitor *)arg)->harvest.connections, sight);
}

/*
 * --- reasons -----------------------------------------------------------------------------------
 */

static const char *bpf_reason(const struct monitor *monitor)
{
	int error = monitor->streams.refused[STREAM_LIFE];

	/* By the owner, or by a look that is too short for it. */
	if (!monitor->settings.bpf)
		return "not used";
	return error == -ENOENT ? "this kernel has no BTF" : answer_reason(error);
}

static void append(char *text, size_t size, const char *what, const char *why)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s: %s", len ? "; " : "", what, why);
}

/*
 * Of the time since the poll before: a dump heals what comes after it, and brings nothing back. Two
 * polls may follow each other at once, after a stop, and whoever reads only the later one must see
 * it: half an interval, so that the next one in time does not.
 */
static enum accounting accounting_since(const struct monitor *monitor)
{
	if (ledger_events_lost(monitor->ledger) > monitor->lost_before ||
	    monitor->now_ms < monitor->loss_told_ms)
		return ACCOUNTING_SAMPLED;
	return ledger_accounting(monitor->ledger);
}

static void note_losses(struct monitor *monitor)
{
	uint64_t lost = ledger_events_lost(monitor->ledger);

	if (lost > monitor->lost_before)
		monitor->loss_told_ms = monitor->now_ms + monitor->interval_ms / 2;
	monitor->lost_before = lost;
}

static void explain_accounting(const struct monitor *monitor, char *reason, size_t size)
{
	enum accounting accounting = accounting_since(monitor);

	*reason = '\0';
	if (monitor->harvest.answers[Q_SUBFLOWS].error)
		append(reason, size, "subflows",
		       answer_reason(monitor->harvest.answers[Q_SUBFLOWS].error));
	if (accounting == ACCOUNTING_EXACT)
		return;
	if (!monitor->streams.open[STREAM_LIFE])
		append(reason, size, "BPF", bpf_reason(monitor));
	if (!monitor->streams.open[STREAM_LIFE] &&
	    !(monitor->streams.open[STREAM_CONNECTIONS] && monitor->streams.open[STREAM_ENDINGS]))
		append(reason, size, "netlink events",
		       !monitor->settings.events
			       ? "not used"
			       : answer_reason(monitor->streams.refused[STREAM_CONNECTIONS]
						   ? monitor->streams.refused[STREAM_CONNECTIONS]
						   : monitor->streams.refused[STREAM_ENDINGS]));
	if (ledger_over_bound(monitor->ledger))
		append(reason, size, "subflows", "more than may be followed");
	else if (accounting == ACCOUNTING_SAMPLED &&
		 (monitor->streams.open[STREAM_LIFE] || monitor->streams.open[STREAM_ENDINGS]))
		append(reason, size, "events", "some were lost, until the next poll");
}

static uint32_t explain_errors(const struct monitor *monitor, char *text, size_t size)
{
	uint32_t errors = 0;

	*text = '\0';
	for (size_t i = 0; i < QUESTIONS; i++) {
		/* Nothing rests on the load, and some containers hide it. */
		if (!monitor->harvest.answers[i].error || i == Q_LOAD)
			continue;
		errors++;
		append(text, size, answer_word(i), answer_reason(monitor->harvest.answers[i].error));
	}
	return errors;
}

/*
 * --- the poll ----------------------------------------------------------------------------------
 */

static void ask_links(struct monitor *monitor)
{
	struct harvest *harvest = &monitor->harvest;

	/* What was queued by now is older than the dump. */
	streams_drain_links(&monitor->streams, monitor->now_ms);
	addressbook_dump_begin(monitor->book);
	harvest_ask(harvest, monitor->source, Q_LINKS, monitor->book, monitor->now_ms);
	harvest_ask(harvest, monitor->source, Q_ADDRESSES, monitor->book, monitor->now_ms);
	if (!harvest->answers[Q_LINKS].error && !harvest->answers[Q_ADDRESSES].error)
		addressbook_dump_end(monitor->book, monitor->now_ms);
}

/*
 * The WAN of a subflow is fixed at first sight. While the lines could not be read, subflows wait, and what
 * is told of them; not for ever, where nobody may read them.
 */
static int lines_unread(const struct monitor *monitor)
{
	const struct harvest *harvest = &monitor->harvest;

	if (monitor->polls >= LINES_WAITED_FOR)
		return 0;
	if (!harvest->ever[Q_LINKS])
		return harvest->answers[Q_LINKS].error;
	return harvest->ever[Q_ADDRESSES] ? 0 : harvest->answers[Q_ADDRESSES].error;
}

static void drain(struct monitor *monitor)
{
	streams_drain(&monitor->streams, monitor->now_ms);
	if (!lines_unread(monitor))
		streams_enter(&monitor->streams);
}

static void ask_subflows(struct monitor *monitor)
{
	struct harvest *harvest = &monitor->harvest;

	drain(monitor);
	harvest->answers[Q_SUBFLOWS].error = lines_unread(monitor);
	if (harvest->answers[Q_SUBFLOWS].error)
		return;
	refresh_ask(&monitor->refresh, harvest, monitor->source, monitor->ledger,
		    &monitor->streams.attempts, monitor->now_ms);
	drain(monitor);
	ledger_dump_end(monitor->ledger, !harvest->answers[Q_SUBFLOWS].error, harvest->connections.fallback,
			harvest->connections.fallback_count, monitor->now_ms);
}

static void ask_everything(struct monitor *monitor)
{
	static const enum question plain[] = { Q_SYSCTLS, Q_LIMITS,	 Q_ENDPOINTS, Q_COUNTERS,
					       Q_LOAD,	  Q_CONNECTIONS };

	ask_links(monitor);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		harvest_ask(&monitor->harvest, monitor->source, plain[i], monitor->book,
			    monitor->now_ms);
	ask_subflows(monitor);
}

static void forget_slot(void *arg, int slot)
{
	ledger_clear_slot(((struct monitor *)arg)->ledger, (uint8_t)slot);
}

/* One poll or pump has one time. */
static void read_clocks(struct monitor *monitor, uint64_t now_us)
{
	monitor->now_ms = now_us / 1000;
	monitor->wall_ms = source_wall_ms(monitor->source);
}

/*
 * When the totals began is told once and stays, for managers take any change for a reset: neither
 * the rounding of two clocks nor a clock that is set later may move it. Not by a clock that has not
 * been set yet.
 */
static void tell_since(struct monitor *monitor)
{
	uint64_t age_ms = monitor->now_ms - monitor->since_ms;

	if (!monitor->since_s && monitor->wall_ms >= CLOCK_SET_S * 1000)
		monitor->since_s = (monitor->wall_ms - age_ms + 500) / 1000;
}

static struct snapshot *build(struct monitor *monitor)
{
	char reason[REASON_LEN];
	struct ingredients ingredients = {
		.harvest = &monitor->harvest,
		.registry = &monitor->registry,
		.book = monitor->book,
		.ledger = monitor->ledger,
		.settings = &monitor->settings,
		.accounting = accounting_since(monitor),
		.accounting_reason = reason,
		.joins_known = monitor->streams.open[STREAM_LIFE],
		.now_ms = monitor->now_ms,
		.wall_ms = monitor->wall_ms,
		.interval_ms = monitor->interval_ms,
		.since_ms = monitor->since_ms,
		.since_s = monitor->since_s,
	};
	struct snapshot *snapshot;
	uint32_t errors;

	explain_accounting(monitor, reason, sizeof(reason));
	snapshot = snapshot_build(&ingredients);
	if (!snapshot)
		return NULL;
	note_losses(monitor);
	errors = explain_errors(monitor, snapshot->host.last_error,
				sizeof(snapshot->host.last_error));
	monitor->polls++;
	monitor->poll_errors += errors;
	if (!errors)
		monitor->complete_ms = monitor->now_ms;
	snapshot->host.polls = monitor->polls;
	snapshot->host.poll_errors = monitor->poll_errors;
	snapshot->host.complete_ms = monitor->complete_ms;
	return snapshot;
}

static void reopen(struct monitor *monitor)
{
	monitor->tried_ms = monitor->now_ms;
	streams_open(&monitor->streams, false, monitor->settings.events);
}

const struct snapshot *monitor_poll(struct monitor *monitor)
{
	uint64_t begun_us = source_now_us(monitor->source);
	struct snapshot *snapshot;
	int error;

	read_clocks(monitor, begun_us);
	tell_since(monitor);
	if (monitor->now_ms - monitor->tried_ms >= REOPEN_MS)
		reopen(monitor);
	ask_everything(monitor);
	snapshot = build(monitor);
	if (!snapshot)
		return NULL;
	/* Not before it was built: that tells the registry who is present. */
	if (!monitor->harvest.answers[Q_LINKS].error)
		registry_expire(&monitor->registry, monitor->wall_ms / 1000, forget_slot, monitor);
	/* Without memory findings are missing, which raises and clears nothing; but it is told. */
	error = diagnose(snapshot, &monitor->history, &monitor->harvest, &monitor->settings);
	if (error)
		append(snapshot->host.last_error, sizeof(snapshot->host.last_error), "findings",
		       answer_reason(error));
	routes_ask(snapshot, monitor->source, monitor->ledger);
	/* Without memory they stay as they were, and the next poll tells. */
	(void)alarms_update(monitor->alarms, snapshot, &monitor->settings);
	snapshot->host.poll_duration_us = (uint32_t)(source_now_us(monitor->source) - begun_us);
	history_add(&monitor->history, snapshot, monitor->settings.window_ms,
		    monitor->settings.pressure_window_ms);
	return snapshot;
}

void monitor_pump(struct monitor *monitor)
{
	read_clocks(monitor, source_now_us(monitor->source));
	drain(monitor);
}

/*
 * --- settings ----------------------------------------------------------------------------------
 */

void monitor_configure(struct monitor *monitor, const struct settings *settings)
{
	struct settings fresh = *settings;

	fixed_keep(&fresh, &monitor->settings, NULL, 0);
	monitor->settings = fresh;
	monitor->interval_ms = fresh.interval_ms;
	registry_configure(&monitor->registry, &monitor->settings, forget_slot, monitor);
}

void monitor_pace(struct monitor *monitor, uint32_t interval_ms)
{
	monitor->interval_ms = interval_ms;
}

void monitor_remember(struct monitor *monitor, struct registry *before)
{
	registry_configure(before, &monitor->settings, NULL, NULL);
	if (registry_join(&monitor->registry, before))
		history_clear(&monitor->history);
}

const struct settings *monitor_settings(const struct monitor *monitor)
{
	return &monitor->settings;
}

/*
 * --- life of the monitor -----------------------------------------------------------------------
 */

/*
 * Two numberings must never have the same name: a clock that is set gives one, and before it is set
 * chance does, below any that a clock gives.
 */
static uint32_t alarm_epoch(const struct monitor *monitor)
{
	if (monitor->wall_ms >= CLOCK_SET_S * 1000)
		return (uint32_t)(monitor->wall_ms / 1000);
	return 1 + source_chance(monitor->source) % (uint32_t)(CLOCK_SET_S - 1);
}

struct monitor *monitor_new(struct source *source, const struct settings *settings,
			    const struct registry *registry)
{
	struct monitor *monitor = calloc(1, sizeof(*monitor));
	struct ledger_settings ledger = { .owner = owner_slot,
					  .seen = seen,
					  .subflows_most = settings->subflows_most };

	if (!monitor) {
		source_close(source);
		errno = ENOMEM;
		return NULL;
	}
	/* Early at boot there may be none: better a guessable seed than to wait. */
	if (getrandom(&ledger.seed, sizeof(ledger.seed), GRND_NONBLOCK) < 0)
		ledger.seed = (uintptr_t)monitor ^ (uint64_t)getpid();
	ledger.owner_arg = ledger.seen_arg = monitor;
	monitor->source = source;
	monitor->settings = *settings;
	monitor->interval_ms = settings->interval_ms;
	monitor->registry = *registry;
	registry_configure(&monitor->registry, settings, NULL, NULL);
	harvest_init(&monitor->harvest);
	read_clocks(monitor, source_now_us(source));
	monitor->book = addressbook_new();
	monitor->ledger = ledger_new(&ledger);
	monitor->alarms = alarms_new(alarm_epoch(monitor));
	if (!monitor->book || !monitor->ledger || !monitor->alarms) {
		monitor_free(monitor);
		errno = ENOMEM;
		return NULL;
	}
	monitor->since_ms = monitor->now_ms;
	tell_since(monitor);
	monitor->streams.source = source;
	monitor->streams.book = monitor->book;
	monitor->streams.ledger = monitor->ledger;
	monitor->tried_ms = monitor->now_ms;
	streams_open(&monitor->streams, settings->bpf, settings->events);
	return monitor;
}

void monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	alarms_free(monitor->alarms);
	history_clear(&monitor->history);
	harvest_free(&monitor->harvest);
	ledger_free(monitor->ledger);
	addressbook_free(monitor->book);
	source_close(monitor->source);
	streams_free(&monitor->streams);
	free(monitor);
}

size_t monitor_fds(const struct monitor *monitor, int fds[STREAMS])
{
	size_t count = 0;

	for (size_t i = 0; i < STREAMS; i++) {
		int fd = monitor->streams.open[i] ? source_fd(monitor->source, (enum stream)i) : -1;

		if (fd >= 0)
			fds[count++] = fd;
	}
	return count;
}

struct registry *monitor_registry(struct monitor *monitor)
{
	return &monitor->registry;
}

struct alarms *monitor_alarms(struct monitor *monitor)
{
	return monitor->alarms;
}
