/* SPDX-License-Identifier: MIT */
#include "lib/suspects.h"
#include "tests/tap.h"

struct verdicts {
	unsigned int alive, dead;
	uint8_t last_slot;
};

static void on_suspect(void *arg, const struct suspect *suspect)
{
	struct verdicts *verdicts = arg;

	verdicts->alive += suspect->lives;
	verdicts->dead += !suspect->lives;
	verdicts->last_slot = suspect->slot;
}

static void each_is_judged_by_a_later_dump(void)
{
	struct suspects suspects = { 0 };
	struct verdicts verdicts = { 0 };

	suspects_add(&suspects, 30, 1, 4);
	suspects_add(&suspects, 10, 2, 4);
	suspects_add(&suspects, 30, 3, 4);
	suspects_add(&suspects, 20, 4, 5);
	suspects_sort(&suspects);
	suspects_see(&suspects, 30);
	suspects_see(&suspects, 40);
	suspects_judge(&suspects, 5, on_suspect, &verdicts);
	is_u64(verdicts.alive, 2, "both of a connection that lives");
	is_u64(verdicts.dead, 1, "one whose connection is gone");
	is_u64(suspects.count, 1, "who was turned away while the dump ran waits for the next");
	suspects_judge(&suspects, 6, on_suspect, &verdicts);
	ok(verdicts.dead == 2 && verdicts.last_slot == 4 && !suspects.count, "then it is judged, too");
	suspects_free(&suspects);
}

static void they_are_bounded(void)
{
	struct suspects suspects = { 0 };
	uint32_t taken = 0;

	while (suspects_add(&suspects, taken, 0, 1))
		taken++;
	is_u64(taken, SUSPECTS_MOST, "as many as there is room for");
	suspects_free(&suspects);
	ok(!suspects.rows && !suspects.count, "and none when they are free");
}

int main(void)
{
	each_is_judged_by_a_later_dump();
	they_are_bounded();
	return tap_done();
}
