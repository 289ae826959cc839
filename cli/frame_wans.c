/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli/bars.h"
#include "cli/findings.h"
#include "cli/frame_wans.h"
#include "cli/overview.h"
#include "cli/units.h"

enum {
	WIDE = 110,	      /* from here on there is room for units */
	SPAN_MS = 120 * 1000, /* of a spark; longer where the polls are far apart */
	FIGURE = 5,	      /* columns of a share or a short rate */
	BAR_LEAST = 3,
	FULL_PART = 10 /* a spark's full height is at least such a part of the greatest */
};

/*
 * --- cells -------------------------------------------------------------------------------------
 */

/* What is common to all cells. */
struct scene {
	const struct frame *frame;
	uint64_t column_ms; /* of a spark's column */
	uint64_t peak_kbps; /* the greatest of all sparks */
};

struct column {
	const char *title;
	const char *long_title;		     /* where there is room for it; or NULL */
	size_t least, wanted, most;	     /* columns of the screen */
	unsigned int rank;		     /* who gets room first */
	enum { ALWAYS, NARROW, WIDER } when; /* ... there is less or more than WIDE */
	bool right;
	const char *key; /* of the metric, or NULL */
	void (*fill)(const struct scene *, const struct wan *, const struct column *, size_t width,
		     struct cell *);
};

static void fill_metric(const struct scene *scene, const struct wan *wan,
			const struct column *column, size_t width, struct cell *cell)
{
	(void)width;
	overview_cell(scene->frame->snapshot, wan, column->key, cell);
}

/* "41 Mbit/s" is "41 M". */
static void fill_short_rate(const struct scene *scene, const struct wan *wan,
			    const struct column *column, size_t width, struct cell *cell)
{
	char *unit;

	fill_metric(scene, wan, column, width, cell);
	unit = strstr(cell->text, "bit/s");
	if (unit)
		*unit = '\0';
}

/* A bar and the figure, or the figure alone. */
static void fill_share(const struct scene *scene, const struct wan *wan,
		       const struct column *column, size_t width, struct cell *cell)
{
	const struct metric *metric = metric_of(&metric_tables[TABLE_WAN], column->key);
	size_t bar_width = width > FIGURE ? width - FIGURE - 1 : 0;
	char bar[CELL_LEN - UNIT_LEN - 1] = "", figure[UNIT_LEN];
	struct metric_value value = { 0 };

	fill_metric(scene, wan, column, width, cell);
	snprintf(figure, sizeof(figure), "%.*s", UNIT_LEN - 1, cell->text);
	metric_read(metric, wan, &value);
	bar_text(bar_width < BAR_LEAST ? 0 : (uint32_t)value.number, bar_width, scene->frame->utf8,
		 bar, sizeof(bar));
	snprintf(cell->text, CELL_LEN, "%s%s%*s", bar, bar_width ? " " : "", FIGURE, figure);
}

static void fill_spark(const struct scene *scene, const struct wan *wan,
		       const struct column *column, size_t width, struct cell *cell)
{
	size_t count = width < TRAIL_COLUMNS_MOST ? width : TRAIL_COLUMNS_MOST;
	int64_t kbps[TRAIL_COLUMNS_MOST];
	uint64_t full_kbps =
		trail_read(scene->frame->trail, wan->name, scene->column_ms, kbps, count);

	(void)column;
	/* Each line by its own measure; but the little that a silent one has is little. */
	if (full_kbps < scene->peak_kbps / FULL_PART)
		full_kbps = scene->peak_kbps / FULL_PART;
	cell->style = STYLE_PLAIN;
	spark_text(kbps, count, full_kbps, scene->frame->utf8, cell->text, CELL_LEN);
	if (!cell->text[strspn(cell->text, " ")])
		*cell->text = '\0';
}

/* 120 ms, 1.5 ms */
static void fill_rtt(const struct scene *scene, const struct wan *wan, const struct column *column,
		     size_t width, struct cell *cell)
{
	uint32_t tenths = (wan->rtt_us.value + 99) / 100;

	(void)scene;
	(void)column;
	(void)width;
	cell->style = STYLE_PLAIN;
	if (!wan->rtt_us.known)
		strcpy(cell->text, "-");
	else if (tenths < 100)
		snprintf(cell->text, CELL_LEN, "%" PRIu32 ".%" PRIu32 " ms", tenths / 10,
			 tenths % 10);
	else
		snprintf(cell->text, CELL_LEN, "%" PRIu32 " ms", (tenths + 5) / 10);
}

