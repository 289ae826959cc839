/* SPDX-License-Identifier: MIT */
#ifndef LIB_SETTINGS_H
#define LIB_SETTINGS_H
#include <stddef.h>
#include "lib/prefix.h"

/*
 * What an operator may set, with one setter for every front end's syntax. All times in
 * milliseconds. Values that settings_set() took are within their bounds; nothing else checks them
 * again.
 */
enum { PATH_LEN = 108, WHY_LEN = 384 };	/* PATH_LEN: sun_path of a Unix socket */

enum { PREFIXES_MOST = 8 };

struct wan_settings {
	char name[WAN_NAME_LEN];
	char device[IFNAME_LEN];	/* "": of the same name */
	char label[LABEL_LEN];		/* "": the interface's alias */
	uint32_t role;			/* enum wan_role; 0: as the endpoints' backup flag says */
	struct prefix addresses[PREFIXES_MOST];	/* in place of a device: whoever has one of them */
	size_t address_count;
	char base[WAN_NAME_LEN];	/* the WAN that this one's tunnel runs over; "": none */
	uint32_t rate_in_kbps, rate_out_kbps;	/* what the line can do; 0: not told */
	uint32_t shelved;		/* bit enum alarm_type: its alarms of that type are shelved */
};

/* What the owner meant to be in force; drift from it is told. */
struct expectations {
	struct maybe_u32 subflows, add_addr;	/* limits */
	char scheduler[WORD_LEN], path_manager[WORD_LEN];	/* "": anything */
	uint32_t ceiling;		/* the greatest limit that both kernels take; 0: not told */
};

enum bpf_use {
	BPF_NOT_USED,
	BPF_USED,	/* in the best way that the kernel lets us */
	BPF_TRACEPOINT	/* lives by tracepoints: another sock_ops program is in the way of ours */
};

struct settings {
	uint32_t interval_ms;		/* between polls; see lib/pace.h */
	uint32_t cpu_budget;		/* of polls: percent of one core */
	uint32_t window_ms;		/* over which a line is carrying or not */
	uint32_t floor_octets;		/* a minute and direction; less is not carrying */
	uint32_t join_grace_ms;		/* a connection's subflows may take so long */
	uint32_t subflows_most;		/* that the ledger follows */
	uint32_t pressure_window_ms;	/* the samples of which 80 % must be under pressure */
	uint32_t raise_after_ms;	/* structural causes, lines down, the host's */
	uint32_t raise_idle_after_ms;	/* under pressure, within idle_memory_ms */
	uint32_t idle_memory_ms;
	uint32_t raise_avoided_after_ms;	/* the same, and so long since it began: scheduler-avoids */
	uint32_t raise_backup_after_ms;	/* backup-not-ready */
	uint32_t clear_after_ms;
	uint32_t flap_window_ms;	/* coming and going within it is flapping */
	uint32_t far_silent_ms;		/* nothing acknowledged for so long is a silent far end */
	uint32_t role;			/* enum host_role; 0: as the connections say */
	uint32_t shelved_host;		/* bit enum cause: the host's alarms of that cause are shelved */
	bool announce_on_attach;	/* a new AgentX session is told the active alarms again */
	char on_alarm[PATH_LEN];	/* a program run at each transition; "": none */
	struct expectations expect;
	uint32_t bpf;			/* enum bpf_use */
	bool events;			/* may be used */
	char agentx_socket[PATH_LEN];	/* "": net-snmp's default */
	char state_dir[PATH_LEN], run_dir[PATH_LEN];
	struct wan_settings wans[WANS_MAX];
	size_t wan_count;
};

void settings_default(struct settings *);

/*
 * Sets one key from text. Returns 0, or -EINVAL with one line in why (at most WHY_LEN octets) that
 * names key and value; the settings are then as before. Durations: seconds, or with a unit: 500ms,
 * 5s, 2m. A list: "a, b", or one call each; "" empties it. What was expected is set by
 * expect-subflows and so on.
 */
int settings_set(struct settings *, const char *key, const char *value, char *why);

/*
 * The i-th key, and the i-th of a WAN, for a parser that must know them beforehand; NULL after the
 * last. Whether one of either takes a list.
 */
const char *settings_key(size_t i);
const char *settings_wan_key(size_t i);
bool settings_key_is_list(const char *key);

/*
 * The values of settings_key(i) and settings_wan_key(i), as text that sets the same
 * (VALUE_TEXT_MOST octets, lib/value.h); false where nothing does, since it is not set.
 */
bool settings_get(const struct settings *, size_t i, char *text);
bool settings_get_wan(const struct wan_settings *, size_t i, char *text);

/*
 * All of it in the configuration file's syntax: config_read() makes the same of it over the
 * defaults. For the caller to free; NULL: no memory. (settings_print.c)
 */
char *settings_print(const struct settings *);

/*
 * A new WAN. NULL with the reason in why: bad name, defined twice, one too many. Valid until the
 * next one is added.
 */
struct wan_settings *settings_add_wan(struct settings *, const char *name, char *why);

/* A key of a WAN (device, label, addresses ...); as settings_set(). */
int settings_set_wan(struct settings *, struct wan_settings *, const char *key, const char *value,
		     char *why);

/*
 * To be asked when all keys of a WAN are set: one without device and addresses is on the interface
 * of its name, so there must be such names, and nobody else may be on it. 0, or -EINVAL with the
 * reason in why.
 */
int settings_check_wan(const struct settings *, const struct wan_settings *, char *why);

/*
 * To be asked when everything is set: what takes all of it to say. 0, or -EINVAL with the reason in
 * why and, for a parser that knows the lines, the key or the WAN at fault.
 */
struct settings_fault {
	const char *key;			/* NULL: base of the WAN */
	const struct wan_settings *wan;		/* NULL: the key */
};
int settings_check(const struct settings *, struct settings_fault *, char *why);

/*
 * The name of a WAN or an interface: 1 to 31 printable octets without space, slash or quotes, and
 * not reserved.
 */
bool settings_name_fits(const char *name);
#endif
