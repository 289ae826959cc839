/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bpf/subflow.h"
#include "tests/site.h"

enum {
	GIVES_UP_S = 127,	/* tcp_syn_retries 6 */
	TRICKLE_KBPS = 500		/* so little goes over the quickest line alone */
};

static const struct { const char *name; uint32_t rtt_us, in_kbps, out_kbps; } plan[SITE_LINES] = {
	{ "wan1", 18000, 50000, 10000 },	/* VDSL */
	{ "wan2", 26000, 16000, 1000 },		/* ADSL, dialled by PPPoE */
	{ "wan3", 15000, 100000, 10000 },	/* cable */
	{ "wan4", 120000, 20000, 5000 },	/* LTE */
	{ "wan5", 25000, 50000, 10000 },	/* VDSL */
	{ "wan6", 90000, 10000, 3000 },		/* LTE for emergencies */
};

static const uint8_t JOINED = LIFE_JOIN | LIFE_OURS | LIFE_JOINED | LIFE_COMPLETE;
static const uint8_t CONNECTED = LIFE_OURS | LIFE_COMPLETE;

/* The kernel's ids go round, past those in use and 0. */
static uint8_t new_endpoint(struct site *site)
{
	bool used;

	do {
		site->last_endpoint++;
		used = !site->last_endpoint;
		for (size_t i = 0; i < SITE_LINES; i++)
			used |= site->lines[i].endpoint == site->last_endpoint;
	} while (used);
	return site->last_endpoint;
}

void site_boot(struct site *site, uint64_t boot_s)
{
	*site = (struct site){ .boot_s = boot_s,
			       .clock_set = true,
			       .limit = 8,
			       .far_limit = 8,
			       .enabled = true,
			       .far_speaks = true,
			       .next_ifindex = 3,
			       .next_token = 100,
			       .next_cookie = 1 };
	for (size_t i = 0; i < SITE_LINES; i++) {
		struct site_line *line = &site->lines[i];

		snprintf(line->name, sizeof(line->name), "%s", plan[i].name);
		line->present = line->carrier = true;
		line->ifindex = line->endpoint_ifindex = site->next_ifindex++;
		line->address = (uint8_t)(10 + i);
		line->endpoint = new_endpoint(site);
		line->backup = i == SITE_LINES - 1;
		line->rtt_us = plan[i].rtt_us;
		line->in_kbps = plan[i].in_kbps;
		line->out_kbps = plan[i].out_kbps;
	}
	site_watch_anew(site);
}

struct site_line *site_line(struct site *site, const char *name)
{
	for (size_t i = 0; i < SITE_LINES; i++)
		if (!strcmp(site->lines[i].name, name))
			return &site->lines[i];
	abort();
}

/*
 * --- lives -------------------------------------------------------------------------------------
 */

static void tell(struct site *site, size_t line, const struct site_subflow *subflow, uint8_t step,
		 uint8_t flags, uint32_t error)
{
	fake_add_life(site->fake, &(struct fake_life){ .step = step,
						       .flags = flags,
						       .cookie = subflow->cookie,
						       .last = site->lines[line].address,
						       .port = subflow->port,
						       .token = subflow->token,
						       .error = error,
						       .out = subflow->out,
						       .in = subflow->in });
}

static struct site_subflow fresh(struct site *site, uint32_t token)
{
	uint64_t cookie = site->next_cookie++;

	return (struct site_subflow){ .cookie = cookie,
				      .token = token,
				      .port = (uint16_t)(20000 + cookie % 40000) };
}

static uint8_t flags_of(const struct site_connection *connection, size_t line)
{
	if (connection->fallback)
		return LIFE_OURS | LIFE_PLAIN;
	return line == connection->first ? CONNECTED : JOINED;
}

