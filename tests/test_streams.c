/* SPDX-License-Identifier: MIT */
/* What the streams told and could not be taken is counted, message by message. */
#include <stdlib.h>
#include <string.h>
#include "lib/streams.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

/* Memory that is there again after so many refusals. */
static unsigned int refusals;
void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);

void *__wrap_realloc(void *old, size_t size)
{
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
	return tap_done();
}
