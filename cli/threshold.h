/* SPDX-License-Identifier: MIT */
#ifndef CLI_THRESHOLD_H
#define CLI_THRESHOLD_H
#include "lib/metrics.h"

/*
 * When a check is to call: from a severity on, and at numbers outside a range. Ranges are those of
 * the Monitoring Plugins Development Guidelines, 2.5.
 */

/* [@][START:][END]: 10 is 0 to 10; 10: from 10 on; ~:10 up to 10; with @ it calls inside. */
enum { RANGE_LEN = 32 };
struct range {
	bool inside;		/* @ */
	double start, end;	/* infinite where there is none */
	char text[RANGE_LEN];
};

/* Whether it is one. */
bool range_parse(const char *text, struct range *);
bool range_calls(const struct range *, double value);

/* One option's worth: "major, wans_carrying=2:". */
enum { THRESHOLDS_MOST = 16, SEVERITY_NEVER = SEVERITY_CRITICAL + 1 };
struct thresholds {
	uint32_t severity;	/* alarms of this one and above call */
	size_t count;
	struct threshold {
		const struct metric *metric;
		struct range range;
	} rows[THRESHOLDS_MOST];
};

/*
 * The words of a list: a severity (or "never") in place of what was there, and KEY=RANGE of metrics
 * of that table, as long as they are numbers. 0, or -EINVAL with a line in why (WHY_LEN octets)
 * that begins with the option's name.
 */
int thresholds_parse(const char *option, const char *list, const struct metric_table *,
		     struct thresholds *, char *why);

/* That of a metric, or NULL. */
const struct range *thresholds_find(const struct thresholds *, const struct metric *);
#endif
