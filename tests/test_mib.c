/* SPDX-License-Identifier: MIT */
/* GET and GETNEXT over a hand-made snapshot: one order, nothing skipped, nothing invented. */
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "agent/mib.h"
#include "tests/tap.h"

enum { CELLS_MOST = 400, HOST = 1, WAN = 2, ENDPOINT = 3, COUNTERS = 8, ENTRY = 1 };

static struct wan wans[] = {
	{ .index = 2, .name = "wan2", .in_kbps = { true, 7 }, .if_in_octets = { true, 9 } },
	{ .index = 5, .name = "wan5", .carried_ms = 50 },
	{ .index = INT32_MAX, .name = "wan9", .in_kbps = { true, 8 } },
};
static struct counter counters[] = { { .number = 1 },
				     { .number = 1000 },
				     { .number = UINT32_MAX } };
static const struct snapshot full = {
	.host = { .connections = { true, 5 }, .since_ms = 5, .since_s = 1800000000 },
	.wans = wans,
	.wan_count = 3,
	.counters = counters,
	.counter_count = 3,
	/* no endpoints */
};
static const struct snapshot empty = { .taken_ms = 1 };

struct oid {
	unsigned long parts[8];
	size_t len;
};

#define OID(...)                                                                                   \
	(struct oid)                                                                               \
	{                                                                                          \
		{ __VA_ARGS__ }, sizeof((unsigned long[]){ __VA_ARGS__ }) / sizeof(unsigned long)  \
	}

static int compare(const unsigned long *a, size_t a_len, const unsigned long *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return (a_len > b_len) - (a_len < b_len);
}

/* Walks from `from` (none: the beginning); the number of cells, 0 when they do not rise. */
static size_t walk(const struct snapshot *snapshot, struct oid from, struct mib_cell *cells)
{
	const unsigned long *at = from.parts;
	size_t len = from.len, count = 0;

	while (count < CELLS_MOST && mib_next(snapshot, at, len, &cells[count])) {
		if (compare(cells[count].oid, cells[count].oid_len, at, len) <= 0)
			return 0;
		at = cells[count].oid;
		len = cells[count].oid_len;
		count++;
	}
	return count;
}

/* The cells that there are, by the table itself. */
static size_t cells_of(const struct snapshot *snapshot)
{
	struct metric_value value;
	size_t cells = 0, count;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];
		const char *row = metric_rows(snapshot, table, &count);

		for (size_t i = 0; i < count; i++, row += table->row_size)
			for (size_t m = 0; m < table->count; m++)
				cells += metric_read(&table->metrics[m], row, &value);
	}
	return cells;
}

static void a_walk_is_what_get_answers(void)
{
	struct mib_cell *cells = calloc(CELLS_MOST, sizeof(*cells)), cell;
	size_t count = walk(&full, (struct oid){ .len = 0 }, cells);
	bool good = true;

	is_u64(count, cells_of(&full), "every cell, in strictly rising order");
	for (size_t i = 0; i < count; i++) {
		good &= mib_get(&full, cells[i].oid, cells[i].oid_len, &cell) == MIB_FOUND;
		good &= cell.metric == cells[i].metric && cell.row == cells[i].row;
		good &= cell.oid_len == cells[i].oid_len;
		good &= !compare(cell.oid, cell.oid_len, cells[i].oid, cells[i].oid_len);
	}
	ok(good, "each of them is had by GET");
	ok(cells[0].oid[1] == HOST && cells[count - 1].oid[1] == COUNTERS, "from host to counters");
	free(cells);
}

/* Whatever we start from: the first cell that is greater. */
static void next_from_everywhere(void)
{
	static const unsigned long parts[] = { 0,  1,  2,  3,	 4,	    5,		8,	  9,
					       27, 36, 37, 1000, INT32_MAX, UINT32_MAX, ULONG_MAX };
	const size_t n = sizeof(parts) / sizeof(parts[0]);
	struct mib_cell *cells = calloc(CELLS_MOST, sizeof(*cells)), cell;
	size_t count = walk(&full, (struct oid){ .len = 0 }, cells), expected, tried = 0, wrong = 0;

	for (size_t code = 0; code < n * n * n * n * n; code++) {
		struct oid from = { .len = 0 };

		for (size_t rest = code; from.len < 5; rest /= n)
			from.parts[from.len++] = parts[rest % n];
		/* Prefixes of it, too, and one that goes on. */
		from.len = code % 7;
		from.parts[5] = code % 3;
		for (expected = 0; expected < count; expected++)
			if (compare(cells[expected].oid, cells[expected].oid_len, from.parts,
				    from.len) > 0)
				break;
		tried++;
		if (mib_next(&full, from.parts, from.len, &cell))
			wrong += expected == count ||
				 compare(cell.oid, cell.oid_len, cells[expected].oid,
					 cells[expected].oid_len);
		else
			wrong += expected != count;
	}
	is_u64(wrong, 0, "from %zu OIDs the next is the first that is greater", tried);
	free(cells);
}

