/* SPDX-License-Identifier: MIT */
/* What a WAN may be called, where it is, and what else is told of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/settings.h"
#include "lib/utf8.h"
#include "lib/value.h"

enum { RATE_MOST_KBPS = 1000 * 1000 * 1000 };

static const char *role_word(size_t i, uint32_t *role)
{
	static const char *const words[] = { "active", "backup" };

	*role = ROLE_ACTIVE + (uint32_t)i;
	return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

static const char *alarm_word(size_t i, uint32_t *bits)
{
	uint32_t type = ALARM_UP_BUT_IDLE + (uint32_t)i;

	*bits = type <= ALARM_LINE_DOWN ? UINT32_C(1) << type
					: 1u << ALARM_UP_BUT_IDLE | 1u << ALARM_LINE_DOWN;
	if (type <= ALARM_LINE_DOWN)
		return alarm_type_words[type];
	return type == ALARM_LINE_DOWN + 1 ? "all" : NULL;
}

/* Those that concern nobody else. */
#define KEY(key, field, k, ...)                                                                    \
	{ .name = key, .kind = VALUE_##k, .offset = offsetof(struct wan_settings, field),          \
	  __VA_ARGS__ }
static const struct value_key keys[] = {
	KEY("label", label, TEXT, 0, LABEL_LEN - 1),
	KEY("role", role, CHOICE, .word = role_word),
	KEY("rate-in", rate_in_kbps, RATE, 0, RATE_MOST_KBPS),
	KEY("rate-out", rate_out_kbps, RATE, 0, RATE_MOST_KBPS),
	KEY("shelve", shelved, SET, .word = alarm_word),
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

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
		value_refuse(why, "wan", name,
			     "is no name for a WAN: 1 to 31 printable letters, not host or limits");
		return NULL;
	}
	for (size_t i = 0; i < settings->wan_count; i++) {
		if (!strcmp(settings->wans[i].name, name)) {
			value_refuse(why, "wan", name, "is defined twice");
			return NULL;
		}
	}
	if (settings->wan_count == WANS_MAX) {
		value_refuse(why, "wan", name, "is one too many: 64 at most");
		return NULL;
	}
	wan = &settings->wans[settings->wan_count++];
	*wan = (struct wan_settings){ 0 };
	strcpy(wan->name, name);
	return wan;
}

/*
 * --- where it is -------------------------------------------------------------------------------
 */

/* Whether another WAN is on that interface, by its device or by its name. */
static bool taken(const struct settings *settings, const struct wan_settings *wan,
		  const char *device)
{
	for (size_t i = 0; i < settings->wan_count; i++) {
		const struct wan_settings *other = &settings->wans[i];

		if (other != wan && !other->address_count &&
		    !strcmp(other->device[0] ? other->device : other->name, device))
			return true;
	}
	return false;
}

static int set_device(struct settings *settings, struct wan_settings *wan, const char *value,
		      char *why)
{
	if (!settings_name_fits(value) || strlen(value) >= IFNAME_LEN)
		return value_refuse(why, "device", value, "is no name of an interface");
	if (wan->address_count)
		return value_refuse(why, "device", value, "cannot be set beside addresses");
	if (taken(settings, wan, value))
		return value_refuse(why, "device", value, "belongs to another WAN already");
	strcpy(wan->device, value);
	return 0;
}

static bool holds_loopback(const struct prefix *prefix)
{
	struct prefix v4, v6;

	return prefix_parse("127.0.0.0/8", &v4) && prefix_parse("::1", &v6) &&
	       (prefix_overlaps(prefix, &v4) || prefix_overlaps(prefix, &v6));
}

/* The name of the WAN that has some of these addresses; NULL: none. */
static const char *owner_of(const struct settings *settings, const struct prefix *prefix)
{
	for (size_t i = 0; i < settings->wan_count; i++)
		for (size_t j = 0; j < settings->wans[i].address_count; j++)
			if (prefix_overlaps(&settings->wans[i].addresses[j], prefix))
				return settings->wans[i].name;
	return NULL;
}

