/* SPDX-License-Identifier: MIT */
/* What gzip has packed comes back whole, or not at all. */
#include <errno.h>
#include "lib/source_unpack.h"
#include "tests/tap.h"

static const char text[] = "subflow subflow subflow";
/* printf 'subflow subflow subflow' | gzip -9n */
static const unsigned char packed[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x2e,
	0x4d, 0x4a, 0xcb, 0xc9, 0x2f, 0x57, 0x28, 0x46, 0xa5, 0x01, 0x6f, 0x8e,
	0x37, 0x96, 0x17, 0x00, 0x00, 0x00,
};
enum { LEN = sizeof(text) - 1 };

static void all_of_it_comes_back(void)
{
	char to[LEN + 1] = "";

	is_u64(unpack(packed, sizeof(packed), to, LEN), 0, "it is unpacked");
	is_text(to, text, "and is what was packed");
}

static void what_is_not_whole_is_refused(void)
{
	unsigned char broken[sizeof(packed)];
	char to[LEN + 1];
	int wrong = 0;

	for (size_t len = 0; len < sizeof(packed); len++)
		wrong += unpack(packed, len, to, LEN) != -EINVAL;
	is_u64(wrong, 0, "cut off anywhere");
	memcpy(broken, packed, sizeof(packed));
	broken[sizeof(packed) - 8] ^= 1;
	ok(unpack(broken, sizeof(broken), to, LEN) == -EINVAL, "with another checksum");
	ok(unpack(packed, sizeof(packed), to, LEN - 1) == -EINVAL, "into too little room");
	ok(unpack(packed, sizeof(packed), to, LEN + 1) == -EINVAL, "into too much");
}

int main(void)
{
	all_of_it_comes_back();
	what_is_not_whole_is_refused();
	return tap_done();
}
