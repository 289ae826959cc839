/* SPDX-License-Identifier: MIT */
#ifndef LIB_REFRESH_H
#define LIB_REFRESH_H
#include "lib/attempts.h"
#include "lib/harvest.h"
#include "lib/ledger.h"

/*
 * How a poll reads the subflows that are alive, and enters them in the ledger. A dump walks every
 * TCP socket of the host and costs what that has; where they are many and the ledger knows the
 * subflows from streams that tell of every birth, each is asked for by itself. A dump checks that
 * from time to time, and at once when there is any doubt.
 */
struct refresh {
	uint64_t dump_ms;    /* when a dump is due; 0: at once */
	uint64_t refused_ms; /* until then requests are not tried again; 0: they never failed */
};

/*
 * Asks for them, by a dump where requests do not fit or fail. Between ledger_dump_begin(), which it
 * calls, and ledger_dump_end(), which it does not: the streams are to be drained before. Its
 * outcome is that of the question.
 */
void refresh_ask(struct refresh *, struct harvest *, struct source *, struct ledger *,
		 struct attempts *, uint64_t now_ms);
#endif
