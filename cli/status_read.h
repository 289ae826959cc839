/* SPDX-License-Identifier: MIT */
#ifndef CLI_STATUS_READ_H
#define CLI_STATUS_READ_H
#include "lib/metrics.h"

struct json_object;

/*
 * The agent's status.json, back into a snapshot: the reverse of status_json(), driven by the same
 * table. Monotonic time is lost on the way: here it is the wall clock's. What JSON does not have
 * (answers, whether an interface is up) is zero.
 */
struct status {
	struct snapshot snapshot; /* not counted: it goes with the status */
	struct alarm_log *log;	  /* the snapshot's */
	struct json_object *root; /* where texts of any length lie */
	char *text;		  /* as it was read */
};

/* One line that names the file and what is wrong with it. */
enum { STATUS_WHY_LEN = 512 };

/*
 * Returns 0, -ENOENT when there is no such file, or another -errno (-EBADMSG: it is no status); why
 * holds a line then (STATUS_WHY_LEN octets), and there is nothing to free.
 */
int status_read(const char *path, struct status *, char *why);

/* The same for a text in memory; name is what why calls it. It is copied. */
int status_parse(const char *name, const char *text, size_t len, struct status *, char *why);

void status_free(struct status *);
#endif
