/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "collectd-plugin/options.h"

/* They concern SNMP, or what collectd does by its own means. */
static const char *const agents_own[] = { "agentx-socket", "announce-on-attach", "on-alarm",
					  "run-dir" };

void options_default(struct options *options)
{
	*options = (struct options){ 0 };
	settings_default(&options->settings);
	options->settings.state_dir[0] = '\0';
}

/*
 * --- names -------------------------------------------------------------------------------------
 */

/* Where the key's singular ends: address of addresses. */
static const char *end_of_singular(const char *key)
{
	size_t len = strlen(key);

	return key + len - (len > 4 && !strcmp(key + len - 4, "sses") ? 2 : 0);
}

/* RaiseAfter for raise-after; Address, or Addresses, for addresses. */
static bool names(const char *name, const char *key)
{
	const char *left = name;
	const char *singular = settings_key_is_list(key) ? end_of_singular(key) : NULL;

	for (; *key; key++) {
		if (*key == '-')
			continue;
		if (!*left)
			return key == singular;
		if (strncasecmp(left++, key, 1))
			return false;
	}
	return !*left;
}

/* NULL: there is none of that name. */
static const char *key_of(const struct options *options, const char *name)
{
	const char *(*nth)(size_t) = options->wan ? settings_wan_key : settings_key;
	size_t skip = options->expecting ? strlen("expect-") : 0;
	const char *key;

	for (size_t i = 0; (key = nth(i)); i++)
		if ((!skip || !strncmp(key, "expect-", skip)) && names(name, key + skip))
			return key;
	return NULL;
}

static bool is_agents_own(const char *key)
{
	for (size_t i = 0; i < sizeof(agents_own) / sizeof(agents_own[0]); i++)
		if (!strcmp(key, agents_own[i]))
			return true;
	return false;
}

/*
 * --- refusing ----------------------------------------------------------------------------------
 */

/* One line, with the option as the operator wrote it, and the block that it is in. */
static int refuse(const struct options *options, const char *name, const char *reason, char *why)
{
	char block[WAN_NAME_LEN + sizeof("WAN '': ")] = "";

	if (options->wan)
		snprintf(block, sizeof(block), "WAN '%s': ", options->wan->name);
	else if (options->expecting)
		snprintf(block, sizeof(block), "Expect: ");
	snprintf(why, WHY_LEN, "%s%.48s: %.255s", block, name, reason);
	for (; *why; why++)
		if ((unsigned char)*why < ' ')
			*why = '?';
	return -EINVAL;
}

/* The settings begin their reasons with the key, which here has another name. */
static const char *without_key(const char *reason, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(reason, key, len) && reason[len] == ':' ? reason + len + 2 : reason;
}

static int refuse_value(const struct options *options, const char *name, const char *value,
			const char *what, char *why)
{
	char reason[WHY_LEN];

	snprintf(reason, sizeof(reason), "%s ('%.48s')", what, value);
	return refuse(options, name, reason, why);
}

/*
 * --- what is called from outside ---------------------------------------------------------------
 */

int options_set(struct options *options, const char *name, const char *value, char *why)
{
	const char *key = key_of(options, name);
	char reason[WHY_LEN];
	int error;

	if (!key)
		return refuse_value(options, name, value, "unknown option", why);
	if (!options->wan && is_agents_own(key))
		return refuse_value(options, name, value, "an option of mptcp-wan-agent only", why);
	if (!options->wan && !strcmp(key, "state-dir") && !*value) {
		options->settings.state_dir[0] = '\0';
		return 0;
	}
	if (options->wan)
		error = settings_set_wan(&options->settings, options->wan, key, value, reason);
	else
		error = settings_set(&options->settings, key, value, reason);
	return error ? refuse(options, name, without_key(reason, key), why) : 0;
}

int options_open(struct options *options, const char *block, const char *title, char *why)
{
	char reason[WHY_LEN];

	if (options->wan || options->expecting)
		return refuse_value(options, block, title, "a block within a block", why);
	if (!strcasecmp(block, "Expect")) {
		if (*title)
			return refuse_value(options, block, title, "takes no name", why);
		options->expecting = true;
		return 0;
	}
	if (strcasecmp(block, "WAN"))
		return refuse_value(options, block, title, "unknown block", why);
	options->wan = settings_add_wan(&options->settings, title, reason);
	return options->wan ? 0 : refuse(options, block, without_key(reason, "wan"), why);
}

int options_close(struct options *options, char *why)
{
	struct wan_settings *wan = options->wan;
	char reason[WHY_LEN];

	options->expecting = false;
	options->wan = NULL;
	if (!wan || !settings_check_wan(&options->settings, wan, reason))
		return 0;
	options->settings.wan_count--;	/* it is the last one */
	return refuse(options, "WAN", without_key(reason, "wan"), why);
}

int options_check(struct options *options, char *why)
{
	struct settings *settings = &options->settings, defaults;
	struct settings_fault fault;
	char reason[WHY_LEN];

	if (!settings_check(settings, &fault, reason))
		return 0;
	settings_default(&defaults);
	if (!fault.wan) {
		settings->raise_idle_after_ms = defaults.raise_idle_after_ms;
		settings->idle_memory_ms = defaults.idle_memory_ms;
		return refuse(options, "RaiseIdleAfter, IdleMemory", reason, why);
	}
	options->wan = &settings->wans[fault.wan - settings->wans];
	refuse(options, "Base", without_key(reason, "base"), why);
	options->wan->base[0] = '\0';
	options->wan = NULL;
	return -EINVAL;
}
