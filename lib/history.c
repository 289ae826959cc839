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

/*
 * Polls quicker than the spacing: the newest always stays, the one before it gives way, but not to
 * one that nothing can be compared with.
 */
static void thin_out(struct history *history, const struct moment *fresh, uint32_t window_ms)
{
	uint32_t spacing_ms = window_ms / (HISTORY_MOST / 2);
	size_t last = history->count;

	if (last && !history->moments[last - 1]->comparable)
		let_go(history, last - 1);
	/* One older than the window is needed, the second such is not. */
	while (history->count > 1 && fresh->taken_ms - history->moments[1]->taken_ms >= window_ms)
		let_go(history, 0);
	last = history->count;
	if (last > 1 && fresh->comparable &&
	    history->moments[last - 1]->taken_ms - history->moments[last - 2]->taken_ms <
		    spacing_ms)
		let_go(history, last - 1);
	else if (history->count == HISTORY_MOST)
		let_go(history, 0);
}

void history_add(struct history *history, const struct snapshot *snapshot, uint32_t window_ms)
{
	struct moment *moment = moment_of(snapshot);

	if (moment) {
		thin_out(history, moment, window_ms);
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
