/* SPDX-License-Identifier: MIT */
/*
 * Days of a site, by a clock of our own: polled every 5 s with the settings that everybody has, so
 * that all times are asserted to the poll. An ordinary day raises nothing; on a bad one each fault
 * is found, with its cause, raised once and cleared once.
 */
#include <errno.h>
#include <stdlib.h>
#include "lib/finding.h"
#include "tests/story.h"
#include "tests/tap.h"

/*
 * --- a day -------------------------------------------------------------------------------------
 */

/* By day, connections that come and go; a poll now and then finds one of them. */
static void surf(struct story *story, uint32_t s)
{
	site_close(&story->site, &story->brief);
	if (s < AT(7, 0, 0) || s >= AT(23, 0, 0))
		return;
	site_short_ones(&story->site, s / POLL_S % 4);
	if (s / POLL_S % 3 == 0)
		story->brief = site_connect_briefly(&story->site);
}

/* In the evening all that the lines can, for so many seconds of each minute. */
static void burst(struct story *story, uint32_t s, uint32_t seconds)
{
	if (s >= AT(19, 0, 0) && s < AT(22, 30, 0))
		story->tunnel->out_kbps = s % 60 < seconds ? ALL_IT_CAN : TUNNEL_KBPS;
}

/* What happens on any day, and is no fault. */
static void live(struct story *story, uint32_t s)
{
	struct site *site = &story->site;

	surf(story, s);
	switch (s) {
	case AT(0, 0, 0): /* it boots, without a clock */
		site->clock_set = false;
		story_restart_tunnel(story);
		break;
	case AT(0, 1, 0): /* NTP */
		site->clock_set = true;
		break;
	case AT(1, 0, 0): /* nobody is awake */
		site_close(site, &story->tunnel);
		break;
	case AT(3, 0, 0): /* some mail programs; they have nothing to say */
		for (size_t i = 0; i < 3; i++)
			story->idle[i] = site_connect(site);
		break;
	case AT(4, 0, 0): /* PPPoE dials anew once a day */
		site_hang_up(site, "wan2");
		break;
	case AT(4, 0, 20):
		site_dial(site, "wan2");
		break;
	case AT(5, 30, 0):
		for (size_t i = 0; i < 3; i++)
			site_close(site, &story->idle[i]);
		break;
	case AT(7, 30, 0):
		story_restart_tunnel(story);
		break;
	case AT(10, 0, 0): /* somebody downloads */
		story->download = site_connect(site);
		story->download->in_kbps = ALL_IT_CAN;
		break;
	case AT(11, 0, 0):
		site_close(site, &story->download);
		break;
	case AT(12, 0, 0): /* a film, over UDP */
		site_line(site, "wan3")->beside_kbps = 20000;
		break;
	case AT(13, 0, 0):
		site_line(site, "wan3")->beside_kbps = 0;
		break;
	case AT(14, 40, 0): /* a tracker that was in a hurry */
		site_withdraw(site, "wan5");
		break;
	case AT(14, 40, 40):
		site_give_back(site, "wan5");
		break;
	case AT(15, 0, 0): /* somebody sends a lot */
		story->tunnel->out_kbps = ALL_IT_CAN;
		break;
	case AT(15, 10, 0):
		story->tunnel->out_kbps = TUNNEL_KBPS;
		break;
	case AT(23, 0, 0):
		site_close(site, &story->tunnel);
		break;
	}
	burst(story, s, 20);
}

/* Twice an hour one question is not answered. */
static void fail_now_and_then(struct story *story, uint32_t s)
{
	static const int errors[] = { -ETIMEDOUT, -EINTR, -EPERM, -EBADMSG };

	if (s % 1800 == AT(0, 17, 50))
		story->site.fake->errors[s / 1800 % QUESTIONS] = errors[s / 1800 % 4];
}

static void run_day(struct story *story, void (*happen)(struct story *, uint32_t s))
{
	story_begin(story);
	for (uint32_t s = 0; s < DAY_S; s += POLL_S) {
		happen(story, s);
		site_pass(&story->site, s ? POLL_S : 0);
		fail_now_and_then(story, s);
		story_look(story);
		if (s % 3600 == 0)
			story_keep_status(story);
	}
}

/*
 * --- an ordinary one ---------------------------------------------------------------------------
 */

