/* SPDX-License-Identifier: MIT */
/*
 * The state directory of collectd's plugin: waited for while somebody else holds it, gone on
 * without after that, and joined whenever it is had. The kernel is this machine's.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "collectd-plugin/watch.h"
#include "lib/alarm_file.h"
#include "lib/file.h"
#include "lib/state.h"
#include "tests/alarm_world.h"
#include "tests/tap.h"

enum { LONG_MS = 600000, LIMIT_S = 30 };

static char dir[] = "/tmp/test_collectd_watch.XXXXXX", why[WHY_LEN], trouble[WHY_LEN];
static struct settings settings;
static struct watch *watch;

static void use(const char *state_dir)
{
	settings_default(&settings);
	settings.bpf = settings.events = false;
	settings.interval_ms = 100;
	snprintf(settings.state_dir, sizeof(settings.state_dir), "%s", state_dir);
}

/* Until it is so, for LIMIT_S at most; told as a test. */
static void eventually(bool (*so)(void), const char *what)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	struct timespec now, begun;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	do {
		if (so())
			break;
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begun.tv_sec < LIMIT_S);
	ok(so(), "%s", what);
}

/* Snapshots that may be told; the polls that the newest has behind it, or 0. */
static uint64_t polls(void)
{
	const struct snapshot *snapshot = watch_latest(watch);
	uint64_t count = snapshot ? snapshot->host.polls : 0;

	snapshot_release(snapshot);
	return count;
}

static uint64_t polls_before;

static bool has_polled(void)
{
	return polls() >= polls_before + 5;
}

static bool is_well(void)
{
	watch_trouble(watch, trouble);
	return !*trouble;
}

static bool is_held(void)
{
	int lock = state_lock(settings.state_dir, why);

	if (lock >= 0)
		close(lock);
	return lock == -EBUSY;
}

static void begins(uint32_t wait_ms)
{
	watch = watch_start(&settings, wait_ms, why);
	if (!ok(watch != NULL, "it begins: %s", why))
		exit(tap_done());
	is_text(why, "", "... without a complaint");
}

static void ends(void)
{
	watch_stop(watch);
	ok(*settings.state_dir && !is_held(), "it ends, and holds nothing");
}

static void has_it_at_once(void)
{
	begins(LONG_MS);
	ok(is_well() && is_held() && !watch_waits(watch), "the state is had: %s", trouble);
	polls_before = 0;
	eventually(has_polled, "it polls");
	ends();
}

static void nothing_is_told_while_it_waits(void)
{
	begins(LONG_MS);
	ok(watch_waits(watch) && !is_well(), "it waits: %s", trouble);
	ok(strstr(trouble, settings.state_dir) != NULL, "... for what it names");
	/* Time for some polls: whatever is told of them shows. */
	for (int i = 0; i < 20; i++) {
		const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

		nanosleep(&pause, NULL);
		if (polls())
			break;
	}
	is_u64(polls(), 0, "nothing is told");
}

static void goes_on_when_it_is_had(void)
{
	polls_before = 0;
	eventually(has_polled, "then it is told");
	ok(is_well() && is_held() && !watch_waits(watch), "... with the state: %s", trouble);
	ends();
}

static void one_that_is_held_is_waited_for(void)
{
	int lock;

	use(dir);
	lock = state_lock(dir, why);
	ok(lock >= 0, "somebody holds it");
	nothing_is_told_while_it_waits();
	close(lock);
	goes_on_when_it_is_had();
	has_it_at_once();
}

static void one_that_is_not_there_yet_is_waited_for(void)
{
	char link[PATH_LEN], target[PATH_LEN];

	snprintf(link, sizeof(link), "%s/link", dir);
	snprintf(target, sizeof(target), "%s/disk", dir);
	ok(!symlink(target, link), "a link to nothing");
	use(link);
	nothing_is_told_while_it_waits();
	ok(!folder_make(target), "it is there");
	goes_on_when_it_is_had();
}

static void one_that_can_hardly_be_is_not_waited_for(void)
{
	char path[PATH_LEN];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", dir);
	file = fopen(path, "w");
	ok(file && !fclose(file), "a file in its place");
	use(path);
	begins(LONG_MS);
	polls_before = 0;
	eventually(has_polled, "told from the beginning");
	ok(!is_well(), "... without a state: %s", trouble);
	ok(!unlink(path), "it goes away");
	eventually(is_well, "and the state is had");
	ok(is_held(), "... and held");
	ends();
}

