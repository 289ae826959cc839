/* SPDX-License-Identifier: MIT */
/*
 * What comes out of a datagram: the parsers make the same of it but for the addresses, and what
 * they do not read is not there. Each message is also cut at every length and mangled, in memory of
 * exactly its size.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/anonymize.h"
#include "lib/bpf/subflow.h"
#include "lib/parse.h"
#include "tests/kernel_told.h"
#include "tests/tap.h"

enum { GUARD = 64 };

static const struct anonymizer ours = { { UINT64_C(0x0123456789abcdef), UINT64_C(0x42) } };

/*
 * --- what parsers make of it -------------------------------------------------------------------
 */

/* What comes of a message, and of what it has become; addresses are then made equal. */
union row {
	struct link_row link;
	struct address_row address;
	struct limits_row limits;
	struct endpoint endpoint;
	struct life life;
	struct subflow_row subflow;
	struct connection_row connection;
	struct maybe_u32 ifindex;
};

static void replace(struct address *address)
{
	*address = anonymize_address(&ours, address);
}

static void replace_tuple(struct tuple *tuple)
{
	replace(&tuple->local);
	replace(&tuple->remote);
}

/* Each parses, and (`from`) has the row say what must come of it. */
static int link_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_link(nlh, &row->link);

	if (from)
		memset(row->link.alias, 0, sizeof(row->link.alias));
	return found;
}

static int address_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_address(nlh, &row->address);

	if (from)
		replace(&row->address.address);
	return found;
}

static int route_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	(void)from;
	return parse_route(nlh, 8, &row->ifindex);
}

static int limits_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	(void)from;
	return parse_limits(nlh, &row->limits);
}

static int endpoint_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_endpoint(nlh, &row->endpoint);

	if (from)
		replace(&row->endpoint.address);
	return found;
}

static int event_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_pm_event(nlh, &row->life);

	if (from)
		replace_tuple(&row->life.tuple);
	return found;
}

static int destroy_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_destroy(nlh, &row->life);

	if (from)
		replace_tuple(&row->life.tuple);
	return found;
}

static int subflow_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	bool plain;
	int found = parse_subflow(nlh, &row->subflow, &plain);

	if (from)
		replace_tuple(&row->subflow.tuple);
	return found * 2 + plain;
}

static int connection_of(const struct nlmsghdr *nlh, union row *row, bool from)
{
	int found = parse_connection(nlh, &row->connection);

	if (from)
		replace(&row->connection.remote);
	return found;
}

static const struct {
	const char *what;
	enum datagram datagram;
	struct nlmsghdr *(*told)(void);
	int (*of)(const struct nlmsghdr *nlh, union row *row, bool from);
	int found;
} messages[] = {
	{ "link", DATAGRAM_ROUTE, link_told, link_of, 1 },
	{ "IPv4 address", DATAGRAM_ROUTE, address4_told, address_of, 1 },
	{ "IPv6 address", DATAGRAM_ROUTE, address6_told, address_of, 1 },
	{ "route", DATAGRAM_ROUTE, route_told, route_of, 1 },
	{ "route of hops", DATAGRAM_ROUTE, hops_told, route_of, 1 },
	{ "limits", DATAGRAM_LIMITS, limits_told, limits_of, 1 },
	{ "IPv4 endpoint", DATAGRAM_ENDPOINTS, endpoint4_told, endpoint_of, 1 },
	{ "IPv6 endpoint", DATAGRAM_ENDPOINTS, endpoint6_told, endpoint_of, 1 },
	{ "mapped endpoint", DATAGRAM_ENDPOINTS, endpoint_mapped_told, endpoint_of, 1 },
	{ "IPv4 event", DATAGRAM_EVENTS, event4_told, event_of, 1 },
	{ "IPv6 event", DATAGRAM_EVENTS, event6_told, event_of, 1 },
	{ "IPv4 subflow", DATAGRAM_SOCKETS, socket4_told, subflow_of, 2 },
	{ "IPv6 subflow", DATAGRAM_SOCKETS, socket6_told, subflow_of, 2 },
	{ "mapped subflow", DATAGRAM_SOCKETS, socket_mapped_told, subflow_of, 2 },
	{ "IPv4 ending", DATAGRAM_SOCKETS, socket4_told, destroy_of, 1 },
	{ "IPv6 ending", DATAGRAM_SOCKETS, socket6_told, destroy_of, 1 },
	{ "IPv4 connection", DATAGRAM_SOCKETS, socket4_told, connection_of, 1 },
	{ "mapped connection", DATAGRAM_SOCKETS, socket_mapped_told, connection_of, 1 },
};
enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

