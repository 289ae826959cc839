/* SPDX-License-Identifier: MIT */
/*
 * Connections for people. Rows are made twice, to measure and to print: a listing may be too long
 * to be held.
 */
#include <inttypes.h>
#include <netinet/tcp.h>
#include <string.h>
#include "cli/inspect.h"
#include "cli/listing.h"
#include "cli/table.h"
#include "cli/units.h"

enum { BOTH, ONE, OUT, IN, SENT, RECEIVED, RTT_MIN, RTT, RETRANS, ABOUT, COLUMNS };
static const struct table_column columns[COLUMNS] = {
	[BOTH] = { "CONNECTION", 0, false, 0 }, [ONE] = { "CONNECTION", 24, false, 0 },
	[OUT] = { "OUT", 0, true, 4 },		[IN] = { "IN", 0, true, 3 },
	[SENT] = { "SENT", 0, true, 4 },	[RECEIVED] = { "RECEIVED", 0, true, 3 },
	[RTT_MIN] = { "RTT/MIN", 0, true, 0 },	[RTT] = { "RTT", 0, true, 2 },
	[RETRANS] = { "RETRANS", 0, true, 1 },	[ABOUT] = { "SUBFLOWS", 12, false, 0 },
};

/*
 * Where the screen is too narrow they give way before any shrinks, one after the other: some to a
 * narrower one, some to rates.
 */
