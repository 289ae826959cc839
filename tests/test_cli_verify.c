/* SPDX-License-Identifier: MIT */
/* Two windows and what is made of them: samples, figures, changes and verdicts. */
#include <errno.h>
#include <stdlib.h>
#include "tests/tap.h"
#include "tests/verify_world.h"

static const struct change *row(const char *wan, const char *key)
{
	const struct comparison *comparison = &told.comparison;

	for (size_t i = 0; i < comparison->row_count; i++) {
		const struct change *change = &comparison->rows[i];
		const char *name =
			change->wan == HOST_ROW ? "" : comparison->wans[change->wan].name;

		if (!strcmp(name, wan) && !strcmp(change->measure->key, key))
			return change;
	}
	printf("Bail out! no row %s of '%s'\n", key, wan);
	exit(1);
}

static const char *verdict(const char *wan, const char *key)
{
	return outcome_words[row(wan, key)->outcome];
}

/*
 * --- windows -----------------------------------------------------------------------------------
 */

static void samples_are_what_could_be_read(void)
{
	struct window window = { 0 };

	begin();
	at.error = -EPERM;
	look(&window);
	ok(!window.first && window.unread == 1, "it begins with what can be read");
	at.error = 0;
	at.host.pressed_out = true;
	at.wans[1].out_octets = 500;
	look(&window);
	is_u64(window.samples, 0, "where it begins is no sample");
	is_u64(window.pressed_out, 0, "nor does its pressure count");
	move();
	at.wans[1].pressed = true;
	look(&window);
	at.now_ms += 500;
	at.error = -EPERM;
	look(&window);
	at.error = 0;
	at.now_ms += 500;
	look(&window);
	is_u64(window.samples, 2, "two more");
	is_u64(window.unread, 2, "and one that was none");
	is_u64(window_ms(&window), 2000, "of two seconds");
	is_u64(window.wans[1].pressed_ms, 2000, "in which a line was left idle");
	is_u64(window_octets(&window, 1).out, 1000000, "and sent");
	at.wans[1].out_octets = 10;
	look(&window);
	is_u64(window_octets(&window, 1).out, 10, "a line forgotten and found again begins at 0");
	is_u64(window_octets(&window, 9).out, 0, "nobody knows of another");
	window_free(&window);
}

static void pressure_is_80_percent(void)
{
	struct window window = { .samples = 5 };

	ok(window_pressed(&window, 4), "four of five");
	ok(!window_pressed(&window, 3), "three are too few");
	window.samples = 1;
	ok(!window_pressed(&window, 1), "and so is one");
}

/*
 * --- comparison --------------------------------------------------------------------------------
 */

static void a_line_more(void)
{
	seed(10, 9);
	ok(told.comparison.comparable && told.comparison.out && !told.comparison.in,
	   "comparable, sending");
	is_text(told.comparison.reason,
		"sending was under pressure in 10 of 10 samples before and 9 of 10 after", "why");
	is_u64(row("", "out_kbps")->before.value, 12000, "12 Mbit/s before");
	is_u64(row("", "out_kbps")->after.value, 18000, "18 after");
	is_u64((uint64_t)row("", "out_kbps")->changed, 5000, "half as much again");
	is_text(verdict("", "out_kbps"), "better", "better");
	is_text(verdict("wan10", "state"), "carries-now", "a line carries now");
	is_text(verdict("wan1", "state"), "", "others do as before");
	is_u64(row("wan1", "share_out")->before.value, 6667, "two thirds of it all");
	is_u64((uint64_t)-row("wan1", "share_out")->changed, 2223, "then 22 points less");
	is_text(verdict("wan1", "share_out"), "", "which is neither good nor bad");
	is_u64(row("", "subflows_per_connection")->after.value, 300, "three subflows each");
	is_u64(row("wan10", "mean_subflows")->after.value, 200, "two of them here");
	ok(!row("wan10", "rtt_us")->before.known && !row("wan10", "rtt_us")->changed_known,
	   "what was not known has not changed");
	ok(!row("wan1", "share_in")->before.known, "nobody receives, so there is no share");
	is_text(told.comparison.wans[2].name, "wan10", "wan10 comes after wan2");
}

static void without_pressure_nothing_is_judged(void)
{
	seed(7, 10);
	ok(!told.comparison.comparable, "seven of ten before");
	is_text(told.comparison.reason,
		"sending was under pressure in 7 of 10 samples before and 10 of 10 after; "
		"80 % of both are needed, and without rate-in receiving cannot be judged",
		"why");
	is_u64((uint64_t)row("", "out_kbps")->changed, 5000, "the change is told");
	is_text(verdict("", "out_kbps"), "", "not what it means");
	is_text(verdict("wan10", "state"), "", "nor of a line");
	seed(10, 7);
	ok(!told.comparison.comparable, "or after");
	told.interrupted = true;
	seed(10, 10);
	ok(told.comparison.comparable, "both");
	told.interrupted = true;
	compare();
	ok(!told.comparison.comparable, "but for who did not wait");
	is_text(told.comparison.reason, "interrupted", "why");
}

