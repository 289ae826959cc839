/* SPDX-License-Identifier: MIT */
/* The WANs known from before; what was read can be written and read again. */
#include <string.h>
#include <sys/socket.h>
#include "lib/registry.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct registry *registry)
{
	must(registry->next_index && registry->next_index <= INT32_MAX);
	for (int slot = 0; slot < WANS_MAX; slot++) {
		const struct known_wan *wan = &registry->wans[slot];

		if (!wan->used)
			continue;
		must(wan->index && wan->index < registry->next_index);
		must(settings_name_fits(wan->name));
		must(registry_find_name(registry, wan->name) == slot);
	}
}

static void nobody(void *arg, int slot)
{
	(void)arg, (void)slot;
}

/* What becomes of them when we run: had late, configured, and forgotten. */
static void live_on(struct registry *before)
{
	static struct registry registry;
	static const struct address far = { AF_INET, { 192, 0, 2, 7 } };
	static struct settings settings;
	struct wan_settings *wan;
	char why[WHY_LEN];

	settings_default(&settings);
	must(settings_add_wan(&settings, "wan1", why) && settings_add_wan(&settings, "eth2", why));
	wan = settings_add_wan(&settings, "wan3", why);
	must(wan && !settings_set_wan(&settings, wan, "addresses", "192.0.2.0/24", why));
	registry_init(&registry);
	registry_on_device(&registry, "eth1", CLOCK_SET_S);
	registry_on_device(&registry, "eth7", CLOCK_SET_S);
	registry_configure(&registry, &settings, nobody, NULL);
	registry_configure(before, &settings, nobody, NULL);
	check(before);
	registry_join(&registry, before);
	check(&registry);
	registry_expire(&registry, UINT64_C(1) << 41, nobody, NULL);
	registry_expire(&registry, UINT64_C(1) << 42, nobody, NULL);
	for (int slot = 0; slot < WANS_MAX; slot++)
		must(!registry.wans[slot].used || registry.wans[slot].configured);
	must(registry_on_address(&registry, &far) == registry_find_name(&registry, "wan3"));
	must(registry_forget(&registry, "wan3") && !registry_forget(&registry, "wan3"));
}

void fuzz_state(const void *bytes, size_t len)
{
	static struct registry registry, again;
	char text[REGISTRY_TEXT_MOST], second[REGISTRY_TEXT_MOST];
	size_t text_len;

	registry_init(&registry);
	registry_read(&registry, bytes, len);
	check(&registry);
	text_len = registry_write(&registry, text);
	must(text_len < sizeof(text));
	registry_init(&again);
	must(!registry_read(&again, text, text_len));
	must(registry_write(&again, second) == text_len && !memcmp(text, second, text_len));
	live_on(&registry);
}
