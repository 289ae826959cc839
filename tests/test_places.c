/* SPDX-License-Identifier: MIT */
/* Where configured WANs are: by device, by address, over whom; also when it changes meanwhile. */
#include <linux/types.h>
#include <stdlib.h>
#include "lib/bpf/subflow.h"
#include "tests/stand.h"
#include "tests/tap.h"

static const uint64_t SECOND = 1000000;
static char why[WHY_LEN];

static void set(struct stand *s, const char *name, const char *key, const char *value)
{
	struct wan_settings *wan = NULL;

	for (size_t i = 0; i < s->settings.wan_count; i++)
		if (!strcmp(s->settings.wans[i].name, name))
			wan = &s->settings.wans[i];
	if (!wan)
		wan = settings_add_wan(&s->settings, name, why);
	if (settings_set_wan(&s->settings, wan, key, value, why))
		ok(false, "%s", why);
}

/* eth1 (ifindex 5) has 10.0.0.1 and 10.0.0.2: two lines behind one box. */
static struct stand *stand(void)
{
	struct stand *s = stand_new();

	fake_forget(s->fake, Q_LINKS);
	fake_forget(s->fake, Q_ADDRESSES);
	fake_link(s->fake, 5, "eth1");
	fake_address(s->fake, 5, 1);
	fake_address(s->fake, 5, 2);
	return s;
}

static void two_wans_on_one_interface(void)
{
	struct stand *s = stand();

	set(s, "dsl", "addresses", "10.0.0.1");
	set(s, "cable", "addresses", "10.0.0.2/31, 2001:db8::/64");
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 2, "eth1 itself is none");
	ok(stand_wan(s, "dsl")->ifindex == 5 && stand_wan(s, "cable")->ifindex == 5,
	   "both are on eth1");
	ok(stand_wan(s, "dsl")->up && stand_wan(s, "dsl")->addresses == 1,
	   "up, with an address of its own");
	ok(stand_wan(s, "dsl")->subflows == 1 && stand_wan(s, "cable")->subflows == 1,
	   "a subflow each");
	ok(stand_wan(s, "dsl")->endpoints_v4 == 1 && stand_wan(s, "cable")->endpoints_v4 == 1,
	   "an endpoint each");
	is_text(s->now->endpoints[1].wan_name, "cable", "which knows its WAN");
	fake_life(s->fake, LIFE_BIRTH, 3, 3, 40003, 0, 0);
	fake_life(s->fake, LIFE_ENDING, 3, 3, 40003, 500, 70);
	stand_poll(s, 5 * SECOND);
	ok(stand_wan(s, "cable")->out_octets == 500 && stand_wan(s, "cable")->in_octets == 70,
	   "a subflow is its prefix's, even when no interface has the address");
	is_u64(s->now->host.unattrib_out_octets, 0, "nothing is left over");

	fake_address(s->fake, 5, 3);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "cable")->addresses, 2, "two addresses within its prefix");
	fake_forget(s->fake, Q_ADDRESSES);
	fake_address(s->fake, 5, 1);
	stand_poll(s, 5 * SECOND);
	ok(stand_wan(s, "dsl")->ifindex == 5 && stand_wan(s, "dsl")->up,
	   "who keeps its address stays");
	ok(!stand_wan(s, "cable")->ifindex && !stand_wan(s, "cable")->up, "who lost it is nowhere");
	is_u64(stand_wan(s, "cable")->state, WAN_ABSENT, "absent, which is no error");
	is_u64(stand_wan(s, "cable")->endpoints_stale, 1, "its endpoint is still its own");

	fake_link(s->fake, 4, "eth4");
	fake_link(s->fake, 9, "eth9");
	fake_address(s->fake, 9, 2);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "cable")->ifindex, 9, "it is where its address is");
	fake_address(s->fake, 4, 3);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "cable")->ifindex, 4, "of several interfaces, on the lowest");
	is_u64(stand_wan(s, "cable")->addresses, 1, "with what it has there");
	stand_free(s);
}

