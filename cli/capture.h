/* SPDX-License-Identifier: MIT */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H
#include <limits.h>

/*
 * A capture for a bug report: a folder, for its owner only, since it holds addresses. What record
 * writes and replay reads.
 */

/* Its files. */
#define CAPTURE_ANSWERS "capture"	/* what the kernel answered: source_record_open() */
#define CAPTURE_SETTINGS "settings.conf"	/* that it was polled with */
#define CAPTURE_STATUS "status.json"	/* what was seen in the end */
#define CAPTURE_ABOUT "about.txt"	/* where, when and by whom */

enum { CAPTURE_PATH_LEN = PATH_MAX };

/* Makes the folder, which must not be there, or be empty. 0, or -errno; -ENOTEMPTY if it is not. */
int capture_make(const char *folder);

/* 0 or -ENAMETOOLONG */
int capture_path(const char *folder, const char *name, char path[CAPTURE_PATH_LEN]);

/* Writes one of its files. 0 or -errno, which was told. */
int capture_write(const char *folder, const char *name, const char *text);
#endif
