/* SPDX-License-Identifier: MIT */
#ifndef LIB_STATE_H
#define LIB_STATE_H
#include "lib/registry.h"

/*
 * The state directory: the file "wans" (the text of registry_write()) and "lock". Each function
 * gives one line in why (WHY_LEN octets) that names the file when it does not return 0 or a
 * descriptor.
 */

/*
 * Makes the directory if need be (0755) and takes its lock, so that two agents never share it.
 * Returns a descriptor to keep open, or -errno: -EBUSY when somebody else holds it (why names the
 * process).
 */
int state_lock(const char *dir, char *why);

/*
 * Reads the WANs known from before into an initialized registry. Returns
 *   0		read, or nothing there yet
 *   -EBADMSG	some of it was bad: the good lines were taken, the file was kept aside as "wans.bad"
 *   other -errno	it could not be read: do not write it
 */
int state_load(const char *dir, struct registry *, char *why);

/*
 * Writes them, whole or not at all (a new file, renamed into place). Returns 0 or -errno; clears
 * registry->dirty on 0.
 */
int state_save(const char *dir, struct registry *, char *why);
#endif
