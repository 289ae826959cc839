/* SPDX-License-Identifier: MIT */
/*
 * replay CAPTURE [KEY=VALUE]...
 *
 * Polls a capture as the recorded monitor did, with these settings, and prints what came of it: the
 * state of each WAN at each poll, findings that come (+) and go (-), and rows of the alarm log (!);
 * then the last snapshot as JSON. The same capture gives the same text, byte for byte.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/status.h"
#include "tests/replay_poll.h"

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", what, why);
	return 1;
}

static bool configure(struct settings *settings, int count, char **words)
{
	char why[WHY_LEN];

	settings_default(settings);
	for (int i = 0; i < count; i++) {
		char *value = strchr(words[i], '=');

		if (!value)
			return !fail(words[i], "is not KEY=VALUE");
		*value++ = '\0';
		if (settings_set(settings, words[i], value, why))
			return !fail("settings", why);
	}
	return true;
}

static const char *word(const struct metric_table *table, const char *key, uint32_t value)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].key, key))
			return table->metrics[i].words[value];
	return "?";
}

static void print_states(const struct snapshot *snapshot, uint64_t begun_ms)
{
	printf("%6.1f s %s:", (double)(snapshot->taken_ms - begun_ms) / 1000,
	       word(&metric_tables[TABLE_HOST], "accounting", snapshot->host.accounting));
	for (size_t i = 0; i < snapshot->wan_count; i++)
		printf(" %s=%s", snapshot->wans[i].name,
		       word(&metric_tables[TABLE_WAN], "state", snapshot->wans[i].state));
	printf("\n");
}

static const char *who(const char *wan_name)
{
	return *wan_name ? wan_name : "host";
}

static bool has(const struct snapshot *snapshot, const struct finding *finding)
{
	for (size_t i = 0; snapshot && i < snapshot->finding_count; i++)
		if (snapshot->findings[i].wan_index == finding->wan_index &&
		    snapshot->findings[i].cause == finding->cause &&
		    snapshot->findings[i].severity == finding->severity)
			return true;
	return false;
}

/* Those of one that the other has not; one of another severity is another one. */
static void print_findings(const struct snapshot *of, const struct snapshot *other, char sign)
{
	for (size_t i = 0; of && i < of->finding_count; i++) {
		const struct finding *finding = &of->findings[i];

		if (!has(other, finding))
			printf("\t%c %s %s, %s\n", sign, who(finding->wan_name),
			       cause_words[finding->cause], severity_words[finding->severity]);
	}
}

static void print_rows(const struct snapshot *snapshot, uint32_t *printed)
{
	const struct alarm_log *log = snapshot->alarm_log;

	for (size_t i = 0; log && i < log->count; i++) {
		const struct alarm_record *row = &log->rows[i];

		if (row->sequence <= *printed)
			continue;
		*printed = row->sequence;
		printf("\t! %s %s %s: %s, %s\n",
		       word(&metric_tables[TABLE_ALARM_LOG], "transition", row->transition),
		       who(row->wan_name), alarm_type_words[row->type], cause_words[row->cause],
		       severity_words[row->severity]);
	}
}

static void replay(struct monitor *monitor, struct source *source)
{
	const struct snapshot *last = NULL, *fresh;
	uint64_t begun_ms = 0;
	uint32_t printed = 0;
	char *json;

	while ((fresh = replay_poll(source, monitor))) {
		begun_ms = begun_ms ? begun_ms : fresh->taken_ms;
		print_states(fresh, begun_ms);
		print_findings(last, fresh, '-');
		print_findings(fresh, last, '+');
		print_rows(fresh, &printed);
		snapshot_release(last);
		last = fresh;
	}
	json = last ? status_json(last) : NULL;
	if (json)
		puts(json);
	free(json);
	snapshot_release(last);
}

int main(int argc, char **argv)
{
	static struct registry registry;
	struct settings settings;
	struct source *source;
	struct monitor *monitor;

	if (argc < 2 || !configure(&settings, argc - 2, argv + 2))
		return 2;
	source = source_replay_open(argv[1], NULL);
	if (!source)
		return fail(argv[1], strerror(errno));
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	if (!monitor)
		return fail(argv[1], strerror(errno));
	replay(monitor, source);
	monitor_free(monitor);
	return 0;
}
