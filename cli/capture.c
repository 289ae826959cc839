/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/capture.h"
#include "cli/complain.h"

/* 0, -ENOTEMPTY or another -errno */
static int is_empty(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int error = 0;

	if (!dir)
		return -errno;
	while (!error && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			error = -ENOTEMPTY;
	closedir(dir);
	return error;
}

int capture_make(const char *folder)
{
	int error;

	if (!mkdir(folder, 0700))
		return 0;
	if (errno != EEXIST)
		return -errno;
	error = is_empty(folder);
	if (!error && chmod(folder, 0700))
		error = -errno;
	return error;
}

int capture_path(const char *folder, const char *name, char path[CAPTURE_PATH_LEN])
{
	int len = snprintf(path, CAPTURE_PATH_LEN, "%s/%s", folder, name);

	return len < CAPTURE_PATH_LEN ? 0 : -ENAMETOOLONG;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t written;

	for (; len; text += written, len -= (size_t)written) {
		written = write(fd, text, len);
		if (written < 0 && errno != EINTR)
			return -errno;
		written = written < 0 ? 0 : written;
	}
	return 0;
}

int capture_write(const char *folder, const char *name, const char *text)
{
	char path[CAPTURE_PATH_LEN];
	int error = capture_path(folder, name, path), fd = -1;

	if (!error)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (!error)
		error = fd < 0 ? -errno : write_all(fd, text, strlen(text));
	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	if (error)
		complain("%s/%s: %s", folder, name, strerror(-error));
	return error;
}
