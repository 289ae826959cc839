/* SPDX-License-Identifier: MIT */
/* A joined line is silent: quiet while nobody needs it, idle under pressure; how long, and why. */
#include <errno.h>
#include <sys/socket.h>
#include "tests/diagnose_world.h"
#include "tests/tap.h"

static bool tells(const struct world *w, enum cause cause, const char *word)
{
	const struct finding *finding = world_finding(w, 1, cause);
	char story[STORY_LEN];

	return finding && strstr(finding_tell(finding, story, sizeof(story)), word);
}

/* wan2 carries, wan1 is joined and silent. */
static struct world *world(void)
{
	struct world *w = world_new(2);

	world_poll(w, 0);
	world_connect(w, WAN1 | WAN2);
	world_run(w, 15000);
	return w;
}

static void flow(struct world *w, bool full, uint32_t ms)
{
	w->connections[0].full = full ? WAN2 : 0;
	for (uint32_t past = 0; past < ms; past += WORLD_POLL_MS) {
		w->wans[1].out_octets += 1000000;
		world_poll(w, WORLD_POLL_MS);
	}
}

static void idle_under_pressure(void)
{
	struct world *w = world();

	flow(w, false, 30000);
	is_said(w, 1, "quiet none", "the other carries, and is not full");
	is_said(w, 2, "carrying none", "which is no fault");
	ok(!w->now->host.pressed_out, "nor is there pressure");
	flow(w, true, 5000);
	ok(w->now->host.pressed_out && !w->now->host.pressed_in, "full: there is, sending");
	ok(world_wan(w, 1)->pressed, "full: it could help");
	is_said(w, 1, "quiet none", "but that may be a moment");
	is_u64(world_wan(w, 1)->pressed_ms, 0, "which does not count");
	flow(w, true, 5000);
	is_said(w, 1, "idle unexplained", "two polls");
	is_u64(world_wan(w, 1)->pressed_ms, 5000, "from here on each interval counts");
	ok(!world_wan(w, 2)->pressed, "who carries is not pressed");
	flow(w, false, 5000);
	is_said(w, 1, "quiet none", "one of two samples is less than 80 %%");
	is_u64(world_wan(w, 1)->pressed_ms, 0, "and counts no more");
	w->connections[0].full = WAN2;
	w->wans[0].in_octets += 1000000;
	flow(w, true, 10000);
	is_said(w, 1, "carrying none", "it carries in one direction");
	ok(!world_wan(w, 1)->pressed, "so it is not pressed");
	ok(w->now->host.pressed_out, "the host is, though all its lines carry");
	world_free(w);
}

/* 80 % of the samples: one miss in five is forgiven. */
static void a_sample_may_miss(void)
{
	struct world *w = world();

	w->settings.pressure_window_ms = 25000;
	flow(w, true, 30000);
	flow(w, false, 5000);
	is_said(w, 1, "idle unexplained", "four of five");
	is_u64(world_wan(w, 1)->pressed_ms, 0, "an interval without pressure does not count");
	ok(tells(w, CAUSE_UNEXPLAINED, "while the others are full"),
	   "nor does it change the story");
	flow(w, false, 5000);
	is_said(w, 1, "quiet none", "three of five");
	world_free(w);
}

static void bursts(void)
{
	struct world *w = world();
	uint64_t pressed_ms = 0;

	for (int i = 0; i < 10; i++) {
		flow(w, false, 40000);
		for (int second = 0; second < 20; second += 5) {
			flow(w, true, 5000);
			pressed_ms += world_wan(w, 1)->pressed_ms;
		}
	}
	is_u64(pressed_ms, 10 * 15000, "ten bursts of 20 s: 15 s of each count");
	world_free(w);
}

static void pressure_that_is_not_its_own(void)
{
	struct world *w = world();

	w->connections[0].on = WAN2;
	world_connect(w, WAN1);
	flow(w, true, 20000);
	ok(!world_wan(w, 1)->pressed, "who is full has no subflow here");
	w->connections[0].on = WAN1 | WAN2;
	w->connections[0].on_backup = WAN1;
	flow(w, true, 20000);
	ok(!world_wan(w, 1)->pressed, "or one that waits for the others to fail");
	w->connections[0].on_backup = 0;
	w->connections[0].fallback = true;
	flow(w, true, 20000);
	ok(!world_wan(w, 1)->pressed, "plain TCP has one path");
	ok(!w->now->host.pressed_out, "and asks nothing of the lines");
	w->connections[0].fallback = false;
	w->connections[0].full = WAN1;
	for (int i = 0; i < 4; i++) {
		w->wans[1].out_octets += 1000000;
		world_poll(w, WORLD_POLL_MS);
	}
	ok(!world_wan(w, 1)->pressed, "it is full itself: it is not avoided");
	w->connections[0].full = WAN2;
	world_run(w, 60000);
	ok(!world_wan(w, 1)->pressed, "full, and nothing flows: that is another matter");
	ok(!w->now->host.pressed_out, "of the whole host, too");
	flow(w, true, 20000);
	is_said(w, 1, "idle unexplained", "as it was");
	w->errors[Q_SUBFLOWS] = -EPERM;
	world_poll(w, WORLD_POLL_MS);
	is_said(w, 1, "unknown none", "nobody knows");
	is_u64(world_wan(w, 1)->pressed_ms, 0, "and no time counts");
	world_free(w);
}

