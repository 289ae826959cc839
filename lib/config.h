/* SPDX-License-Identifier: MIT */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H
#include "lib/settings.h"

#define CONFIG_FILE "/etc/mptcp-wan.conf"

/*
 * Reads a configuration file (libconfuse's syntax) over the settings given:
 *   interval = 5s
 *   expect { subflows = 5 }
 *   wan wan1 { device = eth1  label = "Fibre"  role = active }
 * Returns 0, -ENOENT when there is no such file, or another -errno; why then holds one line with
 * file, line and reason (WHY_LEN octets), and the settings are as before.
 */
int config_read(const char *path, struct settings *, char *why);
#endif