enum { NOTHING = COLUMNS, INDENT = 2, TOKEN_WIDTH = 8 };
static const struct {
	size_t goes, comes;
	bool to_rates;
} steps[] = {
	{ BOTH, ONE, false },
	{ RTT_MIN, RTT, false },
	{ SENT, NOTHING, true },
	{ RECEIVED, NOTHING, true },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* What the rows have in common. */
struct page {
	const struct screen *screen;
	const struct listing *listing;
	size_t wan_width;
	size_t one_width; /* SIZE_MAX while it is being measured */
};

/*
 * --- who ---------------------------------------------------------------------------------------
 */

/* An address too long for its place loses its middle: net and port tell more. */
static void squeeze(const struct page *page, char *text, size_t width)
{
	const char *cut = page->screen->utf8 ? "\xe2\x80\xa6" : "~";
	size_t len = strlen(text), head, tail;
	char whole[SOCKET_LEN];

	if (len <= width || width < 3)
		return;
	head = (width - 1) / 2;
	tail = width - 1 - head;
	snprintf(whole, sizeof(whole), "%s", text);
	snprintf(text, SOCKET_LEN, "%.*s%s%s", (int)head, whole, cut, whole + len - tail);
}

static size_t left_of(const struct page *page, size_t used)
{
	return page->one_width > used ? page->one_width - used : 0;
}

static void connection_who(const struct page *page, const struct connection *told, struct cell *row)
{
	char remote[SOCKET_LEN];

	socket_text(&told->remote, told->remote_port, remote);
	snprintf(row[BOTH].text, CELL_LEN, "%s  %08" PRIx32, remote, told->token);
	squeeze(page, remote, left_of(page, TABLE_GAP + TOKEN_WIDTH));
	snprintf(row[ONE].text, CELL_LEN, "%s  %08" PRIx32, remote, told->token);
	row[BOTH].style = row[ONE].style = STYLE_TITLE;
}

static const char *wan_word(const struct page *page, const struct socket_subflow *subflow)
{
	const char *wan = survey_wan(page->listing->survey, subflow->slot);

	return wan ? wan : "-";
}

static bool to_another(const struct connection *told, const struct tuple *tuple)
{
	return tuple->remote_port != told->remote_port ||
	       memcmp(&tuple->remote, &told->remote, sizeof(tuple->remote)) != 0;
}

/*
 * Where there is room for one end only it is the one that is not known yet: ours to the far end of
 * the connection, else the far end.
 */
static void subflow_who(const struct page *page, const struct connection *told,
			const struct socket_subflow *subflow, struct cell *row)
{
	const struct tuple *tuple = &subflow->tuple;
	const char *arrow = subflow->ours ? "->" : "<-";
	bool far = !subflow->ours || to_another(told, tuple);
	char local[SOCKET_LEN], remote[SOCKET_LEN], begin[CELL_LEN], *one = far ? remote : local;

	socket_text(&tuple->local, tuple->local_port, local);
	socket_text(&tuple->remote, tuple->remote_port, remote);
	snprintf(begin, sizeof(begin), "%*s%-*s  ", INDENT, "", (int)page->wan_width,
		 wan_word(page, subflow));
	snprintf(row[BOTH].text, CELL_LEN, "%.64s%s %s %s", begin, local, arrow, remote);
	squeeze(page, one, left_of(page, strlen(begin) + (far ? 3 : 0)));
	snprintf(row[ONE].text, CELL_LEN, "%.64s%s%s%s", begin, far ? arrow : "", far ? " " : "",
		 one);
}

/*
 * --- how much ----------------------------------------------------------------------------------
 */

static void put_rate(const struct listing *listing, uint64_t grown, char *text)
{
	struct maybe_u64 kbps = listing_kbps(listing, grown);

	if (kbps.known)
		rate_text(kbps.value, text);
}

static void fill_octets(const struct page *page, const struct octets *octets,
			struct socket_growth growth, struct cell *row)
{
	if (!listing_told(page->listing)) {
		row[SENT].text[0] = row[RECEIVED].text[0] = row[RETRANS].text[0] = '-';
		row[SENT].text[1] = row[RECEIVED].text[1] = row[RETRANS].text[1] = '\0';
		return;
	}
	put_rate(page->listing, growth.out, row[OUT].text);
	put_rate(page->listing, growth.in, row[IN].text);
	octets_text(octets->retrans, row[RETRANS].text);
	octets_text(octets->out, row[SENT].text);
	octets_text(octets->in, row[RECEIVED].text);
}

/* 0.05, 4.1, 41 */
static void ms_text(uint32_t us, char text[UNIT_LEN])
{
	if (us < 1000)
		snprintf(text, UNIT_LEN, "0.%02" PRIu32, us / 10);
	else if (us < 10000)
		snprintf(text, UNIT_LEN, "%" PRIu32 ".%" PRIu32, us / 1000, us / 100 % 10);
	else
		snprintf(text, UNIT_LEN, "%" PRIu32, (us + 500) / 1000);
}

static void fill_rtt(const struct socket_subflow *subflow, struct cell *row)
{
	char rtt[UNIT_LEN], min[UNIT_LEN] = "-";

	if (!subflow->rtt_us)
		return;
	ms_text(subflow->rtt_us, rtt);
	if (subflow->min_rtt_us)
		ms_text(subflow->min_rtt_us, min);
	snprintf(row[RTT].text, CELL_LEN, "%s ms", rtt);
	snprintf(row[RTT_MIN].text, CELL_LEN, "%s/%s ms", rtt, min);
}

/*
 * --- what about it -----------------------------------------------------------------------------
 */

/* "4 of 9", "closing, 1 of 9", "fallback" */
static void connection_about(const struct page *page, const struct socket_connection *connection,
			     struct cell *cell)
{
	static const enum style styles[CONNECTION_STATES] = {
		[CONNECTION_OPENING] = STYLE_NOTE,
		[CONNECTION_ESTABLISHED] = STYLE_PLAIN,
		[CONNECTION_CLOSING] = STYLE_FAINT,
		[CONNECTION_FALLBACK] = STYLE_WARNING,
	};
	struct maybe_u32 most = listing_most(connection);
	enum connection_state state = connection_state(connection->told);
	size_t len = 0;

	cell->style = styles[state];
	if (state != CONNECTION_ESTABLISHED)
		len = (size_t)snprintf(cell->text, CELL_LEN, "%s", connection_state_words[state]);
	if (state == CONNECTION_OPENING || state == CONNECTION_FALLBACK)
		return;
	len += (size_t)snprintf(cell->text + len, CELL_LEN - len, "%s", len ? ", " : "");
	if (listing_told(page->listing))
		len += (size_t)snprintf(cell->text + len, CELL_LEN - len, "%" PRIu32,
					connection->established);
	else
		len += (size_t)snprintf(cell->text + len, CELL_LEN - len, "?");
	if (most.known)
		snprintf(cell->text + len, CELL_LEN - len, " of %" PRIu32, most.value);
}

/* "initial", "join, backup", "join, syn-sent" */
static void subflow_about(const struct connection *told, const struct socket_subflow *subflow,
			  struct cell *cell)
{
	bool established = subflow->state == TCP_ESTABLISHED;
	bool unconfirmed = established && !subflow->complete && !told->fallback;

	cell->style = !established ? STYLE_WARNING : subflow->backup ? STYLE_FAINT : STYLE_PLAIN;
	snprintf(cell->text, CELL_LEN, "%s%s%s%s%s", subflow->join ? "join" : "initial",
		 subflow->backup ? ", backup" : "", unconfirmed ? ", unconfirmed" : "",
		 established ? "" : ", ", established ? "" : listing_tcp_word(subflow->state));
}

/*
 * --- rows --------------------------------------------------------------------------------------
 */

static void fill_connection(const struct page *page, const struct socket_connection *connection,
			    struct cell *row)
{
	connection_who(page, connection->told, row);
	fill_octets(page, &connection->octets, connection->growth, row);
	connection_about(page, connection, &row[ABOUT]);
}

static void fill_subflow(const struct page *page, const struct connection *told,
			 const struct socket_subflow *subflow, struct cell *row)
{
	subflow_who(page, told, subflow, row);
	fill_octets(page, &subflow->octets,
		    sockets_growth(&page->listing->survey->sockets, subflow), row);
	fill_rtt(subflow, row);
	subflow_about(told, subflow, &row[ABOUT]);
}

static void clear(struct cell *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		row[i].style = STYLE_PLAIN;
		row[i].text[0] = '\0';
	}
}