/* States that are looked at on the way. */
static const struct { uint32_t at; const char *wan; enum wan_state state; enum cause cause; }
	ordinary[] = {
	{ AT(2, 0, 0), "wan1", WAN_QUIET, CAUSE_NONE },	/* a night: nobody carries */
	{ AT(2, 0, 0), "wan6", WAN_STANDBY, CAUSE_NONE },
	{ AT(4, 0, 10), "wan2", WAN_ABSENT, CAUSE_INTERFACE_ABSENT },
	{ AT(5, 0, 0), "wan2", WAN_QUIET, CAUSE_MISSING_ON_OLD_CONNECTIONS },
	{ AT(7, 15, 0), "wan5", WAN_QUIET, CAUSE_NONE },	/* none lived long enough to join */
	{ AT(9, 0, 0), "wan3", WAN_CARRYING, CAUSE_NONE },	/* the quickest */
	{ AT(9, 0, 0), "wan5", WAN_QUIET, CAUSE_NONE },
	{ AT(10, 30, 0), "wan4", WAN_CARRYING, CAUSE_NONE },	/* LTE carries its share */
	{ AT(10, 30, 0), "wan6", WAN_STANDBY, CAUSE_NONE },
	{ AT(14, 40, 20), "wan5", WAN_DOWN, CAUSE_ENDPOINT_WITHDRAWN },
	{ AT(15, 5, 0), "wan4", WAN_CARRYING, CAUSE_NONE },
	{ AT(15, 5, 0), "wan6", WAN_STANDBY, CAUSE_NONE },
	{ AT(20, 0, 10), "wan5", WAN_CARRYING, CAUSE_NONE },
};
enum { GLANCES = sizeof(ordinary) / sizeof(ordinary[0]) };

static void glance(const struct story *story, uint32_t s)
{
	for (size_t i = 0; i < GLANCES; i++) {
		const struct wan *line;

		if (ordinary[i].at != s)
			continue;
		line = story_wan(story, ordinary[i].wan);
		ok(line->state == ordinary[i].state && line->cause == ordinary[i].cause,
		   "%02u:%02u %s is %s, %s", s / 3600, s / 60 % 60, line->name,
		   state_words[line->state], cause_words[line->cause]);
	}
}

/* What was seen at the poll before, then the next thing that happens. */
static void live_watched(struct story *story, uint32_t s)
{
	if (s)
		glance(story, s - POLL_S);
	live(story, s);
}

static void every_octet_is_somewhere(struct story *story)
{
	const struct host *host = &story->now->host;

	for (size_t i = 0; i < SITE_LINES; i++) {
		const struct site_line *line = &story->site.lines[i];

		is_u64(story_wan(story, line->name)->out_octets, line->carried_out, "%s: sent",
		       line->name);
		is_u64(story_wan(story, line->name)->in_octets, line->carried_in, "%s: received",
		       line->name);
	}
	is_u64(host->unattrib_in_octets + host->unattrib_out_octets, 0, "none is nobody's");
	is_u64(host->truncated_subflows, 0, "nothing was cut off");
	is_u64(host->accounting, ACCOUNTING_EXACT, "accounting is exact");
}

static void an_ordinary_day(void)
{
	static struct story story;

	run_day(&story, live_watched);
	is_u64(story.now->host.polls, DAY_S / POLL_S, "a day of polls");
	is_u64(story.now->host.alarm_sequence, 0, "not one alarm, not even for a moment");
	is_u64(story.row_count, 0, "the log is empty");
	is_u64(story.now->host.poll_errors, 48 - 48 / QUESTIONS,
	       "48 questions were not answered, some of them about the load");
	ok(story.now->host.since_s == story.site.boot_s, "a clock that was set after the start");
	every_octet_is_somewhere(&story);
	story_end(&story);
}

/*
 * --- a bad one ---------------------------------------------------------------------------------
 */

