/* SPDX-License-Identifier: MIT */
/* Who waits for an answer to its SYN, as told and as seen by dumps. */
#include <stdlib.h>
#include "lib/attempts.h"
#include "tests/tap.h"

enum { ESTABLISHED = 1, SYN_SENT = 2 };

static void tell(struct attempts *attempts, enum life_kind kind, uint64_t cookie)
{
	const struct life life = { .kind = kind, .cookie = cookie, .token = 77,
				   .bound_ifindex = 5, .join = true, .ours = true };

	attempts_life(attempts, &life);
}

static void see(struct attempts *attempts, uint64_t cookie, uint8_t state)
{
	attempts_row(attempts, &(struct subflow_row){ .cookie = cookie, .state = state });
}

static uint64_t sum(const struct attempts *attempts)
{
	const struct subflow_row *row;
	uint64_t cookies = 0;

	for (size_t i = 0; (row = attempts_get(attempts, i)); i++)
		cookies += row->cookie;
	return cookies;
}

static void they_are_there_until_their_outcome_is_told(void)
{
	struct attempts attempts = { 0 };
	const struct subflow_row *row;

	tell(&attempts, BORN, 9);	/* accepted: there was no attempt of ours */
	ok(!attempts_get(&attempts, 0), "nobody waits");
	for (uint64_t cookie = 1; cookie <= 4; cookie++)
		tell(&attempts, ATTEMPTED, cookie);
	row = attempts_get(&attempts, 0);
	ok(row->state == SYN_SENT && row->token == 77 && row->bound_ifindex == 5 && row->join &&
		   row->ours,
	   "as a dump would show them");
	is_u64(sum(&attempts), 10, "four");
	tell(&attempts, BORN, 1);
	is_u64(sum(&attempts), 9, "one is answered");
	tell(&attempts, FAILED, 4);
	is_u64(sum(&attempts), 5, "one has failed");
	tell(&attempts, ATTEMPTED, 3);
	is_u64(sum(&attempts), 5, "one tries anew");
	tell(&attempts, ENDED, 3);
	tell(&attempts, BORN, 2);
	is_u64(attempts.count, 0, "and that was all");
	attempts_free(&attempts);
}

static void a_dump_knows_better(void)
{
	struct attempts attempts = { 0 };

	tell(&attempts, ATTEMPTED, 1);
	tell(&attempts, ATTEMPTED, 2);
	attempts_dump_begin(&attempts);
	see(&attempts, 2, SYN_SENT);
	see(&attempts, 4, SYN_SENT);	/* older than the stream */
	see(&attempts, 8, ESTABLISHED);
	is_u64(sum(&attempts), 7, "until it has ended, all");
	attempts_dump_end(&attempts);
	is_u64(sum(&attempts), 6, "then those that it has shown");
	tell(&attempts, FAILED, 4);
	is_u64(sum(&attempts), 2, "whose outcome may be told");
	attempts_free(&attempts);
}

static void without_room_it_is_told(void)
{
	struct attempts attempts = { 0 };

	for (uint64_t cookie = 1; cookie <= ATTEMPTS_MOST; cookie++)
		tell(&attempts, ATTEMPTED, cookie);
	ok(!attempts.partial, "so many may wait");
	tell(&attempts, ATTEMPTED, ATTEMPTS_MOST + 1);
	ok(attempts.partial && attempts.count == ATTEMPTS_MOST, "no more");
	for (uint64_t cookie = 1; cookie <= ATTEMPTS_MOST; cookie++)
		tell(&attempts, FAILED, cookie);
	ok(attempts.partial && !attempts.count, "one of them is not known");
	attempts_dump_begin(&attempts);
	attempts_dump_end(&attempts);
	ok(!attempts.partial, "until a dump");
	attempts_free(&attempts);
}

int main(void)
{
	they_are_there_until_their_outcome_is_told();
	a_dump_knows_better();
	without_room_it_is_told();
	return tap_done();
}
