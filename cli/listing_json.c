/* SPDX-License-Identifier: MIT */
/* A connection at a time: all of them at once as objects of json-c would take much memory. */
#include <errno.h>
#include <inttypes.h>
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/listing.h"

static void add_socket(struct json_object *to, const char *address_key,
		       const struct address *address, const char *port_key, uint16_t port)
{
	char text[SOCKET_LEN];

	socket_text(address, 0, text);
	json_put_text(to, address_key, text);
	json_put_number(to, port_key, port);
}

static void add_octets(struct json_object *to, const struct listing *listing,
		       const struct octets *octets, struct socket_growth growth)
{
	struct maybe_u64 out = listing_kbps(listing, growth.out);
	struct maybe_u64 in = listing_kbps(listing, growth.in);

	if (!listing_told(listing))
		return;
	json_put_number(to, "out_octets", octets->out);
	json_put_number(to, "in_octets", octets->in);
	json_put_number(to, "retrans_octets", octets->retrans);
	if (out.known)
		json_put_number(to, "out_kbps", out.value);
	if (in.known)
		json_put_number(to, "in_kbps", in.value);
}

static struct json_object *subflow_json(const struct listing *listing,
					const struct socket_subflow *subflow)
{
	struct json_object *object = json_object_new_object();
	const char *wan = survey_wan(listing->survey, subflow->slot);

	if (!object)
		return NULL;
	if (wan)
		json_put_text(object, "wan", wan);
	add_socket(object, "local_address", &subflow->tuple.local, "local_port",
		   subflow->tuple.local_port);
	add_socket(object, "remote_address", &subflow->tuple.remote, "remote_port",
		   subflow->tuple.remote_port);
	json_put_text(object, "state", listing_tcp_word(subflow->state));
	json_put_truth(object, "join", subflow->join);
	json_put_truth(object, "backup", subflow->backup);
	json_put_truth(object, "outgoing", subflow->ours);
	json_put_truth(object, "confirmed", subflow->complete);
	add_octets(object, listing, &subflow->octets,
		   sockets_growth(&listing->survey->sockets, subflow));
	if (subflow->rtt_us)
		json_put_number(object, "rtt_us", subflow->rtt_us);
	if (subflow->min_rtt_us)
		json_put_number(object, "min_rtt_us", subflow->min_rtt_us);
	return object;
}

static struct json_object *subflows_json(const struct listing *listing,
					 const struct listing_row *row)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < row->connection->count && list; i++)
		json_object_array_add(list, subflow_json(listing, row->subflows[i]));
	return list;
}

static struct json_object *connection_json(const struct listing *listing,
					   const struct listing_row *row)
{
	const struct socket_connection *connection = row->connection;
	struct json_object *object = json_object_new_object();
	struct maybe_u32 most = listing_most(connection);
	const struct connection *told = connection->told;
	char token[16];

	if (!object)
		return NULL;
	snprintf(token, sizeof(token), "%08" PRIx32, told->token);
	add_socket(object, "remote_address", &told->remote, "remote_port", told->remote_port);
	json_put_text(object, "token", token);
	json_put_text(object, "state", connection_state_words[connection_state(told)]);
	if (listing_told(listing))
		json_put_number(object, "subflows_established", connection->established);
	if (most.known)
		json_put_number(object, "subflows_most", most.value);
	add_octets(object, listing, &connection->octets, connection->growth);
	json_object_object_add(object, "subflows", subflows_json(listing, row));
	return object;
}

static struct json_object *sums_json(const struct listing *listing)
{
	struct json_object *object = json_object_new_object();
	const struct sockets *sockets = &listing->survey->sockets;

	if (!object)
		return NULL;
	json_put_number(object, "connections", sockets->connection_count);
	json_put_number(object, "connections_shown", listing->count);
	if (!listing_told(listing))
		return object;
	json_put_number(object, "subflows", listing->subflows);
	json_put_number(object, "subflows_shown", listing->subflows_shown);
	json_put_number(object, "subflows_unattributed", sockets->unattributed);
	json_put_number(object, "subflows_without_connection", sockets->strays);
	return object;
}

/* Frees it. 0 or -ENOMEM. */
static int print(FILE *out, struct json_object *object)
{
	const char *text =
		object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN) : NULL;

	if (text)
		fputs(text, out);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}

int listing_print_json(FILE *out, const struct listing *listing)
{
	int error = 0;

	fprintf(out, "{\"time\":%" PRIu64 ",\n", listing->survey->wall_ms / 1000);
	if (listing->survey->elapsed_us)
		fprintf(out, "\"elapsed_ms\":%" PRIu64 ",\n", listing->survey->elapsed_us / 1000);
	fputs("\"connections\":[", out);
	for (size_t i = 0; i < listing->count && !error; i++) {
		fputs(i ? ",\n" : "\n", out);
		error = print(out, connection_json(listing, &listing->rows[i]));
	}
	fputs("],\n\"sums\":", out);
	if (!error)
		error = print(out, sums_json(listing));
	fputs(",\n\"not_read\":", out);
	if (!error)
		error = print(out, inspect_refused_json(listing->survey));
	fputs("}\n", out);
	return error;
}
