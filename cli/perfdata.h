/* SPDX-License-Identifier: MIT */
#ifndef CLI_PERFDATA_H
#define CLI_PERFDATA_H
#include "cli/threshold.h"

/*
 * Performance data after the Monitoring Plugins Development Guidelines, 2.6:
 *	'label'=value[UOM];[warn];[crit];[min];[max]
 * Labels are a metric's key, of a WAN after its name: 'wan1_in_octets'. What has no value is left
 * out: Icinga calls the guidelines' U invalid.
 */

/* A row of a table: the host's, or a WAN's. */
struct perfdata {
	const struct snapshot *snapshot;
	uint64_t now_s;				/* since 1970, for ages */
	const struct thresholds *warning, *critical;
};

/* So many octets; 0 for a metric without value. Never more than PERFDATA_ITEM_MOST. */
enum { PERFDATA_ITEM_MOST = 256, PERFDATA_ROW_MOST = 2048 };
size_t perfdata_item(const struct perfdata *, const struct metric *, const void *row,
		     const char *wan, char text[PERFDATA_ITEM_MOST]);

/* What is told of the host, or of a WAN, with spaces between. Returns the length. */
size_t perfdata_host(const struct perfdata *, char text[PERFDATA_ROW_MOST]);
size_t perfdata_wan(const struct perfdata *, const struct wan *, char text[PERFDATA_ROW_MOST]);

/* The same number as a threshold sees it: percent, not hundredths of them; an age. */
bool perfdata_number(const struct perfdata *, const struct metric *, const void *row,
		     double *number);
#endif
