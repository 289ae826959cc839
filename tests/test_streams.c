/* SPDX-License-Identifier: MIT */
/*
 * What the streams told and could not be taken is counted, message by message; and how much memory is
 * kept for what they tell.
 */
#include <stdlib.h>
#include <string.h>
#include "lib/streams.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

/* Memory that is there again after so many refusals. */
static unsigned int refusals, reallocs;
void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);

void *__wrap_realloc(void *old, size_t size)
{
	reallocs++;
	if (refusals) {
		refusals--;
		return NULL;
	}
	return __real_realloc(old, size);
}

/* What a question would be answered comes as one datagram. */
static void tell_links(struct fake *fake, enum question question)
{
	struct fake_bytes *to = &fake->streams[STREAM_LINKS];

	memcpy(to->bytes + to->len, fake->answers[question].bytes, fake->answers[question].len);
	to->len += fake->answers[question].len;
}

static uint8_t nobody(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)local, (void)bound_ifindex;
	return UNATTRIBUTED;
}

/* So many endings are read and entered. */
static void burst(struct streams *streams, struct fake *fake, unsigned int endings)
{
	for (unsigned int i = 0; i < endings; i++)
		fake_destroy(fake, i + 1, 1, (uint16_t)(i + 1), 0, 0);
	streams_drain(streams, 1);
	streams_enter(streams);
}

static void memory_of_a_burst_goes_when_it_is_over(void)
{
	const struct ledger_settings settings = { .owner = nobody, .subflows_most = 1000 };
	struct fake *fake = fake_router();
	struct streams streams = { .source = &fake->source,
				   .ledger = ledger_new(&settings),
				   .open = { [STREAM_ENDINGS] = true } };

	burst(&streams, fake, 150);
	reallocs = 0;
	burst(&streams, fake, 150);
	burst(&streams, fake, 50);
	is_u64(reallocs, 0, "no memory is asked for while it goes on");
	burst(&streams, fake, 3);
	is_u64(streams.endings.size, 0, "little was told: it is given back");
	burst(&streams, fake, 3);
	reallocs = 0;
	burst(&streams, fake, 0);
	burst(&streams, fake, 3);
	is_u64(reallocs, 0, "room for a few is kept");
	streams_free(&streams);
	ledger_free(streams.ledger);
	source_close(&fake->source);
}

int main(void)
{
	struct fake *fake = fake_router();
	struct addressbook *book = addressbook_new();
	struct streams streams = {
		.source = &fake->source, .book = book, .open = { [STREAM_LINKS] = true }
	};

	tell_links(fake, Q_LINKS);
	streams_drain_links(&streams, 1);
	is_u64(streams.unread, 0, "all taken");
	addressbook_free(book);
	streams.book = book = addressbook_new();
	tell_links(fake, Q_LINKS);
	refusals = 1;
	streams_drain_links(&streams, 2);
	is_u64(streams.unread, 1, "the first of two found no memory");
	tell_links(fake, Q_LINKS);
	tell_links(fake, Q_ADDRESSES);
	refusals = 1;
	streams_drain_links(&streams, 3);
	is_u64(streams.unread, 1, "an address likewise");
	addressbook_free(book);
	source_close(&fake->source);
	memory_of_a_burst_goes_when_it_is_over();
	return tap_done();
}