/*
 * --- the checks --------------------------------------------------------------------------------
 */

static bool has(const void *bytes, size_t len, const void *wanted, size_t size)
{
	return memmem(bytes, len, wanted, size) != NULL;
}

/* In memory of its own; NULL when something was written behind it. */
static void *become(enum datagram datagram, const void *in, size_t len, size_t *out_len)
{
	char *copy = malloc(len + 1), *out = malloc(len + GUARD);
	bool good;

	memcpy(copy, in, len);
	memset(out, 0x77, len + GUARD);
	*out_len = anonymize_datagram(&ours, datagram, copy, len, out);
	free(copy);
	good = *out_len <= len;
	for (size_t i = len; i < len + GUARD; i++)
		good &= out[i] == 0x77;
	if (good)
		return out;
	free(out);
	return NULL;
}

static void only_what_is_read_comes_out(size_t i)
{
	struct nlmsghdr *nlh = messages[i].told(), *out;
	union row want = { 0 }, got = { 0 };
	size_t len;

	out = become(messages[i].datagram, nlh, nlh->nlmsg_len, &len);
	if (!ok(out && len == nlh->nlmsg_len, "%s", messages[i].what))
		return;
	is_u64((uint64_t)messages[i].of(nlh, &want, true), (uint64_t)messages[i].found, "is read");
	is_u64((uint64_t)messages[i].of(out, &got, false), (uint64_t)messages[i].found,
	       "and what came of it");
	ok(!memcmp(&want, &got, sizeof(want)), "says the same");
	ok(has(nlh, len, "ZZ", 2), "what is not for others");
	ok(!has(out, len, "ZZ", 2), "is not there");
	ok(!has(out, len, local4, 4) && !has(out, len, far4, 4) && !has(out, len, local6, 6) &&
		   !has(out, len, far6, 6),
	   "nor a true address");
	free(out);
}

/* The same comes of both, whatever it is; 0 or 1. */
static size_t differs(size_t i, const void *in, size_t len)
{
	union row want = { 0 }, got = { 0 };
	struct nlmsghdr *copy = malloc(len), *out;
	size_t out_len, different = 1;

	memcpy(copy, in, len);
	out = become(messages[i].datagram, copy, len, &out_len);
	if (out && out_len == len && copy->nlmsg_len <= len && copy->nlmsg_len >= sizeof(*copy))
		different = messages[i].of(copy, &want, true) != messages[i].of(out, &got, false) ||
			    memcmp(&want, &got, sizeof(want)) != 0;
	else
		different = !out;
	free(copy);
	free(out);
	return different;
}

static void whatever_is_wrong_with_it(size_t i)
{
	static char mangled[TOLD_MOST] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = messages[i].told(), *cut = (struct nlmsghdr *)mangled;
	size_t len = nlh->nlmsg_len, wrong = 0;

	for (size_t at = sizeof(*nlh); at < len; at++) {
		memcpy(mangled, nlh, len);
		wrong += differs(i, mangled, at);
		cut->nlmsg_len = (uint32_t)at;
		wrong += differs(i, mangled, at);
	}
	is_u64(wrong, 0, "%s: cut at every length", messages[i].what);
	for (int round = 0; round < 5000; round++) {
		memcpy(mangled, nlh, len);
		for (int hole = 0; hole < 1 + round % 5; hole++)
			mangled[(size_t)rand() % len] = (char)(round % 2 ? rand() : rand() % 24);
		wrong += differs(i, mangled, len);
	}
	is_u64(wrong, 0, "%s: mangled", messages[i].what);
}

