/* SPDX-License-Identifier: MIT */
/*
 * What is not named here does not come out: the new datagram begins as zeros, and gets headers,
 * the attributes of the tables below, and nothing else. A parser that is to read more needs a row
 * here; tests/test_anonymize_datagram.c compares what parsers make of both.
 */
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/types.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/anonymize.h"
#include "lib/bpf/subflow.h"
#include "lib/netlink.h"

/* What becomes of an attribute's payload. */
enum treatment {
	KEEP,			/* as it is, up to `most` octets */
	REPLACE_V4,
	REPLACE_V6,
	REPLACE,		/* an address of the family that the message's header tells */
	NEST,
	HOPS			/* of a route: their devices only */
};

struct rule {
	uint16_t type;
	enum treatment treatment;
	uint16_t most;
	const struct rule *nest;	/* its rules; the last one is END */
};
#define END { .type = UINT16_MAX }

/* Numbers of the kernel that the headers of older systems lack; as in the parsers. */
enum {
	PM_ATTR_ADDR = 1, PM_ATTR_RCV_ADD_ADDRS, PM_ATTR_SUBFLOWS,
	PM_ADDR_FAMILY = 1, PM_ADDR_ID, PM_ADDR_ADDR4, PM_ADDR_ADDR6, PM_ADDR_PORT, PM_ADDR_FLAGS,
	PM_ADDR_IF_IDX,
	EVENT_TOKEN = 1, EVENT_SADDR4 = 5, EVENT_SADDR6, EVENT_DADDR4, EVENT_DADDR6, EVENT_SPORT,
	EVENT_DPORT, EVENT_IF_IDX = 15,
	SUBFLOW_TOKEN_LOC = 2, SUBFLOW_FLAGS = 8, SUBFLOW_ID_REM, SUBFLOW_ID_LOC
};

/* Octets of struct tcp_info, and of the shorter mptcp_info, that are counters as far as we know. */
enum { INFO_KEPT = 280, LINK_OCTETS_KEPT = 32 };

static const struct rule link_rules[] = {
	{ IFLA_IFNAME, KEEP, IFNAME_LEN, NULL },
	{ IFLA_OPERSTATE, KEEP, 1, NULL },
	{ IFLA_STATS64, KEEP, LINK_OCTETS_KEPT, NULL },
	END
};
static const struct rule address_rules[] = {
	{ IFA_ADDRESS, REPLACE, 0, NULL },
	{ IFA_LOCAL, REPLACE, 0, NULL },
	{ IFA_FLAGS, KEEP, 4, NULL },
	END
};
static const struct rule route_rules[] = {
	{ RTA_OIF, KEEP, 4, NULL },
	{ RTA_MULTIPATH, HOPS, 0, NULL },
	END
};

static const struct rule limit_rules[] = {
	{ PM_ATTR_RCV_ADD_ADDRS, KEEP, 4, NULL },
	{ PM_ATTR_SUBFLOWS, KEEP, 4, NULL },
	END
};
static const struct rule endpoint_rules[] = {
	{ PM_ADDR_FAMILY, KEEP, 2, NULL },
	{ PM_ADDR_ID, KEEP, 1, NULL },
	{ PM_ADDR_ADDR4, REPLACE_V4, 0, NULL },
	{ PM_ADDR_ADDR6, REPLACE_V6, 0, NULL },
	{ PM_ADDR_PORT, KEEP, 2, NULL },
	{ PM_ADDR_FLAGS, KEEP, 4, NULL },
	{ PM_ADDR_IF_IDX, KEEP, 4, NULL },
	END
};
static const struct rule endpoints_rules[] = { { PM_ATTR_ADDR, NEST, 0, endpoint_rules }, END };
static const struct rule event_rules[] = {
	{ EVENT_TOKEN, KEEP, 4, NULL },
	{ EVENT_SADDR4, REPLACE_V4, 0, NULL },
	{ EVENT_SADDR6, REPLACE_V6, 0, NULL },
	{ EVENT_DADDR4, REPLACE_V4, 0, NULL },
	{ EVENT_DADDR6, REPLACE_V6, 0, NULL },
	{ EVENT_SPORT, KEEP, 2, NULL },
	{ EVENT_DPORT, KEEP, 2, NULL },
	{ EVENT_IF_IDX, KEEP, 4, NULL },
	END
};

static const struct rule subflow_rules[] = {
	{ SUBFLOW_TOKEN_LOC, KEEP, 4, NULL },
	{ SUBFLOW_FLAGS, KEEP, 4, NULL },
	{ SUBFLOW_ID_REM, KEEP, 1, NULL },
	{ SUBFLOW_ID_LOC, KEEP, 1, NULL },
	END
};
static const struct rule ulp_rules[] = { { INET_ULP_INFO_MPTCP, NEST, 0, subflow_rules }, END };
static const struct rule socket_rules[] = {
	{ INET_DIAG_INFO, KEEP, INFO_KEPT, NULL },
	{ INET_DIAG_ULP_INFO, NEST, 0, ulp_rules },
	END
};

