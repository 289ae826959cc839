#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2119
#
# Neither a bad configuration nor a machine that is not as it should be stops the plugin, or has
# collectd ask it less often; each is named once. TAP on stdout.
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
# shellcheck source=tests/lab/alarms.sh
. "$LAB_HOME/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$LAB_HOME/causes.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"

SEED="subflows 3 add_addr_accepted 1"

# ---- the longest first ----

# By the agent, which watches the same lines. For a minute nothing is told: it might be about to end.
case_a_state_directory_that_is_held_is_waited_for_and_joined()
{
	local state

	begin wans=6 router_limits="$SEED"
	state=$LAB_DIR/snmp-router/state
	alarms_watch
	load bulk
	lab_eventually $((STATE_S + ALARM_S)) alarms_are "wan5 upButIdle" "wan6 upButIdle"
	collectd_short "StateDir \"$state\""
	lab_eventually 10 collectd_is host/bool-up 0
	lab_eventually 90 collectd_is host/bool-up 1
	lab_eventually 30 collectd_is wan5/bool-alarm 1
	lab_eventually 30 collectd_is wan6/bool-alarm 1
	[ "$(collectd_rows wan5/bool-alarm | grep -c ',0')" = 0 ]
	state_has "$state" 1,2 1,2
	lab_agent_stop
	lab_eventually 10 collectd_says 'state: all well again'
	lab_eventually 5 state_has "$state" 1,2 1,1,2,2
	[ "$(collectd_count 'severity = FAILURE')" = 2 ]

	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is host/count-wans_in_alarm 0
	lab_eventually 5 state_has "$state" '' 1,1,1,2,2,2
	[ "$(collectd_count 'severity = OKAY')" = 2 ]
	collectd_once 'state: .*/state: in use by process [0-9]*; tried again'
	[ "$(collectd_count 'state: ')" = 2 ]
	collectd_ends_well
}

# ---- what an operator may get wrong ----

