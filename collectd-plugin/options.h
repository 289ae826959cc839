/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_OPTIONS_H
#define COLLECTD_PLUGIN_OPTIONS_H
#include "lib/settings.h"

/*
 * The options of <Plugin mptcp>. Their names are the keys of the settings by a rule: raise-after is
 * RaiseAfter, a list may be in the singular (Address for addresses), and capitals do not matter.
 * Flat ones do; <WAN "name"> and <Expect> are blocks. A bad one is refused and the rest goes on, so
 * every function that returns -EINVAL has changed nothing but what its comment says, and gives one
 * line in why (WHY_LEN octets) that names option and value.
 */
struct options {
	struct settings settings;
	struct wan_settings *wan;	/* whose block is open, or NULL */
	bool expecting;			/* within <Expect> */
};

/* The agent's defaults, but for the state: none is kept unless StateDir says where. */
void options_default(struct options *);

/* An option with its value as text, in the block that is open, or flat. A list: one call each. */
int options_set(struct options *, const char *name, const char *value, char *why);

/* A block begins; title is "" for none. When it is refused, it is not open. */
int options_open(struct options *, const char *block, const char *title, char *why);

/* It ends. A WAN that cannot be is taken away again: -EINVAL. */
int options_close(struct options *, char *why);

/*
 * When everything is set: returns 0, or -EINVAL when something does not fit the rest; that is back
 * at its default then, and there may be more: ask until 0.
 */
int options_check(struct options *, char *why);
#endif
