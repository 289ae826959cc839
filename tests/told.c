/* SPDX-License-Identifier: MIT */
/*
 * told DIR AT_MS
 *
 * What `mptcp-wan check -v` would have told beside an agent that saw what the capture in DIR holds,
 * so long after its first poll: over a replay in place of the agent's status. Exits as it does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/capture.h"
#include "cli/check.h"
#include "lib/config.h"
#include "tests/replay_poll.h"

enum { EXIT_TROUBLE = 9 }; /* which it never ends with */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "told: %s: %s\n", what, why);
	return EXIT_TROUBLE;
}

static int tell(const struct snapshot *snapshot)
{
	/* As a reader of its status a second later. */
	const struct view view = {
		.snapshot = snapshot,
		.from_agent = true,
		.now_s = view_taken_s(snapshot) + 1,
	};
	const struct check_options options = {
		.blind = CHECK_UNKNOWN,
		.most = 4096,
		.verbose = true,
		.warns.severity = SEVERITY_WARNING,
		.calls.severity = SEVERITY_MAJOR,
	};
	struct check_result result = check_view(&options, &view);

	if (!result.text)
		return EXIT_TROUBLE;
	fputs(result.text, stdout);
	free(result.text);
	return (int)result.status;
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

	if (argc != 3)
		return fail("usage", "told DIR AT_MS");
	settings_default(&settings);
	if (capture_path(argv[1], CAPTURE_SETTINGS, path) || config_read(path, &settings, why))
		return fail("settings", why);
	if (capture_path(argv[1], CAPTURE_ANSWERS, path))
		return fail(argv[1], "too long");
	source = source_replay_open(path, NULL);
	if (!source)
		return fail(path, strerror(errno));
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	if (!monitor)
		return fail(path, strerror(errno));
	snapshot = see(source, monitor, strtoull(argv[2], NULL, 10));
	status = snapshot ? tell(snapshot) : fail(path, "no poll");
	snapshot_release(snapshot);
	monitor_free(monitor);
	return status;
}
