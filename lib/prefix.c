/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/prefix.h"

/* Digits only, up to `most`. */
static bool parse_bits(const char *text, unsigned int most, uint8_t *out)
{
	size_t digits = strspn(text, "0123456789");
	long bits = strtol(text, NULL, 10);

	*out = (uint8_t)bits;
	return digits && digits <= 3 && !text[digits] && bits <= (long)most;
}

bool prefix_parse(const char *text, struct prefix *out)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned int most;

	*out = (struct prefix){ 0 };
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	out->address.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	most = out->address.family == AF_INET6 ? 128 : 32;
	if (inet_pton(out->address.family, address, out->address.bytes) != 1)
		return false;
	out->bits = (uint8_t)most;
	if (slash && !parse_bits(slash + 1, most, &out->bits))
		return false;
	for (unsigned int bit = out->bits; bit < most; bit++)
		if (out->address.bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	if (out->address.family == AF_INET6) {
		out->address = address_from(AF_INET6, out->address.bytes);
		/* Its ffff is within the first 96 bits, so there are as many or more. */
		if (out->address.family == AF_INET)
			out->bits -= 96;
	}
	return true;
}

bool prefix_has(const struct prefix *prefix, const struct address *address)
{
	unsigned int whole = prefix->bits / 8, rest = prefix->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return prefix->address.family == address->family &&
	       !memcmp(prefix->address.bytes, address->bytes, whole) &&
	       (!rest || !((prefix->address.bytes[whole] ^ address->bytes[whole]) & mask));
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->bits < b->bits ? prefix_has(a, &b->address) : prefix_has(b, &a->address);
}
