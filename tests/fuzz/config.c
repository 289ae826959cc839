/* SPDX-License-Identifier: MIT */
/* The configuration file; what was read can be written and read again. */
#include <stdlib.h>
#include <string.h>
#include "lib/config.h"
#include "tests/fuzz/fuzz.h"

void fuzz_config(const void *bytes, size_t len)
{
	static struct settings before, settings;
	char why[WHY_LEN] = "", *text, *again;

	settings_default(&before);
	settings = before;
	if (config_read(fuzz_file(bytes, len), &settings, why)) {
		fuzz_reason(why, sizeof(why));
		must(!memcmp(&settings, &before, sizeof(settings)));
		return;
	}
	text = settings_print(&settings);
	must(text);
	must(!config_read(fuzz_file(text, strlen(text)), &before, why));
	again = settings_print(&before);
	must(again && !strcmp(again, text));
	free(again);
	free(text);
}
