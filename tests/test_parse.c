/* SPDX-License-Identifier: MIT */
/*
 * Bytes to structs: links, addresses, the path manager, and the walk over netlink itself.
 * Every good message is also cut at each length and mangled, in memory of exactly its size, so that
 * a sanitizer sees a read beyond it. Sockets are in test_parse_diag.c, texts in test_parse_proc.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/parse.h"
#include "tests/tap.h"

enum { UNKNOWN_ATTR = 200 }; /* of a kernel to come */

static char buffer[8192] __attribute__((aligned(8)));

static struct nlmsghdr *message(uint16_t type, const void *header, size_t header_len)
{
	struct nlmsghdr *nlh;

	memset(buffer, 0, sizeof(buffer));
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(nlh, header_len), header, header_len);
	return nlh;
}

static struct nlmsghdr *generic(uint16_t type, uint8_t cmd)
{
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	return message(type, &genl, sizeof(genl));
}

typedef int (*parser)(const struct nlmsghdr *);

static bool is_answer(int found)
{
	return found == 1 || found == 0 || found == -EBADMSG;
}

/* In memory of its own, so that not an octet more can be read unnoticed. */
static bool cut_holds(const struct nlmsghdr *nlh, size_t len, parser parse)
{
	struct nlmsghdr *copy = malloc(len);
	int found;

	memcpy(copy, nlh, len);
	copy->nlmsg_len = (uint32_t)len;
	found = parse(copy);
	free(copy);
	return is_answer(found);
}

static bool mangled_holds(const struct nlmsghdr *nlh, parser parse)
{
	size_t len = nlh->nlmsg_len, at;
	struct nlmsghdr *copy = malloc(len);
	int found;

	memcpy(copy, nlh, len);
	for (int i = 0; i < 3; i++) {
		at = sizeof(*nlh) + (size_t)rand() % (len - sizeof(*nlh));
		((uint8_t *)copy)[at] = (uint8_t)rand();
	}
	found = parse(copy);
	free(copy);
	return is_answer(found);
}

static void never_reads_beyond(const struct nlmsghdr *nlh, parser parse, const char *what)
{
	bool good = true;

	for (size_t len = sizeof(*nlh); len <= nlh->nlmsg_len; len++)
		good &= cut_holds(nlh, len, parse);
	ok(good, "%s: cut at every length", what);
	for (int i = 0; i < 3000; i++)
		good &= mangled_holds(nlh, parse);
	ok(good, "%s: mangled", what);
}

#define PARSER(name, call)                                                                         \
	static int name(const struct nlmsghdr *nlh)                                                \
	{                                                                                          \
		return call;                                                                       \
	}
PARSER(link_of, parse_link(nlh, &(struct link_row){ 0 }))
PARSER(address_of, parse_address(nlh, &(struct address_row){ 0 }))
PARSER(family_of, parse_family(nlh, "events", &(struct family_row){ 0 }))
PARSER(limits_of, parse_limits(nlh, &(struct limits_row){ 0 }))
PARSER(limit_refusal_of, parse_limit_refusal(nlh, &(uint32_t){ 0 }))
PARSER(endpoint_of, parse_endpoint(nlh, &(struct endpoint){ 0 }))
PARSER(pm_event_of, parse_pm_event(nlh, &(struct life){ 0 }))

static struct nlmsghdr *link_message(uint16_t type, unsigned int flags, uint8_t operstate)
{
	const struct ifinfomsg ifi = { .ifi_index = 7, .ifi_flags = flags };
	const uint64_t stats[30] = { 1, 2, 3000, 4000 };
	struct nlmsghdr *nlh = message(type, &ifi, sizeof(ifi));

	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 1);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "wan1");
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, "Fibre\nof 1");
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, operstate);
	mnl_attr_put(nlh, IFLA_STATS64, sizeof(stats), stats);
	return nlh;
}

static void is_alias(const char *alias, const char *want, const char *what)
{
	const struct ifinfomsg ifi = { .ifi_index = 7 };
	struct nlmsghdr *nlh = message(RTM_NEWLINK, &ifi, sizeof(ifi));
	struct link_row row;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "wan1");
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, alias);
	is_u64(parse_link(nlh, &row), 1, "%s", what);
	is_text(row.alias, want, "%s", what);
}

