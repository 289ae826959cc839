/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "cli/complain.h"
#include "cli/inspect.h"
#include "cli/table.h"
#include "cli/view.h"
#include "lib/answer.h"

/* Nothing rests on the others here. */
static const enum question asked[] = { Q_LINKS,	    Q_ADDRESSES,   Q_LIMITS,
				       Q_ENDPOINTS, Q_CONNECTIONS, Q_SUBFLOWS };
enum { ASKED = sizeof(asked) / sizeof(asked[0]) };

/*
 * --- looking -----------------------------------------------------------------------------------
 */

/* The agent may have been configured otherwise, or remember a name. */
static void take_names(struct registry *registry, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->wan_count; i++) {
		const struct wan *wan = &snapshot->wans[i];
		int slot;

		if (!*wan->ifname || registry_find_name(registry, wan->name) >= 0)
			continue;
		slot = registry_on_device(registry, wan->ifname, 0);
		if (slot >= 0 && !registry->wans[slot].configured)
			memcpy(registry->wans[slot].name, wan->name, sizeof(wan->name));
	}
}

static int known_wans(const struct common_options *options, struct registry *registry)
{
	char why[STATUS_WHY_LEN];
	struct settings settings;
	struct status agent;
	int status = view_settings(options, &settings);

	if (status != EXIT_DONE)
		return status;
	registry_init(registry);
	registry_configure(registry, &settings, NULL, NULL);
	if (options->no_agent ||
	    view_find_status(options->run_dir, (uint64_t)time(NULL), &agent, why) != FOUND)
		return EXIT_DONE;
	take_names(registry, &agent.snapshot);
	status_free(&agent);
	return EXIT_DONE;
}

static int look_twice(struct survey *survey, uint32_t apart_ms)
{
	const struct timespec apart = { apart_ms / 1000, (long)(apart_ms % 1000) * 1000000 };
	int error = survey_look(survey);

	if (error || !apart_ms)
		return error;
	nanosleep(&apart, NULL);
	return survey_look(survey);
}

int inspect(const struct common_options *options, uint32_t apart_ms, enum question needed,
	    struct survey **survey)
{
	struct registry registry;
	int error, status = known_wans(options, &registry);

	if (status != EXIT_DONE)
		return status;
	*survey = survey_new(source_live_open(false), &registry);
	error = *survey ? look_twice(*survey, apart_ms) : -errno;
	if (error) {
		complain("cannot ask the kernel: %s", strerror(-error));
	} else if ((*survey)->harvest.answers[needed].error) {
		error = (*survey)->harvest.answers[needed].error;
		complain("the kernel does not tell the %s: %s", answer_word(needed),
			 answer_reason(error));
	}
	if (!error)
		return EXIT_DONE;
	survey_free(*survey);
	return EXIT_FAILED;
}

/*
 * --- what was refused --------------------------------------------------------------------------
 */

void inspect_print_refused(const struct screen *screen, const struct survey *survey)
{
	char line[512] = "not read: ";
	size_t begin = strlen(line), len = begin;
	bool root_sees_more = false;

	for (size_t i = 0; i < ASKED; i++) {
		int error = survey->harvest.answers[asked[i]].error;

		if (!error || len >= sizeof(line))
			continue;
		root_sees_more |= error == -EPERM || error == -EACCES;
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s: %s",
					len > begin ? "; " : "", answer_word(asked[i]),
					answer_reason(error));
	}
	if (len == begin)
		return;
	if (root_sees_more && len < sizeof(line))
		snprintf(line + len, sizeof(line) - len, "; root sees more");
	paragraph_print(screen, STYLE_NOTE, line, 0);
}

struct json_object *inspect_refused_json(const struct survey *survey)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ASKED && list; i++) {
		int error = survey->harvest.answers[asked[i]].error;
		struct json_object *object = error ? json_object_new_object() : NULL;

		if (!object)
			continue;
		json_object_object_add(object, "question",
				       json_object_new_string(answer_word(asked[i])));
		json_object_object_add(object, "reason",
				       json_object_new_string(answer_reason(error)));
		json_object_array_add(list, object);
	}
	return list;
}

/*
 * --- addresses ---------------------------------------------------------------------------------
 */

void socket_text(const struct address *address, uint32_t port, char text[SOCKET_LEN])
{
	char host[INET6_ADDRSTRLEN] = "-";
	bool brackets = address->family == AF_INET6 && port;

	inet_ntop(address->family, address->bytes, host, sizeof(host));
	if (port)
		snprintf(text, SOCKET_LEN, "%s%s%s:%" PRIu32, brackets ? "[" : "", host,
			 brackets ? "]" : "", port);
	else
		snprintf(text, SOCKET_LEN, "%s", host);
}
