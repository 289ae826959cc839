/* SPDX-License-Identifier: MIT */
#ifndef COLLECTD_PLUGIN_NOTICE_H
#define COLLECTD_PLUGIN_NOTICE_H
#include "lib/metrics.h"

/* A row of the alarm log as a notification. */
enum notice_level { NOTICE_OKAY, NOTICE_WARNING, NOTICE_FAILURE };
enum { NOTICE_LEN = 256 };	/* collectd's own, its end included */

struct notice {
	enum notice_level level;
	const char *place;		/* the WAN's name, or "host"; valid as long as the row */
	char message[NOTICE_LEN];	/* the beginning of the text, in whole words */
};

void notice_of(const struct alarm_record *, struct notice *);

/* Everything else that is told of it: under its key either a text, or (NULL) a number. */
typedef void (*detail_fn)(void *arg, const char *key, const char *text, double number);

/* What SNMP's notifications have, in their order; what is empty or not known is left out. */
void notice_details(const struct alarm_record *, detail_fn fn, void *arg);
#endif
