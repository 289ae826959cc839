/* SPDX-License-Identifier: MIT */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H
#include "cli/screen.h"
#include "cli/trail.h"

/*
 * One frame of `mptcp-wan watch`: from what is known and what is wanted to text, and nothing else.
 * On top whence it comes, then the WANs, then sums, what is wrong, the worst first, and the last
 * transitions of alarms: as much of each as fits.
 */

enum frame_sort { SORT_NAME, SORT_TROUBLE, SORT_RATE, FRAME_SORTS };

enum {
	FRAME_WIDTH_LEAST = 40, /* below it, a frame says only that it is too small */
	FRAME_HEIGHT_LEAST = 8,
	FRAME_ENDLESS = 0, /* as height: all there is to say, and no line of keys */
};

struct frame {
	const struct snapshot *snapshot; /* NULL: nothing has been seen yet */
	const struct trail *trail;
	const char *host;   /* whose this is */
	const char *source; /* a line: whence the snapshot is */
	enum style source_style;
	uint64_t now_s; /* since 1970 */
	uint32_t interval_ms;
	enum frame_sort sort;
	bool inward; /* shares are of what is received first, where there is no room for both */
	bool paused;
	bool help;    /* the keys, in place of all else */
	size_t first; /* of the sorted rows, the one on top */
	bool colour, utf8;
};

/* Which of the rows it has got on it. */
struct frame_rows {
	size_t first, count, all;
};

/*
 * Lines of at most `width` columns, each with its end; exactly `height` of them, unless that is
 * FRAME_ENDLESS. A first row from which the last one would leave room below it is another: that is
 * in `shown`. For the caller to free; NULL: no memory.
 */
char *frame_compose(const struct frame *, size_t width, size_t height, struct frame_rows *shown);
#endif
