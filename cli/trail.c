/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "cli/trail.h"

/* Two sources of snapshots need not tell theirs in order: one may be older than what we had. */
enum { SET_BACK_MS = 60 * 1000 };

struct trail *trail_new(void)
{
	return calloc(1, sizeof(struct trail));
}

/* Its place, or wan_count. */
static size_t find(const struct trail *trail, const char *name)
{
	size_t i = 0;

	while (i < trail->wan_count && strcmp(trail->wans[i].name, name) != 0)
		i++;
	return i;
}

/* A place for a WAN that is new: the one that was longest away gives way. */
static struct trail_wan *place(struct trail *trail, const char *name)
{
	struct trail_wan *wan = &trail->wans[0];

	if (trail->wan_count < WANS_MAX)
		wan = &trail->wans[trail->wan_count++];
	else
		for (size_t i = 1; i < WANS_MAX; i++)
			if (trail->wans[i].at_ms < wan->at_ms)
				wan = &trail->wans[i];
	*wan = (struct trail_wan){ 0 };
	strcpy(wan->name, name);
	return wan;
}

static void take(struct trail_wan *wan, uint64_t octets, uint64_t at_ms)
{
	struct trail_sample *sample = &wan->samples[wan->count % TRAIL_SAMPLES];

	sample->until_ms = at_ms;
	sample->for_ms = at_ms - wan->at_ms;
	sample->kbps = (octets - wan->octets) * 8 / sample->for_ms;
	wan->count++;
}

void trail_add(struct trail *trail, const struct snapshot *snapshot, uint64_t at_ms)
{
	bool anew;

	if (at_ms + SET_BACK_MS < trail->newest_ms)
		*trail = (struct trail){ 0 };
	anew = snapshot->host.since_s != trail->since_s;
	trail->since_s = snapshot->host.since_s;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *row = &snapshot->wans[i];
		uint64_t octets = row->in_octets + row->out_octets;
		size_t at = find(trail, row->name);
		struct trail_wan *wan =
			at < trail->wan_count ? &trail->wans[at] : place(trail, row->name);

		if (!anew && wan->at_ms && wan->at_ms < at_ms && wan->octets <= octets)
			take(wan, octets, at_ms);
		wan->at_ms = at_ms;
		wan->octets = octets;
	}
	if (trail->newest_ms < at_ms)
		trail->newest_ms = at_ms;
}

/*
 * A column's sum of rate x time, and of time. Rates below 2^40 kbit/s and columns below 2^24 ms
 * keep it within its bits.
 */
struct column {
	uint64_t area, ms;
};

static void spread(const struct trail_sample *sample, uint64_t first_ms, uint64_t column_ms,
		   struct column *columns, size_t count)
{
	uint64_t from = sample->until_ms - sample->for_ms, until = sample->until_ms;

	if (from < first_ms)
		from = first_ms;
	for (size_t i = (from - first_ms) / column_ms; i < count && from < until; i++) {
		uint64_t end = first_ms + (i + 1) * column_ms;
		uint64_t ms = (until < end ? until : end) - from;

		columns[i].area += sample->kbps * ms;
		columns[i].ms += ms;
		from += ms;
	}
}

uint64_t trail_read(const struct trail *trail, const char *name, uint64_t column_ms, int64_t *kbps,
		    size_t count)
{
	size_t at = find(trail, name);
	const struct trail_wan *wan = at < trail->wan_count ? &trail->wans[at] : NULL;
	struct column columns[TRAIL_COLUMNS_MOST] = { 0 };
	uint64_t end_ms = (trail->newest_ms + column_ms - 1) / column_ms * column_ms;
	uint64_t first_ms = end_ms > count * column_ms ? end_ms - count * column_ms : 0;
	uint64_t most = 0;

	for (size_t i = 0; wan && i < TRAIL_SAMPLES && i < wan->count; i++)
		spread(&wan->samples[i], first_ms, column_ms, columns, count);
	for (size_t i = 0; i < count; i++) {
		kbps[i] = columns[i].ms ? (int64_t)(columns[i].area / columns[i].ms) : -1;
		if (kbps[i] > (int64_t)most)
			most = (uint64_t)kbps[i];
	}
	return most;
}
