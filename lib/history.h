/* SPDX-License-Identifier: MIT */
#ifndef LIB_HISTORY_H
#define LIB_HISTORY_H
#include "lib/snapshot.h"

/*
 * The moments before this one, oldest first: of each only what a comparison needs. Kept by the
 * monitor, spaced so that the windows are covered by no more than HISTORY_MOST of them. The newest
 * snapshot is held whole.
 */
enum { HISTORY_MOST = 64 };

struct moment_wan {
	uint32_t index;
	bool pressed;			/* silent while others were under pressure, as this sample says */
	uint64_t in, out, retrans;	/* octets of payload */
	uint64_t plain_in, plain_out;	/* ... of connections in fallback */
	uint64_t if_in, if_out;		/* octets of the interface; 0: not known */
};

struct moment {
	uint64_t taken_ms;
	bool comparable;		/* its totals were read, not held */
	size_t count;
	struct moment_wan wans[];	/* sorted by index */
};

struct history {
	struct moment *moments[HISTORY_MOST];
	size_t count;
	const struct snapshot *last;	/* held; NULL: none */
};

/*
 * Takes note of a diagnosed snapshot, and forgets what no comparison needs any more. Moments of the
 * last `dense_ms` lie closely, for there they are samples; older ones up to `window_ms` do not. The
 * newest moment always stays, and so does the newest comparable one. Without memory the moment is
 * left out.
 */
void history_add(struct history *, const struct snapshot *, uint32_t window_ms, uint32_t dense_ms);
void history_clear(struct history *);

/*
 * The newest comparable moment that is at least age_ms old, else the oldest comparable one; NULL:
 * none.
 */
const struct moment *history_at(const struct history *, uint64_t now_ms, uint32_t age_ms);

/* The WAN of that index, or NULL. */
const struct moment_wan *moment_wan(const struct moment *, uint32_t index);
#endif