static void a_device_beside_an_address(void)
{
	struct stand *s = stand();

	set(s, "dsl", "addresses", "10.0.0.1");
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 2, "the other address makes eth1 a WAN");
	ok(stand_wan(s, "eth1")->subflows == 1 && stand_wan(s, "dsl")->subflows == 1,
	   "each has its own");
	is_text(s->now->endpoints[0].wan_name, "dsl", "the address comes first");
	is_text(s->now->endpoints[1].wan_name, "eth1", "then the device");
	stand_free(s);

	s = stand();
	set(s, "eth1", "addresses", "10.0.0.1");
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 1, "a WAN of an interface's name is that WAN alone");
	is_u64(s->now->endpoints[1].wan_index, 0, "the interface's other address is nobody's");
	stand_free(s);
}

static void what_is_told_of_a_line(void)
{
	struct stand *s = stand();

	set(s, "tunnel", "device", "wg0");
	set(s, "tunnel", "base", "fibre");
	set(s, "fibre", "device", "eth1");
	set(s, "fibre", "rate-in", "100mbit");
	set(s, "fibre", "rate-out", "40mbit");
	stand_poll(s, 5 * SECOND);
	is_text(stand_wan(s, "tunnel")->base, "fibre", "its base");
	is_u64(stand_wan(s, "tunnel")->state, WAN_ABSENT, "never seen: absent");
	ok(!stand_wan(s, "tunnel")->rate_in_kbps.known, "no rate is not a rate of 0");
	ok(stand_wan(s, "fibre")->rate_in_kbps.known &&
		   stand_wan(s, "fibre")->rate_in_kbps.value == 100000,
	   "rate in");
	ok(stand_wan(s, "fibre")->rate_out_kbps.known &&
		   stand_wan(s, "fibre")->rate_out_kbps.value == 40000,
	   "rate out");
	is_text(stand_wan(s, "fibre")->base, "", "no base");
	is_u64(stand_wan(s, "fibre")->subflows, 2, "the device has all addresses");
	stand_free(s);
}

/* The monitor goes on; subflows stay with the WAN that they began with. */
static void configured_anew_while_it_runs(void)
{
	struct stand *s = stand();
	struct registry *registry;
	uint32_t index;

	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 1, "one interface");
	index = stand_wan(s, "eth1")->index;
	registry = monitor_registry(s->monitor);
	set(s, "dsl", "addresses", "10.0.0.1");
	set(s, "cable", "device", "eth1");
	registry_configure(registry, &s->settings, NULL, NULL);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 2, "becomes two lines");
	is_u64(stand_wan(s, "cable")->index, index, "one of which inherits");
	ok(stand_wan(s, "cable")->subflows == 2 && !stand_wan(s, "dsl")->subflows,
	   "what is open stays where it began");
	is_text(s->now->endpoints[0].wan_name, "dsl", "endpoints are of now");
	fake_life(s->fake, LIFE_BIRTH, 3, 1, 40003, 0, 0);
	fake_life(s->fake, LIFE_ENDING, 3, 1, 40003, 500, 70);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "dsl")->out_octets, 500, "and so are new subflows");

	settings_default(&s->settings);
	registry_configure(registry, &s->settings, NULL, NULL);
	stand_poll(s, 5 * SECOND);
	ok(s->now->wan_count == 2 && stand_wan(s, "cable")->ifindex == 5,
	   "no longer configured: known");
	is_u64(stand_wan(s, "dsl")->state, WAN_ABSENT, "but without its addresses it is nowhere");
	is_text(s->now->endpoints[0].wan_name, "cable", "what was its is its interface's");
	is_u64(stand_wan(s, "dsl")->out_octets, 500, "its octets stay");
	stand_free(s);
}

int main(void)
{
	two_wans_on_one_interface();
	a_device_beside_an_address();
	what_is_told_of_a_line();
	configured_anew_while_it_runs();
	return tap_done();
}