static void break_something(struct story *story, uint32_t s)
{
	struct site *site = &story->site;

	switch (s) {
	case AT(6, 0, 0): /* an update has its own idea of limits */
		site->limit = 3;
		break;
	case AT(8, 50, 0): /* mended, which old connections do not know */
		site->limit = 8;
		break;
	case AT(9, 0, 0):
		story_restart_tunnel(story);
		break;
	case AT(10, 30, 0): /* a plug */
		site_line(site, "wan3")->carrier = false;
		break;
	case AT(10, 40, 0):
		site_line(site, "wan3")->carrier = true;
		break;
	case AT(11, 0, 0): /* a line that a tracker holds for dead */
		site_withdraw(site, "wan5");
		break;
	case AT(11, 5, 0):
		site_give_back(site, "wan5");
		break;
	case AT(12, 0, 0):
		site_replace(site, "wan2");
		break;
	case AT(12, 20, 0):
		site_give_back(site, "wan2");
		break;
	case AT(13, 0, 0):
		site->far_limit = 2;
		story_restart_tunnel(story);
		break;
	case AT(13, 30, 0):
		site->far_limit = 8;
		story_restart_tunnel(story);
		break;
	case AT(14, 0, 0):
		site_line(site, "wan5")->path = PATH_DROPS_JOINS;
		story_restart_tunnel(story);
		break;
	case AT(14, 20, 0):
		site_line(site, "wan5")->path = PATH_GOOD;
		story_restart_tunnel(story);
		break;
	case AT(16, 0, 0):
		site->enabled = false;
		break;
	case AT(16, 10, 0):
		site->enabled = true;
		break;
	case AT(17, 0, 0):
		site->far_speaks = false;
		story_restart_tunnel(story);
		break;
	case AT(18, 0, 0):
		site->far_speaks = true;
		story_restart_tunnel(story);
		break;
	case AT(19, 0, 0): /* nobody knows why */
		site_line(site, "wan5")->avoided = true;
		break;
	case AT(20, 0, 0):
		site_line(site, "wan5")->avoided = false;
		break;
	case AT(20, 30, 0): /* for its round trip */
		site_line(site, "wan4")->avoided = true;
		break;
	case AT(22, 0, 0):
		site_line(site, "wan4")->avoided = false;
		break;
	}
}

static void suffer(struct story *story, uint32_t s)
{
	break_something(story, s);
	live(story, s);
	if (s >= AT(20, 30, 0) && s < AT(22, 0, 0))
		burst(story, s, 40);
}

/*
 * A connection is judged from 10 s on. What is structural is raised 60 s after it was first found,
 * and cleared 30 s after it was first found to be over; a backup line has 10 minutes. Silence under
 * pressure counts by pressed seconds: of a burst all but the first poll are known to be pressed, 15
 * of 20 s and 35 of 40 s. The third idle poll of the eighth burst makes 120 of them. One that the
 * scheduler has a reason to avoid waits for a quarter of an hour, too.
 */
static const char *const bad_day[] = {
	"07:31:10 raised wan5 up-but-idle subflow-limit",
	"07:40:10 raised wan6 up-but-idle backup-not-ready",
	"09:00:30 cleared wan5 up-but-idle limits-raised-old-connections",
	"09:00:30 cleared wan6 up-but-idle backup-not-ready",
	"10:31:00 raised wan3 line-down link-down",
	"10:40:30 cleared wan3 line-down link-down",
	"11:01:00 raised wan5 line-down endpoint-withdrawn",
	"11:05:30 cleared wan5 line-down endpoint-withdrawn",
	"12:01:00 raised wan2 up-but-idle stale-endpoint",
	"12:20:30 cleared wan2 up-but-idle stale-endpoint",
	"13:01:10 raised wan4 up-but-idle server-refuses-joins",
	"13:01:10 raised wan5 up-but-idle server-refuses-joins",
	"13:10:10 raised wan6 up-but-idle backup-not-ready",
	"13:30:30 cleared wan4 up-but-idle server-refuses-joins",
	"13:30:30 cleared wan5 up-but-idle server-refuses-joins",
	"13:30:30 cleared wan6 up-but-idle backup-not-ready",
	"14:01:10 raised wan5 up-but-idle join-unanswered",
	"14:20:30 cleared wan5 up-but-idle join-unanswered",
	"16:01:00 raised host mptcp-disabled mptcp-disabled",
	"16:10:30 cleared host mptcp-disabled mptcp-disabled",
	"17:01:00 raised host fallback fallback",
	"18:00:30 cleared host fallback fallback",
	"19:07:15 raised wan5 up-but-idle unexplained",
	"20:00:30 cleared wan5 up-but-idle unexplained",
	"20:45:05 raised wan4 up-but-idle scheduler-avoids",
	"22:00:30 cleared wan4 up-but-idle scheduler-avoids",
};
enum { BAD_ROWS = sizeof(bad_day) / sizeof(bad_day[0]) };

