/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lib/fixed.h"

#define FIXED(key, field) { key, offsetof(struct settings, field), \
			    sizeof(((struct settings *)0)->field) }
static const struct {
	const char *key;
	size_t offset, size;
} fixed[] = {
	FIXED("subflows-most", subflows_most),
	FIXED("bpf", bpf),
	FIXED("events", events),
	FIXED("agentx-socket", agentx_socket),
	FIXED("state-dir", state_dir),
	FIXED("run-dir", run_dir),
};

static bool same(const char *a, const char *b, size_t size)
{
	/* Texts may differ behind their end; numbers and switches are shorter than any path. */
	return size == PATH_LEN ? !strncmp(a, b, size) : !memcmp(a, b, size);
}

void fixed_keep(struct settings *fresh, const struct settings *running, char *names, size_t size)
{
	size_t len = 0;

	if (size)
		*names = '\0';
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		char *to = (char *)fresh + fixed[i].offset;
		const char *from = (const char *)running + fixed[i].offset;

		if (same(to, from, fixed[i].size))
			continue;
		memcpy(to, from, fixed[i].size);
		if (len < size)
			len += (size_t)snprintf(names + len, size - len, "%s%s", len ? ", " : "",
						fixed[i].key);
	}
}
