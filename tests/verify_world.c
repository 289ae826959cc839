/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "tests/verify_world.h"

struct moving at;
struct verification told;
static char *words[] = { (char *)"ip", (char *)"mptcp", (char *)"limits", NULL };

void begin(void)
{
	at = (struct moving){
		.now_ms = 1000,
		.host = { .connections = { true, 2 },
			  .subflows = { true, 4 },
			  .cpu_busiest = { true, 2000 },
			  .tcp_memory_kib = { true, 900 },
			  .accounting = ACCOUNTING_EXACT },
		.wans = { { .index = 3, .name = "wan10", .state = WAN_QUIET },
			  { .index = 1,
			    .name = "wan1",
			    .state = WAN_CARRYING,
			    .subflows = 2,
			    .rtt_us = { true, 40000 },
			    .min_rtt_us = { true, 20000 } },
			  { .index = 2,
			    .name = "wan2",
			    .state = WAN_CARRYING,
			    .subflows = 2,
			    .rtt_us = { true, 50000 },
			    .min_rtt_us = { true, 21000 } } },
		.counters = { { .number = 3, .name = "MPCapableSYNACKRX", .value = 7 },
			      { .number = 4, .name = "MPCapableACKRX", .value = 1 } },
		.kbps_out = { 0, 8000, 4000 },
	};
}

struct snapshot *moment(void)
{
	struct snapshot *now = calloc(1, sizeof(*now) + sizeof(at.wans) + sizeof(at.counters));

	atomic_init(&now->holders, 1);
	now->taken_ms = at.now_ms;
	now->answers[Q_SUBFLOWS].error = at.error;
	now->host = at.host;
	now->wans = (struct wan *)(now + 1);
	now->counters = (struct counter *)(now->wans + 3);
	memcpy(now->wans, at.wans, sizeof(at.wans));
	memcpy(now->counters, at.counters, sizeof(at.counters));
	now->wan_count = 3;
	now->counter_count = 2;
	return now;
}

void look(struct window *window)
{
	const struct snapshot *now = moment();

	window_take(window, now);
	snapshot_release(now);
}

void move(void)
{
	at.now_ms += POLL_MS;
	for (size_t i = 0; i < 3; i++) {
		uint64_t in = at.kbps_in[i] * POLL_MS / 8, out = at.kbps_out[i] * POLL_MS / 8;

		at.wans[i].in_octets += in;
		at.wans[i].out_octets += out;
		at.host.in_octets += in;
		at.host.out_octets += out;
	}
}

void watch(struct window *window, uint32_t pressed_out)
{
	at.host.pressed_out = true;
	look(window);
	for (uint32_t i = 0; i < POLLS; i++) {
		at.host.pressed_out = i < pressed_out;
		move();
		look(window);
	}
}

void finish(void)
{
	window_free(&told.before);
	window_free(&told.after);
	told = (struct verification){ .command = words, .ran = true };
}

void compare(void)
{
	windows_compare(&told.before, &told.after, told.interrupted, &told.comparison);
}

void seed(uint32_t pressed_before, uint32_t pressed_after)
{
	finish();
	begin();
	watch(&told.before, pressed_before);
	at.wans[0].state = WAN_CARRYING;
	at.wans[0].subflows = 2;
	at.wans[0].rtt_us = (struct maybe_u32){ true, 30000 };
	at.kbps_out[0] = 6000;
	at.host.subflows.value = 6;
	watch(&told.after, pressed_after);
	compare();
}
