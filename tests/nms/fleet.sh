#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119
#
# A hundred routers of six lines at one central collectd, by the samples in integrations/collectd:
# the network plugin, the stock types.db, write_prometheus. What arrives is what the reference
# counts, and nothing is dropped. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
LAB_HOME=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/lab/causes.sh
. "$LAB_HOME/causes.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"
# shellcheck source=tests/nms/fleet_words.sh
. "$srcdir/tests/nms/fleet_words.sh"

ROUTERS=100
TYPES=/usr/share/collectd/types.db
DROPPED='Dataset not found'

# ---- the cases; each is named after what it shows ----

# Sources and kinds, too: a name with another source is another series.
case_every_type_is_a_stock_one()
{
	awk 'NR == FNR {
			line = $0
			sub(/^[^ \t]+[ \t]+/, "", line)
			n = split(line, part, /, */)
			for (i = 1; i <= n; i++) {
				split(part[i], field, ":")
				stock[$1] = stock[$1] (i > 1 ? "," : "") field[1]
				kind[$1] = field[2]
			}
			next
		}
		{
			split($0, value, "\t")
			type = value[1]
			sub(/.*\//, "", type)
			sub(/-.*/, "", type)
			count++
			if (stock[type] != value[2] || kind[type] != value[3]) {
				print $0 ": stock is " stock[type] " " kind[type]
				bad = 1
			}
		}
		END { exit bad || count < 50 }' "$TYPES" - <<-END
		$("$builddir/tests/collectd_tables" values)
	END
}

# What is simulated below is what the plugin tells: here it tells all of it, of lines that carry.
case_a_router_tells_all_that_the_fleet_is_made_of()
{
	begin wans=2
	load bulk --down 1000000000000
	collectd_start 'Interval 1'
	"$builddir/tests/nms/fleet" 0 2 0 | sort >"$LAB_DIR/names"
	lab_eventually 30 same_names
	collectd_ends_well
}

case_a_hundred_routers_come_whole()
{
	local most

	most=$(sed -n 's/^| 6 | [0-9]* | \([0-9]*\) |$/\1/p' "$srcdir/doc/collectd.md")
	[ "$most" -gt 10000 ]
	lab_up wans=1
	central_start
	fleet_start $ROUTERS 6 15
	lab_eventually 300 scraped "$most"
	# Once more, when each has come several times: none goes, none comes.
	lab_eventually 90 sent_rounds 3
	scraped "$most"
	[ "$(series_by_router | wc -l)" = $ROUTERS ]
	[ "$(series_by_router | cut -d ' ' -f 2 | sort -u)" = $((most / ROUTERS)) ]
	has 'if_octets_tx_total{mptcp="wan6",instance="omr100"} [1-9]'
	has 'bool{mptcp="host",type="up",instance="omr001"} 1 '
	lab_at vps collectd_never "$DROPPED"
	lab_at vps collectd_never 'parse_packet\|too old\|failed'
	collectd_never 'failed\|Parsing\|invalid'
	lab_say "/metrics: $(wc -c <"$LAB_DIR/scrape") octets, resident: $(central_memory) kB"
	fleet_stop
}

# The log line above is the one that would be there.
case_a_type_of_our_own_would_be_dropped_and_said()
{
	lab_up wans=1
	central_start
	printf 'mptcp_wan\tvalue:GAUGE:U:U\n' >"$LAB_DIR/own.db"
	{
		echo 'while :; do'
		echo '	echo "PUTVAL \"omr001/mptcp-wan1/mptcp_wan\" interval=1 N:1"'
		echo '	echo "PUTVAL \"omr001/mptcp-wan1/count-state\" interval=1 N:9"'
		echo '	sleep 1'
		echo 'done'
	} >"$LAB_DIR/tells"
	sender_start "/bin/sh\" \"$LAB_DIR/tells" "TypesDB \"$LAB_DIR/own.db\""
	lab_eventually 20 scraped 1
	lab_eventually 20 lab_at vps collectd_says "$DROPPED: mptcp_wan"
	scraped 1
	fleet_stop
}

# ---- what they use ----

same_names()
{
	collectd_names | diff "$LAB_DIR/names" -
}

# has PATTERN: a series of ours, from after the plugin's name on.
has()
{
	grep -q "^collectd_mptcp_$1" "$LAB_DIR/scrape"
}

series_by_router()
{
	sed -n 's/^collectd_mptcp.*,instance="\([^"]*\)".*/\1/p' "$LAB_DIR/scrape" |
		sort | uniq -c | awk '{ print $2, $1 }'
}

# Totals grow by 1000 a round.
sent_rounds()
{
	local total name='collectd_mptcp_total_operations_total{mptcp="host",type="polls",instance="omr100"}'

	scrape
	total=$(sed -n "s/^$name \([0-9]*\) .*/\1/p" "$LAB_DIR/scrape")
	echo "polls: $total"
	[ "${total:-0}" -ge $(($1 * 1000)) ]
}

if ! reason=$(fleet_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
