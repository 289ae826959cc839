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
	/* The first columns of a table are its indexes, which are not accessible. */
	return table->metrics[0].column == table->index_count + 1;
}

static bool is_index_key(const struct metric_table *table, const char *key)
{
	for (size_t i = 0; i < table->index_count; i++)
		if (table->index[i].key && !strcmp(table->index[i].key, key))
			return true;
	return false;
}

static bool keys_unique(const struct metric_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (is_index_key(table, table->metrics[i].key))
			return false;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(table->metrics[i].key, table->metrics[j].key))
				return false;
	}
	return true;
}

/* What JSON has no key for must be had from a column: by number, or by a word that has one. */
static bool indexes_told(const struct metric_table *table)
{
	for (size_t i = 0; i < table->index_count; i++) {
		bool told = table->index[i].key != NULL;

		for (size_t j = 0; j < table->count; j++)
			told |= table->metrics[j].offset == table->index[i].offset &&
				table->metrics[j].kind == KIND_U32 &&
				table->metrics[j].words == table->index[i].words;
		if (!told || strlen(table->index[i].name) > NAME_MOST)
			return false;
	}
	return table->scalar == !table->index_count && table->index_count <= METRIC_INDEXES_MOST;
}

/* What stands for an absent value must be no value; a notification has no snapshot to tell moments. */
static bool unsaid_fits(const struct metric *metric)
{
	bool maybe = metric->kind == KIND_MAYBE_BOOL || metric->kind == KIND_MAYBE_U32 ||
		     metric->kind == KIND_MAYBE_U64;

	if (metric->notify &&
	    (metric->meaning == DATE || metric->meaning == STAMP || metric->meaning == AGE))
		return false;
	if (!metric->notify || !maybe)
		return !metric->unsaid;
	return metric->unsaid > 10000 && metric->meaning == GAUGE;
}

