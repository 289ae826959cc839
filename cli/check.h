/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H
#include "cli/threshold.h"
#include "cli/view.h"

/* A monitoring plugin, after the Monitoring Plugins Development Guidelines. */

/* Exit statuses, by the guidelines. */
enum check_status { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

struct check_options {
	struct common_options common; /* first: its rows count from here */
	char warning[256], critical[256]; /* as typed */
	char wan[WAN_NAME_LEN];		  /* "": all */
	uint32_t blind;			  /* enum check_status of a monitor that is blind */
	uint32_t timeout_ms;		  /* 0: not told */
	uint32_t for_ms;		  /* of our own look */
	uint32_t most;			  /* octets of output */
	bool verbose, version;
	struct thresholds warns, calls;	  /* what warning and critical say */
};

/* "OK" to "UNKNOWN" */
extern const char *const check_status_words[];

/*
 * What is said of a view: the first line, further ones, performance data, within options->most
 * octets with their end. The status is the exit status. Text is for the caller to free; NULL: no
 * memory.
 */
struct check_result {
	enum check_status status;
	char *text;
};
struct check_result check_view(const struct check_options *, const struct view *);

/* The same where there is no view: one line. A | in it would begin performance data. */
struct check_result check_nothing(enum check_status, const char *why);
#endif
