/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/complain.h"
#include "cli/feed.h"
#include "cli/frame.h"
#include "cli/terminal.h"
#include "lib/clock.h"

enum {
	INTERVAL_MS = 2000,
	INTERVAL_LEAST_MS = 500,
	FIRST_RATES_MS = 1000, /* a look without rates does not stay longer */
	BATCH_MS = 100,	       /* what the kernel tells between polls is read so late, together */
	HOST_LEN = 65,
	SOURCE_LEN = 512,
	KEYS_LEN = 64,
};

struct watch_options {
	struct common_options common;
	uint32_t count; /* 0: a window, until somebody quits */
};

struct watch {
	struct watch_options options;
	struct feed feed;
	struct frame frame;
	struct frame_rows shown;
	struct trail *trail;
	struct screen screen;
	uint64_t due_ms; /* monotonic: the next look */
	bool quit;
	char host[HOST_LEN], source[SOURCE_LEN];
};

/*
 * --- looking -----------------------------------------------------------------------------------
 */

/* Rates are between two polls: after its first one, a look of our own has none. */
static bool has_rates(const struct watch *watch)
{
	return feed_from_agent(&watch->feed) || !watch->feed.snapshot ||
	       watch->feed.snapshot->host.polls > 1;
}

static void look_on(struct watch *watch)
{
	uint64_t wait_ms = watch->options.common.interval_ms;

	if (feed_update(&watch->feed, clock_wall_ms()))
		trail_add(watch->trail, watch->feed.snapshot, watch->feed.at_ms);
	watch->frame.snapshot = watch->feed.snapshot;
	if (!has_rates(watch) && wait_ms > FIRST_RATES_MS)
		wait_ms = FIRST_RATES_MS;
	watch->due_ms += wait_ms;
	/* What was missed is not made up for. */
	if (watch->due_ms < clock_now_ms())
		watch->due_ms = clock_now_ms() + wait_ms;
}

/* For the caller to free; NULL: no memory. */
static char *compose(struct watch *watch, size_t height)
{
	struct frame *frame = &watch->frame;

	frame->now_s = clock_wall_ms() / 1000;
	frame->interval_ms = watch->options.common.interval_ms;
	frame->source_style =
		feed_tell(&watch->feed, frame->now_s, watch->source, sizeof(watch->source));
	return frame_compose(frame, watch->screen.width, height, &watch->shown);
}

/* How long until the next look; -1: for ever. */
static int time_left(const struct watch *watch)
{
	uint64_t now_ms = clock_now_ms();

	if (watch->frame.paused)
		return -1;
	return now_ms < watch->due_ms ? (int)(watch->due_ms - now_ms) : 0;
}

/*
 * --- keys --------------------------------------------------------------------------------------
 */

static void quit(struct watch *watch)
{
	watch->quit = true;
}

static void pause_or_go_on(struct watch *watch)
{
	watch->frame.paused = !watch->frame.paused;
	watch->due_ms = clock_now_ms();
}

static void set_interval(struct watch *watch, uint32_t ms)
{
	watch->options.common.interval_ms = ms;
	watch->due_ms = clock_now_ms() + ms;
	feed_set_interval(&watch->feed, ms);
}

static const uint32_t steps_ms[] = { 500, 1000, 2000, 5000, 10000, 30000, 60000 };
enum { STEPS = sizeof(steps_ms) / sizeof(steps_ms[0]) };

static void longer(struct watch *watch)
{
	size_t i = 0;

	while (i < STEPS && steps_ms[i] <= watch->options.common.interval_ms)
		i++;
	if (i < STEPS)
		set_interval(watch, steps_ms[i]);
}

static void shorter(struct watch *watch)
{
	size_t i = STEPS;

	while (i > 0 && steps_ms[i - 1] >= watch->options.common.interval_ms)
		i--;
	if (i > 0)
		set_interval(watch, steps_ms[i - 1]);
}

static void sort_next(struct watch *watch)
{
	watch->frame.sort = (watch->frame.sort + 1) % FRAME_SORTS;
	watch->frame.first = 0;
}

