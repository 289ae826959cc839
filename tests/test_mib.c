/* SPDX-License-Identifier: MIT */
/* GET and GETNEXT over a hand-made snapshot: one order, nothing skipped, nothing invented. */
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "agent/mib.h"
#include "tests/tap.h"

enum {
	CELLS_MOST = 600,
	HOST = 1,
	WAN = 2,
	ENDPOINT = 3,
	FINDINGS = 5,
	ALARMS = 6,
	ALARM_LOG = 7,
	COUNTERS = 8,
	ENTRY = 1
};

static struct wan wans[] = {
	{ .index = 2, .name = "wan2", .in_kbps = { true, 7 }, .if_in_octets = { true, 9 } },
	{ .index = 5, .name = "wan5", .carried_ms = 50 },
	{ .index = INT32_MAX, .name = "wan9", .in_kbps = { true, 8 } },
};
static struct counter counters[] = { { .number = 1 },
				     { .number = 1000 },
				     { .number = UINT32_MAX } };
static struct finding findings[] = {
	{ .wan_index = 0, .cause = CAUSE_FALLBACK, .since_ms = 3 },
	{ .wan_index = 0, .cause = CAUSE_EVENTS_LOST },
	{ .wan_index = 2, .cause = CAUSE_NONE, .since_ms = 3 },
	{ .wan_index = 2, .cause = CAUSE_UNEXPLAINED },
	{ .wan_index = INT32_MAX, .cause = CAUSE_SUBFLOW_LIMIT, .since_ms = 3 },
	{ .wan_index = UINT32_MAX, .cause = UINT32_MAX, .since_ms = 3 },
};
static struct alarm alarms[] = {
	{ .wan_index = 2, .type = ALARM_UP_BUT_IDLE, .raised_s = 9 },
	{ .wan_index = 2, .type = ALARM_LINE_DOWN },
	{ .wan_index = 5, .type = ALARM_LINE_DOWN, .raised_s = 9 },
};
/* Rows 7 to 9: what came before was overwritten. */
static const struct alarm_record records[] = {
	{ .sequence = 7, .time_s = 9, .share_in = { true, 5 } },
	{ .sequence = 8 },
	{ .sequence = 9, .time_s = 9 },
};
/* Has the log from main() on. */
static struct snapshot full = {
	.host = { .connections = { true, 5 }, .since_ms = 5, .since_s = 1800000000 },
	.wans = wans,
	.wan_count = 3,
	.counters = counters,
	.counter_count = 3,
	.findings = findings,
	.finding_count = 6,
	.alarms = alarms,
	.alarm_count = 3,
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
				cells += table->metrics[m].notify ||
					 metric_read(&table->metrics[m], row, &value);
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
	static const unsigned long parts[] = {
		0, 1, 2, 3, 4, 5, 8, 9, 27, 36, 37, 59, 1000, INT32_MAX, UINT32_MAX, ULONG_MAX
	};
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

/*
 * The same against all cells as they are enumerated from the rows and then sorted: nothing of the
 * code that is tested has a part in that.
 */
static int compare_cells(const void *a, const void *b)
{
	const struct mib_cell *left = a, *right = b;

	return compare(left->oid, left->oid_len, right->oid, right->oid_len);
}

static size_t cells_by_hand(struct mib_cell *cells)
{
	struct mib_cell *cell = cells;
	size_t rows;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];
		const char *row = metric_rows(&full, table, &rows);

		for (size_t i = 0; i < rows * table->count; i++) {
			const struct metric *metric = &table->metrics[i % table->count];
			const char *at = row + i / table->count * table->row_size;
			const uint32_t *indexes[] = {
				(const uint32_t *)(at + table->index[0].offset),
				(const uint32_t *)(at + table->index[1].offset)
			};

			if (!metric->notify && !metric_read(metric, at, &cell->value))
				continue;
			*cell = (struct mib_cell){ .metric = metric, .row = at };
			cell->oid[cell->oid_len++] = MIB_OBJECTS;
			cell->oid[cell->oid_len++] = table->arc;
			if (!table->scalar)
				cell->oid[cell->oid_len++] = ENTRY;
			cell->oid[cell->oid_len++] = metric->column;
			for (size_t j = 0; j < table->index_count; j++)
				cell->oid[cell->oid_len++] = *indexes[j];
			if (table->scalar)
				cell->oid[cell->oid_len++] = 0;
			cell++;
		}
	}
	qsort(cells, (size_t)(cell - cells), sizeof(*cells), compare_cells);
	return (size_t)(cell - cells);
}

static bool same(const struct mib_cell *a, const struct mib_cell *b)
{
	return a->metric == b->metric && a->row == b->row &&
	       !compare(a->oid, a->oid_len, b->oid, b->oid_len);
}

static void a_walk_is_what_is_there(void)
{
	struct mib_cell *wanted = calloc(CELLS_MOST, sizeof(*wanted)),
			*cells = calloc(CELLS_MOST, sizeof(*cells));
	size_t count = cells_by_hand(wanted), differ = 0;

	is_u64(walk(&full, (struct oid){ .len = 0 }, cells), count, "as many cells as there are");
	for (size_t i = 0; i < count; i++)
		differ += !same(&cells[i], &wanted[i]);
	is_u64(differ, 0, "each in its place");
	free(cells);
	free(wanted);
}

