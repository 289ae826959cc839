/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/netlink.h"
#include "tests/tape.h"

enum call_kind { ASK, ROUTE, OPEN, DRAIN };
static const char *const kind_words[] = { "question", "route", "opening", "drain" };

struct datagram { void *bytes; size_t len; };

/* A call with all that it told. */
struct call {
	enum call_kind kind;
	unsigned int what;		/* a question or a stream */
	size_t step, nth;		/* nth: of its kind and `what` in the step */
	struct route_query query;
	int result;
	struct datagram *datagrams;
	size_t count;
};

struct step { uint64_t now_us, wall_ms; size_t first_call; };

struct tape {
	struct source source;		/* of the recorder */
	struct source *inner;
	struct call *calls;
	struct step *steps;
	size_t call_count, step_count;
	struct player *playing;
	size_t calls_made, failed_step;
	const char *failed_call;
};

struct player {
	struct source source;
	struct tape *tape;
	size_t step, made, failing;
	const struct fault *fault;
	unsigned int asked[QUESTIONS], drained[STREAMS];	/* in this step */
	struct { size_t call, datagram; } at[STREAMS];		/* what is queued begins there */
	uint64_t us;						/* since the step began */
};

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct tape *tape_new(void)
{
	return need(calloc(1, sizeof(struct tape)));
}

void tape_free(struct tape *tape)
{
	for (size_t i = 0; i < tape->call_count; i++) {
		for (size_t k = 0; k < tape->calls[i].count; k++)
			free(tape->calls[i].datagrams[k].bytes);
		free(tape->calls[i].datagrams);
	}
	free(tape->calls);
	free(tape->steps);
	free(tape);
}

/*
 * --- recording ---------------------------------------------------------------------------------
 */

static struct tape *tape_of(struct source *source)
{
	return (struct tape *)source;
}

static struct step *last_step(struct tape *tape)
{
	return &tape->steps[tape->step_count - 1];
}

static struct call *new_call(struct tape *tape, enum call_kind kind, unsigned int what)
{
	struct call call = { .kind = kind, .what = what, .step = tape->step_count - 1 };

	for (size_t i = last_step(tape)->first_call; i < tape->call_count; i++)
		call.nth += tape->calls[i].kind == kind && tape->calls[i].what == what;
	tape->calls = need(realloc(tape->calls, (tape->call_count + 1) * sizeof(call)));
	tape->calls[tape->call_count] = call;
	return &tape->calls[tape->call_count++];
}

struct keeping { struct call *call; datagram_fn fn; void *arg; };

static int keep(const void *buf, size_t len, void *arg)
{
	struct keeping *keeping = arg;
	struct call *call = keeping->call;
	struct datagram datagram = { need(malloc(len + 1)), len };

	memcpy(datagram.bytes, buf, len);
	call->datagrams = need(realloc(call->datagrams, (call->count + 1) * sizeof(datagram)));
	call->datagrams[call->count++] = datagram;
	return keeping->fn(buf, len, keeping->arg);
}

static int record_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct keeping keeping = { new_call(tape_of(source), ASK, question), fn, arg };

	keeping.call->result = source_ask(tape_of(source)->inner, question, keep, &keeping);
	return keeping.call->result;
}

struct keeping_each { struct keeping keeping; next_socket_fn next; };

static bool next_of_each(void *arg, struct socket_id *out)
{
	struct keeping_each *each = arg;

	return each->next(each->keeping.arg, out);
}

/* Either way of asking answers both. */
static int record_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	struct keeping_each each = { { new_call(tape_of(source), ASK, Q_SUBFLOWS), fn, arg }, next };
	int result = source_ask_each(tape_of(source)->inner, next_of_each, keep, &each);

	each.keeping.call->result = result;
	return result;
}

static int record_route(struct source *source, const struct route_query *query, datagram_fn fn,
			void *arg)
{
	struct keeping keeping = { new_call(tape_of(source), ROUTE, 0), fn, arg };

	keeping.call->query = *query;
	keeping.call->result = source_ask_route(tape_of(source)->inner, query, keep, &keeping);
	return keeping.call->result;
}

static int record_open(struct source *source, enum stream stream)
{
	int result = source_open(tape_of(source)->inner, stream);

	new_call(tape_of(source), OPEN, stream)->result = result;
	return result;
}

static int record_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct keeping keeping = { new_call(tape_of(source), DRAIN, stream), fn, arg };

	keeping.call->result = source_drain(tape_of(source)->inner, stream, keep, &keeping);
	return keeping.call->result;
}

