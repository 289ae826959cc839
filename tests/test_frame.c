/* SPDX-License-Identifier: MIT */
/*
 * Frames of `mptcp-wan watch`, against those in tests/frames. test_frame --accept writes them anew:
 * to be read before they are kept.
 */
#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include "cli/frame.h"
#include "cli/lines.h"
#include "tests/tap.h"

enum { NOW_S = 1800000000, SAMPLES = 70, FRAME_MOST = 65536 };

static bool accept;

/*
 * --- a router of six lines, two of them idle by limit ------------------------------------------
 */

#define WAN(n, ...) { .index = n, .name = "wan" #n, __VA_ARGS__ }
#define CARRYING(n, out, in, part_out, part_in, rtt, ...)                                          \
	WAN(n, .state = WAN_CARRYING, .subflows = 7, .out_kbps = { true, out },                    \
	    .in_kbps = { true, in }, .share_out = { true, part_out },                              \
	    .share_in = { true, part_in }, .rtt_us = { true, rtt },                                \
	    .retrans_ratio = { true, 40 }, __VA_ARGS__)
#define UNJOINED(n)                                                                                \
	WAN(n, .state = WAN_UNJOINED, .out_kbps = { true, 0 }, .in_kbps = { true, 0 },             \
	    .share_out = { true, 0 }, .share_in = { true, 0 }, .cause = CAUSE_SUBFLOW_LIMIT,       \
	    .alarm = true, .alarm_severity = SEVERITY_MAJOR)

static struct wan six[] = {
	CARRYING(1, 36600, 4200, 3512, 3700, 20400, .label = "Fibre"),
	CARRYING(2, 27200, 27400, 2731, 2700, 31000),
	CARRYING(3, 18500, 900, 1800, 1800, 9140),
	CARRYING(4, 18400, 18, 1957, 1800, 340000),
	UNJOINED(5),
	UNJOINED(6),
};

#define SUBFLOW_LIMIT(n)                                                                           \
	{                                                                                          \
		.wan_index = n, .cause = CAUSE_SUBFLOW_LIMIT, .severity = SEVERITY_MAJOR,          \
		.wan_name = "wan" #n,                                                              \
		.text = "no subflow; the subflow limit 3 leaves room for 1+3 lines of 6, set it "  \
			"to at least 5",                                                           \
		.now = "ip mptcp limits set subflows 5",                                           \
		.restart = "the tunnel or proxy; existing connections stay at 4 subflows"          \
	}

static struct finding findings[] = {
	{ .cause = CAUSE_DRIFT,
	  .severity = SEVERITY_WARNING,
	  .text = "the subflow limit is 3, 5 was expected" },
	SUBFLOW_LIMIT(5),
	SUBFLOW_LIMIT(6),
};

static const struct alarm_record records[] = {
	{ .sequence = 1,
	  .transition = ALARM_RAISED,
	  .time_s = NOW_S - 90000,
	  .type = ALARM_LINE_DOWN,
	  .cause = CAUSE_LINK_DOWN,
	  .severity = SEVERITY_MINOR,
	  .wan_name = "wan2" },
	{ .sequence = 2,
	  .transition = ALARM_CLEARED,
	  .time_s = NOW_S - 3000,
	  .type = ALARM_LINE_DOWN,
	  .cause = CAUSE_LINK_DOWN,
	  .severity = SEVERITY_MINOR,
	  .wan_name = "wan2" },
	{ .sequence = 3,
	  .transition = ALARM_RAISED,
	  .type = ALARM_HOST + CAUSE_DRIFT,
	  .cause = CAUSE_DRIFT,
	  .severity = SEVERITY_WARNING },
	{ .sequence = 4,
	  .transition = ALARM_RAISED,
	  .time_s = NOW_S - 100,
	  .type = ALARM_UP_BUT_IDLE,
	  .cause = CAUSE_SUBFLOW_LIMIT,
	  .severity = SEVERITY_MAJOR,
	  .wan_name = "wan5" },
};

static const struct host host = {
	.enabled = { true, true },
	.subflow_limit = { true, 3 },
	.add_addr_limit = { true, 1 },
	.subflows_needed = { true, 5 },
	.connections = { true, 7 },
	.subflows = { true, 28 },
	.wans_configured = 6,
	.wans_up = 6,
	.wans_joined = 4,
	.wans_carrying = 4,
	.wans_in_alarm = 2,
	.accounting = ACCOUNTING_EXACT,
	.interval_ms = 5000,
	.complete_ms = (uint64_t)(NOW_S - 2) * 1000,
};

