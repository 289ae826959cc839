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
#include "tests/story.h"
#include "tests/tap.h"
#include "tests/trial.h"

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
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };
/* Polls after the failure. */
enum { ENOUGH = 10 };

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
		trial_judge(run, poll, snapshot);
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