case_a_bad_configuration_is_named_and_the_rest_goes_on()
{
	begin wans=2
	collectd_start 'Interval "500ms"' 'RaiseAfter soon' 'Floor 1.5' 'Nonsense "x" "y"' 'Bpf maybe' \
		'OnAlarm "/bin/true"' \
		'<WAN "fibre">' 'Device wan1' 'Role spare' 'Rate 5' 'Base nobody' 'Label "Fibre"' '</WAN>' \
		'<WAN "host">' 'Device wan2' '</WAN>' '<WAN "lte">' 'Device wan1' '</WAN>' \
		'<Expect>' 'Subflows 300' 'AddAddr 2' '</Expect>' '<What "x">' 'Device wan2' '</What>'
	collectd_once "plugin: RaiseAfter: 'soon' is no time"
	collectd_once "plugin: Floor: '1.5' is no whole number"
	collectd_once "plugin: Nonsense: unknown option ('x')"
	collectd_once "plugin: Nonsense: unknown option ('y')"
	collectd_once "plugin: Bpf: 'maybe' is neither true nor false nor tracepoint"
	collectd_once "plugin: OnAlarm: an option of mptcp-wan-agent only ('/bin/true')"
	collectd_once "plugin: WAN 'fibre': Role: 'spare' is none of active, backup"
	collectd_once "plugin: WAN 'fibre': Rate: unknown option ('5')"
	collectd_once "plugin: WAN 'fibre': Base: 'nobody' is no WAN of this configuration"
	collectd_once "plugin: WAN: 'host' is no name for a WAN"
	collectd_once "plugin: WAN 'lte': Device: 'wan1' belongs to another WAN already"
	collectd_once "plugin: Expect: Subflows: '300' is not between 0 and 255"
	collectd_once "plugin: What: unknown block ('x')"
	lab_eventually 5 collectd_read 3
	[ "$(collectd_get host/duration-poll_interval)" = 0.5 ]
	[ "$(collectd_get fibre/bool-alarm)" = 0 ]
	[ "$(collectd_get wan1/bool-alarm)" = - ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	collectd_ends_well
}

case_loaded_twice_it_is_there_once()
{
	begin wans=2
	echo "LoadPlugin mptcp" >"$LAB_DIR/collectd-router.more"
	collectd_start 'Interval 1'
	lab_eventually 5 collectd_read 3
	collectd_ends_well
	each_time_once
}

case_loaded_under_a_second_name_it_is_there_once()
{
	begin wans=2
	mkdir -p "$LAB_DIR/collectd-router/plugins"
	cp "$COLLECTD_OURS" "$LAB_DIR/collectd-router/plugins/mptcp2.so"
	echo "LoadPlugin mptcp2" >"$LAB_DIR/collectd-router.more"
	collectd_start 'Interval 1'
	lab_eventually 5 collectd_read 3
	[ "$(collectd_threads mptcp-poll | wc -l)" = 1 ]
	collectd_ends_well
	each_time_once
}

# ---- what a machine may have in store ----

case_mptcp_switched_off_is_said_once_and_reads_go_on()
{
	begin wans=2
	lab_router sysctl -qw net.mptcp.enabled=0
	collectd_start 'Interval 1'
	lab_eventually 10 collectd_read 5
	collectd_once 'net.mptcp.enabled: is 0: no new connection uses MPTCP'
	[ "$(collectd_get host/bool-enabled)" = 0 ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	lab_router sysctl -qw net.mptcp.enabled=1
	lab_eventually 5 collectd_is host/bool-enabled 1
	collectd_once 'net.mptcp.enabled: all well again'
	collectd_ends_well
}

case_a_kernel_that_does_not_answer_is_said_once_and_the_interval_stays()
{
	begin wans=2
	COLLECTD_THROUGH="unshare -m sh -c 'mount -t tmpfs none /proc/sys/net && exec \"\$0\" \"\$@\"'"
	collectd_start 'Interval 1'
	lab_eventually 15 collectd_read 8
	collectd_once 'kernel: sysctls: this kernel has none'
	[ "$(collectd_get host/bool-up)" = 0 ]
	[ "$(collectd_get host/bool-enabled)" = - ]
	[ "$(collectd_get wan1/count-state)" != - ]
	reads_are_a_second_apart
	collectd_ends_well
}

case_without_any_capability_it_samples_and_says_why()
{
	begin wans=2
	mkdir -p "$LAB_DIR/collectd-router"
	chown nobody "$LAB_DIR/collectd-router"
	chmod 755 "$LAB_DIR"
	COLLECTD_THROUGH="setpriv --reuid=nobody --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all"
	collectd_write 'Interval 1'
	: >"$LAB_DIR/collectd-router/log"
	chown -R nobody "$LAB_DIR/collectd-router"
	collectd_run
	lab_eventually 10 collectd_read 3
	collectd_once 'accounting: sampled (BPF: not permitted; netlink events: not permitted)'
	[ "$(collectd_get host/count-accounting)" = 2 ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	collectd_ends_well
}

# Its monitor, collectdmon, begins it anew at SIGHUP: there is nothing else that collectd reloads.
case_a_reload_begins_anew_under_the_same_names()
{
	local pid

	begin wans=2
	load bulk
	collectd_write 'Interval 1'
	lab_router collectdmon -P "$LAB_DIR/monitor.pid" -- -C "$LAB_DIR/collectd-router/conf"
	lab_eventually 10 collectd_read 3
	pid=$(collectd_monitored)
	collectd_names >"$LAB_DIR/before"
	kill -HUP "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 10 collectd_monitored_anew "$pid"
	rows=$(collectd_rows host/bool-up | wc -l)
	lab_eventually 10 collectd_has_rows host/bool-up $((rows + 3))
	collectd_names | diff "$LAB_DIR/before" -
	collectd_says 'Exiting normally'
	kill -TERM "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 10 collectd_unmonitored
}

case_a_stop_at_any_moment_ends_well()
{
	local tries=12

	begin wans=6
	load bulk
	# So that a moment of it is mostly within a read or a poll.
	COLLECTD_INTERVAL=0.01
	while [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		collectd_start 'Interval "100ms"'
		[ $((tries % 3)) = 0 ] || lab_eventually 5 collectd_read $((tries * 7))
		collectd_stop
		collectd_says 'Exiting normally'
	done
}

case_valgrind_finds_nothing_of_ours()
{
	local bad

	begin wans=3 router_limits="subflows 1 add_addr_accepted 1"
	load bulk
	COLLECTD_THROUGH="valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--xml=yes --xml-file=$LAB_DIR/valgrind.xml"
	collectd_tells_a_program
	collectd_short "StateDir \"$LAB_DIR/state\"" 'Nonsense 1' '<WAN "x">' 'Label "y"' '</WAN>'
	lab_eventually 60 collectd_read 10
	lab_eventually 60 collectd_is wan3/bool-alarm 1
	collectd_stop
	# Octets between attributes, and behind the part of a request that a kernel knows, are nobody's:
	# libmnl and libbpf leave them as they are, and valgrind tells of them as SyscallParam. A thread
	# of collectd's own, for a program that takes a notification, may still run at the end.
	bad=$(awk '
		/<error>/ { text = "" }
		{ text = text $0 "\n" }
		/<\/error>/ && text ~ /mptcp\.so/ && text !~ /<kind>SyscallParam/ &&
			!(text ~ /PossiblyLost/ && text ~ /plugin_thread_create/) { print text }' \
		"$LAB_DIR/valgrind.xml")
	grep -q '</valgrindoutput>' "$LAB_DIR/valgrind.xml"
	[ -z "$bad" ] || {
		printf '%s\n' "$bad" | sed -n 's/ *<\(what\|text\|fn\|file\|line\)>/\1 /p'
		return 1
	}
}

# ---- what they use ----

# state_has FOLDER ACTIVE RAISED: the numbers of its active alarms, and of those that its log is about.
state_has()
{
	local numbers

	numbers=$(jq -r '[.active, .log] | map(map(."raised-by" // .sequence) | sort | map(tostring) | join(","))
		| join(" ")' "$1/alarms")
	echo "active, and rows of: $numbers"
	[ "$numbers" = "$2 $3" ]
}

each_time_once()
{
	collectd_rows host/total_operations-polls | cut -d , -f 2 | sort | uniq -d | grep . && return 1
	collectd_never 'Value too old'
}

# Two seconds at most between two of the rows that each read brings: a machine may be busy.
reads_are_a_second_apart()
{
	collectd_rows host/bool-up | awk -F , '
		NR > 1 && $1 - time > 2.5 { print "late: " $0; bad = 1 }
		{ time = $1 }
		END {
			if (NR < 8)
				print "only " NR " rows"
			exit bad || NR < 8
		}'
}

possible()
{
	local tool

	collectd_possible || return
	for tool in collectdmon jq setpriv snmpd valgrind; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