static void receiving_is_judged_by_itself(void)
{
	finish();
	begin();
	at.wans[1].rate_in_kbps = (struct maybe_u32){ true, 10000 };
	at.kbps_in[1] = 9000;
	at.host.pressed_in = true;
	watch(&told.before, 0);
	at.kbps_in[1] = 10000;
	at.kbps_out[1] = 1000;
	watch(&told.after, 10);
	compare();
	ok(told.comparison.in && !told.comparison.out, "pressure in both, receiving");
	is_text(told.comparison.reason,
		"receiving was under pressure in 10 of 10 samples before and 10 of 10 after",
		"why");
	is_text(verdict("", "in_kbps"), "better", "what was received");
	is_text(verdict("", "out_kbps"), "", "what was sent is another matter");
	at.host.pressed_in = false;
	window_free(&told.after);
	watch(&told.after, 0);
	compare();
	is_text(told.comparison.reason,
		"sending was under pressure in 0 of 10 samples before and 0 of 10 after, receiving "
		"in 10 of 10 samples before and 0 of 10 after; 80 % of both are needed",
		"with a rate it is judged, and too little");
}

/* The host's figures a little and much beside those before. */
static void small_changes_are_none(void)
{
	static const struct {
		uint64_t kbps;
		uint32_t cpu, memory, rtt_us;
		const char *out, *core, *tcp, *rtt;
	} cases[] = {
		{ 8599, 2999, 1124, 55999, "same", "same", "same", "same" },
		{ 8600, 3000, 1156, 56000, "better", "dearer", "dearer", "worse" },
		{ 7401, 1001, 676, 24001, "same", "same", "same", "same" },
		{ 7400, 1000, 644, 24000, "worse", "cheaper", "cheaper", "better" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		finish();
		begin();
		watch(&told.before, 10);
		at.kbps_out[1] = cases[i].kbps;
		at.host.cpu_busiest.value = cases[i].cpu;
		at.host.tcp_memory_kib.value = cases[i].memory;
		at.wans[1].rtt_us.value = cases[i].rtt_us;
		watch(&told.after, 10);
		compare();
		is_text(verdict("", "out_kbps"), cases[i].out, "5 %% of the rate");
		is_text(verdict("", "cpu_busiest"), cases[i].core, "10 points of a core");
		is_text(verdict("", "tcp_memory_kib"), cases[i].tcp, "25 %% and 256 KiB of memory");
		is_text(verdict("wan1", "rtt_us"), cases[i].rtt, "40 %% of a round trip");
	}
}

/* Of 40 us half is 20 us: who reads -50 % is misled. */
static void noise_has_no_percent(void)
{
	static const struct {
		uint32_t before_us, after_us;
		bool told;
	} cases[] = {
		{ 40, 20, false }, { 40, 1040, true }, { 20000, 19001, false }, { 20000, 19000, true },
		{ 40, 40, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		finish();
		begin();
		at.wans[1].rtt_us.value = at.wans[1].min_rtt_us.value = cases[i].before_us;
		watch(&told.before, 10);
		at.wans[1].rtt_us.value = at.wans[1].min_rtt_us.value = cases[i].after_us;
		watch(&told.after, 10);
		compare();
		ok(row("wan1", "rtt_us")->changed_known == cases[i].told &&
			   row("wan1", "min_rtt_us")->changed_known == cases[i].told,
		   "%u us to %u us is %s", cases[i].before_us, cases[i].after_us,
		   cases[i].told ? "told" : "noise");
	}
}

static void a_line_less(void)
{
	finish();
	begin();
	watch(&told.before, 10);
	at.wans[2].state = WAN_DOWN;
	at.wans[2].rtt_us.value = 500000;
	at.wans[1].retrans_octets = 500000;
	at.kbps_out[2] = 0;
	watch(&told.after, 10);
	compare();
	is_text(verdict("wan2", "state"), "carries-no-more", "a line is lost");
	is_text(verdict("wan2", "rtt_us"), "", "its last round trips are no matter");
	is_text(verdict("", "out_kbps"), "worse", "less is worse");
	is_text(verdict("wan1", "retrans_ratio"), "same", "nothing was sent again meanwhile");
	at.wans[1].retrans_octets += 50000;
	window_free(&told.after);
	look(&told.after);
	at.wans[1].retrans_octets += 51000;
	at.wans[1].in_octets += 1000;
	for (int i = 0; i < 10; i++) {
		at.host.pressed_out = true;
		move();
		look(&told.after);
	}
	compare();
	is_u64(row("wan1", "retrans_ratio")->after.value, 51, "half a percent");
	is_text(verdict("wan1", "retrans_ratio"), "worse", "is worse than none");
	ok(!row("wan1", "share_in")->after.known, "100 octets a second are nothing to share");
}

static void connections_are_counted(void)
{
	const struct snapshot *was, *is;

	begin();
	was = moment();
	at.counters[0].value += 5;
	at.counters[1].value += 2;
	is = moment();
	is_u64(connections_begun(was, is).value, 7, "of both sides");
	ok(!connections_begun(is, was).known, "counters that fell say nothing");
	snapshot_release(is);
	at.counters[0].name[0] = at.counters[1].name[0] = 'x';
	is = moment();
	ok(!connections_begun(was, is).known, "nor such that are not there");
	snapshot_release(was);
	snapshot_release(is);
}

int main(void)
{
	samples_are_what_could_be_read();
	pressure_is_80_percent();
	a_line_more();
	without_pressure_nothing_is_judged();
	receiving_is_judged_by_itself();
	small_changes_are_none();
	noise_has_no_percent();
	a_line_less();
	connections_are_counted();
	finish();
	return tap_done();
}
