/* SPDX-License-Identifier: MIT */
/*
 * Prints THE table as the MIB has to say it, one object a line, for mib.sh. Fields between tabs: the OID under
 * mptcpWanObjects, the name, the SMI's base type, the textual convention (row: none, but Unsigned32 in place of
 * Gauge32, whose base type it has), the unit, the words of an enumeration, and whether an instance may be absent (maybe;
 * moment: as the MIB says, for some moments always were). `-`: none.
 *
 * `metrics_table notification` prints the variables of a notification instead, a name a line, in their order;
 * `metrics_table causes` the causes by their words, with the severity of each.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/metrics.h"

/* By meaning. */
static const struct { const char *base, *convention; } types[] = {
	[GAUGE] = { "Gauge32", "-" },
	[COUNTER] = { "Counter64", "-" },
	[ENUM] = { "INTEGER", "-" },
	[TEXT] = { "OCTET STRING", NULL },	/* text(0..N) */
	[TRUTH] = { "INTEGER", "TruthValue" },
	[DATE] = { "OCTET STRING", "DateAndTime" },
	[WALL_DATE] = { "OCTET STRING", "DateAndTime" },
	[STAMP] = { "TimeTicks", "TimeStamp" },
	[AGE] = { "Gauge32", "-" },
	[IFINDEX] = { "INTEGER", "InterfaceIndexOrZero" },
	[ROW] = { "Gauge32", "row" },
	[PORT] = { "Gauge32", "InetPortNumber" },
	[ADDRESS_TYPE] = { "INTEGER", "InetAddressType" },
	[ADDRESS] = { "OCTET STRING", "InetAddress" },
	[FLAGS] = { "BITS", "-" },
};

static void print_convention(const struct metric *metric)
{
	if (metric->meaning == TEXT)
		printf("\ttext(0..%d)", (metric->kind == KIND_STRING ? STORY_LEN : metric->size) - 1);
	else
		printf("\t%s", types[metric->meaning].convention);
}

/* As the MIB writes it: subflow-limit is subflowLimit. */
static void print_label(const char *word)
{
	for (; *word; word++)
		if (*word == '-' && word[1])
			putchar(toupper((unsigned char)*++word));
		else
			putchar(*word);
}

static void print_words(const char *const *words)
{
	const char *before = "\t";

	if (!words) {
		printf("\t-");
		return;
	}
	for (size_t i = 0; words[i]; i++) {
		/* Nobody has that number. */
		if (!words[i][0])
			continue;
		printf("%s", before);
		print_label(words[i]);
		printf("(%zu)", i);
		before = ",";
	}
}

static const char *absence(const struct metric *metric)
{
	if (metric->notify)
		return "-";
	if (metric->kind == KIND_MAYBE_BOOL || metric->kind == KIND_MAYBE_U32 || metric->kind == KIND_MAYBE_U64)
		return "maybe";
	switch (metric->meaning) {
	case DATE:
	case WALL_DATE:
	case AGE:
		return "moment";
	default:
		return "-";
	}
}

static void print_metric(const struct metric_table *table, const struct metric *metric)
{
	printf(table->scalar ? "%" PRIu32 ".%d.0" : "%" PRIu32 ".1.%d", table->arc, metric->column);
	printf("\t%s\t%s", metric_manual(table, metric)->name, types[metric->meaning].base);
	print_convention(metric);
	printf("\t%s", metric->unit ? unit_name(metric->unit) : "-");
	print_words(metric->words);
	printf("\t%s\n", absence(metric));
}

static void print_index(const struct metric_table *table, size_t i)
{
	const struct metric_index *index = &table->index[i];

	printf("%" PRIu32 ".1.%zu\t%s\t%s\tindex\t-", table->arc, i + 1, index->name,
	       index->words ? "INTEGER" : "Gauge32");
	print_words(index->words);
	printf("\t-\n");
}

static void print_notification(void)
{
	const struct metric_table *log = &metric_tables[TABLE_ALARM_LOG];

	for (size_t i = 0; i < log->count; i++)
		if (log->metrics[i].notify)
			puts(metric_manual(log, &log->metrics[i])->name);
}

static void print_causes(void)
{
	for (uint32_t cause = CAUSE_NONE + 1; cause_words[cause]; cause++)
		if (*cause_words[cause])
			printf("%s\t%s\n", cause_words[cause], severity_words[cause_severity(cause)]);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "causes")) {
		print_causes();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "notification")) {
		print_notification();
		return 0;
	}
	for (size_t i = 0; i < METRIC_TABLES; i++) {
		const struct metric_table *table = &metric_tables[i];

		for (size_t j = 0; j < table->index_count; j++)
			print_index(table, j);
		for (size_t j = 0; j < table->count; j++)
			print_metric(table, &table->metrics[j]);
	}
	return 0;
}
