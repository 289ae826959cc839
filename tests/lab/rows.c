/* SPDX-License-Identifier: MIT */
/*
 * The subflows of the network namespace it is started in, by a walk and by a dump before and after:
 * of each that is alive and quiet all the while, every field must be the same, and what counts time
 * must be between. Says how many there are of what; 1 when something differs, 2 when it cannot be
 * asked.
 */
#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bpf/subflow.h"
#include "lib/netlink.h"
#include "lib/parse.h"
#include "lib/source.h"

struct rows {
	struct subflow_row *rows;
	size_t count;
};

static void add(struct rows *rows, const struct subflow_row *row)
{
	rows->rows = realloc(rows->rows, (rows->count + 1) * sizeof(*row));
	if (!rows->rows)
		exit(2);
	rows->rows[rows->count++] = *row;
}

static int on_messages(const void *buf, size_t len, void *arg)
{
	const struct nlmsghdr *nlh;
	struct subflow_row row;
	size_t offset = 0;
	int error = 0;
	bool plain;

	while ((nlh = netlink_next(buf, len, &offset, &error)))
		if (parse_subflow(nlh, &row, &plain) > 0)
			add(arg, &row);
	return error;
}

static int on_records(const void *buf, size_t len, void *arg)
{
	const struct subflow_record *records = buf;
	struct subflow_row row;

	for (size_t i = 0; i < len / sizeof(*records); i++) {
		if (parse_subflow_record(&records[i], sizeof(*records), &row) <= 0)
			return -EBADMSG;
		add(arg, &row);
	}
	return 0;
}

static int by_cookie(const void *a, const void *b)
{
	const struct subflow_row *left = a, *right = b;

	return (left->cookie > right->cookie) - (left->cookie < right->cookie);
}

static const struct subflow_row *find(const struct rows *rows, const struct subflow_row *row)
{
	return bsearch(row, rows->rows, rows->count, sizeof(*row), by_cookie);
}

/* What differs between two rows, but for what counts time. NULL: nothing. */
static const char *difference(const struct subflow_row *a, const struct subflow_row *b)
{
#define DIFFERS(field) \
	if (memcmp(&a->field, &b->field, sizeof(a->field)) != 0) \
		return #field
	DIFFERS(cookie);
	DIFFERS(tuple);
	DIFFERS(bound_ifindex);
	DIFFERS(state);
	DIFFERS(token);
	DIFFERS(join);
	DIFFERS(backup);
	DIFFERS(ours);
	DIFFERS(complete);
	DIFFERS(full);
	DIFFERS(pending);
	DIFFERS(octets.out);
	DIFFERS(octets.retrans);
	DIFFERS(octets.in);
	DIFFERS(octets.sent);
	DIFFERS(rtt_us);
	DIFFERS(min_rtt_us);
	return NULL;
}

static bool is_between(uint32_t before, uint32_t at, uint32_t after)
{
	return before <= at && at <= after;
}

static const char *time_difference(const struct subflow_row *before, const struct subflow_row *at,
				   const struct subflow_row *after)
{
	if (!is_between(before->rwnd_limited_ms, at->rwnd_limited_ms, after->rwnd_limited_ms))
		return "rwnd_limited_ms";
	return is_between(before->acked_ago_ms, at->acked_ago_ms, after->acked_ago_ms)
		       ? NULL
		       : "acked_ago_ms";
}

static void ask(int error, const char *how)
{
	if (!error)
		return;
	fprintf(stderr, "%s: %s\n", how, strerror(-error));
	exit(2);
}

int main(void)
{
	struct rows before = { 0 }, walked = { 0 }, after = { 0 };
	struct source *source = source_live_open(false);
	size_t quiet = 0, wrong = 0, busy = 0, limited = 0, growing = 0;

	if (!source)
		return 2;
	ask(source_open(source, STREAM_LIFE), "BPF");
	ask(source_ask(source, Q_SUBFLOWS, on_messages, &before), "dump");
	ask(source_walk(source, on_records, &walked), "walk");
	ask(source_ask(source, Q_SUBFLOWS, on_messages, &after), "dump");
	source_close(source);
	qsort(before.rows, before.count, sizeof(*before.rows), by_cookie);
	qsort(walked.rows, walked.count, sizeof(*walked.rows), by_cookie);
	for (size_t i = 0; i < after.count; i++) {
		const struct subflow_row *now = &after.rows[i], *then = find(&before, now),
					 *at = find(&walked, now);
		const char *what;

		if (!then || difference(then, now) || then->acked_ago_ms > now->acked_ago_ms)
			continue;
		quiet++;
		busy += now->octets.retrans && now->full;
		limited += now->rwnd_limited_ms > 0;
		growing += now->rwnd_limited_ms > then->rwnd_limited_ms;
		what = at ? difference(at, now) : "it is not there";
		what = what ? what : time_difference(then, at, now);
		wrong += what != NULL;
		if (what)
			printf("port %u, cookie %llu: %s\n", now->tuple.local_port,
			       (unsigned long long)now->cookie, what);
	}
	printf("walked %zu quiet %zu full-and-resent %zu rwnd-limited %zu of-them-now %zu wrong %zu\n",
	       walked.count, quiet, busy, limited, growing, wrong);
	return wrong > 0;
}
