/* SPDX-License-Identifier: MIT */
#ifndef LIB_HARVEST_H
#define LIB_HARVEST_H
#include "lib/addressbook.h"
#include "lib/connections.h"
#include "lib/parse.h"
#include "lib/source.h"

/*
 * What the questions of a poll brought, by question. The answer of a question that failed leaves
 * what an earlier poll brought, so that values hold; `answers` tells which are of now.
 */
struct harvest {
	struct answer answers[QUESTIONS];
	bool ever[QUESTIONS];		/* answered at least once */
	bool ulp_shown;			/* a TCP socket with its ULP block was: we may see them */
	struct sysctl_row sysctls;
	struct limits_row limits;
	struct load_row load, load_before;
	struct endpoint *endpoints;
	struct counter *counters;
	size_t endpoint_count, counter_count;
	struct connections connections;
};

void harvest_init(struct harvest *);
void harvest_free(struct harvest *);

/*
 * Asks one question other than Q_SUBFLOWS, again when the kernel interrupts the dump (at most 3
 * times), and takes the answer in when it is complete. Links and addresses go to the book, between
 * addressbook_dump_begin() and _end().
 */
void harvest_ask(struct harvest *, struct source *, enum question, struct addressbook *,
		 uint64_t now_ms);

/* Who takes the subflows of a dump, a walk, or one by one. */
struct subflow_taker {
	/* 0, or -errno to give up. */
	int (*begin)(void *arg);	/* it begins, or begins anew: what came before is void */
	int (*row)(void *arg, const struct subflow_row *);
	void (*expect)(void *arg, uint64_t cookie);	/* rows to come, perhaps; may be NULL */
	/* Who is to be asked for, each by itself; NULL: all of them. Begins anew, too. */
	next_socket_fn next;
	bool walk;	/* all of them by source_walk(), not by a dump */
	void *arg;
};

/*
 * Q_SUBFLOWS, likewise, whichever way the taker wants: hands the rows on. The taker learns from `answers`
 * whether they are complete. What the connections knew of their subflows is forgotten (connections_unjoin()).
 */
void harvest_ask_subflows(struct harvest *, struct source *, const struct subflow_taker *);
#endif
