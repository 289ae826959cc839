/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "tests/scarce.h"

int scarce_allocations = -1;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	if (scarce_allocations == 0)
		return NULL;
	if (scarce_allocations > 0)
		scarce_allocations--;
	return __real_malloc(size);
}
