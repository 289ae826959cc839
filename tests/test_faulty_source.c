/* SPDX-License-Identifier: MIT */
/*
 * Each call that a monitor makes fails once, in each way that there is, and no other does: a day of a
 * site in short, and captures of this kernel in all three modes of accounting. Whatever fails, no counter
 * steps, nothing is told that is not so, no alarm comes or goes, and two polls later all is as if nothing
 * had been.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/finding.h"
#include "lib/metrics.h"
#include "tests/story.h"
#include "tests/tap.h"
#include "tests/tape.h"

static const struct fault faults[] = {
	{ "ENOBUFS", FAULT_AT_ONCE, -ENOBUFS, 1 },
	{ "EBUSY", FAULT_AT_ONCE, -EBUSY, 1 },
	{ "ENOMEM", FAULT_AT_ONCE, -ENOMEM, 1 },
	{ "ETIMEDOUT", FAULT_HALFWAY, -ETIMEDOUT, 1 },
	{ "EINTR", FAULT_AT_THE_END, -EINTR, 1 },
	{ "EINTR again and again", FAULT_HALFWAY, -EINTR, 5 },
	{ "DONE < 0 halfway", FAULT_HALFWAY, -ENOMEM, 1 },
	{ "DONE < 0 at the end", FAULT_AT_THE_END, -EBUSY, 1 },
	{ "truncated", FAULT_CUT, -EBADMSG, 1 },
	{ "overrun", FAULT_OVERRUN, -ENOBUFS, 1 },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]), POLLS_MOST = 64, STEPS_MOST = 256, TOLD_MOST = 20 };
/*
 * After a poll at which nothing could be said two more must agree before an alarm comes or goes, and that
 * poll does not count for how long it has been so: as many polls later it may be.
 */
enum { ALARM_LATE = 4, ENOUGH = 10 };

struct trial {
	struct tape *tape;
	struct settings settings;
	bool is_poll[STEPS_MOST];		/* else a pump; the first step is neither */
	size_t steps, polls;
	const struct snapshot *truth[POLLS_MOST];	/* of the undisturbed play */
	size_t window;				/* polls that rates and shares remember */
};

/* A play of which one call fails. */
struct run {
	const struct trial *trial;
	const struct fault *fault;
	size_t call, poll;			/* which call failed, and in which poll */
	const struct snapshot *last;
	unsigned int wrong;
	size_t rows_judged;			/* of the alarm log */
};

static unsigned int complaints;

