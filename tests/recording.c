/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include "lib/metrics.h"
#include "tests/fake_source.h"
#include "tests/recording.h"
#include "tests/replay_poll.h"

static void print_status(FILE *out, const struct snapshot *snapshot)
{
	struct metric_value value;
	size_t count;

	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_table *table = &metric_tables[t];
		const char *row = metric_rows(snapshot, table, &count);

		for (size_t i = 0; i < count * table->count; i++) {
			const struct metric *metric = &table->metrics[i % table->count];
			const char *at = row + i / table->count * table->row_size;

			if (!metric_read(metric, at, &value))
				continue;
			fprintf(out, "%s.%u %" PRIu64 " %s %d\n", metric_manual(table, metric)->name,
				metric_row_index(table, at, 0), value.number,
				value.text ? value.text : "",
				value.address ? value.address->bytes[3] : -1);
		}
	}
}

char *recorded(const char *path, int *error)
{
	struct fake *fake = fake_router();
	struct source *recorder = source_record_open(&fake->source, path);
	struct settings settings;
	struct registry registry;
	struct monitor *monitor;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*error = 0;
	settings_default(&settings);
	registry_init(&registry);
	fake->refused[STREAM_LIFE] = -EPERM;
	monitor = monitor_new(recorder, &settings, &registry);
	for (int i = 0; i < 12; i++) {
		const struct snapshot *snapshot;

		fake_pm_birth(fake, 1, (uint16_t)(50000 + i), 100 + (uint32_t)i);
		fake_destroy(fake, 500 + (uint64_t)i, 1, (uint16_t)(50000 + i), 70000, 3);
		fake->interruptions[Q_SUBFLOWS] = i == 3;
		fake->errors[Q_ENDPOINTS] = i == 5 ? -ETIMEDOUT : 0;
		fake->losses[STREAM_ENDINGS] = i == 7;
		if (i % 3 == 2)
			monitor_pump(monitor);
		fake->now_us += 5000000;
		fake->wall_ms += 5000;
		snapshot = monitor_poll(monitor);
		print_status(out, snapshot);
		snapshot_release(snapshot);
	}
	*error = source_record_flush(recorder, NULL);
	monitor_free(monitor);
	fclose(out);
	return text;
}

char *replayed(const char *path, struct replay_fault *fault)
{
	struct source *source = source_replay_open(path, fault);
	struct settings settings;
	struct registry registry;
	struct monitor *monitor;
	const struct snapshot *snapshot;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	settings_default(&settings);
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	while ((snapshot = replay_poll(source, monitor))) {
		print_status(out, snapshot);
		snapshot_release(snapshot);
	}
	monitor_free(monitor);
	fclose(out);
	return text;
}
