/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/source.h"

int source_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	return source->ops->ask(source, question, fn, arg);
}

int source_ask_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	return source->ops->ask_each ? source->ops->ask_each(source, next, fn, arg) : -ENOSYS;
}

int source_walk(struct source *source, datagram_fn fn, void *arg)
{
	return source->ops->walk ? source->ops->walk(source, fn, arg) : -ENOSYS;
}

int source_ask_route(struct source *source, const struct route_query *query, datagram_fn fn,
		     void *arg)
{
	return source->ops->ask_route ? source->ops->ask_route(source, query, fn, arg) : -ENOSYS;
}

int source_open(struct source *source, enum stream stream)
{
	return source->ops->open(source, stream);
}

int source_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	return source->ops->drain(source, stream, fn, arg);
}

int source_fd(struct source *source, enum stream stream)
{
	return source->ops->fd(source, stream);
}

uint64_t source_now_us(struct source *source)
{
	return source->ops->now_us(source);
}

uint64_t source_now_ms(struct source *source)
{
	return source_now_us(source) / 1000;
}

uint64_t source_wall_ms(struct source *source)
{
	return source->ops->wall_ms(source);
}

uint32_t source_chance(struct source *source)
{
	return source->ops->chance ? source->ops->chance(source) : 0;
}

void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}
