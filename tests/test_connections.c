/* SPDX-License-Identifier: MIT */
/* Connections from poll to poll: rows of a dump, what is carried on by token, their subflows. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/connections.h"
#include "tests/tap.h"

enum { OTHER = UNATTRIBUTED };

static struct connection_row row(uint8_t state)
{
	return (struct connection_row){ .token = 7,
					.state = state,
					.remote = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } },
					.extra_subflows = { true, 2 },
					.extra_subflows_max = { true, 3 },
					.addresses_accepted = 1,
					.addresses_accepted_max = 4 };
}

static void what_a_row_says(void)
{
	struct connection_row told = row(TCP_ESTABLISHED);
	struct connection connection;

	is_u64(connection_of(&told, 5000, &connection), 1, "a connection");
	ok(connection.token == 7 && connection.remote.bytes[0] == 192, "token, far end");
	ok(connection.established && !connection.opening && !connection.fallback, "established");
	ok(connection.extra == 2 && connection.limit == 3 && connection.first_limit == 3, "limit");
	ok(!connection.at_limit, "below it");
	ok(connection.accepted == 1 && connection.accepted_max == 4, "announced addresses");
	is_u64(connection.first_ms, 5000, "seen now");
	ok(!connection.ours && !connection.told && !connection.complete, "its subflows say more");
	told.extra_subflows.value = 3;
	connection_of(&told, 5000, &connection);
	ok(connection.at_limit, "at its limit");
	told.fallback = true;
	connection_of(&told, 5000, &connection);
	ok(!connection.at_limit && connection.fallback, "in fallback it has none");
	told = row(TCP_ESTABLISHED);
	told.extra_subflows_max = (struct maybe_u32){ 0 };
	connection_of(&told, 5000, &connection);
	ok(!connection.at_limit && !connection.limit, "nor under a userspace path manager");

	for (uint8_t state = TCP_ESTABLISHED; state <= TCP_CLOSING; state++) {
		bool some = state != TCP_LISTEN && state != TCP_CLOSE;
		bool opening = state == TCP_SYN_SENT || state == TCP_SYN_RECV;

		told = row(state);
		is_u64(connection_of(&told, 0, &connection) != 0, some, "state %u", state);
		ok(!some || (connection.opening == opening &&
			     connection.established == (state == TCP_ESTABLISHED)),
		   "state %u: opening, established", state);
	}
}

/* An answer with these rows, each as connection_of() makes it, in any order. */
static void answer(struct connections *connections, const struct connection *rows, size_t count)
{
	struct connection *fresh = malloc((count + 1) * sizeof(*fresh));

	if (count)
		memcpy(fresh, rows, count * sizeof(*fresh));
	connections_replace(connections, fresh, count);
}

static void carried_on_by_token(void)
{
	struct connections connections = { 0 };
	struct connection first[] = {
		{ .token = 30, .first_ms = 1000, .first_limit = 3, .established = true },
		{ .token = 10, .first_ms = 1000, .opening = true },
		{ .token = 20, .first_ms = 1000, .fallback = true, .established = true },
	};
	struct connection second[] = {
		{ .token = 40, .first_ms = 6000, .fallback = true, .established = true },
		{ .token = 30, .first_ms = 6000, .first_limit = 8, .established = true },
		{ .token = 10, .first_ms = 6000, .established = true },
	};
	const struct connection *rows;

	answer(&connections, first, 3);
	rows = connections.rows;
	ok(rows[0].token == 10 && rows[1].token == 20 && rows[2].token == 30, "sorted");
	ok(rows[0].aged && rows[1].aged && rows[2].aged, "here before our first look");
	ok(connections.fallback_count == 1 && connections.fallback[0] == 20, "one in fallback");
	connections.rows[2].ours = connections.rows[2].told = true;
	connections.rows[2].complete = connections.rows[2].pending = true;

	answer(&connections, second, 3);
	rows = connections.rows;
	is_u64(connections.count, 3, "one went, one came");
	ok(rows[1].token == 30 && rows[1].first_ms == 1000 && rows[1].aged, "first seen then");
	ok(rows[1].ours && rows[1].told && rows[1].complete, "what its subflows told stays");
	ok(rows[1].was_pending && !rows[1].pending, "what waits is of each dump");
	is_u64(rows[1].first_limit, 3, "the limit that it began with");
	is_u64(rows[0].first_ms, 6000, "an answered connection begins when it is answered");
	ok(!rows[0].aged, "and then we were here");
	ok(!rows[2].aged && rows[2].first_ms == 6000, "who came began on our watch");
	ok(connections.fallback_count == 1 && connections.fallback[0] == 40, "fallback of now");

	answer(&connections, second, 0);
	is_u64(connections.count, 0, "an empty answer is one");
	answer(&connections, first, 1);
	ok(!connections.rows[0].aged, "a token that comes again is a new connection");
	connections_free(&connections);
	ok(!connections.rows && !connections.seen_before, "freed");
}

/* Openings that are gone without an answer; one sight of them is no wait. */
static void given_up(void)
{
	struct connections connections = { 0 };
	struct connection both[] = { { .token = 10, .opening = true },
				     { .token = 20, .opening = true } };
	struct connection answered = { .token = 20, .established = true };

	answer(&connections, both, 2);
	answer(&connections, NULL, 0);
	is_u64(connections.given_up, 0, "seen once");
	answer(&connections, both, 2);
	answer(&connections, both, 2);
	is_u64(connections.given_up, 0, "they wait");
	answer(&connections, &answered, 1);
	is_u64(connections.given_up, 1, "one is gone, one was answered");
	answer(&connections, &answered, 1);
	is_u64(connections.given_up, 0, "told once");
	answer(&connections, both, 1);
	is_u64(connections.given_up, 0, "who ends later has not waited");
	answer(&connections, both, 1);
	answer(&connections, NULL, 0);
	is_u64(connections.given_up, 1, "the last of all");
	connections_free(&connections);
}

