/* SPDX-License-Identifier: MIT */
/* THE table keeps its own rules, and every kind of field is read as what it is. */
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/metrics.h"
#include "tests/tap.h"

enum { NAME_MOST = 32 };

static bool rising(const struct metric_table *table)
{
	for (size_t i = 1; i < table->count; i++)
		if (table->metrics[i].column <= table->metrics[i - 1].column)
			return false;
	/* Column 1 of a table is its index, which is not accessible. */
	return table->metrics[0].column > !table->scalar;
}

static bool keys_unique(const struct metric_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (!table->scalar && !strcmp(table->metrics[i].key, "index"))
			return false;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(table->metrics[i].key, table->metrics[j].key))
				return false;
	}
	return true;
}

static bool kind_fits(const struct metric *metric)
{
	switch (metric->meaning) {
	case TEXT:
		return metric->kind == KIND_TEXT;
	case TRUTH:
		return metric->kind == KIND_BOOL || metric->kind == KIND_MAYBE_BOOL;
	case ADDRESS:
	case ADDRESS_TYPE:
		return metric->kind == KIND_ADDRESS;
	case COUNTER:
	case DATE:
	case WALL_DATE:
	case STAMP:
	case AGE:
		return metric->kind == KIND_U64 || metric->kind == KIND_MAYBE_U64;
	default:
		return metric->kind == KIND_U32 || metric->kind == KIND_MAYBE_U32;
	}
}

static bool words_fit(const struct metric *metric)
{
	size_t count = 0;

	if (metric->meaning != ENUM && metric->meaning != FLAGS)
		return !metric->words;
	if (!metric->words)
		return false;
	while (metric->words[count])
		count++;
	/* An enumeration's 0 is nobody; the others and all flags have a name. */
	for (size_t i = 0; i < count; i++)
		if (!metric->words[i][0] != (metric->meaning == ENUM && !i))
			return false;
	return count > 1;
}

static bool name_is_new(size_t table, size_t row)
{
	const char *name = metric_tables[table].metrics[row].name;

	for (size_t t = 0; t <= table; t++) {
		const struct metric_table *other = &metric_tables[t];

		if (!strcmp(name, other->name) ||
		    (other->index_name && !strcmp(name, other->index_name)))
			return false;
		for (size_t i = 0; i < (t == table ? row : other->count); i++)
			if (!strcmp(name, other->metrics[i].name))
				return false;
	}
	return true;
}

static void every_row_keeps_the_rules(void)
{
	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];

		ok(!t || table->arc > metric_tables[t - 1].arc, "%s: arcs rise", table->name);
		ok(strlen(table->name) <= NAME_MOST, "%s: its name fits", table->name);
		ok(table->scalar || strlen(table->index_name) <= NAME_MOST, "%s: its index's name",
		   table->name);
		ok(rising(table), "%s: columns rise", table->name);
		ok(keys_unique(table), "%s: keys are unique", table->name);
		for (size_t i = 0; i < table->count; i++) {
			const struct metric *metric = &table->metrics[i];

			ok(strlen(metric->name) <= NAME_MOST &&
				   !strncmp(metric->name, "mptcpWan", 8),
			   "%s: its name fits", metric->name);
			ok(name_is_new(t, i), "%s: nobody else's", metric->name);
			ok(kind_fits(metric), "%s: the field fits its meaning", metric->name);
			ok(words_fit(metric), "%s: its words", metric->name);
			ok(metric->help && metric->help[0] &&
				   metric->help[strlen(metric->help) - 1] == '.',
			   "%s: help", metric->name);
			ok(metric->offset < table->row_size, "%s: within its row", metric->name);
		}
	}
}

static const struct metric *find(const struct metric_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].key, key))
			return &table->metrics[i];
	return NULL;
}

static void every_state_has_its_word(void)
{
	const struct metric *state = find(&metric_tables[TABLE_WAN], "state"),
			    *accounting = find(&metric_tables[TABLE_HOST], "accounting"),
			    *role = find(&metric_tables[TABLE_WAN], "role");

	is_text(state->words[WAN_UNKNOWN], "unknown", "first state");
	is_text(state->words[WAN_UNJOINED], "unjoined", "a state in the middle");
	is_text(state->words[WAN_CARRYING], "carrying", "last state");
	ok(!state->words[WAN_CARRYING + 1], "no word too many");
	is_text(accounting->words[ACCOUNTING_UNAVAILABLE], "unavailable", "first accounting");
	is_text(accounting->words[ACCOUNTING_EXACT], "exact", "last accounting");
	is_text(role->words[ROLE_BACKUP], "backup", "role");
}

