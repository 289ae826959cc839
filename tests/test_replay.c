/* SPDX-License-Identifier: MIT */
/* Polls of a scripted kernel, recorded, and replayed: they say the same, octet by octet. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/metrics.h"
#include "lib/monitor.h"
#include "lib/source_files.h"
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

/* *error: what the recorder says in the end. */
static char *recorded(const char *path, int *error)
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

static char *replayed(const char *path, struct replay_fault *fault)
{
	struct source *source = source_replay_open(path, fault);
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

static bool is_beginning(const char *text, const char *of)
{
	return !strncmp(text, of, strlen(text));
}

static void a_replay_says_the_same(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	char *first, *second;
	struct replay_fault fault;
	struct source *source;

	first = recorded(path, &error);
	second = replayed(path, &fault);
	is_u64((uint64_t)-error, 0, "it could be written");
	ok(strlen(first) > 10000, "twelve polls");
	ok(!strcmp(first, second), "octet by octet");
	is_text(fault.what, "", "nothing is wrong with it");
	source = source_replay_open(path, NULL);
	ok(source_replay_has(source, STREAM_LIFE) && source_replay_has(source, STREAM_ENDINGS) &&
		   source_replay_next(source) != REPLAY_END,
	   "which streams were asked for");
	source_close(source);
	free(first);
	free(second);
	close(fd);
	unlink(path);
}

/*
 * --- what is not whole -------------------------------------------------------------------------
 */

/* A capture, and where in it a record is. */
struct walk {
	char bytes[1 << 20];
	size_t len, at;
};

static const struct capture_record *walk_on(struct walk *walk)
{
	const struct capture_record *record = (const void *)(walk->bytes + walk->at);

	walk->at += sizeof(*record) + capture_padded(record->len);
	record = (const void *)(walk->bytes + walk->at);
	return walk->at < walk->len ? record : NULL;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	fwrite(bytes, 1, len, file);
	fclose(file);
}

static void what_is_cut_short_ends_with_its_last_whole_poll(void)
{
	static struct walk walk;
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	char *first = recorded(path, &error), *second;
	size_t cuts = 0, told = 0, wrong = 0, longest = 0;
	struct replay_fault fault;

	walk.len = (size_t)read(fd, walk.bytes, sizeof(walk.bytes));
	for (size_t cut = walk.len - 1; cut >= sizeof(struct capture_head);
	     cut -= cut > 20000 ? 997 : 61) {
		write_file(path, walk.bytes, cut);
		second = replayed(path, &fault);
		cuts++;
		told += *fault.what && fault.offset <= cut;
		wrong += !is_beginning(second, first) || strstr(second, "No data") ||
			 (*fault.what &&
			  fault.offset + sizeof(struct capture_record) + FAKE_BYTES < cut);
		longest = strlen(second) > longest ? strlen(second) : longest;
		free(second);
	}
	ok(cuts > 300, "%zu cuts", cuts);
	ok(told > cuts * 9 / 10, "%zu of them are told, with the offset", told);
	is_u64(wrong, 0, "what comes of them is what came of the whole, up to there");
	ok(longest > strlen(first) * 8 / 10 && longest < strlen(first), "and no less");
	free(first);
	close(fd);
	unlink(path);
}

static void what_is_damaged_is_told_with_its_offset(void)
{
	static struct walk walk;
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	char *first = recorded(path, &error), *second;
	struct capture_record *record;
	struct replay_fault fault;
	size_t records = 0, wrong = 0;
	uint32_t kept;

	walk.len = (size_t)read(fd, walk.bytes, sizeof(walk.bytes));
	walk.at = sizeof(struct capture_head);
	while ((record = (struct capture_record *)walk_on(&walk))) {
		if (records++ % 7)
			continue;
		kept = record->call;
		record->call = records % 2 ? 77 : 0;
		write_file(path, walk.bytes, walk.len);
		record->call = kept;
		second = replayed(path, &fault);
		wrong += fault.offset != walk.at || !is_beginning(second, first) ||
			 strcmp(fault.what, "has something there that is no record") != 0;
		free(second);
	}
	ok(records > 500, "%zu records", records);
	is_u64(wrong, 0, "and each of every seventh, damaged, is found at its place");
	free(first);
	close(fd);
	unlink(path);
}

static void is_no_capture(const char *path, const void *bytes, size_t len, uint64_t offset,
			  const char *what)
{
	struct replay_fault fault;

	write_file(path, bytes, len);
	ok(!source_replay_open(path, &fault) && errno == EBADMSG, "refused: %s", what);
	is_u64(fault.offset, offset, "the offset");
	ok(strstr(fault.what, what) != NULL, "'%s'", fault.what);
}

static void what_is_no_capture_is_told_apart(void)
{
	struct capture_head head = { CAPTURE_MAGIC, CAPTURE_BYTE_ORDER, CAPTURE_VERSION };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct replay_fault fault;
	struct source *source;
	int fd = mkstemp(path);

	is_no_capture(path, "", 0, 0, "is empty");
	is_no_capture(path, "mptcp", 5, 0, "is no capture of mptcp-wan");
	is_no_capture(path, "# a text of some length\n", 24, 0, "is no capture of mptcp-wan");
	is_no_capture(path, "\x1f\x8b\x08", 3, 0, "gunzip");
	head.byte_order = 0x04030201;
	is_no_capture(path, &head, sizeof(head), 8, "other byte order");
	head.byte_order = 7;
	is_no_capture(path, &head, sizeof(head), 8, "no byte order mark");
	head.byte_order = CAPTURE_BYTE_ORDER;
	head.version = 9;
	is_no_capture(path, &head, sizeof(head), 12, "is of version 9 of captures");
	head.version = CAPTURE_VERSION;
	write_file(path, &head, sizeof(head));
	source = source_replay_open(path, &fault);
	ok(source && source_replay_next(source) == REPLAY_END && !*fault.what, "one without a poll");
	source_close(source);
	unlink(path);
	ok(!source_replay_open(path, &fault) && errno == ENOENT, "no file");
	ok(!mkdir(path, 0700) && !source_replay_open(path, &fault) && errno == EISDIR, "a folder");
	rmdir(path);
	ok(!mkfifo(path, 0600) && !source_replay_open(path, &fault) && errno == EBADMSG, "a FIFO");
	unlink(path);
	close(fd);
}

static void a_full_disk_ends_the_recording_and_not_the_source(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	const struct rlimit small = { 20000, RLIM_INFINITY };
	struct rlimit before;
	char *whole, *first, *second;
	struct replay_fault fault;
	struct stat info;
	int fd = mkstemp(path), error;

	whole = recorded(path, &error);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	unlink(path);
	setrlimit(RLIMIT_FSIZE, &small);
	first = recorded(path, &error);
	setrlimit(RLIMIT_FSIZE, &before);
	is_u64((uint64_t)-error, EFBIG, "no more than so much can be written");
	ok(!strcmp(first, whole), "who polls does not notice");
	ok(!stat(path, &info) && info.st_size == 20000, "it is full");
	is_u64(info.st_mode & 0777, 0600, "and nobody else may read it");
	second = replayed(path, &fault);
	ok(strlen(second) > 1000 && is_beginning(second, first), "what is there can be replayed");
	ok(*fault.what && fault.offset <= 20000, "up to octet %" PRIu64 ": it %s", fault.offset,
	   fault.what);
	free(whole);
	free(first);
	free(second);
	close(fd);
	unlink(path);
	ok(!source_record_open(&fake_router()->source, "/dev/full") && errno == ENOSPC,
	   "a disk that is full already");
	ok(!source_record_open(&fake_router()->source, "/nowhere/x") && errno == ENOENT,
	   "and none at all");
}

/*
 * --- chance ------------------------------------------------------------------------------------
 */

static uint32_t count_up(struct source *source)
{
	static uint32_t count = 4000000000;

	(void)source;
	return count++;
}

static void do_nothing(struct source *source)
{
	(void)source;
}

static void chance_is_what_it_was(void)
{
	static const struct source_ops ops = { .chance = count_up, .close = do_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	is_u64(source_chance(source), 4000000000, "the first");
	is_u64(source_chance(source), 4000000001, "the second");
	source_close(source);
	source = source_replay_open(path, NULL);
	is_u64(source_chance(source), 4000000000, "the first again");
	is_u64(source_chance(source), 4000000001, "the second again");
	is_u64(source_chance(source), 0, "the end");
	source_close(source);
	close(fd);
	unlink(path);
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
	static const struct source_ops ops = { .ask_route = tell_route, .close = do_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	for (uint8_t last = 1; last <= 4; last++)
		route(source, last, 5);
	route(source, 9, 5);
	source_close(source);
	source = source_replay_open(path, NULL);
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
	source = source_replay_open(path, NULL);
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
	what_is_cut_short_ends_with_its_last_whole_poll();
	what_is_damaged_is_told_with_its_offset();
	what_is_no_capture_is_told_apart();
	a_full_disk_ends_the_recording_and_not_the_source();
	chance_is_what_it_was();
	a_route_is_that_of_its_query();
	a_route_of_an_older_capture_goes_by_its_place();
	return tap_done();
}
