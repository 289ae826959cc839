/* SPDX-License-Identifier: MIT */
/* What `mptcp-wan connections` lists, and how: sockets made by hand, the text in gold. */
#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "cli/listing.h"
#include "tests/tap.h"

enum { TEN = 0, ONE = 1, TWO = 2 }; /* slots: wan10 was known first */

static struct address address(const char *text)
{
	struct address address = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(address.family, text, address.bytes) != 1)
		abort();
	return address;
}

static struct tuple tuple(const char *local, uint16_t local_port, const char *remote,
			  uint16_t remote_port)
{
	return (struct tuple){ address(local), address(remote), local_port, remote_port };
}

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg;
	(void)local;
	return bound_ifindex ? (uint8_t)(bound_ifindex - 1) : UNATTRIBUTED;
}

/* A router with three lines; what there is to be seen of connections, with two looks a second apart
 * or one. For survey_of() only: rows are static. */
static void add(struct survey *survey, uint32_t token, uint8_t slot, bool join, struct tuple ends,
		struct subflow_row row)
{
	static uint64_t cookie;

	row.cookie = ++cookie;
	row.token = token;
	row.tuple = ends;
	row.bound_ifindex = slot == UNATTRIBUTED ? 0 : slot + 1U;
	row.join = join;
	row.state = row.state ? row.state : TCP_ESTABLISHED;
	row.octets.sent = row.octets.out;
	if (sockets_add(&survey->sockets, &row))
		abort();
}

static void add_wan(struct survey *survey, int slot, const char *wan)
{
	survey->registry.wans[slot].used = true;
	strcpy(survey->registry.wans[slot].name, wan);
}

static void add_connections(struct survey *survey)
{
	static const struct connection rows[] = {
		{ .token = 0xa1, .remote_port = 443, .established = true, .limit = 8 },
		{ .token = 0xb2, .remote_port = 5000, .established = true, .limit = 2 },
		{ .token = 0xc3,
		  .remote_port = 80,
		  .fallback = true,
		  .established = true,
		  .limit = 8 },
		{ .token = 0xd4, .remote_port = 80, .opening = true, .limit = 8 },
		{ .token = 0xe5, .remote_port = 40001 },
	};
	struct connection *fresh = malloc(sizeof(rows));

	memcpy(fresh, rows, sizeof(rows));
	fresh[0].remote = fresh[2].remote = address("203.0.113.1");
	fresh[1].remote = address("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1");
	fresh[3].remote = address("203.0.113.7");
	fresh[4].remote = address("198.51.100.9");
	connections_replace(&survey->harvest.connections, fresh, 5);
}

static void add_subflows(struct survey *survey)
{
	const char *far = "203.0.113.1", *far6 = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1";
	const char *our6 = "2001:db8:1111:2222:3333:4444:5555:6666";

	sockets_begin(&survey->sockets, &survey->harvest.connections, owner, NULL);
	add(survey, 0xa1, TEN, true, tuple("192.168.20.2", 40010, far, 443),
	    (struct subflow_row){ .ours = true, .state = TCP_SYN_SENT });
	add(survey, 0xa1, TWO, true, tuple("192.168.12.2", 40012, far, 443),
	    (struct subflow_row){ .ours = true,
				  .complete = true,
				  .backup = true,
				  .octets = { .out = 1500000, .in = 9990, .retrans = 12000 },
				  .rtt_us = 152400,
				  .min_rtt_us = 148000 });
	add(survey, 0xa1, ONE, false, tuple("192.168.11.2", 40011, far, 443),
	    (struct subflow_row){ .ours = true,
				  .complete = true,
				  .octets = { .out = 41000000, .in = 999 },
				  .rtt_us = 20400,
				  .min_rtt_us = 9870 });
	add(survey, 0xb2, UNATTRIBUTED, true, tuple("10.0.0.1", 50000, far, 5000),
	    (struct subflow_row){ .complete = true });
	add(survey, 0xb2, ONE, false, tuple(our6, 50001, far6, 5000),
	    (struct subflow_row){ .ours = true,
				  .complete = true,
				  .octets = { .out = 70, .in = 2000 },
				  .rtt_us = 950,
				  .min_rtt_us = 40 });
	add(survey, 0xb2, ONE, true, tuple("192.168.11.2", 50002, far, 5000),
	    (struct subflow_row){ .ours = true });
	add(survey, 0xc3, UNATTRIBUTED, false, tuple("10.0.0.1", 50003, far, 80),
	    (struct subflow_row){ .ours = true, .octets = { .out = 500 } });
	add(survey, 0xd4, TWO, false, tuple("192.168.12.2", 50004, "203.0.113.7", 80),
	    (struct subflow_row){ .ours = true, .state = TCP_SYN_SENT });
	add(survey, 0xe5, ONE, false, tuple("192.168.11.2", 443, "198.51.100.9", 40001),
	    (struct subflow_row){
		    .complete = true, .octets = { .out = 80 }, .state = TCP_FIN_WAIT2 });
	add(survey, 0x99, ONE, false, tuple("192.168.11.2", 443, "198.51.100.8", 40001),
	    (struct subflow_row){ .complete = true });
	sockets_end(&survey->sockets);
}

