/* SPDX-License-Identifier: MIT */
/* The last minutes of each WAN, and how they are drawn; shares as bars. */
#include <stdlib.h>
#include "cli/bars.h"
#include "cli/trail.h"
#include "tests/tap.h"

#define BEGUN_MS UINT64_C(1800000000000) /* a multiple of every column's length in here */

static struct wan wans[WANS_MAX + 1];

/* The WANs from the first on carried so many octets, half of them in each direction. */
static void add(struct trail *trail, size_t count, uint64_t octets, uint64_t at_ms,
		uint64_t since_s)
{
	struct snapshot snapshot = { .wans = wans, .wan_count = count };

	snapshot.host.since_s = since_s;
	for (size_t i = 0; i < count; i++) {
		wans[i].in_octets = octets / 2;
		wans[i].out_octets = octets - octets / 2;
	}
	trail_add(trail, &snapshot, BEGUN_MS + at_ms);
}

/* "-1 8 16": the last columns of the first WAN. */
static void is_read(const struct trail *trail, uint64_t column_ms, size_t count, const char *want,
		    const char *what)
{
	int64_t kbps[TRAIL_COLUMNS_MOST];
	char text[512] = "";
	int64_t most = 0;
	uint64_t told = trail_read(trail, wans[0].name, column_ms, kbps, count);

	for (size_t i = 0; i < count; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%" PRId64,
			 i ? " " : "", kbps[i]);
		if (most < kbps[i])
			most = kbps[i];
	}
	is_text(text, want, "%s", what);
	is_u64(told, (uint64_t)most, "and the greatest of them is told");
}

static void test_rates(void)
{
	struct trail *trail = trail_new();

	is_read(trail, 1000, 3, "-1 -1 -1", "nothing is known of nobody");
	add(trail, 1, 5000, 0, 7);
	is_read(trail, 1000, 3, "-1 -1 -1", "one snapshot is no rate");
	add(trail, 1, 6000, 1000, 7);
	add(trail, 1, 6000, 2000, 7);
	add(trail, 1, 9000, 3000, 7);
	is_read(trail, 1000, 4, "-1 8 0 24", "1000 octets in a second are 8 kbit/s");
	is_read(trail, 2000, 2, "4 24", "a longer column has the mean of what it covers");
	is_read(trail, 500, 8, "-1 -1 8 8 0 0 24 24", "a shorter one is but a part of a sample");
	add(trail, 1, 10500, 4500, 7);
	is_read(trail, 1000, 5, "8 0 24 8 8", "a sample spans the columns that it covers");
	add(trail, 1, 10500, 64500, 7);
	is_read(trail, 1000, 3, "0 0 0", "a pause, too: its mean, not a gap");
	free(trail);
}

/* What a column says is the same a little later. */
static void test_standing_still(void)
{
	struct trail *trail = trail_new();

	for (uint64_t i = 0; i <= 20; i++)
		add(trail, 1, i * i * 1000, i * 1000, 7);
	is_read(trail, 5000, 4, "40 120 200 280", "columns of five seconds");
	add(trail, 1, 21 * 21 * 1000, 21000, 7);
	is_read(trail, 5000, 5, "40 120 200 280 328", "stay what they are when one begins");
	free(trail);
}

static void test_beginnings(void)
{
	struct trail *trail = trail_new();

	add(trail, 1, 1000, 0, 7);
	add(trail, 1, 2000, 1000, 7);
	add(trail, 1, 900000, 2000, 8);
	is_read(trail, 1000, 2, "8 -1", "another monitor's totals are no growth");
	add(trail, 1, 901000, 3000, 8);
	add(trail, 1, 100, 4000, 8);
	is_read(trail, 1000, 4, "8 -1 8 -1", "totals that fall are none either");
	add(trail, 1, 2100, 3500, 8);
	is_read(trail, 1000, 4, "8 -1 8 -1", "nor what is older than what we had");
	add(trail, 1, 5100, 5000, 8);
	is_read(trail, 1000, 5, "8 -1 8 16 16", "from there on it goes on");
	add(trail, 1, 6100, 5000, 8);
	is_read(trail, 1000, 5, "8 -1 8 16 16", "a moment has no rate");
	free(trail);
	trail = trail_new();
	add(trail, 1, 1000, 100000, 7);
	add(trail, 1, 2000, 101000, 7);
	add(trail, 1, 3000, 30000, 7);
	add(trail, 1, 5000, 31000, 7);
	is_read(trail, 1000, 3, "-1 -1 16", "a clock that was set back begins anew");
	free(trail);
}