static struct snapshot snapshot_of(struct wan *wans, size_t count)
{
	return (struct snapshot){
		.taken_ms = (uint64_t)(NOW_S - 2) * 1000,
		.wall_ms = (uint64_t)(NOW_S - 2) * 1000,
		.host = host,
		.wans = wans,
		.wan_count = count,
		.findings = findings,
		.finding_count = sizeof(findings) / sizeof(findings[0]),
	};
}

/* Each line rises and falls in its own time; one that is silent has a little now and then. */
static void fill(struct trail *trail, const struct snapshot *snapshot)
{
	for (uint64_t i = 0; i < SAMPLES; i++) {
		for (size_t k = 0; k < snapshot->wan_count; k++) {
			struct wan *wan = &snapshot->wans[k];

			if (wan->state == WAN_CARRYING)
				wan->out_octets += 1000 * (i * (k + 1) % SAMPLES) / (k + 1);
			else if (k == 4)
				wan->out_octets += i % 20 == 0 ? 2000 : 0;
		}
		trail_add(trail, snapshot, snapshot->wall_ms - (SAMPLES - 1 - i) * 2000);
	}
}

static struct frame frame_of(const struct snapshot *snapshot, const struct trail *trail)
{
	return (struct frame){
		.snapshot = snapshot,
		.trail = trail,
		.host = "omr1",
		.source = "from the agent: its poll of 2 s ago, every 5 s",
		.source_style = STYLE_FAINT,
		.now_s = NOW_S,
		.interval_ms = 2000,
		.utf8 = true,
	};
}

/*
 * --- golden frames -----------------------------------------------------------------------------
 */

static void path_of(const char *name, char path[256])
{
	const char *top = getenv("srcdir");

	snprintf(path, 256, "%s/tests/frames/%s.txt", top ? top : ".", name);
}

/* "" when there is none. */
static void read_frame(const char *name, char text[FRAME_MOST])
{
	char path[256];
	FILE *file;

	*text = '\0';
	path_of(name, path);
	file = fopen(path, "r");
	if (!file)
		return;
	text[fread(text, 1, FRAME_MOST - 1, file)] = '\0';
	fclose(file);
}

