/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/verify_compare.h"

const char *const outcome_words[OUTCOMES] = {
	[OUTCOME_NONE] = "",
	[OUTCOME_SAME] = "same",
	[OUTCOME_BETTER] = "better",
	[OUTCOME_WORSE] = "worse",
	[OUTCOME_DEARER] = "dearer",
	[OUTCOME_CHEAPER] = "cheaper",
	[OUTCOME_CARRIES_NOW] = "carries-now",
	[OUTCOME_CARRIES_NO_MORE] = "carries-no-more",
};

/*
 * --- figures -----------------------------------------------------------------------------------
 */

static struct maybe_u64 ratio(uint64_t part, uint64_t times, uint64_t all)
{
	if (!all)
		return (struct maybe_u64){ false, 0 };
	return (struct maybe_u64){ true,
				   (uint64_t)((double)part * (double)times / (double)all + 0.5) };
}

static struct maybe_u64 mean_of(const struct mean *mean, uint64_t times)
{
	return ratio(mean->sum, times, mean->count);
}

static struct window_octets payload(const struct window *window, const struct window_wan *wan)
{
	return wan ? window_octets(window, wan->index) : window_octets_of_host(window);
}

/* Octets in milliseconds are kbit/s after times eight. */
static struct maybe_u64 out_kbps(const struct window *window, const struct window_wan *wan)
{
	return ratio(payload(window, wan).out, 8, window_ms(window));
}

static struct maybe_u64 in_kbps(const struct window *window, const struct window_wan *wan)
{
	return ratio(payload(window, wan).in, 8, window_ms(window));
}

/* Of what is worth the name of a rate: of a handful of octets nobody wants the shares. */
static struct maybe_u64 share(const struct window *window, uint64_t part, uint64_t all)
{
	return ratio(part, 10000, all * 8 >= window_ms(window) ? all : 0);
}

static struct maybe_u64 share_out(const struct window *window, const struct window_wan *wan)
{
	return share(window, payload(window, wan).out, window_octets_of_wans(window).out);
}

static struct maybe_u64 share_in(const struct window *window, const struct window_wan *wan)
{
	return share(window, payload(window, wan).in, window_octets_of_wans(window).in);
}

static struct maybe_u64 retrans(const struct window *window, const struct window_wan *wan)
{
	struct window_octets octets = payload(window, wan);

	return ratio(octets.retrans, 10000, octets.out + octets.retrans);
}

static struct maybe_u64 rtt(const struct window *window, const struct window_wan *wan)
{
	(void)window;
	return mean_of(&wan->rtt_us, 1);
}

static struct maybe_u64 min_rtt(const struct window *window, const struct window_wan *wan)
{
	(void)window;
	return wan->min_rtt_us;
}

static struct maybe_u64 subflows(const struct window *window, const struct window_wan *wan)
{
	(void)window;
	return mean_of(&wan->subflows, 100);
}

static struct maybe_u64 pressed(const struct window *window, const struct window_wan *wan)
{
	return (struct maybe_u64){ window->samples > 0, wan->pressed_ms };
}

static struct maybe_u64 state(const struct window *window, const struct window_wan *wan)
{
	const struct wan *now = window_wan_now(window, wan);

	return (struct maybe_u64){ now != NULL, now ? now->state : 0 };
}

static struct maybe_u64 connect_time(const struct window *window, const struct window_wan *wan)
{
	struct maybe_u64 us = { 0 };

	(void)wan;
	us.known = connect_median_us(&window->connects, &us.value);
	return us;
}

static struct maybe_u64 subflows_each(const struct window *window, const struct window_wan *wan)
{
	(void)wan;
	return ratio(window->subflows.sum, 100, window->connections.sum);
}

static struct maybe_u64 connections(const struct window *window, const struct window_wan *wan)
{
	(void)wan;
	return mean_of(&window->connections, 100);
}

static struct maybe_u64 busiest(const struct window *window, const struct window_wan *wan)
{
	(void)wan;
	return mean_of(&window->cpu_busiest, 1);
}

static struct maybe_u64 memory(const struct window *window, const struct window_wan *wan)
{
	(void)wan;
	return mean_of(&window->tcp_memory_kib, 1);
}

/*
 * The last two columns are more than what two windows of one load differ by. In the lab, full lines
 * of 10 Mbit/s, eight pairs of 10 s: rate 3 %, connect time 36 %, round trip 34 %, memory 17 %.
 */
static const struct measure of_host[MEASURES_OF_HOST] = {
	{ "out_kbps", "out", UNIT_KBPS, out_kbps, WANTED_MORE, DIRECTION_OUT, 5, 1 },
	{ "in_kbps", "in", UNIT_KBPS, in_kbps, WANTED_MORE, DIRECTION_IN, 5, 1 },
	{ "connect_us", "connect time", UNIT_US, connect_time, WANTED_LESS, DIRECTION_ANY, 40,
	  1000 },
	{ "mean_connections", "connections", UNIT_HUNDREDTHS, .of = connections },
	{ "subflows_per_connection", "subflows each", UNIT_HUNDREDTHS, .of = subflows_each },
	{ "cpu_busiest", "busiest core", UNIT_PART, busiest, WANTED_CHEAP, DIRECTION_ANY, 0, 1000 },
	{ "tcp_memory_kib", "TCP memory", UNIT_KIB, memory, WANTED_CHEAP, DIRECTION_ANY, 25, 256 },
};

