/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/socket.h>
#include "lib/address.h"

struct address address_from(uint16_t family, const void *bytes)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct address out = { .family = (uint8_t)family };

	if (family == AF_INET6 && !memcmp(bytes, mapped, sizeof(mapped))) {
		out.family = AF_INET;
		memcpy(out.bytes, (const uint8_t *)bytes + sizeof(mapped), 4);
	} else {
		memcpy(out.bytes, bytes, family == AF_INET6 ? 16 : 4);
	}
	return out;
}

/* IPv4 is most of it, and its octets are only copied. */
void address_pair(uint16_t family, const void *local, const void *remote, struct tuple *out)
{
	if (family == AF_INET) {
		out->local.family = out->remote.family = AF_INET;
		memcpy(out->local.bytes, local, 4);
		memcpy(out->remote.bytes, remote, 4);
	} else {
		out->local = address_from(family, local);
		out->remote = address_from(family, remote);
	}
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool address_loopback(const struct address *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (address->family == AF_INET)
		return address->bytes[0] == 127;
	return address->family == AF_INET6 && !memcmp(address->bytes, one, sizeof(one));
}
