/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/settings.h"

enum kind { DURATION, NUMBER, SWITCH, PATH };

/* Every flat key: where it goes and what it may be. */
#define KEY(key, field, k, ...) { key, k, offsetof(struct settings, field), __VA_ARGS__ }
static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;
	uint32_t least, most;
} keys[] = {
	KEY("interval", interval_ms, DURATION, 100, 3600 * 1000),
	KEY("window", window_ms, DURATION, 1000, 3600 * 1000),
	KEY("floor", floor_octets, NUMBER, 1, 1000 * 1000 * 1000),
	KEY("join-grace", join_grace_ms, DURATION, 0, 600 * 1000),
	KEY("subflows-most", subflows_most, NUMBER, 1000, 10 * 1000 * 1000),
	KEY("bpf", bpf, SWITCH, 0, 1),
	KEY("events", events, SWITCH, 0, 1),
	KEY("agentx-socket", agentx_socket, PATH, 0, 0),
	KEY("state-dir", state_dir, PATH, 0, 0),
	KEY("run-dir", run_dir, PATH, 0, 0),
};

void settings_default(struct settings *settings)
{
	*settings = (struct settings){
		.interval_ms = 5000,
		.window_ms = 30000,
		.floor_octets = 64000,
		.join_grace_ms = 10000,
		.subflows_most = 262144,
		.pressure_window_ms = 10000,
		.raise_after_ms = 60000,
		.raise_idle_after_ms = 120000,
		.idle_memory_ms = 1800000,
		.raise_avoided_after_ms = 900000,
		.raise_backup_after_ms = 600000,
		.clear_after_ms = 30000,
		.flap_window_ms = 600000,
		.far_silent_ms = 10000,
		.bpf = true,
		.events = true,
		.state_dir = "/var/lib/mptcp-wan",
		.run_dir = "/run/mptcp-wan",
	};
}

static int refuse(char *why, const char *key, const char *value, const char *reason)
{
	snprintf(why, WHY_LEN, "%s: '%.48s' %s", key, value, reason);
	return -EINVAL;
}

/* A whole number; *rest is what follows it. */
static bool digits(const char *text, uint64_t *out, const char **rest)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	*rest = end;
	return !errno && *out <= UINT32_MAX;
}

static bool duration_ms(const char *text, uint64_t *out)
{
	static const struct { const char *unit; uint32_t ms; } units[] = {
		{ "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 },
	};
	const char *unit;

	if (!digits(text, out, &unit))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(unit, units[i].unit)) {
			*out *= units[i].ms;
			return true;
		}
	}
	return false;
}

static int set_number(struct settings *settings, const struct key *key, const char *value,
		      char *why)
{
	uint64_t number;
	const char *rest;
	char reason[64];

	if (key->kind == DURATION) {
		if (!duration_ms(value, &number))
			return refuse(why, key->name, value,
				      "is no time: seconds, or 500ms, 5s, 2m");
	} else if (!digits(value, &number, &rest) || *rest) {
		return refuse(why, key->name, value, "is no whole number");
	}
	if (number < key->least || number > key->most) {
		snprintf(reason, sizeof(reason), "is not within %u and %u%s", key->least, key->most,
			 key->kind == DURATION ? " ms" : "");
		return refuse(why, key->name, value, reason);
	}
	*(uint32_t *)((char *)settings + key->offset) = (uint32_t)number;
	return 0;
}

static int set_switch(struct settings *settings, const struct key *key, const char *value,
		      char *why)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(value, words[i])) {
			*(bool *)((char *)settings + key->offset) = i & 1;
			return 0;
		}
	}
	return refuse(why, key->name, value, "is neither true nor false");
}

static int set_path(struct settings *settings, const struct key *key, const char *value, char *why)
{
	if (*value != '/')
		return refuse(why, key->name, value, "is no absolute path");
	if (strlen(value) >= PATH_LEN)
		return refuse(why, key->name, value, "is too long: 107 octets at most");
	strcpy((char *)settings + key->offset, value);
	return 0;
}

