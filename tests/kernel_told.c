/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/model.h"
#include "tests/kernel_told.h"

enum { UNKNOWN_ATTR = 200 };

const char secret[64] = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";
const uint8_t local4[4] = { 198, 51, 100, 7 }, far4[4] = { 203, 0, 113, 9 };
const uint8_t local6[16] = { 0x20, 1, 0xd, 0xb8, 0xaa, 0xbb, [15] = 7 };
const uint8_t far6[16] = { 0x20, 1, 0xd, 0xb8, 0xcc, 0xdd, [15] = 9 };
const uint8_t mapped6[16] = { [10] = 0xff, [11] = 0xff, 203, 0, 113, 9 };

static char buffer[TOLD_MOST] __attribute__((aligned(8)));

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

struct nlmsghdr *link_told(void)
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

static struct nlmsghdr *address_told(uint8_t family, const void *local, const void *far,
				     size_t size)
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

struct nlmsghdr *address4_told(void)
{
	return address_told(AF_INET, local4, far4, 4);
}

struct nlmsghdr *address6_told(void)
{
	return address_told(AF_INET6, NULL, local6, 16);
}

struct nlmsghdr *route_told(void)
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

/* By two devices, a gateway each. */
struct nlmsghdr *hops_told(void)
{
	const struct rtmsg route = { .rtm_family = AF_INET, .rtm_type = RTN_UNICAST };
	struct nlmsghdr *nlh = message(RTM_NEWROUTE, &route, sizeof(route));
	struct {
		struct rtnexthop hop;
		struct nlattr attr;
		uint8_t gateway[4];
	} hops[2];

	for (int i = 0; i < 2; i++) {
		hops[i].hop = (struct rtnexthop){ .rtnh_len = sizeof(hops[i]),
						  .rtnh_ifindex = 7 + i };
		hops[i].attr = (struct nlattr){ sizeof(hops[i]) - sizeof(hops[i].hop),
						RTA_GATEWAY };
		memcpy(hops[i].gateway, far4, sizeof(hops[i].gateway));
	}
	mnl_attr_put(nlh, RTA_MULTIPATH, sizeof(hops), hops);
	return nlh;
}

static struct nlmsghdr *generic(uint8_t cmd)
{
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	return message(29, &genl, sizeof(genl));
}

struct nlmsghdr *limits_told(void)
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

struct nlmsghdr *endpoint4_told(void)
{
	return endpoint_told(AF_INET, MPTCP_PM_ADDR_ATTR_ADDR4, local4);
}

struct nlmsghdr *endpoint6_told(void)
{
	return endpoint_told(AF_INET6, MPTCP_PM_ADDR_ATTR_ADDR6, local6);
}

struct nlmsghdr *endpoint_mapped_told(void)
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

struct nlmsghdr *event4_told(void)
{
	return event_told(5, local4, far4, 4);
}

struct nlmsghdr *event6_told(void)
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

struct nlmsghdr *socket4_told(void)
{
	return socket_told(AF_INET, local4, far4);
}

struct nlmsghdr *socket6_told(void)
{
	return socket_told(AF_INET6, local6, far6);
}

struct nlmsghdr *socket_mapped_told(void)
{
	return socket_told(AF_INET6, mapped6, mapped6);
}
