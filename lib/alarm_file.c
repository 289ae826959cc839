/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/alarm_file.h"
#include "lib/file.h"

static const char FILE_NAME[] = "alarms", BAD_NAME[] = "alarms.bad";

/* A full log of the longest texts, each octet of them escaped, is smaller. */
enum { FILE_MOST = 16 * 1024 * 1024 };

static int explain(char *why, const char *dir, int error)
{
	snprintf(why, WHY_LEN, "%.108s/%s: %s", dir, FILE_NAME, strerror(-error));
	return error;
}

/* 0 or -errno; -EBADMSG for what we have not written. */
static int load(const char *path, struct alarms *alarms)
{
	size_t len;
	char *text;
	int error = file_read(path, FILE_MOST, &text, &len);

	if (!error)
		error = strlen(text) < len ? -EBADMSG : alarms_load(alarms, text);
	free(text);
	return error == -EFBIG ? -EBADMSG : error;
}

int alarm_file_load(const char *dir, struct alarms *alarms, char *why)
{
	char from[PATH_LEN + 16], to[PATH_LEN + 16];
	int error;

	snprintf(from, sizeof(from), "%s/%s", dir, FILE_NAME);
	snprintf(to, sizeof(to), "%s/%s", dir, BAD_NAME);
	error = load(from, alarms);
	if (!error || error == -ENOENT)
		return 0;
	if (error != -EBADMSG)
		return explain(why, dir, error);
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
