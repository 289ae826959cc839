/* SPDX-License-Identifier: MIT */
#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/config.h"

/*
 * Every option is a string to libconfuse: what a value may be is said in one place, settings.c.
 * Only the names are told here, so that the parser can point at the line of one that it does not
 * know.
 */
static const char *const flat_keys[] = { "interval",	  "window", "floor",  "join-grace",
					 "subflows-most", "bpf",    "events", "agentx-socket",
					 "state-dir",	  "run-dir" };
enum { FLAT_KEYS = sizeof(flat_keys) / sizeof(flat_keys[0]) };

/*
 * libconfuse's callbacks have no argument of ours. One configuration is read at a time, by one
 * thread.
 */
static _Thread_local struct {
	struct settings *settings;
	char *why;
	bool failed;
} reading;

/* Only the first error counts: the others follow from it. */
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char reason[WHY_LEN];

	if (reading.failed)
		return;
	reading.failed = true;
	vsnprintf(reason, sizeof(reason), format, args);
	snprintf(reading.why, WHY_LEN, "%.100s:%d: %.130s", cfg->filename ? cfg->filename : "?",
		 cfg->line, reason);
}

static int on_flat_key(cfg_t *cfg, cfg_opt_t *opt)
{
	char why[WHY_LEN];

	if (!settings_set(reading.settings, cfg_opt_name(opt),
			  cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1), why))
		return 0;
	cfg_error(cfg, "%s", why);
	return -1;
}

/* Called when a whole "wan NAME { ... }" has been read. */
static int on_wan(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char *const keys[] = { "device", "label", "role" };
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct wan_settings *wan;
	char why[WHY_LEN];

	wan = settings_add_wan(reading.settings, cfg_title(section), why);
	for (size_t i = 0; wan && i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = cfg_getstr(section, keys[i]);

		if (value && settings_set_wan(reading.settings, wan, keys[i], value, why))
			wan = NULL;
	}
	if (wan)
		return 0;
	cfg_error(cfg, "%s", why);
	return -1;
}

int config_read(const char *path, struct settings *settings, char *why)
{
	cfg_opt_t wan_options[] = { CFG_STR("device", NULL, CFGF_NONE),
				    CFG_STR("label", NULL, CFGF_NONE),
				    CFG_STR("role", NULL, CFGF_NONE), CFG_END() };
	cfg_opt_t options[FLAT_KEYS + 2];
	struct settings fresh = *settings;
	cfg_t *cfg;
	int result, error;

	for (size_t i = 0; i < FLAT_KEYS; i++)
		options[i] = (cfg_opt_t)CFG_STR(flat_keys[i], NULL, CFGF_NODEFAULT);
	options[FLAT_KEYS] = (cfg_opt_t)CFG_SEC("wan", wan_options,
						CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	options[FLAT_KEYS + 1] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(options, CFGF_NONE);
	if (!cfg) {
		snprintf(why, WHY_LEN, "%.100s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	cfg_set_error_function(cfg, on_error);
	for (size_t i = 0; i < FLAT_KEYS; i++)
		cfg_set_validate_func(cfg, flat_keys[i], on_flat_key);
	cfg_set_validate_func(cfg, "wan", on_wan);
	reading.settings = &fresh;
	reading.why = why;
	reading.failed = false;
	errno = 0;
	result = cfg_parse(cfg, path);
	error = errno;
	cfg_free(cfg);
	if (result == CFG_FILE_ERROR) {
		error = error ? error : EIO;
		snprintf(why, WHY_LEN, "%.100s: %s", path, strerror(error));
		return -error;
	}
	if (result != CFG_SUCCESS || reading.failed)
		return -EINVAL;
	*settings = fresh;
	return 0;
}
