/* SPDX-License-Identifier: MIT */
#ifndef CLI_VERIFY_PRINT_H
#define CLI_VERIFY_PRINT_H
#include "cli/screen.h"
#include "cli/verify_compare.h"

/* All that there is to tell of a verification. */
struct verification {
	char *const *command;	/* ends with NULL */
	bool ran;		/* it has begun; how it ended: */
	int wait_status;	/* as waitpid() told */
	uint32_t window_ms, settle_ms, interval_ms;
	const char *connect_to;	/* where connects of our own went; NULL: none were made */
	bool fallback_known;	/* of those */
	bool interrupted;
	struct window before, after;
	struct comparison comparison;
	struct maybe_u64 begun;	/* MPTCP connections since the window before, without our own */
	uint64_t now_s;		/* since 1970 */
};

/* A table of what was and what is, and in words what to make of it. 0 or -ENOMEM. */
int verification_print(const struct screen *, const struct verification *);

/* For the caller to free; NULL: no memory. */
char *verification_json(const struct verification *);
#endif
