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

static bool begins(const unsigned long *oid, size_t len, const unsigned long *prefix,
		   size_t prefix_len)
{
	return len >= prefix_len && !compare(oid, prefix_len, prefix, prefix_len);
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

static enum mib_found get_in_column(const struct snapshot *snapshot,
				    const struct metric_table *table, const struct metric *metric,
				    const unsigned long *instance, size_t len, struct mib_cell *out)
{
	struct rows rows = rows_of(snapshot, table);
	size_t position = first_row(&rows, instance, len, false);
	unsigned long own[METRIC_INDEXES_MOST];
	size_t own_len;

	if (position == rows.count)
		return MIB_NO_INSTANCE;
	own_len = instance_of(table, row_at(&rows, position), own);
	if (compare(own, own_len, instance, len))
		return MIB_NO_INSTANCE;
	return mib_cell(table, metric, row_at(&rows, position), out) ? MIB_FOUND : MIB_NO_INSTANCE;
}

enum mib_found mib_get(const struct snapshot *snapshot, const unsigned long *oid, size_t len,
		       struct mib_cell *out)
{
	unsigned long column[MIB_OID_MOST];

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];

		for (size_t m = 0; m < table->count; m++) {
			size_t column_len = column_oid(table, &table->metrics[m], column);

			if (!begins(oid, len, column, column_len))
				continue;
			return get_in_column(snapshot, table, &table->metrics[m], oid + column_len,
					     len - column_len, out);
		}
	}
	return MIB_NO_OBJECT;
}

/* The first cell of a column that is after the instance and has a value; no instance: the first. */
static bool next_in_column(const struct snapshot *snapshot, const struct metric_table *table,
			   const struct metric *metric, const unsigned long *instance, size_t len,
			   struct mib_cell *out)
{
	struct rows rows = rows_of(snapshot, table);
	size_t position = first_row(&rows, instance, len, true);

	for (; position < rows.count; position++)
		if (mib_cell(table, metric, row_at(&rows, position), out))
			return true;
	return false;
}

bool mib_next(const struct snapshot *snapshot, const unsigned long *oid, size_t len,
	      struct mib_cell *out)
{
	unsigned long column[MIB_OID_MOST];

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];

		for (size_t m = 0; m < table->count; m++) {
			size_t column_len = column_oid(table, &table->metrics[m], column);
			const unsigned long *instance = NULL;
			size_t instance_len = 0;

			if (begins(oid, len, column, column_len)) {
				instance = oid + column_len;
				instance_len = len - column_len;
			} else if (compare(oid, len, column, column_len) > 0) {
				continue;
			}
			if (next_in_column(snapshot, table, &table->metrics[m], instance,
					   instance_len, out))
				return true;
		}
	}
	return false;
}
