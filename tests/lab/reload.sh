#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119	# words without their optional arguments
#
# The agent's configuration, read again while it runs (SIGHUP) and only looked at (--check-config), and
# how a start in the background ends for who made it. TAP on stdout.
# srcdir, builddir: source and build.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"

# ---- the cases; each is named after what it shows ----

case_new_settings_are_taken_and_nothing_begins_anew()
{
	local since index

	lab_up wans=2
	conf 'interval = 60s'
	lab_agent_start -c "$LAB_DIR/conf" -i 60s
	index=$(index_of wan1)
	[ -n "$index" ]
	since=$(host_get mptcpWanCountersSince)
	conf 'floor = 1' 'wan fibre { device = wan1 label = "Fibre, 1st floor" }' 'wan new { }'
	reload
	# At once, though the next poll was to be a minute away; the command line has the last word.
	lab_eventually 5 host_is PollInterval 60000
	lab_eventually 5 host_is Polls 2
	[ "$(wan_get Label fibre)" = "Fibre, 1st floor" ]
	[ "$(index_of fibre)" = "$index" ]
	[ "$(wan_get State new)" = absent ]
	[ "$(host_get mptcpWanCountersSince)" = "$since" ]
	[ "$(grep -c 'not taken' "$LAB_DIR/agent-router.err")" = 0 ]
	conf
	reload
	lab_eventually 5 host_is Polls 3
	[ "$(wan_get Label fibre)" = "" ]
	ends_well
}

case_a_shorter_interval_begins_at_once()
{
	lab_up wans=1
	conf 'interval = 60s'
	lab_configured_agent
	[ "$(host_get PollInterval)" = 60000 ]
	conf 'interval = 200ms'
	reload
	lab_eventually 10 host_has Polls 8
	[ "$(host_get PollInterval)" = 200 ]
	ends_well
}

case_a_bad_file_is_refused_by_line_and_the_old_settings_stay()
{
	lab_up wans=2
	conf 'interval = 300ms' 'wan fibre { device = wan1 }'
	lab_configured_agent
	refused "no such option 'intervall'" 'intervall = 5s'
	refused "interval: 'soon' is no time" 'interval = soon'
	refused "this { is never closed" 'wan fibre {'
	refused "bpf: 'perhaps' is neither true nor false nor tracepoint" 'bpf = perhaps'
	rm "$LAB_DIR/conf"
	reload
	lab_eventually 5 once "$LAB_DIR/conf: No such file or directory; the old settings stay"
	[ "$(host_get PollInterval)" = 300 ]
	[ "$(wan_get IfName fibre)" = wan1 ]
	conf 'interval = 400ms'
	reload
	lab_eventually 5 host_is PollInterval 400
	ends_well
}

# The default file need not be there. One that was there and is gone is no wish for the defaults.
case_a_default_file_that_is_gone_is_refused_and_the_old_settings_stay()
{
	lab_up wans=2
	mkdir "$LAB_DIR/etc"
	lab_default_agent
	lab_kill agent-router HUP
	lab_eventually 5 once '/etc/mptcp-wan.conf: read again'
	conf 'interval = 300ms' 'wan fibre { device = wan1 }'
	mv "$LAB_DIR/conf" "$LAB_DIR/etc/mptcp-wan.conf"
	reload
	lab_eventually 5 host_is PollInterval 300
	rm "$LAB_DIR/etc/mptcp-wan.conf"
	reload
	lab_eventually 5 once \
		'/etc/mptcp-wan.conf: No such file or directory; the old settings stay'
	[ "$(host_get PollInterval)" = 300 ]
	[ "$(wan_get IfName fibre)" = wan1 ]
	ends_well
}

case_keys_that_take_a_restart_are_named_and_left_alone()
{
	lab_up wans=1
	conf 'interval = 300ms'
	lab_configured_agent
	conf 'interval = 400ms' 'bpf = false' 'events = false' 'subflows-most = 5000' \
		"state-dir = $LAB_DIR/elsewhere" "run-dir = $LAB_DIR/elsewhere" \
		"agentx-socket = $LAB_DIR/elsewhere/agentx"
	reload
	# The paths are on the command line, which has the last word.
	lab_eventually 5 once 'changed, and not taken before a restart: subflows-most, bpf, events$'
	lab_eventually 5 host_is PollInterval 400
	[ "$(host_get Accounting)" = exact ]
	[ ! -e "$LAB_DIR/elsewhere" ]
	ends_well
}