/* The kernel takes any octets; whoever reads status.json wants UTF-8. */
static void an_alias(void)
{
	char text[LABEL_LEN + 8], want[LABEL_LEN];

	is_alias("Stra\xc3\x9f" "e", "Stra\xc3\x9f" "e", "in UTF-8");
	is_alias("Stra\xdf" "e", "Stra?e", "in Latin-1");
	is_alias("\x9f\xe2\x82", "???", "pieces of characters");
	memset(text, 'x', sizeof(text));
	strcpy(text + LABEL_LEN - 2, "\xc3\x9f.");
	memset(want, 'x', sizeof(want));
	want[LABEL_LEN - 2] = '\0';
	is_alias(text, want, "too long: it ends before the character that does not fit");
	memset(text, '\x9f', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(want, '?', sizeof(want));
	want[LABEL_LEN - 1] = '\0';
	is_alias(text, want, "too long, and not one character");
}

static void a_link(void)
{
	const unsigned int up = IFF_UP | IFF_LOWER_UP;
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, up, IF_OPER_UP);
	const struct ifinfomsg none = { .ifi_index = 7 }, bridge = { AF_BRIDGE, 0, 0, 7, up, 0 };
	struct link_row row;

	is_u64(parse_link(nlh, &row), 1, "link");
	is_u64(row.ifindex, 7, "ifindex");
	is_text(row.name, "wan1", "name");
	is_text(row.alias, "Fibre?of 1", "alias, without control characters");
	ok(row.up && !row.gone && !row.loopback, "up, here, no loopback");
	ok(row.admin_up, "nobody has switched it off");
	ok(row.in_octets.known && row.in_octets.value == 3000, "octets in");
	ok(row.out_octets.known && row.out_octets.value == 4000, "octets out");
	never_reads_beyond(nlh, link_of, "link");

	parse_link(link_message(RTM_NEWLINK, up, IF_OPER_UNKNOWN), &row);
	ok(row.up, "operstate UNKNOWN with carrier is up (ppp, tun, wireguard)");
	parse_link(link_message(RTM_NEWLINK, IFF_UP, IF_OPER_UNKNOWN), &row);
	ok(!row.up && row.admin_up, "... without is not, though nobody switched it off");
	parse_link(link_message(RTM_NEWLINK, IFF_LOWER_UP, IF_OPER_UP), &row);
	ok(!row.up && !row.admin_up, "set down is down");
	parse_link(link_message(RTM_NEWLINK, up, IF_OPER_LOWERLAYERDOWN), &row);
	ok(!row.up, "the base line down is down");
	parse_link(link_message(RTM_DELLINK, up, IF_OPER_UP), &row);
	ok(row.gone && !row.up, "a link that goes");
	is_u64(parse_link(link_message(RTM_NEWROUTE, up, IF_OPER_UP), &row), 0, "not a link");
	nlh = message(RTM_DELLINK, &bridge, sizeof(bridge));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "wan1");
	is_u64(parse_link(nlh, &row), 0, "a port that leaves its bridge stays a link");
	nlh = message(RTM_NEWLINK, &none, sizeof(none));
	ok(parse_link(nlh, &row) == -EBADMSG, "without a name");
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "wan1");
	mnl_attr_put_u32(nlh, IFLA_STATS64, 0);
	ok(parse_link(nlh, &row) == -EBADMSG, "short counters");
}

static struct nlmsghdr *address_message(uint8_t family, uint8_t flags, uint8_t scope)
{
	const struct ifaddrmsg ifa = { family, 24, flags, scope, 7 };

	return message(RTM_NEWADDR, &ifa, sizeof(ifa));
}

static void an_address(void)
{
	const uint8_t v6[16] = { 0x20, 1, [15] = 9 }, local[4] = { 10, 0, 0, 1 },
		      far[4] = { 10, 0, 0, 2 };
	const struct address want4 = { AF_INET, { 10, 0, 0, 1 } },
			     want6 = { AF_INET6, { 0x20, 1, [15] = 9 } };
	struct nlmsghdr *nlh = address_message(AF_INET, 0, RT_SCOPE_UNIVERSE);
	struct address_row row;

	ok(parse_address(nlh, &row) == -EBADMSG, "no address in it");
	mnl_attr_put(nlh, IFA_ADDRESS, sizeof(far), far);
	mnl_attr_put(nlh, IFA_LOCAL, sizeof(local), local);
	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 1);
	is_u64(parse_address(nlh, &row), 1, "IPv4 address");
	ok(address_equal(&row.address, &want4), "the local one of a point-to-point link");
	ok(row.ifindex == 7 && row.usable && !row.gone && !row.link_scope, "usable");
	never_reads_beyond(nlh, address_of, "address");
	nlh->nlmsg_type = RTM_DELADDR;
	ok(parse_address(nlh, &row) == 1 && row.gone, "that goes");

	nlh = address_message(AF_INET6, IFA_F_TENTATIVE, RT_SCOPE_LINK);
	mnl_attr_put(nlh, IFA_ADDRESS, sizeof(v6), v6);
	is_u64(parse_address(nlh, &row), 1, "IPv6 address");
	ok(address_equal(&row.address, &want6), "of a link that has no IFA_LOCAL");
	ok(!row.usable && row.link_scope, "tentative, link-local");
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC);
	ok(parse_address(nlh, &row) == 1 && row.usable, "the wider flags count: optimistic");
	nlh = address_message(AF_INET6, 0, 0);
	mnl_attr_put(nlh, IFA_ADDRESS, sizeof(local), local);
	ok(parse_address(nlh, &row) == -EBADMSG, "an address too short for its family");
	is_u64(parse_address(address_message(AF_MPLS, 0, 0), &row), 0, "another family");
}

