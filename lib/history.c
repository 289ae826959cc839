/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/history.h"

static void let_go(struct history *history, size_t at)
{
	free(history->moments[at]);
	history->count--;
	memmove(&history->moments[at], &history->moments[at + 1],
		(history->count - at) * sizeof(history->moments[0]));
}

static struct moment *moment_of(const struct snapshot *snapshot)
{
	struct moment *moment =
		malloc(sizeof(*moment) + snapshot->wan_count * sizeof(moment->wans[0]));

	if (!moment)
		return NULL;
	moment->taken_ms = snapshot->taken_ms;
	/* Totals that were not read lag behind: growth since them is not growth since then. */
	moment->comparable = !snapshot->answers[Q_SUBFLOWS].error;
	moment->count = snapshot->wan_count;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];

		moment->wans[i] = (struct moment_wan){
			.index = wan->index,
			.pressed = wan->pressed,
			.in = wan->in_octets,
			.out = wan->out_octets,
			.retrans = wan->retrans_octets,
			.plain_in = wan->plain_in_octets,
			.plain_out = wan->plain_out_octets,
			.if_in = wan->if_in_octets.value,
			.if_out = wan->if_out_octets.value,
		};
	}
	return moment;
}

/* How far apart two moments must be, the older of which is of that age. */
static uint64_t spacing_ms(uint64_t age_ms, uint32_t window_ms, uint32_t dense_ms)
{
	enum { DENSE = HISTORY_MOST / 2, SPARSE = HISTORY_MOST / 4 };

	return age_ms <= dense_ms ? dense_ms / DENSE : window_ms / SPARSE;
}

/*
 * Of two that are too close the younger goes: so the oldest stays, which a window begins at. Those
 * that nothing can be compared with go first; the newest is `fresh`, and stays.
 */
static void thin_out(struct history *history, const struct moment *fresh, uint32_t window_ms,
		     uint32_t dense_ms)
{
	uint32_t longest_ms = window_ms > dense_ms ? window_ms : dense_ms;

	if (history->count && !history->moments[history->count - 1]->comparable)
		let_go(history, history->count - 1);
	/* One older than the window is needed, the second such is not. */
	while (history->count > 1 && fresh->taken_ms - history->moments[1]->taken_ms >= longest_ms)
		let_go(history, 0);
	for (size_t i = history->count; i-- > 1;) {
		uint64_t age_ms = fresh->taken_ms - history->moments[i]->taken_ms;
		uint64_t apart_ms =
			history->moments[i]->taken_ms - history->moments[i - 1]->taken_ms;
		bool newest = i == history->count - 1;

		if ((!newest || fresh->comparable) &&
		    apart_ms < spacing_ms(age_ms, window_ms, dense_ms))
			let_go(history, i);
	}
	if (history->count == HISTORY_MOST)
		let_go(history, 0);
}

void history_add(struct history *history, const struct snapshot *snapshot, uint32_t window_ms,
		 uint32_t dense_ms)
{
	struct moment *moment = moment_of(snapshot);

	if (moment) {
		thin_out(history, moment, window_ms, dense_ms);
		history->moments[history->count++] = moment;
	}
	snapshot_release(history->last);
	history->last = snapshot_hold(snapshot);
}

void history_clear(struct history *history)
{
	while (history->count)
		let_go(history, history->count - 1);
	snapshot_release(history->last);
	history->last = NULL;
}

const struct moment *history_at(const struct history *history, uint64_t now_ms, uint32_t age_ms)
{
	const struct moment *base = NULL;

	for (size_t i = history->count; i--;) {
		if (!history->moments[i]->comparable)
			continue;
		base = history->moments[i];
		if (now_ms - base->taken_ms >= age_ms)
			break;
	}
	return base;
}

const struct moment_wan *moment_wan(const struct moment *moment, uint32_t index)
{
	for (size_t i = 0; i < moment->count; i++)
		if (moment->wans[i].index == index)
			return &moment->wans[i];
	return NULL;
}