int settings_set(struct settings *settings, const char *name, const char *value, char *why)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct key *key = &keys[i];

		if (strcmp(name, key->name))
			continue;
		switch (key->kind) {
		case SWITCH:
			return set_switch(settings, key, value, why);
		case PATH:
			return set_path(settings, key, value, why);
		case DURATION:
		case NUMBER:
			return set_number(settings, key, value, why);
		}
	}
	snprintf(why, WHY_LEN, "unknown key '%.48s'", name);
	return -EINVAL;
}

const char *settings_key(size_t i)
{
	return i < sizeof(keys) / sizeof(keys[0]) ? keys[i].name : NULL;
}

bool settings_name_fits(const char *name)
{
	static const char *const reserved[] = { "host", "limits" };
	size_t len = strlen(name);

	if (!len || len >= WAN_NAME_LEN)
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcmp(name, reserved[i]))
			return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] >= 0x7f || strchr("/\\\"'", name[i]))
			return false;
	return true;
}

struct wan_settings *settings_add_wan(struct settings *settings, const char *name, char *why)
{
	struct wan_settings *wan;

	if (!settings_name_fits(name)) {
		refuse(why, "wan", name,
		       "is no name for a WAN: 1 to 31 printable letters, not host or limits");
		return NULL;
	}
	for (size_t i = 0; i < settings->wan_count; i++) {
		if (!strcmp(settings->wans[i].name, name)) {
			refuse(why, "wan", name, "is defined twice");
			return NULL;
		}
	}
	if (settings->wan_count == WANS_MAX) {
		refuse(why, "wan", name, "is one too many: 64 at most");
		return NULL;
	}
	wan = &settings->wans[settings->wan_count++];
	*wan = (struct wan_settings){ 0 };
	strcpy(wan->name, name);
	return wan;
}

/* Whether another WAN is on that interface, by its device or by its name. */
static bool taken(const struct settings *settings, const struct wan_settings *wan,
		  const char *device)
{
	for (size_t i = 0; i < settings->wan_count; i++) {
		const struct wan_settings *other = &settings->wans[i];

		if (other != wan && !strcmp(other->device[0] ? other->device : other->name, device))
			return true;
	}
	return false;
}

static int set_device(struct settings *settings, struct wan_settings *wan, const char *value,
		      char *why)
{
	if (!settings_name_fits(value) || strlen(value) >= IFNAME_LEN)
		return refuse(why, "device", value, "is no name of an interface");
	if (taken(settings, wan, value))
		return refuse(why, "device", value, "belongs to another WAN already");
	strcpy(wan->device, value);
	return 0;
}

int settings_check_wan(const struct settings *settings, const struct wan_settings *wan, char *why)
{
	if (wan->device[0])
		return 0;
	if (strlen(wan->name) >= IFNAME_LEN)
		return refuse(why, "wan", wan->name,
			      "needs a device: its name is too long for an interface's");
	if (taken(settings, wan, wan->name))
		return refuse(why, "wan", wan->name,
			      "needs a device: the interface of its name belongs to another WAN");
	return 0;
}

int settings_set_wan(struct settings *settings, struct wan_settings *wan, const char *key,
		     const char *value, char *why)
{
	if (!strcmp(key, "device"))
		return set_device(settings, wan, value, why);
	if (!strcmp(key, "label")) {
		if (strlen(value) >= LABEL_LEN)
			return refuse(why, key, value, "is too long: 63 octets at most");
		strcpy(wan->label, value);
		return 0;
	}
	if (!strcmp(key, "role")) {
		if (strcmp(value, "active") && strcmp(value, "backup"))
			return refuse(why, key, value, "is neither active nor backup");
		wan->role = *value == 'a' ? ROLE_ACTIVE : ROLE_BACKUP;
		return 0;
	}
	snprintf(why, WHY_LEN, "unknown key '%.48s'", key);
	return -EINVAL;
}
