/* SPDX-License-Identifier: MIT */
/* Addresses and prefixes: what is one, what is in one, and which have something in common. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include "lib/prefix.h"
#include "tests/tap.h"

static struct address address(const char *text)
{
	uint8_t bytes[16] = { 0 };
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	inet_pton(family, text, bytes);
	return address_from((uint16_t)family, bytes);
}

static struct prefix prefix(const char *text)
{
	struct prefix out;

	if (!prefix_parse(text, &out))
		ok(false, "%s is a prefix", text);
	return out;
}

static void addresses(void)
{
	struct address mapped = address("::ffff:192.0.2.1"), plain = address("192.0.2.1"),
		       other = address("192.0.2.2"), v6 = address("c000:201::");

	ok(mapped.family == AF_INET && address_equal(&mapped, &plain), "IPv4 in IPv6 is IPv4");
	ok(!address_equal(&plain, &other), "another one");
	ok(!address_equal(&plain, &v6), "the same octets in another family");
	ok(address_loopback(&(struct address){ AF_INET, { 127, 1, 2, 3 } }), "127.0.0.0/8");
	mapped = address("::1");
	ok(address_loopback(&mapped), "::1");
	mapped = address("::ffff:127.0.0.1");
	ok(address_loopback(&mapped), "IPv4's in IPv6");
	mapped = address("::2");
	ok(!address_loopback(&mapped) && !address_loopback(&plain), "others are not");
	ok(!address_loopback(&(struct address){ 0 }), "none is not");
}

static void what_a_prefix_is(void)
{
	static const struct {
		const char *text;
		uint8_t family, bits;
	} good[] = {
		{ "192.0.2.1", AF_INET, 32 },	     { "192.0.2.0/24", AF_INET, 24 },
		{ "0.0.0.0/0", AF_INET, 0 },	     { "128.0.0.0/1", AF_INET, 1 },
		{ "192.0.2.1/32", AF_INET, 32 },     { "10.0.0.128/025", AF_INET, 25 },
		{ "2001:db8::/64", AF_INET6, 64 },   { "2001:db8::1", AF_INET6, 128 },
		{ "::/0", AF_INET6, 0 },	     { "2001:db8:0:8::/61", AF_INET6, 61 },
		{ "::ffff:192.0.2.1", AF_INET, 32 }, { "::ffff:192.0.2.0/120", AF_INET, 24 },
		{ "::ffff:0:0/96", AF_INET, 0 },     { "::/95", AF_INET6, 95 },
	};
	static const char *const bad[] = {
		"",		"/",		"/24",		 "192.0.2",	   "192.0.2.256",
		"192.0.2.1/33", "192.0.2.1/24", "192.0.2.0/",	 "192.0.2.0/24/",  "192.0.2.0/ 24",
		"192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/24x", " 192.0.2.0",	   "192.0.2.0 ",
		"eth1",		"2001:db8::g",	"2001:db8::/129", "2001:db8::1/64", "fe80::1%eth0",
		"128.0.0.0/0",	"1.0.0.0/7",	"192.0.2.0/9999", "192.0.2.0/4294967320",
		"::ffff:192.0.2.1/95",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};
	struct prefix out;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ok(prefix_parse(good[i].text, &out), "%s", good[i].text);
		ok(out.address.family == good[i].family && out.bits == good[i].bits,
		   "family %u, %u bits", out.address.family, out.bits);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!prefix_parse(bad[i], &out), "'%s' is none", bad[i]);
	out = prefix("192.0.2.0/24");
	ok(out.address.bytes[2] == 2 && !out.address.bytes[3] && !out.address.bytes[4],
	   "its octets, in the order of the network");
}

static bool has(const char *text, const char *of)
{
	struct prefix in = prefix(text);
	struct address one = address(of);

	return prefix_has(&in, &one);
}

static void what_is_in_it(void)
{
	ok(has("192.0.2.0/24", "192.0.2.255") && has("192.0.2.0/24", "192.0.2.0"), "both ends");
	ok(!has("192.0.2.0/24", "192.0.3.0") && !has("192.0.2.0/24", "192.0.1.255"), "not beyond");
	ok(has("192.0.2.4/30", "192.0.2.7") && !has("192.0.2.4/30", "192.0.2.8"),
	   "within an octet");
	ok(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.0"), "one address");
	ok(has("0.0.0.0/0", "255.1.2.3") && !has("0.0.0.0/0", "2001:db8::1"), "all of one family");
	ok(!has("::/0", "192.0.2.1") && has("::/0", "2001:db8::1"), "all of the other");
	ok(has("2001:db8::/33", "2001:db8:7fff::1") && !has("2001:db8::/33", "2001:db8:8000::1"),
	   "one bit more than an octet");
	ok(has("2001:db8::1", "2001:db8::1") && !has("2001:db8::1", "2001:db8::2"),
	   "all 128 bits");
	ok(has("192.0.2.0/24", "::ffff:192.0.2.9") && has("::ffff:192.0.2.0/120", "192.0.2.9"),
	   "IPv4 in IPv6, either way");
	ok(!prefix_has(&(struct prefix){ { AF_INET, { 0 } }, 0 }, &(struct address){ 0 }),
	   "no address is in none");
}

static bool overlap(const char *a, const char *b)
{
	struct prefix first = prefix(a), second = prefix(b);
	bool forth = prefix_overlaps(&first, &second), back = prefix_overlaps(&second, &first);

	ok(forth == back, "%s and %s: the same either way", a, b);
	return forth;
}

static void what_they_have_in_common(void)
{
	ok(overlap("192.0.2.0/24", "192.0.2.0/24"), "the same");
	ok(overlap("192.0.2.0/24", "192.0.2.128/25"), "one in the other");
	ok(overlap("192.0.2.0/24", "192.0.2.7"), "an address in it");
	ok(!overlap("192.0.2.0/25", "192.0.2.128/25"), "side by side");
	ok(!overlap("192.0.2.1", "192.0.2.2"), "two addresses");
	ok(!overlap("0.0.0.0/0", "::/0"), "all of either family");
	ok(overlap("2001:db8::/32", "2001:db8:ffff::/48"), "IPv6");
	ok(overlap("::ffff:192.0.2.0/120", "192.0.2.0/24"), "IPv4 in IPv6 with IPv4");
}

int main(void)
{
	addresses();
	what_a_prefix_is();
	what_is_in_it();
	what_they_have_in_common();
	return tap_done();
}
