/* SPDX-License-Identifier: MIT */
/*
 * Generic netlink: the family lookup, and the family mptcp_pm (include/uapi/linux/mptcp_pm.h):
 * limits, endpoints and the events of connections and subflows. Its numbers are ours, because
 * Debian 12's header knows only some.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/netlink.h"
#include "lib/parse.h"

enum { PM_ATTR_ADDR = 1, PM_ATTR_RCV_ADD_ADDRS = 2, PM_ATTR_SUBFLOWS = 3 };
enum {
	PM_ADDR_FAMILY = 1,
	PM_ADDR_ID,
	PM_ADDR_ADDR4,
	PM_ADDR_ADDR6,
	PM_ADDR_PORT,
	PM_ADDR_FLAGS,
	PM_ADDR_IF_IDX
};
enum { EVENT_CREATED = 1, EVENT_CLOSED = 3, EVENT_SUB_ESTABLISHED = 10 };
enum {
	EVENT_ATTR_TOKEN = 1,
	EVENT_ATTR_SADDR4 = 5,
	EVENT_ATTR_SADDR6,
	EVENT_ATTR_DADDR4,
	EVENT_ATTR_DADDR6,
	EVENT_ATTR_SPORT,
	EVENT_ATTR_DPORT,
	EVENT_ATTR_IF_IDX = 15
};
/* Those above. */
#define EVENT_ATTRS                                                                                \
	(1 << EVENT_ATTR_TOKEN | 1 << EVENT_ATTR_SADDR4 | 1 << EVENT_ATTR_SADDR6 |                 \
	 1 << EVENT_ATTR_DADDR4 | 1 << EVENT_ATTR_DADDR6 | 1 << EVENT_ATTR_SPORT |                 \
	 1 << EVENT_ATTR_DPORT | 1 << EVENT_ATTR_IF_IDX)

static uint32_t group_id(const struct nlattr *groups, const char *name)
{
	const struct nlattr *group = NULL, *attr;
	char found[64];
	uint32_t id;

	while ((group = netlink_nested(groups, group))) {
		found[0] = '\0';
		id = 0;
		attr = NULL;
		while ((attr = netlink_nested(group, attr))) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
				attr_text(attr, found, sizeof(found));
			else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				(void)attr_u32(attr, &id);
		}
		if (!strcmp(found, name))
			return id;
	}
	return 0;
}

int parse_family(const struct nlmsghdr *nlh, const char *group, struct family_row *out)
{
	const struct nlattr *attr = NULL;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != GENL_ID_CTRL)
		return 0;
	while ((attr = netlink_attr(nlh, sizeof(struct genlmsghdr), attr))) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID && !attr_u16(attr, &out->id))
			return -EBADMSG;
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			out->group = group_id(attr, group);
	}
	return out->id ? 1 : -EBADMSG;
}

int parse_limits(const struct nlmsghdr *nlh, struct limits_row *out)
{
	const struct nlattr *attr = NULL;

	memset(out, 0, sizeof(*out));
	if (!netlink_header(nlh, sizeof(struct genlmsghdr)))
		return -EBADMSG;
	while ((attr = netlink_attr(nlh, sizeof(struct genlmsghdr), attr))) {
		switch (mnl_attr_get_type(attr)) {
		case PM_ATTR_RCV_ADD_ADDRS:
			out->add_addr.known = attr_u32(attr, &out->add_addr.value);
			if (!out->add_addr.known)
				return -EBADMSG;
			break;
		case PM_ATTR_SUBFLOWS:
			out->subflows.known = attr_u32(attr, &out->subflows.value);
			if (!out->subflows.known)
				return -EBADMSG;
			break;
		}
	}
	return 1;
}

/* The number in parentheses that a text ends with. */
static bool last_number(const char *text, uint32_t *number)
{
	const char *open = strrchr(text, '(');
	char *end;
	unsigned long value;

	if (!open || open[1] < '0' || open[1] > '9')
		return false;
	errno = 0;
	value = strtoul(open + 1, &end, 10);
	if (errno || value > UINT32_MAX || strcmp(end, ")") != 0)
		return false;
	*number = (uint32_t)value;
	return true;
}

