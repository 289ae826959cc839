/* SPDX-License-Identifier: MIT */
/* Names and indexes that outlive us: what is kept, inherited, forgotten, and read back. */
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/registry.h"
#include "tests/tap.h"

static const uint64_t NOW = 1800000000, DAY = 24 * 3600;

static struct registry *registry(void)
{
	struct registry *r = calloc(1, sizeof(*r));

	registry_init(r);
	return r;
}

static unsigned int read_text(struct registry *r, const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	unsigned int bad;

	memcpy(copy, text, len);
	registry_init(r);
	bad = registry_read(r, copy, len);
	free(copy);
	return bad;
}

/* The index of a name; 0: not known. */
static uint32_t index_of(const struct registry *r, const char *name)
{
	int slot = registry_find_name(r, name);

	return slot < 0 ? 0 : r->wans[slot].index;
}

static int told_slot = -1;

static void on_forgotten(void *arg, int slot)
{
	(void)arg;
	told_slot = slot;
}

/*
 * One WAN after another: name, device, name, device ... NULL; "" leaves the device out, and what
 * has a dot in it is an address.
 */
static void configure(struct registry *r, const char *const *wans)
{
	static struct settings settings;
	char why[WHY_LEN];

	settings_default(&settings);
	for (; *wans; wans += 2) {
		struct wan_settings *wan = settings_add_wan(&settings, wans[0], why);

		if (wans[1][0])
			settings_set_wan(&settings, wan,
					 strchr(wans[1], '.') ? "addresses" : "device", wans[1],
					 why);
	}
	registry_configure(r, &settings, on_forgotten, NULL);
}
#define CONFIGURE(r, ...) configure(r, (const char *const[]){ __VA_ARGS__, NULL, NULL })

static void an_interface_becomes_a_wan_once(void)
{
	struct registry *r = registry();
	int slot = registry_on_device(r, "eth1", NOW);

	ok(slot >= 0 && r->dirty, "a new interface");
	is_u64(index_of(r, "eth1"), 1, "gets the first index");
	ok(registry_on_device(r, "eth1", NOW) == slot, "and keeps its slot");
	registry_on_device(r, "eth2", NOW);
	is_u64(index_of(r, "eth2"), 2, "the next one the next");
	ok(registry_on_device(r, "limits", NOW) == -1, "a reserved name is none");
	ok(registry_find_device(r, "eth9") == -1, "others are not known");
	free(r);
}

static void written_and_read_again(void)
{
	struct registry *r = registry(), *again = registry();
	char text[REGISTRY_TEXT_MOST], second[REGISTRY_TEXT_MOST];
	size_t len;

	registry_on_device(r, "eth1", NOW);
	registry_on_device(r, "eth2", NOW + 5);
	r->wans[0].ever_usable_endpoint = true;
	r->wans[0].last_role = ROLE_BACKUP;
	r->wans[1].ever_joined = true;
	CONFIGURE(r, "wan1", "eth1", "wan9", "");
	registry_on_device(r, "ppp0", NOW);
	registry_forget(r, "ppp0");
	len = registry_write(r, text);
	is_u64(registry_read(again, text, len), 0, "all of it is good");
	ok(!again->dirty, "and needs no writing");
	is_u64(registry_write(again, second), len, "the same text");
	ok(!memcmp(text, second, len), "octet by octet");
	is_u64(again->next_index, 5, "no index is given twice");
	is_u64(index_of(again, "wan1"), 1, "index");
	ok(again->wans[0].ever_usable_endpoint && !again->wans[0].ever_joined, "what it once had");
	ok(again->wans[0].last_role == ROLE_BACKUP && !again->wans[1].last_role, "its last role");
	is_text(again->wans[0].device, "eth1", "device");
	is_u64(again->wans[1].seen_s, NOW + 5, "when it was last there");
	is_u64(read_text(again, "mptcp-wan-state 1\nnext 2\nwan 1 eth1 eth1 9 5\n"), 0,
	       "flags of a later version");
	ok(again->wans[0].ever_usable_endpoint && again->wans[0].last_role == ROLE_ACTIVE,
	   "are left out, ours are read");
	free(r);
	free(again);
}

