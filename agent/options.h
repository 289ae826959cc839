/* SPDX-License-Identifier: MIT */
#ifndef MPTCP_WAN_AGENT_OPTIONS_H
#define MPTCP_WAN_AGENT_OPTIONS_H
#include <stdbool.h>
#include "lib/settings.h"

/*
 * The command line, and the settings that come of it and of the configuration file: options have
 * the last word, also when the file is read again.
 */
enum { OVERRIDES = 4 };

struct options {
	bool foreground, check_config, test_notification;
	const char *config;		/* NULL: the default, if it is there */
	bool config_read;		/* it was there, so it has to be there again */
	const char *forget;		/* the WAN, or NULL */
	const char *record;
	const char *user;		/* whom root becomes, or NULL */
	const char *overrides[OVERRIDES];	/* values of keys, by their row in options.c; or NULL */
};

/* Returns -1 to go on, or an exit status when all is said. Texts stay argv's. */
int options_parse(int argc, char **argv, struct options *);

/* The file that is read: there or not. */
const char *options_config(const struct options *);

/*
 * Reads it; the default may be missing as long as it was never there. Returns 0, or -errno with one
 * line in why (WHY_LEN); settings are then undefined.
 */
int options_settings(struct options *, struct settings *, char *why);
#endif
