/* SPDX-License-Identifier: MIT */
/*
 * A datagram with other addresses: the first octet says of what kind it is. Our parsers must find
 * in the new one as much as in the old one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/anonymize.h"
#include "lib/netlink.h"
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

static const struct anonymizer anonymizer = { .key = { 1, 2 } };

static int as_route(const struct nlmsghdr *nlh)
{
	struct link_row link;
	struct address_row address;
	struct maybe_u32 ifindex;
	int found = parse_link(nlh, &link);

	if (!found)
		found = parse_address(nlh, &address);
	return found ? found : parse_route(nlh, 0, &ifindex);
}

static int as_limits(const struct nlmsghdr *nlh)
{
	struct limits_row row;

	return parse_limits(nlh, &row);
}

static int as_endpoint(const struct nlmsghdr *nlh)
{
	struct endpoint row;

	return parse_endpoint(nlh, &row);
}

static int as_event(const struct nlmsghdr *nlh)
{
	struct life life;

	return parse_pm_event(nlh, &life);
}

static int as_socket(const struct nlmsghdr *nlh)
{
	struct subflow_row subflow;
	struct connection_row connection;
	struct life life;
	bool plain;

	return parse_subflow(nlh, &subflow, &plain) * 100 +
	       parse_connection(nlh, &connection) * 10 + parse_destroy(nlh, &life);
}

/* NULL: no netlink. */
static int (*const parsers[DATAGRAMS])(const struct nlmsghdr *) = {
	[DATAGRAM_ROUTE] = as_route,	    [DATAGRAM_LIMITS] = as_limits,
	[DATAGRAM_ENDPOINTS] = as_endpoint, [DATAGRAM_EVENTS] = as_event,
	[DATAGRAM_SOCKETS] = as_socket,
};

static void nobody(const char *name, size_t name_len, uint64_t value, void *arg)
{
	(void)name, (void)name_len, (void)value, (void)arg;
}

/* What our parser makes of what is no netlink. */
static int found_in(enum datagram datagram, const void *bytes, size_t len)
{
	struct sysctl_row sysctls;
	struct load_row load = { 0 };
	struct life life;
	struct subflow_row subflow;

	switch (datagram) {
	case DATAGRAM_LIFE:
		return parse_life_record(bytes, len, &life);
	case DATAGRAM_SUBFLOWS:
		return parse_subflow_record(bytes, len, &subflow);
	case DATAGRAM_COUNTERS:
		return parse_counters(bytes, len, nobody, NULL);
	case DATAGRAM_SYSCTLS:
		return parse_sysctls(bytes, len, &sysctls);
	default:
		return parse_load(bytes, len, &load);
	}
}

static void compare_messages(int (*parse)(const struct nlmsghdr *), const void *a, const void *b,
			     size_t len)
{
	const struct nlmsghdr *nlh, *other;
	size_t offset = 0, other_offset = 0;
	int error = 0, other_error = 0;

	do {
		nlh = netlink_next(a, len, &offset, &error);
		other = netlink_next(b, len, &other_offset, &other_error);
		must(!nlh == !other && offset == other_offset && error == other_error);
		must(!nlh || parse(nlh) == parse(other));
	} while (nlh);
}

static void an_address(const uint8_t *bytes, size_t len)
{
	struct address address = { .family = len < 16 ? AF_INET : AF_INET6 }, other;

	if (len < 4)
		return;
	memcpy(address.bytes, bytes, len < 16 ? 4 : 16);
	other = anonymize_address(&anonymizer, &address);
	other = anonymize_undo(&anonymizer, &other);
	must(!memcmp(&other, &address, sizeof(address)));
}

/* What was in a prefix is in what becomes of it. */
static void a_prefix(const uint8_t *bytes, size_t len)
{
	struct prefix prefix = { .address.family = AF_INET6 }, other;
	struct address address;

	if (len < 17)
		return;
	prefix.bits = bytes[16] % 129;
	for (size_t bit = 0; bit < prefix.bits; bit++)
		prefix.address.bytes[bit / 8] |= (uint8_t)(bytes[bit / 8] & 0x80 >> bit % 8);
	address.family = AF_INET6;
	memcpy(address.bytes, bytes, 16);
	must(prefix_has(&prefix, &address));
	other = anonymize_prefix(&anonymizer, &prefix);
	address = anonymize_address(&anonymizer, &address);
	must(other.bits == prefix.bits && prefix_has(&other, &address));
}

/* What may name somebody is gone, and addresses are others. */
static void the_settings(const uint8_t *bytes, size_t len)
{
	static struct settings settings;
	struct wan_settings *wan;
	char why[WHY_LEN];

	settings_default(&settings);
	wan = settings_add_wan(&settings, "wan1", why);
	must(wan);
	if (len < 4)
		return;
	wan->addresses[0] = (struct prefix){ { .family = AF_INET }, 32 };
	memcpy(wan->addresses[0].address.bytes, bytes, 4);
	wan->address_count = 1;
	memset(wan->label, 'x', 3);
	anonymize_settings(&anonymizer, &settings);
	must(!*wan->label && wan->addresses[0].bits == 32);
	wan->addresses[0].address = anonymize_undo(&anonymizer, &wan->addresses[0].address);
	must(!memcmp(wan->addresses[0].address.bytes, bytes, 4));
}

void fuzz_anonymize(const void *bytes, size_t len)
{
	enum datagram datagram;
	char *in, *out;
	size_t out_len;

	if (!len)
		return;
	datagram = *(const uint8_t *)bytes % DATAGRAMS;
	len--;
	in = malloc(len);
	out = malloc(len);
	if (len)
		memcpy(in, (const char *)bytes + 1, len);
	out_len = anonymize_datagram(&anonymizer, datagram, in, len, out);
	must(out_len <= len);
	if (parsers[datagram])
		compare_messages(parsers[datagram], in, out, len);
	else if (found_in(datagram, in, len) >= 0)
		must(found_in(datagram, out, out_len) == found_in(datagram, in, len));
	an_address((const uint8_t *)in, len);
	a_prefix((const uint8_t *)in, len);
	the_settings((const uint8_t *)in, len);
	free(out);
	free(in);
}
