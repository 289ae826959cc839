#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119,SC2317	# cases are called by name
#
# Ours against the kernel's plain dump, ss and the script one would write today, side by side: polls
# from 1,000 to 100,000 subflows and among plain sockets, memory, churn, SNMP, the traffic of others.
# TAP on stdout, figures as comments on stderr; a test is only that the work was done, never a time.
# What was measured goes to $builddir/scale/: scale.json, table.md, scale.svg; with --accept also into
# doc/performance.md. Minutes: 12. Of cases that are not run, what an earlier run noted stays.
#	SIZES="1000 10000" LAB_ONLY=sizes tests/bench/scale.sh	less of it
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
# In a network namespace of its own: those it makes then have a hash table of sockets each, for the
# machine's would be walked, too, and the machine keeps its settings.
if [ "$(id -u)" = 0 ] && [ -z "${SCALE_ALONE:-}" ]; then
	SCALE_ALONE=1 exec unshare -n "$0" "$@"
fi

SIZES=${SIZES:-"1000 10000 50000 100000"}	# subflows
RATES=${RATES:-"100 1000 3000"}			# connections a second
PAIRS=${PAIRS:-20}
LAB_HOME=$srcdir/tests/lab
LAB_JOBS=1	# one load at a time
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/bench/held.sh
. "$srcdir/tests/bench/held.sh"
# shellcheck source=tests/bench/scale_words.sh
. "$srcdir/tests/bench/scale_words.sh"
# shellcheck source=tests/bench/scale_churn.sh
. "$srcdir/tests/bench/scale_churn.sh"
# shellcheck source=tests/bench/scale_snmp.sh
. "$srcdir/tests/bench/scale_snmp.sh"
# shellcheck source=tests/bench/scale_traffic.sh
. "$srcdir/tests/bench/scale_traffic.sh"

BENCH=$builddir/tests/bench
SCALE_NOTES=$builddir/scale/notes
LINES=6
CASES_AFTER=report

# ---- the cases; each is named after what it shows ----

# One load that grows, so that the sizes are as close to each other in time as can be.
case_polls_of_all_sizes_see_each_subflow()
{
	local size all=0 count

	begins sizes
	lab_up wans=$LINES
	idle_agent
	for size in $SIZES; do
		count=$(((size + LINES - 1) / LINES))
		[ $all = 0 ] || held_signal CONT
		held $((count - all))
		all=$count
		held_complete $((all * LINES))
		beside_others "$size" $((all * LINES))
	done
	held_signal CONT
}

case_fifty_thousand_plain_sockets_beside_a_thousand_subflows()
{
	local plain=${PLAIN:-50000} count=167

	begins plain
	lab_up wans=$LINES
	held "$plain" --plain
	held $count
	held_complete $((count * LINES)) "$plain"
	turns 15
	lab_router sed -n 's/^TCP: inuse \([0-9]*\) .*/\1/p' /proc/net/sockstat >"$LAB_DIR/inuse"
	note "sockets $(cat "$LAB_DIR/inuse")"
	saw $((count * LINES))
	held_signal CONT
}

case_churn_loses_nothing()
{
	begins churn
	churn_measured
}

case_snmp_answers_while_fifty_thousand_subflows_churn()
{
	begins snmp
	snmp_measured
}

case_handlers_do_little_of_what_a_request_takes()
{
	begins handler
	handler_measured
}

case_other_traffic_goes_on_beside_polls()
{
	begins traffic
	traffic_measured
}

# ---- what they use ----

# The binaries as they are shipped, and an agent where nothing is.
idle_agent()
{
	local file

	for file in agent/mptcp-wan-agent .libs/mptcp.so; do
		[ -e "$builddir/$file" ] || continue
		strip -o "$LAB_DIR/stripped" "$builddir/$file"
		note "stripped ${file##*/} $(stat -c %s "$LAB_DIR/stripped")"
	done
	scaled_start idle -i 1s
	lab_eventually 60 scaled_has idle polls 5
	note "idle rss_kib $(scaled_anonymous_kib idle)"
	note "idle poll_us $(scaled_us_a_poll idle 5)"
	lab_stop idle
}

# beside_others SIZE SUBFLOWS: the agent by itself first, then all by turns.
beside_others()
{
	local times

	scaled_start "agent$1" -i 1s
	lab_eventually 60 scaled_has "agent$1" polls 5
	lab_eventually 60 scaled_has "agent$1" subflows "$2"
	note "agent$1 subflows $2 rss_kib $(scaled_anonymous_kib "agent$1") poll_us $(scaled_us_a_poll "agent$1" 8)" \
		"accounting $(scaled_says "agent$1" accounting)"
	lab_stop "agent$1"
	case $1 in
	1000)  times=31 ;;
	10000) times=21 ;;
	50000) times=11 ;;
	*)     times=9 ;;
	esac
	turns $times -- ss ss -tniM -- script sh "$srcdir/tests/bench/today.sh"
	saw "$2"
	lab_router sh "$srcdir/tests/bench/today.sh" >"$LAB_DIR/today"
	grep -qx "wan6 1 $(($2 / LINES)) .*" "$LAB_DIR/today"
}

# turns TIMES [-- NAME CMD...]...: notes all of them.
turns()
{
	lab_router timeout 300 "$BENCH/turns" "$@" >"$LAB_DIR/turns"
	cat "$LAB_DIR/turns" >>"$SCALE_NOTES/$SCALE_CASE"
	awk '$1 != "saw" { n = split($0, us, " "); print $1, n - 1, "turns" }' "$LAB_DIR/turns" >&2
}

# The last turns' polls saw all subflows.
saw()
{
	grep -qx "saw $1 $(($1 / LINES))" "$LAB_DIR/turns" || {
		grep '^saw' "$LAB_DIR/turns"
		return 1
	}
}

# Of what was measured, be it all or not.
report()
{
	[ "$failed" = 0 ] || ACCEPT=
	# shellcheck disable=SC2086 # a word or none
	python3 -B "$srcdir/tests/bench/scale_report.py" "$builddir/scale" ${ACCEPT:+--accept "$srcdir/doc"} >&2
}

if [ ! -x "$BENCH/ask" ] || ! command -v snmpd >/dev/null; then
	echo "1..0 # SKIP the agent is not built, or snmpd is not installed"
	exit 0
fi
ACCEPT=
case ${1:-} in
--accept) ACCEPT=yes ;;
esac
mkdir -p "$SCALE_NOTES"
cut -d ' ' -f 1 /proc/loadavg >"$SCALE_NOTES/load"
[ "$(id -u)" != 0 ] || sysctl -qw net.ipv4.tcp_child_ehash_entries=262144
run_cases
