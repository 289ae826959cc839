/* SPDX-License-Identifier: MIT */
/*
 * Prints THE table as the MIB has to say it, one object a line, for mib.sh. Fields between tabs: the OID under
 * mptcpWanObjects, the name, the SMI's base type, the textual convention (row: none, but Unsigned32 in place of
 * Gauge32, whose base type it has), the unit, the words of an enumeration, and whether an instance may be absent (maybe;
 * moment: as the MIB says, for some moments always were). `-`: none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
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
		printf("\ttext(0..%zu)", metric->size - 1);
	else
		printf("\t%s", types[metric->meaning].convention);
}

static void print_words(const struct metric *metric)
{
	const char *before = "\t";

	if (!metric->words) {
		printf("\t-");
		return;
	}
	for (size_t i = 0; metric->words[i]; i++) {
		/* An enumeration's 0 is nobody. */
		if (!metric->words[i][0])
			continue;
		printf("%s%s(%zu)", before, metric->words[i], i);
		before = ",";
	}
}

static const char *absence(const struct metric *metric)
{
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
	printf(table->scalar ? "%" PRIu32 ".%" PRIu32 ".0" : "%" PRIu32 ".1.%" PRIu32, table->arc, metric->column);
	printf("\t%s\t%s", metric->name, types[metric->meaning].base);
	print_convention(metric);
	printf("\t%s", metric->unit ? metric->unit : "-");
	print_words(metric);
	printf("\t%s\n", absence(metric));
}

int main(void)
{
	for (size_t i = 0; i < METRIC_TABLES; i++) {
		const struct metric_table *table = &metric_tables[i];

		if (!table->scalar)
			printf("%" PRIu32 ".1.1\t%s\tGauge32\tindex\t-\t-\t-\n", table->arc, table->index_name);
		for (size_t j = 0; j < table->count; j++)
			print_metric(table, &table->metrics[j]);
	}
	return 0;
}