/*
 * --- addresses ---------------------------------------------------------------------------------
 */

static size_t octets_of_family(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* Of other families nothing is known: zeros. */
static void put_address(const struct anonymizer *anonymizer, uint8_t family, const void *in,
			void *out)
{
	struct address address = { .family = family };

	memcpy(address.bytes, in, octets_of_family(family));
	address = anonymize_address(anonymizer, &address);
	memcpy(out, address.bytes, octets_of_family(family));
}

/*
 * --- netlink -----------------------------------------------------------------------------------
 */

/* A message on its way: of whom, and by which key. */
struct passage {
	const struct anonymizer *anonymizer;
	uint8_t family;			/* as its header tells */
	const char *in;			/* the datagram */
	char *out;			/* the same place in the new one */
};

static void *place(const struct passage *passage, const void *at)
{
	return passage->out + ((const char *)at - passage->in);
}

static void put_attr(const struct passage *passage, const struct rule *rules,
		     const struct nlattr *attr);

/* The gateways behind each stay empty. */
static void put_hops(const struct passage *passage, const char *hops, size_t len)
{
	struct rtnexthop hop;

	for (size_t at = 0; at < len && len - at >= sizeof(hop); at += RTNH_ALIGN(hop.rtnh_len)) {
		memcpy(&hop, hops + at, sizeof(hop));
		memcpy(place(passage, hops + at), &hop, sizeof(hop));
		if (hop.rtnh_len < sizeof(hop))
			return;
	}
}

static void put_payload(const struct passage *passage, const struct rule *rule,
			const struct nlattr *attr)
{
	static const uint8_t families[] = { [REPLACE_V4] = AF_INET, [REPLACE_V6] = AF_INET6 };
	size_t len = mnl_attr_get_payload_len(attr);
	const void *payload = mnl_attr_get_payload(attr);
	const struct nlattr *inner = NULL;
	uint8_t family;

	switch (rule->treatment) {
	case KEEP:
		memcpy(place(passage, payload), payload, len < rule->most ? len : rule->most);
		break;
	case NEST:
		while ((inner = netlink_nested(attr, inner)))
			put_attr(passage, rule->nest, inner);
		break;
	case HOPS:
		put_hops(passage, payload, len);
		break;
	default:
		family = rule->treatment == REPLACE ? passage->family : families[rule->treatment];
		if (len >= octets_of_family(family))
			put_address(passage->anonymizer, family, payload, place(passage, payload));
	}
}

/* An attribute without a rule stays as an empty place of its size. */
static void put_attr(const struct passage *passage, const struct rule *rules,
		     const struct nlattr *attr)
{
	memcpy(place(passage, attr), attr, sizeof(*attr));
	for (; rules->type != UINT16_MAX; rules++)
		if (rules->type == mnl_attr_get_type(attr))
			put_payload(passage, rules, attr);
}

static void put_attrs(const struct passage *passage, const struct nlmsghdr *nlh, size_t header_len,
		      const struct rule *rules)
{
	const struct nlattr *attr = NULL;

	while ((attr = netlink_attr(nlh, header_len, attr)))
		put_attr(passage, rules, attr);
}

/* A header that has nothing in it to hide. False when the message is shorter. */
static const void *put_header(const struct passage *passage, const struct nlmsghdr *nlh, size_t len)
{
	const void *header = netlink_header(nlh, len);

	if (header)
		memcpy(place(passage, header), header, len);
	return header;
}

static void put_route(struct passage *passage, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *address;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (put_header(passage, nlh, sizeof(struct ifinfomsg)))
			put_attrs(passage, nlh, sizeof(struct ifinfomsg), link_rules);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address = put_header(passage, nlh, sizeof(*address));
		if (!address)
			break;
		passage->family = address->ifa_family;
		put_attrs(passage, nlh, sizeof(*address), address_rules);
		break;
	case RTM_NEWROUTE:
		if (put_header(passage, nlh, sizeof(struct rtmsg)))
			put_attrs(passage, nlh, sizeof(struct rtmsg), route_rules);
		break;
	}
}

static void put_generic(struct passage *passage, const struct nlmsghdr *nlh,
			const struct rule *rules)
{
	if (put_header(passage, nlh, sizeof(struct genlmsghdr)))
		put_attrs(passage, nlh, sizeof(struct genlmsghdr), rules);
}

/* Without the socket's owner and inode; TCP and MPTCP alike. */
static void put_socket(struct passage *passage, const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *in = netlink_header(nlh, sizeof(*in));
	struct inet_diag_msg *out;

	if (!in || !octets_of_family(in->idiag_family))
		return;
	out = place(passage, in);
	*out = *in;
	out->idiag_uid = out->idiag_inode = 0;
	memset(out->id.idiag_src, 0, sizeof(out->id.idiag_src));
	memset(out->id.idiag_dst, 0, sizeof(out->id.idiag_dst));
	put_address(passage->anonymizer, in->idiag_family, in->id.idiag_src, out->id.idiag_src);
	put_address(passage->anonymizer, in->idiag_family, in->id.idiag_dst, out->id.idiag_dst);
	put_attrs(passage, nlh, sizeof(*in), socket_rules);
}