static void good_lines_survive_bad_ones(void)
{
	static const struct {
		const char *line, *what;
	} bad[] = {
		{ "rubbish", "rubbish" },
		{ "", "an empty line" },
		{ "wan 3", "cut in the middle" },
		{ "wan 0 a eth3 0 0", "index 0" },
		{ "wan 1 a eth3 0 0", "an index twice" },
		{ "wan 3 eth1 eth3 0 0", "a name twice" },
		{ "wan 3 host eth3 0 0", "a reserved name" },
		{ "wan 3 a eth3 0 0 7", "something more" },
		{ "wan 3 a eth3 0 99999999999999", "a time far away" },
		{ "wan 3 a_name_of_more_than_31_octets_it_is eth3 0 0", "a name too long" },
		{ "wan 3 a a_device_too_long 0 0", "a device too long" },
		{ "wan 2147483648 a eth3 0 0", "an index that does not fit the MIB" },
		{ "wan 2147483647 a eth3 0 0", "an index after which none fits the MIB" },
		{ "wan 4294967299 a eth3 0 0", "an index of more than 32 bits" },
		{ "wan -5 a eth3 0 0", "a negative index" },
		{ "wan -18446744073709551613 a eth3 0 0", "a negative index that wraps to 3" },
		{ "wan +3 a eth3 0 0", "a sign" },
		{ "wan 00000000000000000003 a eth3 0 0", "an index of 20 digits" },
		{ "wan 123456789012345678901 3 0 0", "digits that would be two fields" },
		{ "wan 3 a eth3 -1 0", "negative flags" },
		{ "wan 3 a eth3 4294967296 0", "flags of more than 32 bits" },
		{ "wan 3 a eth3 0 -18446744073709551615", "a negative time" },
		{ "next 0", "next 0" },
		{ "next -18446744073709551614", "next negative" },
		{ "next 2147483647", "next after which none fits the MIB" },
		{ "next 4294967295", "next beyond the MIB" },
		{ "next 4294967298", "next of more than 32 bits" },
		{ "next 9 9", "next with something more" },
	};
	struct registry *r = registry();
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(
			text, sizeof(text),
			"mptcp-wan-state 1\nnext 3\nwan 1 eth1 eth1 0 5\n%s\nwan 2 eth2 eth2 3 5\n",
			bad[i].line);
		is_u64(read_text(r, text), 4, "%s: the number of the line", bad[i].what);
		ok(index_of(r, "eth1") == 1 && index_of(r, "eth2") == 2 && r->next_index == 3,
		   "%s: the others are kept", bad[i].what);
	}
	is_u64(read_text(r, "mptcp-wan-state 1\nnext 3\nwan 1 eth1 eth1 0 5\nwan 2 eth2 eth2 0 1"),
	       4, "a last line cut short");
	ok(index_of(r, "eth1") == 1 && !index_of(r, "eth2"), "is not taken");
	is_u64(read_text(r, "mptcp-wan-state 2\nwan 1 eth1 eth1 0 5\n"), 1, "another version");
	is_u64(read_text(r, ""), 1, "an empty file");
	is_u64(read_text(r, "mptcp-wan-state 1\n"), 1, "a file without next");
	is_u64(read_text(r, "mptcp-wan-state 1\nnext 2\nwan 7 eth1 eth1 0 5\n"), 0, "next too low");
	is_u64(r->next_index, 8, "is put right");
	free(r);
}

static void an_index_is_never_given_again(void)
{
	struct registry *r = registry();

	registry_on_device(r, "eth1", NOW);
	ok(registry_forget(r, "eth1"), "forgotten");
	ok(!registry_forget(r, "eth1"), "once");
	registry_on_device(r, "eth1", NOW);
	is_u64(index_of(r, "eth1"), 2, "found again it is another one");
	free(r);
}

