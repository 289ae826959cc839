/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/registry.h"

static const char HEADER[] = "mptcp-wan-state 1";
enum { EVER_ENDPOINT = 1, EVER_JOINED = 2, LAST_BACKUP = 4 };
#define TIME_MOST_S (UINT64_C(1) << 40)

/*
 * No host gives as many. The MIB ends at twice as much: from a file that says more, the next index
 * would soon be one that neither the MIB nor this reader takes.
 */
enum { INDEX_MOST = INT32_MAX / 2 };

void registry_init(struct registry *registry)
{
	memset(registry, 0, sizeof(*registry));
	registry->next_index = 1;
}

int registry_find_device(const struct registry *registry, const char *ifname)
{
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used && !strcmp(registry->wans[slot].device, ifname))
			return slot;
	return -1;
}

int registry_find_name(const struct registry *registry, const char *name)
{
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used && !strcmp(registry->wans[slot].name, name))
			return slot;
	return -1;
}

/* A new WAN with the next index, or -1. */
static int add(struct registry *registry, const char *name, const char *device)
{
	for (int slot = 0; slot < WANS_MAX; slot++) {
		struct known_wan *wan = &registry->wans[slot];

		if (wan->used)
			continue;
		*wan = (struct known_wan){ .used = true, .index = registry->next_index++ };
		snprintf(wan->name, sizeof(wan->name), "%s", name);
		snprintf(wan->device, sizeof(wan->device), "%.15s", device);
		registry->dirty = true;
		return slot;
	}
	return -1;
}

int registry_on_address(const struct registry *registry, const struct address *address)
{
	/* Asked of each subflow. */
	for (int slot = 0; slot < WANS_MAX && registry->by_address; slot++) {
		const struct known_wan *wan = &registry->wans[slot];

		for (size_t i = 0; i < wan->address_count; i++)
			if (prefix_has(&wan->addresses[i], address))
				return slot;
	}
	return -1;
}

int registry_on_device(struct registry *registry, const char *ifname, uint64_t now_s)
{
	int slot = registry_find_device(registry, ifname);

	if (slot >= 0)
		return slot;
	if (!settings_name_fits(ifname))
		return -1;
	slot = registry_find_name(registry, ifname);
	if (slot >= 0) {
		struct known_wan *wan = &registry->wans[slot];

		/* It sits on another device or on addresses by configuration: this is not it. */
		if (wan->configured || wan->device[0])
			return -1;
		/* A configured WAN took its device once and has left it since. */
		memcpy(wan->device, ifname, strlen(ifname) + 1);
		registry->dirty = true;
		return slot;
	}
	slot = add(registry, ifname, ifname);
	if (slot >= 0 && now_s >= CLOCK_SET_S)
		registry->wans[slot].seen_s = now_s;
	return slot;
}

/*
 * --- what is configured ------------------------------------------------------------------------
 */

/* "" for one by addresses. */
static const char *device_of(const struct wan_settings *settings)
{
	if (settings->address_count)
		return "";
	return settings->device[0] ? settings->device : settings->name;
}

/* The slot that it has, or inherits: eth1 becomes wan1 and keeps its past. */
static int own_slot(const struct registry *registry, const struct wan_settings *settings)
{
	int slot = registry_find_name(registry, settings->name);

	if (slot >= 0 || settings->address_count)
		return slot;
	slot = registry_find_device(registry, device_of(settings));
	return slot >= 0 && !registry->wans[slot].configured ? slot : -1;
}

/* Forgets the one that is least missed; there may be none. */
static void make_room(struct registry *registry, registry_forgotten_fn fn, void *arg)
{
	int oldest = -1;

	for (int slot = 0; slot < WANS_MAX; slot++) {
		const struct known_wan *wan = &registry->wans[slot];

		if (!wan->used)
			return;
		if (!wan->configured && !wan->present &&
		    (oldest < 0 || wan->seen_s < registry->wans[oldest].seen_s))
			oldest = slot;
	}
	if (oldest < 0)
		return;
	if (fn)
		fn(arg, oldest);
	registry->wans[oldest] = (struct known_wan){ 0 };
	registry->dirty = true;
}

/* Where it is. Elsewhere than before it is a new line: connections of before owe it nothing. */
static void place(struct registry *registry, int slot, const struct wan_settings *settings)
{
	struct known_wan *wan = &registry->wans[slot];
	const char *device = device_of(settings);
	int former = *device ? registry_find_device(registry, device) : -1;

	if (former >= 0 && former != slot)
		registry->wans[former].device[0] = '\0';
	if (strcmp(wan->device, device) || wan->address_count != settings->address_count ||
	    memcmp(wan->addresses, settings->addresses, sizeof(wan->addresses)))
		wan->up_ms = 0;
	snprintf(wan->device, sizeof(wan->device), "%.15s", device);
	memcpy(wan->addresses, settings->addresses, sizeof(wan->addresses));
	wan->address_count = settings->address_count;
	registry->by_address |= wan->address_count > 0;
}