/* Its number and sender are of no use any more. */
static void put_message(struct passage *passage, enum datagram datagram, const struct nlmsghdr *nlh)
{
	struct nlmsghdr *out = place(passage, nlh);

	out->nlmsg_len = nlh->nlmsg_len;
	out->nlmsg_type = nlh->nlmsg_type;
	out->nlmsg_flags = nlh->nlmsg_flags;
	if (datagram == DATAGRAM_ROUTE)
		put_route(passage, nlh);
	else if (datagram == DATAGRAM_SOCKETS)
		put_socket(passage, nlh);
	else
		put_generic(passage, nlh,
			    datagram == DATAGRAM_LIMITS	     ? limit_rules
			    : datagram == DATAGRAM_ENDPOINTS ? endpoints_rules
							     : event_rules);
}

static size_t put_messages(const struct anonymizer *anonymizer, enum datagram datagram,
			   const void *in, size_t len, void *out)
{
	struct passage passage = { .anonymizer = anonymizer, .in = in, .out = out };
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	/* What is no message stays zeros, and is none for a parser either. */
	while ((nlh = netlink_next(in, len, &offset, &error)))
		put_message(&passage, datagram, nlh);
	return len;
}

/*
 * --- what is no netlink ------------------------------------------------------------------------
 */

static void anonymize_record(const struct anonymizer *anonymizer, struct life_record *record)
{
	const struct life_record true_one = *record;

	memset(record->local, 0, sizeof(record->local));
	memset(record->remote, 0, sizeof(record->remote));
	memset(record->pad, 0, sizeof(record->pad));
	if (record->family == AF_INET || record->family == AF_INET6) {
		put_address(anonymizer, (uint8_t)record->family, true_one.local, record->local);
		put_address(anonymizer, (uint8_t)record->family, true_one.remote, record->remote);
	}
}

static size_t put_life(const struct anonymizer *anonymizer, const void *in, size_t len, void *out)
{
	struct life_record record;

	if (len < sizeof(record))
		return len;
	memcpy(&record, in, sizeof(record));
	anonymize_record(anonymizer, &record);
	memcpy(out, &record, sizeof(record));
	return len;
}

/* What is left behind the last whole one stays zeros, and makes the datagram as bad as it was. */
static size_t put_subflows(const struct anonymizer *anonymizer, const char *in, size_t len,
			   char *out)
{
	struct subflow_record record;

	for (size_t at = 0; len - at >= sizeof(record); at += sizeof(record)) {
		memcpy(&record, in + at, sizeof(record));
		anonymize_record(anonymizer, &record.socket);
		memset(record.pad, 0, sizeof(record.pad));
		memcpy(out + at, &record, sizeof(record));
	}
	return len;
}

/* Beginnings of the lines that are read; "" ends them. */
static const char *const counter_lines[] = { "MPTcpExt:", "" };
static const char *const sysctl_lines[] = { "enabled=",		  "path_manager=", "pm_type=",
					    "blackhole_timeout=", "scheduler=",	   "" };
static const char *const load_lines[] = { "cpu", "sockets:", "TCP:", "TCP6:", "" };

static bool begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(line, with, strlen(with));
}

static bool is_hex(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!line[i] || !strchr("0123456789abcdef \n", line[i]))
			return false;
	return true;
}

/* /proc/net/softnet_stat has numbers only, without a name. */
static bool is_wanted(const char *line, size_t len, const char *const *beginnings, bool load)
{
	for (; **beginnings; beginnings++)
		if (begins(line, len, *beginnings))
			return true;
	return load && is_hex(line, len);
}

static size_t put_lines(const char *in, size_t len, char *out, const char *const *beginnings,
			bool load)
{
	size_t written = 0;

	while (len) {
		const char *newline = memchr(in, '\n', len);
		size_t line = newline ? (size_t)(newline - in) + 1 : len;

		if (is_wanted(in, line, beginnings, load)) {
			memcpy(out + written, in, line);
			written += line;
		}
		in += line;
		len -= line;
	}
	return written;
}

size_t anonymize_datagram(const struct anonymizer *anonymizer, enum datagram datagram,
			  const void *in, size_t len, void *out)
{
	memset(out, 0, len);
	switch (datagram) {
	case DATAGRAM_LIFE:
		return put_life(anonymizer, in, len, out);
	case DATAGRAM_SUBFLOWS:
		return put_subflows(anonymizer, in, len, out);
	case DATAGRAM_COUNTERS:
		return put_lines(in, len, out, counter_lines, false);
	case DATAGRAM_SYSCTLS:
		return put_lines(in, len, out, sysctl_lines, false);
	case DATAGRAM_LOAD:
		return put_lines(in, len, out, load_lines, true);
	default:
		return put_messages(anonymizer, datagram, in, len, out);
	}
}
