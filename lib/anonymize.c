/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/socket.h>
#include "lib/anonymize.h"

/* Octets in network order as numbers: the first bit is the highest of `high`. */
struct bits {
	uint64_t high, low;
};

static uint64_t word_from(const uint8_t *octets)
{
	uint64_t word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | octets[i];
	return word;
}

static struct bits bits_from(const uint8_t octets[16])
{
	return (struct bits){ word_from(octets), word_from(octets + 8) };
}

static void bits_to(struct bits bits, uint8_t octets[16])
{
	for (int i = 15; i >= 0; i--) {
		octets[i] = (uint8_t)bits.low;
		bits.low = bits.low >> 8 | bits.high << 56;
		bits.high >>= 8;
	}
}

/* The first n of at most 128. */
static struct bits first_bits(struct bits bits, unsigned int n)
{
	if (n < 64)
		return (struct bits){ n ? bits.high & ~(UINT64_MAX >> n) : 0, 0 };
	if (n < 128)
		bits.low &= ~(UINT64_MAX >> (n - 64));
	return bits;
}

static void turn_bit(struct bits *bits, unsigned int i)
{
	if (i < 64)
		bits->high ^= UINT64_C(1) << (63 - i);
	else
		bits->low ^= UINT64_C(1) << (127 - i);
}

/*
 * --- what is kept ------------------------------------------------------------------------------
 */

/* Beginnings that mean something, and how many bits of what is within stay as they are. */
static const struct special {
	uint8_t family, bits, kept, octets[16];
} specials[] = {
	{ AF_INET, 8, 32, { 0 } },
	{ AF_INET, 8, 32, { 127 } },
	{ AF_INET, 16, 16, { 169, 254 } },
	{ AF_INET, 4, 4, { 224 } },
	{ AF_INET6, 96, 96, { 0 } },				/* IPv4 follows, :: and ::1 too */
	{ AF_INET6, 96, 96, { [10] = 0xff, [11] = 0xff } },	/* ... as well */
	{ AF_INET6, 64, 64, { 0xfe, 0x80 } },
	{ AF_INET6, 8, 16, { 0xff } },				/* flags and scope of multicast */
	{ AF_INET6, 7, 8, { 0xfc } },
	{ AF_INET6, 3, 3, { 0x20 } },
};

static unsigned int common_bits(struct bits a, struct bits b)
{
	uint64_t high = a.high ^ b.high, low = a.low ^ b.low;

	if (high)
		return (unsigned int)__builtin_clzll(high);
	return low ? 64 + (unsigned int)__builtin_clzll(low) : 128;
}

/*
 * How many bits stay. A beginning stays only if nothing is turned over on the way to it, and the
 * way of others is the same up to where they leave it. The same for an address and for what it
 * becomes, so that there is a way back.
 */
static unsigned int bits_kept(uint8_t family, struct bits bits)
{
	unsigned int kept = 0;

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		const struct special *special = &specials[i];
		unsigned int common, here;

		if (special->family != family)
			continue;
		common = common_bits(bits, bits_from(special->octets));
		here = common >= special->bits ? special->kept : common + 1;
		kept = here > kept ? here : kept;
	}
	return kept;
}

/*
 * --- what is not -------------------------------------------------------------------------------
 */

static bool is_turned(const struct anonymizer *anonymizer, uint8_t family, unsigned int i,
		      struct bits before)
{
	const uint64_t words[] = { (uint64_t)family << 8 | i, before.high, before.low };

	return siphash(&anonymizer->key, words, 3) & 1;
}

/* Back, too: by the time a bit is looked at, those before it are true again. */
static struct bits turn(const struct anonymizer *anonymizer, uint8_t family, struct bits bits,
			bool back)
{
	unsigned int size = family == AF_INET ? 32 : 128;
	struct bits out = bits;

	for (unsigned int i = bits_kept(family, bits); i < size; i++)
		if (is_turned(anonymizer, family, i, first_bits(back ? out : bits, i)))
			turn_bit(&out, i);
	return out;
}

static bool holds_v4(const uint8_t octets[16])
{
	static const uint8_t compatible[12], mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(octets, compatible, 12) || !memcmp(octets, mapped, 12);
}

static struct address replace(const struct anonymizer *anonymizer, const struct address *address,
			      bool back)
{
	struct address out = *address, inner = { .family = AF_INET };

	if (address->family == AF_INET6 && holds_v4(address->bytes)) {
		memcpy(inner.bytes, address->bytes + 12, 4);
		inner = replace(anonymizer, &inner, back);
		memcpy(out.bytes + 12, inner.bytes, 4);
	} else if (address->family == AF_INET || address->family == AF_INET6) {
		bits_to(turn(anonymizer, address->family, bits_from(address->bytes), back),
			out.bytes);
	}
	return out;
}

struct address anonymize_address(const struct anonymizer *anonymizer, const struct address *address)
{
	return replace(anonymizer, address, false);
}

struct address anonymize_undo(const struct anonymizer *anonymizer, const struct address *address)
{
	return replace(anonymizer, address, true);
}

struct prefix anonymize_prefix(const struct anonymizer *anonymizer, const struct prefix *prefix)
{
	struct prefix out = { anonymize_address(anonymizer, &prefix->address), prefix->bits };

	bits_to(first_bits(bits_from(out.address.bytes), prefix->bits), out.address.bytes);
	return out;
}

/*
 * --- settings ----------------------------------------------------------------------------------
 */

void anonymize_settings(const struct anonymizer *anonymizer, struct settings *settings)
{
	struct settings defaults;

	settings_default(&defaults);
	memset(settings->on_alarm, 0, PATH_LEN);
	memset(settings->agentx_socket, 0, PATH_LEN);
	memcpy(settings->state_dir, defaults.state_dir, PATH_LEN);
	memcpy(settings->run_dir, defaults.run_dir, PATH_LEN);
	for (size_t i = 0; i < settings->wan_count; i++) {
		struct wan_settings *wan = &settings->wans[i];

		memset(wan->label, 0, sizeof(wan->label));
		for (size_t j = 0; j < wan->address_count; j++)
			wan->addresses[j] = anonymize_prefix(anonymizer, &wan->addresses[j]);
	}
}