static void turn(struct watch *watch)
{
	watch->frame.inward = !watch->frame.inward;
}

static void help(struct watch *watch)
{
	watch->frame.help = true;
}

static void redraw(struct watch *watch)
{
	(void)watch;
}

/* The composer keeps the last row on the screen. */
static void down(struct watch *watch)
{
	watch->frame.first++;
}

static void up(struct watch *watch)
{
	watch->frame.first -= watch->frame.first > 0;
}

static void page_down(struct watch *watch)
{
	watch->frame.first += watch->shown.count;
}

static void page_up(struct watch *watch)
{
	size_t page = watch->shown.count;

	watch->frame.first -= watch->frame.first < page ? watch->frame.first : page;
}

static void to_top(struct watch *watch)
{
	watch->frame.first = 0;
}

static void to_end(struct watch *watch)
{
	watch->frame.first = watch->shown.all;
}

static const struct {
	int key;
	void (*act)(struct watch *);
} keys[] = {
	{ 'q', quit },
	{ ' ', pause_or_go_on },
	{ '+', longer },
	{ '=', longer },
	{ '-', shorter },
	{ 's', sort_next },
	{ 'd', turn },
	{ 'h', help },
	{ '?', help },
	{ KEY_REDRAW, redraw },
	{ KEY_DOWN, down },
	{ 'j', down },
	{ KEY_UP, up },
	{ 'k', up },
	{ KEY_PAGE_DOWN, page_down },
	{ KEY_PAGE_UP, page_up },
	{ KEY_HOME, to_top },
	{ 'g', to_top },
	{ KEY_END, to_end },
	{ 'G', to_end },
};

static void take_key(struct watch *watch, int key)
{
	bool helped = watch->frame.help;

	watch->frame.help = false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key && (!helped || keys[i].act == quit))
			keys[i].act(watch);
}

static void take_keys(struct watch *watch)
{
	char octets[KEYS_LEN];
	size_t len = terminal_keys(octets, sizeof(octets)), used;
	int key;

	for (size_t at = 0; (key = key_of(octets + at, len - at, &used)) != KEY_NONE; at += used)
		take_key(watch, key);
}

/*
 * --- the window --------------------------------------------------------------------------------
 */

static void draw(struct watch *watch)
{
	char *text;

	watch->screen = screen_of(stdout, watch->options.common.color);
	text = compose(watch, watch->screen.height);
	/* Without memory the last one stays. */
	if (text)
		terminal_draw(text, watch->screen.width);
	watch->frame.first = watch->shown.first;
	free(text);
}

/* Returns what happened, having read what the kernel told meanwhile. */
static unsigned int wait(struct watch *watch)
{
	struct monitor *monitor = watch->feed.monitor;
	unsigned int happened;
	int fds[STREAMS];

	happened = terminal_wait(time_left(watch), fds, monitor ? monitor_fds(monitor, fds) : 0);
	if (!(happened & TERMINAL_OTHERS))
		return happened;
	happened |= terminal_wait(BATCH_MS, NULL, 0);
	monitor_pump(monitor);
	return happened & ~(unsigned int)TERMINAL_OTHERS;
}

static void run_window(struct watch *watch)
{
	unsigned int happened = TERMINAL_RESIZED;

	while (!watch->quit && !(happened & TERMINAL_END)) {
		bool due = !time_left(watch);

		if (due)
			look_on(watch);
		if (due || happened)
			draw(watch);
		happened = wait(watch);
		if (happened & TERMINAL_KEYS)
			take_keys(watch);
	}
}

static int show_window(struct watch *watch)
{
	const char *term = getenv("TERM");
	int error;

	if (!watch->screen.terminal || !term || !strcmp(term, "dumb")) {
		complain("watch needs a terminal %s(--count N writes N frames to anything)",
			 watch->screen.terminal ? "whose cursor can be moved " : "");
		return EXIT_FAILED;
	}
	error = terminal_open();
	if (error) {
		complain("no terminal: %s", strerror(-error));
		return EXIT_FAILED;
	}
	run_window(watch);
	terminal_close();
	return EXIT_DONE;
}

