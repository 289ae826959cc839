/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/parse.h"

/* The head of struct rtnl_link_stats64, which has only ever grown at its end. */
struct link_octets {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

static bool may_carry(unsigned int flags, uint8_t operstate)
{
	if (!(flags & IFF_UP))
		return false;
	/* ppp, tun and wireguard never leave UNKNOWN. */
	return operstate == IF_OPER_UP || (operstate == IF_OPER_UNKNOWN && flags & IFF_LOWER_UP);
}

static bool link_attr(const struct nlattr *attr, uint8_t *operstate, struct link_row *out)
{
	struct link_octets octets;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		attr_text(attr, out->name, sizeof(out->name));
		return true;
	case IFLA_IFALIAS:
		attr_text(attr, out->alias, sizeof(out->alias));
		return true;
	case IFLA_OPERSTATE:
		return attr_u8(attr, operstate);
	case IFLA_STATS64:
		if (mnl_attr_get_payload_len(attr) < sizeof(octets))
			return false;
		memcpy(&octets, mnl_attr_get_payload(attr), sizeof(octets));
		out->in_octets = (struct maybe_u64){ true, octets.rx_bytes };
		out->out_octets = (struct maybe_u64){ true, octets.tx_bytes };
		return true;
	}
	return true;
}

int parse_link(const struct nlmsghdr *nlh, struct link_row *out)
{
	const struct ifinfomsg *ifi = netlink_header(nlh, sizeof(*ifi));
	const struct nlattr *attr = NULL;
	uint8_t operstate = IF_OPER_UNKNOWN;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return 0;
	if (!ifi || ifi->ifi_index <= 0)
		return -EBADMSG;
	/*
	 * The bridge and others multicast RTM_*LINK of their own family about ports: not a link
	 * that goes.
	 */
	if (ifi->ifi_family != AF_UNSPEC)
		return 0;
	out->ifindex = (uint32_t)ifi->ifi_index;
	out->loopback = ifi->ifi_flags & IFF_LOOPBACK;
	out->gone = nlh->nlmsg_type == RTM_DELLINK;
	while ((attr = netlink_attr(nlh, sizeof(*ifi), attr)))
		if (!link_attr(attr, &operstate, out))
			return -EBADMSG;
	out->partial = !out->gone && !out->in_octets.known;
	out->admin_up = ifi->ifi_flags & IFF_UP;
	out->up = !out->gone && may_carry(ifi->ifi_flags, operstate);
	return out->name[0] ? 1 : -EBADMSG;
}

int parse_address(const struct nlmsghdr *nlh, struct address_row *out)
{
	const struct ifaddrmsg *ifa = netlink_header(nlh, sizeof(*ifa));
	const struct nlattr *attr = NULL, *local = NULL, *address = NULL;
	uint32_t flags;
	size_t size;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR)
		return 0;
	if (!ifa)
		return -EBADMSG;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return 0;
	flags = ifa->ifa_flags;
	while ((attr = netlink_attr(nlh, sizeof(*ifa), attr))) {
		switch (mnl_attr_get_type(attr)) {
		case IFA_LOCAL:
			local = attr;
			break;
		case IFA_ADDRESS:
			address = attr;
			break;
		case IFA_FLAGS:
			if (!attr_u32(attr, &flags))
				return -EBADMSG;
			break;
		}
	}
	/* On a point-to-point link IFA_ADDRESS is the far end; IPv6 often gives it alone. */
	if (!local)
		local = address;
	size = ifa->ifa_family == AF_INET6 ? 16 : 4;
	if (!local || mnl_attr_get_payload_len(local) < size)
		return -EBADMSG;
	out->ifindex = ifa->ifa_index;
	out->address = address_from(ifa->ifa_family, mnl_attr_get_payload(local));
	out->gone = nlh->nlmsg_type == RTM_DELADDR;
	out->usable = !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) || flags & IFA_F_OPTIMISTIC;
	out->link_scope = ifa->ifa_scope == RT_SCOPE_LINK;
	return 1;
}

/* Of a route's hops: the one by the device, else the device that all have. Dead ones are none. */
static bool hop_of(const struct nlattr *attr, uint32_t bound_ifindex, struct maybe_u32 *ifindex)
{
	const char *at = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr), step;
	struct rtnexthop hop;
	bool differ = false;

	for (; left >= sizeof(hop); at += step, left -= step) {
		memcpy(&hop, at, sizeof(hop));
		if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > left)
			return false;
		step = RTNH_ALIGN((size_t)hop.rtnh_len);
		step = step < left ? step : left;
		if (hop.rtnh_ifindex <= 0 || hop.rtnh_flags & RTNH_F_DEAD)
			continue;
		if ((uint32_t)hop.rtnh_ifindex == bound_ifindex) {
			*ifindex = (struct maybe_u32){ true, bound_ifindex };
			return true;
		}
		differ |= ifindex->known && ifindex->value != (uint32_t)hop.rtnh_ifindex;
		*ifindex = (struct maybe_u32){ true, (uint32_t)hop.rtnh_ifindex };
	}
	if (differ)
		*ifindex = (struct maybe_u32){ 0 };
	return true;
}

int parse_route(const struct nlmsghdr *nlh, uint32_t bound_ifindex, struct maybe_u32 *ifindex)
{
	const struct rtmsg *route = netlink_header(nlh, sizeof(*route));
	const struct nlattr *attr = NULL;

	*ifindex = (struct maybe_u32){ 0 };
	if (nlh->nlmsg_type != RTM_NEWROUTE)
		return 0;
	if (!route)
		return -EBADMSG;
	if (route->rtm_type != RTN_UNICAST && route->rtm_type != RTN_LOCAL) {
		ifindex->known = true;
		return 1;
	}
	while ((attr = netlink_attr(nlh, sizeof(*route), attr))) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_OIF:
			if (!attr_u32(attr, &ifindex->value))
				return -EBADMSG;
			ifindex->known = ifindex->value;
			break;
		case RTA_MULTIPATH:
			if (!hop_of(attr, bound_ifindex, ifindex))
				return -EBADMSG;
			break;
		}
	}
	return 1;
}
