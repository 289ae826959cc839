/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "cli/complain.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/budget.h"
#include "lib/metrics.h"

enum { WIDE_FROM = 100, LINE_LEN = 256 };

enum { ID, ADDRESS_OF, WAN, DEVICE, FAMILY, FLAGS_OF, SUBFLOWS, STALE, COLUMNS };
static const struct table_column columns[COLUMNS] = {
	[ID] = { "ID", 0, true, 3 },
	[ADDRESS_OF] = { "ADDRESS", 0, false, 0 },
	[WAN] = { "WAN", 4, false, 5 },
	[DEVICE] = { "DEVICE", 4, false, 2 },
	[FAMILY] = { "FAMILY", 0, false, 1 },
	[FLAGS_OF] = { "FLAGS", 8, false, 6 },
	[SUBFLOWS] = { "SUBFLOWS", 0, true, 4 },
	[STALE] = { "STALE", 5, false, 0 },
};

static uint32_t endpoints_v6(const struct survey *survey)
{
	uint32_t count = 0;

	for (size_t i = 0; i < survey->endpoint_count; i++)
		count += survey->endpoints[i].address.family == AF_INET6;
	return count;
}

/* The interface it was bound to when it was added, "" for none; NULL: it is gone. */
static const char *device_of(const struct survey *survey, const struct endpoint *endpoint)
{
	const struct book_link *link;

	if (!endpoint->ifindex)
		return "";
	link = addressbook_owner(survey->book, &endpoint->address, endpoint->ifindex);
	return link && !link->row.gone ? link->row.name : NULL;
}

/* The words are the metrics' own. */
static const char *const *flag_words(void)
{
	const struct metric_table *table = &metric_tables[TABLE_ENDPOINT];

	for (size_t i = 0; i < table->count; i++)
		if (table->metrics[i].meaning == FLAGS)
			return table->metrics[i].words;
	abort();
}

/*
 * --- for people --------------------------------------------------------------------------------
 */

static void flags_text(uint32_t flags, char *text)
{
	const char *const *words = flag_words();
	size_t len = 0;

	snprintf(text, CELL_LEN, "-");
	for (size_t bit = 0; words[bit]; bit++)
		if (flags & 1U << bit)
			len += (size_t)snprintf(text + len, CELL_LEN - len, "%s%s", len ? ", " : "",
						words[bit]);
}

static void fill(const struct screen *screen, const struct survey *survey,
		 const struct endpoint *endpoint, struct cell *row)
{
	const char *device = device_of(survey, endpoint);
	bool told = !survey->harvest.answers[Q_SUBFLOWS].error;

	snprintf(row[ID].text, CELL_LEN, "%" PRIu32, endpoint->id);
	socket_text(&endpoint->address, endpoint->port, row[ADDRESS_OF].text);
	snprintf(row[WAN].text, CELL_LEN, "%s", *endpoint->wan_name ? endpoint->wan_name : "-");
	if (device)
		snprintf(row[DEVICE].text, CELL_LEN, "%s", *device ? device : "-");
	else
		snprintf(row[DEVICE].text, CELL_LEN, "#%" PRIu32, endpoint->ifindex);
	if (screen->width >= WIDE_FROM)
		strcpy(row[FAMILY].text, endpoint->address.family == AF_INET6 ? "IPv6" : "IPv4");
	flags_text(endpoint->flags, row[FLAGS_OF].text);
	if (told)
		snprintf(row[SUBFLOWS].text, CELL_LEN, "%" PRIu32,
			 survey_subflows_of(survey, endpoint));
	else
		strcpy(row[SUBFLOWS].text, "-");
	if (!endpoint->stale)
		return;
	row[STALE].style = STYLE_WARNING;
	strcpy(row[STALE].text, device ? "no address" : "no device");
}

static void print_sums(const struct screen *screen, const struct survey *survey)
{
	char subflows[64], addresses[64], line[LINE_LEN], of[32] = "";

	count_text(survey->harvest.limits.subflows, "extra subflow", "extra subflows", subflows,
		   sizeof(subflows));
	count_text(survey->harvest.limits.add_addr, "announced address", "announced addresses",
		   addresses, sizeof(addresses));
	snprintf(line, sizeof(line), "limits: %s, %s", subflows, addresses);
	paragraph_print(screen, STYLE_PLAIN, line, 0);
	/* A table that holds more is of another size, and nobody tells which. */
	if (survey->endpoint_count <= BUDGET_KERNEL_MOST)
		snprintf(of, sizeof(of), " of %d", BUDGET_KERNEL_MOST);
	snprintf(line, sizeof(line), "table: %zu%s endpoints in use, %" PRIu32 " of them IPv6",
		 survey->endpoint_count, of, endpoints_v6(survey));
	paragraph_print(screen, STYLE_PLAIN, line, 0);
	inspect_print_refused(screen, survey);
}