static void settle(struct registry *registry, int slot, const struct wan_settings *settings)
{
	struct known_wan *wan = &registry->wans[slot];

	place(registry, slot, settings);
	wan->configured = registry->dirty = true;
	memcpy(wan->name, settings->name, sizeof(wan->name));
	memcpy(wan->label, settings->label, sizeof(wan->label));
	memcpy(wan->base, settings->base, sizeof(wan->base));
	wan->role = settings->role;
	wan->rate_in_kbps = settings->rate_in_kbps;
	wan->rate_out_kbps = settings->rate_out_kbps;
}

/* As if nothing had been said of it; its place stays until it is said to be another. */
static void unsettle(struct known_wan *wan)
{
	wan->configured = false;
	wan->label[0] = wan->base[0] = '\0';
	wan->role = wan->rate_in_kbps = wan->rate_out_kbps = 0;
}

void registry_configure(struct registry *registry, const struct settings *settings,
			registry_forgotten_fn fn, void *arg)
{
	bool settled[WANS_MAX];

	registry->turned_away[0] = '\0';
	for (int slot = 0; slot < WANS_MAX; slot++)
		unsettle(&registry->wans[slot]);
	/* Before any of them looks for a device to inherit: a name that stays keeps its history. */
	for (size_t i = 0; i < settings->wan_count; i++) {
		int slot = registry_find_name(registry, settings->wans[i].name);

		if (slot >= 0)
			registry->wans[slot].configured = true;
	}
	/* Who has a slot or inherits one, before anybody needs room. */
	for (size_t i = 0; i < settings->wan_count; i++) {
		int slot = own_slot(registry, &settings->wans[i]);

		settled[i] = slot >= 0;
		if (settled[i])
			settle(registry, slot, &settings->wans[i]);
	}
	for (size_t i = 0; i < settings->wan_count; i++) {
		int slot;

		if (settled[i])
			continue;
		make_room(registry, fn, arg);
		slot = add(registry, settings->wans[i].name, "");
		if (slot >= 0)
			settle(registry, slot, &settings->wans[i]);
		else if (!registry->turned_away[0])
			memcpy(registry->turned_away, settings->wans[i].name, WAN_NAME_LEN);
	}
	for (int slot = 0; slot < WANS_MAX; slot++) {
		struct known_wan *wan = &registry->wans[slot];

		if (wan->configured)
			continue;
		memset(wan->addresses, 0, sizeof(wan->addresses));
		wan->address_count = 0;
	}
}

void registry_expire(struct registry *registry, uint64_t now_s, registry_forgotten_fn fn, void *arg)
{
	if (now_s < CLOCK_SET_S)
		return;
	for (int slot = 0; slot < WANS_MAX; slot++) {
		struct known_wan *wan = &registry->wans[slot];

		if (!wan->used || wan->configured || wan->present)
			continue;
		if (wan->seen_s < CLOCK_SET_S) {
			wan->seen_s = now_s;
			registry->dirty = true;
		}
		if (now_s < wan->seen_s + FORGOTTEN_AFTER_S)
			continue;
		fn(arg, slot);
		*wan = (struct known_wan){ 0 };
		registry->dirty = true;
	}
}

/*
 * --- what is had late --------------------------------------------------------------------------
 */

/* True: it has another index now. */
static bool join_past(struct registry *registry, struct known_wan *wan,
		      const struct registry *before)
{
	int slot = registry_find_name(before, wan->name);
	const struct known_wan *then = slot < 0 ? NULL : &before->wans[slot];
	uint32_t index = wan->index;

	wan->index = then ? then->index : registry->next_index++;
	if (then) {
		wan->ever_usable_endpoint |= then->ever_usable_endpoint;
		wan->ever_joined |= then->ever_joined;
		if (!wan->last_role)
			wan->last_role = then->last_role;
		if (wan->seen_s < then->seen_s)
			wan->seen_s = then->seen_s;
	}
	return wan->index != index;
}

static void join_absent(struct registry *registry, const struct known_wan *then)
{
	bool elsewhere = registry_find_device(registry, then->device) >= 0;

	for (int slot = 0; slot < WANS_MAX; slot++) {
		struct known_wan *wan = &registry->wans[slot];

		if (wan->used)
			continue;
		*wan = *then;
		/* Whoever is there now is known by another name. */
		if (elsewhere)
			wan->device[0] = '\0';
		return;
	}
}

bool registry_join(struct registry *registry, const struct registry *before)
{
	bool moved = false;

	registry->next_index = before->next_index;
	registry->by_address |= before->by_address;
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used)
			moved |= join_past(registry, &registry->wans[slot], before);
	for (int slot = 0; slot < WANS_MAX; slot++) {
		const struct known_wan *then = &before->wans[slot];

		if (then->used && registry_find_name(registry, then->name) < 0)
			join_absent(registry, then);
	}
	registry->dirty |= before->dirty;
	return moved;
}

