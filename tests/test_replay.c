/* SPDX-License-Identifier: MIT */
/* Polls of a scripted kernel, recorded, and replayed: they say the same, octet by octet. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/metrics.h"
#include "lib/monitor.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

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
			fprintf(out, "%s.%u %" PRIu64 " %s %d\n", metric->name,
				metric_row_index(table, at, 0), value.number,
				value.text ? value.text : "",
				value.address ? value.address->bytes[3] : -1);
		}
	}
}

static char *recorded(const char *path)
{
	struct fake *fake = fake_router();
	struct source *recorder = source_record_open(&fake->source, path);
	struct settings settings;
	struct registry registry;
	struct monitor *monitor;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

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
	monitor_free(monitor);
	fclose(out);
	return text;
}

static char *replayed(const char *path)
{
	struct source *source = source_replay_open(path);
	struct settings settings;
	struct registry registry;
	struct monitor *monitor;
	enum replay_step step;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	settings_default(&settings);
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	while ((step = source_replay_next(source)) != REPLAY_END) {
		const struct snapshot *snapshot;

		if (step == REPLAY_PUMP) {
			monitor_pump(monitor);
			continue;
		}
		snapshot = monitor_poll(monitor);
		print_status(out, snapshot);
		snapshot_release(snapshot);
	}
	monitor_free(monitor);
	fclose(out);
	return text;
}

static void a_replay_says_the_same(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path);
	char *first = recorded(path), *second = replayed(path);
	long size = lseek(fd, 0, SEEK_END);
	struct source *source;

	ok(strlen(first) > 10000, "twelve polls");
	ok(!strcmp(first, second), "octet by octet");
	free(second);
	for (long cut = size - 1; cut > 0; cut -= cut > 2000 ? 997 : 61) {
		if (truncate(path, cut))
			break;
		source = source_replay_open(path);
		source_close(source);
		if (!source)
			continue;
		second = replayed(path);
		free(second);
	}
	ok(true, "a capture cut short anywhere ends, and that is all");
	ok(!truncate(path, 3) && !source_replay_open(path) && errno == EBADMSG, "no capture");
	unlink(path);
	ok(!source_replay_open(path) && errno == ENOENT, "no file");
	free(first);
	close(fd);
}

/*
 * --- routes ------------------------------------------------------------------------------------
 */

static struct route_query to(uint8_t last, uint32_t ifindex)
{
	return (struct route_query){ .to = { AF_INET, { 192, 0, 2, last } },
				     .from = { AF_INET, { 10, 0, 0, 1 } },
				     .ifindex = ifindex };
}

/* Tells by which query it was asked. */
static int tell_route(struct source *source, const struct route_query *query, datagram_fn fn,
		      void *arg)
{
	(void)source;
	return query->to.bytes[3] == 9 ? -ENETUNREACH : fn(query, sizeof(*query), arg);
}

static void close_nothing(struct source *source)
{
	(void)source;
}

static int keep(const void *buf, size_t len, void *arg)
{
	memcpy(arg, buf, len);
	return 0;
}

/* The answer in short: the last octet asked for, or what is no answer. */
static int route(struct source *source, uint8_t last, uint32_t ifindex)
{
	const struct route_query query = to(last, ifindex);
	struct route_query told = { 0 };
	int error = source_ask_route(source, &query, keep, &told);

	return error ? error : told.to.bytes[3];
}

static void a_route_is_that_of_its_query(void)
{
	static const struct source_ops ops = { .ask_route = tell_route, .close = close_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	for (uint8_t last = 1; last <= 4; last++)
		route(source, last, 5);
	route(source, 9, 5);
	source_close(source);
	source = source_replay_open(path);
	ok(route(source, 1, 5) == 1, "the same question");
	ok(route(source, 7, 5) == -ENODATA, "one that was not asked");
	ok(route(source, 2, 6) == -ENODATA, "nor from that device");
	ok(route(source, 3, 5) == 3, "one that comes after another");
	ok(route(source, 2, 5) == -ENODATA, "what was passed is over");
	ok(route(source, 9, 5) == -ENETUNREACH, "no way");
	ok(route(source, 4, 5) == -ENODATA, "the end");
	source_close(source);
	close(fd);
	unlink(path);
}

/* What captures were before: the route without its query. */
static void a_route_of_an_older_capture_goes_by_its_place(void)
{
	static const struct {
		char magic[8];
		uint32_t byte_order, version;
		struct { uint32_t call, what; int64_t value; uint64_t len; } records[4];
	} capture = { "mptcpwan", 0x01020304, 2,
		      { { 8, 0, 0, 0 },
			{ 4, 0, -ENETUNREACH, 0 },
			{ 8, 0, 0, 0 },
			{ 4, 0, 0, 0 } } };
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path);
	struct source *source;

	ok(write(fd, &capture, sizeof(capture)) == sizeof(capture), "a capture");
	source = source_replay_open(path);
	ok(route(source, 1, 5) == -ENETUNREACH, "the first");
	ok(route(source, 2, 5) == 0, "the second");
	ok(route(source, 3, 5) == -ENODATA, "the end");
	source_close(source);
	close(fd);
	unlink(path);
}

int main(void)
{
	a_replay_says_the_same();
	a_route_is_that_of_its_query();
	a_route_of_an_older_capture_goes_by_its_place();
	return tap_done();
}