static void mapped_addresses_become_ipv4(void)
{
	const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 };
	const struct address want = { AF_INET, { 192, 0, 2, 1 } };
	struct address got = address_from(AF_INET6, mapped);

	ok(address_equal(&got, &want), "::ffff:192.0.2.1 is 192.0.2.1");
	got = address_from(AF_INET6, (const uint8_t[16]){ 0 });
	ok(got.family == AF_INET6, ":: is not");
}

static void put_group(struct nlmsghdr *nlh, uint16_t number, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, number);

	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_nest_end(nlh, nest);
}

static void a_family(void)
{
	struct nlmsghdr *nlh = generic(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	struct family_row row;
	struct nlattr *nest;

	ok(parse_family(nlh, "events", &row) == -EBADMSG, "a family without id");
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, 29);
	nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	put_group(nlh, 1, "cmds", 5);
	put_group(nlh, 2, "events", 6);
	mnl_attr_nest_end(nlh, nest);
	ok(parse_family(nlh, "events", &row) == 1 && row.id == 29 && row.group == 6, "family");
	ok(parse_family(nlh, "none", &row) == 1 && row.group == 0, "no group of that name");
	never_reads_beyond(nlh, family_of, "family");
}

static void limits(void)
{
	struct nlmsghdr *nlh = generic(29, 6);
	struct limits_row row;

	ok(parse_limits(nlh, &row) == 1 && !row.subflows.known && !row.add_addr.known, "none told");
	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 9);
	mnl_attr_put_u32(nlh, 2, 3);
	mnl_attr_put_u32(nlh, 3, 8);
	is_u64(parse_limits(nlh, &row), 1, "limits");
	ok(row.subflows.known && row.subflows.value == 8, "subflows");
	ok(row.add_addr.known && row.add_addr.value == 3, "ADD_ADDRs");
	never_reads_beyond(nlh, limits_of, "limits");
	nlh = generic(29, 6);
	mnl_attr_put_u16(nlh, 3, 8);
	ok(parse_limits(nlh, &row) == -EBADMSG, "a limit too short");
}

