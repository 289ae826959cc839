/* SPDX-License-Identifier: MIT */
/*
 * Around another source: whoever is above, monitor and recorder alike, knows the other addresses
 * only, and asks about them; the kernel is asked about the true ones.
 */
#include <errno.h>
#include <stdlib.h>
#include "lib/anonymize.h"
#include "lib/source.h"

struct anonymous {
	struct source source;
	struct source *inner;
	struct anonymizer anonymizer;
	char *buffer;			/* of the datagram that is handed on */
	size_t size;
};

/* A call under way. */
struct passing {
	struct anonymous *anonymous;
	enum datagram datagram;
	datagram_fn fn;
	void *arg;
	next_socket_fn next;
};

static const enum datagram of_question[QUESTIONS] = {
	[Q_LINKS] = DATAGRAM_ROUTE,	    [Q_ADDRESSES] = DATAGRAM_ROUTE,
	[Q_LIMITS] = DATAGRAM_LIMITS,	    [Q_ENDPOINTS] = DATAGRAM_ENDPOINTS,
	[Q_CONNECTIONS] = DATAGRAM_SOCKETS, [Q_SUBFLOWS] = DATAGRAM_SOCKETS,
	[Q_COUNTERS] = DATAGRAM_COUNTERS,   [Q_SYSCTLS] = DATAGRAM_SYSCTLS,
	[Q_LOAD] = DATAGRAM_LOAD,
};
static const enum datagram of_stream[STREAMS] = {
	[STREAM_LINKS] = DATAGRAM_ROUTE,
	[STREAM_LIFE] = DATAGRAM_LIFE,
	[STREAM_CONNECTIONS] = DATAGRAM_EVENTS,
	[STREAM_ENDINGS] = DATAGRAM_SOCKETS,
};

static struct anonymous *anonymous_of(struct source *source)
{
	return (struct anonymous *)source;
}

static int pass(const void *buf, size_t len, void *arg)
{
	const struct passing *passing = arg;
	struct anonymous *anonymous = passing->anonymous;

	if (len >= anonymous->size) {
		char *grown = realloc(anonymous->buffer, len + 1);

		if (!grown)
			return -ENOMEM;
		anonymous->buffer = grown;
		anonymous->size = len + 1;
	}
	len = anonymize_datagram(&anonymous->anonymizer, passing->datagram, buf, len,
				 anonymous->buffer);
	return passing->fn(anonymous->buffer, len, passing->arg);
}

static int anonymous_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct passing passing = { anonymous_of(source), of_question[question], fn, arg, NULL };

	return source_ask(passing.anonymous->inner, question, pass, &passing);
}

/* As the kernel knows it. */
static bool next_true_socket(void *arg, struct socket_id *out)
{
	const struct passing *passing = arg;
	const struct anonymizer *anonymizer = &passing->anonymous->anonymizer;

	if (!passing->next(passing->arg, out))
		return false;
	out->tuple.local = anonymize_undo(anonymizer, &out->tuple.local);
	out->tuple.remote = anonymize_undo(anonymizer, &out->tuple.remote);
	return true;
}

static int anonymous_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct passing passing = { anonymous_of(source), DATAGRAM_SOCKETS, fn, arg, next };

	return source_ask_each(passing.anonymous->inner, next_true_socket, pass, &passing);
}

static int anonymous_walk(struct source *source, datagram_fn fn, void *arg)
{
	struct passing passing = { anonymous_of(source), DATAGRAM_SUBFLOWS, fn, arg, NULL };

	return source_walk(passing.anonymous->inner, pass, &passing);
}

static int anonymous_ask_route(struct source *source, const struct route_query *query,
			       datagram_fn fn, void *arg)
{
	struct passing passing = { anonymous_of(source), DATAGRAM_ROUTE, fn, arg, NULL };
	const struct anonymizer *anonymizer = &passing.anonymous->anonymizer;
	const struct route_query asked = {
		.to = anonymize_undo(anonymizer, &query->to),
		.from = anonymize_undo(anonymizer, &query->from),
		.ifindex = query->ifindex,
	};

	return source_ask_route(passing.anonymous->inner, &asked, pass, &passing);
}

static int anonymous_open(struct source *source, enum stream stream)
{
	return source_open(anonymous_of(source)->inner, stream);
}

static int anonymous_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct passing passing = { anonymous_of(source), of_stream[stream], fn, arg, NULL };

	return source_drain(passing.anonymous->inner, stream, pass, &passing);
}

static int anonymous_fd(struct source *source, enum stream stream)
{
	return source_fd(anonymous_of(source)->inner, stream);
}

static uint64_t anonymous_now_us(struct source *source)
{
	return source_now_us(anonymous_of(source)->inner);
}

static uint64_t anonymous_wall_ms(struct source *source)
{
	return source_wall_ms(anonymous_of(source)->inner);
}

static uint32_t anonymous_chance(struct source *source)
{
	return source_chance(anonymous_of(source)->inner);
}

static void anonymous_close(struct source *source)
{
	struct anonymous *anonymous = anonymous_of(source);

	source_close(anonymous->inner);
	free(anonymous->buffer);
	free(anonymous);
}

static const struct source_ops anonymous_ops = {
	.ask = anonymous_ask,
	.ask_each = anonymous_ask_each,
	.walk = anonymous_walk,
	.ask_route = anonymous_ask_route,
	.open = anonymous_open,
	.drain = anonymous_drain,
	.fd = anonymous_fd,
	.now_us = anonymous_now_us,
	.wall_ms = anonymous_wall_ms,
	.chance = anonymous_chance,
	.close = anonymous_close,
};

struct source *source_anonymous_open(struct source *inner, const struct anonymizer *anonymizer)
{
	struct anonymous *anonymous = calloc(1, sizeof(*anonymous));

	if (!anonymous) {
		source_close(inner);
		errno = ENOMEM;
		return NULL;
	}
	anonymous->source.ops = &anonymous_ops;
	anonymous->inner = inner;
	anonymous->anonymizer = *anonymizer;
	return &anonymous->source;
}
