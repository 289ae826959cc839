#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2034,SC2119
#
# The plugin under the thread sanitizer in a real collectd, which is not: our collector's thread, its own
# that read and write, and the one that starts and stops us. No race is reported. TAP on stdout.
# srcdir: source; build-tsan in it, where the plugin was built; LAB_BIN: where the traffic was.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${LAB_BIN:=$srcdir/build/tests/lab}"
builddir=$srcdir/build-tsan
LAB_HOME=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$LAB_HOME/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$LAB_HOME/causes.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"
# shellcheck source=tests/threads/tsan.sh
. "$srcdir/tests/threads/tsan.sh"

# ---- the cases; each is named after what it shows ----

case_reads_among_polls_while_alarms_come_and_go()
{
	begin wans=6 router_limits="subflows 3 add_addr_accepted 1"
	watched_for_races
	COLLECTD_INTERVAL=0.05
	collectd_short 'Interval "50ms"' "StateDir \"$LAB_DIR/state\""
	load bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan6/bool-alarm 1
	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan6/bool-alarm 0
	ends_clean
}

case_a_stop_at_any_moment()
{
	local round

	begin wans=2
	watched_for_races
	load bulk
	COLLECTD_INTERVAL=0.01
	for round in 1 2 3 4; do
		collectd_start 'Interval "100ms"'
		lab_eventually 20 collectd_read $((round * round))
		ends_clean
	done
}

# ---- what they use ----

# The runtime comes before everything else in a process that was not built with it.
watched_for_races()
{
	tsan_begin "$LAB_DIR"
	COLLECTD_THROUGH="env LD_PRELOAD=$TSAN_LIB"
}

ends_clean()
{
	local status=0

	lab_alive "collectd-$LAB_PLACE"
	grep -q libtsan "/proc/$(cat "$LAB_DIR/collectd-$LAB_PLACE.pid")/maps"
	collectd_stop || status=$?
	tsan_reports_none
	[ "$status" = 0 ]
	collectd_says 'Exiting normally'
}

possible()
{
	collectd_possible || return
	[ -e "$TSAN_LIB" ] || { echo "the plugin was not built with --enable-sanitizers=thread"; return 1; }
}

TSAN_LIB=$(tsan_lib "$COLLECTD_OURS")
if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
