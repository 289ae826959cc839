/* SPDX-License-Identifier: MIT */
#include "tests/replay_poll.h"

const struct snapshot *replay_poll(struct source *replay, struct monitor *monitor)
{
	enum replay_step step;

	while ((step = source_replay_next(replay)) == REPLAY_PUMP)
		monitor_pump(monitor);
	return step == REPLAY_POLL ? monitor_poll(monitor) : NULL;
}