static void every_kind_is_read(void)
{
	static const struct {
		bool truth;
		uint32_t u32;
		uint64_t u64;
		char text[8];
		struct address address;
		struct maybe_bool no_bool, some_bool;
		struct maybe_u32 no_u32, some_u32;
		struct maybe_u64 no_u64, some_u64;
		uint64_t never;
	} row = { .truth = true,
		  .u32 = UINT32_MAX,
		  .u64 = UINT64_MAX,
		  .text = "abc",
		  .address = { AF_INET, { 10, 0, 0, 1 } },
		  .no_bool = { false, true },
		  .some_bool = { true, true },
		  .no_u32 = { false, 5 },
		  .some_u32 = { true, 0 },
		  .no_u64 = { false, 5 },
		  .some_u64 = { true, 7 } };
#define FIELD(k, m, f)                                                                               \
	{                                                                                          \
		.kind = k, .meaning = m,                                                           \
		.offset = (size_t)((const char *)&row.f - (const char *)&row)                      \
	}
	const struct {
		struct metric metric;
		bool found;
		uint64_t number;
	} cases[] = {
		{ FIELD(KIND_BOOL, TRUTH, truth), true, 1 },
		{ FIELD(KIND_U32, GAUGE, u32), true, UINT32_MAX },
		{ FIELD(KIND_U64, COUNTER, u64), true, UINT64_MAX },
		{ FIELD(KIND_MAYBE_BOOL, TRUTH, no_bool), false, 0 },
		{ FIELD(KIND_MAYBE_BOOL, TRUTH, some_bool), true, 1 },
		{ FIELD(KIND_MAYBE_U32, GAUGE, no_u32), false, 0 },
		{ FIELD(KIND_MAYBE_U32, GAUGE, some_u32), true, 0 },
		{ FIELD(KIND_MAYBE_U64, COUNTER, no_u64), false, 0 },
		{ FIELD(KIND_MAYBE_U64, COUNTER, some_u64), true, 7 },
		{ FIELD(KIND_U64, DATE, never), false, 0 },
		{ FIELD(KIND_U64, WALL_DATE, never), false, 0 },
		{ FIELD(KIND_U64, WALL_DATE, u64), true, UINT64_MAX },
		{ FIELD(KIND_U64, AGE, never), false, 0 },
		{ FIELD(KIND_U64, STAMP, never), true, 0 },
		{ FIELD(KIND_U64, DATE, u64), true, UINT64_MAX },
	};
	const struct metric text = FIELD(KIND_TEXT, TEXT, text),
			    address = FIELD(KIND_ADDRESS, ADDRESS, address);
	struct metric_value value;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = metric_read(&cases[i].metric, &row, &value);

		ok(found == cases[i].found && (!found || value.number == cases[i].number),
		   "kind %d, meaning %d", (int)cases[i].metric.kind, (int)cases[i].metric.meaning);
	}
	ok(metric_read(&text, &row, &value) && !strcmp(value.text, "abc"), "text");
	ok(metric_read(&address, &row, &value) && value.address == &row.address, "address");
}

static void the_rows_of_a_snapshot(void)
{
	struct wan wans[2] = { { .index = 3 }, { .index = 9 } };
	struct endpoint endpoints[1] = { { .id = 200 } };
	struct counter counters[1] = { { .number = 1000 } };
	const struct snapshot snapshot = { .wans = wans,
					   .wan_count = 2,
					   .endpoints = endpoints,
					   .endpoint_count = 1,
					   .counters = counters,
					   .counter_count = 1 };
	const void *const wanted[] = { &snapshot.host, wans, endpoints, counters };
	const uint32_t indexes[] = { 0, 3, 200, 1000 };
	size_t count;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const void *rows = metric_rows(&snapshot, &metric_tables[t], &count);

		ok(rows == wanted[t] && count == 1 + (t == TABLE_WAN), "%s", metric_tables[t].name);
		is_u64(metric_row_index(&metric_tables[t], rows), indexes[t], "its index");
	}
}

int main(void)
{
	every_row_keeps_the_rules();
	every_state_has_its_word();
	every_kind_is_read();
	the_rows_of_a_snapshot();
	return tap_done();
}
