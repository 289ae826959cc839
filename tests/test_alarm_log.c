/* SPDX-License-Identifier: MIT */
/* The log: made anew with each transition, the oldest rows go, shared until nobody holds it. */
#include <stdlib.h>
#include "lib/alarm_log.h"
#include "tests/tap.h"

enum { ROWS = ALARM_LOG_MOST + 10 };

static struct alarm_record rows[ROWS];

static bool rises(const struct alarm_log *log, uint32_t first)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->rows[i].sequence != first + i)
			return false;
	return true;
}

int main(void)
{
	struct alarm_log *first, *second, *third;

	for (uint32_t i = 0; i < ROWS; i++)
		rows[i].sequence = i + 1;
	first = alarm_log_append(NULL, rows, 3);
	ok(first->count == 3 && rises(first, 1), "from nothing");
	second = alarm_log_append(first, rows + 3, 1);
	ok(second->count == 4 && rises(second, 1), "one more");
	ok(first->count == 3 && rises(first, 1), "the one before is as it was");
	third = alarm_log_append(second, rows + 4, 0);
	ok(third->count == 4 && rises(third, 1), "none more");
	alarm_log_release(third);
	third = alarm_log_append(second, rows + 4, ALARM_LOG_MOST - 4);
	ok(third->count == ALARM_LOG_MOST && rises(third, 1), "full");
	alarm_log_release(second);
	second = alarm_log_append(third, rows + ALARM_LOG_MOST, 2);
	ok(second->count == ALARM_LOG_MOST && rises(second, 3), "the oldest two give way");
	alarm_log_release(third);
	third = alarm_log_append(first, rows + 3, ALARM_LOG_MOST + 5);
	ok(third->count == ALARM_LOG_MOST && rises(third, 3 + 5 + 1), "more than fit: the newest");
	ok(alarm_log_hold(third) == third, "a second holder");
	alarm_log_release(third);
	ok(rises(third, 9), "who holds it still has it");
	alarm_log_release(third);
	alarm_log_release(second);
	alarm_log_release(first);
	ok(!alarm_log_hold(NULL), "no log");
	alarm_log_release(NULL);
	return tap_done();
}