/* One line's rate or share is neither good nor bad: the sum is. */
static const struct measure of_wan[MEASURES_OF_WAN] = {
	{ "state", "state", UNIT_STATE, .of = state },
	{ "out_kbps", "out", UNIT_KBPS, .of = out_kbps, .least = 10 },
	{ "in_kbps", "in", UNIT_KBPS, .of = in_kbps, .least = 10 },
	{ "share_out", "share out", UNIT_PART, .of = share_out },
	{ "share_in", "share in", UNIT_PART, .of = share_in },
	{ "rtt_us", "RTT", UNIT_US, rtt, WANTED_LESS, DIRECTION_ANY, 40, 1000 },
	{ "min_rtt_us", "min RTT", UNIT_US, .of = min_rtt, .least = 1000 },
	{ "retrans_ratio", "retrans", UNIT_PART, retrans, WANTED_LESS, DIRECTION_OUT, 0, 50 },
	{ "mean_subflows", "subflows", UNIT_HUNDREDTHS, .of = subflows },
	{ "pressed_ms", "left idle", UNIT_MS, pressed, WANTED_LESS, DIRECTION_ANY, 20, 1000 },
};

/*
 * --- what a change means -----------------------------------------------------------------------
 */

static uint64_t change_of(const struct change *row)
{
	return row->after.value > row->before.value ? row->after.value - row->before.value
						    : row->before.value - row->after.value;
}

/* Percents of a few microseconds tell of noise, but for what is as it was. */
static void tell_change(struct change *row)
{
	int64_t before = (int64_t)row->before.value, after = (int64_t)row->after.value;
	uint64_t least = row->measure->least;

	if (!row->before.known || !row->after.known || row->measure->unit == UNIT_STATE)
		return;
	if (row->measure->unit == UNIT_PART) {
		row->changed_known = true;
		row->changed = after - before;
	} else if (before && (before == after || change_of(row) >= least)) {
		double percent = (double)(after - before) * 100 / (double)before;

		row->changed_known = true;
		row->changed = (int64_t)(percent * 100 + (percent < 0 ? -0.5 : 0.5));
	}
}

static enum outcome judge_state(const struct change *row)
{
	bool was = row->before.known && row->before.value == WAN_CARRYING;
	bool is = row->after.known && row->after.value == WAN_CARRYING;

	return was == is ? OUTCOME_NONE : is ? OUTCOME_CARRIES_NOW : OUTCOME_CARRIES_NO_MORE;
}

static enum outcome judge(const struct change *row)
{
	const struct measure *measure = row->measure;
	bool more = row->after.value > row->before.value;
	uint64_t by = change_of(row);

	if (measure->unit == UNIT_STATE)
		return judge_state(row);
	if (measure->wanted == WANTED_NOTHING || !row->before.known || !row->after.known)
		return OUTCOME_NONE;
	if (by < measure->least ||
	    (double)by * 100 < (double)row->before.value * measure->least_percent)
		return OUTCOME_SAME;
	if (measure->wanted == WANTED_CHEAP)
		return more ? OUTCOME_DEARER : OUTCOME_CHEAPER;
	return more == (measure->wanted == WANTED_MORE) ? OUTCOME_BETTER : OUTCOME_WORSE;
}

static bool judged(const struct comparison *comparison, const struct measure *measure)
{
	switch (measure->direction) {
	case DIRECTION_OUT:
		return comparison->out;
	case DIRECTION_IN:
		return comparison->in;
	default:
		return comparison->comparable;
	}
}

/*
 * --- rows --------------------------------------------------------------------------------------
 */

static const struct window_wan *wan_named(const struct window *window, const char *name)
{
	for (size_t i = 0; i < window->wan_count; i++) {
		const struct wan *wan = window_wan_now(window, &window->wans[i]);

		if (wan && !strcmp(wan->name, name))
			return &window->wans[i];
	}
	return NULL;
}

static struct maybe_u64 figure(const struct measure *measure, const struct window *window,
			       const char *wan_name)
{
	const struct window_wan *wan = wan_name ? wan_named(window, wan_name) : NULL;

	if (!window->samples || (wan_name && !wan))
		return (struct maybe_u64){ false, 0 };
	return measure->of(window, wan);
}

static struct change *add_row(struct comparison *comparison, const struct measure *measure,
			      size_t wan, const struct window *before, const struct window *after)
{
	const char *name = wan == HOST_ROW ? NULL : comparison->wans[wan].name;
	struct change *row = &comparison->rows[comparison->row_count++];

	*row = (struct change){ .measure = measure, .wan = wan };
	row->before = figure(measure, before, name);
	row->after = figure(measure, after, name);
	tell_change(row);
	row->outcome = judged(comparison, measure) ? judge(row) : OUTCOME_NONE;
	return row;
}

