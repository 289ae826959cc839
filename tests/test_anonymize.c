/* SPDX-License-Identifier: MIT */
/* What an address becomes: never the same as another, and as near to it as it was. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/anonymize.h"
#include "tests/tap.h"

static const struct anonymizer ours = { { UINT64_C(0x0123456789abcdef), UINT64_C(0x42) } };
static const struct anonymizer other = { { UINT64_C(0x0123456789abcdee), UINT64_C(0x42) } };

/* xorshift64* (Vigna): the same addresses in each run. */
static uint64_t next_random(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static struct address address(const char *text)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix))
		abort();
	return prefix.address;
}

static struct address random_address(uint8_t family)
{
	struct address out = { .family = family };

	for (size_t i = 0; i < (family == AF_INET ? 4 : 16); i++)
		out.bytes[i] = (uint8_t)(next_random() >> 40);
	return out;
}

static unsigned int common(const struct address *a, const struct address *b)
{
	unsigned int i = 0, size = a->family == AF_INET ? 32 : 128;

	while (i < size && !((a->bytes[i / 8] ^ b->bytes[i / 8]) & 0x80 >> i % 8))
		i++;
	return i;
}

static const char *text_of(const struct address *address)
{
	static char text[INET6_ADDRSTRLEN];

	return inet_ntop(address->family, address->bytes, text, sizeof(text));
}

/*
 * --- the hash ----------------------------------------------------------------------------------
 */

/* Vectors of the authors' reference implementation: octets 0, 1, 2 ..., the key the same. */
static void siphash_is_siphash(void)
{
	static const struct siphash_key key = { UINT64_C(0x0706050403020100),
						UINT64_C(0x0f0e0d0c0b0a0908) };
	static const uint64_t words[] = { UINT64_C(0x0706050403020100),
					  UINT64_C(0x0f0e0d0c0b0a0908),
					  UINT64_C(0x1716151413121110) };

	ok(siphash(&key, words, 0) == UINT64_C(0x726fdb47dd0e0e31), "nothing");
	ok(siphash(&key, words, 1) == UINT64_C(0x93f5f5799a932462), "8 octets");
	ok(siphash(&key, words, 2) == UINT64_C(0x3f2acc7f57c29bdb), "16 octets");
	ok(siphash(&key, words, 3) == UINT64_C(0xb8ad50c6f649af94), "24 octets");
}

/*
 * --- the mapping -------------------------------------------------------------------------------
 */

static void no_two_become_one(void)
{
	static bool taken[65536];
	struct address from = address("192.0.0.0"), first = anonymize_address(&ours, &from);
	size_t twice = 0, outside = 0, kept = 0;

	for (unsigned int i = 0; i < 65536; i++) {
		struct address to;
		unsigned int low;

		from.bytes[2] = (uint8_t)(i >> 8);
		from.bytes[3] = (uint8_t)i;
		to = anonymize_address(&ours, &from);
		low = (unsigned int)to.bytes[2] << 8 | to.bytes[3];
		outside += common(&first, &to) < 16;
		twice += taken[low];
		kept += low == i;
		taken[low] = true;
	}
	is_u64(twice, 0, "65,536 of one /16 become as many");
	is_u64(outside, 0, "all of them in one /16");
	ok(kept < 16, "%zu of them end as they did", kept);
}

static void there_is_a_way_back(uint8_t family)
{
	size_t wrong = 0, changed = 0;

	for (size_t i = 0; i < 20000; i++) {
		struct address from = random_address(family),
			       to = anonymize_address(&ours, &from),
			       back = anonymize_undo(&ours, &to),
			       forth = anonymize_undo(&ours, &from);

		wrong += !address_equal(&from, &back);
		back = anonymize_address(&ours, &forth);
		wrong += !address_equal(&from, &back);
		changed += !address_equal(&from, &to);
	}
	is_u64(wrong, 0, "there and back, back and there, IPv%d", family == AF_INET ? 4 : 6);
	ok(changed > 20000 * 95 / 100, "%zu of 20000 have changed", changed);
}

