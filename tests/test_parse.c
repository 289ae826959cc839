/* SPDX-License-Identifier: MIT */
/*
 * Bytes to structs: links, addresses, routes, and the walk over netlink itself. What the path
 * manager tells is in test_parse_pm.c, sockets in test_parse_diag.c, texts in test_parse_proc.c.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/parse.h"
#include "tests/message.h"
#include "tests/tap.h"

PARSER(link_of, parse_link(nlh, &(struct link_row){ 0 }))
PARSER(address_of, parse_address(nlh, &(struct address_row){ 0 }))
PARSER(way_parsed, parse_route(nlh, 5, &(struct maybe_u32){ 0 }))

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

/* Two of type 5, one of type 3 in between, then one whose length is wrong, then one of type 9. */
static void attributes_are_picked(void)
{
	const uint16_t lens[] = { 5, 8, 4, 3, 4 }, types[] = { 5, 3 | NLA_F_NESTED, 5, 7, 9 };
	const size_t at[] = { 20, 28, 36, 40, 44 };
	struct nlmsghdr *nlh = calloc(1, 48);
	const struct nlattr *found[32] = { NULL };
	const char *start = (const char *)nlh;

	nlh->nlmsg_len = 48;
	for (size_t i = 0; i < 5; i++) {
		struct nlattr *attr = (struct nlattr *)((char *)nlh + at[i]);

		attr->nla_len = lens[i];
		attr->nla_type = types[i];
	}
	netlink_pick(nlh, 4, 1 << 5 | 1 << 3 | 1 << 9 | 1 << 4, found);
	ok((const char *)found[5] == start + 20, "the first of its type");
	ok((const char *)found[3] == start + 28, "whatever flags the type has");
	ok(!found[4] && !found[7], "neither what is not there nor what nobody wants");
	ok(!found[9], "nothing behind what is malformed");
	found[5] = found[3] = NULL;
	nlh->nlmsg_len = 35;
	netlink_pick(nlh, 4, 1 << 5 | 1 << 3, found);
	ok(found[5] && !found[3], "nothing that is cut off");
	nlh->nlmsg_len = 24;
	found[5] = NULL;
	netlink_pick(nlh, 4, 1 << 5, found);
	ok(!found[5], "not even the first");
	for (uint32_t len = 16; len < 24; len++) {
		nlh->nlmsg_len = len;
		netlink_pick(nlh, 4, UINT32_MAX, found);
	}
	ok(!found[5], "nor what has no header");
	free(nlh);
}

static bool is_way(const struct maybe_u32 *way, bool known, uint32_t ifindex)
{
	return way->known == known && way->value == ifindex;
}

/* RTM_GETROUTE answers with one route, by a device or by none. */
static void a_route_names_its_device(void)
{
	char buf[256] = "";
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	struct maybe_u32 ifindex = { true, 7 };

	nlh->nlmsg_type = RTM_NEWROUTE;
	route->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, 5);
	mnl_attr_put_u32(nlh, RTA_OIF, 3);
	ok(parse_route(nlh, 0, &ifindex) == 1 && is_way(&ifindex, true, 3), "a way by a device");
	route->rtm_type = RTN_UNREACHABLE;
	ok(parse_route(nlh, 0, &ifindex) == 1 && is_way(&ifindex, true, 0),
	   "unreachable is no way");
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 4;
	ok(parse_route(nlh, 0, &ifindex) == -EBADMSG, "too short");
	nlh->nlmsg_type = RTM_NEWADDR;
	ok(parse_route(nlh, 0, &ifindex) == 0 && is_way(&ifindex, false, 0),
	   "an address is no route");
}

static uint16_t hops_len;

/* One more hop, as long as it says, by that device. */
static void hop(struct rtnexthop *hops, size_t number, int ifindex, unsigned char flags)
{
	hops[number] = (struct rtnexthop){ .rtnh_len = sizeof(*hops),
					   .rtnh_flags = flags,
					   .rtnh_ifindex = ifindex };
	hops_len = (uint16_t)((number + 1) * sizeof(*hops));
}

static struct nlmsghdr *route_of(const struct rtnexthop *hops)
{
	const struct rtmsg route = { .rtm_type = RTN_UNICAST };
	struct nlmsghdr *nlh = message(RTM_NEWROUTE, &route, sizeof(route));

	if (hops)
		mnl_attr_put(nlh, RTA_MULTIPATH, hops_len, hops);
	return nlh;
}

static struct maybe_u32 way_of(const struct rtnexthop *hops, uint32_t bound_ifindex)
{
	struct maybe_u32 ifindex;

	if (parse_route(route_of(hops), bound_ifindex, &ifindex) < 0)
		return (struct maybe_u32){ true, UINT32_MAX };
	return ifindex;
}

/* FIB entries of several hops have no RTA_OIF, nor have those of nexthop objects. */
static void a_route_of_several_hops(void)
{
	struct rtnexthop hops[3];
	struct maybe_u32 way = way_of(NULL, 5);

	ok(is_way(&way, false, 0), "a nexthop object: a way, nobody says which");
	hop(hops, 0, 3, 0);
	hop(hops, 1, 5, 0);
	way = way_of(hops, 5);
	ok(is_way(&way, true, 5), "bound to the device of a hop: by that");
	way = way_of(hops, 3);
	ok(is_way(&way, true, 3), "whichever");
	way = way_of(hops, 0);
	ok(is_way(&way, false, 0), "bound to none: by one or the other");
	never_reads_beyond(route_of(hops), way_parsed, "hops");
	hop(hops, 1, 3, 0);
	way = way_of(hops, 0);
	ok(is_way(&way, true, 3), "two gateways of one device");
	hop(hops, 1, 5, RTNH_F_DEAD);
	way = way_of(hops, 5);
	ok(is_way(&way, true, 3), "a dead hop is none");
	hops[1].rtnh_len = sizeof(*hops) + 1;
	way = way_of(hops, 0);
	ok(is_way(&way, true, UINT32_MAX), "a hop that is longer than the rest");
	hops[1].rtnh_len = 0;
	way = way_of(hops, 0);
	ok(is_way(&way, true, UINT32_MAX), "or of no length");
}


int main(void)
{
	attributes_are_picked();
	a_route_names_its_device();
	a_route_of_several_hops();
	a_link();
	an_alias();
	an_address();
	mapped_addresses_become_ipv4();
	the_walk_trusts_no_length();
	return tap_done();
}
