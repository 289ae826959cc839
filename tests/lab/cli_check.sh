#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119,SC2317	# cases are called by name
#
# `mptcp-wan check` as a monitoring system calls it: every exit status, and nothing printed that
# tests/plugin_output.py, which has the guidelines' grammar, does not take. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")
: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$here/causes.sh"
# shellcheck source=tests/lab/said.sh
. "$here/said.sh"
CLI=$builddir/cli/mptcp-wan
OK=0 WARNING=1 CRITICAL=2 UNKNOWN=3

# ---- the cases; each is named after what it shows ----

case_lines_in_alarm_are_critical_and_cured_ones_are_ok()
{
	begin wans=6 router_limits="subflows 3 add_addr_accepted 1"
	alarms_watch
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying unjoined unjoined
	check $OK	# not yet: it must last
	eventually_alarmed "wan5 upButIdle" "wan6 upButIdle"
	check $CRITICAL
	says '^MPTCP CRITICAL - wan5, wan6 up-but-idle (subflow-limit); 6 WANs: 6 up, 4 joined, 4 carrying |'
	says '^wan5, wan6 (major): no subflow; the subflow limit 3 leaves room .* Now: ip mptcp limits set subflows 5; for good: '
	says '^told by the agent [0-3] s ago, accounting exact |'
	value wans_in_alarm 2 "" ""
	value worst_severity 5 2 4
	value wan1_state 9 "" ""
	value wan5_state 7 "" ""
	value wan5_alarm_severity 5 2 4
	value wan5_subflows 0 "" ""
	grows wan1_out_octets c
	check $CRITICAL --wan wan5
	check $OK --wan wan1
	says '^MPTCP OK - wan1 is carrying: 2 subflows, '
	check $WARNING -c critical
	check $OK -w never -c never
	check $CRITICAL -w never -c never,wans_carrying=5:
	says '^MPTCP CRITICAL - wans_carrying is 4, not within 5:; '
	value wans_carrying 4 "" 5:
	check $WARNING --wan wan1 -w subflows=@0:2 -v
	says '^MPTCP WARNING - subflows is 2, within @0:2; wan1 is carrying'
	says '^wan1: carrying, 2 connections ([0-9]* expected), '
	check $UNKNOWN --wan wan9
	says "^MPTCP UNKNOWN - no WAN 'wan9' is known$"
	by_look $CRITICAL
	says '^MPTCP CRITICAL - wan5, wan6: subflow-limit; 6 WANs: 6 up, 4 joined, 4 carrying |'
	says '^seen in 3 s without the agent, '

	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually "$STATE_S" alarms_are
	check $OK
	says '^MPTCP OK - 6 WANs: 6 up, '
}

case_a_fault_of_the_host_is_one_of_bonding()
{
	watched
	lab_router sysctl -qw net.mptcp.enabled=0
	unload bulk
	eventually_alarmed "host mptcpDisabled"
	check $CRITICAL
	says '^MPTCP CRITICAL - this host: mptcp-disabled; 3 WANs: 3 up, '
	says '^this host (critical): net.mptcp.enabled is 0'
	check $OK --wan wan1
	says '^this host (critical, no matter of this check): mptcp-disabled; '
}

# An agent that hangs, one that the kernel does not answer, and none: nobody would tell of a fault.
case_a_monitor_that_is_blind_says_so()
{
	local pid

	begin wans=2
	alarms_watch
	check $OK
	lab_kill agent-router STOP
	lab_eventually 15 check $UNKNOWN
	says '^MPTCP UNKNOWN - monitor blind: .*/status.json is [0-9]* s old, the agent does not write it$'
	check $CRITICAL --blind=critical
	lab_kill agent-router CONT
	lab_eventually 10 check $OK
	read -r pid <"$LAB_DIR/agent-router.pid"
	each_thread "$pid" mount -t tmpfs none	# over its counters
	lab_eventually 15 check $UNKNOWN
	says '^MPTCP UNKNOWN - monitor blind: the kernel has not answered all questions lately: counters: .*; 2 WANs: '
	each_thread "$pid" umount
	lab_eventually 10 check $OK
	lab_agent_stop
	rm "$LAB_DIR/snmp-router/run/status.json"
	check $UNKNOWN
	says '^MPTCP UNKNOWN - monitor blind: .*/status.json: No such file or directory; does mptcp-wan-agent run here?$'
}

case_a_status_that_cannot_be_read_is_named()
{
	place
	echo '{' >"$RUN/status.json"
	check $UNKNOWN
	says "^MPTCP UNKNOWN - monitor blind: $RUN/status.json: ends in the middle, at octet 1$"
	chmod 600 "$RUN/status.json"
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	CLI="setpriv --reuid 65534 --regid 65534 --clear-groups $LAB_DIR/mptcp-wan"
	check $UNKNOWN
	says ': Permission denied; the file is for root and its group$'
}

