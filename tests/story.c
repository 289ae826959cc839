/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/status.h"
#include "tests/story.h"

static const uint64_t MIDNIGHT = UINT64_C(1795305600);

/* An agent that starts: with what the one before has saved, or with a numbering of its own. */
static void watch(struct story *story, const char *saved)
{
	struct alarms *fresh = alarms_new(7);
	char *text = saved ? NULL : alarms_save(fresh);

	story->monitor =
		monitor_new(&story->site.fake->source, &story->settings, &story->registry);
	if (!story->monitor || alarms_load(monitor_alarms(story->monitor), saved ? saved : text))
		abort();
	free(text);
	alarms_free(fresh);
}

static void stop_watching(struct story *story)
{
	snapshot_release(story->now);
	story->now = NULL;
	monitor_free(story->monitor);
	story->monitor = NULL;
}

void story_begin(struct story *story)
{
	*story = (struct story){ 0 };
	settings_default(&story->settings);
	registry_init(&story->registry);
	site_boot(&story->site, MIDNIGHT);
	story->seen = open_memstream(&story->seen_bytes, &story->seen_len);
}

void story_end(struct story *story)
{
	stop_watching(story);
	fclose(story->seen);
	free(story->seen_bytes);
}

void story_restart_agent(struct story *story)
{
	char *saved = alarms_save(monitor_alarms(story->monitor));

	story->registry = *monitor_registry(story->monitor);
	stop_watching(story);
	site_watch_anew(&story->site);
	watch(story, saved);
	free(saved);
}

static void tell_row(struct story *story, const struct alarm_record *row)
{
	static const char *const words[] = { [ALARM_RAISED] = "raised",
					     [ALARM_WORSENED] = "worsened",
					     [ALARM_CLEARED] = "cleared" };
	uint64_t s = row->time_s - story->site.boot_s;

	story->rows_of[row->cause]++;
	if (story->row_count++ < ROWS_MOST)
		snprintf(story->rows[story->row_count - 1], ROW_LEN, "%02u:%02u:%02u %s %s %s %s",
			 (unsigned int)(s / 3600 % 24), (unsigned int)(s / 60 % 60),
			 (unsigned int)(s % 60), words[row->transition],
			 *row->wan_name ? row->wan_name : "host", alarm_type_words[row->type],
			 cause_words[row->cause]);
	fwrite(row, sizeof(*row), 1, story->seen);
}

void story_look(struct story *story)
{
	const struct alarm_log *log;

	if (!story->monitor)
		watch(story, NULL);
	snapshot_release(story->now);
	story->now = monitor_poll(story->monitor);
	if (!story->now)
		abort();
	log = story->now->alarm_log;
	for (size_t i = 0; log && i < log->count; i++) {
		if (log->rows[i].sequence <= story->sequence)
			continue;
		story->sequence = log->rows[i].sequence;
		tell_row(story, &log->rows[i]);
	}
	fflush(story->seen);
}

void story_pass(struct story *story, uint32_t s)
{
	site_pass(&story->site, s);
	story_look(story);
}

void story_pass_for(struct story *story, uint32_t s)
{
	for (uint32_t passed = 0; passed < s; passed += POLL_S)
		story_pass(story, POLL_S);
}

void story_restart_tunnel(struct story *story)
{
	site_close(&story->site, &story->tunnel);
	story->tunnel = site_connect(&story->site);
	if (!story->tunnel)
		abort();
	story->tunnel->in_kbps = story->tunnel->out_kbps = TUNNEL_KBPS;
}

void story_keep_status(struct story *story)
{
	char *json = status_json(story->now);

	fputs(json, story->seen);
	fflush(story->seen);
	free(json);
}

const struct wan *story_wan(const struct story *story, const char *name)
{
	for (size_t i = 0; i < story->now->wan_count; i++)
		if (!strcmp(story->now->wans[i].name, name))
			return &story->now->wans[i];
	abort();
}