/* As Linux 6.18 refuses a subflow limit of 4294967295: without the request, and with it. */
static void a_limit_refusal(void)
{
	_Alignas(struct nlmsghdr) static const uint8_t capped[] = {
		0x50, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x00,
		0xbf, 0x3f, 0x00, 0x00, 0xea, 0xff, 0xff, 0xff, 0x1c, 0x00, 0x00, 0x00,
		0x1c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x23, 0x00, 0x01, 0x00, 0x6c, 0x69, 0x6d, 0x69, 0x74, 0x20, 0x67, 0x72,
		0x65, 0x61, 0x74, 0x65, 0x72, 0x20, 0x74, 0x68, 0x61, 0x6e, 0x20, 0x6d,
		0x61, 0x78, 0x69, 0x6d, 0x75, 0x6d, 0x20, 0x28, 0x38, 0x29, 0x00, 0x00,
		0x08, 0x00, 0x02, 0x00, 0x14, 0x00, 0x00, 0x00,
	};
	_Alignas(struct nlmsghdr) static const uint8_t whole[] = {
		0x5c, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00,
		0x07, 0x59, 0x00, 0x00, 0xea, 0xff, 0xff, 0xff, 0x1c, 0x00, 0x00, 0x00,
		0x1c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x05, 0x01, 0x00, 0x00, 0x08, 0x00, 0x03, 0x00, 0xff, 0xff, 0xff, 0xff,
		0x23, 0x00, 0x01, 0x00, 0x6c, 0x69, 0x6d, 0x69, 0x74, 0x20, 0x67, 0x72,
		0x65, 0x61, 0x74, 0x65, 0x72, 0x20, 0x74, 0x68, 0x61, 0x6e, 0x20, 0x6d,
		0x61, 0x78, 0x69, 0x6d, 0x75, 0x6d, 0x20, 0x28, 0x38, 0x29, 0x00, 0x00,
		0x08, 0x00, 0x02, 0x00, 0x14, 0x00, 0x00, 0x00,
	};
	static const struct {
		const char *text;
		int want;
		uint32_t maximum;
	} texts[] = {
		{ "limit greater than maximum (64)", 1, 64 },
		{ "limit greater than maximum (0)", 1, 0 },
		{ "limit greater than maximum (4294967294)", 1, 4294967294 },
		{ "limit greater than maximum", 0, 0 },
		{ "limit greater than maximum (4294967296)", 0, 0 },
		{ "limit (8) greater than maximum", 0, 0 },
		{ "limit greater than maximum (-8)", 0, 0 },
		{ "limit greater than maximum ()", 0, 0 },
		{ "(", 0, 0 },
		{ "", 0, 0 },
	};
	struct nlmsghdr *nlh = memcpy(buffer, capped, sizeof(capped));
	uint32_t maximum = 0;

	is_u64(parse_limit_refusal(nlh, &maximum), 1, "a refusal without the request");
	is_u64(maximum, 8, "names the maximum");
	never_reads_beyond(nlh, limit_refusal_of, "refusal");
	nlh = memcpy(buffer, whole, sizeof(whole));
	maximum = 0;
	is_u64(parse_limit_refusal(nlh, &maximum), 1, "a refusal with the request");
	is_u64(maximum, 8, "names the maximum, too");
	never_reads_beyond(nlh, limit_refusal_of, "refusal with the request");
	((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->msg.nlmsg_len = UINT32_MAX;
	ok(parse_limit_refusal(nlh, &maximum) == -EBADMSG, "a request longer than the answer");
	nlh->nlmsg_type = NLMSG_DONE;
	ok(parse_limit_refusal(nlh, &maximum) == -EBADMSG, "no refusal");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		nlh = message(NLMSG_ERROR, &(struct nlmsgerr){ .error = -EINVAL },
			      sizeof(struct nlmsgerr));
		nlh->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, texts[i].text);
		maximum = 0;
		ok(parse_limit_refusal(nlh, &maximum) == texts[i].want &&
			   maximum == texts[i].maximum,
		   "'%s'", texts[i].text);
	}
}

static void an_endpoint(void)
{
	const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 };
	const struct address want = { AF_INET, { 10, 0, 0, 1 } };
	struct nlmsghdr *nlh = generic(29, 3);
	struct endpoint row;
	struct nlattr *nest;

	ok(parse_endpoint(nlh, &row) == -EBADMSG, "no endpoint in it");
	nest = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_u16(nlh, 1, AF_INET6);
	mnl_attr_put_u8(nlh, 2, 200);
	mnl_attr_put(nlh, 4, sizeof(mapped), mapped);
	mnl_attr_put_u16(nlh, 5, 8080);
	mnl_attr_put_u32(nlh, 6, ENDPOINT_SUBFLOW | ENDPOINT_BACKUP);
	mnl_attr_put_u32(nlh, 7, 12);
	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 12);
	mnl_attr_nest_end(nlh, nest);
	is_u64(parse_endpoint(nlh, &row), 1, "endpoint");
	ok(row.id == 200 && row.port == 8080 && row.ifindex == 12, "id, port, interface");
	is_u64(row.flags, ENDPOINT_SUBFLOW | ENDPOINT_BACKUP, "flags");
	ok(address_equal(&row.address, &want), "its mapped address is IPv4");
	ok(!row.wan_index && !row.wan_name[0], "no WAN yet");
	never_reads_beyond(nlh, endpoint_of, "endpoint");
}

