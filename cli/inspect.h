/* SPDX-License-Identifier: MIT */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H
#include "cli/options.h"
#include "lib/survey.h"

/* Each socket and endpoint, for the subcommands that list them: a survey of our own. */

/*
 * One look, or two so far apart (apart_ms). WANs are called as the agent does, where it runs, and
 * as its configuration says. `needed` must have an answer. Returns EXIT_DONE, and *survey is to be
 * freed; or EXIT_FAILED, having said why.
 */
int inspect(const struct common_options *, uint32_t apart_ms, enum question needed,
	    struct survey **survey);

/* The two options that mean something else where a survey is made. */
#define OPTION_INSPECT_NO_AGENT                                                                    \
	OPTION_FLAG("no-agent", struct common_options, no_agent,                                   \
		    "take no names of WANs from the agent")
#define OPTION_INSPECT_CONFIG                                                                      \
	{ 0, "FILE", "for names of WANs (/etc/mptcp-wan.conf)",                     \
	  { .name = "config", .kind = VALUE_TEXT, .least = 1, .most = PATH_LEN - 1,                \
	    .offset = offsetof(struct common_options, config) } }

/* What was not answered, for people: a line, or nothing. */
void inspect_print_refused(const struct screen *, const struct survey *);

/* The same for JSON: a list; NULL: no memory. */
struct json_object;
struct json_object *inspect_refused_json(const struct survey *);

/* 192.0.2.1:443, [2001:db8::1]:443; port 0: the address alone */
enum { SOCKET_LEN = 64 };
void socket_text(const struct address *, uint32_t port, char text[SOCKET_LEN]);
#endif