static void a_configured_name_inherits_its_device(void)
{
	struct registry *r = registry();
	int slot = registry_on_device(r, "eth1", NOW);

	r->wans[slot].ever_joined = true;
	CONFIGURE(r, "wan1", "eth1");
	is_u64(index_of(r, "wan1"), 1, "eth1 becomes wan1 and keeps its index");
	ok(index_of(r, "eth1") == 0 && r->wans[slot].ever_joined, "and its history");
	ok(registry_on_device(r, "eth1", NOW) == slot, "its device is still eth1");

	CONFIGURE(r, "wan1", "eth1", "wan2", "eth2");
	is_u64(index_of(r, "wan2"), 2, "one more");
	CONFIGURE(r, "wan1", "eth2", "wan2", "eth1");
	ok(index_of(r, "wan1") == 1 && index_of(r, "wan2") == 2, "devices that change places");
	is_text(r->wans[registry_find_name(r, "wan1")].device, "eth2", "wan1 is on eth2");
	is_text(r->wans[registry_find_name(r, "wan2")].device, "eth1", "wan2 is on eth1");

	CONFIGURE(r, "new", "eth2", "wan1", "eth3", "wan2", "eth1");
	is_u64(index_of(r, "wan1"), 1, "a name that is configured keeps its index");
	is_u64(index_of(r, "new"), 3, "who takes over its device is new");

	CONFIGURE(r, "wan2", "eth1");
	ok(index_of(r, "wan1") == 1 && !r->wans[registry_find_name(r, "wan1")].configured,
	   "no longer configured, it stays known");
	ok(registry_on_device(r, "wan1", NOW) == -1,
	   "an interface that has a WAN's name is not it");
	free(r);

	r = registry();
	CONFIGURE(r, "y", "eth2");
	CONFIGURE(r, "x", "eth2", "y", "eth3");
	ok(index_of(r, "y") == 1 && index_of(r, "x") == 2, "whoever is named first");
	free(r);
}

/* The name of the WAN that has 10.0.0.LAST; "": nobody. */
static const char *on_address(const struct registry *r, uint8_t last)
{
	struct address address = { AF_INET, { 10, 0, 0, last } };
	int slot = registry_on_address(r, &address);

	return slot < 0 ? "" : r->wans[slot].name;
}

static void wans_by_address(void)
{
	struct registry *r = registry(), *again = registry();
	char text[REGISTRY_TEXT_MOST];
	size_t len;

	CONFIGURE(r, "dsl", "10.0.0.1", "cable", "10.0.0.2/31");
	is_text(on_address(r, 1), "dsl", "an address");
	is_text(on_address(r, 3), "cable", "a prefix");
	is_text(on_address(r, 4), "", "nobody's");
	is_text(r->wans[registry_find_name(r, "dsl")].device, "", "it has no device");
	len = registry_write(r, text);
	ok(!registry_read(again, text, len), "written and read");
	is_text(on_address(again, 1), "", "addresses are the configuration's to tell");
	is_u64(index_of(again, "cable"), 2, "the index is kept");

	CONFIGURE(r, "dsl", "10.0.0.4", "cable", "10.0.0.2/31");
	is_text(on_address(r, 1), "", "given up");
	is_text(on_address(r, 4), "dsl", "for another one");
	CONFIGURE(r, "dsl", "eth1");
	is_text(on_address(r, 4), "", "or for a device");
	is_text(r->wans[registry_find_name(r, "dsl")].device, "eth1", "which it has now");
	is_text(on_address(r, 2), "", "no longer configured, it has none");
	ok(index_of(r, "dsl") == 1 && index_of(r, "cable") == 2, "all of them known as before");
	CONFIGURE(r, "dsl", "10.0.0.1");
	is_text(r->wans[registry_find_name(r, "dsl")].device, "", "from a device to addresses");
	ok(registry_on_device(r, "eth1", NOW) >= 0, "the device is free");
	is_u64(index_of(r, "eth1"), 3, "and is a WAN of its own");
	CONFIGURE(r, "eth1", "10.0.0.1");
	is_u64(index_of(r, "eth1"), 3, "by name it stays the same WAN");
	ok(registry_on_device(r, "eth1", NOW) == -1, "but not on that interface");
	free(r);
	free(again);
}

/* Whether connections that were there before owe the WAN a subflow. */
static bool attached_after(struct registry *r, const char *name, const char *place)
{
	r->wans[registry_find_name(r, name)].up_ms = 1;
	CONFIGURE(r, name, place);
	return r->wans[registry_find_name(r, name)].up_ms != 0;
}

