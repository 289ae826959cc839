/* SPDX-License-Identifier: MIT */
/* The state directory of collectd's plugin: waited for while somebody else holds it. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "collectd-plugin/watch.h"
#include "lib/state.h"
#include "tests/tap.h"

static char dir[] = "/tmp/test_collectd_watch.XXXXXX", why[WHY_LEN];
static struct settings settings;

static void use(const char *state_dir)
{
	settings_default(&settings);
	settings.bpf = settings.events = false;
	snprintf(settings.state_dir, sizeof(settings.state_dir), "%s", state_dir);
}

static void refuses_to_begin(int error)
{
	struct watch *watch = watch_start(&settings, true, why);
	int got = errno;

	ok(!watch, "it waits: %s", why);
	is_u64((uint64_t)got, (uint64_t)error, "... for that reason");
	ok(strstr(why, settings.state_dir) && !strstr(why, "agent"), "... which it names");
	watch_stop(watch);
}

static void begins(bool may_wait, bool with_state)
{
	struct watch *watch = watch_start(&settings, may_wait, why);
	char trouble[WHY_LEN] = "none";
	int lock;

	ok(watch != NULL, "it begins: %s", why);
	if (!watch)
		return;
	is_text(why, "", "... without a complaint");
	watch_trouble(watch, trouble);
	ok(!*trouble == with_state, "... %s a state: %s", with_state ? "with" : "without", trouble);
	lock = with_state ? state_lock(settings.state_dir, why) : -EBUSY;
	is_u64((uint64_t)-lock, EBUSY, "... and holds it, if so");
	watch_stop(watch);
}

static void one_that_is_held_is_waited_for(void)
{
	int lock;

	use(dir);
	lock = state_lock(dir, why);
	ok(lock >= 0, "somebody holds it");
	refuses_to_begin(EBUSY);
	refuses_to_begin(EBUSY);
	begins(false, false);
	close(lock);
	begins(true, true);
	begins(true, true);
}

static void one_that_is_not_there_yet_is_waited_for(void)
{
	char link[PATH_LEN], target[PATH_LEN];

	snprintf(link, sizeof(link), "%s/link", dir);
	snprintf(target, sizeof(target), "%s/disk", dir);
	ok(!symlink(target, link), "a link to nothing");
	use(link);
	refuses_to_begin(ENOENT);
	begins(false, false);
	ok(!folder_make(target), "it is there");
	begins(true, true);
}

static void one_that_can_never_be_is_not_waited_for(void)
{
	use("/dev/null/state");
	begins(true, false);
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	one_that_is_held_is_waited_for();
	one_that_is_not_there_yet_is_waited_for();
	one_that_can_never_be_is_not_waited_for();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ok(!system(command), "cleared away");
	return tap_done();
}