/* Two that are random have nothing in common: the second one is made from the first. */
static void what_is_common_stays_common(uint8_t family)
{
	unsigned int size = family == AF_INET ? 32 : 128;
	size_t wrong = 0;

	for (size_t i = 0; i < 20000; i++) {
		struct address a = random_address(family), b = random_address(family), to_a, to_b;
		unsigned int n = (unsigned int)(next_random() % (size + 1));

		for (unsigned int bit = 0; bit < n; bit++) {
			uint8_t mask = (uint8_t)(0x80 >> bit % 8);

			b.bytes[bit / 8] &= (uint8_t)~mask;
			b.bytes[bit / 8] |= a.bytes[bit / 8] & mask;
		}
		to_a = anonymize_address(&ours, &a);
		to_b = anonymize_address(&ours, &b);
		wrong += common(&a, &b) != common(&to_a, &to_b) || to_a.family != family;
	}
	is_u64(wrong, 0, "as many bits as before, IPv%d", family == AF_INET ? 4 : 6);
}

static const struct { const char *class, *inside, *outside; } classes[] = {
	{ "0.0.0.0/8", "0.0.0.0", "1.0.0.0" },
	{ "127.0.0.0/8", "127.255.255.255", "126.255.255.255" },
	{ "169.254.0.0/16", "169.254.9.8", "169.253.255.255" },
	{ "224.0.0.0/4", "239.1.2.3", "223.255.255.255" },
	{ "240.0.0.0/4", "255.255.255.255", "239.255.255.255" },
	{ "::/96", "::1", "0:0:0:1::" },
	{ "fe80::/64", "fe80::21b:44ff:fe11:3ab7", "fe80:0:0:1::1" },
	{ "fe80::/10", "febf::1", "fec0::1" },
	{ "ff00::/8", "ff02::fb", "fe00::" },
	{ "ff02::/16", "ff02::1:ff00:1", "ff05::2" },
	{ "fc00::/7", "fc12::1", "fe00::1" },
	{ "fd00::/8", "fd12:3456::1", "fc12:3456::1" },
	{ "2000::/3", "2001:db8::1", "4000::1" },
};

static void classes_are_kept(void)
{
	static const char *const fixed[] = { "0.0.0.0", "127.0.0.1", "127.8.9.10", "::", "::1" };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct address in = address(classes[i].inside), out = address(classes[i].outside);
		struct prefix class;

		in = anonymize_address(&ours, &in);
		out = anonymize_address(&ours, &out);
		ok(prefix_parse(classes[i].class, &class) && prefix_has(&class, &in), "in %s: %s",
		   classes[i].class, text_of(&in));
		ok(!prefix_has(&class, &out), "not in it: %s", text_of(&out));
	}
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		struct address from = address(fixed[i]), to = anonymize_address(&ours, &from);

		ok(address_equal(&from, &to), "%s stays", fixed[i]);
	}
}

/* Raw: address_from() and prefix_parse() would make IPv4 of it. */
static struct address embedded(const char *beginning, const char *v4)
{
	struct address out = { .family = AF_INET6 };

	inet_pton(AF_INET6, beginning, out.bytes);
	inet_pton(AF_INET, v4, out.bytes + 12);
	return out;
}

static void v4_within_v6_is_v4(void)
{
	static const char *const beginnings[] = { "::ffff:0:0", "::" };
	static const char *const within[] = { "192.0.2.77", "10.1.2.3", "127.0.0.1" };

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 3; j++) {
			struct address v4 = address(within[j]), to4 = anonymize_address(&ours, &v4);
			struct address v6 = embedded(beginnings[i], within[j]),
				       to6 = anonymize_address(&ours, &v6),
				       back = anonymize_undo(&ours, &to6);

			ok(!memcmp(to6.bytes, v6.bytes, 12) &&
				   !memcmp(to6.bytes + 12, to4.bytes, 4),
			   "%s%s", beginnings[i], within[j]);
			ok(address_equal(&v6, &back), "and back");
		}
	}
}

static void another_key_makes_others(uint8_t family)
{
	unsigned int size = family == AF_INET ? 32 : 128;
	size_t same = 0, bits = 0;

	for (size_t i = 0; i < 10000; i++) {
		/* 2001:db8::/32 and 48.0.0.0/8: no beginning that is kept is near. */
		struct address from = random_address(family), a, b;

		memcpy(from.bytes, family == AF_INET ? "\x30" : "\x20\x01\x0d\xb8",
		       family == AF_INET ? 1 : 4);
		a = anonymize_address(&ours, &from);
		b = anonymize_address(&other, &from);
		same += address_equal(&a, &b);
		for (unsigned int bit = 32; bit < size; bit++)
			bits += ((a.bytes[bit / 8] ^ b.bytes[bit / 8]) & 0x80 >> bit % 8) != 0;
	}
	is_u64(same, 0, "a bit of the key turned over, IPv%d", family == AF_INET ? 4 : 6);
	if (family == AF_INET6)
		ok(bits > 470000 && bits < 490000, "turns over half of all bits: %zu of 960000",
		   bits);
}