/*
 * --- frames, one after the other ---------------------------------------------------------------
 */

static void sleep_and_pump(struct watch *watch)
{
	struct monitor *monitor = watch->feed.monitor;
	struct pollfd fds[STREAMS];
	int numbers[STREAMS], left;

	while ((left = time_left(watch)) > 0) {
		size_t count = monitor ? monitor_fds(monitor, numbers) : 0;

		for (size_t i = 0; i < count; i++)
			fds[i] = (struct pollfd){ .fd = numbers[i], .events = POLLIN };
		if (poll(fds, count, left) <= 0)
			continue;
		poll(NULL, 0, left < BATCH_MS ? left : BATCH_MS);
		monitor_pump(monitor);
	}
}

static int show_frames(struct watch *watch)
{
	uint32_t count = 0;

	while (count < watch->options.count) {
		char *text;

		look_on(watch);
		if (!watch->feed.snapshot) {
			complain("cannot ask the kernel: %s", strerror(-watch->feed.look_error));
			return EXIT_FAILED;
		}
		if (has_rates(watch)) {
			text = compose(watch, FRAME_ENDLESS);
			printf("%s%s", count++ ? "\n" : "", text ? text : "");
			free(text);
			if (fflush(stdout) || count == watch->options.count)
				break;
		}
		sleep_and_pump(watch);
	}
	return EXIT_DONE;
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

/* The console of Linux has a font with but a few of the blocks, whatever the locale says. */
static bool draws_blocks(const struct screen *screen)
{
	const char *term = getenv("TERM");

	return screen->utf8 && !(screen->terminal && term && !strcmp(term, "linux"));
}

static int prepare(struct watch *watch)
{
	int status = feed_open(&watch->feed, &watch->options.common);

	if (status != EXIT_DONE)
		return status;
	watch->trail = trail_new();
	if (!watch->trail) {
		complain("%s", strerror(ENOMEM));
		feed_close(&watch->feed);
		return EXIT_FAILED;
	}
	gethostname(watch->host, sizeof(watch->host) - 1);
	watch->screen = screen_of(stdout, watch->options.common.color);
	watch->due_ms = clock_now_ms();
	watch->frame = (struct frame){
		.trail = watch->trail,
		.host = watch->host,
		.source = watch->source,
		.colour = watch->screen.colour,
		.utf8 = draws_blocks(&watch->screen),
	};
	return EXIT_DONE;
}

static int watch_run(const struct subcommand *self, int argc, char **argv)
{
	struct watch watch = { 0 };
	int rest, status;

	common_options_default(&watch.options.common);
	watch.options.common.interval_ms = INTERVAL_MS;
	status = options_parse(self, argc, argv, &watch.options, &rest);
	if (status >= 0)
		return status;
	status = prepare(&watch);
	if (status != EXIT_DONE)
		return status;
	status = watch.options.count ? show_frames(&watch) : show_window(&watch);
	feed_close(&watch.feed);
	free(watch.trail);
	return status;
}

static const struct option_row options_of_watch[] = {
	OPTION_EVERY("between two looks: 2, 2s, 500ms, 1m (2s)", struct common_options, interval_ms,
		     INTERVAL_LEAST_MS),
	{ 0,
	  "N",
	  "N frames of text one after the other, no window",
	  { .name = "count",
	    .kind = VALUE_NUMBER,
	    .least = 1,
	    .most = UINT32_MAX,
	    .offset = offsetof(struct watch_options, count) } },
	OPTION_NO_AGENT,
	OPTION_CONFIG,
	OPTION_RUN_DIR,
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand watch_subcommand = {
	.name = "watch",
	.what = "the WANs live, like top: rates, shares, the last minutes of each",
	.options = options_of_watch,
	.remarks =
		"It shows the agent's view as long as that is fresh, else a look of its own.\n"
		"Keys: q quits, space pauses, + and - change the interval, ? tells the others.\n",
	.run = watch_run,
};
