/* SPDX-License-Identifier: MIT */
/* Births that wait for their sockets: first come, first served, and not for ever. */
#include <errno.h>
#include <sys/socket.h>
#include "lib/births.h"
#include "tests/tap.h"

enum { GRACE = 2 };

static void count_one(void *arg, const struct birth *birth)
{
	(void)birth;
	++*(uint32_t *)arg;
}

/* How many a sweep drops. */
static uint32_t sweep(struct births *births, uint32_t dump)
{
	uint32_t dropped = 0;

	births_sweep(births, dump, GRACE, count_one, &dropped);
	return dropped;
}

static struct tuple tuple(uint32_t n)
{
	return (struct tuple){ { AF_INET, { 10, 0, (uint8_t)(n >> 16), 1 } },
			       { AF_INET, { 192, 0, 2, 1 } },
			       (uint16_t)n,
			       443 };
}

static bool add(struct births *births, uint32_t n, uint32_t token, uint8_t slot)
{
	struct tuple wanted = tuple(n);

	return !births_add(births, &wanted, token, slot);
}

/* The token of the birth taken, or 0. */
static uint32_t take(struct births *births, uint32_t n)
{
	struct tuple wanted = tuple(n);
	struct birth birth;

	return births_take(births, &wanted, 0, &birth) ? birth.token : 0;
}

static void a_birth_is_taken_once(void)
{
	struct births births;
	struct birth birth;
	struct tuple wanted = tuple(1);

	births_init(&births, 42);
	is_u64(take(&births, 1), 0, "none yet");
	ok(add(&births, 1, 7, 3), "added");
	is_u64(take(&births, 2), 0, "another four-tuple");
	ok(births_take(&births, &wanted, 0, &birth) && birth.token == 7 && birth.slot == 3, "taken");
	is_u64(take(&births, 1), 0, "once");
	births_free(&births);
}

static void every_part_of_the_tuple_counts(void)
{
	struct births births;
	struct birth birth;
	struct tuple other;
	bool good = true;

	births_init(&births, 42);
	add(&births, 1, 7, 0);
	for (int part = 0; part < 4; part++) {
		other = tuple(1);
		other.local.bytes[3] += part == 0;
		other.remote.bytes[3] += part == 1;
		other.local_port += part == 2;
		other.remote_port += part == 3;
		good &= !births_take(&births, &other, 0, &birth);
	}
	ok(good, "addresses and ports of both ends");
	births_free(&births);
}

static void the_oldest_is_taken_first(void)
{
	struct births births;

	births_init(&births, 42);
	births.order = UINT32_MAX - 1; /* its numbers wrap on the way */
	for (uint32_t token = 1; token <= 4; token++)
		add(&births, 1, token, 0);
	for (uint32_t token = 1; token <= 4; token++)
		is_u64(take(&births, 1), token, "birth %u", token);
	births_free(&births);
}

static void what_nobody_takes_is_dropped_after_the_grace(void)
{
	struct births births;

	births_init(&births, 42);
	add(&births, 1, 7, 0);
	add(&births, 2, 7, 0);
	add(&births, 3, 8, 0);
	is_u64(sweep(&births, 10), 0, "their connections are open");
	ok(!births_close(&births, 7), "one closes");
	is_u64(sweep(&births, 11), 0, "its births may still find their endings");
	is_u64(take(&births, 2), 7, "as this one does");
	is_u64(sweep(&births, 12), 0, "within the grace");
	is_u64(sweep(&births, 13), 1, "then it is dropped");
	is_u64(sweep(&births, 14), 0, "once");
	is_u64(take(&births, 1), 0, "and gone");
	is_u64(take(&births, 3), 8, "the other connection's waits on");

	add(&births, 4, 9, 0);
	births_close(&births, 9);
	sweep(&births, UINT32_MAX);
	is_u64(sweep(&births, 0), 0, "numbers of dumps may wrap");
	is_u64(sweep(&births, 1), 1, "numbers of dumps may wrap");
	births_free(&births);
}

static void the_bound_is_told(void)
{
	struct births births;
	struct tuple wanted = tuple(0);
	uint32_t n = 0;
	bool good = true;

	births_init(&births, 42);
	while (n <= 65536 && add(&births, n, n + 1, 0))
		n++;
	is_u64(n, 65536, "so many may wait");
	ok(births_add(&births, &wanted, 1, 0) == -ENOMEM, "one more is refused");
	for (uint32_t i = 0; i < n; i++)
		good &= take(&births, i) == i + 1;
	ok(good, "all that were taken in are found");
	ok(add(&births, 5, 6, 0) && take(&births, 5) == 6, "then there is room again");
	n = 0;
	while (n <= 65536 && !births_close(&births, n))
		n++;
	is_u64(n, 65536, "so many connections may close between two dumps");
	sweep(&births, 1);
	ok(!births_close(&births, 1), "then there is room again");
	births_free(&births);
}

int main(void)
{
	a_birth_is_taken_once();
	every_part_of_the_tuple_counts();
	the_oldest_is_taken_first();
	what_nobody_takes_is_dropped_after_the_grace();
	the_bound_is_told();
	return tap_done();
}