/*
 * What a line that did not carry in both windows had there is no matter of the change; but how long
 * it was left idle is told of just such lines.
 */
static void add_wan(struct comparison *comparison, size_t wan, const struct window *before,
		    const struct window *after)
{
	const struct change *states = add_row(comparison, &of_wan[0], wan, before, after);
	bool carried = states->before.value == WAN_CARRYING && states->after.value == WAN_CARRYING;

	for (size_t i = 1; i < MEASURES_OF_WAN; i++) {
		struct change *row = add_row(comparison, &of_wan[i], wan, before, after);

		if (!carried && row->measure->unit != UNIT_MS)
			row->outcome = OUTCOME_NONE;
	}
}

static void name_wans(struct comparison *comparison, const struct window *window)
{
	for (size_t i = 0; i < window->wan_count; i++) {
		const struct wan *wan = window_wan_now(window, &window->wans[i]);
		size_t at = 0;

		while (wan && at < comparison->wan_count &&
		       strcmp(comparison->wans[at].name, wan->name) != 0)
			at++;
		if (!wan || at == WANS_MAX)
			continue;
		memcpy(comparison->wans[at].name, wan->name, sizeof(wan->name));
		memcpy(comparison->wans[at].label, wan->label, sizeof(wan->label));
		comparison->wan_count += at == comparison->wan_count;
	}
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct compared_wan *)a)->name,
			  ((const struct compared_wan *)b)->name);
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

/* Only its owner knows what a line can receive. */
static bool receiving_known(const struct window *window)
{
	for (size_t i = 0; window->last && i < window->last->wan_count; i++)
		if (window->last->wans[i].rate_in_kbps.known)
			return true;
	return false;
}

static size_t tell_pressure(char *text, size_t len, const char *what, const struct window *before,
			    uint32_t pressed_before, const struct window *after,
			    uint32_t pressed_after)
{
	return len + (size_t)snprintf(text + len, VERIFY_REASON_LEN - len,
				      "%s%s%s in %" PRIu32 " of %" PRIu32
				      " samples before and %" PRIu32 " of %" PRIu32 " after",
				      len ? ", " : "", what, len ? "" : " was under pressure",
				      pressed_before, before->samples, pressed_after,
				      after->samples);
}

static void tell_reason(struct comparison *comparison, const struct window *before,
			const struct window *after, bool interrupted)
{
	char *text = comparison->reason;
	size_t len = 0;

	if (interrupted) {
		snprintf(text, VERIFY_REASON_LEN, "interrupted");
		return;
	}
	if (comparison->out || !comparison->in)
		len = tell_pressure(text, len, "sending", before, before->pressed_out, after,
				    after->pressed_out);
	if (comparison->in || (!comparison->comparable && receiving_known(after)))
		len = tell_pressure(text, len, "receiving", before, before->pressed_in, after,
				    after->pressed_in);
	if (comparison->comparable)
		return;
	snprintf(text + len, VERIFY_REASON_LEN - len, "; 80 %% of both are needed%s",
		 receiving_known(after) ? "" : ", and without rate-in receiving cannot be judged");
}

void windows_compare(const struct window *before, const struct window *after, bool interrupted,
		     struct comparison *out)
{
	*out = (struct comparison){ 0 };
	out->out = !interrupted && window_pressed(before, before->pressed_out) &&
		   window_pressed(after, after->pressed_out);
	out->in = !interrupted && window_pressed(before, before->pressed_in) &&
		  window_pressed(after, after->pressed_in);
	out->comparable = out->out || out->in;
	tell_reason(out, before, after, interrupted);
	name_wans(out, before);
	name_wans(out, after);
	qsort(out->wans, out->wan_count, sizeof(out->wans[0]), by_name);
	for (size_t i = 0; i < MEASURES_OF_HOST; i++)
		add_row(out, &of_host[i], HOST_ROW, before, after);
	for (size_t i = 0; i < out->wan_count; i++)
		add_wan(out, i, before, after);
}

static struct maybe_u64 counted(const struct snapshot *snapshot)
{
	static const char *const answered[] = { "MPCapableSYNACKRX", "MPCapableACKRX" };
	struct maybe_u64 count = { 0 };

	for (size_t i = 0; i < snapshot->counter_count; i++)
		for (size_t j = 0; j < sizeof(answered) / sizeof(answered[0]); j++)
			if (!strcmp(snapshot->counters[i].name, answered[j])) {
				count.known = true;
				count.value += snapshot->counters[i].value;
			}
	return count;
}

struct maybe_u64 connections_begun(const struct snapshot *since, const struct snapshot *until)
{
	struct maybe_u64 was = counted(since), is = counted(until);

	if (!was.known || !is.known || is.value < was.value)
		return (struct maybe_u64){ false, 0 };
	return (struct maybe_u64){ true, is.value - was.value };
}