static void end_subflow(struct site *site, struct site_connection *connection, size_t line,
			uint8_t over)
{
	struct site_subflow *subflow = &connection->subflows[line];

	if (!subflow->cookie)
		return;
	if (subflow->waiting)
		tell(site, line, subflow, LIFE_FAILURE, LIFE_JOIN | LIFE_OURS | over,
		     over ? 0 : ETIMEDOUT);
	else
		tell(site, line, subflow, LIFE_ENDING, flags_of(connection, line) | over, 0);
	connection->extra -= line != connection->first;
	*subflow = (struct site_subflow){ 0 };
}

static bool joinable(const struct site_line *line)
{
	return line->present && line->carrier && line->endpoint &&
	       line->endpoint_ifindex == line->ifindex;
}

static unsigned int accepted(const struct site_connection *connection)
{
	unsigned int count = 0;

	for (size_t i = 0; i < SITE_LINES; i++)
		count += i != connection->first && connection->subflows[i].cookie &&
			 !connection->subflows[i].waiting;
	return count;
}

static void join(struct site *site, struct site_connection *connection, size_t line)
{
	struct site_subflow *subflow = &connection->subflows[line];
	const struct site_line *from = &site->lines[line];

	if (connection->fallback || subflow->cookie || !joinable(from) ||
	    connection->extra >= site->limit)
		return;
	*subflow = fresh(site, connection->token);
	site->joins++;
	tell(site, line, subflow, LIFE_ATTEMPT, LIFE_JOIN | LIFE_OURS, 0);
	if (from->path == PATH_DROPS_JOINS) {
		subflow->waiting = true;
		subflow->waits_until_s = site->s + GIVES_UP_S;
		connection->extra++;
		return;
	}
	if (from->path == PATH_GOOD && accepted(connection) <= site->far_limit) {
		tell(site, line, subflow, LIFE_BIRTH, LIFE_JOIN | LIFE_OURS | LIFE_JOINED, 0);
		connection->extra++;
		return;
	}
	/* Answered, and reset: by us, for want of the option, or by a far end that is full. */
	tell(site, line, subflow, LIFE_BIRTH, LIFE_JOIN | LIFE_OURS, 0);
	tell(site, line, subflow, LIFE_ENDING,
	     LIFE_JOIN | LIFE_OURS | (from->path == PATH_GOOD ? LIFE_JOINED : 0), 0);
	*subflow = (struct site_subflow){ 0 };
}

static uint64_t octets(uint64_t kbps, uint32_t s)
{
	return kbps * 1000 / 8 * s;
}

/* Payload; the device counts headers, too. */
static void carry(struct site *site, struct site_connection *connection, size_t line, uint64_t in,
		  uint64_t out)
{
	connection->subflows[line].in += in;
	connection->subflows[line].out += out;
	site->lines[line].carried_in += in;
	site->lines[line].carried_out += out;
	site->lines[line].in += in / 20 * 21;
	site->lines[line].out += out / 20 * 21;
}

/*
 * --- connections -------------------------------------------------------------------------------
 */

static struct site_connection *begin(struct site *site)
{
	struct site_connection *connection = site->connections;

	if (!site->enabled)
		return NULL;
	while (connection->token)
		if (++connection == site->connections + SITE_CONNECTIONS)
			abort(); /* a busy site: raise SITE_CONNECTIONS */
	*connection = (struct site_connection){ .token = site->next_token++,
						.fallback = !site->far_speaks };
	while (connection->first < SITE_LINES - 1 && !joinable(&site->lines[connection->first]))
		connection->first++;
	connection->subflows[connection->first] = fresh(site, connection->token);
	site->connects++;
	tell(site, connection->first, &connection->subflows[connection->first], LIFE_ATTEMPT,
	     LIFE_OURS, 0);
	return connection;
}

static void answer(struct site *site, struct site_connection *connection)
{
	site->answered++;
	tell(site, connection->first, &connection->subflows[connection->first], LIFE_BIRTH,
	     flags_of(connection, connection->first), 0);
}

struct site_connection *site_connect(struct site *site)
{
	struct site_connection *connection = begin(site);