static void see(struct connections *connections, uint32_t token, uint8_t slot, uint8_t state,
		struct sight sight)
{
	sight.token = token;
	sight.slot = slot;
	sight.state = state;
	sight.family = slot == 2 ? AF_INET6 : AF_INET;
	connections_see(connections, &sight);
}

static void subflows_of_connections(void)
{
	struct connections connections = { 0 };
	struct connection rows[] = { { .token = 10 }, { .token = 20 } };
	const struct sight none = { 0 };
	const struct connection *one, *other;

	answer(&connections, rows, 2);
	one = &connections.rows[0];
	other = &connections.rows[1];
	connections_unjoin(&connections);
	see(&connections, 10, 0, TCP_ESTABLISHED,
	    (struct sight){ .ours = true, .grown_out = 5, .acked_ago_ms = 90 });
	see(&connections, 10, 2, TCP_ESTABLISHED,
	    (struct sight){ .full = true, .complete = true, .pending = true, .acked_ago_ms = 40 });
	see(&connections, 10, 2, TCP_ESTABLISHED, (struct sight){ .backup = true });
	see(&connections, 10, 3, TCP_ESTABLISHED, (struct sight){ .backup = true });
	see(&connections, 10, OTHER, TCP_ESTABLISHED, (struct sight){ .grown_in = 3 });
	see(&connections, 10, 4, TCP_SYN_SENT, none);
	see(&connections, 10, 5, TCP_FIN_WAIT1, (struct sight){ .grown_in = 100 });
	see(&connections, 10, 7, TCP_ESTABLISHED, (struct sight){ .backup = true });
	see(&connections, 99, 6, TCP_ESTABLISHED, none);
	see(&connections, 5, 6, TCP_ESTABLISHED, none);
	see(&connections, 15, 6, TCP_ESTABLISHED, none);
	ok(one->on == (SLOT(0) | SLOT(2) | SLOT(3) | SLOT(7)),
	   "established on these; a closing one is not");
	is_u64(one->subflows, 6, "subflows, one by no line");
	ok(one->on_v4 == 4 && one->on_v6 == 2, "by family");
	is_u64(one->on_backup, SLOT(3) | SLOT(7), "backup only where all of a line are");
	is_u64(one->waiting, SLOT(4), "a SYN waits");
	is_u64(one->full, SLOT(2), "full");
	ok(one->ours && one->told && one->complete, "ours, and beyond its first answer");
	ok(one->pending && one->acked_ago_ms == 0, "the latest ACK of any");
	ok(one->grown_in == 103 && one->grown_out == 5, "octets, closing ones too");
	ok(!other->told && !other->on && !other->subflows, "nobody told of the other");

	connections_unjoin(&connections);
	ok(!one->on && !one->waiting && !one->full && !one->subflows && !one->on_v4 &&
		   !one->on_backup && !one->pending && !one->grown_in,
	   "a new dump begins from nothing");
	ok(one->ours && one->told && one->complete, "but for what stays true");
	see(&connections, 10, 3, TCP_ESTABLISHED, (struct sight){ .backup = true });
	see(&connections, 10, 3, TCP_ESTABLISHED, none);
	is_u64(one->on_backup, 0, "in whichever order");
	for (int i = 0; i < 300; i++)
		see(&connections, 20, 2, TCP_ESTABLISHED, none);
	ok(other->on_v6 == UINT8_MAX && other->subflows == 300, "many");
	connections_free(&connections);
}

/* Tokens of all sizes, and some that are not there; as hashes are, and all on one heap. */
static void found_by_token(void)
{
	static const uint32_t spread[] = { 2654435769U, 1, 7 };
	enum { MANY = 1000 };
	struct connections connections = { 0 };
	struct connection rows[MANY + 2] = { { .token = 0 }, { .token = UINT32_MAX } };

	ok(!connections_find(&connections, 0), "none is found before there was an answer");
	for (size_t s = 0; s < sizeof(spread) / sizeof(spread[0]); s++) {
		size_t found = 0, strangers = 0;

		for (uint32_t i = 0; i < MANY; i++)
			rows[i + 2].token = 1000 + i * 2 * spread[s];
		answer(&connections, rows, MANY + 2);
		for (size_t i = 0; i < MANY + 2; i++) {
			const struct connection *row =
				connections_find(&connections, rows[i].token);

			found += row && row->token == rows[i].token;
			strangers += connections_find(&connections, rows[i].token + 1) &&
				     rows[i].token != UINT32_MAX;
		}
		is_u64(found, MANY + 2, "each is found, %" PRIu32 " apart", spread[s] * 2);
		is_u64(strangers, 0, "and nobody else");
	}
	answer(&connections, rows + 5, 1);
	ok(connections_find(&connections, rows[5].token) && !connections_find(&connections, 0) &&
		   !connections_find(&connections, UINT32_MAX),
	   "among one");
	answer(&connections, rows, 0);
	ok(!connections_find(&connections, 0), "among none");
	connections_free(&connections);
}

int main(void)
{
	found_by_token();
	what_a_row_says();
	carried_on_by_token();
	given_up();
	subflows_of_connections();
	return tap_done();
}
