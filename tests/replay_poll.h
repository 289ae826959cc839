/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REPLAY_POLL_H
#define TESTS_REPLAY_POLL_H
#include "lib/monitor.h"

/*
 * The next poll of a capture, by a monitor over it or over what is around it, with the pumps before
 * that. For the caller to release; NULL at the end.
 */
const struct snapshot *replay_poll(struct source *replay, struct monitor *);
#endif
