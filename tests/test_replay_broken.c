/* SPDX-License-Identifier: MIT */
/* Captures that are not whole, or none: what is said of them, and what comes of what is left. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/source_files.h"
#include "tests/fake_source.h"
#include "tests/recording.h"
#include "tests/replay_poll.h"
#include "tests/tap.h"

static bool is_beginning(const char *text, const char *of)
{
	return !strncmp(text, of, strlen(text));
}

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
	     cut -= cut > 20000 ? 997 : cut > 61 ? 61 : cut) {
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

/* A number of polls, and of those that got all answers. */
static size_t polls_of(const char *path, bool bpf, bool events, size_t *complete)
{
	struct source *source = source_replay_open(path, NULL);
	static struct registry registry;
	struct settings settings;
	struct monitor *monitor;
	const struct snapshot *snapshot;
	size_t polls = 0;

	settings_default(&settings);
	settings.bpf = bpf;
	settings.events = events;
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	*complete = 0;
	while ((snapshot = replay_poll(source, monitor))) {
		polls++;
		*complete += !*snapshot->host.last_error;
		snapshot_release(snapshot);
	}
	monitor_free(monitor);
	return polls;
}

static void other_settings_do_not_stop_it(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	size_t complete;

	free(recorded(path, &error));
	is_u64(polls_of(path, true, true, &complete), 12, "the same settings: all polls");
	is_u64(complete, 11, "all but the one that was refused an answer");
	is_u64(polls_of(path, false, true, &complete), 12, "without BPF: all polls");
	is_u64(complete, 11, "as complete");
	is_u64(polls_of(path, false, false, &complete), 12, "without events: all polls");
	is_u64(complete, 11, "as complete");
	close(fd);
	unlink(path);
}

/* Whatever is in it, a replay comes to its end; else the alarm ends the test. */
static void what_is_mangled_ends(void)
{
	static struct walk walk;
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	size_t complete, polls = 0;

	free(recorded(path, &error));
	walk.len = (size_t)read(fd, walk.bytes, sizeof(walk.bytes));
	alarm(300);
	for (int round = 0; round < 1000; round++) {
		static struct walk mangled;

		mangled.len = walk.len;
		memcpy(mangled.bytes, walk.bytes, walk.len);
		for (int hole = 0; hole < 1 + round % 20; hole++) {
			size_t at = sizeof(struct capture_head) +
				    (size_t)rand() % (walk.len - sizeof(struct capture_head));

			mangled.bytes[at] = (char)(round % 2 ? rand() : rand() % 12);
		}
		write_file(path, mangled.bytes, mangled.len);
		polls += polls_of(path, true, true, &complete);
	}
	alarm(0);
	ok(polls > 3000, "mangled 1000 times, it ends after %zu polls", polls);
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
	ok(source && source_replay_next(source) == REPLAY_END && !*fault.what,
	   "one without a poll");
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

/* As if a file had been empty when its size was asked for: it is being recorded at this moment. */
static bool just_begun;
static bool asked;
int __real_fstat(int fd, struct stat *info);
int __wrap_fstat(int fd, struct stat *info);

int __wrap_fstat(int fd, struct stat *info)
{
	int error = __real_fstat(fd, info);

	asked = true;
	if (!error && just_begun)
		info->st_size = 0;
	return error;
}

static void what_has_grown_meanwhile_is_not_read_beyond_its_room(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	struct replay_fault fault;
	struct source *source;

	free(recorded(path, &error));
	just_begun = true;
	source = source_replay_open(path, &fault);
	just_begun = false;
	/* With large files on 32 bits it goes by another name. */
	if (asked)
		ok(source && source_replay_next(source) == REPLAY_END && !*fault.what,
		   "one without a poll yet");
	source_close(source);
	close(fd);
	unlink(path);
}

int main(void)
{
	what_is_cut_short_ends_with_its_last_whole_poll();
	what_is_damaged_is_told_with_its_offset();
	other_settings_do_not_stop_it();
	what_is_mangled_ends();
	what_is_no_capture_is_told_apart();
	a_full_disk_ends_the_recording_and_not_the_source();
	what_has_grown_meanwhile_is_not_read_beyond_its_room();
	return tap_done();
}
