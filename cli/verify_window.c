/* SPDX-License-Identifier: MIT */
#include "cli/verify_window.h"

static void add(struct mean *mean, const struct maybe_u32 *value)
{
	mean->sum += value->known ? value->value : 0;
	mean->count += value->known;
}

static struct window_wan *find_or_add(struct window *window, uint32_t index)
{
	for (size_t i = 0; i < window->wan_count; i++)
		if (window->wans[i].index == index)
			return &window->wans[i];
	if (window->wan_count == WANS_MAX)
		return NULL;
	window->wans[window->wan_count].index = index;
	return &window->wans[window->wan_count++];
}

static void take_wan(struct window_wan *to, const struct wan *wan, uint64_t elapsed_ms)
{
	const struct maybe_u32 subflows = { true, wan->subflows };

	add(&to->rtt_us, &wan->rtt_us);
	add(&to->subflows, &subflows);
	if (wan->min_rtt_us.known &&
	    (!to->min_rtt_us.known || wan->min_rtt_us.value < to->min_rtt_us.value))
		to->min_rtt_us = (struct maybe_u64){ true, wan->min_rtt_us.value };
	to->pressed_ms += wan->pressed ? elapsed_ms : 0;
}

static void take_sample(struct window *window, const struct snapshot *snapshot)
{
	const struct host *host = &snapshot->host;
	uint64_t elapsed_ms = snapshot->taken_ms - window->last->taken_ms;

	window->samples++;
	window->pressed_out += host->pressed_out;
	window->pressed_in += host->pressed_in;
	add(&window->connections, &host->connections);
	add(&window->subflows, &host->subflows);
	add(&window->cpu_busiest, &host->cpu_busiest);
	add(&window->tcp_memory_kib, &host->tcp_memory_kib);
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		struct window_wan *wan = find_or_add(window, snapshot->wans[i].index);

		if (wan)
			take_wan(wan, &snapshot->wans[i], elapsed_ms);
	}
}

void window_take(struct window *window, const struct snapshot *snapshot)
{
	if (snapshot->answers[Q_SUBFLOWS].error || snapshot->answers[Q_CONNECTIONS].error) {
		window->unread++;
		return;
	}
	if (!window->first) {
		window->first = snapshot_hold(snapshot);
	} else {
		take_sample(window, snapshot);
		snapshot_release(window->last);
	}
	window->last = snapshot_hold(snapshot);
}

void window_free(struct window *window)
{
	snapshot_release(window->first);
	snapshot_release(window->last);
	*window = (struct window){ 0 };
}

uint64_t window_ms(const struct window *window)
{
	return window->first ? window->last->taken_ms - window->first->taken_ms : 0;
}

bool window_pressed(const struct window *window, uint32_t pressed)
{
	return window->samples > 1 && pressed * 10 >= window->samples * 8;
}

const struct wan *window_wan_now(const struct window *window, const struct window_wan *wan)
{
	return snapshot_wan(window->last, wan->index);
}

/*
 * --- octets ------------------------------------------------------------------------------------
 */

struct window_octets window_octets(const struct window *window, uint32_t wan_index)
{
	const struct wan *now = snapshot_wan(window->last, wan_index);
	const struct wan *was = snapshot_wan(window->first, wan_index);
	struct window_octets octets = { 0 };

	if (!now)
		return octets;
	octets = (struct window_octets){ now->in_octets, now->out_octets, now->retrans_octets };
	if (was && was->in_octets <= octets.in && was->out_octets <= octets.out) {
		octets.in -= was->in_octets;
		octets.out -= was->out_octets;
		octets.retrans -= was->retrans_octets;
	}
	return octets;
}

struct window_octets window_octets_of_wans(const struct window *window)
{
	struct window_octets all = { 0 };

	for (size_t i = 0; i < window->wan_count; i++) {
		struct window_octets octets = window_octets(window, window->wans[i].index);

		all.in += octets.in;
		all.out += octets.out;
		all.retrans += octets.retrans;
	}
	return all;
}

/* These never fall. */
struct window_octets window_octets_of_host(const struct window *window)
{
	const struct host *now = &window->last->host, *was = &window->first->host;

	return (struct window_octets){
		now->in_octets - was->in_octets,
		now->out_octets - was->out_octets,
		now->retrans_octets - was->retrans_octets,
	};
}