static void pm_events(void)
{
	const uint8_t local[4] = { 10, 0, 0, 1 }, far[4] = { 192, 0, 2, 1 };
	struct nlmsghdr *nlh = generic(29, 10);
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct life life;

	mnl_attr_put_u32(nlh, 1, 77);
	ok(parse_pm_event(nlh, &life) == -EBADMSG, "a birth without addresses");
	mnl_attr_put_u16(nlh, 2, AF_INET);
	mnl_attr_put(nlh, 5, sizeof(local), local);
	mnl_attr_put(nlh, 7, sizeof(far), far);
	mnl_attr_put_u16(nlh, 9, htons(40000));
	mnl_attr_put_u16(nlh, 10, htons(443));
	mnl_attr_put_u32(nlh, 15, 12);
	mnl_attr_put_u32(nlh, UNKNOWN_ATTR, 12);
	is_u64(parse_pm_event(nlh, &life), 1, "SUB_ESTABLISHED");
	ok(life.kind == BORN && life.join && life.mptcp, "is the birth of a join");
	ok(life.token == 77 && life.bound_ifindex == 12 && !life.cookie, "token and device");
	ok(life.tuple.local.bytes[0] == 10 && life.tuple.remote.bytes[0] == 192, "addresses");
	ok(life.tuple.local_port == 40000 && life.tuple.remote_port == 443, "ports");
	never_reads_beyond(nlh, pm_event_of, "event");
	genl->cmd = 1;
	ok(parse_pm_event(nlh, &life) == 1 && life.kind == BORN && !life.join, "CREATED");
	genl->cmd = 2;
	is_u64(parse_pm_event(nlh, &life), 0, "ESTABLISHED is told by CREATED already");
	genl->cmd = 200;
	is_u64(parse_pm_event(nlh, &life), 0, "an event of a kernel to come");
	nlh = generic(29, 3);
	ok(parse_pm_event(nlh, &life) == -EBADMSG, "CLOSED without a token");
	mnl_attr_put_u32(nlh, 1, 77);
	ok(parse_pm_event(nlh, &life) == 1 && life.kind == CONNECTION_CLOSED && life.token == 77,
	   "CLOSED");
}

/* libmnl 1.0.4 crashes on lengths above INT_MAX. */
static void the_walk_trusts_no_length(void)
{
	static const uint32_t lengths[] = { 0,		1,	    15,		33,
					    0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX };
	struct nlmsghdr *nlh = malloc(32);
	size_t offset = 0;
	int error = 0;

	memset(nlh, 0, 32);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		nlh->nlmsg_len = lengths[i];
		offset = 0;
		error = 0;
		ok(!netlink_next(nlh, 32, &offset, &error) && error == -EBADMSG, "length %u",
		   lengths[i]);
	}
	nlh[0].nlmsg_len = nlh[1].nlmsg_len = 16;
	offset = 0;
	error = 0;
	ok(netlink_next(nlh, 32, &offset, &error) == nlh, "the first of two");
	ok(netlink_next(nlh, 32, &offset, &error) == nlh + 1, "the second");
	ok(!netlink_next(nlh, 32, &offset, &error) && !error, "the end");
	for (size_t len = 1; len < 16; len++) {
		offset = 0;
		error = 0;
		if (netlink_next(nlh, len, &offset, &error) || error != -EBADMSG)
			break;
		if (len == 15)
			ok(true, "less than a header is nothing whole");
	}
	nlh[0].nlmsg_len = 30; /* ends unaligned, at the end of the datagram */
	offset = 0;
	error = 0;
	ok(netlink_next(nlh, 30, &offset, &error) == nlh && offset == 30, "unaligned at the end");
	ok(!netlink_next(nlh, 30, &offset, &error) && !error, "which is no error");
	free(nlh);
}

/* RTM_GETROUTE answers with one route, by a device or by none. */
static void a_route_names_its_device(void)
{
	char buf[256] = "";
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	uint32_t ifindex = 7;

	nlh->nlmsg_type = RTM_NEWROUTE;
	route->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, 5);
	mnl_attr_put_u32(nlh, RTA_OIF, 3);
	ok(parse_route(nlh, &ifindex) == 1 && ifindex == 3, "a way by a device");
	route->rtm_type = RTN_UNREACHABLE;
	ok(parse_route(nlh, &ifindex) == 1 && ifindex == 0, "unreachable is no way");
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 4;
	ok(parse_route(nlh, &ifindex) == -EBADMSG, "too short");
	nlh->nlmsg_type = RTM_NEWADDR;
	ok(parse_route(nlh, &ifindex) == 0 && ifindex == 0, "an address is no route");
}

int main(void)
{
	a_route_names_its_device();
	a_link();
	an_alias();
	an_address();
	mapped_addresses_become_ipv4();
	a_family();
	limits();
	a_limit_refusal();
	an_endpoint();
	pm_events();
	the_walk_trusts_no_length();
	return tap_done();
}
