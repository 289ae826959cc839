/* SPDX-License-Identifier: MIT */
#ifndef CLI_TRAIL_H
#define CLI_TRAIL_H
#include "lib/metrics.h"

/*
 * What each WAN carried in the last minutes: the growth of its totals from one snapshot to the
 * next, whoever took them and however far apart. A ring for each WAN, found by its name.
 */
enum { TRAIL_SAMPLES = 256, TRAIL_COLUMNS_MOST = 60 };

struct trail_sample {
	uint64_t until_ms, for_ms; /* since 1970; how long it took */
	uint64_t kbps;		   /* payload of both directions */
};

struct trail_wan {
	char name[WAN_NAME_LEN];
	uint64_t at_ms, octets; /* the last snapshot's; 0: it was in none */
	struct trail_sample samples[TRAIL_SAMPLES];
	size_t count; /* that were ever taken */
};

struct trail {
	uint64_t since_s;   /* when the totals began that were last seen */
	uint64_t newest_ms; /* 0: nothing was seen yet */
	struct trail_wan wans[WANS_MAX];
	size_t wan_count;
};

/* NULL: no memory. free() frees it. */
struct trail *trail_new(void);

/*
 * at_ms: when the snapshot was taken, since 1970. Totals that began anew (another monitor's, say)
 * are a new beginning: no sample, no fall. A clock that was set back by more than a minute ends
 * what was there.
 */
void trail_add(struct trail *, const struct snapshot *, uint64_t at_ms);

/*
 * The mean rates in kbit/s over `count` columns of time (at most TRAIL_COLUMNS_MOST), the newest
 * last, -1 for a column of which nothing is known. Their bounds are multiples of column_ms, so that
 * they stay what they are while time goes on. Returns the greatest of them, or 0.
 */
uint64_t trail_read(const struct trail *, const char *name, uint64_t column_ms, int64_t *kbps,
		    size_t count);
#endif
