/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cli/findings.h"
#include "cli/frame.h"
#include "cli/frame_wans.h"
#include "cli/lines.h"
#include "cli/overview.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/finding.h"

enum {
	LINE_LEN = 512,
	TIME_LEN = 24,
	AIRY_HEIGHT = 16, /* from here on there are blank lines */
	LOG_MOST = 8,
	HEAD = 2, /* lines above the table */
};

/*
 * --- what there is to say ----------------------------------------------------------------------
 */

/* "17:05:03"; of another day than now "2026-01-31". */
static void time_text(uint64_t time_s, uint64_t now_s, char text[TIME_LEN])
{
	time_t then = (time_t)time_s, now = (time_t)now_s;
	struct tm day, today;

	strcpy(text, "--:--:--");
	if (!time_s || !localtime_r(&then, &day) || !localtime_r(&now, &today))
		return;
	strftime(text, TIME_LEN,
		 day.tm_year == today.tm_year && day.tm_yday == today.tm_yday ? "%H:%M:%S" : "%F",
		 &day);
}

static void write_sums(const struct screen *screen, const struct frame *frame)
{
	overview_sums(screen, frame->snapshot, frame->now_s);
}

static void write_findings(const struct screen *screen, const struct frame *frame)
{
	findings_print(screen, frame->snapshot, SEVERITY_WARNING, false);
}

/* The newest first: "17:05:03 raised wan5: up-but-idle, subflow-limit (major)" */
static void write_log(const struct screen *screen, const struct frame *frame)
{
	const struct alarm_log *log = frame->snapshot->alarm_log;
	char line[LINE_LEN], when[TIME_LEN], what[WORD_LEN];

	for (size_t i = log ? log->count : 0, left = LOG_MOST; i > 0 && left > 0; i--, left--) {
		const struct alarm_record *row = &log->rows[i - 1];
		bool cleared = row->transition == ALARM_CLEARED, of_host = row->type >= ALARM_HOST;

		time_text(row->time_s, frame->now_s, when);
		metric_text(&metric_tables[TABLE_ALARM_LOG], "transition", row, what, sizeof(what));
		/* Alarms of the host are named after their cause. */
		snprintf(line, sizeof(line), "%s %s %s: %s%s%s (%s)", when, what,
			 of_host ? "this host" : row->wan_name,
			 of_host ? "" : alarm_type_words[row->type], of_host ? "" : ", ",
			 cause_words[row->cause], severity_words[row->severity]);
		paragraph_print(screen, cleared ? STYLE_FAINT : findings_style(row->severity), line,
				0);
	}
}

