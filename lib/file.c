/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/file.h"

enum { FIRST = 4096 }; /* most files of ours fit in */

/*
 * --- reading -----------------------------------------------------------------------------------
 */

/* Into a text that grows with it; that is the caller's to free, also when it fails. */
static int read_all(int fd, size_t most, char **text, size_t *len)
{
	size_t room = 0;
	ssize_t got = 1;

	while (got) {
		if (*len == room) {
			char *more;

			room = room ? room * 2 : FIRST;
			more = realloc(*text, room + 1);
			if (!more)
				return -ENOMEM;
			*text = more;
		}
		got = read(fd, *text + *len, room - *len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		*len += (size_t)got;
		if (*len > most)
			return -EFBIG;
	}
	(*text)[*len] = '\0';
	return 0;
}

int file_read(const char *path, size_t most, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return -errno;
	error = read_all(fd, most, text, len);
	close(fd);
	if (!error)
		return 0;
	free(*text);
	*text = NULL;
	return error;
}

ssize_t file_read_start(const char *path, void *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got && len < room) {
		got = read(fd, (char *)text + len, room - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		len += (size_t)got;
	}
	got = got < 0 ? -errno : (ssize_t)len;
	close(fd);
	return got;
}

/*
 * --- writing -----------------------------------------------------------------------------------
 */

int folder_make(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat made;

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
	}
	if (stat(path, &made))
		return -errno;
	return S_ISDIR(made.st_mode) ? 0 : -ENOTDIR;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(fd, text, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		text += done;
		len -= (size_t)done;
	}
	return 0;
}

static int replace_in(int folder, const char *name, const void *text, size_t len, unsigned int mode,
		      bool sync)
{
	char fresh[NAME_MAX + 1];
	int fd, error;

	snprintf(fresh, sizeof(fresh), ".%s.new", name);
	fd = openat(folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text, len);
	if (!error && fchmod(fd, mode))
		error = -errno;
	if (!error && sync && fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && renameat(folder, fresh, folder, name))
		error = -errno;
	if (error)
		unlinkat(folder, fresh, 0);
	return error;
}

int file_replace(const char *dir, const char *name, const void *text, size_t len, unsigned int mode,
		 bool sync)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;

	if (folder < 0)
		return -errno;
	error = replace_in(folder, name, text, len, mode, sync);
	/* The new name is the directory's; a file system that cannot sync one says EINVAL. */
	if (!error && sync && fsync(folder) && errno != EINVAL)
		error = -errno;
	close(folder);
	return error;
}