int parse_limit_refusal(const struct nlmsghdr *nlh, uint32_t *maximum)
{
	const struct nlmsgerr *refusal = netlink_header(nlh, sizeof(*refusal));
	const struct nlattr *attr = NULL;
	char text[128];
	size_t header_len = sizeof(*refusal);

	if (nlh->nlmsg_type != NLMSG_ERROR || !refusal)
		return -EBADMSG;
	/* The request comes back between the two, unless the kernel was asked to leave it out. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (refusal->msg.nlmsg_len < sizeof(refusal->msg) ||
		    refusal->msg.nlmsg_len > nlh->nlmsg_len)
			return -EBADMSG;
		header_len += refusal->msg.nlmsg_len - sizeof(refusal->msg);
	}
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (!netlink_header(nlh, header_len))
		return -EBADMSG;
	while ((attr = netlink_attr(nlh, header_len, attr))) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		attr_text(attr, text, sizeof(text));
		return last_number(text, maximum);
	}
	return 0;
}

/* An address attribute of the family's size; 0 or -EBADMSG. */
static int attr_address(const struct nlattr *attr, uint16_t family, struct address *out)
{
	if (mnl_attr_get_payload_len(attr) < (family == AF_INET6 ? 16 : 4))
		return -EBADMSG;
	*out = address_from(family, mnl_attr_get_payload(attr));
	return 0;
}

static int endpoint_attr(const struct nlattr *attr, struct endpoint *out)
{
	uint16_t port;
	uint8_t id;

	switch (mnl_attr_get_type(attr)) {
	case PM_ADDR_ID:
		if (!attr_u8(attr, &id))
			return -EBADMSG;
		out->id = id;
		return 0;
	case PM_ADDR_ADDR4:
		return attr_address(attr, AF_INET, &out->address);
	case PM_ADDR_ADDR6:
		return attr_address(attr, AF_INET6, &out->address);
	case PM_ADDR_PORT:
		if (!attr_u16(attr, &port))
			return -EBADMSG;
		out->port = port;	/* host order: the family converts it */
		return 0;
	case PM_ADDR_FLAGS:
		return attr_u32(attr, &out->flags) ? 0 : -EBADMSG;
	case PM_ADDR_IF_IDX:
		return attr_u32(attr, &out->ifindex) ? 0 : -EBADMSG;
	}
	return 0;
}

int parse_endpoint(const struct nlmsghdr *nlh, struct endpoint *out)
{
	const struct nlattr *attr = NULL, *inner = NULL;
	int error;

	memset(out, 0, sizeof(*out));
	while ((attr = netlink_attr(nlh, sizeof(struct genlmsghdr), attr)))
		if (mnl_attr_get_type(attr) == PM_ATTR_ADDR)
			break;
	if (!attr)
		return -EBADMSG;
	while ((inner = netlink_nested(attr, inner))) {
		error = endpoint_attr(inner, out);
		if (error)
			return error;
	}
	return out->address.family ? 1 : -EBADMSG;
}

/* Of which connections and subflows are born and end; the others tell what is known by these. */
static enum life_kind event_kind(uint8_t command)
{
	switch (command) {
	case EVENT_CREATED:
	case EVENT_SUB_ESTABLISHED:
		return BORN;
	case EVENT_CLOSED:
		return CONNECTION_CLOSED;
	}
	return LIFE_NONE;
}

bool pm_event_counts(uint8_t command)
{
	return event_kind(command) != LIFE_NONE;
}

/* One end of a subflow. False: something is too short; what is absent is left alone. */
static bool event_end(const struct nlattr *v4, const struct nlattr *v6, const struct nlattr *port,
		      struct address *address, uint16_t *host_order)
{
	uint16_t number;
	uint32_t octets;

	if (v4) {
		if (!attr_u32(v4, &octets))
			return false;
		address->family = AF_INET;
		memcpy(address->bytes, &octets, sizeof(octets));
	} else if (v6 && attr_address(v6, AF_INET6, address)) {
		return false;
	}
	if (port) {
		if (!attr_u16(port, &number))
			return false;
		*host_order = ntohs(number);
	}
	return true;
}

int parse_pm_event(const struct nlmsghdr *nlh, struct life *out)
{
	const struct genlmsghdr *genl = netlink_header(nlh, sizeof(*genl));
	const struct nlattr *found[EVENT_ATTR_IF_IDX + 1] = { NULL };

	memset(out, 0, sizeof(*out));
	if (!genl)
		return -EBADMSG;
	out->kind = event_kind(genl->cmd);
	if (out->kind == LIFE_NONE)
		return 0;
	out->mptcp = true;
	out->join = out->joined = genl->cmd == EVENT_SUB_ESTABLISHED;
	netlink_pick(nlh, sizeof(*genl), EVENT_ATTRS, found);
	if ((found[EVENT_ATTR_TOKEN] && !attr_u32(found[EVENT_ATTR_TOKEN], &out->token)) ||
	    (found[EVENT_ATTR_IF_IDX] &&
	     !attr_u32(found[EVENT_ATTR_IF_IDX], &out->bound_ifindex)) ||
	    !event_end(found[EVENT_ATTR_SADDR4], found[EVENT_ATTR_SADDR6], found[EVENT_ATTR_SPORT],
		       &out->tuple.local, &out->tuple.local_port) ||
	    !event_end(found[EVENT_ATTR_DADDR4], found[EVENT_ATTR_DADDR6], found[EVENT_ATTR_DPORT],
		       &out->tuple.remote, &out->tuple.remote_port))
		return -EBADMSG;
	if (!out->token || (out->kind == BORN && !out->tuple.local.family))
		return -EBADMSG;
	return 1;
}