/* Several in a datagram, and something that is none behind them. */
static void a_datagram_of_several(void)
{
	static char several[3 * TOLD_MOST] __attribute__((aligned(8)));
	struct nlmsghdr *first = address4_told(), *second;
	size_t at = NLMSG_ALIGN(first->nlmsg_len), len;
	union row row = { 0 };
	char *out;

	memcpy(several, first, at);
	second = address6_told();
	memcpy(several + at, second, second->nlmsg_len);
	len = at + NLMSG_ALIGN(second->nlmsg_len);
	memcpy(several + len, secret, 20);
	out = become(DATAGRAM_ROUTE, several, len + 20, &len);
	ok(address_of((void *)out, &row, false) == 1 && row.address.address.family == AF_INET &&
		   address_of((void *)(out + at), &row, false) == 1 &&
		   row.address.address.family == AF_INET6,
	   "both");
	ok(!has(out, len, "ZZ", 2), "and nothing else");
	free(out);
}

static void noise(void)
{
	uint8_t bytes[512] __attribute__((aligned(8)));
	size_t len, wrong = 0;

	for (int round = 0; round < 20000; round++) {
		size_t size = (size_t)rand() % sizeof(bytes);
		void *out;

		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)(rand() % (round % 2 ? 256 : 24));
		out = become((enum datagram)(round % DATAGRAMS), bytes, size, &len);
		wrong += !out;
		free(out);
	}
	is_u64(wrong, 0, "any octets, as any datagram");
}

static void lives(void)
{
	struct {
		struct life_record record;
		char more[16];
	} in = { .record = { .cookie = 5, .bytes_sent = 600, .bytes_retrans = 100,
			     .bytes_received = 7000, .bytes_acked = 502, .unacked = 4, .unsent = 3,
			     .token = 77, .bound_ifindex = 12, .error = ECONNRESET,
			     .family = AF_INET, .local_port = htons(40000),
			     .remote_port = htons(443), .step = LIFE_ENDING, .flags = LIFE_JOIN } },
	  *out;
	const uint8_t *locals[] = { local4, local6, mapped6 }, *fars[] = { far4, far6, mapped6 };
	struct life want, got;
	size_t len;

	memcpy(in.record.pad, secret, sizeof(in.record.pad));
	memcpy(in.more, secret, sizeof(in.more));
	for (size_t i = 0; i < 3; i++) {
		in.record.family = i ? AF_INET6 : AF_INET;
		memset(in.record.local, 'Z', 16);
		memset(in.record.remote, 'Z', 16);
		memcpy(in.record.local, locals[i], i ? 16 : 4);
		memcpy(in.record.remote, fars[i], i ? 16 : 4);
		out = become(DATAGRAM_LIFE, &in, sizeof(in), &len);
		ok(parse_life_record(&in, sizeof(in), &want) == 1 &&
			   parse_life_record(out, len, &got) == 1,
		   "a life");
		replace_tuple(&want.tuple);
		ok(!memcmp(&want, &got, sizeof(want)), "says the same");
		ok(!has(out, len, "ZZ", 2) && !has(out, len, local4, 4) &&
			   !has(out, len, far6, 6) && !has(out, len, far4, 4),
		   "and nothing else");
		free(out);
	}
	out = become(DATAGRAM_LIFE, &in, sizeof(in.record) - 1, &len);
	ok(parse_life_record(out, len, &got) == -EBADMSG && !has(out, len, "Z", 1), "a short one");
	free(out);
}

