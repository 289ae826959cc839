/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/feed.h"
#include "cli/look.h"
#include "cli/units.h"

/*
 * --- the agent's file --------------------------------------------------------------------------
 */

/* The agent renames a whole file into place: a new one is another, or of another time. */
static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads it if it has changed. */
static void read_file(struct feed *feed)
{
	char path[PATH_LEN + sizeof("/status.json")];
	struct status status;
	struct stat file;

	snprintf(path, sizeof(path), "%s/status.json", feed->options->run_dir);
	if (stat(path, &file)) {
		file = (struct stat){ 0 };
		if (errno == ENOENT)
			*feed->why_file = '\0';
		else
			snprintf(feed->why_file, STATUS_WHY_LEN, "%s: %s", path, strerror(errno));
	} else if (same_file(&file, &feed->file)) {
		return;
	} else if (!status_read(path, &status, feed->why_file)) {
		if (feed->has_status)
			status_free(&feed->status);
		feed->status = status;
		feed->has_status = true;
		*feed->why_file = '\0';
	}
	feed->file = file;
}

static bool has_fresh_status(const struct feed *feed, uint64_t now_s)
{
	return feed->has_status && feed->file.st_ino && !*feed->why_file &&
	       view_fresh(&feed->status.snapshot, now_s);
}

static uint64_t file_ms(const struct stat *file)
{
	return (uint64_t)file->st_mtim.tv_sec * 1000 + (uint64_t)file->st_mtim.tv_nsec / 1000000;
}

/*
 * --- our own look ------------------------------------------------------------------------------
 */

static void stop_looking(struct feed *feed)
{
	snapshot_release(feed->looked);
	feed->looked = NULL;
	monitor_free(feed->monitor);
	feed->monitor = NULL;
	feed->look_error = 0;
}

/* Without a new snapshot the one before stays, and its age tells. */
static bool look_again(struct feed *feed, uint64_t now_ms)
{
	const struct snapshot *fresh;

	if (!feed->monitor) {
		feed->monitor = look_open(&feed->settings);
		feed->look_began_s = now_ms / 1000;
	}
	feed->look_error = feed->monitor ? 0 : -errno;
	if (!feed->monitor)
		return false;
	fresh = monitor_poll(feed->monitor);
	if (!fresh) {
		feed->look_error = -ENOMEM;
		return false;
	}
	snapshot_release(feed->looked);
	feed->looked = fresh;
	feed->snapshot = fresh;
	feed->at_ms = fresh->wall_ms;
	return true;
}

/*
 * --- either ------------------------------------------------------------------------------------
 */

bool feed_from_agent(const struct feed *feed)
{
	return feed->snapshot && feed->snapshot == &feed->status.snapshot;
}

bool feed_update(struct feed *feed, uint64_t now_ms)
{
	bool was_the_agents = feed_from_agent(feed);
	uint64_t file_before_ms = file_ms(&feed->file);

	if (!feed->options->no_agent)
		read_file(feed);
	if (!has_fresh_status(feed, now_ms / 1000))
		return look_again(feed, now_ms);
	feed->snapshot = &feed->status.snapshot;
	feed->at_ms = file_ms(&feed->file);
	stop_looking(feed);
	return !was_the_agents || feed->at_ms != file_before_ms;
}

void feed_set_interval(struct feed *feed, uint32_t ms)
{
	feed->settings.interval_ms = ms;
	if (feed->monitor)
		monitor_configure(feed->monitor, &feed->settings);
}

int feed_open(struct feed *feed, const struct common_options *options)
{
	*feed = (struct feed){ .options = options };
	if (view_settings_why(options, &feed->settings, feed->why_settings) == EXIT_DONE)
		return EXIT_DONE;
	complain("%s", feed->why_settings);
	return EXIT_FAILED;
}

void feed_close(struct feed *feed)
{
	stop_looking(feed);
	if (feed->has_status)
		status_free(&feed->status);
	*feed = (struct feed){ 0 };
}

/*
 * --- what is told of it ------------------------------------------------------------------------
 */

/* Why it is not the agent's; "" when nobody expected it to be. */
static void tell_missing(const struct feed *feed, uint64_t now_s, char why[STATUS_WHY_LEN])
{
	uint64_t taken_s = feed->has_status ? view_taken_s(&feed->status.snapshot) : 0;
	const char *run_dir = feed->options->run_dir;
	size_t len = strlen(run_dir);

	*why = '\0';
	if (feed->options->no_agent)
		return;
	/* The folder is known; a line has room for what is wrong. */
	if (*feed->why_file)
		snprintf(why, STATUS_WHY_LEN, "%s",
			 feed->why_file + (strncmp(feed->why_file, run_dir, len) ? 0 : len + 1));
	else if (feed->has_status && !feed->file.st_ino)
		strcpy(why, "the agent's file is gone");
	else if (feed->has_status && taken_s > now_s)
		strcpy(why, "the agent's file is of a time to come");
	else if (feed->has_status)
		snprintf(why, STATUS_WHY_LEN, "the agent's file is %" PRIu64 " s old",
			 now_s - taken_s);
}

static void tell_look(const struct feed *feed, uint64_t now_s, char *text, size_t size)
{
	uint64_t for_s = now_s > feed->look_began_s ? now_s - feed->look_began_s : 0;
	uint64_t grace_s = feed->settings.join_grace_ms / 1000 + 1;
	char states[48] = "";

	if (feed->look_error) {
		snprintf(text, size, "the kernel cannot be asked: %s", strerror(-feed->look_error));
		return;
	}
	if (for_s < grace_s)
		snprintf(states, sizeof(states), "; states need %" PRIu64 " s", grace_s);
	snprintf(text, size, "own look for %" PRIu64 " s%s%s%s%s", for_s, states,
		 feed->looked && view_not_permitted(feed->looked) ? "; root sees more" : "",
		 *feed->why_settings ? "; without " : "", feed->why_settings);
}

enum style feed_tell(const struct feed *feed, uint64_t now_s, char *line, size_t size)
{
	char why[STATUS_WHY_LEN], look[STATUS_WHY_LEN], interval[UNIT_LEN];
	uint64_t taken_s;

	if (feed_from_agent(feed) && !feed->look_error) {
		taken_s = view_taken_s(feed->snapshot);
		duration_text(feed->snapshot->host.interval_ms, interval);
		snprintf(line, size, "from the agent: its poll of %" PRIu64 " s ago, every %s",
			 now_s > taken_s ? now_s - taken_s : 0, interval);
		return STYLE_FAINT;
	}
	tell_missing(feed, now_s, why);
	tell_look(feed, now_s, look, sizeof(look));
	snprintf(line, size, "%s%s%s", why, *why ? ": " : "", look);
	return *why || feed->look_error || *feed->why_settings ? STYLE_WARNING : STYLE_FAINT;
}
