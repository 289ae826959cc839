/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/inspect.h"
#include "cli/listing.h"
#include "cli/suggest.h"

enum { WORDS_LEN = 512, PEER_LEN = 64 };
static const char UNATTRIBUTED_WORD[] = "-"; /* as it is shown */

struct connections_options {
	struct common_options common;
	uint32_t apart_ms; /* 0: one look */
	char wans[WORDS_LEN], peer[PEER_LEN];
	uint32_t port, states, top;
};

static const char *state_word(size_t i, uint32_t *bit)
{
	*bit = 1U << i;
	return connection_state_words[i];
}

/*
 * --- filters -----------------------------------------------------------------------------------
 */

static int unknown_wan(const char *typed, const struct registry *registry)
{
	const char *names[WANS_MAX], *meant;
	size_t count = 0;

	for (size_t slot = 0; slot < WANS_MAX; slot++)
		if (registry->wans[slot].used)
			names[count++] = registry->wans[slot].name;
	meant = suggest(typed, names, count);
	complain("no WAN '%s' is known%s%s%s", typed, meant ? ", did you mean '" : "",
		 meant ? meant : "", meant ? "'?" : "");
	return EXIT_FAILED;
}

/* An interface that is there and no WAN has no subflow, and that is no mistake. */
static int filter_wans(const char *list, const struct survey *survey,
		       struct connection_filter *filter)
{
	char word[VALUE_WORD_MOST];

	filter->by_wan = *list;
	while (value_next_word(&list, word)) {
		int slot = registry_find_name(&survey->registry, word);

		if (!strcmp(word, UNATTRIBUTED_WORD))
			filter->no_wan = true;
		else if (slot >= 0)
			filter->wans |= SLOT(slot);
		else if (!addressbook_find(survey->book, word))
			return unknown_wan(word, &survey->registry);
	}
	return EXIT_DONE;
}

static int filter_peer(const char *peer, struct connection_filter *filter)
{
	if (!*peer || prefix_parse(peer, &filter->peer))
		return EXIT_DONE;
	complain("--peer: '%s' is no address, nor one with the bits of its net: 192.0.2.0/24",
		 peer);
	return EXIT_MISUSED;
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

static int print_listing(const struct listing *listing, const struct common_options *options)
{
	struct screen screen = screen_of(stdout, options->color);
	int error = 0;

	if (options->json)
		error = listing_print_json(stdout, listing);
	else
		listing_print(&screen, listing);
	if (error)
		complain("%s", strerror(-error));
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int list(const struct survey *survey, const struct connections_options *options,
		struct connection_filter *filter)
{
	struct listing listing;
	int status = filter_wans(options->wans, survey, filter);

	if (status != EXIT_DONE)
		return status;
	if (listing_make(&listing, survey, filter)) {
		complain("no memory");
		return EXIT_FAILED;
	}
	status = print_listing(&listing, &options->common);
	listing_free(&listing);
	return status;
}

static int connections(const struct subcommand *self, int argc, char **argv)
{
	struct connections_options options = { 0 };
	struct connection_filter filter;
	struct survey *survey;
	int rest, status;

	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	filter = (struct connection_filter){ .port = options.port,
					     .states = options.states,
					     .top = options.top };
	status = filter_peer(options.peer, &filter);
	if (status == EXIT_DONE)
		status = inspect(&options.common, options.apart_ms, Q_CONNECTIONS, &survey);
	if (status != EXIT_DONE)
		return status;
	status = list(survey, &options, &filter);
	survey_free(survey);
	return status;
}

#define FIELD(f) .offset = offsetof(struct connections_options, f)
static const struct option_row options_of_connections[] = {
	{ 0, "WAN", "with a subflow on it, or on any of several; -: none",
	  { .name = "wan", .kind = VALUE_LIST, .most = WORDS_LEN - 1, FIELD(wans) } },
	{ 0, "ADDRESS", "with this far end, or one in 192.0.2.0/24",
	  { .name = "peer", .kind = VALUE_TEXT, .most = PEER_LEN - 1, FIELD(peer) } },
	{ 0, "N", "with this port at either end",
	  { .name = "port", .kind = VALUE_NUMBER, .least = 1, .most = 65535, FIELD(port) } },
	{ 0, "STATE", "opening, established, closing or fallback (all)",
	  { .name = "state", .kind = VALUE_SET, .word = state_word, FIELD(states) } },
	{ 0, "N", "the N of most payload",
	  { .name = "top", .kind = VALUE_NUMBER, .least = 1, .most = UINT32_MAX, FIELD(top) } },
	OPTION_EVERY("two looks 5s, 500ms, 2m apart, with rates (one look)", struct connections_options,
		     apart_ms, 100),
	OPTION_JSON,
	OPTION_INSPECT_NO_AGENT,
	OPTION_INSPECT_CONFIG,
	OPTION_RUN_DIR,
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand connections_subcommand = {
	.name = "connections",
	.what = "connections and their subflows: WAN, payload, round trip, flags",
	.options = options_of_connections,
	.remarks = "Payload is that of the subflows which it has now; the connections that have "
		   "carried most come first, or with -i those which carry most. RTT is in "
		   "milliseconds, smoothed and least. \"4 of 9\": subflows, and how many the path "
		   "manager allows; \"unconfirmed\": the far end has not yet confirmed that it "
		   "speaks MPTCP on it.\n",
	.run = connections,
};