static int print_text(const struct screen *screen, const struct survey *survey)
{
	struct cell *cells = calloc(survey->endpoint_count * COLUMNS + 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	for (size_t i = 0; i < survey->endpoint_count; i++)
		fill(screen, survey, &survey->endpoints[i], &cells[i * COLUMNS]);
	if (survey->endpoint_count) {
		table_print(screen, columns, COLUMNS, cells, survey->endpoint_count);
		fputc('\n', screen->out);
	} else if (!survey->harvest.answers[Q_ENDPOINTS].error) {
		paragraph_say(screen, STYLE_PLAIN, 0,
			      "No endpoint: connections stay on the line that they begin on. To "
			      "add one: ip mptcp endpoint add ADDRESS dev DEVICE subflow");
		fputc('\n', screen->out);
	}
	free(cells);
	print_sums(screen, survey);
	return 0;
}

/*
 * --- as JSON -----------------------------------------------------------------------------------
 */

static struct json_object *flags_json(uint32_t flags)
{
	struct json_object *list = json_object_new_array();
	const char *const *words = flag_words();

	for (size_t bit = 0; words[bit] && list; bit++)
		if (flags & 1U << bit)
			json_object_array_add(list, json_object_new_string(words[bit]));
	return list;
}

static struct json_object *endpoint_json(const struct survey *survey,
					 const struct endpoint *endpoint)
{
	struct json_object *object = json_object_new_object();
	const char *device = device_of(survey, endpoint);
	char address[SOCKET_LEN];

	if (!object)
		return NULL;
	socket_text(&endpoint->address, 0, address);
	json_put_number(object, "id", endpoint->id);
	json_put_text(object, "address_type",
		      endpoint->address.family == AF_INET6 ? "ipv6" : "ipv4");
	json_put_text(object, "address", address);
	json_put_number(object, "port", endpoint->port);
	if (*endpoint->wan_name)
		json_put_text(object, "wan", endpoint->wan_name);
	json_put_number(object, "ifindex", endpoint->ifindex);
	if (device && *device)
		json_put_text(object, "device", device);
	json_object_object_add(object, "flags", flags_json(endpoint->flags));
	json_put_truth(object, "stale", endpoint->stale);
	json_put_truth(object, "usable", endpoint->usable);
	if (!survey->harvest.answers[Q_SUBFLOWS].error)
		json_put_number(object, "subflows", survey_subflows_of(survey, endpoint));
	return object;
}

static struct json_object *table_json(const struct survey *survey)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	json_put_number(object, "endpoints", survey->endpoint_count);
	/* A table that holds more is of another size, and nobody tells which. */
	if (survey->endpoint_count <= BUDGET_KERNEL_MOST)
		json_put_number(object, "endpoint_ceiling", BUDGET_KERNEL_MOST);
	json_put_number(object, "endpoints_v6", endpoints_v6(survey));
	json_put_known(object, "subflow_limit", survey->harvest.limits.subflows);
	json_put_known(object, "add_addr_limit", survey->harvest.limits.add_addr);
	return object;
}

static int print_json(const struct survey *survey)
{
	struct json_object *document = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const char *text;

	for (size_t i = 0; i < survey->endpoint_count && list; i++)
		json_object_array_add(list, endpoint_json(survey, &survey->endpoints[i]));
	if (document) {
		json_put_number(document, "time", survey->wall_ms / 1000);
		json_object_object_add(document, "endpoints", list);
		json_object_object_add(document, "sums", table_json(survey));
		json_object_object_add(document, "not_read", inspect_refused_json(survey));
	}
	text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_PRETTY);
	if (text && document)
		puts(text);
	json_object_put(document);
	return document ? 0 : -ENOMEM;
}

/*
 * --- the subcommand ----------------------------------------------------------------------------
 */

static int endpoints(const struct subcommand *self, int argc, char **argv)
{
	struct common_options options;
	struct survey *survey;
	struct screen screen;
	int rest, status, error;

	common_options_default(&options);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	status = inspect(&options, 0, Q_ENDPOINTS, &survey);
	if (status != EXIT_DONE)
		return status;
	screen = screen_of(stdout, options.color);
	error = options.json ? print_json(survey) : print_text(&screen, survey);
	survey_free(survey);
	if (!error)
		return EXIT_DONE;
	complain("%s", strerror(-error));
	return EXIT_FAILED;
}

static const struct option_row options_of_endpoints[] = {
	OPTION_JSON, OPTION_INSPECT_NO_AGENT, OPTION_INSPECT_CONFIG, OPTION_RUN_DIR, OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand endpoints_subcommand = {
	.name = "endpoints",
	.what = "the path manager's endpoints: WAN, flags, subflows of each",
	.options = options_of_endpoints,
	.remarks = "SUBFLOWS: established ones from this address, or at an announced one to it.\n",
	.run = endpoints,
};
