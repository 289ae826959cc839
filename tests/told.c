/* SPDX-License-Identifier: MIT */
/*
 * told doctor|doctor-json|check DIR AT_MS always|never
 *
 * What `mptcp-wan doctor --json` and `mptcp-wan check -v` would have told beside an agent that saw
 * what the capture in DIR holds, so long after its first poll: those parts of the command line,
 * over a replay in place of the agent's status. Exits as they do; doctor with 0.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/capture.h"
#include "cli/check.h"
#include "cli/doctor.h"
#include "lib/config.h"
#include "tests/replay_poll.h"

enum { EXIT_TROUBLE = 9 }; /* which none of them ends with */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "told: %s: %s\n", what, why);
	return EXIT_TROUBLE;
}

static int tell_doctor(const struct view *view, bool json, const char *when)
{
	bool colour = !strcmp(when, "always");
	struct screen screen = screen_of(stdout, colour ? COLOUR_ALWAYS : COLOUR_NEVER);
	struct examination ex = {
		.view = view,
		.snapshot = view->snapshot,
		.budget = budget_of(view->snapshot),
	};

	return (json ? doctor_print_json(&ex) : doctor_print(&screen, &ex)) ? EXIT_TROUBLE : 0;
}

static int tell_check(const struct view *view)
{
	const struct check_options options = {
		.blind = CHECK_UNKNOWN,
		.most = 4096,
		.verbose = true,
		.warns.severity = SEVERITY_WARNING,
		.calls.severity = SEVERITY_MAJOR,
	};
	struct check_result result = check_view(&options, view);

	if (!result.text)
		return EXIT_TROUBLE;
	fputs(result.text, stdout);
	free(result.text);
	return (int)result.status;
}

static int tell(const char *what, const char *when, const struct snapshot *snapshot)
{
	/* As a reader of its status a second later. */
	struct view view = {
		.snapshot = snapshot,
		.from_agent = true,
		.now_s = view_taken_s(snapshot) + 1,
	};

	if (!strcmp(what, "check"))
		return tell_check(&view);
	return tell_doctor(&view, !strcmp(what, "doctor-json"), when);
}

/* The snapshot of that moment, or of the end; NULL: there is none. */
static const struct snapshot *see(struct source *source, struct monitor *monitor, uint64_t at_ms)
{
	const struct snapshot *last = NULL, *fresh;
	uint64_t begun_ms = 0;

	while ((fresh = replay_poll(source, monitor))) {
		begun_ms = last ? begun_ms : fresh->taken_ms;
		if (fresh->taken_ms - begun_ms > at_ms + 50) {
			snapshot_release(fresh);
			break;
		}
		snapshot_release(last);
		last = fresh;
	}
	return last;
}

int main(int argc, char **argv)
{
	static struct settings settings;
	static struct registry registry;
	char path[CAPTURE_PATH_LEN], why[WHY_LEN];
	const struct snapshot *snapshot;
	struct source *source;
	struct monitor *monitor;
	int status;

	setlocale(LC_CTYPE, "");
	if (argc != 5)
		return fail("usage", "told doctor|doctor-json|check DIR AT_MS always|never");
	settings_default(&settings);
	if (capture_path(argv[2], CAPTURE_SETTINGS, path) || config_read(path, &settings, why))
		return fail("settings", why);
	if (capture_path(argv[2], CAPTURE_ANSWERS, path))
		return fail(argv[2], "too long");
	source = source_replay_open(path, NULL);
	if (!source)
		return fail(path, strerror(errno));
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	if (!monitor)
		return fail(path, strerror(errno));
	snapshot = see(source, monitor, strtoull(argv[3], NULL, 10));
	status = snapshot ? tell(argv[1], argv[4], snapshot) : fail(path, "no poll");
	snapshot_release(snapshot);
	monitor_free(monitor);
	return status;
}
