/* SPDX-License-Identifier: MIT */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H
#include "cli/look.h"
#include "cli/options.h"
#include "cli/status_read.h"

/*
 * What a subcommand has to show: the agent's status where it is there and fresh (exact totals since
 * its start, alarms and history), else a look of our own at the kernel.
 */
struct view {
	const struct snapshot *snapshot;
	struct status status; /* whose snapshot it is, when from_agent */
	bool from_agent;
	struct settings settings; /* of our own look */
	uint32_t looked_ms;	  /* how long it took */
	uint64_t now_s;		  /* since 1970 */
};

/*
 * for_ms: how long our own look shall last at least. Returns EXIT_DONE, or EXIT_FAILED having said
 * why: then there is nothing to close.
 */
int view_open(struct view *, const struct common_options *, uint32_t for_ms);

/*
 * The same with a plan for our own look, if it comes to that, and a ceiling that the kernel has
 * told (0: it has not), which is then that of the look's budget and advice.
 */
int view_open_planned(struct view *, const struct common_options *, const struct look_plan *,
		      uint32_t ceiling);
void view_close(struct view *);

/*
 * The settings of a look of our own: the agent's configuration (said what is wrong with it, if it
 * was not asked for by name, and done without) with the interval of the options. Returns EXIT_DONE
 * or EXIT_FAILED, having said why.
 */
int view_settings(const struct common_options *, struct settings *);

/* The same without saying it: a line in why (WHY_LEN octets), or "". */
int view_settings_why(const struct common_options *, struct settings *, char *why);

/*
 * Where the agent's status may be taken for the present, or not. Returns it, and fills status if it
 * is FOUND; otherwise why holds a line (STATUS_WHY_LEN octets).
 */
enum view_found { FOUND, FOUND_NONE, FOUND_OLD, FOUND_FORBIDDEN, FOUND_BROKEN };
enum view_found view_find_status(const char *run_dir, uint64_t now_s, struct status *, char *why);

/* When a snapshot was taken, since 1970; and whether the agent's may be taken for the present. */
uint64_t view_taken_s(const struct snapshot *);
bool view_fresh(const struct snapshot *, uint64_t now_s);

/* Some question was not answered that root is answered. */
bool view_not_permitted(const struct snapshot *);

/* Below what our own look showed: how far it may be trusted. Nothing if it is the agent's. */
void view_caution(const struct view *, const struct screen *);
#endif
