/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include "lib/netlink.h"
#include "lib/streams.h"

enum { LIVES_KEPT = 64 };	/* room for so many */

static void try_open(struct streams *streams, enum stream stream)
{
	if (streams->open[stream])
		return;
	streams->refused[stream] = source_open(streams->source, stream);
	streams->open[stream] = !streams->refused[stream];
}

/* What the open streams promise. */
static enum accounting promise_of(const struct streams *streams)
{
	if (streams->open[STREAM_LIFE])
		return ACCOUNTING_EXACT;
	if (streams->open[STREAM_CONNECTIONS] && streams->open[STREAM_ENDINGS])
		return ACCOUNTING_EVENTS;
	return ACCOUNTING_SAMPLED;
}

void streams_open(struct streams *streams, bool may_bpf, bool may_events)
{
	try_open(streams, STREAM_LINKS);
	if (may_bpf)
		try_open(streams, STREAM_LIFE);
	if (!streams->open[STREAM_LIFE] && may_events) {
		try_open(streams, STREAM_CONNECTIONS);
		if (streams->open[STREAM_CONNECTIONS])
			try_open(streams, STREAM_ENDINGS);
	}
	ledger_mode(streams->ledger, promise_of(streams));
}

static int on_link_message(const void *buf, size_t len, void *arg)
{
	struct streams *streams = arg;
	const struct nlmsghdr *nlh;
	struct address_row address;
	struct link_row link;
	size_t offset = 0;
	int taken, error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error))) {
		taken = 0;
		if (parse_link(nlh, &link) > 0)
			taken = addressbook_link(streams->book, &link, streams->now_ms);
		else if (parse_address(nlh, &address) > 0)
			taken = addressbook_address(streams->book, &address, streams->now_ms);
		streams->unread += taken != 0;
	}
	streams->unread += error != 0;
	return 0;
}

/* Where the next life is to be read into, or NULL. */
static struct life *room(struct life_list *list)
{
	if (list->count == list->size) {
		size_t size = list->size ? list->size * 2 : LIVES_KEPT;
		struct life *grown = realloc(list->lives, size * sizeof(*grown));

		if (!grown)
			return NULL;
		list->lives = grown;
		list->size = size;
	}
	return &list->lives[list->count];
}

static int on_life_record(const void *buf, size_t len, void *arg)
{
	struct streams *streams = arg;
	struct life *life = room(&streams->told);
	int found = life ? parse_life_record(buf, len, life) : -ENOMEM;

	streams->told.count += found > 0;
	streams->unread += found < 0;
	return 0;
}

static void keep_messages(struct streams *streams, const void *buf, size_t len,
			  int (*parse)(const struct nlmsghdr *, struct life *),
			  struct life_list *list)
{
	const struct nlmsghdr *nlh;
	struct life *life;
	size_t offset = 0;
	int found, error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error))) {
		life = room(list);
		found = life ? parse(nlh, life) : -ENOMEM;
		list->count += found > 0;
		streams->unread += found < 0;
	}
	streams->unread += error != 0;
}

static int on_pm_event(const void *buf, size_t len, void *arg)
{
	struct streams *streams = arg;

	keep_messages(streams, buf, len, parse_pm_event, &streams->told);
	return 0;
}

static int on_destroy(const void *buf, size_t len, void *arg)
{
	struct streams *streams = arg;

	keep_messages(streams, buf, len, parse_destroy, &streams->endings);
	return 0;
}

/* Drains one stream if it is open. What was lost, or could not be read, is a loss to the ledger. */
static void drain(struct streams *streams, enum stream stream, datagram_fn fn)
{
	int losses;

	if (!streams->open[stream])
		return;
	streams->unread = 0;
	losses = source_drain(streams->source, stream, fn, streams);
	if (losses < 0)
		losses = 1;
	losses += (int)streams->unread;
	/*
	 * The next dump makes good for links and addresses: nothing of the accounts is lost with
	 * them.
	 */
	if (losses && stream != STREAM_LINKS)
		ledger_lost(streams->ledger, (uint32_t)losses);
}

static void enter(struct streams *streams, struct life_list *list)
{
	/* What a burst took goes with the first drain that needs little of it. */
	const bool large = list->size > LIVES_KEPT && list->count < list->size / 8;

	for (size_t i = 0; i < list->count; i++) {
		attempts_life(&streams->attempts, &list->lives[i]);
		ledger_life(streams->ledger, &list->lives[i]);
	}
	list->count = 0;
	if (large) {
		free(list->lives);
		*list = (struct life_list){ 0 };
	}
}

void streams_drain_links(struct streams *streams, uint64_t now_ms)
{
	streams->now_ms = now_ms;
	drain(streams, STREAM_LINKS, on_link_message);
}

void streams_drain(struct streams *streams, uint64_t now_ms)
{
	streams->now_ms = now_ms;
	drain(streams, STREAM_LIFE, on_life_record);
	drain(streams, STREAM_ENDINGS, on_destroy);
	drain(streams, STREAM_CONNECTIONS, on_pm_event);
	drain(streams, STREAM_LINKS, on_link_message);
}

void streams_enter(struct streams *streams)
{
	enter(streams, &streams->told);
	enter(streams, &streams->endings);
}

void streams_free(struct streams *streams)
{
	attempts_free(&streams->attempts);
	free(streams->told.lives);
	free(streams->endings.lives);
}
