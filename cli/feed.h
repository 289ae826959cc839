/* SPDX-License-Identifier: MIT */
#ifndef CLI_FEED_H
#define CLI_FEED_H
#include <sys/stat.h>
#include "cli/view.h"
#include "lib/monitor.h"

/*
 * One snapshot after the other: the agent's, each time its file has changed, as long as it is
 * fresh; else of a monitor of our own, which lives until the agent is back.
 */
struct feed {
	const struct common_options *options;
	struct settings settings;   /* of our own look */
	char why_settings[WHY_LEN]; /* what is wrong with them, or "" */
	struct status status;	    /* the agent's last one that could be read */
	bool has_status;
	struct stat file;	       /* as it was then; all zero: there was none */
	char why_file[STATUS_WHY_LEN]; /* it cannot be read, or "" */
	struct monitor *monitor;       /* NULL: not needed */
	const struct snapshot *looked; /* its last one, held */
	uint64_t look_began_s;
	int look_error;			 /* -errno: there is no monitor, nor a snapshot */
	const struct snapshot *snapshot; /* THE one; NULL: there is none yet */
	uint64_t at_ms;			 /* when it was taken, since 1970, as exactly as we know */
};

/*
 * The options stay the caller's, and must last. Returns EXIT_DONE, or EXIT_FAILED having said why:
 * then there is nothing to close.
 */
int feed_open(struct feed *, const struct common_options *);
void feed_close(struct feed *);

/* Looks for a new snapshot, and takes it. Returns whether there was one. now_ms: since 1970. */
bool feed_update(struct feed *, uint64_t now_ms);

/* Of our own looks from now on; that at the agent's file is as often as feed_update() is called. */
void feed_set_interval(struct feed *, uint32_t ms);

/* Is the snapshot the agent's? */
bool feed_from_agent(const struct feed *);

/*
 * Whence it is, how old, and what is wrong with that, on one line. Returns its style: more than
 * STYLE_FAINT where something is.
 */
enum style feed_tell(const struct feed *, uint64_t now_s, char *line, size_t size);
#endif
