/* SPDX-License-Identifier: MIT */
#ifndef LIB_SETTINGS_H
#define LIB_SETTINGS_H
#include <stddef.h>
#include "lib/model.h"

/*
 * What an operator may set, with one setter for every front end's syntax. All times in
 * milliseconds. Values that settings_set() took are within their bounds; nothing else checks them
 * again.
 */
enum { PATH_LEN = 108, WHY_LEN = 256 };	/* PATH_LEN: sun_path of a Unix socket */

struct wan_settings {
	char name[WAN_NAME_LEN];
	char device[IFNAME_LEN];	/* "": of the same name */
	char label[LABEL_LEN];		/* "": the interface's alias */
	uint32_t role;			/* enum wan_role; 0: as the endpoints' backup flag says */
};

struct settings {
	uint32_t interval_ms;		/* between polls */
	uint32_t window_ms;		/* over which a line is carrying or not */
	uint32_t floor_octets;		/* a minute and direction; less is not carrying */
	uint32_t join_grace_ms;		/* a connection's subflows may take so long */
	uint32_t subflows_most;		/* that the ledger follows */
	bool bpf, events;		/* may be used */
	char agentx_socket[PATH_LEN];	/* "": net-snmp's default */
	char state_dir[PATH_LEN], run_dir[PATH_LEN];
	struct wan_settings wans[WANS_MAX];
	size_t wan_count;
};

void settings_default(struct settings *);

/*
 * Sets one key from text. Returns 0, or -EINVAL with one line in why (at most WHY_LEN octets) that
 * names key and value; the settings are then as before. Durations: seconds, or with a unit: 500ms,
 * 5s, 2m.
 */
int settings_set(struct settings *, const char *key, const char *value, char *why);

/* The i-th key, for a parser that must know them beforehand; NULL after the last. */
const char *settings_key(size_t i);

/*
 * A new WAN. NULL with the reason in why: bad name, defined twice, one too many. Valid until the
 * next one is added.
 */
struct wan_settings *settings_add_wan(struct settings *, const char *name, char *why);

/* A key of a WAN (device, label, role); as settings_set(). */
int settings_set_wan(struct settings *, struct wan_settings *, const char *key, const char *value,
		     char *why);

/*
 * To be asked when all keys of a WAN are set: one without a device is on the interface of its name,
 * so there must be such names, and nobody else may be on it. 0, or -EINVAL with the reason in why.
 */
int settings_check_wan(const struct settings *, const struct wan_settings *, char *why);

/*
 * The name of a WAN or an interface: 1 to 31 printable octets without space, slash or quotes, and
 * not reserved.
 */
bool settings_name_fits(const char *name);
#endif
