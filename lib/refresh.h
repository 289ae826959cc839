/* SPDX-License-Identifier: MIT */
#ifndef LIB_REFRESH_H
#define LIB_REFRESH_H
#include "lib/attempts.h"
#include "lib/harvest.h"
#include "lib/ledger.h"

/*
 * How a poll reads the subflows that are alive, and enters them in the ledger. Our own program walks
 * over every TCP socket of the host, or a dump does where there is none, or where most of them are
 * in TIME_WAIT, and either costs what that has; where others are many and the ledger knows the
 * subflows from streams that tell of births, each is asked for by itself. All of them are read from
 * time to time to check that, by a walk, which alone finds who had lost its flag, and soon when
 * there is any doubt.
 */
struct refresh {
	bool no_walk;	     /* the source has none */
	bool muted;	     /* the last walk found subflows whose ending nobody would have told */
	uint64_t dump_ms;    /* when all are due, by a walk or a dump; 0: at once */
	uint64_t walk_ms;    /* when a walk is due, whatever it costs; 0: at once */
	uint64_t read_ms;    /* when all were read last */
	uint32_t doubts;     /* polls running whose connections have more than is known */
	uint64_t refused_ms; /* until then requests are not tried again; 0: they never failed */
};

/*
 * Asks for them: by a walk where requests do not fit or fail, by a dump where that does, too, or the
 * other way round where a dump costs less. Between ledger_dump_begin(), which it calls, and
 * ledger_dump_end(), which it does not: the streams are to be drained before. Its outcome is that
 * of the question.
 */
void refresh_ask(struct refresh *, struct harvest *, struct source *, struct ledger *,
		 struct attempts *, uint64_t now_ms);

/*
 * After ledger_dump_end(): do the connections, which are asked for at each poll, have more subflows
 * than the ledger knows of? Then a birth was not told.
 */
void refresh_check(struct refresh *, const struct connections *);
#endif