	if (!connection)
		return NULL;
	answer(site, connection);
	for (size_t i = 0; i < SITE_LINES; i++)
		join(site, connection, i);
	return connection;
}

struct site_connection *site_connect_briefly(struct site *site)
{
	struct site_connection *connection = begin(site);

	if (!connection)
		return NULL;
	connection->opening = connection->token % 4 == 0;
	connection->unconfirmed = connection->token % 4 == 1;
	if (connection->opening)
		connection->subflows[connection->first].waiting = true;
	else
		answer(site, connection);
	connection->in_kbps = connection->opening ? 0 : 100;
	return connection;
}

static void close_connection(struct site *site, struct site_connection *connection)
{
	if (connection->opening) {
		connection->subflows[connection->first].waiting = false;
		answer(site, connection);
	}
	for (size_t i = 0; i < SITE_LINES; i++)
		end_subflow(site, connection, i, LIFE_OVER);
	connection->token = 0;
}

void site_close(struct site *site, struct site_connection **connection)
{
	if (*connection)
		close_connection(site, *connection);
	*connection = NULL;
}

/* It asks for a join that nobody waits for. */
static void join_too_late(struct site *site, uint32_t token, size_t line)
{
	struct site_subflow cut = fresh(site, token);

	site->joins++;
	tell(site, line, &cut, LIFE_ATTEMPT, LIFE_JOIN | LIFE_OURS, 0);
	tell(site, line, &cut, LIFE_FAILURE, LIFE_JOIN | LIFE_OURS | LIFE_OVER, 0);
}

/*
 * The far end has closed, and resets the joins that are not complete before we know of it: seen on
 * Linux 6.18, with connections of 30 kB, in scenarios/subflow-limit-exact.
 */
static void join_when_it_is_over(struct site *site, uint32_t token, size_t line)
{
	struct site_subflow cut = fresh(site, token);

	site->joins++;
	tell(site, line, &cut, LIFE_ATTEMPT, LIFE_JOIN | LIFE_OURS, 0);
	tell(site, line, &cut, LIFE_BIRTH, LIFE_JOIN | LIFE_OURS, 0);
	tell(site, line, &cut, LIFE_ENDING, LIFE_JOIN | LIFE_OURS | LIFE_JOINED, 0);
}

void site_short_ones(struct site *site, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct site_connection *connection = begin(site);

		if (!connection)
			return;
		answer(site, connection);
		carry(site, connection, connection->first, 4000 + 1000 * (connection->token % 20),
		      900);
		for (size_t line = 1; line < SITE_LINES && !connection->fallback; line++) {
			if (!joinable(&site->lines[line]))
				continue;
			if (connection->token % 3 == 0 && line <= site->limit)
				join_too_late(site, connection->token, line);
			else if (connection->token % 16 == 1)
				join_when_it_is_over(site, connection->token, line);
		}
		close_connection(site, connection);
	}
}

/*
 * --- lines -------------------------------------------------------------------------------------
 */

static size_t number_of(const struct site *site, const struct site_line *line)
{
	return (size_t)(line - site->lines);
}

static void end_subflows(struct site *site, const struct site_line *line)
{
	for (size_t i = 0; i < SITE_CONNECTIONS; i++)
		if (site->connections[i].token)
			end_subflow(site, &site->connections[i], number_of(site, line), 0);
}

void site_withdraw(struct site *site, const char *name)
{
	struct site_line *line = site_line(site, name);

	line->endpoint = 0;
	end_subflows(site, line);
}

void site_give_back(struct site *site, const char *name)
{
	struct site_line *line = site_line(site, name);

	line->endpoint = new_endpoint(site);
	line->endpoint_ifindex = line->ifindex;
	for (size_t i = 0; i < SITE_CONNECTIONS; i++)
		if (site->connections[i].token)
			join(site, &site->connections[i], number_of(site, line));
}

