/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <linux/types.h>
#include <stdio.h>
#include "lib/bpf/subflow.h"
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

/* A step of netlink's streams, and one of BPF's. */
static void live_by_netlink(struct fake *fake, int i)
{
	fake_pm_birth(fake, 1, (uint16_t)(50000 + i), 100 + (uint32_t)i);
	fake_destroy(fake, 500 + (uint64_t)i, 1, (uint16_t)(50000 + i), 70000, 3);
	fake->interruptions[Q_SUBFLOWS] = i == 3;
	fake->losses[STREAM_ENDINGS] = i == 7;
}

static void live_by_walks(struct fake *fake, int i)
{
	fake_life(fake, LIFE_BIRTH, 500 + (uint64_t)i, 2, (uint16_t)(50000 + i), 0, 0);
	fake_subflow(fake, 500 + (uint64_t)i, 2, (uint16_t)(50000 + i), 77, 300, 30);
	fake_life(fake, LIFE_ENDING, 500 + (uint64_t)i - 3, 2, (uint16_t)(50000 + i - 3), 70000, 3);
	fake->walk_error = i == 7 ? -EIO : 0;
}

static char *record(struct fake *fake, void (*live)(struct fake *, int), const char *path,
		    int *error)
{
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
	monitor = monitor_new(recorder, &settings, &registry);
	for (int i = 0; i < 12; i++) {
		const struct snapshot *snapshot;

		live(fake, i);
		fake->errors[Q_ENDPOINTS] = i == 5 ? -ETIMEDOUT : 0;
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

char *recorded(const char *path, int *error)
{
	struct fake *fake = fake_router();

	fake->refused[STREAM_LIFE] = -EPERM;
	return record(fake, live_by_netlink, path, error);
}

char *recorded_walks(const char *path, int *error)
{
	return record(fake_router(), live_by_walks, path, error);
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
