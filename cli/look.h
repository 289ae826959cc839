/* SPDX-License-Identifier: MIT */
#ifndef CLI_LOOK_H
#define CLI_LOOK_H
#include "lib/monitor.h"

/*
 * A short look at the kernel without the agent: two polls, settings->interval_ms apart. Needs no
 * privilege; what is refused is data in the snapshot. The caller releases it; NULL with errno set.
 */
const struct snapshot *look(const struct settings *);
#endif
