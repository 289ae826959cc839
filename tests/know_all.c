/* SPDX-License-Identifier: MIT */
#include "tests/know_all.h"

void know_all(const struct metric_table *table, void *row)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct metric *metric = &table->metrics[i];
		void *field = (char *)row + metric->offset;

		if (metric->kind == KIND_MAYBE_BOOL)
			*(struct maybe_bool *)field = (struct maybe_bool){ true, true };
		else if (metric->kind == KIND_MAYBE_U32)
			*(struct maybe_u32 *)field = (struct maybe_u32){ true, 5 };
		else if (metric->kind == KIND_MAYBE_U64)
			*(struct maybe_u64 *)field = (struct maybe_u64){ true, 6 };
	}
}
