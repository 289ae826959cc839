/* SPDX-License-Identifier: MIT */
/*
 * All targets are one program, and the environment variable FUZZ names the one to run: libFuzzer
 * starts itself anew to minimise a corpus, with its own options but not with a word of ours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/netlink.h"
#include "tests/fuzz/fuzz.h"

static const struct target {
	const char *name;
	fuzz_fn *fn;
} targets[] = {
	{ "alarms", fuzz_alarms },
	{ "anonymize", fuzz_anonymize },
	{ "capture", fuzz_capture },
	{ "config", fuzz_config },
	{ "connections", fuzz_connections },
	{ "life", fuzz_life },
	{ "links", fuzz_links },
	{ "mib", fuzz_mib },
	{ "path_manager", fuzz_path_manager },
	{ "proc", fuzz_proc },
	{ "settings", fuzz_settings },
	{ "state", fuzz_state },
	{ "status", fuzz_status },
	{ "subflows", fuzz_subflows },
};
enum { TARGETS = sizeof(targets) / sizeof(targets[0]) };

static fuzz_fn *chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Without a name, or with a wrong one, it prints those that there are. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ");

	(void)argc, (void)argv;
	for (size_t i = 0; name && i < TARGETS; i++)
		if (!strcmp(targets[i].name, name))
			chosen = targets[i].fn;
	if (chosen)
		return 0;
	for (size_t i = 0; i < TARGETS; i++)
		puts(targets[i].name);
	exit(name && *name ? 2 : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	chosen(bytes, len);
	return 0;
}

void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: it does not hold that %s\n", file, line, what);
	abort();
}

char *fuzz_text(const void *bytes, size_t len)
{
	char *text = malloc(len + 1);

	must(text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

const char *fuzz_file(const void *bytes, size_t len)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		must(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(!ftruncate(fd, 0) && pwrite(fd, bytes, len, 0) == (ssize_t)len);
	return path;
}

void fuzz_reason(const char *why, size_t size)
{
	size_t len = strnlen(why, size);

	must(len && len < size);
	must(!memchr(why, '\n', len));
}

void fuzz_messages(const void *bytes, size_t len, int (*fn)(const struct nlmsghdr *))
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0, found;

	while ((nlh = netlink_next(bytes, len, &offset, &error))) {
		struct nlmsghdr *copy = malloc(nlh->nlmsg_len);

		must(copy && offset <= len);
		memcpy(copy, nlh, nlh->nlmsg_len);
		found = fn(copy);
		must(found == 1 || found == 0 || found == -EBADMSG);
		free(copy);
	}
	must(error == 0 || error == -EBADMSG);
}
