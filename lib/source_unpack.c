/* SPDX-License-Identifier: MIT */
/* Nothing more to link: libbpf needs zlib too. */
#define ZLIB_CONST
#include <errno.h>
#include <zlib.h>
#include "lib/source_unpack.h"

enum { GZIP = 16 };	/* added to the window's size: there is gzip's header, and its checksum */

int unpack(const unsigned char *packed, size_t len, void *to, size_t size)
{
	z_stream stream = {
		.next_in = packed, .avail_in = (uInt)len, .next_out = to, .avail_out = (uInt)size,
	};
	int end;

	if (inflateInit2(&stream, MAX_WBITS + GZIP) != Z_OK)
		return -ENOMEM;
	end = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	if (end == Z_MEM_ERROR)
		return -ENOMEM;
	return end == Z_STREAM_END && !stream.avail_out ? 0 : -EINVAL;
}
