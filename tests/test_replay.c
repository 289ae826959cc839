/* SPDX-License-Identifier: MIT */
/* Polls of a scripted kernel, recorded, and replayed: they say the same, octet by octet. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/fake_source.h"
#include "tests/recording.h"
#include "tests/tap.h"

static void a_replay_says_the_same(char *(*record)(const char *, int *), const char *what)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path), error;
	char *first, *second;
	struct replay_fault fault;
	struct source *source;

	first = record(path, &error);
	second = replayed(path, &fault);
	is_u64((uint64_t)-error, 0, "it could be written");
	ok(strlen(first) > 10000, "twelve polls by %s", what);
	ok(!strcmp(first, second), "octet by octet");
	is_text(fault.what, "", "nothing is wrong with it");
	source = source_replay_open(path, NULL);
	ok(source_replay_has(source, STREAM_LIFE) &&
		   source_replay_has(source, STREAM_ENDINGS) == (record == recorded) &&
		   source_replay_next(source) != REPLAY_END,
	   "which streams were asked for");
	source_close(source);
	free(first);
	free(second);
	close(fd);
	unlink(path);
}

static int count_octets(const void *buf, size_t len, void *arg)
{
	(void)buf;
	*(size_t *)arg += len;
	return 0;
}

/* A walk is not for who asks for a dump, and is still there then for who walks. */
static void a_walk_is_for_who_walks(void)
{
	char path[] = "/tmp/test_replay.XXXXXX";
	struct fake *fake = fake_router();
	size_t octets = 0, want = fake->walked.len;
	int fd = mkstemp(path);
	struct source *source;

	fake->walk_error = 0;
	source = source_record_open(&fake->source, path);
	source_walk(source, count_octets, &octets);
	fake->walk_error = -ENOSYS;
	source_walk(source, count_octets, &octets);
	source_ask(source, Q_SUBFLOWS, count_octets, &octets);
	source_now_us(source);
	source_close(source);
	source = source_replay_open(path, NULL);
	octets = 0;
	ok(source_ask(source, Q_SUBFLOWS, count_octets, &octets) == -ENODATA, "a dump is not");
	ok(source_ask_each(source, NULL, count_octets, &octets) == -ENOSYS, "nor each");
	ok(!source_walk(source, count_octets, &octets) && octets == want, "a walk is");
	ok(source_walk(source, count_octets, &octets) == -ENOSYS, "then there was none");
	ok(source_walk(source, count_octets, &octets) == -EAGAIN, "and no second try");
	ok(!source_ask(source, Q_SUBFLOWS, count_octets, &octets) && octets > want, "but a dump");
	source_close(source);
	close(fd);
	unlink(path);
}

/*
 * --- chance ------------------------------------------------------------------------------------
 */

static uint32_t count_up(struct source *source)
{
	static uint32_t count = 4000000000;

	(void)source;
	return count++;
}

static void do_nothing(struct source *source)
{
	(void)source;
}

