/* SPDX-License-Identifier: MIT */
/* Subflows joined with their connections and lines, from rows made by hand. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/sockets.h"
#include "tests/tap.h"

/* Of 10.0.0.N the slot is N, but 10.0.0.9 is nobody's. */
static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	uint32_t *bound = arg;

	*bound += bound_ifindex;
	return local->bytes[3] == 9 ? UNATTRIBUTED : local->bytes[3];
}

static struct subflow_row row(uint64_t cookie, uint32_t token, uint8_t last, bool join,
			      uint64_t out, uint64_t in)
{
	return (struct subflow_row){
		.cookie = cookie,
		.token = token,
		.tuple = { .local = { AF_INET, { 10, 0, 0, last } }, .local_port = 1000 },
		.bound_ifindex = join ? 100 : 0,
		.state = TCP_ESTABLISHED,
		.join = join,
		.octets = { .out = out, .in = in, .retrans = 1, .sent = out + 1 },
	};
}

static void three_connections(struct connections *connections)
{
	static const struct connection rows[] = { { .token = 30 },
						  { .token = 10 },
						  { .token = 20 } };
	struct connection *fresh = malloc(sizeof(rows));

	memcpy(fresh, rows, sizeof(rows));
	connections_replace(connections, fresh, 3);
}

static void begin(struct sockets *sockets, const struct connections *connections, uint32_t *bound)
{
	if (sockets_begin(sockets, connections, owner, bound))
		abort();
}

static void end(struct sockets *sockets)
{
	if (sockets_end(sockets))
		abort();
}

static void add(struct sockets *sockets, struct subflow_row subflow)
{
	if (sockets_add(sockets, &subflow))
		abort();
}

static uint64_t cookie_at(const struct sockets *sockets, size_t connection, uint32_t i)
{
	return sockets_subflow(sockets, &sockets->connections[connection], i)->cookie;
}

static void joined(void)
{
	struct connections connections = { 0 };
	struct sockets sockets = { 0 };
	struct subflow_row closing = row(6, 20, 2, true, 7, 7);
	const struct socket_connection *ten, *twenty, *thirty;
	uint32_t bound = 0;

	closing.state = TCP_FIN_WAIT1;
	three_connections(&connections);
	begin(&sockets, &connections, &bound);
	add(&sockets, row(7, 30, 9, false, 1, 1));
	add(&sockets, row(7, 77, 9, false, 1, 1));
	bound = 0;
	/* The dump began anew. */
	begin(&sockets, &connections, &bound);
	add(&sockets, row(1, 20, 3, true, 100, 10));
	add(&sockets, row(2, 99, 1, false, 5000, 5000));
	add(&sockets, row(3, 10, 9, true, 40, 4));
	add(&sockets, row(4, 20, 1, false, 1000, 1));
	add(&sockets, row(1, 20, 3, true, 100, 10));
	add(&sockets, row(5, 20, 2, true, 0, 0));
	add(&sockets, closing);
	/* Its cookie has the lower half of another's. */
	add(&sockets, row(1 + (UINT64_C(1) << 32), 20, 4, true, 0, 0));
	end(&sockets);
	is_u64(sockets.connection_count, 3, "all connections");
	ten = &sockets.connections[0];
	twenty = &sockets.connections[1];
	thirty = &sockets.connections[2];
	ok(ten->told->token == 10 && twenty->told->token == 20 && thirty->told->token == 30,
	   "as they are sorted");
	ok(ten->count == 1 && twenty->count == 5 && !thirty->count, "each with its subflows");
	is_u64(twenty->established, 4, "established: not the one that closes");
	is_u64(cookie_at(&sockets, 1, 0), 4, "the initial one comes first");
	ok(cookie_at(&sockets, 1, 1) + cookie_at(&sockets, 1, 2) + cookie_at(&sockets, 1, 3) +
			   cookie_at(&sockets, 1, 4) ==
		   1 + 5 + 6 + 1 + (UINT64_C(1) << 32),
	   "the others behind it, one that the dump told twice once");
	ok(twenty->octets.out == 1107 && twenty->octets.in == 18 && twenty->octets.retrans == 5,
	   "sums of what each has carried, closing ones too");
	is_u64(sockets_subflow(&sockets, twenty, 0)->slot, 1, "a line");
	is_u64(sockets_subflow(&sockets, ten, 0)->slot, UNATTRIBUTED, "none");
	ok(sockets.unattributed == 1 && sockets.strays == 1, "both kinds of strangers are counted");
	is_u64(bound, 600, "the device is asked for as well");

	begin(&sockets, &connections, &bound);
	end(&sockets);
	ok(sockets.connection_count == 3 && !sockets.connections[1].count &&
		   !sockets.connections[1].octets.out && !sockets.strays && !sockets.unattributed,
	   "with nothing, nothing is left");
	sockets_free(&sockets);
	connections_free(&connections);
	connections_replace(&connections, malloc(1), 0);
	begin(&sockets, &connections, &bound);
	end(&sockets);
	ok(!sockets.connection_count && !sockets.subflow_count, "nothing at all");
	sockets_free(&sockets);
	connections_free(&connections);
}

static void grew(const struct sockets *sockets, const struct socket_subflow *subflow, uint64_t out,
		 uint64_t in, const char *what)
{
	struct socket_growth growth = sockets_growth(sockets, subflow);

	ok(growth.out == out && growth.in == in, "%s", what);
}

static void compared(void)
{
	struct connections connections = { 0 };
	struct sockets before = { 0 }, now = { 0 };
	struct subflow_row again = row(3, 10, 3, true, 200, 20),
			   less = row(4, 20, 1, false, 900, 1);
	const struct socket_subflow *subflow;
	uint32_t bound = 0;

	three_connections(&connections);
	begin(&before, &connections, &bound);
	begin(&now, &connections, &bound);
	add(&before, row(1, 10, 1, false, 1000, 100));
	add(&before, row(2, 10, 2, true, 50, 5));
	add(&before, row(3, 10, 3, true, 300, 30));
	add(&before, row(4, 20, 1, false, 1000, 1));
	add(&now, row(9, 10, 4, true, 7, 70));
	add(&now, again);
	/* As many octets sent as before, of which some are no payload after all. */
	less.octets.sent = 1001;
	add(&now, less);
	add(&now, row(1, 10, 1, false, 1500, 100));
	add(&now, row(8, 77, 1, false, 60, 6));
	end(&before);
	end(&now);
	ok(!sockets_growth(&now, &now.subflows[0]).out, "no growth without anything before it");
	is_u64((uint64_t)-sockets_compare(&now, &before), 0, "compared");
	subflow = sockets_subflow(&now, &now.connections[0], 0);
	is_u64(subflow->cookie, 1, "the initial subflow");
	grew(&now, subflow, 500, 0, "growth");
	grew(&now, &now.subflows[0], 7, 70, "all that a new one has is growth");
	grew(&now, &now.subflows[1], 200, 20, "and of one whose counters fell: it lives again");
	grew(&now, &now.subflows[2], 0, 0, "nothing shrinks");
	grew(&now, &now.subflows[4], 60, 6, "one without a connection, too");
	ok(now.connections[0].growth.out == 707 && now.connections[0].growth.in == 90,
	   "sums; of one that has gone nothing is known");
	ok(!now.connections[1].growth.out && !now.connections[2].growth.in, "others: none");
	sockets_free(&before);
	sockets_free(&now);
	connections_free(&connections);
}

int main(void)
{
	joined();
	compared();
	return tap_done();
}