__attribute__((format(printf, 2, 3))) static void complain(struct run *run, const char *format, ...)
{
	va_list args;

	run->wrong++;
	if (complaints++ >= TOLD_MOST)
		return;
	printf("# call %zu (%s, poll %zu), %s: ", run->call, tape_failed_call(run->trial->tape),
	       run->poll, run->fault->name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/*
 * --- what must hold ----------------------------------------------------------------------------
 */

/* What tells of the failure itself, or of the moment. */
static bool tells_of_failures(const struct metric *metric)
{
	static const char *const keys[] = { "poll_errors", "last_error", "events_lost",
					    "truncated_subflows", "accounting", "accounting_reason",
					    "poll_duration_us", "age_s" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return false;
}

static bool is_rate(const struct metric *metric)
{
	return strstr(metric->key, "_kbps") || strstr(metric->key, "share_") ||
	       strstr(metric->key, "ratio") || strstr(metric->key, "cpu_");
}

/* Made of several polls. */
static bool is_of_a_window(const struct metric *metric)
{
	static const char *const keys[] = { "state", "cause", "cause_text", "route_ifindex",
					    "wans_carrying", "connections_eligible", "pressed" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return is_rate(metric);
}

/* How long it has been in a state; one that was unknown for a poll was that long in no other. */
static bool is_of_time(const struct metric *metric)
{
	size_t len = strlen(metric->key);

	return metric->meaning == STAMP || metric->meaning == AGE || metric->meaning == DATE ||
	       (metric->meaning == COUNTER && !strcmp(metric->key + len - 2, "_s"));
}

/*
 * Events that were lost are lost, and so is what nobody looks at in time where not all of it is told:
 * totals may be less from then on.
 */
static bool may_lose(const struct run *run)
{
	const char *call = tape_failed_call(run->trial->tape);

	return !strcmp(call, "drain") || !strcmp(call, "opening") ||
	       run->trial->truth[0]->host.accounting != ACCOUNTING_EXACT;
}

struct sample { bool has; struct metric_value value; };

static bool is_of_alarms(const struct metric *metric)
{
	static const char *const keys[] = { "alarm", "alarm_severity", "alarm_sequence", "worst_severity",
					    "notifications_pending", "wans_in_alarm" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(metric->key, keys[i]))
			return true;
	return false;
}

/* One metric in this run, at this poll and the one before, and in truth at both. */
struct quartet {
	struct sample now, last, truth, before;
	struct sample most;	/* a counter that has more steps beyond the truth */
	bool lately;		/* the truth was so within the window, and this is made of that */
};

static struct sample read_of(const struct metric *metric, const char *row)
{
	struct sample sample = { 0 };

	sample.has = row && metric_read(metric, row, &sample.value);
	return sample;
}

static bool same(const struct sample *a, const struct sample *b)
{
	if (!a->has || !b->has)
		return a->has == b->has;
	if (a->value.text && b->value.text)
		return !strcmp(a->value.text, b->value.text);
	return a->value.number == b->value.number;
}

static void judge_counter(struct run *run, const struct metric *metric, const char *name,
			  const struct quartet *of)
{
	bool begins_anew = of->before.has && of->truth.has &&
			   of->truth.value.number < of->before.value.number;

	if (!of->now.has)
		return;
	if (of->last.has && of->now.value.number < of->last.value.number && !begins_anew)
		complain(run, "%s %s fell from %" PRIu64 " to %" PRIu64, name, metric->key,
			 of->last.value.number, of->now.value.number);
	if (of->most.has && of->now.value.number > of->most.value.number && !is_of_time(metric))
		complain(run, "%s %s is %" PRIu64 ", in truth %" PRIu64, name, metric->key,
			 of->now.value.number, of->truth.value.number);
}

static bool is_unknown(const struct metric *metric, const struct sample *sample)
{
	if (!sample->has)
		return true;
	return (!strcmp(metric->key, "state") && sample->value.number == WAN_UNKNOWN) ||
	       (!strcmp(metric->key, "cause") && sample->value.number == CAUSE_NONE);
}

/* Of now, of the last poll, or unknown; and soon what it is in truth. */
static void judge_metric(struct run *run, size_t poll, const struct metric *metric,
			 const char *name, const struct quartet *of)
{
	size_t settled = run->poll + (is_of_a_window(metric) ? run->trial->window : 0);

	/* The program in the kernel is not tried again, and what is seen otherwise is seen later. */
	if (!strcmp(tape_failed_call(run->trial->tape), "opening") && is_rate(metric))
		return;

	/* An index is by the order of sight. */
	if (tells_of_failures(metric) || is_of_alarms(metric) || !strcmp(metric->key, "wan_index"))
		return;
	if (metric->meaning == COUNTER)
		judge_counter(run, metric, name, of);
	if (same(&of->now, &of->truth) || is_of_time(metric) ||
	    (metric->meaning == COUNTER && may_lose(run)))
		return;
	if (poll > settled + 1)
		complain(run, "%s %s at poll %zu is %s%" PRIu64 " %s, in truth %s%" PRIu64 " %s", name,
			 metric->key, poll, of->now.has ? "" : "absent ", of->now.value.number,
			 of->now.value.text ? of->now.value.text : "", of->truth.has ? "" : "absent ",
			 of->truth.value.number, of->truth.value.text ? of->truth.value.text : "");
	else if (of->before.has && metric->meaning != TEXT && metric->meaning != COUNTER &&
		 !is_unknown(metric, &of->now) && !is_rate(metric) && !same(&of->now, &of->before) &&
		 !same(&of->now, &of->last) && !of->lately)
		complain(run, "%s %s at poll %zu is %" PRIu64 ", in truth %" PRIu64 ", before %" PRIu64,
			 name, metric->key, poll, of->now.value.number, of->truth.value.number,
			 of->before.value.number);
}

static const char *row_of(const struct snapshot *snapshot, const struct metric_table *table,
			  const char *like)
{
	size_t count = 0;
	const char *row = snapshot ? metric_rows(snapshot, table, &count) : NULL;

	for (size_t i = 0; i < count; i++, row += table->row_size)
		if (table == &metric_tables[TABLE_HOST] ||
		    (table == &metric_tables[TABLE_WAN] &&
		     !strcmp(((const struct wan *)row)->name, ((const struct wan *)like)->name)) ||
		    (table == &metric_tables[TABLE_ENDPOINT] &&
		     ((const struct endpoint *)row)->id == ((const struct endpoint *)like)->id))
			return row;
	return NULL;
}

static const char *name_of(const struct metric_table *table, const char *row)
{
	return table == &metric_tables[TABLE_WAN] ? ((const struct wan *)row)->name : table->name;
}

static bool was_so_lately(const struct run *run, size_t poll, const struct metric_table *table,
			  const struct metric *metric, const char *row)
{
	struct sample now = read_of(metric, row);

	for (size_t i = 0; i <= run->trial->window && i <= poll; i++) {
		const char *then = row_of(run->trial->truth[poll - i], table, row);
		struct sample truth = read_of(metric, then);

		if (then && same(&now, &truth))
			return is_of_a_window(metric);
	}
	return false;
}

/* Each row of the truth; one that this run has had is still there, for as long as in truth. */
static void judge_table(struct run *run, size_t poll, const struct metric_table *table,
			const struct snapshot *now)
{
	size_t count;
	const char *truth = metric_rows(run->trial->truth[poll], table, &count);

	for (size_t i = 0; i < count; i++, truth += table->row_size) {
		const char *before = row_of(poll ? run->trial->truth[poll - 1] : NULL, table, truth);
		const char *row = row_of(now, table, truth), *last = row_of(run->last, table, truth);

		if (!row && (last || poll > run->poll + 1))
			complain(run, "%s is not there at poll %zu", name_of(table, truth), poll);
		for (size_t k = 0; row && k < table->count; k++) {
			const struct metric *metric = &table->metrics[k];
			struct quartet of = { .now = read_of(metric, row),
					      .last = read_of(metric, last),
					      .truth = read_of(metric, truth),
					      .before = read_of(metric, before) };

			of.most = of.truth;
			/* An ending that may come late is waited for by dumps, and one was repeated. */
			if (!strncmp(metric->key, "subflows_", 9) && poll + 1 < run->trial->polls)
				of.most = read_of(metric, row_of(run->trial->truth[poll + 1], table, truth));
			if (!same(&of.now, &of.truth))
				of.lately = was_so_lately(run, poll, table, metric, row);
			judge_metric(run, poll, metric, name_of(table, truth), &of);
		}
	}
}

static size_t rows_in_truth(const struct run *run, size_t poll)
{
	const struct alarm_log *log = run->trial->truth[poll]->alarm_log;

	return log ? log->count : 0;
}

/* Nothing but what comes to pass in truth, in that order: perhaps later, and never sooner. */
static void judge_alarms(struct run *run, size_t poll, const struct snapshot *now)
{
	const struct alarm_log *log = now->alarm_log, *truth = run->trial->truth[poll]->alarm_log;
	size_t count = log ? log->count : 0;

	for (size_t i = run->rows_judged; i < count; i++) {
		const struct alarm_record *row = &log->rows[i], *like = NULL;

		if (i < rows_in_truth(run, poll))
			like = &truth->rows[i];
		if (!like || row->transition != like->transition || row->type != like->type ||
		    row->cause != like->cause || strcmp(row->wan_name, like->wan_name))
			complain(run, "at poll %zu %s %s: %s %s", poll,
				 row->transition == ALARM_RAISED ? "raised" : "changed", row->wan_name,
				 alarm_type_words[row->type], cause_words[row->cause]);
	}
	run->rows_judged = count;
	if (poll >= ALARM_LATE && count < rows_in_truth(run, poll - ALARM_LATE))
		complain(run, "%zu rows of the alarm log at poll %zu, in truth %zu", count, poll,
			 rows_in_truth(run, poll));
}

static void judge(struct run *run, size_t poll, const struct snapshot *now)
{
	judge_table(run, poll, &metric_tables[TABLE_HOST], now);
	judge_table(run, poll, &metric_tables[TABLE_WAN], now);
	judge_table(run, poll, &metric_tables[TABLE_ENDPOINT], now);
	judge_alarms(run, poll, now);
}

/*
 * --- trials ------------------------------------------------------------------------------------
 */

static struct monitor *watch(const struct trial *trial, struct source *source)
{
	static struct registry registry;

	registry_init(&registry);
	tape_step(trial->tape);
	return monitor_new(source, &trial->settings, &registry);
}

/* The poll that a step is, or comes before. */
static size_t poll_at(const struct trial *trial, size_t step)
{
	size_t poll = 0;

	for (size_t i = 1; i < step && i < trial->steps; i++)
		poll += trial->is_poll[i];
	return poll;
}

/* Plays it, up to some polls after the failure; each snapshot goes to `fn`, which releases it. */
static void play(const struct trial *trial, size_t call, const struct fault *fault,
		 void (*fn)(void *arg, size_t poll, const struct snapshot *), void *arg)
{
	struct monitor *monitor = watch(trial, tape_play(trial->tape, call, fault));
	size_t poll = 0;

	for (size_t i = 1; i < trial->steps; i++) {
		if (poll > poll_at(trial, tape_failed_step(trial->tape)) + ENOUGH)
			break;
		tape_step(trial->tape);
		if (trial->is_poll[i])
			fn(arg, poll++, monitor_poll(monitor));
		else
			monitor_pump(monitor);
	}
	monitor_free(monitor);
}

static void keep_truth(void *arg, size_t poll, const struct snapshot *snapshot)
{
	((struct trial *)arg)->truth[poll] = snapshot;
}

static void judge_and_release(void *arg, size_t poll, const struct snapshot *snapshot)
{
	struct run *run = arg;

	run->poll = poll_at(run->trial, tape_failed_step(run->trial->tape));
	if (poll >= run->poll)
		judge(run, poll, snapshot);
	snapshot_release(run->last);
	run->last = snapshot;
}

static size_t polls_in(const struct settings *settings, uint32_t ms)
{
	return (ms + settings->interval_ms - 1) / settings->interval_ms;
}

static void fail_everywhere(struct trial *trial, const char *name)
{
	size_t calls, points = 0, wrong = 0;

	trial->window = polls_in(&trial->settings, trial->settings.window_ms) + 1;

	play(trial, 0, NULL, keep_truth, trial);
	calls = tape_calls(trial->tape);
	for (size_t call = 1; call <= calls; call++)
		for (size_t i = 0; i < FAULTS; i++, points++) {
			struct run run = { .trial = trial, .fault = &faults[i], .call = call };

			play(trial, call, &faults[i], judge_and_release, &run);
			snapshot_release(run.last);
			wrong += run.wrong > 0;
		}
	printf("# %s: %zu calls in %zu polls, %d faults each: %zu points\n", name, calls, trial->polls,
	       FAULTS, points);
	is_u64(wrong, 0, "%s: nothing is wrong for any of them", name);
	for (size_t i = 0; i < trial->polls; i++)
		snapshot_release(trial->truth[i]);
	tape_free(trial->tape);
}

static void step(struct trial *trial, bool is_poll)
{
	tape_step(trial->tape);
	trial->is_poll[trial->steps++] = is_poll;
	trial->polls += is_poll;
}

/*
 * A line without carrier, one that dials anew, one that a tracker takes and gives back, connections
 * that come and go.
 */
static void happen(struct site *site, struct site_connection **tunnel, size_t poll)
{
	switch (poll) {
	case 0:
	case 26:
		site_close(site, tunnel);
		*tunnel = site_connect(site);
		(*tunnel)->in_kbps = (*tunnel)->out_kbps = 4000;
		break;
	case 4:
		site_line(site, "wan3")->carrier = false;
		break;
	case 12:
		site_line(site, "wan3")->carrier = true;
		break;
	case 15:
		site_hang_up(site, "wan2");
		break;
	case 17:
		site_dial(site, "wan2");
		break;
	case 21:
		site_withdraw(site, "wan5");
		break;
	case 22:
		site_give_back(site, "wan5");
		break;
	}
	if (poll % 3 == 1)
		site_short_ones(site, 2);
}

static void set(struct settings *settings, char *words)
{
	char why[WHY_LEN], *rest = words, *word;

	settings_default(settings);
	while ((word = strtok_r(rest, " \n", &rest))) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		if (settings_set(settings, word, value, why))
			abort();
	}
}

static void a_site(void)
{
	enum { POLLS = 32 };
	static struct site site;
	static struct trial trial;
	struct site_connection *tunnel = NULL;
	struct monitor *monitor;
	char words[] = "window=15s pressure-window=15s raise-after=15s clear-after=10s join-grace=5s";

	site_boot(&site, UINT64_C(1795305600));
	set(&trial.settings, words);
	trial.tape = tape_new();
	trial.steps = 1;
	monitor = watch(&trial, tape_record(trial.tape, &site.fake->source));
	for (size_t poll = 0; poll < POLLS; poll++) {
		happen(&site, &tunnel, poll);
		site_pass(&site, poll ? POLL_S : 0);
		step(&trial, true);
		snapshot_release(monitor_poll(monitor));
	}
	monitor_free(monitor);
	fail_everywhere(&trial, "a site");
}

static char *read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	text[len] = '\0';
	return text;
}

static void a_capture(const char *name)
{
	static struct trial trial;
	const char *srcdir = getenv("srcdir") ? getenv("srcdir") : ".";
	char path[] = "/tmp/test_faulty.XXXXXX", text[512];
	struct source *replay;
	struct monitor *monitor;
	enum replay_step next;
	int fd = mkstemp(path);

	snprintf(text, sizeof(text), "gzip -dc '%s/tests/scenarios/%s/capture.gz' >%s", srcdir, name, path);
	if (system(text))
		abort();
	trial = (struct trial){ .tape = tape_new(), .steps = 1 };
	snprintf(text, sizeof(text), "%s/tests/scenarios/%s/settings", srcdir, name);
	set(&trial.settings, read_text(text, text, sizeof(text)));
	replay = source_replay_open(path, NULL);
	monitor = watch(&trial, tape_record(trial.tape, replay));
	while ((next = source_replay_next(replay)) != REPLAY_END) {
		step(&trial, next == REPLAY_POLL);
		if (next == REPLAY_POLL)
			snapshot_release(monitor_poll(monitor));
		else
			monitor_pump(monitor);
	}
	monitor_free(monitor);
	close(fd);
	unlink(path);
	fail_everywhere(&trial, name);
}

int main(void)
{
	a_site();
	a_capture("subflow-limit-exact");
	a_capture("subflow-limit-events");
	a_capture("subflow-limit-sampled");
	return tap_done();
}
