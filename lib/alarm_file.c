/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/alarm_file.h"
#include "lib/state.h"

static const char FILE_NAME[] = "alarms", BAD_NAME[] = "alarms.bad";

/* A full log of the longest texts, each octet of them escaped, is smaller. */
enum { FILE_MOST = 16 * 1024 * 1024, STEP = 64 * 1024 };

static int explain(char *why, const char *dir, int error)
{
	snprintf(why, WHY_LEN, "%.108s/%s: %s", dir, FILE_NAME, strerror(-error));
	return error;
}

/* The whole file, ended by a NUL, for the caller to free. */
static int read_all(int fd, char **text, size_t *len)
{
	ssize_t got = 1;

	*text = NULL;
	*len = 0;
	while (got) {
		char *more = *len < FILE_MOST ? realloc(*text, *len + STEP + 1) : NULL;

		if (!more)
			return *len < FILE_MOST ? -ENOMEM : -EBADMSG;
		*text = more;
		got = read(fd, *text + *len, STEP);
		if (got < 0)
			return -errno;
		*len += (size_t)got;
	}
	(*text)[*len] = '\0';
	return 0;
}

/* 0 or -errno; -EBADMSG for what we have not written. */
static int load(int fd, struct alarms *alarms)
{
	size_t len;
	char *text;
	int error = read_all(fd, &text, &len);

	if (!error)
		error = strlen(text) < len ? -EBADMSG : alarms_load(alarms, text);
	free(text);
	return error;
}

int alarm_file_load(const char *dir, struct alarms *alarms, char *why)
{
	char from[PATH_LEN + 16], to[PATH_LEN + 16];
	int fd, error;

	snprintf(from, sizeof(from), "%s/%s", dir, FILE_NAME);
	snprintf(to, sizeof(to), "%s/%s", dir, BAD_NAME);
	fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : explain(why, dir, -errno);
	error = load(fd, alarms);
	close(fd);
	if (error != -EBADMSG)
		return error ? explain(why, dir, error) : 0;
	if (rename(from, to))
		snprintf(why, WHY_LEN, "%s: these are no alarms of ours; went on without them",
			 from);
	else
		snprintf(why, WHY_LEN,
			 "%s: these are no alarms of ours; went on without them, kept it as %s",
			 from, BAD_NAME);
	return -EBADMSG;
}

int alarm_file_save(const char *dir, struct alarms *alarms, char *why)
{
	char *text = alarms_save(alarms);
	int error = text ? file_replace(dir, FILE_NAME, text, strlen(text), 0640, true) : -ENOMEM;

	free(text);
	if (error)
		return explain(why, dir, error);
	alarms_saved(alarms);
	return 0;
}