static int no_fd(struct source *source, enum stream stream)
{
	(void)source, (void)stream;
	return -1;
}

static uint64_t record_now(struct source *source)
{
	uint64_t now = source_now_us(tape_of(source)->inner);
	struct step *step = last_step(tape_of(source));

	step->now_us = step->now_us ? step->now_us : now;
	return now;
}

static uint64_t record_wall(struct source *source)
{
	return last_step(tape_of(source))->wall_ms = source_wall_ms(tape_of(source)->inner);
}

/* Any number will do: it is the same in all plays. */
static uint32_t no_chance(struct source *source)
{
	(void)source;
	return 7;
}

static void record_close(struct source *source)
{
	source_close(tape_of(source)->inner);
}

static const struct source_ops recording = {
	.ask = record_ask, .ask_each = record_each, .ask_route = record_route, .open = record_open, .drain = record_drain,
	.fd = no_fd, .now_us = record_now, .wall_ms = record_wall, .chance = no_chance,
	.close = record_close,
};

struct source *tape_record(struct tape *tape, struct source *inner)
{
	tape->source.ops = &recording;
	tape->inner = inner;
	return &tape->source;
}

/*
 * --- playing -----------------------------------------------------------------------------------
 */

static struct player *player_of(struct source *source)
{
	return (struct player *)source;
}

void tape_step(struct tape *tape)
{
	struct player *player = tape->playing;

	if (player) {
		player->step++;
		player->us = 0;
		memset(player->asked, 0, sizeof(player->asked));
		memset(player->drained, 0, sizeof(player->drained));
		return;
	}
	tape->steps = need(realloc(tape->steps, (tape->step_count + 1) * sizeof(*tape->steps)));
	tape->steps[tape->step_count++] = (struct step){ .first_call = tape->call_count };
}

static const struct step *step_of(const struct player *player)
{
	size_t last = player->tape->step_count - 1;

	return &player->tape->steps[player->step < last ? player->step : last];
}

/* How this call fails, or NULL. */
static const struct fault *fault_of(struct player *player, enum call_kind kind)
{
	size_t call = ++player->made;

	player->tape->calls_made = call;
	if (!player->failing || call < player->failing ||
	    call >= player->failing + player->fault->times)
		return NULL;
	if (call == player->failing) {
		player->tape->failed_step = player->step;
		player->tape->failed_call = kind_words[kind];
	}
	return player->tape->failed_call == kind_words[kind] ? player->fault : NULL;
}

/* Half of the messages of it, or half of a text. */
static size_t half_of(const struct datagram *datagram, bool netlink)
{
	size_t offset = 0, half = 0;
	int error = 0;

	if (!netlink)
		return datagram->len / 2;
	while (netlink_next(datagram->bytes, datagram->len, &offset, &error) &&
	       offset <= datagram->len / 2)
		half = offset;
	return half;
}

static int hand(const struct datagram *datagram, size_t len, datagram_fn fn, void *arg)
{
	void *aligned = need(malloc(len + 1));
	int error;

	memcpy(aligned, datagram->bytes, len);
	error = len ? fn(aligned, len, arg) : 0;
	free(aligned);
	return error;
}

/* The answer of a call, as far as the fault lets it. */
static int answer(const struct call *call, const struct fault *fault, bool netlink, datagram_fn fn,
		  void *arg)
{
	size_t count = fault && fault->when == FAULT_HALFWAY ? (call->count + 1) / 2 : call->count;
	int error = 0;

	if (fault && (fault->when == FAULT_AT_ONCE || fault->when == FAULT_OVERRUN))
		return fault->error;
	for (size_t i = 0; i < count && !error; i++) {
		const struct datagram *datagram = &call->datagrams[i];
		size_t len = datagram->len;

		if (fault && i + 1 == count && fault->when == FAULT_HALFWAY)
			len = half_of(datagram, netlink);
		if (fault && i + 1 == count && fault->when == FAULT_CUT)
			len -= len < 5 ? len : 5;
		error = hand(datagram, len, fn, arg);
	}
	if (fault)
		return fault->error;
	return error ? error : call->result;
}

static int play_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct player *player = player_of(source);
	const struct fault *fault = fault_of(player, ASK);
	const struct call *found = NULL;

	/* Retries that were recorded come again; after that the last one stands. */
	for (size_t i = step_of(player)->first_call; i < player->tape->call_count; i++) {
		const struct call *call = &player->tape->calls[i];

		if (call->step != player->step)
			break;
		if (call->kind == ASK && call->what == question &&
		    call->nth <= player->asked[question])
			found = call;
	}
	if (!found)
		return -ENODATA;
	player->asked[question] += !fault;
	return answer(found, fault,
		      question != Q_COUNTERS && question != Q_SYSCTLS && question != Q_LOAD, fn,
		      arg);
}