static void test_ring(void)
{
	struct trail *trail = trail_new();
	int64_t kbps[TRAIL_COLUMNS_MOST];

	for (uint64_t i = 0; i <= TRAIL_SAMPLES + 100; i++)
		add(trail, 1, i * 1000, i * 1000, 7);
	is_u64(trail_read(trail, "wan0", 10000, kbps, 40), 8, "when it is full");
	is_u64((uint64_t)kbps[39], 8, "the newest is there");
	is_u64((uint64_t)kbps[39 - TRAIL_SAMPLES / 10], 8, "and the oldest that fits");
	ok(kbps[39 - TRAIL_SAMPLES / 10 - 1] == -1, "but not the one before");
	free(trail);
}

static void test_places(void)
{
	struct trail *trail = trail_new();
	int64_t kbps[1];

	add(trail, WANS_MAX, 1000, 0, 7);
	add(trail, WANS_MAX - 1, 2000, 1000, 7);
	is_u64(trail_read(trail, "wan62", 1000, kbps, 1), 8, "as many as there can be");
	/* The last of them is away; a new one takes its place. */
	strcpy(wans[5].name, "new");
	add(trail, WANS_MAX - 1, 3000, 2000, 7);
	add(trail, WANS_MAX - 1, 4000, 3000, 7);
	is_u64(trail_read(trail, "new", 1000, kbps, 1), 8, "and one that comes later");
	is_u64(trail_read(trail, "wan62", 1000, kbps, 1), 8, "beside those that stay");
	trail_read(trail, "wan63", 1000, kbps, 1);
	ok(kbps[0] == -1, "in the place of the one that is away");
	strcpy(wans[5].name, "wan5");
	free(trail);
}

/*
 * --- drawing -----------------------------------------------------------------------------------
 */

static void is_bar(uint32_t share, size_t width, bool utf8, const char *want)
{
	char text[64];

	bar_text(share, width, utf8, text, sizeof(text));
	is_text(text, want, "%" PRIu32 " of 10000 on %zu columns", share, width);
}

static void test_bars(void)
{
	is_bar(0, 4, true, "    ");
	is_bar(1, 4, true, "▏   ");
	is_bar(1250, 4, true, "▌   ");
	is_bar(2500, 4, true, "█   ");
	is_bar(5000, 4, true, "██  ");
	is_bar(7000, 4, true, "██▉ ");
	is_bar(9999, 4, true, "███▉");
	is_bar(10000, 4, true, "████");
	is_bar(UINT32_MAX, 4, true, "████");
	is_bar(10000, 0, true, "");
	is_bar(0, 4, false, "    ");
	is_bar(1, 4, false, ".   ");
	is_bar(1250, 4, false, "=   ");
	is_bar(5000, 4, false, "##  ");
	is_bar(9999, 4, false, "###=");
	is_bar(10000, 4, false, "####");
}

static void is_spark(const int64_t *kbps, size_t count, uint64_t full_kbps, bool utf8,
		     const char *want)
{
	char text[64];

	spark_text(kbps, count, full_kbps, utf8, text, sizeof(text));
	is_text(text, want, "%zu of at most %" PRIu64 " kbit/s", count, full_kbps);
}

static void test_sparks(void)
{
	static const int64_t rising[] = { -1, 0, 1, 100, 101, 400, 401, 700, 701, 800, 900 };
	static const int64_t great[] = { 1, INT64_C(1) << 50, INT64_C(1) << 51 };
	static const int64_t none[] = { 0, 0, -1 };
	char text[8];

	is_spark(rising, 11, 800, true, " ·▁▁▂▄▅▇███");
	is_spark(rising, 11, 800, false, " _...-=####");
	is_spark(great, 3, UINT64_C(1) << 51, true, "▁▄█");
	is_spark(none, 3, 0, true, "·· ");
	spark_text(rising, 11, 800, true, text, sizeof(text));
	is_text(text, " ·▁", "what has no room is left out, whole");
}

int main(void)
{
	for (size_t i = 0; i <= WANS_MAX; i++)
		snprintf(wans[i].name, WAN_NAME_LEN, "wan%zu", i);
	test_rates();
	test_standing_still();
	test_beginnings();
	test_ring();
	test_places();
	test_bars();
	test_sparks();
	return tap_done();
}
