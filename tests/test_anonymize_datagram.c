/* SPDX-License-Identifier: MIT */
/*
 * What comes out of a datagram: the parsers make the same of it but for the addresses, and what
 * they do not read is not there. Messages have in them all that a real kernel tells, and more; what
 * must not come out is written in Zs. Each is also cut at every length and mangled, in memory of
 * exactly its size.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/anonymize.h"
#include "lib/bpf/subflow.h"
#include "lib/parse.h"
#include "tests/tap.h"

enum { UNKNOWN_ATTR = 200, MESSAGE_MOST = 8192, GUARD = 64 };

static const struct anonymizer ours = { { UINT64_C(0x0123456789abcdef), UINT64_C(0x42) } };
static const char secret[] = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";

/* The addresses of the messages, as they lie in them. */
static const uint8_t local4[4] = { 198, 51, 100, 7 }, far4[4] = { 203, 0, 113, 9 };
static const uint8_t local6[16] = { 0x20, 1, 0xd, 0xb8, 0xaa, 0xbb, [15] = 7 };
static const uint8_t far6[16] = { 0x20, 1, 0xd, 0xb8, 0xcc, 0xdd, [15] = 9 };
static const uint8_t mapped6[16] = { [10] = 0xff, [11] = 0xff, 203, 0, 113, 9 };

static char buffer[MESSAGE_MOST] __attribute__((aligned(8)));

static struct nlmsghdr *message(uint16_t type, const void *header, size_t header_len)
{
	struct nlmsghdr *nlh;

	memset(buffer, 0, sizeof(buffer));
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = nlh->nlmsg_pid = 0x5a5a5a5a;
	memcpy(mnl_nlmsg_put_extra_header(nlh, header_len), header, header_len);
	mnl_attr_put_strz(nlh, UNKNOWN_ATTR, secret);
	return nlh;
}

/*
 * --- what the kernel tells ---------------------------------------------------------------------
 */

static struct nlmsghdr *link_told(void)
{
	const struct ifinfomsg ifi = { .ifi_index = 7, .ifi_flags = 0x10043 };
	uint64_t stats[30] = { 1, 2, 3000, 4000 };
	struct nlmsghdr *nlh = message(RTM_NEWLINK, &ifi, sizeof(ifi));
	struct nlattr *nest;

	memset(stats + 4, 'Z', sizeof(stats) - 4 * sizeof(stats[0]));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "wan1");
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, secret);
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, secret);
	mnl_attr_put(nlh, IFLA_BROADCAST, 6, secret);
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, 6);
	mnl_attr_put(nlh, IFLA_STATS64, sizeof(stats), stats);
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "wireguard");
	mnl_attr_put(nlh, IFLA_INFO_DATA, sizeof(far4), far4);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *address_told(uint8_t family, const void *local, const void *far, size_t size)
{
	const struct ifaddrmsg ifa = { .ifa_family = family, .ifa_index = 7 };
	struct nlmsghdr *nlh = message(RTM_NEWADDR, &ifa, sizeof(ifa));

	mnl_attr_put(nlh, IFA_ADDRESS, size, far);
	if (local)
		mnl_attr_put(nlh, IFA_LOCAL, size, local);
	mnl_attr_put(nlh, IFA_BROADCAST, size, far);
	mnl_attr_put_strz(nlh, IFA_LABEL, "ZZZZ");
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_PERMANENT);
	mnl_attr_put(nlh, IFA_CACHEINFO, 16, secret);
	return nlh;
}

static struct nlmsghdr *address4_told(void)
{
	return address_told(AF_INET, local4, far4, 4);
}

static struct nlmsghdr *address6_told(void)
{
	return address_told(AF_INET6, NULL, local6, 16);
}

static struct nlmsghdr *route_told(void)
{
	const struct rtmsg route = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST };
	struct nlmsghdr *nlh = message(RTM_NEWROUTE, &route, sizeof(route));

	mnl_attr_put(nlh, RTA_DST, 4, far4);
	mnl_attr_put(nlh, RTA_PREFSRC, 4, local4);
	mnl_attr_put(nlh, RTA_GATEWAY, 4, far4);
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	mnl_attr_put_u32(nlh, RTA_UID, 0x5a5a5a5a);
	return nlh;
}

static struct nlmsghdr *generic(uint8_t cmd)
{
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	return message(29, &genl, sizeof(genl));
}

static struct nlmsghdr *limits_told(void)
{
	struct nlmsghdr *nlh = generic(6);

	mnl_attr_put_u32(nlh, MPTCP_PM_ATTR_RCV_ADD_ADDRS, 3);
	mnl_attr_put_u32(nlh, MPTCP_PM_ATTR_SUBFLOWS, 8);
	return nlh;
}

static struct nlmsghdr *endpoint_told(uint16_t family, uint16_t attr, const void *address)
{
	struct nlmsghdr *nlh = generic(3);
	struct nlattr *nest = mnl_attr_nest_start(nlh, MPTCP_PM_ATTR_ADDR);

