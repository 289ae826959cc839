/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H
#include "cli/screen.h"
#include "cli/view.h"
#include "lib/budget.h"

struct json_object;

/* What `mptcp-wan doctor` has found, for those who tell it. */
struct examination {
	const struct view *view;
	const struct snapshot *snapshot; /* the view's */
	struct budget budget;
	bool probed;		 /* the kernel was asked for its greatest limit ... */
	int probe_error;	 /* ... in vain: the -errno of ceiling_ask() */
	uint32_t kernel_ceiling; /* ... and told it */
};

/*
 * Severity of the worst finding or alarm; an alarm stands, although nothing is found now, until
 * there is evidence to the contrary. SEVERITY_NONE without any; but to know no WAN at all is no good
 * health, and worth a warning.
 */
uint32_t doctor_severity(const struct snapshot *);

/* An alarm that no finding of this moment explains, or one that is worth knowing only. */
bool doctor_alarm_stands_alone(const struct snapshot *, const struct alarm *);

/*
 * The i-th thing that could not be read or judged, from 0: what, and why. False after the last.
 */
enum { UNJUDGED_LEN = 512 };
struct unjudged {
	char what[UNJUDGED_LEN], why[UNJUDGED_LEN];
};
bool unjudged_next(const struct view *, size_t *at, struct unjudged *);

/* The budget of a connection's subflows: terms, limits, ceiling, price; and what follows. */
void budget_print(const struct screen *, const struct examination *);
struct json_object *budget_json(const struct examination *);

/* "5 are enough", "set it to 5 ...", or what else to do. Returns text. */
enum { BUDGET_LEN = 384 };
const char *budget_advice(const struct examination *, char text[BUDGET_LEN]);

/* Why the kernel did not tell its greatest limit; NULL when it did, or was not asked. */
const char *doctor_probe_failed(const struct examination *);

/*
 * All of it on stdout, as text or JSON. Returns what `doctor` exits with, or EXIT_FAILED, having said
 * why.
 */
int doctor_tell(const struct examination *, const struct common_options *);

/* The same in either form, and no more. 0 or -ENOMEM. */
int doctor_print(const struct screen *, const struct examination *);
int doctor_print_json(const struct examination *);
#endif
