/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "lib/file.h"
#include "lib/state.h"

static const char FILE_NAME[] = "wans", BAD_NAME[] = "wans.bad", LOCK_NAME[] = "lock";

static int explain(char *why, const char *dir, const char *name, int error)
{
	snprintf(why, WHY_LEN, "%s/%s: %s", dir, name, strerror(-error));
	return error;
}

int state_lock(const char *dir, char *why)
{
	int error = folder_make(dir), folder, lock;
	char pid[16] = "";

	if (error) {
		snprintf(why, WHY_LEN, "%s: %s", dir, strerror(-error));
		return error;
	}
	folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		error = -errno;
		snprintf(why, WHY_LEN, "%s: %s", dir, strerror(-error));
		return error;
	}
	lock = openat(folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	error = lock < 0 ? -errno : 0;
	close(folder);
	if (error)
		return explain(why, dir, LOCK_NAME, error);
	if (flock(lock, LOCK_EX | LOCK_NB)) {
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
		if (error == -EBUSY && read(lock, pid, sizeof(pid) - 1) > 0)
			snprintf(why, WHY_LEN, "%s: in use by process %d", dir, atoi(pid));
		else
			explain(why, dir, LOCK_NAME, error);
		close(lock);
		return error;
	}
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	/* The pid is for people; the lock holds without it. */
	if (ftruncate(lock, 0) || write(lock, pid, strlen(pid)) < 0)
		errno = 0;
	return lock;
}

int state_load(const char *dir, struct registry *registry, char *why)
{
	char text[REGISTRY_TEXT_MOST + 1];
	char from[PATH_LEN + 16], to[PATH_LEN + 16], what[64] = "too long for a state of ours";
	unsigned int bad;
	ssize_t len;

	snprintf(from, sizeof(from), "%s/%s", dir, FILE_NAME);
	snprintf(to, sizeof(to), "%s/%s", dir, BAD_NAME);
	len = file_read_start(from, text, sizeof(text));
	if (len < 0)
		return len == -ENOENT ? 0 : explain(why, dir, FILE_NAME, (int)len);
	bad = registry_read(registry, text, (size_t)len);
	if (!bad && (size_t)len < sizeof(text))
		return 0;
	if (bad)
		snprintf(what, sizeof(what), "line %u is no state of ours", bad);
	registry->dirty = true;
	if (rename(from, to))
		snprintf(why, WHY_LEN, "%s: %s; went on with the good lines", from, what);
	else
		snprintf(why, WHY_LEN, "%s: %s; went on with the good lines, kept it as %s", from,
			 what, BAD_NAME);
	return -EBADMSG;
}

int state_save(const char *dir, struct registry *registry, char *why)
{
	char text[REGISTRY_TEXT_MOST];
	size_t len = registry_write(registry, text);
	int error = file_replace(dir, FILE_NAME, text, len, 0644, true);

	if (error)
		return explain(why, dir, FILE_NAME, error);
	registry->dirty = false;
	return 0;
}
