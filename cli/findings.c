/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "cli/findings.h"
#include "cli/table.h"
#include "lib/finding.h"

enum { LINE_LEN = WANS_MAX * (WAN_NAME_LEN + 2) + 64, ADVICE_INDENT = 2 };

enum style findings_style(enum severity severity)
{
	static const enum style styles[] = {
		[SEVERITY_NONE] = STYLE_PLAIN,	    [SEVERITY_INFO] = STYLE_NOTE,
		[SEVERITY_WARNING] = STYLE_WARNING, [SEVERITY_MINOR] = STYLE_WARNING,
		[SEVERITY_MAJOR] = STYLE_BAD,	    [SEVERITY_CRITICAL] = STYLE_BAD,
	};

	return severity <= SEVERITY_CRITICAL ? styles[severity] : STYLE_PLAIN;
}

const char *findings_why(const struct snapshot *snapshot, const struct wan *wan)
{
	for (size_t i = 0; i < snapshot->finding_count; i++) {
		const struct finding *finding = &snapshot->findings[i];

		if (finding->wan_index == wan->index && finding->cause == wan->cause)
			return finding->text;
	}
	return wan->cause != CAUSE_NONE && wan->cause < CAUSES ? cause_words[wan->cause] : "";
}

/* Whoever reads both learns nothing from the second. */
static bool alike(const struct finding *a, const struct finding *b)
{
	return a->cause == b->cause && a->severity == b->severity &&
	       !a->wan_index == !b->wan_index && !strcmp(a->text, b->text) &&
	       !strcmp(a->now, b->now) && !strcmp(a->for_good, b->for_good) &&
	       !strcmp(a->far_end, b->far_end) && !strcmp(a->restart, b->restart);
}

static bool told_before(const struct snapshot *snapshot, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (alike(&snapshot->findings[i], &snapshot->findings[at]))
			return true;
	return false;
}

/* "wan5, wan6: subflow-limit (major)" */
static void print_title(const struct screen *screen, const struct snapshot *snapshot, size_t at)
{
	const struct finding *finding = &snapshot->findings[at];
	char line[LINE_LEN];
	size_t len = 0;

	for (size_t i = at; i < snapshot->finding_count && len < sizeof(line); i++) {
		const struct finding *other = &snapshot->findings[i];

		if (alike(other, finding))
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
						i > at ? ", " : "",
						other->wan_index ? other->wan_name : "this host");
	}
	if (len < sizeof(line))
		snprintf(line + len, sizeof(line) - len, ": %s (%s)", cause_words[finding->cause],
			 severity_words[finding->severity]);
	paragraph_print(screen, findings_style(finding->severity), line, 0);
}

static void print_advice(const struct screen *screen, const struct finding *finding,
			 bool all_advice)
{
	const struct {
		const char *before, *text;
		bool always;
	} parts[] = {
		{ "", finding->text, true },
		{ "now: ", finding->now, true },
		{ "for good: ", finding->for_good, false },
		{ "far end: ", finding->far_end, false },
		{ "restart: ", finding->restart, true },
	};
	char line[SENTENCE_LEN + 16];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!*parts[i].text || !(parts[i].always || all_advice))
			continue;
		snprintf(line, sizeof(line), "%s%s", parts[i].before, parts[i].text);
		paragraph_print(screen, STYLE_PLAIN, line, ADVICE_INDENT);
	}
}

size_t findings_print(const struct screen *screen, const struct snapshot *snapshot,
		      enum severity least, bool all_advice)
{
	size_t groups = 0;

	for (uint32_t severity = SEVERITY_CRITICAL; severity >= (uint32_t)least; severity--) {
		for (size_t i = 0; i < snapshot->finding_count; i++) {
			if (snapshot->findings[i].severity != severity || told_before(snapshot, i))
				continue;
			print_title(screen, snapshot, i);
			print_advice(screen, &snapshot->findings[i], all_advice);
			groups++;
		}
	}
	return groups;
}