	mnl_attr_put_u16(nlh, MPTCP_PM_ADDR_ATTR_FAMILY, family);
	mnl_attr_put_u8(nlh, MPTCP_PM_ADDR_ATTR_ID, 200);
	mnl_attr_put(nlh, attr, family == AF_INET ? 4 : 16, address);
	mnl_attr_put_u16(nlh, MPTCP_PM_ADDR_ATTR_PORT, 8080);
	mnl_attr_put_u32(nlh, MPTCP_PM_ADDR_ATTR_FLAGS, ENDPOINT_SUBFLOW | ENDPOINT_BACKUP);
	mnl_attr_put_u32(nlh, MPTCP_PM_ADDR_ATTR_IF_IDX, 12);
	mnl_attr_put_strz(nlh, UNKNOWN_ATTR, secret);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *endpoint4_told(void)
{
	return endpoint_told(AF_INET, MPTCP_PM_ADDR_ATTR_ADDR4, local4);
}

static struct nlmsghdr *endpoint6_told(void)
{
	return endpoint_told(AF_INET6, MPTCP_PM_ADDR_ATTR_ADDR6, local6);
}

static struct nlmsghdr *endpoint_mapped_told(void)
{
	return endpoint_told(AF_INET6, MPTCP_PM_ADDR_ATTR_ADDR6, mapped6);
}

/* Numbers of the attributes that Debian's header has not: include/uapi/linux/mptcp_pm.h */
static struct nlmsghdr *event_told(uint16_t local_attr, const void *local, const void *far,
				   size_t size)
{
	struct nlmsghdr *nlh = generic(10);

	mnl_attr_put_u32(nlh, 1, 77);
	mnl_attr_put_u16(nlh, 2, 0x5a5a);
	mnl_attr_put(nlh, local_attr, size, local);
	mnl_attr_put(nlh, local_attr + 2, size, far);
	mnl_attr_put_u16(nlh, 9, htons(40000));
	mnl_attr_put_u16(nlh, 10, htons(443));
	mnl_attr_put_u32(nlh, 12, 0x5a5a5a5a);
	mnl_attr_put_u32(nlh, 15, 12);
	return nlh;
}

static struct nlmsghdr *event4_told(void)
{
	return event_told(5, local4, far4, 4);
}

static struct nlmsghdr *event6_told(void)
{
	return event_told(6, local6, far6, 16);
}

static struct nlmsghdr *socket_told(uint8_t family, const void *local, const void *far)
{
	size_t size = family == AF_INET ? 4 : 16;
	struct inet_diag_msg msg = {
		.idiag_family = family,
		.idiag_state = 1,
		.id = { .idiag_sport = htons(40000), .idiag_dport = htons(443), .idiag_if = 12,
			.idiag_cookie = { 0x89abcdef, 0x01234567 } },
		.idiag_wqueue = 40,
		.idiag_uid = 0x5a5a5a5a,
		.idiag_inode = 0x5a5a5a5a,
	};
	struct tcp_info info;
	struct nlmsghdr *nlh;
	struct nlattr *ulp, *mptcp;

	/* Every octet of it is another: whatever is read of it must come out as it is. */
	for (size_t i = 0; i < sizeof(info); i++)
		((uint8_t *)&info)[i] = (uint8_t)(i * 37 + 11) == 'Z' ? 0 : (uint8_t)(i * 37 + 11);
	/* The kernel leaves nothing behind an IPv4 address; if it did, it must not come out. */
	memset(msg.id.idiag_src, 'Z', sizeof(msg.id.idiag_src));
	memset(msg.id.idiag_dst, 'Z', sizeof(msg.id.idiag_dst));
	memcpy(msg.id.idiag_src, local, size);
	memcpy(msg.id.idiag_dst, far, size);
	nlh = message(SOCK_DIAG_BY_FAMILY, &msg, sizeof(msg));
	mnl_attr_put(nlh, INET_DIAG_MEMINFO, 16, secret);
	mnl_attr_put_strz(nlh, INET_DIAG_CONG, secret);
	mnl_attr_put(nlh, INET_DIAG_LOCALS, sizeof(far4), far4);
	mnl_attr_put(nlh, INET_DIAG_PEERS, sizeof(far6), far6);
	mnl_attr_put(nlh, INET_DIAG_MD5SIG, 60, secret);
	mnl_attr_put_u32(nlh, INET_DIAG_MARK, 0x5a5a5a5a);
	mnl_attr_put_u64(nlh, INET_DIAG_CGROUP_ID, UINT64_C(0x5a5a5a5a5a5a5a5a));
	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), &info);
	ulp = mnl_attr_nest_start(nlh, INET_DIAG_ULP_INFO);
	mnl_attr_put_strz(nlh, INET_ULP_INFO_NAME, "ZZZZ");
	mptcp = mnl_attr_nest_start(nlh, INET_ULP_INFO_MPTCP);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_REM, 0x5a5a5a5a);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_LOC, 77);
	mnl_attr_put_u64(nlh, MPTCP_SUBFLOW_ATTR_MAP_SEQ, UINT64_C(0x5a5a5a5a5a5a5a5a));
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_FLAGS,
			 MPTCP_SUBFLOW_FLAG_JOIN_LOC | MPTCP_SUBFLOW_FLAG_BKUP_REM);
	mnl_attr_nest_end(nlh, mptcp);
	mnl_attr_nest_end(nlh, ulp);
	return nlh;
}

static struct nlmsghdr *socket4_told(void)
{
	return socket_told(AF_INET, local4, far4);
}

static struct nlmsghdr *socket6_told(void)
{
	return socket_told(AF_INET6, local6, far6);
}

static struct nlmsghdr *socket_mapped_told(void)
{
	return socket_told(AF_INET6, mapped6, mapped6);
}

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
	uint32_t ifindex;
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
	return parse_route(nlh, &row->ifindex);
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
	static char mangled[MESSAGE_MOST] __attribute__((aligned(8)));
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
	static char several[3 * MESSAGE_MOST] __attribute__((aligned(8)));
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
	texts();
	return tap_done();
}