/* Of all subflows the first one of the v6 connection has grown. */
static void compare(struct survey *survey)
{
	const struct socket_growth growth = { .out = 500000, .in = 125 };

	survey->elapsed_us = 1000400;
	survey->sockets.growths = calloc(survey->sockets.subflow_count, sizeof(growth));
	survey->sockets.growths[4] = growth;
	survey->sockets.connections[1].growth = growth;
}

static void fill(struct survey *survey, bool two_looks)
{
	*survey = (struct survey){ .wall_ms = UINT64_C(1800000000400) };
	add_wan(survey, TEN, "wan10");
	add_wan(survey, ONE, "wan1");
	add_wan(survey, TWO, "wan2");
	add_connections(survey);
	add_subflows(survey);
	if (two_looks)
		compare(survey);
}

static void forget_subflows(struct survey *survey)
{
	sockets_begin(&survey->sockets, &survey->harvest.connections, owner, NULL);
	sockets_end(&survey->sockets);
	survey->harvest.answers[Q_SUBFLOWS].error = -EPERM;
}

static void empty(struct survey *survey)
{
	sockets_free(&survey->sockets);
	harvest_free(&survey->harvest);
}

/*
 * --- what is expected --------------------------------------------------------------------------
 */

/* As tests/listings/NAME has it; ACCEPT=1 in the environment makes it so, to be read and kept. */
static void is_as(const char *name, const char *got, const char *what)
{
	const char *srcdir = getenv("srcdir");
	char path[512], want[8192];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/listings/%s", srcdir ? srcdir : ".", name);
	if (getenv("ACCEPT") && (file = fopen(path, "w"))) {
		fputs(got, file);
		fclose(file);
	}
	file = fopen(path, "r");
	len = file ? fread(want, 1, sizeof(want) - 1, file) : 0;
	want[len] = '\0';
	if (file)
		fclose(file);
	is_text(got, want, "%s: %s", name, what);
}

/*
 * --- for people --------------------------------------------------------------------------------
 */

static void is_listed(const struct survey *survey, const struct connection_filter *filter,
		      struct screen screen, const char *name, const char *what)
{
	struct listing listing;
	char *text = NULL;
	size_t len;

	screen.out = open_memstream(&text, &len);
	if (listing_make(&listing, survey, filter))
		abort();
	listing_print(&screen, &listing);
	listing_free(&listing);
	fclose(screen.out);
	is_as(name, text, what);
	free(text);
}

static void text_of_one_look(void)
{
	const struct connection_filter all = { 0 }, port = { .port = 5000 }, first = { .top = 1 };
	struct survey survey;

	fill(&survey, false);
	is_listed(&survey, &all, (struct screen){ .width = 80, .utf8 = true }, "one-look-80.txt",
		  "as narrow as a terminal is");
	is_listed(&survey, &all, (struct screen){ .width = 200, .utf8 = true }, "one-look-200.txt",
		  "with room for all of it");
	is_listed(&survey, &all, (struct screen){ .width = 60 }, "one-look-60.txt",
		  "too narrow, and in ASCII");
	is_listed(&survey, &all, (struct screen){ .width = 40, .utf8 = true }, "one-look-40.txt",
		  "as narrow as a phone is");
	is_listed(&survey, &first, (struct screen){ .width = 80, .colour = true }, "colours.txt",
		  "in colours");
	forget_subflows(&survey);
	survey.harvest.answers[Q_LIMITS].error = -ENOENT;
	is_listed(&survey, &port, (struct screen){ .width = 80 }, "not-told.txt",
		  "what is not known is not zero");
	empty(&survey);
	survey = (struct survey){ 0 };
	is_listed(&survey, &all, (struct screen){ .width = 80 }, "nothing.txt", "nothing is there");
}

