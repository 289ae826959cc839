/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bpf/subflow.h"
#include "lib/counters.h"
#include "lib/harvest.h"
#include "lib/netlink.h"

enum { RETRIES_MOST = 3 };

/* One answer on its way in: it replaces the old one only when it is complete. */
struct intake {
	struct addressbook *book;
	const struct subflow_taker *taker;
	struct connections *connections;
	uint64_t now_ms;
	void *rows;
	size_t count, size;
	uint32_t seen;		/* rows of any use, and for subflows: ... */
	uint32_t plain, shown;	/* ... TCP sockets without ULP block, and with one */
	bool no_memory; /* a counter was left out */
	struct limits_row limits;
	struct sysctl_row sysctls;
	struct load_row load;
};

/* Room for one more row of `size` octets, zeroed; NULL: no memory. */
static void *new_row(struct intake *intake, size_t size)
{
	if (intake->count == intake->size) {
		size_t grown_size = intake->size ? intake->size * 2 : 32;
		void *grown = realloc(intake->rows, grown_size * size);

		if (!grown)
			return NULL;
		intake->rows = grown;
		intake->size = grown_size;
	}
	return memset((char *)intake->rows + size * intake->count++, 0, size);
}

/*
 * --- takers: one message of an answer each; 0 or -errno ----------------------------------------
 */

static int take_link(struct intake *intake, const struct nlmsghdr *nlh)
{
	struct link_row row;
	int found = parse_link(nlh, &row);

	if (found <= 0)
		return found;
	intake->seen++;
	return addressbook_link(intake->book, &row, intake->now_ms);
}

static int take_address(struct intake *intake, const struct nlmsghdr *nlh)
{
	struct address_row row;
	int found = parse_address(nlh, &row);

	if (found <= 0)
		return found;
	intake->seen++;
	return addressbook_address(intake->book, &row, intake->now_ms);
}

static int take_limits(struct intake *intake, const struct nlmsghdr *nlh)
{
	int found = parse_limits(nlh, &intake->limits);

	intake->seen += found > 0;
	return found < 0 ? found : 0;
}

static int take_endpoint(struct intake *intake, const struct nlmsghdr *nlh)
{
	struct endpoint endpoint, *row;
	int found = parse_endpoint(nlh, &endpoint);

	if (found <= 0)
		return found;
	row = new_row(intake, sizeof(*row));
	if (!row)
		return -ENOMEM;
	*row = endpoint;
	intake->seen++;
	return 0;
}

static int take_connection(struct intake *intake, const struct nlmsghdr *nlh)
{
	struct connection_row row;
	struct connection connection, *place;
	int found = parse_connection(nlh, &row);

	if (found <= 0 || !connection_of(&row, intake->now_ms, &connection))
		return found < 0 ? found : 0;
	place = new_row(intake, sizeof(*place));
	if (!place)
		return -ENOMEM;
	*place = connection;
	intake->seen++;
	return 0;
}

static int take_subflow(struct intake *intake, const struct nlmsghdr *nlh)
{
	struct subflow_row row;
	bool plain;
	int found = parse_subflow(nlh, &row, &plain);

	intake->plain += plain;
	intake->shown += found >= 0 && !plain;
	if (found <= 0)
		return found;
	intake->seen++;
	return intake->taker->row(intake->taker->arg, &row);
}

static int (*const takers[QUESTIONS])(struct intake *, const struct nlmsghdr *) = {
	[Q_LINKS] = take_link,
	[Q_ADDRESSES] = take_address,
	[Q_LIMITS] = take_limits,
	[Q_ENDPOINTS] = take_endpoint,
	[Q_CONNECTIONS] = take_connection,
	[Q_SUBFLOWS] = take_subflow,
};

struct call {
	struct intake *intake;
	enum question question;
};

/*
 * What is known of a socket lies somewhere in memory. All of a datagram are sent for at once, and
 * not one after the other.
 */
static void expect_subflows(const struct subflow_taker *taker, const void *buf, size_t len)
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	while ((nlh = netlink_next(buf, len, &offset, &error)))
		taker->expect(taker->arg, parse_cookie(nlh));
}