typedef void (*row_fn)(const struct page *, const struct cell *row, size_t *widths);

static void each_row(const struct page *page, row_fn fn, size_t *widths)
{
	struct cell row[COLUMNS];

	for (size_t i = 0; i < page->listing->count; i++) {
		const struct listing_row *listed = &page->listing->rows[i];

		clear(row);
		fill_connection(page, listed->connection, row);
		fn(page, row, widths);
		for (uint32_t k = 0; k < listed->connection->count; k++) {
			clear(row);
			fill_subflow(page, listed->connection->told, listed->subflows[k], row);
			fn(page, row, widths);
		}
	}
}

static void widen(const struct page *page, const struct cell *row, size_t *widths)
{
	(void)page;
	table_widen(COLUMNS, row, widths);
}

static void print(const struct page *page, const struct cell *row, size_t *widths)
{
	table_row(page->screen, columns, COLUMNS, row, widths);
}

static size_t widest_wan(const struct page *page)
{
	size_t widest = 0;

	for (size_t i = 0; i < page->listing->subflows_shown; i++) {
		const char *wan = wan_word(page, page->listing->places[i]);

		if (strlen(wan) > widest)
			widest = strlen(wan);
	}
	return widest;
}

/* Which columns there is room for. */
static void lay_out(size_t *widths, size_t most)
{
	size_t kept[COLUMNS + 1] = { 0 };
	bool rates = widths[OUT];

	table_entitle(columns, COLUMNS, widths);
	for (size_t i = 0; i < STEPS; i++) {
		if (steps[i].comes == NOTHING)
			continue;
		kept[steps[i].comes] = widths[steps[i].comes];
		widths[steps[i].comes] = 0;
	}
	for (size_t i = 0; i < STEPS; i++) {
		if (table_width(COLUMNS, widths) <= most || (steps[i].to_rates && !rates))
			continue;
		widths[steps[i].goes] = 0;
		if (steps[i].comes != NOTHING)
			widths[steps[i].comes] = kept[steps[i].comes];
	}
	table_shrink(columns, COLUMNS, widths, most);
}

/*
 * --- below -------------------------------------------------------------------------------------
 */

/* "20 of 8334 connections", "7 subflows" */
static size_t some_of_text(size_t shown, size_t all, const char *what, char *text, size_t size)
{
	char of[32] = "";

	if (shown != all)
		snprintf(of, sizeof(of), " of %zu", all);
	return (size_t)snprintf(text, size, "%zu%s %s%s", shown, of, what, all == 1 ? "" : "s");
}

static void print_sums(const struct screen *screen, const struct listing *listing)
{
	const struct sockets *sockets = &listing->survey->sockets;
	char line[256], apart[UNIT_LEN];
	size_t len, fallback = 0;

	for (size_t i = 0; i < listing->count; i++)
		fallback += listing->rows[i].connection->told->fallback;
	len = some_of_text(listing->count, sockets->connection_count, "connection", line,
			   sizeof(line));
	if (fallback)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " (%zu in fallback)",
					fallback);
	len += (size_t)snprintf(line + len, sizeof(line) - len, ", ");
	if (listing_told(listing))
		len += some_of_text(listing->subflows_shown, listing->subflows, "subflow",
				    line + len, sizeof(line) - len);
	else
		len += (size_t)snprintf(line + len, sizeof(line) - len, "? subflows");
	if (sockets->unattributed)
		len += (size_t)snprintf(line + len, sizeof(line) - len,
					"; %" PRIu32 " on no WAN (-)", sockets->unattributed);
	if (sockets->strays)
		len += (size_t)snprintf(line + len, sizeof(line) - len,
					"; %" PRIu32 " without a connection, not shown",
					sockets->strays);
	if (listing->survey->elapsed_us) {
		duration_text((listing->survey->elapsed_us + 50000) / 100000 * 100, apart);
		snprintf(line + len, sizeof(line) - len, "; rates over %s", apart);
	}
	paragraph_print(screen, STYLE_PLAIN, line, 0);
	inspect_print_refused(screen, listing->survey);
}

void listing_print(const struct screen *screen, const struct listing *listing)
{
	struct page page = { .screen = screen, .listing = listing, .one_width = SIZE_MAX };
	size_t widths[COLUMNS] = { 0 };

	page.wan_width = widest_wan(&page);
	each_row(&page, widen, widths);
	lay_out(widths, screen->width);
	if (widths[ONE])
		page.one_width = widths[ONE];
	if (listing->count) {
		table_titles(screen, columns, COLUMNS, widths);
		each_row(&page, print, widths);
		fputc('\n', screen->out);
	}
	print_sums(screen, listing);
}