static void what_is_no_address_stays(void)
{
	struct address none = { 0 }, odd = { .family = 77, .bytes = { 1, 2, 3 } };
	struct address to_none = anonymize_address(&ours, &none),
		       to_odd = anonymize_address(&ours, &odd);

	ok(address_equal(&none, &to_none), "none");
	ok(address_equal(&odd, &to_odd), "of no family that we know");
}

/*
 * --- settings ----------------------------------------------------------------------------------
 */

static void prefixes_hold_what_they_held(uint8_t family)
{
	size_t wrong = 0;

	for (size_t i = 0; i < 20000; i++) {
		unsigned int size = family == AF_INET ? 32 : 128;
		struct address inside = random_address(family), outside = random_address(family);
		struct prefix prefix = { inside, (uint8_t)(next_random() % (size + 1)) }, to;
		char text[64];

		for (unsigned int bit = prefix.bits; bit < size; bit++)
			prefix.address.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		to = anonymize_prefix(&ours, &prefix);
		wrong += to.bits != prefix.bits;
		for (const struct address *at = &inside; at; at = at == &inside ? &outside : NULL) {
			struct address there = anonymize_address(&ours, at);

			wrong += prefix_has(&prefix, at) != prefix_has(&to, &there);
		}
		/* As a configuration has it: no bit behind it. */
		snprintf(text, sizeof(text), "%s/%u", text_of(&to.address), to.bits);
		wrong += !prefix_parse(text, &prefix) || memcmp(&prefix, &to, sizeof(to)) != 0;
	}
	is_u64(wrong, 0, "and nothing else, IPv%d", family == AF_INET ? 4 : 6);
}

static void settings_tell_no_more(void)
{
	static struct settings settings;
	struct wan_settings *wan;
	struct prefix was;
	char why[WHY_LEN];

	settings_default(&settings);
	settings_set(&settings, "on-alarm", "/home/jane/alarm", why);
	settings_set(&settings, "agentx-socket", "/home/jane/agentx", why);
	settings_set(&settings, "state-dir", "/home/jane/state", why);
	settings_set(&settings, "run-dir", "/home/jane/run", why);
	settings_set(&settings, "raise-after", "7s", why);
	settings_set(&settings, "expect-scheduler", "default", why);
	wan = settings_add_wan(&settings, "dsl", why);
	settings_set_wan(&settings, wan, "label", "Jane's provider", why);
	settings_set_wan(&settings, wan, "addresses", "192.0.2.0/24, 2001:db8::/64", why);
	settings_set_wan(&settings, wan, "rate-in", "30mbit", why);
	was = wan->addresses[0];
	anonymize_settings(&ours, &settings);
	ok(!*settings.on_alarm && !*settings.agentx_socket && !*wan->label, "paths and labels go");
	ok(!strstr(settings.state_dir, "jane") && !strstr(settings.run_dir, "jane"), "folders too");
	ok(wan->address_count == 2 && wan->addresses[0].bits == 24 &&
		   wan->addresses[1].bits == 64 &&
		   memcmp(&wan->addresses[0], &was, sizeof(was)) != 0,
	   "addresses are others");
	was = anonymize_prefix(&ours, &was);
	ok(!memcmp(&wan->addresses[0], &was, sizeof(was)), "the same as everywhere");
	ok(settings.raise_after_ms == 7000 && !strcmp(settings.expect.scheduler, "default") &&
		   !strcmp(wan->name, "dsl") && wan->rate_in_kbps == 30000,
	   "the rest stays");
}

int main(void)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };

	siphash_is_siphash();
	no_two_become_one();
	for (size_t i = 0; i < 2; i++) {
		there_is_a_way_back(families[i]);
		what_is_common_stays_common(families[i]);
		another_key_makes_others(families[i]);
		prefixes_hold_what_they_held(families[i]);
	}
	classes_are_kept();
	v4_within_v6_is_v4();
	what_is_no_address_stays();
	settings_tell_no_more();
	return tap_done();
}