static int on_messages(const void *buf, size_t len, void *arg)
{
	struct call *call = arg;
	const struct nlmsghdr *nlh;
	size_t offset = 0;
	int error = 0;

	if (call->question == Q_SUBFLOWS && call->intake->taker->expect)
		expect_subflows(call->intake->taker, buf, len);
	while (!error && (nlh = netlink_next(buf, len, &offset, &error)))
		error = takers[call->question](call->intake, nlh);
	return error;
}

/* As expect_subflows(), so many at once, before their turn. */
enum { EXPECTED = 32 };

static void expect_records(const struct subflow_taker *taker, const struct subflow_record *records,
			   size_t count)
{
	for (size_t i = 0; i < EXPECTED && i < count; i++)
		taker->expect(taker->arg, records[i].socket.cookie);
}

static int on_records(const void *buf, size_t len, void *arg)
{
	struct intake *intake = ((struct call *)arg)->intake;
	const struct subflow_taker *taker = intake->taker;
	const struct subflow_record *records = buf;
	const size_t count = len / sizeof(*records);
	struct subflow_row row;
	int error = 0;

	for (size_t i = 0; !error && i < count; i++) {
		if (taker->expect && i % EXPECTED == 0)
			expect_records(taker, &records[i], count - i);
		if (parse_subflow_record(&records[i], sizeof(*records), &row) < 0)
			return -EBADMSG;
		intake->seen++;
		intake->shown++;
		error = taker->row(taker->arg, &row);
	}
	return !error && len % sizeof(*records) ? -EBADMSG : error;
}

static void on_counter(const char *name, size_t name_len, uint64_t value, void *arg)
{
	struct intake *intake = arg;
	struct counter *row;

	if (!counter_wanted(name, name_len))
		return;
	row = new_row(intake, sizeof(*row));
	if (!row) {
		intake->no_memory = true;
		return;
	}
	memcpy(row->name, name, name_len < WORD_LEN ? name_len : WORD_LEN - 1);
	row->value = value;
}

static int on_text(const void *buf, size_t len, void *arg)
{
	struct call *call = arg;
	int found;

	if (call->question == Q_SYSCTLS)
		found = parse_sysctls(buf, len, &call->intake->sysctls);
	else if (call->question == Q_LOAD)
		found = parse_load(buf, len, &call->intake->load);
	else
		found = parse_counters(buf, len, on_counter, call->intake);
	if (found > 0)
		call->intake->seen += (uint32_t)found;
	if (call->intake->no_memory)
		return -ENOMEM;
	return found < 0 ? found : 0;
}

/*
 * --- the answer replaces the one before --------------------------------------------------------
 */