bool registry_forget(struct registry *registry, const char *name)
{
	int slot = registry_find_name(registry, name);

	if (slot < 0)
		return false;
	registry->wans[slot] = (struct known_wan){ 0 };
	registry->dirty = true;
	return true;
}

static unsigned int flags_of(const struct known_wan *wan)
{
	return (wan->ever_usable_endpoint ? EVER_ENDPOINT : 0) |
	       (wan->ever_joined ? EVER_JOINED : 0) |
	       (wan->last_role == ROLE_BACKUP ? LAST_BACKUP : 0);
}

size_t registry_write(const struct registry *registry, char *text)
{
	size_t len = (size_t)snprintf(text, REGISTRY_TEXT_MOST, "%s\nnext %" PRIu32 "\n", HEADER,
				      registry->next_index);

	/* 64 lines of at most 120 octets: it fits. */
	for (int slot = 0; slot < WANS_MAX; slot++) {
		const struct known_wan *wan = &registry->wans[slot];

		if (wan->used)
			len += (size_t)snprintf(text + len, REGISTRY_TEXT_MOST - len,
						"wan %" PRIu32 " %s %s %u %" PRIu64 "\n",
						wan->index, wan->name,
						wan->device[0] ? wan->device : "-", flags_of(wan),
						wan->seen_s);
	}
	return len;
}

static bool index_taken(const struct registry *registry, uint32_t index)
{
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used && registry->wans[slot].index == index)
			return true;
	return false;
}

/*
 * Numbers are read as at most 19 digits, which fit 64 bits: scanf's own conversions take signs, and
 * wrap.
 */
enum { DIGITS_LEN = 20 };
#define DIGITS "%19[0-9]"

static bool read_number(const char *digits, uint64_t most, uint64_t *out)
{
	*out = strtoull(digits, NULL, 10);
	return *out <= most;
}

static bool read_wan(struct registry *registry, const char *line)
{
	char name[WAN_NAME_LEN], device[IFNAME_LEN];
	char digits[3][DIGITS_LEN];
	uint64_t index, flags, seen_s;
	int slot, end = 0;

	if (sscanf(line, "wan " DIGITS "%*1[ ]%31s%*1[ ]%15s%*1[ ]" DIGITS "%*1[ ]" DIGITS "%n",
		   digits[0], name, device, digits[1], digits[2], &end) != 5 ||
	    line[end])
		return false;
	if (!read_number(digits[0], INDEX_MOST, &index) || !index ||
	    !read_number(digits[1], UINT32_MAX, &flags) ||
	    !read_number(digits[2], TIME_MOST_S, &seen_s))
		return false;
	if (!settings_name_fits(name) || registry_find_name(registry, name) >= 0 ||
	    index_taken(registry, (uint32_t)index))
		return false;
	if (!strcmp(device, "-"))
		device[0] = '\0';
	slot = add(registry, name, device);
	if (slot < 0)
		return false;
	registry->wans[slot].index = (uint32_t)index;
	registry->wans[slot].ever_usable_endpoint = flags & EVER_ENDPOINT;
	registry->wans[slot].ever_joined = flags & EVER_JOINED;
	if (flags & EVER_ENDPOINT)
		registry->wans[slot].last_role = flags & LAST_BACKUP ? ROLE_BACKUP : ROLE_ACTIVE;
	registry->wans[slot].seen_s = seen_s;
	return true;
}

static bool read_line(struct registry *registry, const char *line, unsigned int number,
		      uint32_t *next)
{
	char digits[DIGITS_LEN];
	uint64_t index;
	int end = 0;

	if (number == 1)
		return !strcmp(line, HEADER);
	if (sscanf(line, "next " DIGITS "%n", digits, &end) != 1)
		return read_wan(registry, line);
	if (line[end] || !read_number(digits, INDEX_MOST + 1, &index) || !index)
		return false;
	*next = (uint32_t)index;
	return true;
}

unsigned int registry_read(struct registry *registry, const char *text, size_t len)
{
	unsigned int number = 0, bad = 0;
	uint32_t next = 1;
	char line[160];

	for (size_t start = 0; start < len;) {
		const char *newline = memchr(text + start, '\n', len - start);
		size_t line_len = newline ? (size_t)(newline - text) - start : len - start;

		number++;
		if (line_len < sizeof(line)) {
			memcpy(line, text + start, line_len);
			line[line_len] = '\0';
		}
		/* A last line without its end was cut short while it was written. */
		if (!newline || line_len >= sizeof(line) || strlen(line) != line_len ||
		    !read_line(registry, line, number, &next))
			bad = bad ? bad : number;
		start += line_len + 1;
	}
	/* No index is given twice, whatever the file says. */
	for (int slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used && registry->wans[slot].index >= next)
			next = registry->wans[slot].index + 1;
	registry->next_index = next;
	registry->dirty = false;
	return bad ? bad : number < 2;
}