static int add_prefix(const struct settings *settings, struct wan_settings *wan, const char *word,
		      char *why)
{
	struct prefix prefix;
	const char *owner;
	char reason[80];

	if (!prefix_parse(word, &prefix))
		return value_refuse(why, "addresses", word,
				    "is neither an address nor a prefix like 192.0.2.0/24");
	if (holds_loopback(&prefix))
		return value_refuse(why, "addresses", word, "has addresses of the loopback in it");
	owner = owner_of(settings, &prefix);
	if (owner && strcmp(owner, wan->name)) {
		snprintf(reason, sizeof(reason), "overlaps with addresses of %s", owner);
		return value_refuse(why, "addresses", word, reason);
	}
	for (size_t i = 0; i < wan->address_count; i++)
		if (!memcmp(&wan->addresses[i], &prefix, sizeof(prefix)))
			return 0;
	if (wan->address_count == PREFIXES_MOST)
		return value_refuse(why, "addresses", word, "is one too many: 8 at most");
	wan->addresses[wan->address_count++] = prefix;
	return 0;
}

static int set_addresses(struct settings *settings, struct wan_settings *wan, const char *value,
			 char *why)
{
	struct wan_settings fresh = *wan;
	char word[VALUE_WORD_MOST];
	const char *rest = value;

	if (*value && wan->device[0])
		return value_refuse(why, "addresses", value, "cannot be set beside a device");
	if (!*value)
		fresh.address_count = 0;
	while (value_next_word(&rest, word))
		if (add_prefix(settings, &fresh, word, why))
			return -EINVAL;
	*wan = fresh;
	return 0;
}

static void get_addresses(const struct wan_settings *wan, char *text)
{
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; i < wan->address_count; i++) {
		const struct prefix *prefix = &wan->addresses[i];
		char address[INET6_ADDRSTRLEN];

		inet_ntop(prefix->address.family, prefix->address.bytes, address, sizeof(address));
		len += (size_t)snprintf(text + len, VALUE_TEXT_MOST - len, "%s%s/%u",
					len ? ", " : "", address, prefix->bits);
	}
}

_Static_assert(PREFIXES_MOST * (INET6_ADDRSTRLEN + sizeof(", /128")) <= VALUE_TEXT_MOST,
	       "get_addresses()");

/* Who it is may come later in the file: settings_check() looks. */
static int set_base(struct settings *settings, struct wan_settings *wan, const char *value,
		    char *why)
{
	(void)settings;
	if (*value && !settings_name_fits(value))
		return value_refuse(why, "base", value, "is no name of a WAN");
	strcpy(wan->base, value);
	return 0;
}

/* Those that have to do with other WANs. */
static const struct {
	const char *name;
	int (*set)(struct settings *settings, struct wan_settings *wan, const char *value,
		   char *why);
} places[] = { { "device", set_device }, { "addresses", set_addresses }, { "base", set_base } };
enum { PLACES = sizeof(places) / sizeof(places[0]) };

/*
 * --- all of it ---------------------------------------------------------------------------------
 */

int settings_check_wan(const struct settings *settings, const struct wan_settings *wan, char *why)
{
	if (wan->device[0] || wan->address_count)
		return 0;
	if (strlen(wan->name) >= IFNAME_LEN)
		return value_refuse(why, "wan", wan->name,
				    "needs a device: its name is too long for an interface's");
	if (taken(settings, wan, wan->name))
		return value_refuse(
			why, "wan", wan->name,
			"needs a device: the interface of its name belongs to another WAN");
	return 0;
}

int settings_set_wan(struct settings *settings, struct wan_settings *wan, const char *key,
		     const char *value, char *why)
{
	for (size_t i = 0; i < PLACES; i++)
		if (!strcmp(key, places[i].name))
			return places[i].set(settings, wan, value, why);
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(key, keys[i].name))
			return value_set(wan, &keys[i], value, why);
	snprintf(why, WHY_LEN, "unknown key '%.48s'", key);
	utf8_line(why);
	return -EINVAL;
}

bool settings_get_wan(const struct wan_settings *wan, size_t i, char *text)
{
	if (i >= PLACES)
		return value_get(wan, &keys[i - PLACES], text);
	if (places[i].set == set_addresses)
		get_addresses(wan, text);
	else
		strcpy(text, places[i].set == set_device ? wan->device : wan->base);
	return true;
}

const char *settings_wan_key(size_t i)
{
	if (i < PLACES)
		return places[i].name;
	return i - PLACES < KEYS ? keys[i - PLACES].name : NULL;
}
