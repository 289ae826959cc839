/* SPDX-License-Identifier: MIT */
/* The options of collectd's plugin: names by a rule, and a bad one costs no other. */
#include <errno.h>
#include "collectd-plugin/options.h"
#include "tests/tap.h"

static struct options options;
static char why[WHY_LEN];

static int set(const char *name, const char *value)
{
	strcpy(why, "");
	return options_set(&options, name, value, why);
}

#define refused(call, reason)                                                                      \
	do {                                                                                       \
		is_u64((uint64_t)-(call), EINVAL, "refused: %s", #call);                           \
		is_text(why, reason, "... and said why");                                          \
	} while (0)

/* raise-after: RaiseAfter. */
static void camel(const char *key, char *out)
{
	for (bool begin = true; *key; key++) {
		if (*key == '-') {
			begin = true;
			continue;
		}
		*out++ = begin && *key >= 'a' && *key <= 'z' ? (char)(*key - 'a' + 'A') : *key;
		begin = false;
	}
	*out = '\0';
}

static void every_key_has_an_option(void)
{
	const struct settings *settings = &options.settings;
	unsigned int unknown = 0, agents = 0;
	char name[64];

	options_default(&options);
	for (size_t i = 0; settings_key(i); i++) {
		camel(settings_key(i), name);
		/* It fits nowhere: the key is found, and its value refused. */
		(void)set(name, "\x01");
		unknown += strstr(why, "unknown") != NULL;
		agents += strstr(why, "mptcp-wan-agent") != NULL;
	}
	is_u64(unknown, 0, "none is unknown");
	is_u64(agents, 4, "four are the agent's");
	is_u64((uint64_t)set("RaiseAfter", "90"), 0, "a time");
	is_u64(settings->raise_after_ms, 90000, "... is taken");
	is_u64((uint64_t)set("raiseafter", "2m"), 0, "capitals do not matter");
	is_u64(settings->raise_after_ms, 120000, "... is taken");
	is_u64((uint64_t)set("Bpf", "false"), 0, "a switch");
	ok(!settings->bpf, "... is taken");
	is_u64((uint64_t)set("ExpectSubflows", "5"), 0, "what was expected, flat");
	ok(settings->expect.subflows.known && settings->expect.subflows.value == 5, "... is taken");
	is_u64((uint64_t)(set("Shelve", "drift") | set("Shelve", "fallback")), 0, "a list");
	is_u64(settings->shelved_host, 1u << CAUSE_DRIFT | 1u << CAUSE_FALLBACK, "... adds up");
}

static void a_bad_option_changes_nothing(void)
{
	options_default(&options);
	refused(set("RaiseAfter", "soon"),
		"RaiseAfter: 'soon' is no time: seconds, or 500ms, 5s, 2m");
	is_u64(options.settings.raise_after_ms, 60000, "the default stays");
	refused(set("Intervall", "5"), "Intervall: unknown option ('5')");
	refused(set("Rais", "5"), "Rais: unknown option ('5')");
	refused(set("", "5"), ": unknown option ('5')");
	refused(set("Shelv", "x"), "Shelv: unknown option ('x')");
	refused(set("Shelves", "x"), "Shelves: unknown option ('x')");
	refused(set("OnAlarm", "/bin/x"), "OnAlarm: an option of mptcp-wan-agent only ('/bin/x')");
	refused(set("A\nB", "5\n6"), "A?B: unknown option ('5?6')");
}

static void no_state_is_kept_unless_asked_for(void)
{
	options_default(&options);
	is_text(options.settings.state_dir, "", "none by default");
	is_u64((uint64_t)set("StateDir", "/var/lib/x"), 0, "a folder");
	is_text(options.settings.state_dir, "/var/lib/x", "... is taken");
	refused(set("StateDir", "here"), "StateDir: 'here' is no absolute path");
	is_u64((uint64_t)set("StateDir", ""), 0, "none again");
	is_text(options.settings.state_dir, "", "... is taken");
}

static void a_wan_is_a_block(void)
{
	const struct wan_settings *wan;

	options_default(&options);
	is_u64((uint64_t)options_open(&options, "WAN", "fibre", why), 0, "a WAN");
	is_u64((uint64_t)(set("Address", "192.0.2.1") | set("Addresses", "2001:db8::1")), 0,
	       "its addresses, one by one");
	is_u64((uint64_t)(set("RateIn", "30mbit") | set("Label", "Fibre, 1st floor")), 0,
	       "and more");
	refused(set("Interval", "5"), "WAN 'fibre': Interval: unknown option ('5')");
	refused(set("Addresse", "192.0.2.2"), "WAN 'fibre': Addresse: unknown option ('192.0.2.2')");
	refused(set("Addres", "192.0.2.2"), "WAN 'fibre': Addres: unknown option ('192.0.2.2')");
	refused(set("Device", "eth1"),
		"WAN 'fibre': Device: 'eth1' cannot be set beside addresses");
	refused(set("Role", "spare"), "WAN 'fibre': Role: 'spare' is none of active, backup");
	refused(options_open(&options, "WAN", "x", why),
		"WAN 'fibre': WAN: a block within a block ('x')");
	is_u64((uint64_t)options_close(&options, why), 0, "it ends");
	is_u64(options.settings.wan_count, 1, "there is one");
	wan = &options.settings.wans[0];
	is_text(wan->name, "fibre", "by its name");
	is_u64(wan->address_count, 2, "with its addresses");
	is_u64(wan->rate_in_kbps, 30000, "and its rate");
	is_text(wan->label, "Fibre, 1st floor", "and its label");
	is_u64(wan->role, 0, "but no role");
	refused(set("Device", "eth1"), "Device: unknown option ('eth1')");
}

static void a_wan_that_cannot_be_is_left_out(void)
{
	options_default(&options);
	refused(options_open(&options, "WAN", "host", why),
		"WAN: 'host' is no name for a WAN: 1 to 31 printable letters, not host or limits");
	refused(options_open(&options, "WAN", "", why),
		"WAN: '' is no name for a WAN: 1 to 31 printable letters, not host or limits");
	refused(options_open(&options, "Wann", "x", why), "Wann: unknown block ('x')");
	is_u64((uint64_t)options_open(&options, "WAN", "a-name-that-no-interface-has", why), 0,
	       "a long name");
	refused(options_close(&options, why),
		"WAN: 'a-name-that-no-interface-has' needs a device: its name is too long for an "
		"interface's");
	is_u64(options.settings.wan_count, 0, "it is not there");
	is_u64((uint64_t)options_open(&options, "WAN", "wan1", why), 0, "the next one");
	is_u64((uint64_t)options_close(&options, why), 0, "... is");
	refused(options_open(&options, "WAN", "wan1", why), "WAN: 'wan1' is defined twice");
	is_u64(options.settings.wan_count, 1, "there is one");
}

static void what_was_expected_is_a_block_too(void)
{
	options_default(&options);
	is_u64((uint64_t)options_open(&options, "Expect", "", why), 0, "it begins");
	is_u64((uint64_t)(set("Subflows", "5") | set("AddAddr", "2")), 0, "it has limits");
	is_u64((uint64_t)set("Scheduler", "default"), 0,
	       "its options have no Expect before them");
	refused(set("Interval", "5"), "Expect: Interval: unknown option ('5')");
	refused(set("Subflows", "300"), "Expect: Subflows: '300' is not between 0 and 255");
	is_u64((uint64_t)options_close(&options, why), 0, "it ends");
	is_u64(options.settings.expect.subflows.value, 5, "subflows");
	is_u64(options.settings.expect.add_addr.value, 2, "addresses");
	is_text(options.settings.expect.scheduler, "default", "scheduler");
	refused(options_open(&options, "Expect", "x", why), "Expect: takes no name ('x')");
	refused(set("Subflows", "5"), "Subflows: unknown option ('5')");
}

static void what_does_not_fit_the_rest_is_mended(void)
{
	options_default(&options);
	is_u64((uint64_t)options_check(&options, why), 0, "the defaults fit");
	(void)options_open(&options, "WAN", "tunnel", why);
	is_u64((uint64_t)set("Base", "fibre"), 0, "a base that may come later");
	(void)options_close(&options, why);
	(void)set("RaiseIdleAfter", "1h");
	refused(options_check(&options, why),
		"WAN 'tunnel': Base: 'fibre' is no WAN of this configuration");
	is_text(options.settings.wans[0].base, "", "it has none then");
	is_u64((uint64_t)-options_check(&options, why), EINVAL, "there is more");
	is_text(why,
		"RaiseIdleAfter, IdleMemory: raise-idle-after: 3600 s under pressure are never seen "
		"within idle-memory, 1800 s",
		"... and it is said");
	is_u64(options.settings.raise_idle_after_ms, 120000, "back to the default");
	is_u64((uint64_t)options_check(&options, why), 0, "all fits");
}

int main(void)
{
	every_key_has_an_option();
	a_bad_option_changes_nothing();
	no_state_is_kept_unless_asked_for();
	a_wan_is_a_block();
	a_wan_that_cannot_be_is_left_out();
	what_was_expected_is_a_block_too();
	what_does_not_fit_the_rest_is_mended();
	return tap_done();
}