# 64 are known and there: none of them gives way to one that is new.
case_a_wan_that_finds_no_place_is_told_once_and_so_is_the_end_of_it()
{
	local k

	lab_up wans=1
	conf 'interval = 300ms'
	for k in $(seq 32); do
		echo "link add one$k type veth peer name other$k"
		printf 'wan %s%s { }\n' one "$k" other "$k" >>"$LAB_DIR/conf"
	done | lab_router ip -batch -
	lab_configured_agent
	sed -i 's/^wan one9 /wan new /' "$LAB_DIR/conf"
	reload
	lab_eventually 5 once 'WANs: no place is left for new: 64 are known$'
	lab_eventually 5 host_has Polls 5
	once 'WANs: no place'
	sed -i 's/^wan new /wan one9 /' "$LAB_DIR/conf"
	reload
	lab_eventually 5 once 'WANs: all well again'
	ends_well
}

# The line is the same, and so is its fault: nothing is cleared, and nothing raised again.
case_a_line_under_a_new_name_keeps_its_alarm()
{
	lab_up wans=3 rate=10mbit router_limits="subflows 1 add_addr_accepted 1"
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
	alarms_watch
	lab_start bulk router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --for 0 --up 1000000000 \
		--kbit 4000
	lab_eventually 30 alarms_are "wan3 upButIdle"
	alarms_configure 'wan fibre { device = wan3 }'
	reload
	lab_eventually 10 alarms_are "fibre upButIdle"
	alarm_hushed 8
	alarms_are "fibre upButIdle"
	alarm_log_is "raised wan3 upButIdle"
	[ "$(wan_get Alarm fibre)" = true ]
	lab_limits router "subflows 2 add_addr_accepted 2"
	lab_stop bulk || :	# cut off
	lab_start bulk router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --for 0 --up 1000000000 \
		--kbit 4000
	lab_eventually 30 alarms_are
	alarm_log_is "raised wan3 upButIdle" "cleared fibre upButIdle"
	ends_well
}

# It waits for who reads its recording, in the midst of its start.
case_a_hangup_before_the_start_is_complete_is_a_question_and_not_the_end()
{
	local pid

	lab_up wans=1
	conf 'interval = 300ms'
	lab_snmpd_start
	mkfifo "$LAB_DIR/recording"
	lab_agent_run -c "$LAB_DIR/conf" -i 300ms --record "$LAB_DIR/recording"
	pid=$(cat "$LAB_DIR/agent-router.pid")
	lab_eventually 5 grep -q '^State:[[:space:]]*S' "/proc/$pid/status"
	lab_eventually 5 test -e "$LAB_DIR/snmp-router/state/lock"
	lab_kill agent-router HUP
	lab_kill agent-router HUP
	lab_start reader router cat "$LAB_DIR/recording"
	lab_eventually 10 host_has Polls 2
	once "$LAB_DIR/conf: read again"
	ends_well
}

case_a_look_at_a_configuration_says_ok_or_why_not_and_touches_nothing()
{
	local status

	TMPDIR=/tmp lab_up wans=1
	chmod 711 "$LAB_DIR"
	install -m 755 "$LAB_AGENT" "$LAB_DIR/agent"
	conf 'wan wan1 { }' 'wan wan2 { }' "state-dir = $LAB_DIR/state" "run-dir = $LAB_DIR/run"
	looked 0 "$LAB_DIR/conf: ok (2 WANs)" ""
	conf 'wan wan1 { }'
	looked 0 "$LAB_DIR/conf: ok (1 WAN)" ""
	conf 'interval = 5s' 'floor = much'
	looked 2 "" "mptcp-wan-agent: $LAB_DIR/conf:2: floor: 'much' is no whole number"
	rm "$LAB_DIR/conf"
	looked 2 "" "mptcp-wan-agent: $LAB_DIR/conf: No such file or directory"
	[ ! -e "$LAB_DIR/state" ]
	[ ! -e "$LAB_DIR/run" ]
	status=0
	lab_router unshare -m sh -c 'mount -t tmpfs none /etc && exec "$0" --check-config' \
		"$LAB_DIR/agent" >"$LAB_DIR/looked.out" 2>&1 || status=$?
	cat "$LAB_DIR/looked.out"
	[ "$status" = 0 ]
	grep -qx '/etc/mptcp-wan.conf: not there; the defaults are ok' "$LAB_DIR/looked.out"
}

