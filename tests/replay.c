/* SPDX-License-Identifier: MIT */
/*
 * replay CAPTURE [KEY=VALUE]...
 *
 * Polls a capture as the recorded monitor did, with these settings, and prints what came of it: the
 * state of each WAN at each poll, then the last snapshot as JSON. The same capture gives the same
 * text, byte for byte.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/monitor.h"
#include "lib/status.h"

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

static void replay(struct monitor *monitor, struct source *source)
{
	const struct snapshot *last = NULL, *fresh;
	enum replay_step step;
	uint64_t begun_ms = 0;
	char *json;

	while ((step = source_replay_next(source)) != REPLAY_END) {
		if (step == REPLAY_PUMP) {
			monitor_pump(monitor);
			continue;
		}
		fresh = monitor_poll(monitor);
		if (!fresh)
			break;
		begun_ms = begun_ms ? begun_ms : fresh->taken_ms;
		print_states(fresh, begun_ms);
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
	source = source_replay_open(argv[1]);
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
