/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "lib/refresh.h"

enum {
	RECONCILE_MS = 5 * 60 * 1000, /* between dumps or walks */
	DOUBT_MS = 30 * 1000,	      /* ... where there is doubt, which may stay */
	DOUBTS = 2,		      /* polls: at one, a subflow may just have begun */
	/* One in so many TCP sockets is a subflow: then all cost no more than each. */
	DUMP_FROM = 2,
	/*
	 * A walk takes 0.2 to 0.3 us for each in TIME_WAIT, a dump a third of that, but 0.4 us more
	 * for each subflow.
	 */
	WALK_UP_TO = 2,		/* so many of them for each subflow */
	FEW_IN_TIME_WAIT = 1000 /* cost nothing to speak of */
};

/* Of one poll. */
struct reading {
	struct ledger *ledger;
	struct attempts *attempts;
	size_t position; /* of who is asked for next */
	bool muted;	 /* one of the rows was */
};

static int begin_dump(void *arg)
{
	struct reading *reading = arg;

	ledger_dump_begin(reading->ledger);
	attempts_dump_begin(reading->attempts);
	return 0;
}

static int take_row(void *arg, const struct subflow_row *row)
{
	struct reading *reading = arg;

	reading->muted |= row->muted;
	ledger_row(reading->ledger, row);
	attempts_row(reading->attempts, row);
	return 0;
}

static void expect_row(void *arg, uint64_t cookie)
{
	ledger_expect(((struct reading *)arg)->ledger, cookie);
}

static int begin_requests(void *arg)
{
	struct reading *reading = arg;
	const struct subflow_row *row;

	reading->position = 0;
	ledger_dump_begin(reading->ledger);
	for (size_t i = 0; (row = attempts_get(reading->attempts, i)); i++)
		ledger_row(reading->ledger, row);
	return 0;
}

static int take_answer(void *arg, const struct subflow_row *row)
{
	ledger_row(((struct reading *)arg)->ledger, row);
	return 0;
}

static bool next(void *arg, struct socket_id *out)
{
	struct reading *reading = arg;

	return ledger_next_live(reading->ledger, &reading->position, out);
}

/*
 * Without BPF births have no socket yet, attempts are not told, and some births neither. A loss,
 * and more of them than may be followed, is in the accounting.
 */
static bool requests_fit(const struct refresh *refresh, const struct harvest *harvest,
			 const struct reading *reading, uint64_t now_ms)
{
	const struct maybe_u64 *sockets = &harvest->load.tcp_sockets;

	if (refresh->doubts >= DOUBTS && now_ms >= refresh->read_ms + DOUBT_MS)
		return false;
	return now_ms < refresh->dump_ms && now_ms >= refresh->refused_ms &&
	       ledger_accounting(reading->ledger) == ACCOUNTING_EXACT &&
	       !ledger_missing(reading->ledger) && !reading->attempts->partial &&
	       !harvest->answers[Q_LOAD].error && sockets->known &&
	       ledger_live(reading->ledger) * DUMP_FROM < sockets->value;
}

/* Only a walk can tell whether those that had lost their flags have them by now. */
static bool walk_fits(const struct refresh *refresh, const struct harvest *harvest,
		      const struct reading *reading, uint64_t now_ms)
{
	const struct maybe_u64 *waiting = &harvest->load.tcp_time_wait;

	if (refresh->no_walk)
		return false;
	return refresh->muted || now_ms >= refresh->walk_ms || harvest->answers[Q_LOAD].error ||
	       !waiting->known || waiting->value <= FEW_IN_TIME_WAIT ||
	       waiting->value <= ledger_live(reading->ledger) * WALK_UP_TO;
}

/*
 * False: the dump is to be asked for. A subflow that had lost its flag has it again; others may have
 * ended without it, and that is a loss.
 */
static bool walk(struct refresh *refresh, struct harvest *harvest, struct source *source,
		 struct subflow_taker *taker, uint64_t now_ms)
{
	struct reading *reading = taker->arg;
	int error;

	taker->walk = true;
	harvest_ask_subflows(harvest, source, taker);
	taker->walk = false;
	error = harvest->answers[Q_SUBFLOWS].error;
	refresh->no_walk = error == -ENOSYS;
	refresh->muted = reading->muted;
	if (reading->muted)
		ledger_lost(reading->ledger, 1);
	refresh->walk_ms = error ? 0 : now_ms + RECONCILE_MS;
	return !error;
}

void refresh_ask(struct refresh *refresh, struct harvest *harvest, struct source *source,
		 struct ledger *ledger, struct attempts *attempts, uint64_t now_ms)
{
	static const struct subflow_taker dump = { .begin = begin_dump,
						   .row = take_row,
						   .expect = expect_row },
					  requests = { .begin = begin_requests,
						       .row = take_answer,
						       .expect = expect_row,
						       .next = next };
	struct reading reading = { .ledger = ledger, .attempts = attempts };
	struct subflow_taker taker = requests;
	bool walked;

	taker.arg = &reading;
	if (requests_fit(refresh, harvest, &reading, now_ms)) {
		harvest_ask_subflows(harvest, source, &taker);
		if (!harvest->answers[Q_SUBFLOWS].error)
			return;
		refresh->refused_ms = now_ms + RECONCILE_MS;
	}
	taker = dump;
	taker.arg = &reading;
	walked = walk_fits(refresh, harvest, &reading, now_ms);
	if (!walked || !walk(refresh, harvest, source, &taker, now_ms))
		harvest_ask_subflows(harvest, source, &taker);
	if (harvest->answers[Q_SUBFLOWS].error && !walked && !refresh->no_walk)
		(void)walk(refresh, harvest, source, &taker, now_ms);
	refresh->dump_ms = 0;
	if (harvest->answers[Q_SUBFLOWS].error)
		return;
	refresh->dump_ms = now_ms + RECONCILE_MS;
	if (refresh->walk_ms && refresh->walk_ms < refresh->dump_ms)
		refresh->dump_ms = refresh->walk_ms;
	refresh->read_ms = now_ms;
	attempts_dump_end(attempts);
}

/*
 * The first subflow is no extra one; what waits for its SYN/ACK is. A connection whose first one has
 * ended before the others seems to lack one for good, too.
 */
static bool has_more(const struct connection *connection)
{
	uint32_t waiting = (uint32_t)__builtin_popcountll(connection->waiting);

	return connection->established && !connection->fallback && connection->subflows &&
	       connection->extra + 1U > connection->subflows + waiting;
}

void refresh_check(struct refresh *refresh, const struct connections *connections)
{
	for (size_t i = 0; i < connections->count; i++) {
		if (has_more(&connections->rows[i])) {
			refresh->doubts++;
			return;
		}
	}
	refresh->doubts = 0;
}
