/* SPDX-License-Identifier: MIT */
/* The reference of all metrics: what is told of one, for people and as a row of a page. */
#include <stdlib.h>
#include "cli/reference.h"
#include "tests/tap.h"

static const struct metric *find(size_t table, const char *key)
{
	for (size_t i = 0; i < metric_tables[table].count; i++)
		if (!strcmp(metric_tables[table].metrics[i].key, key))
			return &metric_tables[table].metrics[i];
	return NULL;
}

static struct reference of(size_t table, const char *key)
{
	return reference_of(&metric_tables[table], find(table, key));
}

static void test_names(void)
{
	struct reference reference = of(TABLE_HOST, "subflow_limit");
	char text[REFERENCE_WORDS_LEN];

	is_text(reference.oid, "1.1.4.0", "a scalar has its instance");
	is_text(reference.value, "limits/count-subflows", "a place of its own");
	is_text(reference.kind, "GAUGE", "what is so at the moment");
	reference = of(TABLE_WAN, "in_octets");
	is_text(reference.oid, "1.2.1.24", "a column is in the table's entry");
	is_text(reference.value, "WAN/if_octets", "WAN stands for the line");
	is_text(reference.source, "rx", "half of a value");
	is_text(reference.kind, "DERIVE", "what only grows");
	reference = of(TABLE_WAN, "rtt_us");
	is_text(reference.unit, "seconds", "collectd's unit");
	is_text(reference.source, "", "the only one");
	reference = of(TABLE_ENDPOINT, "flags");
	is_text(reference.value, "", "none of collectd's");
	is_text(reference.type, "flags", "flags");
	is_text(reference_words(find(TABLE_WAN, "state"), text),
		"1 unknown, 2 absent, 3 down, 4 detached, 5 standby, 6 quiet, 7 unjoined, 8 idle, "
		"9 carrying",
		"words with their numbers; 0 is nobody's");
	is_text(reference_root(text), "1.3.6.1.4.1.8072.9999.9999.262", "the root");
}

static void test_scales(void)
{
	ok(metric_scaled(find(TABLE_WAN, "rtt_us"), 1500) == 0.0015, "microseconds as seconds");
	ok(metric_scaled(find(TABLE_WAN, "share_in"), 3333) == 33.33, "hundredths as percent");
	ok(metric_scaled(find(TABLE_WAN, "subflows"), 7) == 7, "a count as it is");
	is_text(metric_scaled_unit(find(TABLE_WAN, "subflows")), "subflows", "with its unit");
	is_text(metric_scaled_unit(find(TABLE_WAN, "name")), NULL, "a text has none");
}

/* A maybe and a moment; a total is always there. */
static void test_absence(void)
{
	ok(metric_may_be_absent(find(TABLE_WAN, "rtt_us")), "no subflow, no round trip");
	ok(metric_may_be_absent(find(TABLE_WAN, "last_carried")), "a moment that never was");
	ok(metric_may_be_absent(find(TABLE_HOST, "age_s")), "no complete poll yet");
	ok(!metric_may_be_absent(find(TABLE_WAN, "in_octets")), "octets are always known");
}

/* All of it at a width; for the caller to free. */
static char *text_at(size_t width, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	reference_text(&(struct screen){ .out = out, .width = width, .colour = colour });
	fclose(out);
	return text;
}

static void has(const char *text, const char *part, const char *what)
{
	if (!ok(strstr(text, part) != NULL, "%s", what))
		printf("# no '%s'\n", part);
}

static void test_text(void)
{
	char *narrow = text_at(80, false), *wide = text_at(200, true);

	has(narrow,
	    "\nin_octets: counter, octets\n"
	    "  Payload received by its subflows, closed ones included; a FIN counts as one\n"
	    "    octet.\n"
	    "  mptcpWanInOctets 1.2.1.24, collectd WAN/if_octets rx\n",
	    "broken at 80 columns");
	has(narrow,
	    "\nrole: word\n"
	    "  Who opens the connections: this host (router) or the far end (aggregator).\n"
	    "  1 router, 2 aggregator\n",
	    "words are listed");
	has(wide,
	    "\033[1min_octets\033[0m: counter, octets\n"
	    "  Payload received by its subflows, closed ones included; a FIN counts as one octet.\n"
	    "  \033[2mmptcpWanInOctets 1.2.1.24, collectd WAN/if_octets rx\033[0m\n",
	    "in one line at 200, in colours");
	ok(!strchr(narrow, '\033'), "no colours where none are wanted");
	free(narrow);
	free(wide);
}

static void test_page(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	reference_markdown(out);
	fclose(out);
	has(text,
	    "\n| `rtt_us` | gauge, if known | microseconds | `mptcpWanRtt` | 1.2.1.33 | "
	    "`WAN/latency-rtt`, seconds | Smoothed round trip, ",
	    "a row, with the unit that differs");
	has(text, "\n- `host.role`: 1 router, 2 aggregator.\n", "words once");
	has(text, "`wans.state`, `alarm_log.state`: 1 unknown",
	    "with the names of all that use them");
	has(text,
	    "## findings\n`mptcpWanFindingTable`. A row by `mptcpWanFindingWanIndex` (1.5.1.1), "
	    "in JSON `wan_index` and `mptcpWanFindingCauseIndex` (1.5.1.2).\n\n"
	    "| key | type | unit | object | OID | meaning |\n",
	    "what a row is found by; no column of what collectd is not told");
	free(text);
}

int main(void)
{
	test_names();
	test_scales();
	test_absence();
	test_text();
	test_page();
	return tap_done();
}
