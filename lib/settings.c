/* SPDX-License-Identifier: MIT */
/* The flat keys. What a WAN may have is in settings_wan.c, how a value is read in value.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "lib/finding.h"
#include "lib/settings.h"
#include "lib/utf8.h"
#include "lib/value.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { LIMIT_MOST = 255 };	/* of subflows and addresses: the kernel's are octets */

static const char *role_word(size_t i, uint32_t *role)
{
	static const char *const words[] = { "auto", [ROLE_ROUTER] = "router",
					     [ROLE_AGGREGATOR] = "aggregator" };

	*role = (uint32_t)i;
	return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

static const char *bpf_word(size_t i, uint32_t *use)
{
	*use = BPF_TRACEPOINT;
	return i ? NULL : "tracepoint";
}

_Static_assert(CAUSE_DRIFT < 32, "causes of the host are bits of shelved_host");

static const char *host_cause_word(size_t i, uint32_t *bit)
{
	for (uint32_t cause = 0; cause <= CAUSE_DRIFT; cause++) {
		if (cause_kind(cause) != FINDING_HOST || i--)
			continue;
		*bit = UINT32_C(1) << cause;
		return cause_words[cause];
	}
	return NULL;
}

/* Every flat key: where it goes and what it may be. */
#define KEY(key, field, k, ...)                                                                    \
	{ .name = key, .kind = VALUE_##k, .offset = offsetof(struct settings, field),              \
	  __VA_ARGS__ }
static const struct value_key keys[] = {
	KEY("interval", interval_ms, DURATION, 100, HOUR),
	KEY("cpu-budget", cpu_budget, NUMBER, 1, 100),
	KEY("window", window_ms, DURATION, SECOND, HOUR),
	KEY("floor", floor_octets, NUMBER, 1, 1000 * 1000 * 1000),
	KEY("join-grace", join_grace_ms, DURATION, 0, 10 * MINUTE),
	KEY("subflows-most", subflows_most, NUMBER, 1000, 10 * 1000 * 1000),
	KEY("pressure-window", pressure_window_ms, DURATION, SECOND, HOUR),
	KEY("raise-after", raise_after_ms, DURATION, 0, DAY),
	KEY("raise-idle-after", raise_idle_after_ms, DURATION, 0, DAY),
	KEY("idle-memory", idle_memory_ms, DURATION, SECOND, DAY),
	KEY("raise-avoided-after", raise_avoided_after_ms, DURATION, 0, DAY),
	KEY("raise-backup-after", raise_backup_after_ms, DURATION, 0, DAY),
	KEY("clear-after", clear_after_ms, DURATION, 0, DAY),
	KEY("flap-window", flap_window_ms, DURATION, 0, DAY),
	KEY("far-silent-after", far_silent_ms, DURATION, SECOND, HOUR),
	KEY("role", role, CHOICE, .word = role_word),
	KEY("shelve", shelved_host, SET, .word = host_cause_word),
	KEY("announce-on-attach", announce_on_attach, SWITCH),
	KEY("on-alarm", on_alarm, PATH, 0, PATH_LEN - 1),
	KEY("expect-subflows", expect.subflows, MAYBE, 0, LIMIT_MOST),
	KEY("expect-add-addr", expect.add_addr, MAYBE, 0, LIMIT_MOST),
	KEY("expect-scheduler", expect.scheduler, WORD, 0, WORD_LEN - 1),
	KEY("expect-path-manager", expect.path_manager, WORD, 0, WORD_LEN - 1),
	KEY("expect-ceiling", expect.ceiling, NUMBER, 0, LIMIT_MOST),
	KEY("bpf", bpf, SWITCH_OR, .word = bpf_word),
	KEY("events", events, SWITCH),
	KEY("agentx-socket", agentx_socket, PATH, 1, PATH_LEN - 1),
	KEY("state-dir", state_dir, PATH, 1, PATH_LEN - 1),
	KEY("run-dir", run_dir, PATH, 1, PATH_LEN - 1),
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

void settings_default(struct settings *settings)
{
	*settings = (struct settings){
		.interval_ms = 5 * SECOND,
		.cpu_budget = 2,
		.window_ms = 30 * SECOND,
		.floor_octets = 64000,
		.join_grace_ms = 10 * SECOND,
		.subflows_most = 262144,
		.pressure_window_ms = 10 * SECOND,
		.raise_after_ms = 60 * SECOND,
		.raise_idle_after_ms = 120 * SECOND,
		.idle_memory_ms = 30 * MINUTE,
		.raise_avoided_after_ms = 15 * MINUTE,
		.raise_backup_after_ms = 10 * MINUTE,
		.clear_after_ms = 30 * SECOND,
		.flap_window_ms = 10 * MINUTE,
		.far_silent_ms = 10 * SECOND,
		.bpf = BPF_USED,
		.events = true,
		.state_dir = "/var/lib/mptcp-wan",
		.run_dir = "/run/mptcp-wan",
	};
}

int settings_set(struct settings *settings, const char *name, const char *value, char *why)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(name, keys[i].name))
			return value_set(settings, &keys[i], value, why);
	snprintf(why, WHY_LEN, "unknown key '%.48s'", name);
	utf8_line(why);
	return -EINVAL;
}

const char *settings_key(size_t i)
{
	return i < KEYS ? keys[i].name : NULL;
}

bool settings_get(const struct settings *settings, size_t i, char *text)
{
	return value_get(settings, &keys[i], text);
}

bool settings_key_is_list(const char *key)
{
	return !strcmp(key, "shelve") || !strcmp(key, "addresses");
}

/*
 * --- all of it together ------------------------------------------------------------------------
 */

static const struct wan_settings *base_of(const struct settings *settings,
					  const struct wan_settings *wan)
{
	for (size_t i = 0; *wan->base && i < settings->wan_count; i++)
		if (!strcmp(settings->wans[i].name, wan->base))
			return &settings->wans[i];
	return NULL;
}

/* NULL, or what is wrong with it. */
static const char *bad_base(const struct settings *settings, const struct wan_settings *wan)
{
	const struct wan_settings *base = base_of(settings, wan);

	if (!*wan->base)
		return NULL;
	if (!base)
		return "is no WAN of this configuration";
	if (base == wan)
		return "is the WAN itself";
	/* A circle that does not come back here is told of those that are in it. */
	for (size_t steps = 0; base && steps < settings->wan_count; steps++) {
		base = base_of(settings, base);
		if (base == wan)
			return "has this WAN as its own base, directly or over others";
	}
	return NULL;
}

int settings_check(const struct settings *settings, struct settings_fault *fault, char *why)
{
	*fault = (struct settings_fault){ 0 };
	for (size_t i = 0; i < settings->wan_count; i++) {
		const char *reason = bad_base(settings, &settings->wans[i]);

		if (!reason)
			continue;
		fault->wan = &settings->wans[i];
		return value_refuse(why, "base", settings->wans[i].base, reason);
	}
	if (settings->raise_idle_after_ms <= settings->idle_memory_ms)
		return 0;
	fault->key = "raise-idle-after";
	snprintf(why, WHY_LEN,
		 "raise-idle-after: %u s under pressure are never seen within idle-memory, %u s",
		 settings->raise_idle_after_ms / SECOND, settings->idle_memory_ms / SECOND);
	return -EINVAL;
}