static void write_help(const struct screen *screen)
{
	static const char *const lines[] = {
		"q  Ctrl-C      quit",
		"space          pause: the picture stays as it is",
		"+  -           between two looks: longer, shorter",
		"s              rows by name, by trouble, by rate",
		"d              where only one share fits: out or in",
		"arrows  j k    scroll the rows",
		"PgUp PgDn      ... by a page; Home End, g G: to an end",
		"Ctrl-L         draw anew",
		"h  ?           this text; any key ends it",
		"",
		"LAST: payload of both directions, each line by its own measure,",
		"but a tenth of the greatest at least. Nothing is a dot, not known",
		"is blank. OUT % and IN %: the line's part of all lines' payload.",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fprintf(screen->out, "%s\n", lines[i]);
}

/*
 * --- blocks ------------------------------------------------------------------------------------
 */

/* Lines that are written, and how many of them are to be shown. */
struct block {
	char *text;
	size_t count, shown;
};

enum { BLOCK_SUMS, BLOCK_FINDINGS, BLOCK_LOG, BLOCKS };

/* False: no memory. */
static bool block_write(struct block *block, const struct screen *like, const struct frame *frame,
			void (*write)(const struct screen *, const struct frame *))
{
	struct screen screen = *like;
	size_t len;

	screen.out = open_memstream(&block->text, &len);
	if (!screen.out)
		return false;
	write(&screen, frame);
	if (fclose(screen.out) || !block->text)
		return false;
	block->count = lines_count(block->text);
	return true;
}

/* So many lines more, but no more than are left; its first one takes the gap before it, too. */
static void block_claim(struct block *block, size_t most, size_t gap, size_t *left)
{
	size_t wanted = block->count - block->shown;

	if (!wanted || (!block->shown && *left <= gap))
		return;
	if (!block->shown)
		*left -= gap;
	if (wanted > most)
		wanted = most;
	if (wanted > *left)
		wanted = *left;
	block->shown += wanted;
	*left -= wanted;
}

/* The first of the sums in any case, then what is wrong, which leaves some to the others. */
static void blocks_claim(struct block blocks[BLOCKS], size_t room, size_t gap)
{
	size_t left = room;

	block_claim(&blocks[BLOCK_SUMS], 1, gap, &left);
	block_claim(&blocks[BLOCK_FINDINGS], room - room / 3, gap, &left);
	block_claim(&blocks[BLOCK_SUMS], SIZE_MAX, gap, &left);
	block_claim(&blocks[BLOCK_LOG], SIZE_MAX, gap, &left);
	block_claim(&blocks[BLOCK_FINDINGS], SIZE_MAX, gap, &left);
}

static size_t blocks_need(const struct block blocks[BLOCKS], size_t gap)
{
	size_t need = 0;

	for (size_t i = 0; i < BLOCKS; i++)
		need += blocks[i].count ? blocks[i].count + gap : 0;
	return need;
}

/*
 * --- the page ----------------------------------------------------------------------------------
 */

/* Where the lines go: they are cut to its width, and counted. */
struct page {
	struct screen screen;
	size_t height, used; /* height: SIZE_MAX for all */
};

static void page_line(struct page *page, const char *line, size_t len)
{
	if (page->used >= page->height)
		return;
	lines_put(page->screen.out, line, len, page->screen.width);
	fputc('\n', page->screen.out);
	page->used++;
}

static void page_lines(struct page *page, const char *text, size_t count)
{
	while (count-- > 0) {
		size_t len = lines_length(text);

		page_line(page, text, len);
		text += len + 1;
	}
}

__attribute__((format(printf, 3, 4))) static void page_print(struct page *page, enum style style,
							     const char *format, ...)
{
	char line[LINE_LEN];
	va_list args;

	if (page->used >= page->height)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	screen_style(&page->screen, style);
	text_put(page->screen.out, line, strlen(line), page->screen.width);
	screen_plain(&page->screen, style);
	fputc('\n', page->screen.out);
	page->used++;
}

/* Where it goes on, if it does, is told of what is read from one line to the next. */
static void page_block(struct page *page, const struct block *block, size_t gap, bool tell_cut)
{
	bool cut = tell_cut && block->shown > 1 && block->shown < block->count;

	if (!block->shown)
		return;
	for (size_t i = 0; i < gap; i++)
		page_print(page, STYLE_PLAIN, "%s", "");
	page_lines(page, block->text, block->shown - cut);
	if (cut)
		page_print(page, STYLE_FAINT, "  ... %zu more lines",
			   block->count - block->shown + 1);
}

static void page_head(struct page *page, const struct frame *frame)
{
	static const char *const sorts[FRAME_SORTS] = {
		[SORT_NAME] = "name", [SORT_TROUBLE] = "trouble", [SORT_RATE] = "rate"
	};
	char interval[UNIT_LEN], day[TIME_LEN] = "", now[TIME_LEN];

	duration_text(frame->interval_ms, interval);
	time_text(frame->now_s, frame->now_s, now);
	/* What goes to a file may be read on another day. */
	if (page->height == SIZE_MAX)
		time_text(frame->now_s, 0, day);
	page_print(page, frame->paused ? STYLE_WARNING : STYLE_TITLE,
		   "%s%s%s%s  every %s  by %s%s  %s", frame->paused ? "PAUSED  " : "", day,
		   *day ? " " : "", now, interval, sorts[frame->sort],
		   frame_wans_short_rates(page->screen.width) ? "  bit/s" : "", frame->host);
	page_print(page, frame->source_style, "%s", frame->source);
}

static void page_keys(struct page *page, const struct frame *frame, const struct frame_rows *shown)
{
	char range[64] = "";

	if (shown->count < shown->all)
		snprintf(range, sizeof(range), "%zu-%zu of %zu WANs  ",
			 shown->count ? shown->first + 1 : 0, shown->first + shown->count,
			 shown->all);
	while (page->used + 1 < page->height)
		page_print(page, STYLE_PLAIN, "%s", "");
	page_print(page, STYLE_FAINT,
		   "%sq quit  ? keys  space %s%s  s sort  +/- interval  d out/in", range,
		   frame->paused ? "goes on" : "pause", *range ? "  arrows scroll" : "");
}

/*
 * --- all of it ---------------------------------------------------------------------------------
 */

/* How many of the lines the rows get; the others are for what is below them. */
static size_t rows_fit(size_t rows, size_t need_below, size_t room)
{
	size_t below = need_below < room / 3 ? need_below : room / 3;

	return rows < room - below ? rows : room - below;
}

static void page_table(struct page *page, const struct frame *frame, const struct wan *const *wans,
		       const struct frame_rows *shown)
{
	char *text = NULL;
	size_t len;
	struct screen screen = page->screen;

	screen.out = open_memstream(&text, &len);
	if (!screen.out)
		return;
	if (shown->all)
		frame_wans_print(&screen, frame, wans, shown->first, shown->count);
	else
		overview_wans(&screen, frame->snapshot);
	if (!fclose(screen.out))
		page_lines(page, text, lines_count(text));
	free(text);
}

static void page_all(struct page *page, const struct frame *frame, const struct wan *const *wans,
		     struct block blocks[BLOCKS], struct frame_rows *shown)
{
	bool endless = page->height == SIZE_MAX;
	size_t gap = page->height >= AIRY_HEIGHT, need = blocks_need(blocks, gap);
	size_t fixed = HEAD + 1 + 1; /* the titles, the keys */
	size_t room = page->height - fixed;

	shown->all = frame->snapshot->wan_count;
	shown->count = endless ? shown->all : rows_fit(shown->all, need, room);
	shown->first =
		frame->first < shown->all - shown->count ? frame->first : shown->all - shown->count;
	/* What is said when there is no WAN may take a line more than the titles. */
	blocks_claim(blocks, endless ? need : room - shown->count - !shown->all, gap);
	page_head(page, frame);
	page_table(page, frame, wans, shown);
	for (size_t i = 0; i < BLOCKS; i++)
		page_block(page, &blocks[i], gap, i == BLOCK_FINDINGS);
	if (!endless)
		page_keys(page, frame, shown);
}

/* Returns false without memory. */
static bool compose(struct page *page, const struct frame *frame, struct frame_rows *shown)
{
	static void (*const writers[BLOCKS])(const struct screen *, const struct frame *) = {
		[BLOCK_SUMS] = write_sums,
		[BLOCK_FINDINGS] = write_findings,
		[BLOCK_LOG] = write_log,
	};
	struct block blocks[BLOCKS] = { 0 };
	const struct wan **wans = frame_wans_sorted(frame);
	bool good = wans;

	for (size_t i = 0; i < BLOCKS && good; i++)
		good = block_write(&blocks[i], &page->screen, frame, writers[i]);
	if (good)
		page_all(page, frame, wans, blocks, shown);
	for (size_t i = 0; i < BLOCKS; i++)
		free(blocks[i].text);
	free(wans);
	return good;
}

static bool compose_help(struct page *page)
{
	struct screen screen = page->screen;
	char *text = NULL;
	size_t len;

	screen.out = open_memstream(&text, &len);
	if (!screen.out)
		return false;
	write_help(&screen);
	if (fclose(screen.out))
		return false;
	page_lines(page, text, lines_count(text));
	free(text);
	return true;
}

static bool compose_any(struct page *page, const struct frame *frame, struct frame_rows *shown)
{
	bool good = true;

	if (page->height != SIZE_MAX &&
	    (page->screen.width < FRAME_WIDTH_LEAST || page->height < FRAME_HEIGHT_LEAST))
		page_print(page, STYLE_WARNING, "%zux%zu is too small: %dx%d at least",
			   page->screen.width, page->height, FRAME_WIDTH_LEAST, FRAME_HEIGHT_LEAST);
	else if (frame->help)
		good = compose_help(page);
	else if (frame->snapshot)
		good = compose(page, frame, shown);
	else
		page_head(page, frame);
	while (page->height != SIZE_MAX && page->used < page->height)
		page_print(page, STYLE_PLAIN, "%s", "");
	return good;
}

char *frame_compose(const struct frame *frame, size_t width, size_t height,
		    struct frame_rows *shown)
{
	struct page page = { .height = height == FRAME_ENDLESS ? SIZE_MAX : height };
	char *text = NULL;
	size_t len;
	bool good;

	*shown = (struct frame_rows){ .first = frame->first };
	page.screen = (struct screen){ .out = open_memstream(&text, &len),
				       .width = width,
				       .height = height,
				       .colour = frame->colour,
				       .utf8 = frame->utf8 };
	if (!page.screen.out)
		return NULL;
	good = compose_any(&page, frame, shown);
	if (!fclose(page.screen.out) && good)
		return text;
	free(text);
	return NULL;
}