static void fill_why(const struct scene *scene, const struct wan *wan, const struct column *column,
		     size_t width, struct cell *cell)
{
	(void)column;
	overview_why(scene->frame->snapshot, wan, width, cell);
}

/* clang-format off */
static const struct column columns[] = {
	{ "WAN",   NULL,        4,  8, 16,  0, ALWAYS, false, "name",          fill_metric },
	{ "STATE", NULL,        8,  8,  8,  1, ALWAYS, false, "state",         fill_metric },
	{ "SUBFL", "SUBFLOWS",  5,  5,  8,  5, ALWAYS, true,  "subflows",      fill_metric },
	{ "OUT",   NULL,        5,  5,  5,  2, NARROW, true,  "out_kbps",      fill_short_rate },
	{ "OUT",   NULL,       10, 10, 10,  2, WIDER,  true,  "out_kbps",      fill_metric },
	{ "IN",    NULL,        5,  5,  5,  3, NARROW, true,  "in_kbps",       fill_short_rate },
	{ "IN",    NULL,       10, 10, 10,  3, WIDER,  true,  "in_kbps",       fill_metric },
	{ "OUT %", "SHARE OUT", 5, 12, 16,  4, ALWAYS, false, "share_out",     fill_share },
	{ "IN %",  "SHARE IN",  5, 12, 16, 10, ALWAYS, false, "share_in",      fill_share },
	{ "LAST",  NULL,        8, 13, 40,  7, ALWAYS, false, NULL,            fill_spark },
	{ "RTT",   NULL,        6,  6,  7,  8, ALWAYS, true,  "rtt_us",        fill_rtt },
	{ "RETR",  "RETRANS",   5,  5,  7,  9, ALWAYS, true,  "retrans_ratio", fill_metric },
	{ "LABEL", NULL,        6, 12, 30, 11, ALWAYS, false, "label",         fill_metric },
	{ "WHY",   NULL,        8, 13, 80,  6, ALWAYS, false, NULL,            fill_why },
};
/* clang-format on */
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), RANKS = 12 };

bool frame_wans_short_rates(size_t width)
{
	return width < WIDE;
}

/*
 * --- widths ------------------------------------------------------------------------------------
 */

static unsigned int rank_of(const struct column *column, bool inward)
{
	unsigned int out = 4, in = 10;

	if (inward && column->rank == out)
		return in;
	return inward && column->rank == in ? out : column->rank;
}

/* Names and labels take no more than they need; a column without any text is not there. */
static size_t most_of(const struct snapshot *snapshot, const struct column *column)
{
	size_t most = 0;

	if (!column->key || (strcmp(column->key, "name") != 0 && strcmp(column->key, "label") != 0))
		return column->most;
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];
		const char *text = strcmp(column->key, "name") ? wan->label : wan->name;
		size_t width = text_width(text, strlen(text));

		if (most < width)
			most = width;
	}
	return most < column->most ? most : column->most;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* By rank, each gets what it wants, else the least, else nothing. Returns what is left. */
static size_t place(const struct frame *frame, size_t width, const size_t *most, size_t *widths)
{
	size_t left = width + TABLE_GAP;

	for (unsigned int rank = 0; rank < RANKS; rank++) {
		for (size_t i = 0; i < COLUMNS; i++) {
			const struct column *column = &columns[i];
			size_t wanted = least(column->wanted, most[i]);

			if (rank_of(column, frame->inward) != rank || !most[i] ||
			    column->when == (frame_wans_short_rates(width) ? WIDER : NARROW))
				continue;
			if (left < wanted + TABLE_GAP)
				wanted = least(column->least, most[i]);
			if (left < wanted + TABLE_GAP)
				continue;
			widths[i] = wanted;
			left -= wanted + TABLE_GAP;
		}
	}
	return left;
}

/* What is left goes to all who have use for it, in turn. */
static void grow(size_t left, const size_t *most, size_t *widths)
{
	for (bool grown = true; left && grown;) {
		grown = false;
		for (size_t i = 0; i < COLUMNS && left; i++) {
			if (!widths[i] || widths[i] >= most[i])
				continue;
			widths[i]++;
			left--;
			grown = true;
		}
	}
}

static void lay_out(const struct frame *frame, size_t width, size_t *widths)
{
	size_t most[COLUMNS], left;

	memset(widths, 0, COLUMNS * sizeof(*widths));
	for (size_t i = 0; i < COLUMNS; i++)
		most[i] = most_of(frame->snapshot, &columns[i]);
	left = place(frame, width, most, widths);
	grow(left, most, widths);
}

