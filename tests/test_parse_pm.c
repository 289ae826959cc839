/* SPDX-License-Identifier: MIT */
/* What the path manager tells: its family, limits and how it refuses one, endpoints, events. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/parse.h"
#include "tests/message.h"
#include "tests/tap.h"

static struct nlmsghdr *generic(uint16_t type, uint8_t cmd)
{
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	return message(type, &genl, sizeof(genl));
}

PARSER(family_of, parse_family(nlh, "events", &(struct family_row){ 0 }))
PARSER(limits_of, parse_limits(nlh, &(struct limits_row){ 0 }))
PARSER(limit_refusal_of, parse_limit_refusal(nlh, &(uint32_t){ 0 }))
PARSER(endpoint_of, parse_endpoint(nlh, &(struct endpoint){ 0 }))
PARSER(pm_event_of, parse_pm_event(nlh, &(struct life){ 0 }))

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
	struct nlmsghdr *nlh = message_copied(capped, sizeof(capped));
	uint32_t maximum = 0;

	is_u64(parse_limit_refusal(nlh, &maximum), 1, "a refusal without the request");
	is_u64(maximum, 8, "names the maximum");
	never_reads_beyond(nlh, limit_refusal_of, "refusal");
	nlh = message_copied(whole, sizeof(whole));
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

static void a_pm_event_over_ipv6(void)
{
	static const uint8_t local[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
			     mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct nlmsghdr *nlh = generic(29, 10);
	struct life life;

	mnl_attr_put_u32(nlh, 1, 77);
	mnl_attr_put(nlh, 6, sizeof(local), local);
	mnl_attr_put(nlh, 8, sizeof(mapped), mapped);
	is_u64(parse_pm_event(nlh, &life), 1, "over IPv6");
	ok(life.tuple.local.family == AF_INET6 && !memcmp(life.tuple.local.bytes, local, 16), "its address");
	ok(life.tuple.remote.family == AF_INET && life.tuple.remote.bytes[0] == 192, "a mapped one is IPv4");
	never_reads_beyond(nlh, pm_event_of, "event of IPv6");
}

/* Each attribute that is read, with too little in it. */
static void pm_events_with_short_attributes(void)
{
	static const struct {
		uint16_t type;
		size_t len;
	} attrs[] = { { 1, 3 }, { 5, 3 }, { 6, 15 }, { 7, 3 }, { 8, 15 }, { 9, 1 }, { 10, 1 }, { 15, 3 } };
	const uint8_t local[16] = { 10, 0, 0, 1 };
	struct life life;

	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		struct nlmsghdr *nlh = generic(29, 10);

		mnl_attr_put(nlh, attrs[i].type, attrs[i].len, local);
		if (attrs[i].type != 1)
			mnl_attr_put_u32(nlh, 1, 77);
		if (attrs[i].type != 5 && attrs[i].type != 6)
			mnl_attr_put(nlh, 5, 4, local);
		ok(parse_pm_event(nlh, &life) == -EBADMSG, "attribute %u of %zu octets", attrs[i].type,
		   attrs[i].len);
	}
}

/* Whoever filters by one must not lose what the other would read. */
static void the_pm_events_that_count_are_those_that_are_read(void)
{
	const uint8_t local[4] = { 10, 0, 0, 1 };
	struct nlmsghdr *nlh = generic(29, 0);
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	unsigned int differ = 0, count = 0;
	struct life life;

	mnl_attr_put_u32(nlh, 1, 77);
	mnl_attr_put(nlh, 5, sizeof(local), local);
	for (unsigned int command = 0; command <= UINT8_MAX; command++) {
		genl->cmd = (uint8_t)command;
		count += pm_event_counts((uint8_t)command);
		differ += pm_event_counts((uint8_t)command) != (parse_pm_event(nlh, &life) == 1);
	}
	is_u64(differ, 0, "the same of all kinds");
	is_u64(count, 3, "CREATED, CLOSED, SUB_ESTABLISHED");
}

int main(void)
{
	a_family();
	limits();
	a_limit_refusal();
	an_endpoint();
	pm_events();
	a_pm_event_over_ipv6();
	pm_events_with_short_attributes();
	the_pm_events_that_count_are_those_that_are_read();
	return tap_done();
}
