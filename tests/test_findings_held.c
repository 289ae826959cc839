/* SPDX-License-Identifier: MIT */
/* An answer that is held while its question fails is no evidence, for nor against. */
#include <errno.h>
#include "lib/answer.h"
#include "tests/diagnose_world.h"
#include "tests/tap.h"

#define BIT(question) (1U << (question))
enum {
	STATES = BIT(Q_LINKS) | BIT(Q_ADDRESSES) | BIT(Q_ENDPOINTS) | BIT(Q_CONNECTIONS) |
		 BIT(Q_SUBFLOWS),
	SPEECH = BIT(Q_SYSCTLS) | BIT(Q_CONNECTIONS) | BIT(Q_SUBFLOWS)
};

static void nothing(struct world *w)
{
	(void)w;
}

/* A failed dump of subflows leaves connections so, too: see connections_unjoin(). */
static void nobody_joins(struct world *w)
{
	strcpy(w->host.path_manager, "userspace");
	w->connections[0].on = WAN1;
	w->connections[0].subflows = 1;
}

static void no_endpoint_is_left(struct world *w)
{
	w->endpoint_count = 0;
}

static void syns_are_dropped(struct world *w)
{
	w->connections[0].complete = false;
	world_count(w, "Blackhole");
	world_poll(w, WORLD_POLL_MS);
	world_count(w, "Blackhole");
}

static void it_falls_back(struct world *w)
{
	struct connection *connection = world_connect(w, WAN1);

	connection->fallback = true;
	connection->complete = connection->at_limit = false;
}

static void another_scheduler(struct world *w)
{
	strcpy(w->settings.expect.scheduler, "blest");
}

static const struct {
	enum cause cause;
	enum verdict verdict;
	void (*happens)(struct world *);
	unsigned int needs;
} cases[] = {
	{ CAUSE_USERSPACE_PM, VERDICT_NO, nothing, STATES | BIT(Q_SYSCTLS) },
	{ CAUSE_USERSPACE_PM, VERDICT_YES, nobody_joins, STATES | BIT(Q_SYSCTLS) },
	{ CAUSE_NO_ENDPOINTS, VERDICT_NO, nothing, STATES | BIT(Q_SYSCTLS) },
	{ CAUSE_NO_ENDPOINTS, VERDICT_YES, no_endpoint_is_left, STATES | BIT(Q_SYSCTLS) },
	{ CAUSE_BLACKHOLE, VERDICT_NO, nothing, SPEECH },
	{ CAUSE_BLACKHOLE, VERDICT_YES, syns_are_dropped, SPEECH },
	{ CAUSE_FALLBACK, VERDICT_NO, nothing, SPEECH },
	{ CAUSE_FALLBACK, VERDICT_YES, it_falls_back, SPEECH },
	{ CAUSE_DRIFT, VERDICT_NO, nothing, BIT(Q_LIMITS) | BIT(Q_SYSCTLS) },
	{ CAUSE_DRIFT, VERDICT_YES, another_scheduler, BIT(Q_LIMITS) | BIT(Q_SYSCTLS) },
	{ CAUSE_MPTCP_DISABLED, VERDICT_NO, nothing, BIT(Q_SYSCTLS) },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *cause = cause_words[cases[i].cause];
		struct world *w = world_new(3);

		world_poll(w, 0);
		world_connect(w, WAN1 | WAN2);
		world_run(w, 20000);
		cases[i].happens(w);
		world_poll(w, WORLD_POLL_MS);
		is_u64(world_verdict(w, cases[i].cause), cases[i].verdict, "%s", cause);
		for (enum question q = 0; q < QUESTIONS; q++) {
			w->errors[q] = -EIO;
			world_poll(w, 1);
			is_u64(world_verdict(w, cases[i].cause),
			       cases[i].needs & BIT(q) ? VERDICT_UNKNOWN : cases[i].verdict,
			       "%s, and no answer about %s", cause, answer_word(q));
			w->errors[q] = 0;
		}
		world_free(w);
	}
	return tap_done();
}
