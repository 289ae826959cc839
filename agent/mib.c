/* SPDX-License-Identifier: MIT */
#include "agent/mib.h"

enum { ENTRY = 1 };

/* The OID of a column, without instance; returns its length. */
static size_t column_oid(const struct metric_table *table, const struct metric *metric,
			 unsigned long *oid)
{
	size_t len = 0;

	oid[len++] = MIB_OBJECTS;
	oid[len++] = table->arc;
	if (!table->scalar)
		oid[len++] = ENTRY;
	oid[len++] = metric->column;
	return len;
}

/* Lexicographic; a prefix comes before what it begins. */
static int compare(const unsigned long *a, size_t a_len, const unsigned long *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return (a_len > b_len) - (a_len < b_len);
}

/* The indexes of a row as the end of an OID; returns how many. A scalar's is 0. */
static size_t instance_of(const struct metric_table *table, const char *row, unsigned long *oid)
{
	size_t len = table->scalar ? 1 : table->index_count;

	for (size_t i = 0; i < len; i++)
		oid[i] = metric_row_index(table, row, i);
	return len;
}

struct rows {
	const struct metric_table *table;
	const char *first;
	size_t count;
};

static struct rows rows_of(const struct snapshot *snapshot, const struct metric_table *table)
{
	struct rows rows = { .table = table };

	rows.first = metric_rows(snapshot, table, &rows.count);
	return rows;
}

static const char *row_at(const struct rows *rows, size_t position)
{
	return rows->first + position * rows->table->row_size;
}

/*
 * Position of the first row whose instance is the given one or after it (with `after`: only after
 * it); rows are sorted. The instance may be anything that a manager asks for: short, long, or
 * greater than any index.
 */
static size_t first_row(const struct rows *rows, const unsigned long *instance, size_t len,
			bool after)
{
	size_t low = 0, high = rows->count;

	while (low < high) {
		unsigned long own[METRIC_INDEXES_MOST];
		size_t middle = low + (high - low) / 2;
		size_t own_len = instance_of(rows->table, row_at(rows, middle), own);
		int order = compare(own, own_len, instance, len);

		if (order < 0 || (after && !order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool mib_cell(const struct metric_table *table, const struct metric *metric, const void *row,
	      struct mib_cell *out)
{
	if (!metric_read(metric, row, &out->value)) {
		if (!metric->notify)
			return false;
		out->value = (struct metric_value){ .number = metric->unsaid };
	}
	out->metric = metric;
	out->row = row;
	out->oid_len = column_oid(table, metric, out->oid);
	out->oid_len += instance_of(table, row, out->oid + out->oid_len);
	return true;
}

/*
 * Where an OID points: at a column, and in it behind an instance; or, with `into` false, before the
 * whole of it. Beyond all of them the table is METRIC_TABLES.
 */
struct point {
	size_t table, column;
	bool into;
	const unsigned long *instance;
	size_t len;
};

/* The first table from that arc on; tables are in the order of their arcs. */
static size_t first_table(unsigned long arc)
{
	size_t table = 0;

	while (table < METRIC_TABLES && metric_tables[table].arc < arc)
		table++;
	return table;
}

/* The first column from that number on; so are columns. */
static size_t first_column(const struct metric_table *table, unsigned long number)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->metrics[middle].column < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The rest of an OID, below the arc of its table. */
static struct point point_in_table(size_t t, const unsigned long *oid, size_t len)
{
	const struct metric_table *table = &metric_tables[t];
	struct point point = { .table = t };

	if (!table->scalar && len) {
		if (*oid > ENTRY)
			return (struct point){ .table = t + 1 };
		len = *oid == ENTRY ? len - 1 : 0;
		oid++;
	}
	if (!len)
		return point;
	point.column = first_column(table, *oid);
	if (point.column == table->count)
		return (struct point){ .table = t + 1 };
	point.into = table->metrics[point.column].column == *oid;
	point.instance = oid + 1;
	point.len = point.into ? len - 1 : 0;
	return point;
}

static struct point point_of(const unsigned long *oid, size_t len)
{
	size_t table;

	if (!len || oid[0] < MIB_OBJECTS || (oid[0] == MIB_OBJECTS && len == 1))
		return (struct point){ 0 };
	if (oid[0] > MIB_OBJECTS)
		return (struct point){ .table = METRIC_TABLES };
	table = first_table(oid[1]);
	if (table == METRIC_TABLES || metric_tables[table].arc != oid[1])
		return (struct point){ .table = table };
	return point_in_table(table, oid + 2, len - 2);
}

enum mib_found mib_get(const struct snapshot *snapshot, const unsigned long *oid, size_t len,
		       struct mib_cell *out)
{
	struct point point = point_of(oid, len);
	const struct metric_table *table = &metric_tables[point.table];
	unsigned long own[METRIC_INDEXES_MOST];
	size_t position, own_len;
	struct rows rows;

	if (!point.into)
		return MIB_NO_OBJECT;
	rows = rows_of(snapshot, table);
	position = first_row(&rows, point.instance, point.len, false);
	if (position == rows.count)
		return MIB_NO_INSTANCE;
	own_len = instance_of(table, row_at(&rows, position), own);
	if (compare(own, own_len, point.instance, point.len))
		return MIB_NO_INSTANCE;
	return mib_cell(table, &table->metrics[point.column], row_at(&rows, position), out)
		       ? MIB_FOUND
		       : MIB_NO_INSTANCE;
}

/* The first cell of a column that is after the instance and has a value; no instance: the first. */
static bool next_in_column(const struct rows *rows, const struct metric *metric,
			   const unsigned long *instance, size_t len, struct mib_cell *out)
{
	size_t position = first_row(rows, instance, len, true);

	for (; position < rows->count; position++)
		if (mib_cell(rows->table, metric, row_at(rows, position), out))
			return true;
	return false;
}

bool mib_next(const struct snapshot *snapshot, const unsigned long *oid, size_t len,
	      struct mib_cell *out)
{
	struct point point = point_of(oid, len);

	for (; point.table < METRIC_TABLES; point = (struct point){ .table = point.table + 1 }) {
		const struct metric_table *table = &metric_tables[point.table];
		struct rows rows = rows_of(snapshot, table);

		for (; point.column < table->count; point.column++, point.len = 0)
			if (next_in_column(&rows, &table->metrics[point.column], point.instance,
					   point.len, out))
				return true;
	}
	return false;
}
