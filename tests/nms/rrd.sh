#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119
#
# The plugin in a real collectd that writes RRD files, and rrdtool that draws LuCI's graphs of them;
# and what LuCI writes as configuration, in that collectd. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is. RRD_KEEP: a folder in
# which the images stay, for eyes.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}" "${RRD_KEEP:=}"
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

# ---- the cases; each is named after what it shows ----

case_every_graph_is_drawn_and_the_idle_line_stands_out()
{
	local wan

	begin wans=3 router_limits="subflows 1 add_addr_accepted 1"
	load bulk --down 1000000000000
	rrd_start
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan3/bool-alarm 1
	rows=$(collectd_rows wan3/bool-alarm | wc -l)
	lab_eventually 20 more_rows wan3/bool-alarm $((rows + 8))
	collectd_ends_well
	draw
	# The overview: all lines, how many of them; limits; each line's payload and state.
	for title in 'MPTCP payload of all lines' 'WAN lines' 'limit of extra subflows of a connection' \
		'MPTCP payload on wan1' 'state of wan1, and its alarm' 'state of wan3, and its alarm'
	do
		drawn overview "router: $title"
	done
	# Each line has a page of its own. wan3 has never had a round trip, nor sent anything.
	for wan in wan1 wan2; do
		drawn $wan "router: round trip on $wan"
		drawn $wan "router: retransmitted part of what $wan sent"
		drawn $wan "router: subflows on $wan"
		drawn $wan "router: part of $wan in all lines' payload"
	done
	drawn wan3 'router: subflows on wan3'
	never drawn wan3 'router: round trip on wan3'
	drawn host 'router: is the monitor well?'
	drawn host 'router: the busiest core'
	never drawn overview 'router: the busiest core'
	# Alarm and state: nine is the height of the alarm's area, and the number of carrying.
	most 'router: state of wan3, and its alarm' 9 7
	most 'router: state of wan1, and its alarm' 0 9
	most 'router: limit of extra subflows of a connection' 1 2 8
	most 'router: MPTCP payload on wan3' 0.0 0.0
	most 'router: WAN lines' 2 2 3 3 1
}

# All fields of the form filled in, as LuCI's newest generator writes them, and a line with a name of
# its own in the folder that LuCI's configuration includes; that one comes first, and a dash in a name
# is no end of it.
case_what_luci_writes_is_taken_as_it_is()
{
	begin wans=2
	mkdir "$LAB_DIR/conf.d"
	readme_example | sed 's/fibre/fibre-1/; s/"eth1"/"wan1"/' >"$LAB_DIR/conf.d/mptcp.conf"
	grep -q '^LoadPlugin mptcp$' "$LAB_DIR/conf.d/mptcp.conf"
	{
		echo "Include \"$LAB_DIR/conf.d\""
		node "$srcdir/tests/nms/luci.js" config blocks Interval=2s Window=500s Floor=64000 \
			JoinGrace=10s CpuBudget=100 SubflowsMost=1000 PressureWindow=10s RaiseAfter=1m \
			RaiseIdleAfter=2m IdleMemory=1h RaiseAvoidedAfter=15m RaiseBackupAfter=10m \
			ClearAfter=30 FlapWindow=10m FarSilentAfter=10500ms Role=router \
			ExpectSubflows=8 ExpectAddAddr=8 \
			ExpectScheduler=default ExpectPathManager=kernel ExpectCeiling=8 \
			StateDir="$LAB_DIR/state" Bpf=1 Events=0 Shelve="drift source-unreadable"
	} >"$LAB_DIR/luci.conf"
	cat "$LAB_DIR/luci.conf"
	[ "$(grep -c '^	' "$LAB_DIR/luci.conf")" = 27 ]
	cp "$LAB_DIR/luci.conf" "$LAB_DIR/collectd-router.more"
	rrd_start
	lab_eventually 30 collectd_read 9
	collectd_never 'mptcp plugin: [A-Z]'
	collectd_never 'Parse error'
	[ "$(collectd_get host/duration-poll_interval)" = 2 ]
	[ "$(collectd_get host/count-role)" = 1 ]
	[ "$(collectd_get limits/count-subflow_ceiling)" = 8 ]
	[ "$(collectd_get fibre-1/bool-alarm)" = 0 ]
	[ "$(collectd_get wan1/bool-alarm)" = - ]
	[ -d "$LAB_DIR/state" ]
	collectd_ends_well
	draw
	drawn overview 'router: state of fibre-1, and its alarm'
}

# It can fail: of a value without rows, and of one that is drawn outside, it is said.
case_an_empty_graph_is_found()
{
	begin wans=2
	load bulk
	rrd_start
	lab_eventually "$STATE_S" collectd_is wan1/count-state 9
	lab_eventually 10 collectd_read 12
	collectd_ends_well
	draw
	rrd=$LAB_DIR/rrd/router/mptcp-wan1/latency-rtt.rrd
	rrdtool dump "$rrd" | sed 's!<v>[^<]*</v>!<v>NaN</v>!g' | rrdtool restore -f - "$rrd"
	never draw 2>"$LAB_DIR/says"
	cat "$LAB_DIR/says"
	grep -q '^router: round trip on wan1: not every value is known' "$LAB_DIR/says"
}

# ---- what they use ----

# The sample for a machine with graphs of its own, but for its folder.
rrd_start()
{
	sed "s!/var/lib/collectd/rrd!$LAB_DIR/rrd!" "$srcdir/integrations/collectd/rrd.conf" \
		>>"$LAB_DIR/collectd-router.more"
	if grep -q '<Plugin mptcp>' "$LAB_DIR/collectd-router.more"; then
		collectd_start
	else
		collectd_start 'Interval 1' 'Window 3' 'PressureWindow 3' 'JoinGrace 2' 'RaiseAfter 4' \
			'ClearAfter 2'
	fi
}

# Draws all pages; what is wrong is an error.
draw()
{
	mkdir -p "$LAB_DIR/images"
	node "$srcdir/tests/nms/luci.js" draw "$LAB_DIR/rrd" router "$LAB_DIR/images" 90 \
		>"$LAB_DIR/drawn" || return
	cat "$LAB_DIR/drawn"
	[ -z "$RRD_KEEP" ] || cp "$LAB_DIR/images"/*.png "$LAB_DIR/drawn" "$RRD_KEEP/"
}

# drawn PAGE TITLE
drawn()
{
	cut -f 1,2 "$LAB_DIR/drawn" | grep -qxF "$1	$2"
}

# most TITLE NUMBER...: the most that each of its values has come to.
most()
{
	local title=$1 is

	shift
	is=$(awk -F '\t' -v title="$title" '$2 == title { print $3; exit }' "$LAB_DIR/drawn")
	echo "$title: $is"
	[ "$is" = "$*" ]
}

# never CMD...: fails when it succeeds; a mere ! would end no case.
never()
{
	! "$@"
}

more_rows()
{
	[ "$(collectd_rows "$1" | wc -l)" -ge "$2" ]
}

# The lines of the README that LuCI cannot write, as an operator copies them.
readme_example()
{
	sed -n '/^    LoadPlugin mptcp/,/^    <.Plugin>/s/^    //p' "$srcdir/integrations/luci/README.md"
}

possible()
{
	collectd_possible || return
	collectd_has rrdtool || { echo "collectd's plugin rrdtool cannot be loaded"; return 1; }
	for tool in node rrdtool; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