static void receiving(void)
{
	struct world *w = world();
	const uint64_t octets = 10000 / 8 * WORLD_POLL_MS; /* at 10 Mbit/s */

	for (int i = 0; i < 4; i++) {
		w->wans[1].in_octets += octets;
		world_poll(w, WORLD_POLL_MS);
	}
	is_said(w, 1, "quiet none", "what the line can do is not known");
	w->wans[1].rate_in_kbps = (struct maybe_u32){ true, 12501 };
	for (int i = 0; i < 4; i++) {
		w->wans[1].in_octets += octets;
		world_poll(w, WORLD_POLL_MS);
	}
	is_said(w, 1, "quiet none", "less than 80 %% of it");
	ok(!w->now->host.pressed_in, "no pressure");
	w->wans[1].rate_in_kbps.value = 12500;
	for (int i = 0; i < 4; i++) {
		w->wans[1].in_octets += octets;
		world_poll(w, WORLD_POLL_MS);
	}
	is_said(w, 1, "idle unexplained", "80 %%");
	ok(w->now->host.pressed_in && !w->now->host.pressed_out, "pressure, receiving");
	ok(tells(w, CAUSE_UNEXPLAINED, "receive nearly all they can") &&
		   tells(w, CAUSE_UNEXPLAINED, "it is the far end that sends"),
	   "where it is to be looked for");
	world_leave(w, 1);
	for (int i = 0; i < 4; i++) {
		w->wans[1].in_octets += octets;
		world_poll(w, WORLD_POLL_MS);
	}
	ok(!world_wan(w, 1)->pressed, "who is not joined cannot be avoided");
	world_free(w);
}

static void why_it_is_avoided(void)
{
	struct world *w = world();

	flow(w, true, 15000);
	is_said(w, 1, "idle unexplained", "as quick as the other, nothing lost");
	is_u64(world_finding(w, 1, CAUSE_UNEXPLAINED)->severity, SEVERITY_MINOR, "minor");
	w->wans[0].rtt_us.value = 60000;
	flow(w, true, 5000);
	is_said(w, 1, "idle unexplained", "twice as slow");
	w->wans[0].rtt_us.value = 60001;
	flow(w, true, 5000);
	is_said(w, 1, "idle scheduler-avoids", "slower than that");
	ok(tells(w, CAUSE_SCHEDULER_AVOIDS, "60 ms, that of wan2 is 30 ms"), "numbers");
	w->wans[1].rtt_us.known = false;
	flow(w, true, 5000);
	is_said(w, 1, "idle unexplained", "nothing to compare with");
	w->wans[0].out_octets += 950;
	w->wans[0].retrans_octets += 49;
	flow(w, true, 5000);
	is_said(w, 1, "idle unexplained", "4.9 %% sent again");
	w->wans[0].retrans_octets += 1;
	flow(w, true, 5000);
	is_said(w, 1, "idle scheduler-avoids", "5 %%");
	ok(tells(w, CAUSE_SCHEDULER_AVOIDS, "5 % of what is sent there is sent again.") &&
		   !tells(w, CAUSE_SCHEDULER_AVOIDS, "full size"),
	   "some loss");
	w->wans[0].retrans_octets += 900;
	flow(w, true, 5000);
	ok(tells(w, CAUSE_SCHEDULER_AVOIDS, "packets of full size may not get through"), "half");
	w->host.enabled.value = false;
	flow(w, true, 5000);
	is_said(w, 1, "idle mptcp-disabled", "what stops bonding comes first");
	world_free(w);
}

static void silent_by_duty(void)
{
	struct world *w = world();

	w->wans[0].role = ROLE_BACKUP;
	flow(w, true, 20000);
	is_said(w, 1, "standby none", "a backup line");
	w->wans[0].role = ROLE_ACTIVE;
	strcpy(w->wans[1].base, "wan1");
	flow(w, true, 5000);
	is_said(w, 1, "quiet none", "a line that another's tunnel runs over");
	w->wans[1].base[0] = '\0';
	w->settings.role = ROLE_AGGREGATOR;
	flow(w, true, 5000);
	is_said(w, 1, "quiet none", "at the far end");
	world_free(w);
}

int main(void)
{
	idle_under_pressure();
	a_sample_may_miss();
	bursts();
	pressure_that_is_not_its_own();
	receiving();
	why_it_is_avoided();
	silent_by_duty();
	return tap_done();
}