case_misuse_is_unknown_and_on_stdout()
{
	place
	check $UNKNOWN --wran wan1
	says "^MPTCP UNKNOWN - unknown option '--wran', did you mean '--wan'? usage: mptcp-wan check "
	check $UNKNOWN -w bad
	says "^MPTCP UNKNOWN - --warning: 'bad' is no severity "
	check $UNKNOWN -c wans_up=5:4
	says "^MPTCP UNKNOWN - --critical: '5:4' is no range"
	check $UNKNOWN --blind=ok
	check $UNKNOWN stray
	check $UNKNOWN --no-agent --for 3s -t 3s
	says '^MPTCP UNKNOWN - --timeout: 3 s is no more than the look takes '
	check $UNKNOWN --no-agent --config "$RUN/none.conf" -t 30s
	says '^MPTCP UNKNOWN - monitor blind: .*/none.conf: No such file'
	ends_with $UNKNOWN --help
	says '^usage: mptcp-wan check '
	ends_with $UNKNOWN -V
	says '^mptcp-wan check [0-9]'
}

# It waits no longer than it is told to, whatever holds it up.
case_a_timeout_is_kept()
{
	local pid status=0

	place
	lab_start late host "$CLI" check --no-agent --for 1s -t 1100ms --blind=critical
	read -r pid <"$LAB_DIR/late.pid"
	lab_eventually 5 grep -q nanosleep "/proc/$pid/wchan"	# it looks
	kill -STOP "$pid"
	lab_eventually 5 as_old_as "$pid" 2
	kill -CONT "$pid"
	lab_wait late || status=$?
	cp "$LAB_DIR/late.out" "$LAB_DIR/out"
	[ "$status" = $CRITICAL ]
	says '^MPTCP CRITICAL - monitor blind: no answer within 1.1 s (--timeout)$'
	is_plugin_output $CRITICAL
}

case_what_reads_plugins_here_is_strict()
{
	/usr/bin/python3 "$srcdir/tests/plugin_output.py" --test
}

# ---- the words they use ----

# No lines, and no agent.
place()
{
	lab_alone
	RUN=$LAB_DIR/snmp-router/run
	mkdir -p "$RUN"
}

# check STATUS [OPTION]...: ends so, and prints what a plugin may, and nothing else.
check()
{
	ends_with "$@" && is_plugin_output "$1" && [ ! -s "$LAB_DIR/err" ]
}

ends_with()
{
	local want=$1 status=0

	shift
	# shellcheck disable=SC2086 # words
	lab_at_place $CLI check --run-dir "$LAB_DIR/snmp-router/run" "$@" >"$LAB_DIR/out" \
		2>"$LAB_DIR/err" || status=$?
	[ "$status" = "$want" ] && return
	echo "check $*: ended with $status"
	cat "$LAB_DIR/out" "$LAB_DIR/err"
	return 1
}

by_look()
{
	check "$1" --no-agent --for 3s --config "$LAB_DIR/alarms-router.conf" -i 1s
}

is_plugin_output()
{
	/usr/bin/python3 "$srcdir/tests/plugin_output.py" "$1" "$LAB_DIR/out" >"$LAB_DIR/perfdata"
}

# value LABEL NUMBER WARN CRIT: of the performance data.
value()
{
	awk -F '\t' -v label="$1" -v number="$2" -v warn="$3" -v crit="$4" '
		$1 == label && $2 == number && $4 == warn && $5 == crit { found = 1 }
		END { exit !found }' "$LAB_DIR/perfdata"
}

# grows LABEL UNIT: it has that unit, and at the next call there is more.
grows()
{
	local before

	before=$(awk -F '\t' -v label="$1" -v unit="$2" '$1 == label && $3 == unit { print $2 }' "$LAB_DIR/perfdata")
	lab_eventually 10 has_grown "$1" "${before:?}"
}

has_grown()
{
	ends_with $CRITICAL || return
	is_plugin_output $CRITICAL || return
	awk -F '\t' -v label="$1" -v before="$2" '$1 == label && $2 + 0 > before + 0 { found = 1 }
		END { exit !found }' "$LAB_DIR/perfdata"
}

# each_thread PID CMD...: for what a thread of it finds under /proc/thread-self/net.
each_thread()
{
	local pid=$1 thread

	shift
	for thread in "/proc/$pid/task/"*; do
		nsenter -m -t "$pid" "$@" "$thread/net"
	done
}

as_old_as()
{
	[ "$(ps -o etimes= -p "$1")" -ge "$2" ]
}

run_cases