static int compare_counters(const void *a, const void *b)
{
	const struct counter *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static int compare_endpoints(const void *a, const void *b)
{
	const struct endpoint *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static void sort(void *rows, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count)
		qsort(rows, count, size, compare);
}

static int replace_connections(struct harvest *harvest, struct intake *intake)
{
	int error = connections_replace(&harvest->connections, intake->rows, intake->count);

	if (!error)
		intake->rows = NULL;
	return error;
}

/* An endpoint that is added again, with the same address, has another id. */
static uint64_t first_sight(const struct harvest *harvest, const struct endpoint *endpoint,
			    uint64_t now_ms)
{
	for (size_t i = 0; i < harvest->endpoint_count; i++)
		if (harvest->endpoints[i].id == endpoint->id &&
		    address_equal(&harvest->endpoints[i].address, &endpoint->address))
			return harvest->endpoints[i].first_ms;
	return now_ms;
}

static void replace_endpoints(struct harvest *harvest, struct intake *intake)
{
	struct endpoint *fresh = intake->rows;

	for (size_t i = 0; i < intake->count; i++)
		fresh[i].first_ms = first_sight(harvest, &fresh[i], intake->now_ms);
	sort(intake->rows, intake->count, sizeof(struct endpoint), compare_endpoints);
	free(harvest->endpoints);
	harvest->endpoints = intake->rows;
	harvest->endpoint_count = intake->count;
	intake->rows = NULL;
}

static void replace_counters(struct harvest *harvest, struct intake *intake)
{
	struct counter *fresh = intake->rows;
	uint32_t unknown = 0;

	for (size_t i = 0; i < intake->count; i++)
		fresh[i].number = counter_number(fresh[i].name, &unknown);
	sort(fresh, intake->count, sizeof(*fresh), compare_counters);
	free(harvest->counters);
	harvest->counters = fresh;
	harvest->counter_count = intake->count;
	intake->rows = NULL;
}

static int replace(struct harvest *harvest, enum question question, struct intake *intake)
{
	switch (question) {
	case Q_CONNECTIONS:
		return replace_connections(harvest, intake);
	case Q_ENDPOINTS:
		replace_endpoints(harvest, intake);
		return 0;
	case Q_COUNTERS:
		replace_counters(harvest, intake);
		return 0;
	case Q_LIMITS:
		harvest->limits = intake->limits;
		return 0;
	case Q_SYSCTLS:
		harvest->sysctls = intake->sysctls;
		return 0;
	case Q_LOAD:
		harvest->load_before = harvest->load;
		harvest->load = intake->load;
		return 0;
	default:
		return 0;
	}
}

/*
 * --- asking ------------------------------------------------------------------------------------
 */

void harvest_init(struct harvest *harvest)
{
	memset(harvest, 0, sizeof(*harvest));
}

void harvest_free(struct harvest *harvest)
{
	free(harvest->endpoints);
	free(harvest->counters);
	connections_free(&harvest->connections);
}

static bool next_socket(void *arg, struct socket_id *out)
{
	const struct subflow_taker *taker = ((struct call *)arg)->intake->taker;

	return taker->next(taker->arg, out);
}

static int ask_subflows(struct source *source, struct call *call)
{
	const struct subflow_taker *taker = call->intake->taker;
	int error;

	connections_unjoin(call->intake->connections);
	error = taker->begin(taker->arg);
	if (error)
		return error;
	if (taker->next)
		return source_ask_each(source, next_socket, on_messages, call);
	return taker->walk ? source_walk(source, on_records, call)
			   : source_ask(source, Q_SUBFLOWS, on_messages, call);
}

static int ask_until_whole(struct source *source, enum question question, struct intake *intake)
{
	struct call call = { intake, question };
	bool text = question == Q_COUNTERS || question == Q_SYSCTLS || question == Q_LOAD;
	int error, retries = 0;

	do {
		intake->count = intake->seen = intake->plain = intake->shown = 0;
		intake->load = (struct load_row){ 0 };
		error = question == Q_SUBFLOWS
				? ask_subflows(source, &call)
				: source_ask(source, question, text ? on_text : on_messages, &call);
	} while (error == -EINTR && retries++ < RETRIES_MOST);
	return error;
}

static void ask(struct harvest *harvest, struct source *source, enum question question,
		struct intake *intake)
{
	struct answer answer = { 0 };

	answer.error = ask_until_whole(source, question, intake);
	harvest->ulp_shown |= intake->shown > 0;
	/*
	 * Connections, and never yet a ULP block: this kernel hides it from us, and no subflows are
	 * no fact. One that has shown it does not hide it: then the subflows have just ended.
	 */
	if (!answer.error && question == Q_SUBFLOWS && !harvest->ulp_shown && intake->plain &&
	    harvest->connections.count > harvest->connections.fallback_count)
		answer.error = -EPERM;
	if (!answer.error)
		answer.error = replace(harvest, question, intake);
	if (!answer.error)
		harvest->ever[question] = true;
	answer.rows = intake->seen;
	harvest->answers[question] = answer;
	free(intake->rows);
}

void harvest_ask(struct harvest *harvest, struct source *source, enum question question,
		 struct addressbook *book, uint64_t now_ms)
{
	struct intake intake = { .book = book, .now_ms = now_ms };

	ask(harvest, source, question, &intake);
}

void harvest_ask_subflows(struct harvest *harvest, struct source *source,
			  const struct subflow_taker *taker)
{
	struct intake intake = { .taker = taker, .connections = &harvest->connections };

	ask(harvest, source, Q_SUBFLOWS, &intake);
}
