/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "cli/evidence.h"
#include "cli/findings.h"
#include "cli/table.h"
#include "cli/units.h"
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
	const char *of_host = NULL;

	for (size_t i = 0; i < snapshot->finding_count; i++) {
		const struct finding *finding = &snapshot->findings[i];

		if (finding->cause != wan->cause)
			continue;
		if (finding->wan_index == wan->index)
			return finding->text;
		if (!finding->wan_index)
			of_host = finding->text;
	}
	if (of_host)
		return of_host;
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

/* "wan5, wan6: subflow-limit (major), for 3 min" */
static void print_title(const struct screen *screen, const struct snapshot *snapshot, size_t at,
			bool whole)
{
	const struct finding *finding = &snapshot->findings[at];
	char line[LINE_LEN], age[UNIT_LEN];
	size_t len = 0;

	age_text((snapshot->taken_ms - finding->since_ms) / 1000, age);
	for (size_t i = at; i < snapshot->finding_count && len < sizeof(line); i++) {
		const struct finding *other = &snapshot->findings[i];

		if (alike(other, finding))
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
						i > at ? ", " : "",
						other->wan_index ? other->wan_name : "this host");
	}
	if (len < sizeof(line))
		snprintf(line + len, sizeof(line) - len, ": %s (%s)%s%s",
			 cause_words[finding->cause], severity_words[finding->severity],
			 whole ? ", for " : "", whole ? age : "");
	paragraph_print(screen, findings_style(finding->severity), line, 0);
}

static void print_labelled(const struct screen *screen, const char *before, const char *text)
{
	char line[EVIDENCE_LEN + LINE_LEN];

	if (!*text)
		return;
	snprintf(line, sizeof(line), "%s%s", before, text);
	paragraph_print(screen, STYLE_PLAIN, line, ADVICE_INDENT);
}

typedef char *(*evidence_fn)(const struct snapshot *, const struct finding *, char *text);

static char *evidence_of_wan(const struct snapshot *snapshot, const struct finding *finding,
			     char *text)
{
	return evidence_text(snapshot, finding, EVIDENCE_OF_WAN, text);
}

/* "evidence, wan5, wan6: state unjoined ...": of WANs of which it is the same, once. */
static void print_of_wans(const struct screen *screen, const struct snapshot *snapshot, size_t at,
			  const char *what, evidence_fn evidence)
{
	char names[LINE_LEN], text[EVIDENCE_LEN], other[EVIDENCE_LEN];
	bool told[WANS_MAX] = { false };

	for (size_t i = at; i < snapshot->finding_count && i < at + WANS_MAX; i++) {
		size_t len = (size_t)snprintf(names, sizeof(names), "%s", what);

		if (told[i - at] || !alike(&snapshot->findings[i], &snapshot->findings[at]))
			continue;
		evidence(snapshot, &snapshot->findings[i], text);
		for (size_t j = i; j < snapshot->finding_count && j < at + WANS_MAX; j++) {
			if (!alike(&snapshot->findings[j], &snapshot->findings[at]) ||
			    strcmp(evidence(snapshot, &snapshot->findings[j], other), text) != 0)
				continue;
			told[j - at] = true;
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						j > i ? ", " : "", snapshot->findings[j].wan_name);
		}
		snprintf(names + len, sizeof(names) - len, ": ");
		print_labelled(screen, names, text);
	}
}

/* That of the WANs; then what is the same for all of them. */
static void print_evidence(const struct screen *screen, const struct snapshot *snapshot, size_t at)
{
	const struct finding *finding = &snapshot->findings[at];
	char text[EVIDENCE_LEN];

	if (finding->wan_index) {
		print_of_wans(screen, snapshot, at, "evidence, ", evidence_of_wan);
		print_of_wans(screen, snapshot, at, "endpoints of ", evidence_endpoints);
	}
	print_labelled(screen, "evidence, this host: ",
		       evidence_text(snapshot, finding, EVIDENCE_OF_HOST, text));
	print_labelled(screen, "evidence, counters of the kernel: ",
		       evidence_text(snapshot, finding, EVIDENCE_COUNTER, text));
	if (!finding->wan_index)
		print_labelled(screen, "endpoints of no WAN: ",
			       evidence_endpoints(snapshot, finding, text));
}

static void print_advice(const struct screen *screen, const struct finding *finding, bool whole)
{
	const struct {
		const char *before, *text;
		bool always;
	} parts[] = {
		{ "now: ", finding->now, true },
		{ "for good: ", finding->for_good, false },
		{ "far end: ", finding->far_end, false },
		{ "restart: ", finding->restart, true },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].always || whole)
			print_labelled(screen, parts[i].before, parts[i].text);
}

size_t findings_print(const struct screen *screen, const struct snapshot *snapshot,
		      enum severity least, bool whole)
{
	size_t groups = 0;

	for (uint32_t severity = SEVERITY_CRITICAL; severity >= (uint32_t)least; severity--) {
		for (size_t i = 0; i < snapshot->finding_count; i++) {
			if (snapshot->findings[i].severity != severity || told_before(snapshot, i))
				continue;
			if (whole && groups)
				fputc('\n', screen->out);
			print_title(screen, snapshot, i, whole);
			print_labelled(screen, "", snapshot->findings[i].text);
			if (whole)
				print_evidence(screen, snapshot, i);
			print_advice(screen, &snapshot->findings[i], whole);
			groups++;
		}
	}
	return groups;
}