void site_hang_up(struct site *site, const char *name)
{
	struct site_line *line = site_line(site, name);

	site_withdraw(site, name);
	line->present = false;
}

void site_dial(struct site *site, const char *name)
{
	struct site_line *line = site_line(site, name);

	line->present = true;
	line->ifindex = line->endpoint_ifindex = site->next_ifindex++;
	line->address = (uint8_t)(10 + (line->address - 10 + SITE_LINES * 3) % 240);
	line->endpoint = new_endpoint(site);
	line->in = line->out = 0;
}

void site_replace(struct site *site, const char *name)
{
	struct site_line *line = site_line(site, name);

	end_subflows(site, line);
	line->ifindex = site->next_ifindex++;
	line->in = line->out = 0;
}

/*
 * --- traffic -----------------------------------------------------------------------------------
 */

/* Who may be given payload of this connection: backup lines only when no other is left. */
static bool takes(const struct site *site, const struct site_connection *connection, size_t line,
		  bool backup)
{
	const struct site_subflow *subflow = &connection->subflows[line];
	const struct site_line *from = &site->lines[line];

	return subflow->cookie && !subflow->waiting && from->carrier && !from->avoided &&
	       from->backup == backup;
}

/*
 * A trickle goes over the quickest line, more over all of them by what they can: so the default
 * scheduler does from a few per cent of a line's rate on. All are full only when all is asked for.
 */
static void flow(struct site *site, struct site_connection *connection, uint32_t s)
{
	uint64_t in_all = 0, out_all = 0, in_kbps = connection->in_kbps,
		 out_kbps = connection->out_kbps;
	size_t quickest = SITE_LINES;
	bool backup = false, some = false;

	for (size_t i = 0; i < SITE_LINES; i++)
		some |= takes(site, connection, i, false);
	backup = !some;
	for (size_t i = 0; i < SITE_LINES; i++) {
		connection->subflows[i].full = false;
		if (!takes(site, connection, i, backup))
			continue;
		in_all += site->lines[i].in_kbps;
		out_all += site->lines[i].out_kbps;
		if (quickest == SITE_LINES || site->lines[i].rtt_us < site->lines[quickest].rtt_us)
			quickest = i;
	}
	if (quickest == SITE_LINES)
		return;
	if (in_kbps > in_all)
		in_kbps = in_all;
	if (out_kbps > out_all)
		out_kbps = out_all;
	for (size_t i = 0; i < SITE_LINES; i++) {
		const struct site_line *line = &site->lines[i];
		uint64_t in = i == quickest ? in_kbps : 0, out = i == quickest ? out_kbps : 0;

		if (!takes(site, connection, i, backup))
			continue;
		if (in_kbps > TRICKLE_KBPS)
			in = in_kbps * line->in_kbps / in_all;
		if (out_kbps > TRICKLE_KBPS)
			out = out_kbps * line->out_kbps / out_all;
		connection->subflows[i].full = connection->out_kbps >= out_all;
		carry(site, connection, i, octets(in, s), octets(out, s));
	}
}

static void give_up_waiting(struct site *site, struct site_connection *connection)
{
	for (size_t i = 0; i < SITE_LINES; i++)
		if (connection->subflows[i].waiting && connection->subflows[i].waits_until_s &&
		    connection->subflows[i].waits_until_s <= site->s)
			end_subflow(site, connection, i, 0);
}

void site_watch_anew(struct site *site)
{
	site->fake = fake_new();
	if (!site->fake)
		abort();
	site_tell(site);
}

void site_pass(struct site *site, uint32_t s)
{
	site->s += s;
	for (size_t i = 0; i < SITE_LINES; i++)
		site->lines[i].in += octets(site->lines[i].beside_kbps, s);
	for (size_t i = 0; i < SITE_CONNECTIONS; i++) {
		if (!site->connections[i].token)
			continue;
		give_up_waiting(site, &site->connections[i]);
		flow(site, &site->connections[i], s);
	}
	site_tell(site);
}