static void is_found(struct oid oid, enum mib_found want, const char *what)
{
	struct mib_cell cell;

	is_u64(mib_get(&full, oid.parts, oid.len, &cell), want, "%s", what);
}

static void get_is_exact(void)
{
	is_found(OID(1, HOST, 7, 0), MIB_FOUND, "a scalar");
	is_found(OID(1, HOST, 7), MIB_NO_INSTANCE, "a scalar without its 0");
	is_found(OID(1, HOST, 7, 1), MIB_NO_INSTANCE, "another instance of it");
	is_found(OID(1, HOST, 7, 0, 0), MIB_NO_INSTANCE, "and something more");
	is_found(OID(1, HOST, 8, 0), MIB_NO_INSTANCE, "a scalar that is absent");
	is_found(OID(1, HOST, 99, 0), MIB_NO_OBJECT, "no such scalar");
	is_found(OID(1, WAN, ENTRY, 2, 5), MIB_FOUND, "a cell");
	is_found(OID(1, WAN, ENTRY, 2, INT32_MAX), MIB_FOUND, "the greatest index");
	is_found(OID(1, WAN, ENTRY, 2, 3), MIB_NO_INSTANCE, "no such row");
	is_found(OID(1, WAN, ENTRY, 2, (1UL << 32) + 5), MIB_NO_INSTANCE,
		 "an index beyond 32 bits");
	is_found(OID(1, WAN, ENTRY, 2), MIB_NO_INSTANCE, "no index");
	is_found(OID(1, WAN, ENTRY, 2, 5, 0), MIB_NO_INSTANCE, "two indexes");
	is_found(OID(1, WAN, ENTRY, 27, 5), MIB_NO_INSTANCE, "a value that is absent");
	is_found(OID(1, WAN, ENTRY, 36, 5), MIB_FOUND, "a moment");
	is_found(OID(1, WAN, ENTRY, 36, 2), MIB_NO_INSTANCE, "a moment that never was");
	is_found(OID(1, WAN, ENTRY, 1, 5), MIB_NO_OBJECT, "the index is not accessible");
	is_found(OID(1, WAN, ENTRY, 99, 5), MIB_NO_OBJECT, "no such column");
	is_found(OID(1, WAN, 2, 2, 5), MIB_NO_OBJECT, "no such entry");
	is_found(OID(1, WAN), MIB_NO_OBJECT, "a table");
	is_found(OID(1, ENDPOINT, ENTRY, 3, 1), MIB_NO_INSTANCE, "an empty table");
	is_found(OID(1, 99, ENTRY, 2, 5), MIB_NO_OBJECT, "no such table");
	is_found(OID(2, WAN, ENTRY, 2, 5), MIB_NO_OBJECT, "not of our objects");
	is_found((struct oid){ .len = 0 }, MIB_NO_OBJECT, "the root");
}

static void absent_values_are_skipped(void)
{
	struct mib_cell cell;
	struct oid from = OID(1, WAN, ENTRY, 27, 2);

	ok(mib_next(&full, from.parts, from.len, &cell) && cell.oid[4] == INT32_MAX,
	   "the next row that has a value");
	is_u64(cell.value.number, 8, "its value");
	from = OID(1, WAN, ENTRY, 31, 2);
	ok(mib_next(&full, from.parts, from.len, &cell) && cell.oid[3] > 31,
	   "else the next column");
	from = OID(1, WAN, ENTRY, 99);
	ok(mib_next(&full, from.parts, from.len, &cell) && cell.oid[1] == COUNTERS,
	   "empty tables are passed");
	from = OID(1, COUNTERS, ENTRY, 3, UINT32_MAX);
	ok(!mib_next(&full, from.parts, from.len, &cell), "the end");
}

static void with_nothing_in_it(void)
{
	struct mib_cell *cells = calloc(CELLS_MOST, sizeof(*cells));
	size_t count = walk(&empty, (struct oid){ .len = 0 }, cells);

	is_u64(count, cells_of(&empty), "only scalars");
	ok(count && cells[count - 1].oid[1] == HOST, "only scalars");
	free(cells);
}

int main(void)
{
	a_walk_is_what_get_answers();
	next_from_everywhere();
	get_is_exact();
	absent_values_are_skipped();
	with_nothing_in_it();
	return tap_done();
}