/* Two in a datagram, and the beginning of a third. */
static void walks(void)
{
	struct subflow_record in[3] = { 0 }, *out;
	struct subflow_row want, got;
	size_t len;

	for (size_t i = 0; i < 3; i++) {
		in[i].socket = (struct life_record){
			.cookie = 5 + i, .bytes_sent = 600, .bytes_acked = 502, .unacked = 4,
			.token = 77, .bound_ifindex = 12, .family = i ? AF_INET6 : AF_INET,
			.local_port = htons(40000), .remote_port = htons(443), .flags = LIFE_JOIN };
		in[i].state = 1;
		in[i].rtt_us = 30000;
		memset(in[i].socket.local, 'Z', 32);
		memcpy(in[i].socket.local, i ? local6 : local4, i ? 16 : 4);
		memcpy(in[i].socket.remote, i ? far6 : far4, i ? 16 : 4);
		memcpy(in[i].socket.pad, secret, sizeof(in[i].socket.pad));
		memcpy(in[i].pad, secret, sizeof(in[i].pad));
	}
	for (size_t cut = 0; cut < sizeof(in[0]); cut++) {
		out = become(DATAGRAM_SUBFLOWS, in, 2 * sizeof(in[0]) + cut, &len);
		if (!out || len != 2 * sizeof(in[0]) + cut || has(out, len, "ZZ", 2) ||
		    has(out, len, local4, 4) || has(out, len, far4, 4) || has(out, len, local6, 6) ||
		    has(out, len, far6, 6))
			ok(false, "nothing else comes out, cut at %zu", cut);
		for (size_t i = 0; out && i < 2; i++) {
			parse_subflow_record(&in[i], sizeof(in[i]), &want);
			parse_subflow_record(&out[i], sizeof(out[i]), &got);
			replace_tuple(&want.tuple);
			if (memcmp(&want, &got, sizeof(want)) != 0)
				ok(false, "says the same, cut at %zu", cut);
		}
		free(out);
	}
	ok(true, "subflows of a walk say the same, and nothing else");
}

static void is_left(enum datagram datagram, const char *in, const char *want, const char *what)
{
	size_t len;
	char *out = become(datagram, in, strlen(in), &len);

	ok(out && len == strlen(want) && !memcmp(out, want, len), "%s", what);
	free(out);
}

static void texts(void)
{
	is_left(DATAGRAM_COUNTERS,
		"TcpExt: SyncookiesSent ZZ\nTcpExt: 0 1\nIpExt: InOctets\nIpExt: 7\n"
		"MPTcpExt: MPCapableSYNRX MPJoinSynTx\nMPTcpExt: 3 4\n",
		"MPTcpExt: MPCapableSYNRX MPJoinSynTx\nMPTcpExt: 3 4\n", "counters");
	is_left(DATAGRAM_SYSCTLS,
		"add_addr_timeout=120\nenabled=1\nscheduler=default\nsyn_retrans=ZZ\n"
		"path_manager=kernel\npm_type=0\nblackhole_timeout=3600",
		"enabled=1\nscheduler=default\npath_manager=kernel\npm_type=0\n"
		"blackhole_timeout=3600",
		"sysctls");
	is_left(DATAGRAM_LOAD,
		"cpu  1 2 3 4\ncpu0 1 2 3 4\nintr 99 ZZ\nbtime 1700000000\nctxt 5\n",
		"cpu  1 2 3 4\ncpu0 1 2 3 4\n", "load of the cores");
	is_left(DATAGRAM_LOAD, "sockets: used 5\nTCP: inuse 5 mem 3\nUDP: inuse 7 mem 8\n",
		"sockets: used 5\nTCP: inuse 5 mem 3\n", "memory of TCP");
	is_left(DATAGRAM_LOAD, "0000a1b2 00000000 00000001\n00000001 00000002 0000001f\n",
		"0000a1b2 00000000 00000001\n00000001 00000002 0000001f\n", "what was dropped");
	is_left(DATAGRAM_SYSCTLS, "", "", "nothing");
}

int main(void)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		only_what_is_read_comes_out(i);
		whatever_is_wrong_with_it(i);
	}
	a_datagram_of_several();
	noise();
	lives();
	walks();
	texts();
	return tap_done();
}
