/* SPDX-License-Identifier: MIT */
/* Which moments are kept, and which of them a window begins at. */
#include <errno.h>
#include <stdlib.h>
#include "lib/history.h"
#include "tests/tap.h"

static struct history history;

static void add_dense(uint64_t ms, uint32_t window_ms, uint32_t dense_ms, int error)
{
	struct made {
		struct snapshot snapshot;
		struct wan wan;
	} *made = calloc(1, sizeof(*made));

	atomic_init(&made->snapshot.holders, 1);
	made->snapshot.taken_ms = ms;
	made->snapshot.wans = &made->wan;
	made->snapshot.wan_count = 1;
	made->snapshot.answers[Q_SUBFLOWS].error = error;
	made->wan = (struct wan){ .index = 7,
				  .pressed = true,
				  .in_octets = ms,
				  .out_octets = 2,
				  .retrans_octets = 3,
				  .plain_in_octets = 4,
				  .plain_out_octets = 5,
				  .if_in_octets = { true, 6 },
				  .if_out_octets = { true, 8 } };
	history_add(&history, &made->snapshot, window_ms, dense_ms);
	snapshot_release(&made->snapshot);
}

static void add(uint64_t ms, uint32_t window_ms, int error)
{
	add_dense(ms, window_ms, window_ms, error);
}

static uint64_t at(uint64_t now_ms, uint32_t age_ms)
{
	const struct moment *moment = history_at(&history, now_ms, age_ms);

	return moment ? moment->taken_ms : 0;
}

static void what_a_moment_keeps(void)
{
	const struct moment_wan *wan;

	is_u64(at(1000, 0), 0, "nothing yet");
	add(1000, 30000, 0);
	wan = moment_wan(history.moments[0], 7);
	ok(wan && wan->pressed && wan->in == 1000 && wan->out == 2 && wan->retrans == 3, "octets");
	ok(wan && wan->plain_in == 4 && wan->plain_out == 5, "of them plain");
	ok(wan && wan->if_in == 6 && wan->if_out == 8, "the interface's");
	ok(!moment_wan(history.moments[0], 8), "a WAN that was not there");
	is_u64(history.last->taken_ms, 1000, "the newest is held whole");
	history_clear(&history);
	ok(!history.count && !history.last, "cleared");
}

static void the_begin_of_a_window(void)
{
	for (uint64_t ms = 1000; ms <= 51000; ms += 5000)
		add(ms, 30000, 0);
	is_u64(at(56000, 0), 51000, "the poll before");
	is_u64(at(56000, 5000), 51000, "exactly so old");
	is_u64(at(56000, 5001), 46000, "older by a little");
	is_u64(at(56000, 30000), 26000, "the window");
	is_u64(at(56000, 60000), history.moments[0]->taken_ms, "never so old: the oldest");
	ok(history.moments[0]->taken_ms == 21000, "one that is older than the window is kept");
	history_clear(&history);
}

static void moments_that_do_not_compare(void)
{
	add(1000, 30000, 0);
	add(6000, 30000, -EPERM);
	is_u64(at(11000, 0), 1000, "held totals are no base");
	is_u64(history.count, 2, "it is kept as the newest");
	is_u64(history.last->taken_ms, 6000, "and held whole");
	add(11000, 30000, -EPERM);
	is_u64(history.count, 2, "until the next");
	for (uint64_t ms = 16000; ms < 600000; ms += 5000)
		add(ms, 30000, -EPERM);
	is_u64(at(600000, 0), 1000, "the last that compares is never let go");
	add(600000, 30000, 0);
	is_u64(at(605000, 0), 600000, "the next one takes over");
	history_clear(&history);
	add(1000, 30000, -EPERM);
	ok(!history_at(&history, 6000, 0), "none at all");
	history_clear(&history);
}

/* Polls at once after each other, as from a script that is in a hurry. */
static void polls_without_end(void)
{
	uint64_t most = 0;

	for (uint64_t ms = 1; ms < 100000; ms += 10) {
		add(ms, 30000, 0);
		most = history.count > most ? history.count : most;
	}
	ok(most <= HISTORY_MOST, "at most %d moments", HISTORY_MOST);
	ok(100000 - at(100000, 30000) >= 30000 && 100000 - at(100000, 30000) < 31000, "covered");
	add(200000, 30000, 0);
	is_u64(history.count, 2, "after a long pause the rest is of no use");
	add(200000, 30000, 0);
	ok(at(200000, 0) == 200000, "twice at once");
	history_clear(&history);
}

/* A long window does not thin out what is counted of the last minute. */
static void samples_within_a_long_window(void)
{
	enum { HOUR = 3600 * 1000, MINUTE = 60 * 1000 };
	bool samples = true, few = true, covered = true;

	for (uint64_t ms = 1000; ms <= 3 * HOUR; ms += 5000) {
		size_t young = 0;

		add_dense(ms, HOUR, MINUTE, 0);
		for (size_t i = 0; i < history.count; i++)
			young += ms - history.moments[i]->taken_ms < MINUTE;
		samples &= young == 12 || ms < MINUTE;
		few &= history.count <= HISTORY_MOST;
		covered &= ms < HOUR + 1000 || ms - history.moments[0]->taken_ms >= HOUR;
	}
	ok(samples, "12 samples of the last minute");
	ok(few && covered, "in an hour that is covered");
	ok(at(3 * HOUR, HOUR) + HOUR <= 3 * HOUR && at(3 * HOUR, HOUR) + HOUR > 3 * HOUR - 10 * MINUTE,
	   "by moments minutes apart");
	history_clear(&history);
}

int main(void)
{
	what_a_moment_keeps();
	the_begin_of_a_window();
	moments_that_do_not_compare();
	polls_without_end();
	samples_within_a_long_window();
	return tap_done();
}
