/* SPDX-License-Identifier: MIT */
/* One value of one key: the first octet says which, the rest is the text. */
#include <stdlib.h>
#include <string.h>
#include "lib/settings.h"
#include "lib/value.h"
#include "tests/fuzz/fuzz.h"

static void flat(size_t i, const char *value)
{
	static struct settings settings, before;
	char why[WHY_LEN] = "", text[VALUE_TEXT_MOST], again[VALUE_TEXT_MOST];

	settings_default(&before);
	settings = before;
	if (settings_set(&settings, settings_key(i), value, why)) {
		fuzz_reason(why, sizeof(why));
		must(!memcmp(&settings, &before, sizeof(settings)));
		return;
	}
	if (!settings_get(&settings, i, text))
		return;
	must(!settings_set(&before, settings_key(i), text, why));
	must(settings_get(&before, i, again) && !strcmp(text, again));
}

static void of_wan(size_t i, const char *value)
{
	static struct settings settings;
	char why[WHY_LEN] = "", text[VALUE_TEXT_MOST], again[VALUE_TEXT_MOST];
	struct wan_settings *wan;

	settings_default(&settings);
	wan = settings_add_wan(&settings, "wan1", why);
	must(wan);
	if (settings_set_wan(&settings, wan, settings_wan_key(i), value, why)) {
		fuzz_reason(why, sizeof(why));
		return;
	}
	if (!settings_get_wan(wan, i, text))
		return;
	settings_default(&settings);
	wan = settings_add_wan(&settings, "wan1", why);
	must(!settings_set_wan(&settings, wan, settings_wan_key(i), text, why));
	must(settings_get_wan(wan, i, again) && !strcmp(text, again));
}

void fuzz_settings(const void *bytes, size_t len)
{
	size_t flats = 0, wans = 0, i;
	char *value;

	if (!len)
		return;
	while (settings_key(flats))
		flats++;
	while (settings_wan_key(wans))
		wans++;
	i = *(const uint8_t *)bytes % (flats + wans);
	value = fuzz_text((const char *)bytes + 1, len - 1);
	if (i < flats)
		flat(i, value);
	else
		of_wan(i - flats, value);
	free(value);
}
