/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "lib/owner.h"
#include "lib/survey.h"

struct survey *survey_new(struct source *source, const struct registry *registry)
{
	struct survey *survey;

	if (!source)
		return NULL;
	survey = calloc(1, sizeof(*survey));
	if (!survey) {
		source_close(source);
		errno = ENOMEM;
		return NULL;
	}
	survey->source = source;
	survey->registry = *registry;
	harvest_init(&survey->harvest);
	survey->book = addressbook_new();
	if (survey->book)
		return survey;
	survey_free(survey);
	errno = ENOMEM;
	return NULL;
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	sockets_free(&survey->sockets);
	harvest_free(&survey->harvest);
	addressbook_free(survey->book);
	free(survey->endpoints);
	source_close(survey->source);
	free(survey);
}

const char *survey_wan(const struct survey *survey, uint8_t slot)
{
	return slot < WANS_MAX ? survey->registry.wans[slot].name : NULL;
}

/*
 * --- a look ------------------------------------------------------------------------------------
 */

static void ask(struct survey *survey, enum question question, uint64_t now_ms)
{
	harvest_ask(&survey->harvest, survey->source, question, survey->book, now_ms);
}

/* Nobody is forgotten here, so it does not matter when a line was seen. */
static uint8_t owner_slot(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	struct survey *survey = arg;

	return owner_of_socket(&survey->registry, survey->book, local, bound_ifindex, 0);
}

static int begin_dump(void *arg)
{
	struct survey *survey = arg;

	return sockets_begin(&survey->sockets, &survey->harvest.connections, owner_slot, survey);
}

static int take_row(void *arg, const struct subflow_row *row)
{
	return sockets_add(&((struct survey *)arg)->sockets, row);
}

/* In the order of a poll (lib/monitor.c). */
static int ask_everything(struct survey *survey)
{
	const struct subflow_taker taker = { .begin = begin_dump, .row = take_row, .arg = survey };
	const struct answer *answers = survey->harvest.answers;
	uint64_t now_ms = source_now_ms(survey->source);
	int error;

	addressbook_dump_begin(survey->book);
	ask(survey, Q_LINKS, now_ms);
	ask(survey, Q_ADDRESSES, now_ms);
	if (!answers[Q_LINKS].error && !answers[Q_ADDRESSES].error)
		addressbook_dump_end(survey->book, now_ms);
	ask(survey, Q_LIMITS, now_ms);
	ask(survey, Q_ENDPOINTS, now_ms);
	ask(survey, Q_CONNECTIONS, now_ms);
	survey->taken_us = source_now_us(survey->source);
	harvest_ask_subflows(&survey->harvest, survey->source, &taker);
	survey->wall_ms = source_wall_ms(survey->source);
	if (!answers[Q_SUBFLOWS].error)
		return sockets_end(&survey->sockets);
	survey->taken_us = 0;
	error = begin_dump(survey);
	return error ? error : sockets_end(&survey->sockets);
}

static int join_endpoints(struct survey *survey)
{
	size_t count = survey->harvest.endpoint_count;
	struct endpoint *endpoints = calloc(count + 1, sizeof(*endpoints));

	if (!endpoints)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		endpoints[i] = survey->harvest.endpoints[i];
		owner_of_endpoint(&survey->registry, survey->book, &endpoints[i], 0);
	}
	free(survey->endpoints);
	survey->endpoints = endpoints;
	survey->endpoint_count = count;
	return 0;
}

int survey_look(struct survey *survey)
{
	struct sockets before = survey->sockets;
	uint64_t before_us = survey->taken_us;
	int error;

	survey->sockets = (struct sockets){ 0 };
	error = ask_everything(survey);
	survey->elapsed_us = before_us && survey->taken_us ? survey->taken_us - before_us : 0;
	if (!error)
		error = join_endpoints(survey);
	if (!error && survey->elapsed_us)
		error = sockets_compare(&survey->sockets, &before);
	sockets_free(&before);
	return error;
}

/*
 * --- endpoints ---------------------------------------------------------------------------------
 */

static bool is_on(const struct endpoint *endpoint, const struct tuple *tuple)
{
	return address_equal(&endpoint->address, &tuple->local) &&
	       (!endpoint->port || endpoint->port == tuple->local_port);
}

/* One with that port is nearer to it. */
static bool has_nearer(const struct survey *survey, const struct endpoint *endpoint,
		       const struct tuple *tuple)
{
	for (size_t i = 0; i < survey->endpoint_count && !endpoint->port; i++)
		if (survey->endpoints[i].port && is_on(&survey->endpoints[i], tuple))
			return true;
	return false;
}

uint32_t survey_subflows_of(const struct survey *survey, const struct endpoint *endpoint)
{
	const struct sockets *sockets = &survey->sockets;
	uint32_t count = 0;

	for (size_t i = 0; i < sockets->subflow_count; i++) {
		const struct socket_subflow *subflow = &sockets->subflows[i];
		const struct tuple *tuple = &subflow->tuple;

		if (subflow->state != TCP_ESTABLISHED || !is_on(endpoint, tuple) ||
		    has_nearer(survey, endpoint, tuple))
			continue;
		count += subflow->connection == NO_CONNECTION ||
			 !sockets->connections[subflow->connection].told->fallback;
	}
	return count;
}
