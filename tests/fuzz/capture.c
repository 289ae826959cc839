/* SPDX-License-Identifier: MIT */
/*
 * A capture, replayed as mptcp-wan replay does: through all parsers, the ledger, the diagnosis and
 * the alarms, to the status that is told of its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/monitor.h"
#include "lib/source.h"
#include "lib/status.h"
#include "tests/fuzz/fuzz.h"

static void replay(struct monitor *monitor, struct source *source)
{
	const struct snapshot *last = NULL, *fresh;
	enum replay_step step;
	char *json;

	while ((step = source_replay_next(source)) != REPLAY_END) {
		if (step == REPLAY_PUMP) {
			monitor_pump(monitor);
			continue;
		}
		fresh = monitor_poll(monitor);
		must(fresh);
		snapshot_release(last);
		last = fresh;
	}
	json = last ? status_json(last) : NULL;
	must(!json == !last);
	free(json);
	snapshot_release(last);
}

/* As it was recorded, but with times so short that a few polls raise an alarm, and clear it. */
static void configure(struct settings *settings, struct source *source)
{
	static const struct {
		const char *key, *value;
	} shorts[] = {
		{ "interval", "1s" },
		{ "window", "2s" },
		{ "pressure-window", "1s" },
		{ "join-grace", "1s" },
		{ "raise-after", "1s" },
		{ "raise-idle-after", "1s" },
		{ "raise-avoided-after", "1s" },
		{ "raise-backup-after", "1s" },
		{ "clear-after", "1s" },
		{ "far-silent-after", "1s" },
	};
	char why[WHY_LEN];

	settings_default(settings);
	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		must(!settings_set(settings, shorts[i].key, shorts[i].value, why));
	settings->bpf = source_replay_has(source, STREAM_LIFE);
	settings->events = settings->bpf || source_replay_has(source, STREAM_CONNECTIONS);
}

void fuzz_capture(const void *bytes, size_t len)
{
	static struct registry registry;
	struct settings settings;
	struct replay_fault fault;
	const char *path = fuzz_file(bytes, len);
	struct source *source = source_replay_open(path, &fault);
	struct monitor *monitor;

	must(memchr(fault.what, '\0', sizeof(fault.what)) && fault.offset <= len);
	if (!source) {
		must(errno == EBADMSG && *fault.what);
		return;
	}
	configure(&settings, source);
	registry_init(&registry);
	monitor = monitor_new(source, &settings, &registry);
	must(monitor);
	replay(monitor, source);
	monitor_free(monitor);
}
