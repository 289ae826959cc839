/* SPDX-License-Identifier: MIT */
/* One look at everything, of a scripted kernel. */
#include <errno.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include "lib/monitor.h"
#include "lib/survey.h"
#include "tests/fake_source.h"
#include "tests/tap.h"

static struct survey *survey_of(struct source *source, const char *wan, const char *device)
{
	struct registry registry;
	struct settings settings;
	struct survey *survey;
	char why[WHY_LEN];

	settings_default(&settings);
	if (wan)
		settings_set_wan(&settings, settings_add_wan(&settings, wan, why), "device", device,
				 why);
	registry_init(&registry);
	registry_configure(&registry, &settings, NULL, NULL);
	survey = survey_new(source, &registry);
	if (!survey)
		abort();
	return survey;
}

static const char *wan_of(const struct survey *survey, size_t position)
{
	const char *wan = survey_wan(survey, survey->sockets.subflows[position].slot);

	return wan ? wan : "-";
}

static void one_look(void)
{
	struct fake *fake = fake_router();
	struct survey *survey = survey_of(&fake->source, "fibre", "wan2");
	const struct connection *told;

	fake->interruptions[Q_SUBFLOWS] = 2;
	fake_subflow(fake, 3, 9, 40002, 77, 5, 6);
	is_u64((uint64_t)-survey_look(survey), 0, "a look");
	is_u64(survey->sockets.connection_count, 1, "a connection");
	told = survey->sockets.connections[0].told;
	ok(told->token == 77 && told->established && told->limit == 2, "as it is told");
	is_u64(survey->sockets.subflow_count, 3, "its subflows, though the dump began anew twice");
	is_u64(survey->sockets.connections[0].count, 3, "are joined with it");
	is_text(wan_of(survey, 0), "wan1", "a line is called as its interface");
	is_text(wan_of(survey, 1), "fibre", "or as it is configured");
	is_text(wan_of(survey, 2), "-", "one that nobody owns");
	is_u64(survey->sockets.unattributed, 1, "is counted");
	is_u64(survey->endpoint_count, 2, "endpoints");
	is_text(survey->endpoints[1].wan_name, "fibre", "each with its line");
	ok(survey_subflows_of(survey, &survey->endpoints[0]) == 1 &&
		   survey_subflows_of(survey, &survey->endpoints[1]) == 1,
	   "and the subflows from its address");
	ok(survey->harvest.limits.subflows.known, "limits");
	is_u64(survey->elapsed_us, 0, "nothing to compare with");
	is_u64(survey->wall_ms, fake->wall_ms, "the time of day");
	ok(!fake->asked[Q_COUNTERS] && !fake->asked[Q_LOAD] && !fake->opened[STREAM_LINKS] &&
		   !fake->opened[STREAM_ENDINGS],
	   "no more is asked, and nothing watched");
	survey_free(survey);
}

static void two_looks(void)
{
	struct fake *fake = fake_router();
	struct survey *survey = survey_of(&fake->source, NULL, NULL);
	uint64_t out;

	survey_look(survey);
	out = survey->sockets.connections[0].octets.out;
	fake->now_us += 2000000;
	fake_forget(fake, Q_SUBFLOWS);
	fake_subflow(fake, survey->sockets.subflows[0].cookie, 1, 40000, 77,
		     survey->sockets.subflows[0].octets.out + 123, 2000);
	fake_subflow(fake, 99, 2, 1001, 77, 1000, 0);
	survey_look(survey);
	ok(survey->elapsed_us >= 2000000 && survey->elapsed_us < 2001000, "so long between them");
	ok(out && survey->sockets.connections[0].growth.out == 1123, "what grew, and what is new");
	fake->errors[Q_SUBFLOWS] = -ETIMEDOUT;
	fake->errors[Q_ENDPOINTS] = -EPERM;
	survey_look(survey);
	ok(survey->harvest.answers[Q_SUBFLOWS].error == -ETIMEDOUT &&
		   !survey->sockets.subflow_count && !survey->elapsed_us,
	   "no answer is not an empty one, and is nothing to compare with");
	ok(survey->sockets.connection_count == 1 && !survey->sockets.connections[0].count,
	   "the connections are there all the same");
	ok(survey->harvest.answers[Q_ENDPOINTS].error == -EPERM && survey->endpoint_count == 2 &&
		   *survey->endpoints[0].wan_name,
	   "endpoints hold");
	fake->errors[Q_SUBFLOWS] = 0;
	survey_look(survey);
	ok(!survey->elapsed_us && survey->sockets.connections[0].count == 2, "nor after it");
	survey_free(survey);
}

