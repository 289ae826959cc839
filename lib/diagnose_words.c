/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>
#include "lib/address.h"
#include "lib/diagnose_scene.h"

const char *word_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

const char *word_address(const struct address *address, const char *otherwise, char *text)
{
	if (!inet_ntop(address->family, address->bytes, text, INET6_ADDRSTRLEN))
		strcpy(text, otherwise);
	return text;
}

const char *word_own(const struct wan *wan, char *text)
{
	return word_address(&wan->address, "ADDRESS", text);
}

const char *word_far(const struct scene *scene, char *text)
{
	const struct connections *connections = &scene->harvest->connections;

	for (size_t i = 0; i < connections->count; i++) {
		const struct connection *row = &connections->rows[i];

		if (row->ours && row->established && !address_loopback(&row->remote))
			return word_address(&row->remote, "FAR-END", text);
	}
	return strcpy(text, "FAR-END");
}