static void write_frame(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	path_of(name, path);
	file = fopen(path, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

/* The same text as in the file; else the first line that differs. */
static void is_golden(const char *name, const char *got)
{
	static char want[FRAME_MOST];
	size_t line = 1, at = 0;

	if (accept)
		write_frame(name, got);
	read_frame(name, want);
	if (ok(!strcmp(got, want), "%s is as it was accepted", name))
		return;
	for (size_t i = 0; got[i] && got[i] == want[i]; i++)
		if (got[i] == '\n') {
			line++;
			at = i + 1;
		}
	printf("# line %zu\n# got  '%.*s'\n# want '%.*s'\n", line, (int)lines_length(got + at),
	       got + at, (int)lines_length(want + at), want + at);
}

/* As many lines as there are, none wider than it may be. */
static bool keeps_its_bounds(const char *text, size_t width, size_t height)
{
	size_t count = 0, len;

	for (; *text; text += len + 1, count++) {
		len = lines_length(text);
		if (lines_width(text, len) > width)
			return false;
	}
	return count == height;
}

static void is_frame(const struct frame *frame, size_t width, size_t height, const char *name)
{
	struct frame_rows shown;
	char *text = frame_compose(frame, width, height, &shown);

	is_golden(name, text ? text : "");
	if (height != FRAME_ENDLESS)
		ok(text && keeps_its_bounds(text, width, height), "%s has its size", name);
	free(text);
}

static void test_six(const struct frame *six_lines)
{
	struct frame frame = *six_lines;

	is_frame(&frame, 80, 24, "80x24");
	is_frame(&frame, 200, 50, "200x50");
	is_frame(&frame, 80, 18, "80x18");
	is_frame(&frame, 40, 10, "40x10");
	is_frame(&frame, 40, 8, "40x8");
	is_frame(&frame, 39, 10, "39x10");
	is_frame(&frame, 80, FRAME_ENDLESS, "80-endless");
	frame.utf8 = false;
	is_frame(&frame, 80, 24, "80x24-ascii");
	frame.colour = true;
	is_frame(&frame, 80, 24, "80x24-colour");
	frame = *six_lines;
	frame.help = true;
	is_frame(&frame, 80, 24, "80x24-help");
	frame.help = false;
	frame.paused = true;
	frame.inward = true;
	frame.sort = SORT_TROUBLE;
	frame.source = "the agent's file is 12 s old: own look for 3 s; states need 11 s";
	is_frame(&frame, 80, 24, "80x24-paused");
}

/* However much is wrong, some of the room below the WANs is for the rest. */
static void test_trouble(const struct frame *six_lines)
{
	struct snapshot snapshot = *six_lines->snapshot;
	struct finding more[8];
	struct frame frame = *six_lines;

	for (uint32_t i = 0; i < 8; i++) {
		more[i] = findings[1];
		snprintf(more[i].text, SENTENCE_LEN, "trouble number %" PRIu32, i);
	}
	snapshot.findings = more;
	snapshot.finding_count = 8;
	frame.snapshot = &snapshot;
	is_frame(&frame, 80, 24, "80x24-trouble");
}

static void test_nothing(const struct frame *six_lines)
{
	struct snapshot empty = { .host = { .accounting = ACCOUNTING_SAMPLED } };
	struct frame frame = *six_lines;

	frame.snapshot = &empty;
	is_frame(&frame, 40, 16, "40x16-none");
	frame.snapshot = NULL;
	frame.source = "the kernel cannot be asked: Protocol not supported";
	is_frame(&frame, 60, 8, "60x8-blind");
}

/*
 * --- more lines than rows ----------------------------------------------------------------------
 */

static struct wan many[WANS_MAX];

static void test_many(const struct trail *trail)
{
	struct snapshot snapshot = snapshot_of(many, WANS_MAX);
	struct frame frame = frame_of(&snapshot, trail);
	struct frame_rows shown;

	for (uint32_t i = 0; i < WANS_MAX; i++) {
		many[i] = six[i % 5];
		many[i].index = i + 1;
		many[i].out_kbps.value += i;
		snprintf(many[i].name, WAN_NAME_LEN, "wan%" PRIu32, i + 1);
	}
	is_frame(&frame, 80, 24, "80x24-many");
	frame.first = 1000;
	is_frame(&frame, 80, 24, "80x24-many-end");
	free(frame_compose(&frame, 80, 24, &shown));
	is_u64(shown.first + shown.count, WANS_MAX, "the last row stays at the end");
	is_u64(shown.all, WANS_MAX, "of all");
	frame.first = 7;
	free(frame_compose(&frame, 80, 24, &shown));
	is_u64(shown.first, 7, "any other is where it is wanted");
	frame.sort = SORT_RATE;
	frame.first = 0;
	is_frame(&frame, 80, 24, "80x24-many-rate");
}

/*
 * --- any size ----------------------------------------------------------------------------------
 */

static void test_sizes(const struct frame *six_lines, const struct trail *trail)
{
	struct snapshot large = snapshot_of(many, WANS_MAX);
	struct frame frames[] = { *six_lines, frame_of(&large, trail) };
	size_t wrong = 0;

	frames[1].colour = true;
	frames[1].first = 60;
	for (size_t i = 0; i < 2; i++) {
		for (size_t width = 1; width <= 230; width++) {
			for (size_t height = 1; height <= 60; height += 1 + height / 10) {
				struct frame_rows shown;
				char *text = frame_compose(&frames[i], width, height, &shown);

				if (!text || !keeps_its_bounds(text, width, height)) {
					printf("# not %zux%zu\n", width, height);
					wrong++;
				}
				free(text);
			}
		}
	}
	is_u64(wrong, 0, "every size is kept");
}

int main(int argc, char **argv)
{
	struct alarm_log *log = alarm_log_append(NULL, records, 4);
	struct snapshot snapshot = snapshot_of(six, 6);
	struct trail *trail = trail_new();
	struct frame frame = frame_of(&snapshot, trail);

	accept = argc > 1 && !strcmp(argv[1], "--accept");
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	setenv("TZ", "UTC", 1);
	tzset();
	snapshot.alarm_log = log;
	fill(trail, &snapshot);
	test_six(&frame);
	test_trouble(&frame);
	test_nothing(&frame);
	test_many(trail);
	test_sizes(&frame, trail);
	free(trail);
	alarm_log_release(log);
	return tap_done();
}