static void a_bad_day(void)
{
	static struct story story;

	run_day(&story, suffer);
	for (size_t i = 0; i < BAD_ROWS; i++)
		is_text(story.rows[i], bad_day[i], "%s", bad_day[i]);
	is_u64(story.row_count, BAD_ROWS, "and nothing else");
	story_end(&story);
}

static void a_day_is_the_same_each_time(void)
{
	static struct story first, second;

	run_day(&first, suffer);
	run_day(&second, suffer);
	ok(first.seen_len > 24 * 1000, "24 times status.json, and %zu octets in all",
	   first.seen_len);
	ok(first.seen_len == second.seen_len &&
		   !memcmp(first.seen_bytes, second.seen_bytes, first.seen_len),
	   "the same day again: octet by octet");
	story_end(&first);
	story_end(&second);
}

/*
 * --- restless ones -----------------------------------------------------------------------------
 */

enum { CHANCE_LIVES = 8 };

struct chance {
	uint64_t state;
	struct { struct site_connection *connection; uint32_t until_s; } lives[CHANCE_LIVES];
	struct { uint32_t until_s, again_s; unsigned int what; } troubles[SITE_LINES];
};

static uint32_t below(struct chance *chance, uint32_t most)
{
	chance->state = chance->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(chance->state >> 33) % most;
}

static void begin_and_end_connections(struct chance *chance, struct site *site, uint32_t s)
{
	static const uint32_t kbps[] = { 0, 0, 40, 300, 3000, ALL_IT_CAN };

	for (size_t i = 0; i < CHANCE_LIVES; i++) {
		if (s >= chance->lives[i].until_s)
			site_close(site, &chance->lives[i].connection);
		if (chance->lives[i].connection || below(chance, 40))
			continue;
		chance->lives[i].connection = site_connect(site);
		chance->lives[i].connection->in_kbps = kbps[below(chance, 6)];
		chance->lives[i].connection->out_kbps = kbps[below(chance, 6)];
		chance->lives[i].until_s = s + 1 + (1U << below(chance, 12));
	}
}

/* A line goes for less than it takes to raise an alarm, and not often enough to be said to flap. */
static void trouble_lines(struct chance *chance, struct site *site, uint32_t s)
{
	enum { HUNG_UP = 1, WITHDRAWN, NO_CARRIER };

	for (size_t i = 1; i < SITE_LINES; i++) {
		struct site_line *line = &site->lines[i];

		if (chance->troubles[i].what && s >= chance->troubles[i].until_s) {
			if (chance->troubles[i].what == HUNG_UP)
				site_dial(site, line->name);
			else if (chance->troubles[i].what == WITHDRAWN)
				site_give_back(site, line->name);
			else
				line->carrier = true;
			chance->troubles[i].what = 0;
		}
		if (chance->troubles[i].what || s < chance->troubles[i].again_s ||
		    below(chance, 100))
			continue;
		chance->troubles[i].what = 1 + below(chance, 3);
		chance->troubles[i].until_s = s + 1 + below(chance, 55);
		chance->troubles[i].again_s = s + 200;
		if (chance->troubles[i].what == HUNG_UP)
			site_hang_up(site, line->name);
		else if (chance->troubles[i].what == WITHDRAWN)
			site_withdraw(site, line->name);
		else
			line->carrier = false;
	}
}

/*
 * Whatever comes together by chance. That most of the payload is on connections which do not use a
 * line that came back is worth an alarm; nothing else is.
 */
static void restless_days(void)
{
	static struct story story;
	uint32_t old;

	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct chance chance = { .state = seed };

		story_begin(&story);
		for (uint32_t s = 0; s < DAY_S; s += POLL_S) {
			begin_and_end_connections(&chance, &story.site, s);
			trouble_lines(&chance, &story.site, s);
			site_short_ones(&story.site, below(&chance, 3));
			site_pass(&story.site, s ? POLL_S : 0);
			if (!below(&chance, 300))
				story.site.fake->errors[below(&chance, QUESTIONS)] = -ETIMEDOUT;
			story_look(&story);
		}
		old = story.rows_of[CAUSE_MISSING_ON_OLD_CONNECTIONS];
		ok(story.row_count == old, "a restless day, %u: of %zu rows %u are of other causes",
		   (unsigned int)seed, story.row_count, (unsigned int)story.row_count - old);
		story_end(&story);
	}
}

int main(void)
{
	an_ordinary_day();
	restless_days();
	a_bad_day();
	a_day_is_the_same_each_time();
	return tap_done();
}