/* What the sparks have in common. */
static struct scene scene_of(const struct frame *frame, const size_t *widths)
{
	struct scene scene = { .frame = frame };
	int64_t kbps[TRAIL_COLUMNS_MOST];
	size_t count = 0;

	for (size_t i = 0; i < COLUMNS; i++)
		if (columns[i].fill == fill_spark)
			count = least(widths[i], TRAIL_COLUMNS_MOST);
	if (!count)
		return scene;
	scene.column_ms = SPAN_MS / count;
	if (scene.column_ms < frame->interval_ms)
		scene.column_ms = frame->interval_ms;
	for (size_t i = 0; i < frame->snapshot->wan_count; i++) {
		uint64_t most = trail_read(frame->trail, frame->snapshot->wans[i].name,
					   scene.column_ms, kbps, count);

		if (scene.peak_kbps < most)
			scene.peak_kbps = most;
	}
	return scene;
}

/*
 * --- lines -------------------------------------------------------------------------------------
 */

/* "LAST 2 min", "LAST 90 s" */
static void title_spark(const struct scene *scene, size_t width, struct cell *cell)
{
	uint64_t span_s = scene->column_ms * least(width, TRAIL_COLUMNS_MOST) / 1000;
	bool minutes = span_s + 30 >= 120;

	snprintf(cell->text, CELL_LEN, "%s%" PRIu64 " %s", width < 10 ? "" : "LAST ",
		 minutes ? (span_s + 30) / 60 : span_s, minutes ? "min" : "s");
}

static void print_titles(const struct screen *screen, const struct scene *scene,
			 const size_t *widths)
{
	size_t blanks = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *column = &columns[i];
		struct cell cell = { .style = STYLE_TITLE };
		bool fits = column->long_title && strlen(column->long_title) <= widths[i];

		if (!widths[i])
			continue;
		snprintf(cell.text, CELL_LEN, "%s", fits ? column->long_title : column->title);
		if (column->fill == fill_spark)
			title_spark(scene, widths[i], &cell);
		cell_put(screen, &cell, column->right, widths[i], &blanks);
	}
	fputc('\n', screen->out);
}

void frame_wans_print(const struct screen *screen, const struct frame *frame,
		      const struct wan *const *wans, size_t first, size_t count)
{
	size_t widths[COLUMNS];
	struct scene scene;

	lay_out(frame, screen->width, widths);
	scene = scene_of(frame, widths);
	print_titles(screen, &scene, widths);
	for (size_t row = first; row < first + count; row++) {
		size_t blanks = 0;

		for (size_t i = 0; i < COLUMNS; i++) {
			struct cell cell = { 0 };

			if (!widths[i])
				continue;
			columns[i].fill(&scene, wans[row], &columns[i], widths[i], &cell);
			cell_put(screen, &cell, columns[i].right, widths[i], &blanks);
		}
		fputc('\n', screen->out);
	}
}

/*
 * --- order -------------------------------------------------------------------------------------
 */

/* Greater is worse: an alarm, then a state that is not as it should be. */
static uint32_t trouble_of(const struct wan *wan)
{
	enum style style = overview_state_style(wan);

	return wan->alarm_severity * STYLES + (style == STYLE_GOOD ? 0 : (uint32_t)style);
}

static int compare_trouble(const void *a, const void *b)
{
	const struct wan *const *left = a, *const *right = b;
	uint32_t of_left = trouble_of(*left), of_right = trouble_of(*right);

	return of_left == of_right ? overview_compare_names(a, b) : of_left < of_right ? 1 : -1;
}

static uint64_t rate_of(const struct wan *wan)
{
	return (uint64_t)wan->in_kbps.value + wan->out_kbps.value;
}

static int compare_rates(const void *a, const void *b)
{
	const struct wan *const *left = a, *const *right = b;
	uint64_t of_left = rate_of(*left), of_right = rate_of(*right);

	return of_left == of_right ? overview_compare_names(a, b) : of_left < of_right ? 1 : -1;
}

const struct wan **frame_wans_sorted(const struct frame *frame)
{
	static int (*const compare[FRAME_SORTS])(const void *, const void *) = {
		[SORT_NAME] = overview_compare_names,
		[SORT_TROUBLE] = compare_trouble,
		[SORT_RATE] = compare_rates,
	};
	const struct wan **wans = overview_by_name(frame->snapshot);

	if (wans && frame->sort != SORT_NAME)
		qsort(wans, frame->snapshot->wan_count, sizeof(*wans), compare[frame->sort]);
	return wans;
}
