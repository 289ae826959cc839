/* SPDX-License-Identifier: MIT */
#ifndef LIB_ALARM_FILE_H
#define LIB_ALARM_FILE_H
#include "lib/alarm.h"

/*
 * The file "alarms" in the state directory: alarms_save()'s text. Each function gives one line in
 * why (WHY_LEN octets) that names the file when it does not return 0.
 */

/*
 * Into alarms just made, or late: see alarms_load(). Returns
 *   0		read, or nothing there yet
 *   -EBADMSG	it was bad: nothing was taken, and it was kept aside as "alarms.bad"
 *   other -errno	it could not be read: do not write it
 */
int alarm_file_load(const char *dir, struct alarms *, char *why);

/* Whole or not at all, and on the disk. Returns 0 or -errno; calls alarms_saved() on 0. */
int alarm_file_save(const char *dir, struct alarms *, char *why);
#endif