static void a_wan_that_moves_begins_anew(void)
{
	struct registry *r = registry();

	CONFIGURE(r, "wan1", "eth1");
	ok(attached_after(r, "wan1", "eth1"), "nothing changed");
	ok(!attached_after(r, "wan1", "eth2"), "another device");
	ok(!attached_after(r, "wan1", "10.0.0.1"), "an address");
	ok(attached_after(r, "wan1", "10.0.0.1"), "the same");
	ok(!attached_after(r, "wan1", "10.0.0.2"), "another one");
	free(r);
}

static void a_device_taken_and_given_back(void)
{
	struct registry *r = registry();
	int slot;

	CONFIGURE(r, "wan1", "eth1");
	slot = registry_on_device(r, "eth2", NOW);
	CONFIGURE(r, "wan1", "eth2");
	ok(registry_find_device(r, "eth2") == registry_find_name(r, "wan1"), "wan1 takes eth2");
	is_u64(index_of(r, "eth2"), 2, "which had a WAN of its own");
	is_text(r->wans[slot].device, "", "that now has no interface");
	CONFIGURE(r, "wan1", "eth1");
	ok(registry_on_device(r, "eth2", NOW) == slot, "and gets it back");
	is_text(r->wans[slot].device, "eth2", "under the same index");
	free(r);
}

static void described_anew(void)
{
	static struct settings settings;
	struct registry *r = registry();
	struct wan_settings *wan;
	const struct known_wan *known;
	char why[WHY_LEN];

	settings_default(&settings);
	wan = settings_add_wan(&settings, "wan1", why);
	settings_set_wan(&settings, wan, "base", "wan2", why);
	settings_set_wan(&settings, wan, "rate-in", "30mbit", why);
	settings_set_wan(&settings, wan, "rate-out", "10mbit", why);
	settings_set_wan(&settings, wan, "label", "Fibre", why);
	settings_set_wan(&settings, wan, "role", "backup", why);
	registry_configure(r, &settings, NULL, NULL);
	known = &r->wans[registry_find_name(r, "wan1")];
	is_text(known->base, "wan2", "base");
	ok(known->rate_in_kbps == 30000 && known->rate_out_kbps == 10000, "rates");
	ok(!strcmp(known->label, "Fibre") && known->role == ROLE_BACKUP, "label and role");
	settings_default(&settings);
	registry_configure(r, &settings, NULL, NULL);
	ok(known->used && !known->configured && !known->base[0] && !known->label[0] &&
	   !known->role && !known->rate_in_kbps && !known->rate_out_kbps,
	   "no longer configured, nothing of it is left");
	is_text(known->device, "wan1", "but its device");
	free(r);
}

static void absent_for_30_days(void)
{
	struct registry *r = registry();
	int slot;

	told_slot = -1;
	CONFIGURE(r, "wan1", "eth1");
	r->wans[0].seen_s = NOW;
	slot = registry_on_device(r, "eth2", NOW);
	registry_expire(r, NOW + 30 * DAY - 1, on_forgotten, NULL);
	ok(told_slot == -1 && index_of(r, "eth2"), "not yet");
	r->dirty = false;
	registry_expire(r, NOW + 30 * DAY, on_forgotten, NULL);
	ok(told_slot == slot && !index_of(r, "eth2"), "forgotten, and its slot told");
	ok(r->dirty, "to be written");
	ok(index_of(r, "wan1"), "a configured one never");
	slot = registry_on_device(r, "eth3", NOW);
	registry_expire(r, 0, on_forgotten, NULL);
	ok(index_of(r, "eth3"), "a clock that begins in 1970 forgets nobody");
	r->wans[slot].present = true;
	registry_expire(r, NOW + 60 * DAY, on_forgotten, NULL);
	ok(index_of(r, "eth3"), "one that is present never");
	free(r);

	/* Without a clock nobody knows when it was there; once there is one, the time runs. */
	r = registry();
	registry_on_device(r, "eth1", 1000);
	CONFIGURE(r, "wan2", "eth2");
	CONFIGURE(r, "wan3", "eth3");
	registry_expire(r, NOW, on_forgotten, NULL);
	ok(index_of(r, "eth1") && index_of(r, "wan2"), "never seen by a clock: from now");
	registry_expire(r, NOW + 30 * DAY, on_forgotten, NULL);
	ok(!index_of(r, "eth1") && !index_of(r, "wan2") && index_of(r, "wan3"), "30 days later");
	free(r);
}