/* Is what comes after it, and what it names, as the sorted cells say? */
static bool right_at(const struct mib_cell *cells, size_t count, const struct oid *from)
{
	size_t next = 0;
	struct mib_cell cell;
	bool there;

	while (next < count &&
	       compare(cells[next].oid, cells[next].oid_len, from->parts, from->len) <= 0)
		next++;
	there = next &&
		!compare(cells[next - 1].oid, cells[next - 1].oid_len, from->parts, from->len);
	if ((mib_get(&full, from->parts, from->len, &cell) == MIB_FOUND) != there ||
	    (there && !same(&cell, &cells[next - 1])))
		return false;
	if (!mib_next(&full, from->parts, from->len, &cell))
		return next == count;
	return next < count && same(&cell, &cells[next]);
}

/* In every column of the tables of findings and alarms, with up to three of all indexes that matter. */
static void next_and_get_at_every_instance(void)
{
	static const unsigned long numbers[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 40, 59, 74, 75,
		INT32_MAX, UINT32_MAX - 1UL, UINT32_MAX, UINT32_MAX + 1UL, ULONG_MAX
	};
	const size_t n = sizeof(numbers) / sizeof(numbers[0]);
	struct mib_cell *cells = calloc(CELLS_MOST, sizeof(*cells));
	size_t count = cells_by_hand(cells), tried = 0, wrong = 0;

	for (unsigned long arc = FINDINGS; arc <= ALARM_LOG; arc++)
		for (unsigned long column = 0; column <= 23; column++)
			for (size_t code = 0; code < n * n * 4; code++) {
				const size_t len = code % 4;
				struct oid from = OID(MIB_OBJECTS, arc, ENTRY, column,
						      numbers[code / 4 % n], numbers[code / 4 / n],
						      numbers[code % n]);

				from.len = 4 + len;
				tried++;
				wrong += !right_at(cells, count, &from);
			}
	is_u64(wrong, 0, "of %zu OIDs each names what it names and is followed by what follows", tried);
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
	is_found(OID(1, FINDINGS, ENTRY, 7, 2, CAUSE_UNEXPLAINED), MIB_FOUND, "both indexes");
	is_found(OID(1, FINDINGS, ENTRY, 7, 2, CAUSE_NONE), MIB_FOUND, "the second may be 0");
	is_found(OID(1, FINDINGS, ENTRY, 7, 2), MIB_NO_INSTANCE, "half of them");
	is_found(OID(1, FINDINGS, ENTRY, 7, 2, CAUSE_FALLBACK), MIB_NO_INSTANCE,
		 "each of them, but not together");
	is_found(OID(1, FINDINGS, ENTRY, 7, 2, CAUSE_UNEXPLAINED, 0), MIB_NO_INSTANCE, "three of them");
	is_found(OID(1, FINDINGS, ENTRY, 2, 2, CAUSE_UNEXPLAINED), MIB_NO_OBJECT,
		 "the second is not accessible, either");
	is_found(OID(1, ALARM_LOG, ENTRY, 3, 6), MIB_NO_INSTANCE, "a row that was overwritten");
	is_found(OID(1, ALARM_LOG, ENTRY, 3, 7), MIB_FOUND, "the oldest row");
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
	ok(mib_next(&full, from.parts, from.len, &cell) && cell.oid[1] == FINDINGS,
	   "empty tables are passed");
	from = OID(1, COUNTERS, ENTRY, 3, UINT32_MAX);
	ok(!mib_next(&full, from.parts, from.len, &cell), "the end");
}

/* What a notification carries is there in the log, too, whatever was known. */
static void the_log_is_never_without_a_value(void)
{
	struct oid time = OID(1, ALARM_LOG, ENTRY, 5, 8), share = OID(1, ALARM_LOG, ENTRY, 14, 8);
	struct mib_cell cell;

	ok(mib_get(&full, time.parts, time.len, &cell) == MIB_FOUND && !cell.value.number,
	   "a time that nobody knew");
	ok(mib_get(&full, share.parts, share.len, &cell) == MIB_FOUND && cell.value.number == 65535,
	   "a share that nobody knew");
	share.parts[4] = 7;
	ok(mib_get(&full, share.parts, share.len, &cell) == MIB_FOUND && cell.value.number == 5,
	   "a share that was known");
}

/* With the greatest numbers that there are. */
static void a_full_log(void)
{
	struct alarm_record *rows = calloc(ALARM_LOG_MOST, sizeof(*rows));
	struct snapshot snapshot = { .taken_ms = 1 };
	struct alarm_log *log;
	struct oid at = OID(1, ALARM_LOG, ENTRY, 3, 0);
	struct mib_cell cell;
	size_t found = 0;

	for (uint32_t i = 0; i < ALARM_LOG_MOST; i++)
		rows[i].sequence = UINT32_MAX - ALARM_LOG_MOST + i;
	snapshot.alarm_log = log = alarm_log_append(NULL, rows, ALARM_LOG_MOST);
	while (mib_next(&snapshot, at.parts, at.len, &cell) && cell.oid[3] == 3) {
		found += cell.row == &log->rows[found];
		at.parts[4] = cell.oid[4];
	}
	is_u64(found, ALARM_LOG_MOST, "every row of a full log, in its order");
	is_u64(at.parts[4], UINT32_MAX - 1UL, "to the last");
	alarm_log_release(log);
	free(rows);
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
	struct alarm_log *log = alarm_log_append(NULL, records, 3);

	full.alarm_log = log;
	a_walk_is_what_get_answers();
	a_walk_is_what_is_there();
	next_from_everywhere();
	next_and_get_at_every_instance();
	get_is_exact();
	absent_values_are_skipped();
	the_log_is_never_without_a_value();
	a_full_log();
	with_nothing_in_it();
	alarm_log_release(log);
	return tap_done();
}