/*
 * --- one that is had late ----------------------------------------------------------------------
 */

static struct world theirs;

/* wan2 has an alarm, told; wan1 had one, of which the end was not told. */
static void they_write(void)
{
	struct registry registry;

	world_begin(&theirs);
	world_wan(&theirs, 1, WAN_DOWN, CAUSE_LINK_DOWN, 0);
	world_wan(&theirs, 2, WAN_UNJOINED, CAUSE_SUBFLOW_LIMIT, 0);
	world_run(&theirs, 120);
	world_wan(&theirs, 1, WAN_CARRYING, CAUSE_NONE, 0);
	world_run(&theirs, 120);
	alarms_delivered(theirs.alarms, 2);
	ok(!alarm_file_save(dir, theirs.alarms, why), "given: alarms of others");
	world_end(&theirs);
	registry_init(&registry);
	registry.next_index = 5;
	registry_on_device(&registry, "wan1", 0);
	registry_on_device(&registry, "wan2", 0);
	ok(!state_save(dir, &registry, why), "... and their WANs");
}

static char *written(const char *name)
{
	char path[PATH_LEN + 16], *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (!file || !fread(text, 1, 65535, file))
		text[0] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void is_known(const struct snapshot *snapshot)
{
	const struct wan *wan = snapshot_wan(snapshot, 6);
	bool active = false;

	for (size_t i = 0; i < snapshot->alarm_count; i++)
		active |= !strcmp(snapshot->alarms[i].wan_name, "wan2") &&
			  snapshot->alarms[i].type == ALARM_UP_BUT_IDLE;
	is_text(wan ? wan->name : "none", "wan2", "their WAN is known, by its index");
	ok(active && wan && wan->alarm, "its alarm is told");
	is_u64(snapshot->host.alarm_epoch, 7, "the numbering is theirs");
	ok(snapshot->alarm_log && snapshot->alarm_log->rows[0].sequence == 1 &&
		   snapshot->alarm_log->count >= 3,
	   "so are the rows");
}

static void one_that_is_held_longer_is_joined_when_it_is_had(void)
{
	char *alarms, *wans, *now, *first;
	const struct snapshot *old, *latest;
	int lock;

	use(dir);
	they_write();
	alarms = written("alarms");
	wans = written("wans");
	lock = state_lock(dir, why);
	begins(0);
	polls_before = 0;
	eventually(has_polled, "told without a state");
	ok(!watch_waits(watch) && !is_well(), "... which is said: %s", trouble);
	first = strdup(trouble);
	polls_before = polls();
	eventually(has_polled, "again and again");
	ok(!is_well() && !strcmp(first, trouble), "... as it was");
	now = written("alarms");
	is_text(now, alarms, "their alarms are as they left them");
	free(now);
	now = written("wans");
	is_text(now, wans, "... and their WANs");
	free(now);

	old = watch_latest(watch);
	close(lock);
	eventually(is_well, "when they let go, the state is had");
	polls_before = polls();
	eventually(has_polled, "... and it goes on");
	is_u64(watch_told_to(watch), 2, "what they have told is told");
	watch_told(watch, old, 3);
	is_u64(watch_told_to(watch), 2, "a number of before is none of theirs");
	latest = watch_latest(watch);
	is_known(latest);
	watch_told(watch, latest, 3);
	is_u64(watch_told_to(watch), 3, "a number of now is");
	snapshot_release(latest);
	snapshot_release(old);
	ends();
	now = written("alarms");
	ok(strstr(now, "\"epoch\":7,") && strstr(now, "\"delivered\":3,") &&
		   strstr(now, "\"wan\":\"wan2\""),
	   "all of it is written");
	free(now);
	now = written("wans");
	ok(strstr(now, "wan 6 wan2 wan2 ") != NULL, "... and the WANs");
	free(now);
	free(first);
	free(wans);
	free(alarms);
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	one_that_is_held_is_waited_for();
	one_that_is_not_there_yet_is_waited_for();
	one_that_can_hardly_be_is_not_waited_for();
	one_that_is_held_longer_is_joined_when_it_is_had();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ok(!system(command), "cleared away");
	return tap_done();
}
