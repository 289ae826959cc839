/* SPDX-License-Identifier: MIT */
#include <netinet/tcp.h>
#include <stdlib.h>
#include "lib/attempts.h"

struct attempt {
	struct subflow_row row;
	bool seen; /* by the dump under way */
};

static uint64_t key_of(const void *arg, uint32_t position)
{
	return ((const struct attempts *)arg)->rows[position].row.cookie;
}

void attempts_free(struct attempts *attempts)
{
	index_free(&attempts->by_cookie);
	free(attempts->rows);
}

static struct attempt *find(const struct attempts *attempts, uint64_t cookie)
{
	uint32_t position = index_find(&attempts->by_cookie, cookie, INDEX_NONE);

	return position == INDEX_NONE ? NULL : &attempts->rows[position];
}

static bool grow(struct attempts *attempts)
{
	size_t size = attempts->size ? attempts->size * 2 : 16;
	struct attempt *grown =
		size > ATTEMPTS_MOST ? NULL : realloc(attempts->rows, size * sizeof(*grown));

	if (!grown)
		return false;
	attempts->rows = grown;
	attempts->size = size;
	return true;
}

static void put(struct attempts *attempts, const struct subflow_row *row)
{
	struct attempt *known = find(attempts, row->cookie);

	attempts->by_cookie.key_of = key_of;
	attempts->by_cookie.arg = attempts;
	if (known) {
		*known = (struct attempt){ *row, true };
		return;
	}
	if (attempts->count == attempts->size && !grow(attempts)) {
		attempts->partial = true;
		return;
	}
	attempts->rows[attempts->count] = (struct attempt){ *row, true };
	if (index_put(&attempts->by_cookie, (uint32_t)attempts->count))
		attempts->partial = true;
	else
		attempts->count++;
}

/* The last one takes its place. */
static void drop(struct attempts *attempts, struct attempt *attempt)
{
	uint32_t last = (uint32_t)--attempts->count;

	index_remove(&attempts->by_cookie, (uint32_t)(attempt - attempts->rows));
	if (attempt == &attempts->rows[last])
		return;
	index_remove(&attempts->by_cookie, last);
	*attempt = attempts->rows[last];
	/* There is room: two were taken out. */
	(void)index_put(&attempts->by_cookie, (uint32_t)(attempt - attempts->rows));
}

void attempts_life(struct attempts *attempts, const struct life *life)
{
	struct attempt *known;

	if (life->kind == ATTEMPTED) {
		put(attempts, &(struct subflow_row){
				      .cookie = life->cookie,
				      .tuple = life->tuple,
				      .bound_ifindex = life->bound_ifindex,
				      .state = TCP_SYN_SENT,
				      .token = life->token,
				      .join = life->join,
				      .ours = life->ours,
			      });
		return;
	}
	known = attempts->count ? find(attempts, life->cookie) : NULL;
	if (known)
		drop(attempts, known);
}

void attempts_dump_begin(struct attempts *attempts)
{
	for (size_t i = 0; i < attempts->count; i++)
		attempts->rows[i].seen = false;
	attempts->partial = false;
}

void attempts_row(struct attempts *attempts, const struct subflow_row *row)
{
	if (row->state == TCP_SYN_SENT)
		put(attempts, row);
}

void attempts_dump_end(struct attempts *attempts)
{
	for (size_t i = attempts->count; i--;)
		if (!attempts->rows[i].seen)
			drop(attempts, &attempts->rows[i]);
}

const struct subflow_row *attempts_get(const struct attempts *attempts, size_t i)
{
	return i < attempts->count ? &attempts->rows[i].row : NULL;
}
