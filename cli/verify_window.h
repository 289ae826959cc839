/* SPDX-License-Identifier: MIT */
#ifndef CLI_VERIFY_WINDOW_H
#define CLI_VERIFY_WINDOW_H
#include "cli/connects.h"
#include "lib/metrics.h"

/*
 * What a stretch of time has shown: snapshots go in one by one, figures come out. The first one is
 * where it begins; each one after it that could read the subflows is a sample.
 */
struct mean {
	uint64_t sum;
	uint32_t count;
};

struct window_wan {
	uint32_t index;
	struct mean rtt_us, subflows;
	struct maybe_u64 min_rtt_us;	/* the least of all samples */
	uint64_t pressed_ms;		/* silent while others were under pressure */
};

struct window {
	const struct snapshot *first, *last;	/* held; NULL: none yet. last is a sample or the first */
	uint32_t samples;
	uint32_t unread;		/* polls that were none: the subflows could not be read */
	uint32_t pressed_out, pressed_in;	/* samples under pressure, as the diagnosis says */
	struct mean connections, subflows, cpu_busiest, tcp_memory_kib;
	struct window_wan wans[WANS_MAX];
	size_t wan_count;
	struct connect_times connects;	/* of our own, if any were asked for */
};

/* Takes one more moment in. */
void window_take(struct window *, const struct snapshot *);
void window_free(struct window *);	/* lets go of its snapshots */

/* Between its first and its last moment. */
uint64_t window_ms(const struct window *);

/* Enough samples under pressure for the whole to be: 80 %, two at least. */
bool window_pressed(const struct window *, uint32_t pressed);

/* The i-th of its WANs as it was last, and what the samples showed of it. */
const struct wan *window_wan_now(const struct window *, const struct window_wan *);

/* Octets since the first moment; a WAN that was not there, or forgotten since, began at 0. */
struct window_octets {
	uint64_t in, out, retrans;
};
struct window_octets window_octets(const struct window *, uint32_t wan_index);
struct window_octets window_octets_of_wans(const struct window *);	/* all of them */
struct window_octets window_octets_of_host(const struct window *);	/* and what fits none */
#endif
