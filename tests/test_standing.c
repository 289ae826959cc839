/* SPDX-License-Identifier: MIT */
/*
 * Alarms that come and go, stand for long, or outlive the agent: through the whole monitor, with
 * the settings that everybody has. See tests/story.h.
 */
#include "lib/finding.h"
#include "tests/story.h"
#include "tests/tap.h"

static struct story story;

static void is_row(size_t i, const char *want)
{
	is_text(i < story.row_count ? story.rows[i] : "", want, "%s", want);
}

/*
 * --- coming and going --------------------------------------------------------------------------
 */

/* The carrier of a line goes and comes for an hour, then it stays for half of one. */
static void flap(uint32_t down_s, uint32_t up_s)
{
	struct site_line *line;

	story_begin(&story);
	line = site_line(&story.site, "wan3");
	story_restart_tunnel(&story);
	story_pass_for(&story, 60);
	for (uint32_t passed = 0; passed < 3600; passed += down_s + up_s) {
		line->carrier = false;
		story_pass_for(&story, down_s);
		line->carrier = true;
		story_pass_for(&story, up_s);
	}
}

static void calm_down(void)
{
	story_pass_for(&story, 1800);
	ok(!story.now->alarm_count, "... and when it has been calm, no alarm is left");
	is_u64(story.row_count, story.rows_of[CAUSE_LINK_DOWN], "... all rows are of the carrier");
	story_end(&story);
}

static void two_rows_an_episode(void)
{
	static const struct { uint32_t down_s, up_s; } periods[] = {
		{ 5, 5 }, { 10, 5 }, { 5, 10 }, { 15, 15 }, { 30, 30 }, { 45, 45 }, { 55, 65 },
		{ 60, 90 }, { 80, 30 }, { 120, 25 }, { 270, 30 },
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		uint32_t down_s = periods[i].down_s, up_s = periods[i].up_s;

		flap(down_s, up_s);
		is_u64(story.row_count, 1, "down for %u s, up for %u s, for an hour: raised once",
		       down_s, up_s);
		ok(story.now->alarm_count == 1 &&
			   story.now->alarms[0].flapping == (down_s + up_s <= 200),
		   "... and marked when it goes four times in ten minutes");
		calm_down();
		is_u64(story.row_count, 2, "... cleared once");
	}
}

/*
 * Each time down for long enough to be raised and up for long enough to be cleared: the first time
 * nobody can know that it will come again. From then on it is one episode.
 */
static void slow_ones_are_one_episode_more(void)
{
	static const struct { uint32_t down_s, up_s; } periods[] = {
		{ 75, 45 }, { 90, 90 }, { 150, 150 }, { 100, 200 },
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		uint32_t down_s = periods[i].down_s, up_s = periods[i].up_s;

		flap(down_s, up_s);
		is_u64(story.row_count, 3,
		       "down for %u s, up for %u s, for an hour: an outage, and an episode", down_s,
		       up_s);
		calm_down();
		is_u64(story.row_count, 4, "... which ends once");
	}
}

/*
 * --- another agent -----------------------------------------------------------------------------
 */

static void alarms_outlive_the_agent(void)
{
	story_begin(&story);
	story.site.limit = 3;
	story_look(&story);
	story_restart_tunnel(&story);
	story_pass_for(&story, 75);
	is_row(0, "00:01:15 raised wan5 up-but-idle subflow-limit");
	story_restart_agent(&story);
	story_look(&story);
	ok(story.now->alarm_count == 1 && story_wan(&story, "wan5")->alarm,
	   "another agent, its first look: the alarm is there");
	for (int i = 0; i < 20; i++) {
		story_restart_agent(&story);
		story_pass_for(&story, 5 + 5 * (i % 4));
	}
	is_u64(story.row_count, 1, "20 agents: no row");
	story_pass_for(&story, 600);
	/* The last of them has begun to wait at its third poll. */
	is_row(1, "00:15:20 raised wan6 up-but-idle backup-not-ready");
	site_close(&story.site, &story.tunnel);
	story_pass_for(&story, 300);
	story_restart_agent(&story);
	story_pass_for(&story, 3600);
	is_u64(story.row_count, 2, "one more, at night, without connections: no row");
	ok(story.now->alarm_count == 2 && story_wan(&story, "wan5")->state == WAN_QUIET,
	   "... and both alarms stand, of lines that are quiet");
	story.site.limit = 8;
	story_restart_tunnel(&story);
	story_pass_for(&story, 35);
	is_u64(story.row_count, 4, "mended: both are cleared");
	ok(!story.now->alarm_count, "... and gone");
	is_u64(story.now->host.alarm_sequence, 4, "... in one numbering");
	story_end(&story);
}

/*
 * --- a month -----------------------------------------------------------------------------------
 */

/* Polled each minute: a month is long. */
static void a_month_is_one_row(void)
{
	enum { MINUTE = 60 };

	story_begin(&story);
	story.settings.interval_ms = MINUTE * 1000;
	story.site.limit = 3;
	site_line(&story.site, "wan6")->backup = false;
	for (uint32_t s = 0; s < 30 * DAY_S; s += MINUTE) {
		if (s % DAY_S == AT(7, 0, 0))
			story_restart_tunnel(&story);
		if (s % DAY_S == AT(23, 0, 0))
			site_close(&story.site, &story.tunnel);
		story_pass(&story, s ? MINUTE : 0);
	}
	is_u64(story.row_count, 2, "30 days and nights with a limit of 3: a row for each line");
	is_row(0, "07:02:00 raised wan5 up-but-idle subflow-limit");
	is_row(1, "07:02:00 raised wan6 up-but-idle subflow-limit");
	is_u64(story.now->host.wans_in_alarm, 2, "... and their alarms stand");
	story_end(&story);
}

int main(void)
{
	two_rows_an_episode();
	slow_ones_are_one_episode_more();
	alarms_outlive_the_agent();
	a_month_is_one_row();
	return tap_done();
}
