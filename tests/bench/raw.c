/* SPDX-License-Identifier: MIT */
/* The plain dump as a command. Prints how many datagrams and octets there were. */
#include <stdio.h>
#include "tests/bench/raw_dump.h"

int main(void)
{
	struct raw_dump raw;

	raw_dump_open(&raw);
	raw_dump_ask(&raw);
	printf("%lu datagrams, %lu octets\n", raw.datagrams, raw.octets);
	return 0;
}