static int play_each(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	(void)next;
	return play_ask(source, Q_SUBFLOWS, fn, arg);
}

static int play_route(struct source *source, const struct route_query *query, datagram_fn fn,
		      void *arg)
{
	struct player *player = player_of(source);
	const struct fault *fault = fault_of(player, ROUTE);
	const struct call *found = NULL;

	for (size_t i = 0; i < player->tape->call_count; i++) {
		const struct call *call = &player->tape->calls[i];

		if (call->kind == ROUTE && !memcmp(&call->query, query, sizeof(*query)) &&
		    (!found || call->step <= player->step))
			found = call;
	}
	return found ? answer(found, fault, true, fn, arg) : -ENOSYS;
}

/* What was told before it was opened is not for us. */
static int play_open(struct source *source, enum stream stream)
{
	struct player *player = player_of(source);
	const struct fault *fault = fault_of(player, OPEN);
	int result = -ENOSYS;

	if (fault)
		return fault->error;
	for (size_t i = 0; i < player->tape->call_count; i++) {
		const struct call *call = &player->tape->calls[i];

		if (call->step > player->step)
			break;
		if (call->kind == OPEN && call->what == stream)
			result = call->result;
		if (call->step < player->step)
			player->at[stream].call = i + 1;
	}
	player->at[stream].datagram = 0;
	return result;
}

static bool is_queued(const struct player *player, const struct call *call, enum stream stream,
		      unsigned int nth)
{
	return call->kind == DRAIN && call->what == stream &&
	       (call->step < player->step || (call->step == player->step && call->nth <= nth));
}

/* What the recorded monitor had got by now, and we have not. The ring of lives is read whole or not at all. */
static int play_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	struct player *player = player_of(source);
	const struct fault *fault = fault_of(player, DRAIN);
	unsigned int nth = player->drained[stream]++;
	size_t at = player->at[stream].call, skip = player->at[stream].datagram;
	bool halfway = fault && fault->when == FAULT_HALFWAY && stream != STREAM_LIFE;
	int losses = 0;

	if (fault && fault->when == FAULT_AT_ONCE)
		return fault->error;
	for (; at < player->tape->call_count && player->tape->calls[at].step <= player->step; at++) {
		const struct call *call = &player->tape->calls[at];
		size_t most = call->count;

		if (!is_queued(player, call, stream, nth))
			continue;
		if (halfway)
			most = (call->count + 1) / 2;
		for (; skip < most; skip++) {
			size_t len = call->datagrams[skip].len;

			if (fault && fault->when == FAULT_OVERRUN)
				continue;
			if (fault && fault->when == FAULT_CUT)
				len -= len < 5 ? len : 5;
			hand(&call->datagrams[skip], len, fn, arg);
		}
		if (skip < call->count)
			break;
		skip = 0;
		losses += call->result > 0 ? call->result : 0;
	}
	player->at[stream].call = at;
	player->at[stream].datagram = skip;
	if (!fault)
		return losses;
	return fault->when == FAULT_OVERRUN ? losses + 1 : fault->error;
}

static uint64_t play_now(struct source *source)
{
	struct player *player = player_of(source);

	return step_of(player)->now_us + player->us++;
}

static uint64_t play_wall(struct source *source)
{
	return step_of(player_of(source))->wall_ms;
}

static void play_close(struct source *source)
{
	player_of(source)->tape->playing = NULL;
	free(source);
}

static const struct source_ops playing = {
	.ask = play_ask, .ask_each = play_each, .ask_route = play_route, .open = play_open, .drain = play_drain,
	.fd = no_fd, .now_us = play_now, .wall_ms = play_wall, .chance = no_chance,
	.close = play_close,
};

struct source *tape_play(struct tape *tape, size_t call, const struct fault *fault)
{
	struct player *player = need(calloc(1, sizeof(*player)));

	player->source.ops = &playing;
	player->tape = tape;
	player->step = SIZE_MAX;	/* its beginning is the first step */
	player->failing = call;
	player->fault = fault;
	tape->playing = player;
	tape->calls_made = 0;
	tape->failed_step = SIZE_MAX;
	return &player->source;
}

size_t tape_calls(const struct tape *tape)
{
	return tape->calls_made;
}

size_t tape_failed_step(const struct tape *tape)
{
	return tape->failed_step;
}

const char *tape_failed_call(const struct tape *tape)
{
	return tape->failed_call;
}
