/* SPDX-License-Identifier: MIT */
/*
 * GET and GETNEXT of any OID below our root, over a snapshot with rows in every table: octets are
 * parts of it, and after one of 255 the next eight are a part. Whatever is asked, the next cell is
 * the first one behind it in the order of a walk from the beginning.
 */
#include <stdlib.h>
#include <string.h>
#include "agent/mib.h"
#include "tests/fuzz/fuzz.h"
#include "tests/know_all.h"

enum { CELLS_MOST = 1000, PARTS_MOST = 16 };

static struct wan wans[] = { { .index = 1, .name = "wan1" },
			     { .index = 2, .name = "wan2", .carried_ms = 50 },
			     { .index = INT32_MAX, .name = "wan9" } };
static struct endpoint endpoints[] = { { .id = 1 }, { .id = 255 } };
static struct counter counters[] = { { .number = 1 }, { .number = UINT32_MAX } };
static struct finding findings[] = { { .wan_index = 0, .cause = CAUSE_FALLBACK, .since_ms = 3 },
				     { .wan_index = 2, .cause = CAUSE_NONE },
				     { .wan_index = UINT32_MAX, .cause = UINT32_MAX } };
static struct alarm alarms[] = { { .wan_index = 2, .type = ALARM_UP_BUT_IDLE, .raised_s = 9 },
				 { .wan_index = 2, .type = ALARM_LINE_DOWN } };
static struct snapshot snapshot = {
	.taken_ms = 60000,
	.host = { .since_ms = 5 },
	.wans = wans,
	.wan_count = 3,
	.endpoints = endpoints,
	.endpoint_count = 2,
	.counters = counters,
	.counter_count = 2,
	.findings = findings,
	.finding_count = 3,
	.alarms = alarms,
	.alarm_count = 2,
};

static struct mib_cell cells[CELLS_MOST];
static size_t cell_count;

/* Lexicographic; a prefix comes before what it begins. */
static int compare(const unsigned long *a, size_t a_len, const unsigned long *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return (a_len > b_len) - (a_len < b_len);
}

/* All cells, by a walk from the beginning. */
static void walk(void)
{
	static const struct alarm_record records[] = { { .sequence = 7, .time_s = 9 },
						       { .sequence = 8 } };
	const unsigned long *oid = NULL;
	struct mib_cell cell;
	size_t len = 0;

	snapshot.alarm_log = alarm_log_append(NULL, records, 2);
	must(snapshot.alarm_log);
	know_all(&metric_tables[TABLE_HOST], &snapshot.host);
	know_all(&metric_tables[TABLE_WAN], &wans[0]);
	know_all(&metric_tables[TABLE_ENDPOINT], &endpoints[0]);
	while (mib_next(&snapshot, oid, len, &cell)) {
		must(!len || compare(cell.oid, cell.oid_len, oid, len) > 0);
		must(cell_count < CELLS_MOST);
		cells[cell_count] = cell;
		oid = cells[cell_count].oid;
		len = cells[cell_count++].oid_len;
	}
	must(cell_count > 100);
}

/* The OID that the octets tell. */
static size_t oid_of(const uint8_t *bytes, size_t len, unsigned long *oid)
{
	size_t parts = 0;
	uint64_t part;

	for (size_t at = 0; at < len && parts < PARTS_MOST; at++) {
		part = bytes[at];
		if (part == UINT8_MAX && len - at > sizeof(part)) {
			memcpy(&part, bytes + at + 1, sizeof(part));
			at += sizeof(part);
		}
		oid[parts++] = (unsigned long)part;
	}
	return parts;
}

void fuzz_mib(const void *bytes, size_t len)
{
	unsigned long parts[PARTS_MOST], *oid;
	struct mib_cell cell;
	size_t count, next = 0;
	enum mib_found found;

	if (!cell_count)
		walk();
	count = oid_of(bytes, len, parts);
	oid = malloc(count * sizeof(*oid));
	memcpy(oid, parts, count * sizeof(*oid));
	while (next < cell_count && compare(cells[next].oid, cells[next].oid_len, oid, count) <= 0)
		next++;
	if (mib_next(&snapshot, oid, count, &cell))
		must(next < cell_count && cell.metric == cells[next].metric &&
		     cell.row == cells[next].row);
	else
		must(next == cell_count);
	found = mib_get(&snapshot, oid, count, &cell);
	must((found == MIB_FOUND) ==
	     (next && !compare(cells[next - 1].oid, cells[next - 1].oid_len, oid, count)));
	must(found != MIB_FOUND || cell.row == cells[next - 1].row);
	free(oid);
}
