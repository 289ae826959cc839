/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/source_proc.h"

enum { PROC_BYTES = 65536 };

/* Reads a whole file of at most size octets. Returns its length or -errno. */
static ssize_t read_at(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while (len < size && (got = read(fd, buf + len, size - len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			got = -errno;
			close(fd);
			return got;
		}
		len += (size_t)got;
	}
	close(fd);
	return len < size ? (ssize_t)len : -EFBIG;
}

static int ask_file(const char *path, datagram_fn fn, void *arg)
{
	char *text = malloc(PROC_BYTES);
	ssize_t len;
	int error;

	if (!text)
		return -ENOMEM;
	len = read_at(AT_FDCWD, path, text, PROC_BYTES);
	error = len < 0 ? (int)len : fn(text, (size_t)len, arg);
	free(text);
	return error;
}

int proc_ask_counters(datagram_fn fn, void *arg)
{
	return ask_file("/proc/thread-self/net/netstat", fn, arg);
}

int proc_ask_load(datagram_fn fn, void *arg)
{
	static const char *const files[] = { "/proc/stat", "/proc/thread-self/net/sockstat",
					     "/proc/thread-self/net/softnet_stat" };
	int error = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !error; i++)
		error = ask_file(files[i], fn, arg);
	if (error)
		return error;
	error = ask_file("/proc/thread-self/net/sockstat6", fn, arg);
	return error == -ENOENT ? 0 : error;
}

/*
 * Appends "name=value\n"; a sysctl that cannot be read or does not fit is left out, as an unknown
 * one.
 */
static size_t append_sysctl(int dir, const char *name, char *text, size_t len)
{
	size_t name_len = strlen(name);
	ssize_t value_len;

	if (len + name_len + 3 >= PROC_BYTES)
		return len;
	value_len = read_at(dir, name, text + len + name_len + 1, PROC_BYTES - len - name_len - 2);
	if (value_len <= 0)
		return len;
	memcpy(text + len, name, name_len);
	text[len + name_len] = '=';
	len += name_len + 1 + (size_t)value_len;
	if (text[len - 1] != '\n')
		text[len++] = '\n';
	return len;
}

int proc_ask_sysctls(datagram_fn fn, void *arg)
{
	DIR *dir = opendir("/proc/sys/net/mptcp");
	const struct dirent *entry;
	size_t len = 0;
	char *text;
	int error;

	if (!dir)
		return -errno;
	text = malloc(PROC_BYTES);
	if (!text) {
		closedir(dir);
		return -ENOMEM;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			len = append_sysctl(dirfd(dir), entry->d_name, text, len);
	closedir(dir);
	error = fn(text, len, arg);
	free(text);
	return error;
}