static void text_of_two_looks(void)
{
	const struct connection_filter two = { .top = 2 };
	struct survey survey;

	fill(&survey, true);
	is_listed(&survey, &two, (struct screen){ .width = 80, .utf8 = true }, "two-looks-80.txt",
		  "rates in place of totals");
	is_listed(&survey, &two, (struct screen){ .width = 200 }, "two-looks-200.txt",
		  "rates and totals");
	empty(&survey);
}

/*
 * --- which, and in which order -----------------------------------------------------------------
 */

/* Their tokens, in order. */
static void are_shown(const struct survey *survey, struct connection_filter filter,
		      const char *want, const char *what)
{
	struct listing listing;
	char text[64] = "";

	if (listing_make(&listing, survey, &filter))
		abort();
	for (size_t i = 0; i < listing.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%" PRIx32,
			 i ? " " : "", listing.rows[i].connection->told->token);
	is_text(text, want, "%s", what);
	listing_free(&listing);
}

#define FILTER(...) ((struct connection_filter){ __VA_ARGS__ })
static struct prefix net(const char *text)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix))
		abort();
	return prefix;
}

static void filters(void)
{
	struct survey survey;

	fill(&survey, false);
	are_shown(&survey, FILTER(.top = 0), "a1 b2 c3 e5 d4", "most octets first, then by token");
	are_shown(&survey, FILTER(.top = 2), "a1 b2", "the two of most");
	are_shown(&survey, FILTER(.top = 9), "a1 b2 c3 e5 d4", "no more than there are");
	are_shown(&survey, FILTER(.by_wan = true, .wans = SLOT(TWO)), "a1 d4", "on a line");
	are_shown(&survey, FILTER(.by_wan = true, .wans = SLOT(TEN) | SLOT(ONE)), "a1 b2 e5",
		  "on one of two lines");
	are_shown(&survey, FILTER(.by_wan = true, .no_wan = true), "b2 c3", "on no line");
	are_shown(&survey, FILTER(.by_wan = true), "", "on a line that has none");
	are_shown(&survey, FILTER(.peer = net("203.0.113.7")), "d4", "a far end");
	are_shown(&survey, FILTER(.peer = net("203.0.113.0/24")), "a1 b2 c3 d4",
		  "a net of them, also if only a join goes there");
	are_shown(&survey, FILTER(.peer = net("2001:db8::/32")), "b2", "IPv6");
	are_shown(&survey, FILTER(.port = 443), "a1 e5", "a port of either end");
	are_shown(&survey, FILTER(.port = 40012), "a1", "of any subflow");
	are_shown(&survey, FILTER(.states = 1 << CONNECTION_FALLBACK), "c3", "in fallback");
	are_shown(&survey, FILTER(.states = 1 << CONNECTION_OPENING | 1 << CONNECTION_CLOSING),
		  "e5 d4", "in one of two states");
	are_shown(&survey,
		  FILTER(.by_wan = true, .wans = SLOT(ONE), .port = 443,
			 .states = 1 << CONNECTION_ESTABLISHED, .peer = net("203.0.113.0/24")),
		  "a1", "all of it at once");
	are_shown(&survey, FILTER(.by_wan = true, .wans = SLOT(TWO), .top = 1), "a1",
		  "the first of those that fit");
	empty(&survey);
	fill(&survey, true);
	are_shown(&survey, FILTER(.top = 3), "b2 a1 c3", "who carries comes first");
	empty(&survey);
}

/*
 * --- for programs ------------------------------------------------------------------------------
 */

static void is_json(const struct survey *survey, struct connection_filter filter, const char *name,
		    const char *what)
{
	struct listing listing;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (listing_make(&listing, survey, &filter) || listing_print_json(out, &listing))
		abort();
	listing_free(&listing);
	fclose(out);
	is_as(name, text, what);
	free(text);
}

static void json(void)
{
	struct survey survey;

	fill(&survey, true);
	is_json(&survey, FILTER(.port = 5000), "connection.json", "a connection");
	is_json(&survey, FILTER(.states = 1 << CONNECTION_FALLBACK), "fallback.json",
		"one in fallback, on no line");
	forget_subflows(&survey);
	is_json(&survey, FILTER(.top = 1), "not-told.json", "what is not told is not there");
	empty(&survey);
	survey = (struct survey){ 0 };
	is_json(&survey, FILTER(.top = 1), "nothing.json", "nothing is there");
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no UTF-8 locale\n");
		return 0;
	}
	filters();
	text_of_one_look();
	text_of_two_looks();
	json();
	return tap_done();
}