static bool kind_fits(const struct metric *metric)
{
	switch (metric->meaning) {
	case TEXT:
		return metric->kind == KIND_TEXT || metric->kind == KIND_STRING;
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
	/* All flags have a name; a number that no enumeration has, has none. */
	for (size_t i = 0; i < count; i++)
		if (!metric->words[i][0] && metric->meaning == FLAGS)
			return false;
	return count > 1 && metric->words[count - 1][0];
}

static const char *name_of(const struct metric_table *table, size_t row)
{
	return metric_manual(table, &table->metrics[row])->name;
}

static bool name_is_new(size_t table, size_t row)
{
	const char *name = name_of(&metric_tables[table], row);

	for (size_t t = 0; t <= table; t++) {
		const struct metric_table *other = &metric_tables[t];

		if (!strcmp(name, other->name))
			return false;
		for (size_t i = 0; i < other->index_count; i++)
			if (!strcmp(name, other->index[i].name))
				return false;
		for (size_t i = 0; i < (t == table ? row : other->count); i++)
			if (!strcmp(name, name_of(other, i)))
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
		ok(indexes_told(table), "%s: its indexes", table->name);
		ok(rising(table), "%s: columns rise", table->name);
		ok(keys_unique(table), "%s: keys are unique", table->name);
		for (size_t i = 0; i < table->count; i++) {
			const struct metric *metric = &table->metrics[i];
			const char *name = name_of(table, i), *help = metric_manual(table, metric)->help;

			ok(strlen(name) <= NAME_MOST && !strncmp(name, "mptcpWan", 8),
			   "%s: its name fits", name);
			ok(name_is_new(t, i), "%s: nobody else's", name);
			ok(kind_fits(metric), "%s: the field fits its meaning", name);
			ok(words_fit(metric), "%s: its words", name);
			ok(unsaid_fits(metric), "%s: what stands for an absent one", name);
			ok(help[0] && help[strlen(help) - 1] == '.', "%s: help", name);
			ok(metric->offset < table->row_size, "%s: within its row", name);
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
	is_text(find(&metric_tables[TABLE_HOST], "role")->words[ROLE_AGGREGATOR], "aggregator",
		"the host's role");
}

static void every_alarm_has_its_words(void)
{
	const struct metric_table *log = &metric_tables[TABLE_ALARM_LOG];
	const struct metric *cause = find(&metric_tables[TABLE_WAN], "cause");

	is_text(cause->words[CAUSE_NONE], "none", "no cause");
	is_text(cause->words[CAUSE_SUBFLOW_LIMIT], "subflow-limit", "a cause");
	is_text(cause->words[CAUSE_DRIFT + 1], "", "a number that no cause has");
	is_text(cause->words[CAUSES - 1], "events-lost", "the last cause");
	is_text(find(log, "transition")->words[ALARM_CLEARED], "cleared", "a transition");
	is_text(find(log, "severity")->words[SEVERITY_CRITICAL], "critical", "a severity");
	is_text(find(log, "type")->words[ALARM_HOST + CAUSE_DRIFT], "drift", "a type of the host");
}

/* Of a WAN's columns the times in its states are one a state, in their order. */
static void every_state_has_its_seconds(void)
{
	const struct metric_table *table = &metric_tables[TABLE_WAN];
	struct metric_value value;
	struct wan wan = { .index = 1 };
	char key[WORD_LEN];

	for (uint32_t state = WAN_UNKNOWN; state < WAN_STATES; state++) {
		const struct metric *metric;

		snprintf(key, sizeof(key), "%s_s", find(table, "state")->words[state]);
		metric = find(table, key);
		wan.state_s[state] = 100 + state;
		ok(metric && metric->column == 45 + state && metric_read(metric, &wan, &value) &&
			   value.number == 100 + state,
		   "%s", key);
	}
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
		const char *no_string, *string;
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
		  .some_u64 = { true, 7 },
		  .string = "a text of its own" };
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
			    string = FIELD(KIND_STRING, TEXT, string),
			    no_string = FIELD(KIND_STRING, TEXT, no_string),
			    address = FIELD(KIND_ADDRESS, ADDRESS, address);
	struct metric_value value;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = metric_read(&cases[i].metric, &row, &value);

		ok(found == cases[i].found && (!found || value.number == cases[i].number),
		   "kind %d, meaning %d", (int)cases[i].metric.kind, (int)cases[i].metric.meaning);
	}
	ok(metric_read(&text, &row, &value) && !strcmp(value.text, "abc"), "text");
	ok(metric_read(&string, &row, &value) && !strcmp(value.text, "a text of its own"), "string");
	ok(metric_read(&no_string, &row, &value) && !*value.text, "no string is an empty one");
	ok(metric_read(&address, &row, &value) && value.address == &row.address, "address");
}

static void the_rows_of_a_snapshot(void)
{
	const struct alarm_record record = { .sequence = 77 };
	struct alarm_log *log = alarm_log_append(NULL, &record, 1);
	struct wan wans[2] = { { .index = 3 }, { .index = 9 } };
	struct endpoint endpoints[1] = { { .id = 200 } };
	struct counter counters[1] = { { .number = 1000 } };
	struct finding findings[1] = { { .wan_index = 3, .cause = CAUSE_SUBFLOW_LIMIT } };
	struct alarm alarms[1] = { { .wan_index = 9, .type = ALARM_LINE_DOWN } };
	struct snapshot snapshot = { .wans = wans,
				     .wan_count = 2,
				     .endpoints = endpoints,
				     .endpoint_count = 1,
				     .counters = counters,
				     .counter_count = 1,
				     .findings = findings,
				     .finding_count = 1,
				     .alarms = alarms,
				     .alarm_count = 1,
				     .alarm_log = log };
	const struct {
		const void *rows;
		uint32_t indexes[2];
	} wanted[METRIC_TABLES] = {
		[TABLE_HOST] = { &snapshot.host, { 0, 0 } },
		[TABLE_WAN] = { wans, { 3, 0 } },
		[TABLE_ENDPOINT] = { endpoints, { 200, 0 } },
		[TABLE_FINDING] = { findings, { 3, CAUSE_SUBFLOW_LIMIT } },
		[TABLE_ALARM] = { alarms, { 9, ALARM_LINE_DOWN } },
		[TABLE_ALARM_LOG] = { log->rows, { 77, 0 } },
		[TABLE_COUNTER] = { counters, { 1000, 0 } },
	};
	size_t count;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];
		const void *rows = metric_rows(&snapshot, table, &count);

		ok(rows == wanted[t].rows && count == 1 + (t == TABLE_WAN), "%s", table->name);
		for (size_t i = 0; i < METRIC_INDEXES_MOST; i++)
			is_u64(metric_row_index(table, rows, i), wanted[t].indexes[i],
			       "its index %zu", i);
	}
	snapshot.alarm_log = NULL;
	metric_rows(&snapshot, &metric_tables[TABLE_ALARM_LOG], &count);
	is_u64(count, 0, "no log has no rows");
	alarm_log_release(log);
}

int main(void)
{
	every_row_keeps_the_rules();
	every_state_has_its_word();
	every_alarm_has_its_words();
	every_state_has_its_seconds();
	every_kind_is_read();
	the_rows_of_a_snapshot();
	return tap_done();
}