static void chance_is_what_it_was(void)
{
	static const struct source_ops ops = { .chance = count_up, .close = do_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	is_u64(source_chance(source), 4000000000, "the first");
	is_u64(source_chance(source), 4000000001, "the second");
	source_close(source);
	source = source_replay_open(path, NULL);
	is_u64(source_chance(source), 4000000000, "the first again");
	is_u64(source_chance(source), 4000000001, "the second again");
	is_u64(source_chance(source), 0, "the end");
	source_close(source);
	close(fd);
	unlink(path);
}

/*
 * --- routes ------------------------------------------------------------------------------------
 */

static struct route_query to(uint8_t last, uint32_t ifindex)
{
	return (struct route_query){ .to = { AF_INET, { 192, 0, 2, last } },
				     .from = { AF_INET, { 10, 0, 0, 1 } },
				     .ifindex = ifindex };
}

/* Tells by which query it was asked. */
static int tell_route(struct source *source, const struct route_query *query, datagram_fn fn,
		      void *arg)
{
	(void)source;
	return query->to.bytes[3] == 9 ? -ENETUNREACH : fn(query, sizeof(*query), arg);
}

static int keep(const void *buf, size_t len, void *arg)
{
	memcpy(arg, buf, len);
	return 0;
}

/* The answer in short: the last octet asked for, or what is no answer. */
static int route(struct source *source, uint8_t last, uint32_t ifindex)
{
	const struct route_query query = to(last, ifindex);
	struct route_query told = { 0 };
	int error = source_ask_route(source, &query, keep, &told);

	return error ? error : told.to.bytes[3];
}

static void a_route_is_that_of_its_query(void)
{
	static const struct source_ops ops = { .ask_route = tell_route, .close = do_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	for (uint8_t last = 1; last <= 4; last++)
		route(source, last, 5);
	route(source, 9, 5);
	source_close(source);
	source = source_replay_open(path, NULL);
	ok(route(source, 1, 5) == 1, "the same question");
	ok(route(source, 7, 5) == -ENODATA, "one that was not asked");
	ok(route(source, 2, 6) == -ENODATA, "nor from that device");
	ok(route(source, 3, 5) == 3, "one that comes after another");
	ok(route(source, 2, 5) == -ENODATA, "what was passed is over");
	ok(route(source, 9, 5) == -ENETUNREACH, "no way");
	ok(route(source, 4, 5) == -ENODATA, "the end");
	source_close(source);
	close(fd);
	unlink(path);
}

/* What captures were before: the route without its query. */
static void a_route_of_an_older_capture_goes_by_its_place(void)
{
	static const struct {
		char magic[8];
		uint32_t byte_order, version;
		struct { uint32_t call, what; int64_t value; uint64_t len; } records[4];
	} capture = { "mptcpwan", 0x01020304, 2,
		      { { 8, 0, 0, 0 },
			{ 4, 0, -ENETUNREACH, 0 },
			{ 8, 0, 0, 0 },
			{ 4, 0, 0, 0 } } };
	char path[] = "/tmp/test_replay.XXXXXX";
	int fd = mkstemp(path);
	struct source *source;

	ok(write(fd, &capture, sizeof(capture)) == sizeof(capture), "a capture");
	source = source_replay_open(path, NULL);
	ok(route(source, 1, 5) == -ENETUNREACH, "the first");
	ok(route(source, 2, 5) == 0, "the second");
	ok(route(source, 3, 5) == -ENODATA, "the end");
	source_close(source);
	close(fd);
	unlink(path);
}

/*
 * --- subflows, in either way -------------------------------------------------------------------
 */

static int tell_all(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	(void)source, (void)question;
	return fn("all", 4, arg);
}

static int tell_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct socket_id id;
	int error = 0;

	(void)source;
	while (!error && next(arg, &id))
		error = fn(&id.cookie, sizeof(id.cookie), arg);
	return error;
}

/* Who asks for two, and what was told. */
struct asking {
	uint64_t cookie;
	char told[64];
};

static bool two(void *arg, struct socket_id *out)
{
	struct asking *asking = arg;

	*out = (struct socket_id){ .cookie = 0x6100 + asking->cookie };
	return asking->cookie++ < 2;
}

static int append(const void *buf, size_t len, void *arg)
{
	struct asking *asking = arg;
	size_t at = strlen(asking->told);

	snprintf(asking->told + at, sizeof(asking->told) - at, "%s ",
		 len == 4 ? (const char *)buf : "one");
	return 0;
}

/* What is told, or the error. */
static const char *subflows(struct source *source, bool each)
{
	static struct asking asking;
	int error;

	asking = (struct asking){ 0 };
	error = each ? source_ask_each(source, two, append, &asking)
		     : source_ask(source, Q_SUBFLOWS, append, &asking);
	return error ? strerror(-error) : asking.told;
}

static uint64_t one(struct source *source)
{
	(void)source;
	return 1;
}

static void who_asks_for_each_is_told_of_each(void)
{
	static const struct source_ops ops = { .ask = tell_all, .ask_each = tell_each,
					       .now_us = one, .close = do_nothing };
	char path[] = "/tmp/test_replay.XXXXXX";
	struct source inner = { &ops }, *source;
	int fd = mkstemp(path);

	source = source_record_open(&inner, path);
	is_text(subflows(source, false), "all ", "all are told of");
	is_text(subflows(source, true), "one one ", "each that is asked for");
	source_now_us(source);	/* which ends a poll */
	source_close(source);
	source = source_replay_open(path, NULL);
	is_text(subflows(source, true), strerror(ENOSYS), "not where all were asked for");
	is_text(subflows(source, false), "all ", "they still can be");
	is_text(subflows(source, true), "one one ", "then each, as recorded");
	is_text(subflows(source, true), strerror(ENOSYS), "and that is all");
	source_close(source);
	source = source_replay_open(path, NULL);
	is_text(subflows(source, false), "all ", "who asks for all");
	is_text(subflows(source, false), "one one ", "is told of them in either case");
	source_close(source);
	close(fd);
	unlink(path);
}

int main(void)
{
	a_replay_says_the_same(recorded, "netlink");
	a_replay_says_the_same(recorded_walks, "walks");
	a_walk_is_for_who_walks();
	chance_is_what_it_was();
	a_route_is_that_of_its_query();
	a_route_of_an_older_capture_goes_by_its_place();
	who_asks_for_each_is_told_of_each();
	return tap_done();
}
