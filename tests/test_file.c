/* SPDX-License-Identifier: MIT */
/* Whole files: read at every length that matters, and what is none. Writing: test_state.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/file.h"
#include "tests/tap.h"

enum { MOST = 3 * 4096 };

static char path[] = "/tmp/test_file.XXXXXX";
static char content[MOST + 2];

static void write_octets(size_t len)
{
	FILE *file = fopen(path, "w");

	fwrite(content, 1, len, file);
	fclose(file);
}

static void all_of_it(void)
{
	static const size_t lens[] = { 0, 1, 4095, 4096, 4097, 8191, 8192, 8193, MOST - 1, MOST };

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		char *text;
		size_t len;

		write_octets(lens[i]);
		ok(!file_read(path, MOST, &text, &len), "%zu octets", lens[i]);
		ok(len == lens[i] && text && !memcmp(text, content, len) && !text[len],
		   "as they were, with an end");
		free(text);
	}
}

static void is_refused(const char *name, int error, const char *what)
{
	char *text = content;
	size_t len;

	is_u64((uint64_t)-file_read(name, MOST, &text, &len), (uint64_t)error, "%s", what);
	ok(!text, "no text of it");
}

static void what_is_no_file_of_ours(void)
{
	char *text;
	size_t len;

	write_octets(MOST + 1);
	is_refused(path, EFBIG, "one octet more");
	is_refused("/dev/zero", EFBIG, "no end");
	is_refused("/", EISDIR, "a folder");
	is_refused("/nowhere/at/all", ENOENT, "nothing");
	unlink(path);
	ok(!mkfifo(path, 0600) && !file_read(path, MOST, &text, &len) && !len,
	   "a FIFO without a writer holds nobody up");
	free(text);
}

static void the_start_of_one(void)
{
	char text[100];

	write_octets(99);
	is_u64((uint64_t)file_read_start(path, text, 100), 99, "a short one whole");
	write_octets(101);
	is_u64((uint64_t)file_read_start(path, text, 100), 100, "as much as there is room for");
	ok(!memcmp(text, content, 100), "as it was");
	ok(file_read_start("/", text, 100) == -EISDIR &&
		   file_read_start("/nowhere/at/all", text, 100) == -ENOENT,
	   "and why not");
	unlink(path);
	ok(!mkfifo(path, 0600) && !file_read_start(path, text, 100), "a FIFO holds nobody up");
}

int main(void)
{
	int fd = mkstemp(path);

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)('a' + i % 23);
	all_of_it();
	what_is_no_file_of_ours();
	unlink(path);
	the_start_of_one();
	close(fd);
	unlink(path);
	return tap_done();
}
