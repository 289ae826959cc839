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

/* Position of the first row whose index is at least `least`; rows are sorted. */
static size_t first_row(const struct metric_table *table, const char *rows, size_t count,
			unsigned long least)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (metric_row_index(table, rows + middle * table->row_size) < least)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool read_cell(const struct metric_table *table, const struct metric *metric,
		      const char *row, struct mib_cell *out)
{
	if (!metric_read(metric, row, &out->value))
		return false;
	out->metric = metric;
	out->row = row;
	out->oid_len = column_oid(table, metric, out->oid);
	out->oid[out->oid_len++] = metric_row_index(table, row);
	return true;
}

static enum mib_found get_in_column(const struct snapshot *snapshot,
				    const struct metric_table *table, const struct metric *metric,
				    unsigned long index, struct mib_cell *out)
{
	size_t count, position;
	const char *rows = metric_rows(snapshot, table, &count);

	position = first_row(table, rows, count, index);
	if (position == count ||
	    metric_row_index(table, rows + position * table->row_size) != index)
		return MIB_NO_INSTANCE;
	return read_cell(table, metric, rows + position * table->row_size, out) ? MIB_FOUND
										: MIB_NO_INSTANCE;
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
			if (len != column_len + 1)
				return MIB_NO_INSTANCE;
			return get_in_column(snapshot, table, &table->metrics[m], oid[column_len],
					     out);
		}
	}
	return MIB_NO_OBJECT;
}

/* The first cell of a column whose index is at least `least` and that has a value. */
static bool next_in_column(const struct snapshot *snapshot, const struct metric_table *table,
			   const struct metric *metric, unsigned long least, struct mib_cell *out)
{
	size_t count, position;
	const char *rows = metric_rows(snapshot, table, &count);

	for (position = first_row(table, rows, count, least); position < count; position++)
		if (read_cell(table, metric, rows + position * table->row_size, out))
			return true;
	return false;
}

bool mib_next(const struct snapshot *snapshot, const unsigned long *oid, size_t len,
	      struct mib_cell *out)
{
	unsigned long column[MIB_OID_MOST], least;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];

		for (size_t m = 0; m < table->count; m++) {
			size_t column_len = column_oid(table, &table->metrics[m], column);

			if (begins(oid, len, column, column_len) && len > column_len) {
				if (oid[column_len] >= UINT32_MAX)
					continue;
				least = oid[column_len] + 1;
			} else if (compare(oid, len, column, column_len) <= 0) {
				least = 0;
			} else {
				continue;
			}
			if (next_in_column(snapshot, table, &table->metrics[m], least, out))
				return true;
		}
	}
	return false;
}
