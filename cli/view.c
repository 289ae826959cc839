/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "cli/complain.h"
#include "cli/table.h"
#include "cli/units.h"
#include "cli/view.h"
#include "cli/waiting.h"
#include "lib/config.h"

enum { PATIENCE_MS = 2000 };

/*
 * --- from the agent ----------------------------------------------------------------------------
 */

uint64_t view_taken_s(const struct snapshot *snapshot)
{
	return snapshot_wall_s(snapshot, snapshot->taken_ms);
}

/* Three intervals without a new one, and the agent does not run, or hangs. */
bool view_fresh(const struct snapshot *snapshot, uint64_t now_s)
{
	uint64_t most_s = 3 * (uint64_t)snapshot->host.interval_ms / 1000 + 2;

	return view_taken_s(snapshot) <= now_s + 2 && now_s <= view_taken_s(snapshot) + most_s;
}

enum view_found view_find_status(const char *run_dir, uint64_t now_s, struct status *status,
				 char *why)
{
	char path[PATH_LEN + sizeof("/status.json")];
	int error;

	snprintf(path, sizeof(path), "%s/status.json", run_dir);
	error = status_read(path, status, why);
	if (error == -ENOENT)
		return FOUND_NONE;
	if (error)
		return error == -EACCES ? FOUND_FORBIDDEN : FOUND_BROKEN;
	if (view_fresh(&status->snapshot, now_s))
		return FOUND;
	if (view_taken_s(&status->snapshot) > now_s)
		snprintf(why, STATUS_WHY_LEN, "%s is of a time to come", path);
	else
		snprintf(why, STATUS_WHY_LEN, "%s is %" PRIu64 " s old", path,
			 now_s - view_taken_s(&status->snapshot));
	status_free(status);
	return FOUND_OLD;
}

/*
 * --- from the kernel ---------------------------------------------------------------------------
 */

#ifndef HAVE_CONFUSE
int config_read(const char *path, struct settings *settings, char *why)
{
	(void)settings;
	snprintf(why, WHY_LEN, "%s: this build cannot read configuration files", path);
	return -ENOENT;
}
#endif

int view_settings_why(const struct common_options *options, struct settings *settings, char *why)
{
	bool asked_for = *options->config;
	int error;

	settings_default(settings);
	*why = '\0';
	error = config_read(asked_for ? options->config : CONFIG_FILE, settings, why);
	settings->interval_ms = options->interval_ms;
	if (error == -ENOENT && !asked_for)
		*why = '\0';
	return error && asked_for ? EXIT_FAILED : EXIT_DONE;
}

int view_settings(const struct common_options *options, struct settings *settings)
{
	char why[WHY_LEN];
	int status = view_settings_why(options, settings, why);

	if (*why)
		complain("%s%s", why, status == EXIT_DONE ? "; going on without it" : "");
	return status;
}

static void show_progress(uint32_t past_ms, uint32_t for_ms)
{
	waiting_tell("looking at the kernel: %" PRIu32 " of %" PRIu32 " s", past_ms / 1000,
		     for_ms / 1000);
}

/* Who waits at a terminal for more than a moment is told what for. */
static const struct snapshot *look_watched(const struct settings *settings,
					   const struct look_plan *plan, uint32_t for_ms)
{
	bool patient = for_ms >= PATIENCE_MS;
	struct look_plan told = *plan;
	const struct snapshot *snapshot;

	told.for_ms = for_ms;
	told.progress = patient ? show_progress : plan->progress;
	snapshot = look(settings, &told);
	if (patient)
		waiting_over();
	return snapshot;
}

static int look_as_planned(struct view *view, const struct common_options *options,
			   const struct look_plan *plan, uint32_t ceiling)
{
	int status = view_settings(options, &view->settings);
	uint32_t *known = &view->settings.expect.ceiling;

	if (status != EXIT_DONE)
		return status;
	/* What the owner says is of both kernels: the far end's may take less. */
	if (ceiling && (!*known || ceiling < *known))
		*known = ceiling;
	view->looked_ms =
		plan->for_ms > options->interval_ms ? plan->for_ms : options->interval_ms;
	view->snapshot = look_watched(&view->settings, plan, view->looked_ms);
	view->now_s = (uint64_t)time(NULL);
	if (view->snapshot)
		return EXIT_DONE;
	complain("cannot ask the kernel: %s", strerror(errno));
	return EXIT_FAILED;
}

bool view_not_permitted(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (snapshot->answers[i].error == -EPERM || snapshot->answers[i].error == -EACCES)
			return true;
	return false;
}

void view_caution(const struct view *view, const struct screen *screen)
{
	char interval[UNIT_LEN], line[256];
	bool short_look = view->looked_ms <= view->settings.join_grace_ms;

	if (view->from_agent)
		return;
	duration_text(view->settings.interval_ms, interval);
	if (view->snapshot->host.polls == 1)
		snprintf(line, sizeof(line),
			 "without the agent: one look only, so many subflows are there: -i 1s gives "
			 "rates, -i 15s states as well");
	else
		snprintf(line, sizeof(line), "without the agent: rates over %s%s", interval,
			 short_look ? "; states need a longer look: -i 15s, or " PROGRAM " doctor"
				    : "");
	if (view_not_permitted(view->snapshot))
		strcat(line, "; root sees more");
	fputc('\n', screen->out);
	paragraph_print(screen, STYLE_FAINT, line, 0);
}

/*
 * --- either ------------------------------------------------------------------------------------
 */

int view_open(struct view *view, const struct common_options *options, uint32_t for_ms)
{
	return view_open_planned(view, options, &(struct look_plan){ .for_ms = for_ms }, 0);
}

int view_open_planned(struct view *view, const struct common_options *options,
		      const struct look_plan *plan, uint32_t ceiling)
{
	struct common_options usual;
	char why[STATUS_WHY_LEN];

	*view = (struct view){ .now_s = (uint64_t)time(NULL) };
	if (options->no_agent)
		return look_as_planned(view, options, plan, ceiling);
	switch (view_find_status(options->run_dir, view->now_s, &view->status, why)) {
	case FOUND:
		view->from_agent = true;
		view->snapshot = &view->status.snapshot;
		return EXIT_DONE;
	case FOUND_BROKEN:
		complain("%s (--no-agent asks the kernel itself)", why);
		return EXIT_FAILED;
	case FOUND_FORBIDDEN:
		/* The file is for root and its group; anybody may ask the kernel. */
		complain("%s; asking the kernel itself", why);
		break;
	case FOUND_OLD:
		complain("%s, the agent does not write it; asking the kernel itself", why);
		break;
	case FOUND_NONE:
		/* Where nobody has said that there is an agent, none is missed. */
		common_options_default(&usual);
		if (strcmp(options->run_dir, usual.run_dir) != 0)
			complain("%s; asking the kernel itself", why);
		break;
	}
	return look_as_planned(view, options, plan, ceiling);
}

void view_close(struct view *view)
{
	if (view->from_agent)
		status_free(&view->status);
	else
		snapshot_release(view->snapshot);
	*view = (struct view){ 0 };
}