case_a_start_in_the_background_ends_when_it_serves_or_says_why_it_cannot()
{
	local dir status=0

	lab_up wans=1
	dir=$LAB_DIR/snmp-router
	conf 'interval = 300ms'
	lab_snmpd_start
	in_background
	# It is there already, without waiting: lock, first poll and all.
	grep -qx "$(pid_of_lock)" "$dir/state/lock"
	[ "$(readlink "/proc/$(pid_of_lock)/fd/2")" = /dev/null ]
	lab_eventually 10 host_has Polls 2
	in_background || status=$?
	[ "$status" = 1 ]
	grep -q ": $dir/state: in use by process $(pid_of_lock)$" "$LAB_DIR/start.err"
	[ "$(wc -l <"$LAB_DIR/start.err")" = 1 ]
	kill -HUP "$(pid_of_lock)"
	lab_eventually 10 host_has Polls 6
	kill "$(pid_of_lock)"
	lab_eventually 5 ended "$(pid_of_lock)"
}

# ---- the words they use ----

conf()
{
	: >"$LAB_DIR/conf"
	[ $# = 0 ] || printf '%s\n' "$@" "cpu-budget = 100" >"$LAB_DIR/conf"
}

# As lab_agent_start, but with the interval of its configuration.
lab_configured_agent()
{
	local dir=$LAB_DIR/snmp-router

	lab_snmpd_start
	lab_start agent-router router "$LAB_AGENT" -f -x "$dir/agentx" -s "$dir/state" \
		--run-dir "$dir/run" -c "$LAB_DIR/conf"
	lab_eventually 10 host_has Polls 1
}

# One with a private /etc, which is LAB_DIR/etc, and without a word about its configuration.
lab_default_agent()
{
	local dir=$LAB_DIR/snmp-router

	lab_snmpd_start
	lab_start agent-router router unshare -m sh -c \
		'mount --bind "$0" /etc && exec "$@"' "$LAB_DIR/etc" \
		"$(realpath "$LAB_AGENT")" -f -x "$dir/agentx" -s "$dir/state" --run-dir "$dir/run"
	lab_eventually 10 host_has Polls 1
}

reload()
{
	lab_kill agent-router HUP
}

# refused REASON LINE: a configuration of which the second line is bad, told once.
refused()
{
	conf 'interval = 200ms' "$2"
	reload
	lab_eventually 5 once "$LAB_DIR/conf:2: $1.*; the old settings stay"
}

index_of()
{
	lab_snmp snmpbulkwalk mptcpWanName | sed -n "s/^mptcpWanName\.\([0-9]*\) \"*$1\"*$/\1/p"
}

# The agent's lines that match: there is one.
once()
{
	cat "$LAB_DIR/agent-router.err"
	[ "$(grep -c -e "$1" "$LAB_DIR/agent-router.err")" = 1 ]
}

# looked STATUS OUT ERR: what --check-config says to somebody without any right.
looked()
{
	local status=0

	lab_router setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all --bounding-set=-all \
		"$LAB_DIR/agent" -c "$LAB_DIR/conf" --check-config \
		>"$LAB_DIR/looked.out" 2>"$LAB_DIR/looked.err" || status=$?
	cat "$LAB_DIR/looked.out" "$LAB_DIR/looked.err"
	[ "$status" = "$1" ]
	[ "$(cat "$LAB_DIR/looked.out")" = "$2" ]
	[ "$(cat "$LAB_DIR/looked.err")" = "$3" ]
}

in_background()
{
	local dir=$LAB_DIR/snmp-router

	lab_router timeout 10 "$LAB_AGENT" -x "$dir/agentx" -s "$dir/state" --run-dir "$dir/run" \
		-c "$LAB_DIR/conf" >"$LAB_DIR/start.out" 2>"$LAB_DIR/start.err"
}

pid_of_lock()
{
	cat "$LAB_DIR/snmp-router/state/lock"
}

ended()
{
	[ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status"
}

# It has lived to the end, and ends in order.
ends_well()
{
	lab_alive agent-router
	lab_agent_stop
	! grep -qi -e 'sanitizer' -e 'assert' "$LAB_DIR/agent-router.err"
}

run_cases
