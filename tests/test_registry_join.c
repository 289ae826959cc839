/* SPDX-License-Identifier: MIT */
/* WANs known from before that are had late: whose indexes hold, and what a monitor makes of it. */
#include <stdlib.h>
#include "lib/monitor.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

static struct settings settings;
static struct registry ours, before;

/* "wan1 wan2 ...", each on a device of its name. */
static void known(struct registry *registry, const char *names)
{
	char copy[128], *name, *rest = copy;

	registry_init(registry);
	snprintf(copy, sizeof(copy), "%s", names);
	while ((name = strsep(&rest, " ")))
		registry_on_device(registry, name, 0);
}

static void begin(const char *our_names, const char *names_before)
{
	settings_default(&settings);
	known(&ours, our_names);
	known(&before, names_before);
}

static uint32_t index_of(const char *name)
{
	int slot = registry_find_name(&ours, name);

	return slot < 0 ? 0 : ours.wans[slot].index;
}

static void the_same_lines_stay_as_they_are(void)
{
	begin("wan1 wan2", "wan1 wan2");
	before.wans[0].ever_joined = true;
	before.wans[0].last_role = ROLE_BACKUP;
	before.wans[0].seen_s = 1800000000;
	before.wans[1].last_role = ROLE_BACKUP;
	ours.wans[1].ever_usable_endpoint = true;
	ours.wans[1].last_role = ROLE_ACTIVE;
	ours.wans[0].present = true;
	ok(!registry_join(&ours, &before), "no index has changed");
	ok(index_of("wan1") == 1 && index_of("wan2") == 2, "... as it says");
	ok(ours.wans[0].ever_joined && ours.wans[0].last_role == ROLE_BACKUP &&
		   ours.wans[0].seen_s == 1800000000,
	   "what must not be forgotten comes from before");
	ok(ours.wans[1].ever_usable_endpoint && ours.wans[1].last_role == ROLE_ACTIVE,
	   "what is known since stays");
	ok(ours.wans[0].present, "so does who is there");
}

static void an_index_is_that_of_before(void)
{
	begin("wan3 wan9 wan1", "wan1 wan2 wan3");
	ok(registry_join(&ours, &before), "indexes have changed");
	ok(index_of("wan1") == 1 && index_of("wan3") == 3, "those of before hold");
	is_u64(index_of("wan2"), 2, "who is not here now is known, too");
	is_u64(index_of("wan9"), 4, "who is new has the next");
	ok(registry_find_name(&ours, "wan3") == 0 && registry_find_name(&ours, "wan1") == 2,
	   "places stay");
	ok(registry_on_device(&ours, "wan4", 0) == 4 && index_of("wan4") == 5, "and so it goes on");
	ok(ours.dirty, "it is to be written");
}

static void a_device_has_one_name(void)
{
	begin("eth1", "fibre");
	before.wans[0].index = 7;
	before.next_index = 8;
	memcpy(before.wans[0].device, "eth1", sizeof("eth1"));
	registry_join(&ours, &before);
	is_u64((uint64_t)registry_find_device(&ours, "eth1"), 0, "who runs keeps it");
	ok(index_of("fibre") == 7 && index_of("eth1") == 8, "... and both are known");
	is_text(ours.wans[1].device, "", "... the other without one");
}

static void where_there_is_no_room_the_running_stay(void)
{
	char name[16];

	begin("wan1", "wan2");
	registry_init(&ours);
	for (int i = 0; i < WANS_MAX; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		registry_on_device(&ours, name, 0);
	}
	registry_join(&ours, &before);
	ok(!index_of("wan2"), "who finds no slot is left out");
	is_u64(index_of("eth0"), 2, "... but its index is not given again");
	is_u64(ours.next_index, 66, "... nor any");
}

/*
 * --- in a monitor ------------------------------------------------------------------------------
 */

static struct fake *fake;
static struct monitor *monitor;
static const struct snapshot *now;

static void poll(uint64_t out1, uint64_t out2)
{
	fake_forget(fake, Q_SUBFLOWS);
	fake_subflow(fake, 1, 1, 40000, 77, out1, 0);
	fake_subflow(fake, 2, 2, 40001, 77, out2, 0);
	fake->now_us += 5000000;
	fake->wall_ms += 5000;
	snapshot_release(now);
	now = monitor_poll(monitor);
}

static const struct wan *wan(uint32_t index)
{
	static const struct wan none = { .name = "none" };
	const struct wan *found = snapshot_wan(now, index);

	return found ? found : &none;
}

/* wan1 has sent much, wan2 little: if each were compared with the other, it would show. */
static void a_monitor_goes_on_under_other_indexes(void)
{
	begin("wan9 wan2 wan1", "wan9 wan2 wan1");
	before.wans[0].ever_joined = true;
	registry_init(&ours);
	fake = fake_router();
	monitor = monitor_new(&fake->source, &settings, &ours);
	poll(0, 0);
	for (uint64_t i = 1; i < 10; i++)
		poll(i * 1000000, i * 10);
	ok(wan(1)->state == WAN_CARRYING && wan(1)->out_octets == 9000000, "given: wan1 carries");
	ok(wan(2)->state == WAN_QUIET && wan(2)->out_octets == 90, "... and wan2 does not");

	monitor_remember(monitor, &before);
	poll(10000000, 100);
	is_u64(now->wan_count, 3, "wan9 is known");
	is_text(wan(3)->name, "wan1", "wan1 has another index");
	is_u64(wan(3)->out_octets, 10000000, "... and its total, with the octets since");
	is_u64(wan(2)->out_octets, 100, "wan2 has its own");
	ok(!wan(2)->out_kbps.value && !wan(3)->out_kbps.value, "no rate is made up");
	ok(wan(3)->state == WAN_UNKNOWN && wan(2)->state == WAN_UNKNOWN, "nor a state");
	for (uint64_t i = 11; i < 20; i++)
		poll(i * 1000000, i * 10);
	ok(wan(3)->state == WAN_CARRYING && wan(2)->state == WAN_QUIET, "until it can be told");
	is_u64(wan(3)->out_kbps.value, 1600, "... and measured");
	is_u64(wan(1)->state, WAN_ABSENT, "wan9 was joined once, and is absent");
	snapshot_release(now);
	monitor_free(monitor);
}

int main(void)
{
	the_same_lines_stay_as_they_are();
	an_index_is_that_of_before();
	a_device_has_one_name();
	where_there_is_no_room_the_running_stay();
	a_monitor_goes_on_under_other_indexes();
	return tap_done();
}