static void sixty_four_at_most(void)
{
	struct registry *r = registry();
	char name[IFNAME_LEN], text[REGISTRY_TEXT_MOST];
	size_t len;

	for (int i = 0; i < WANS_MAX; i++) {
		snprintf(name, sizeof(name), "a-long-name-%03d", i);
		registry_on_device(r, name, NOW);
	}
	is_u64(index_of(r, name), WANS_MAX, "64 fit");
	ok(registry_on_device(r, "eth1", NOW) == -1, "one more does not");
	len = registry_write(r, text);
	ok(len < REGISTRY_TEXT_MOST && !read_text(r, (text[len] = '\0', text)), "all are written");
	is_u64(index_of(r, "a-long-name-063"), 64, "and read");
	registry_expire(r, NOW + 31 * DAY, on_forgotten, NULL);
	ok(registry_on_device(r, "eth1", NOW) >= 0, "there is room again");
	free(r);
}

/* 64 learnt ones, of which the 10th was there longest ago, then the 20th. */
static struct registry *crowd(void)
{
	struct registry *r = registry();
	char name[IFNAME_LEN];

	for (int i = 0; i < WANS_MAX; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		registry_on_device(r, name, NOW);
	}
	r->wans[10].seen_s = NOW - 9 * DAY;
	r->wans[20].seen_s = NOW - 8 * DAY;
	told_slot = -1;
	return r;
}

static void a_configured_wan_finds_room(void)
{
	struct registry *r = crowd();

	r->dirty = false;
	CONFIGURE(r, "wan1", "ppp0");
	ok(told_slot == 10 && r->dirty, "the one that was there longest ago goes, which is told");
	ok(!index_of(r, "eth10") && registry_find_name(r, "wan1") == 10, "its slot is taken");
	is_u64(index_of(r, "wan1"), 65, "its index is not");
	ok(!r->wans[10].seen_s && !r->turned_away[0], "nor anything else of it");
	r->wans[20].present = true;
	r->wans[30].seen_s = NOW - DAY;
	CONFIGURE(r, "wan1", "ppp0", "wan2", "ppp1");
	is_u64((uint64_t)told_slot, 30, "one that is present stays");
	told_slot = -1;
	CONFIGURE(r, "wan1", "ppp0", "wan2", "ppp1");
	is_u64((uint64_t)(told_slot + 1), 0, "nobody goes for those that are known");
	free(r);

	r = crowd();
	CONFIGURE(r, "wan1", "ppp0", "fibre", "eth10");
	is_u64(index_of(r, "fibre"), 11, "who inherits does so before room is made");
	ok(told_slot == 20 && registry_find_name(r, "wan1") == 20, "the next one goes");
	free(r);

	r = crowd();
	for (int i = 0; i < WANS_MAX; i++)
		r->wans[i].present = true;
	CONFIGURE(r, "fibre", "eth3", "wan1", "ppp0", "wan2", "ppp1");
	ok(told_slot == -1 && index_of(r, "fibre") == 4, "all are present: only who inherits");
	is_text(r->turned_away, "wan1", "the first that is turned away is told");
	r->wans[5].present = r->wans[6].present = false;
	CONFIGURE(r, "fibre", "eth3", "wan1", "ppp0", "wan2", "ppp1");
	ok(index_of(r, "wan1") && index_of(r, "wan2") && !r->turned_away[0], "until there is room");
	free(r);
}

int main(void)
{
	an_interface_becomes_a_wan_once();
	written_and_read_again();
	good_lines_survive_bad_ones();
	an_index_is_never_given_again();
	a_configured_name_inherits_its_device();
	wans_by_address();
	a_wan_that_moves_begins_anew();
	a_device_taken_and_given_back();
	described_anew();
	absent_for_30_days();
	sixty_four_at_most();
	a_configured_wan_finds_room();
	return tap_done();
}