/* Before Linux 6.15 who may not see it sees TCP sockets only. */
static void hidden_from_us(void)
{
	struct fake *fake = fake_router();
	struct survey *survey = survey_of(&fake->source, NULL, NULL);

	fake_forget(fake, Q_SUBFLOWS);
	fake_plain(fake, 5, 1, 1000);
	survey_look(survey);
	ok(survey->harvest.answers[Q_SUBFLOWS].error == -EPERM, "that is no answer");
	survey_free(survey);
	ok(!survey_new(NULL, &(struct registry){ 0 }), "without a source there is no survey");
}

/*
 * --- endpoints ---------------------------------------------------------------------------------
 */

enum { ANY = 1000 };

static struct subflow_row to(uint8_t last, uint16_t port, uint8_t state, uint32_t token)
{
	static uint64_t cookie;

	return (struct subflow_row){ .cookie = ++cookie,
				     .token = token,
				     .state = state,
				     .tuple = { .local = { AF_INET, { 10, 0, 0, last } },
						.local_port = port } };
}

static uint8_t nobody(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)local, (void)bound_ifindex;
	return UNATTRIBUTED;
}

/* An announced address with a port has those that came to the port, one without it the others. */
static void subflows_of_endpoints(void)
{
	static struct survey survey;
	static struct endpoint endpoints[] = {
		{ .id = 1, .address = { AF_INET, { 10, 0, 0, 1 } } },
		{ .id = 2, .address = { AF_INET, { 10, 0, 0, 1 } }, .port = 443 },
		{ .id = 3, .address = { AF_INET, { 10, 0, 0, 2 } } },
		{ .id = 4, .address = { AF_INET, { 10, 0, 0, 4 } }, .port = 443 },
	};
	const struct subflow_row rows[] = {
		to(1, ANY, TCP_ESTABLISHED, 10), to(1, 443, TCP_ESTABLISHED, 10),
		to(1, 443, TCP_ESTABLISHED, 99), to(1, ANY, TCP_SYN_SENT, 10),
		to(1, ANY, TCP_ESTABLISHED, 20), to(2, 443, TCP_ESTABLISHED, 10),
		to(4, ANY, TCP_ESTABLISHED, 10),
	};
	struct connection *fresh = calloc(2, sizeof(*fresh));
	uint32_t counts[4];

	survey.endpoints = endpoints;
	survey.endpoint_count = 4;
	fresh[0].token = 10;
	fresh[1].token = 20;
	fresh[1].fallback = true;
	connections_replace(&survey.harvest.connections, fresh, 2);
	sockets_begin(&survey.sockets, &survey.harvest.connections, nobody, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		sockets_add(&survey.sockets, &rows[i]);
	sockets_end(&survey.sockets);
	for (size_t i = 0; i < 4; i++)
		counts[i] = survey_subflows_of(&survey, &endpoints[i]);
	is_u64(counts[0], 1, "neither one in fallback, nor one not established, nor of the port");
	is_u64(counts[1], 2, "those of the port, also of a connection that has just begun");
	is_u64(counts[2], 1, "any port of another address");
	is_u64(counts[3], 0, "another port of one with a port");
	sockets_free(&survey.sockets);
	harvest_free(&survey.harvest);
}

/*
 * --- a capture ---------------------------------------------------------------------------------
 */

int main(void)
{
	one_look();
	two_looks();
	hidden_from_us();
	subflows_of_endpoints();
	return tap_done();
}
