#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2119
#
# The plugin in a real collectd, on the real kernel: what it tells is what the agent tells, alarms
# are notifications, and neither a bad configuration nor a machine that is not as it should be stops
# it. TAP on stdout.
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
CARRYING=9	# as in the MIB
UNJOINED=7

# ---- the cases; each is named after what it shows ----

case_its_values_are_the_agents_to_the_octet()
{
	begin wans=3 rate=20mbit
	lab_agent_start
	collectd_start 'Interval 1'
	lab_eventually 10 collectd_read 2
	client long -n 3 -j 3 --up 3000000 --down 2000000
	client short -n 120 --per-second 40 --up 2000 --down 9000 --close alternate
	lab_wait long
	lab_wait short
	[ "$(wan_get InOctets wan1)" -gt 100000 ]
	lab_eventually 10 same_totals
	lab_eventually 10 same_gauges
	[ "$(collectd_get host/count-accounting)" = 4 ]
	ends_well
}

case_load_plugin_and_nothing_else_tells_the_whole_story()
{
	local wan

	begin wans=6 router_limits="$SEED"
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	collectd_start
	lab_eventually 40 collectd_is wan5/count-state $UNJOINED
	lab_eventually 40 collectd_is wan1/count-state $CARRYING
	for wan in wan1 wan5; do
		for name in if_octets total_bytes-retransmitted count-subflows count-connections \
			bool-alarm count-severity count-cause
		do
			[ "$(collectd_get "$wan/$name")" != - ]
		done
	done
	[ "$(collectd_get wan5/count-cause)" = 40 ]	# subflow-limit
	[ "$(collectd_get wan1/latency-rtt)" != - ]
	[ "$(collectd_get wan5/latency-rtt)" = - ]	# nobody knows
	collectd_get wan1/percent-share_out | awk '{ exit !($1 > 5 && $1 < 95) }'
	[ "$(collectd_get wan5/percent-share_out)" = 0 ]
	[ "$(collectd_get limits/count-subflows)" = 3 ]
	[ "$(collectd_get limits/count-subflows_needed)" = 5 ]
	[ "$(collectd_get host/count-wans_carrying)" = 4 ]
	[ "$(collectd_get host/count-wans_joined)" = 4 ]
	[ "$(collectd_get host/count-wans_configured)" = 6 ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	times_are_of_the_polls
	every_name_is_in_the_reference
	ends_well
}

case_alarms_are_values_and_notifications_with_their_details()
{
	begin wans=6 router_limits="$SEED"
	notifications_to_a_program
	collectd_short
	load bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan5/bool-alarm 1
	lab_eventually 5 collectd_is wan6/bool-alarm 1
	collectd_is wan1/bool-alarm 0
	collectd_is wan5/count-severity 5
	collectd_is host/count-worst_severity 5
	lab_eventually 5 notified 2
	grep -q '^Severity: FAILURE$' "$LAB_DIR/told/1"
	grep -q '^Plugin: mptcp$' "$LAB_DIR/told/1"
	grep -qx 'PluginInstance: wan[56]' "$LAB_DIR/told/1"
	grep -qx 'cause: subflow-limit' "$LAB_DIR/told/1"
	grep -qx 'type: up-but-idle' "$LAB_DIR/told/1"
	grep -qx 'state: unjoined' "$LAB_DIR/told/1"
	grep -q '^text: .*subflows 5.*restart' "$LAB_DIR/told/1"
	tail -n 1 "$LAB_DIR/told/1" | grep -q '^wan[56]: no subflow; .* \.\.\.$'
	collectd_says 'severity = FAILURE.*plugin_instance = wan5.*type_instance = alarm'

	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan5/bool-alarm 0
	lab_eventually 5 collectd_is wan6/bool-alarm 0
	lab_eventually 5 notified 4
	grep -qx 'Severity: OKAY' "$LAB_DIR/told/4"
	grep -qx 'transition: cleared' "$LAB_DIR/told/4"
	ends_well
}

# With a state directory; without one it is begun anew.
case_an_alarm_goes_on_over_a_restart_if_there_is_a_place_for_it()
{
	begin wans=6 router_limits="$SEED"
	collectd_short "StateDir \"$LAB_DIR/state\""
	load bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan5/bool-alarm 1
	lab_eventually 5 collectd_is wan6/bool-alarm 1
	collectd_stop
	collectd_run
	rows=$(collectd_rows wan5/bool-alarm | wc -l)
	lab_eventually 10 more_rows wan5/bool-alarm $((rows + 3))
	[ "$(collectd_rows wan5/bool-alarm | tail -n 3 | grep -c ',1\.')" = 3 ]
	collectd_never 'severity = FAILURE'
	ends_well
}

case_prometheus_gets_the_names()
{
	begin wans=2
	cp "$srcdir/integrations/collectd/prometheus.conf" "$LAB_DIR/collectd-router.more"
	load bulk
	collectd_start 'Interval 1'
	lab_eventually 10 scraped 'collectd_mptcp_if_octets_tx_total{mptcp="wan1",instance="router"} [1-9]'
	scraped 'collectd_mptcp_bool{mptcp="wan2",type="alarm",instance="router"} 0'
	scraped 'collectd_mptcp_bool{mptcp="host",type="up",instance="router"} 1'
	scraped 'collectd_mptcp_count{mptcp="limits",type="subflows",instance="router"} 8'
	ends_well
}

# The central one has the stock types, and nothing of ours.
case_a_fleet_needs_nothing_at_its_centre()
{
	begin wans=2
	echo "omr1: change me" >"$LAB_DIR/passwords"
	sed -e "s!/etc/collectd/fleet-passwords!$LAB_DIR/passwords!; s!0\.0\.0\.0!$LAB_SERVICE!" \
		-e '/^LoadPlugin csv/d; /^<Plugin csv>/,/^<.Plugin>/d' \
		"$srcdir/integrations/collectd/fleet-central.conf" >"$LAB_DIR/collectd-vps.more"
	sed "s!192\.0\.2\.5!$LAB_SERVICE!" "$srcdir/integrations/collectd/fleet-router.conf" \
		>"$LAB_DIR/collectd-router.more"
	lab_at vps central_start
	load bulk
	collectd_start 'Interval 1'
	lab_eventually 15 lab_at vps collectd_is wan1/count-subflows 2
	lab_eventually 5 lab_at vps collectd_is wan2/bool-alarm 0
	[ -n "$(lab_at vps collectd_rows host/duration-age)" ]
	lab_at vps collectd_never 'Dataset not found'
	ends_well
	lab_at vps collectd_stop
}

case_thresholds_tell_of_an_alarm_by_its_value()
{
	begin wans=2
	cp "$srcdir/integrations/collectd/thresholds.conf" "$LAB_DIR/collectd-router.more"
	collectd_short
	load bulk
	lab_eventually "$STATE_S" collectd_is wan2/count-state $CARRYING
	lab_router ip link set wan2 carrier off 2>/dev/null || lab_vps ip link set line2 down
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan2/bool-alarm 1
	lab_eventually 5 collectd_says 'severity = FAILURE.*plugin_instance = wan2.*message = Host.*above the failure'
	ends_well
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
	collectd_once "plugin: Bpf: 'maybe' is neither true nor false"
	collectd_once "plugin: OnAlarm: an option of mptcp-wan-agent only ('/bin/true')"
	collectd_once "plugin: WAN 'fibre': Role: 'spare' is none of active, backup"
	collectd_once "plugin: WAN 'fibre': Rate: unknown option ('5')"
	collectd_once "plugin: WAN 'fibre': Base: 'nobody' is no WAN of this configuration"
	collectd_once "plugin: WAN: 'host' is no name for a WAN"
	collectd_once "plugin: WAN 'lte': Device: 'wan1' belongs to another WAN already"
	collectd_once "plugin: Expect: Subflows: '300' is not within 0 and 255"
	collectd_once "plugin: What: unknown block ('x')"
	lab_eventually 5 collectd_read 3
	[ "$(collectd_get host/duration-poll_interval)" = 0.5 ]
	[ "$(collectd_get fibre/bool-alarm)" = 0 ]
	[ "$(collectd_get wan1/bool-alarm)" = - ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	ends_well
}

case_loaded_twice_it_is_there_once()
{
	begin wans=2
	echo "LoadPlugin mptcp" >"$LAB_DIR/collectd-router.more"
	collectd_start 'Interval 1'
	lab_eventually 5 collectd_read 3
	ends_well
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
	[ "$(threads_of mptcp-poll)" = 1 ]
	ends_well
	each_time_once
}

# ---- what a machine may have in store ----

case_mptcp_switched_off_is_said_once_and_reads_go_on()
{
	begin wans=2
	lab_router sysctl -qw net.mptcp.enabled=0
	collectd_start 'Interval 1'
	lab_eventually 10 collectd_read 5
	collectd_once 'net.mptcp.enabled: is 0: no connection uses MPTCP'
	[ "$(collectd_get host/bool-enabled)" = 0 ]
	[ "$(collectd_get host/bool-up)" = 1 ]
	lab_router sysctl -qw net.mptcp.enabled=1
	lab_eventually 5 collectd_is host/bool-enabled 1
	collectd_once 'net.mptcp.enabled: all well again'
	ends_well
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
	ends_well
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
	ends_well
}

case_a_state_directory_that_cannot_be_had_is_said_once()
{
	begin wans=2
	lab_agent_start
	collectd_start 'Interval 1' "StateDir \"$LAB_DIR/snmp-router/state\""
	lab_eventually 10 collectd_read 3
	collectd_once 'state: .*/state: in use by another mptcp-wan-agent, process [0-9]*'
	[ "$(collectd_get host/bool-up)" = 1 ]
	ends_well
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
	pid=$(monitored)
	collectd_names >"$LAB_DIR/before"
	kill -HUP "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 10 another_pid "$pid"
	rows=$(collectd_rows host/bool-up | wc -l)
	lab_eventually 10 more_rows host/bool-up $((rows + 3))
	collectd_names | diff "$LAB_DIR/before" -
	collectd_says 'Exiting normally'
	kill -TERM "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 10 no_monitor
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
	notifications_to_a_program
	collectd_short "StateDir \"$LAB_DIR/state\"" 'Nonsense 1' '<WAN "x">' 'Label "y"' '</WAN>'
	lab_eventually 60 collectd_read 10
	lab_eventually 60 collectd_is wan3/bool-alarm 1
	collectd_stop
	# Octets between attributes, and behind the part of a request that a kernel knows, are nobody's:
	# libmnl and libbpf leave them as they are, and valgrind tells of them as SyscallParam.
	bad=$(awk '
		/<error>/ { text = "" }
		{ text = text $0 "\n" }
		/<\/error>/ && text ~ /mptcp\.so/ && text !~ /<kind>SyscallParam/ { print text }' \
		"$LAB_DIR/valgrind.xml")
	grep -q '</valgrindoutput>' "$LAB_DIR/valgrind.xml"
	[ -z "$bad" ] || {
		printf '%s\n' "$bad" | sed -n 's/ *<\(what\|text\|fn\|file\|line\)>/\1 /p'
		return 1
	}
}

# ---- what they use ----

client()
{
	local name=$1

	shift
	lab_start "$name" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 "$@"
}

ends_well()
{
	collectd_ends_well
}

# Times as short as those of alarms_watch, by the names of collectd.
collectd_short()
{
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_vps sysctl -qw net.ipv4.tcp_syn_retries=1
	collectd_start 'Interval 1' 'Window 3' 'PressureWindow 3' 'JoinGrace 2' 'RaiseAfter 4' \
		'RaiseIdleAfter "4s"' 'ClearAfter 2' 'FarSilentAfter 4' "$@"
}

# What a join that was reset died of is told by what was known at that moment, which is not the same
# for two who poll at different times: that number is not compared.
same_totals()
{
	local wan pair

	for wan in wan1 wan2 wan3; do
		same "$wan/if_octets" "$(wan_get InOctets "$wan"),$(wan_get OutOctets "$wan")" || return
		for pair in total_bytes-retransmitted=RetransOctets \
			total_events-subflows_opened=SubflowsOpened \
			total_events-subflows_closed=SubflowsClosed \
			total_events-joins_attempted=JoinsAttempted
		do
			same "$wan/${pair%=*}" "$(wan_get "${pair#*=}" "$wan")" || return
		done
	done
	same host/if_octets "$(host_get InOctets),$(host_get OutOctets)" &&
		same host/if_octets-unattributed \
			"$(host_get UnattribInOctets),$(host_get UnattribOutOctets)" &&
		same host/total_bytes-retransmitted "$(host_get RetransOctets)" &&
		same host/total_events-truncated_subflows "$(host_get TruncatedSubflows)"
}

same_gauges()
{
	same limits/count-subflows "$(host_get SubflowLimit)" &&
		same limits/count-endpoints "$(host_get Endpoints)" &&
		same limits/count-subflow_ceiling "$(host_get SubflowCeiling)" &&
		same host/count-connections "$(host_get Connections)" &&
		same wan2/count-subflows "$(wan_get Subflows wan2)"
}

same()
{
	collectd_is "$1" "$2" || {
		echo "... and the agent says $2"
		return 1
	}
}

more_rows()
{
	[ "$(collectd_rows "$1" | wc -l)" -ge "$2" ]
}

# Values bear the time of their snapshot: two rows of 5 s polls are never less than that apart,
# though collectd reads each second; and no poll is told twice.
times_are_of_the_polls()
{
	collectd_rows host/total_operations-polls | awk -F , '
		NR > 1 && ($1 - time < 4.5 || $2 <= polls) { print "too early: " $0; bad = 1 }
		{ time = $1; polls = $2 }
		END { exit bad || NR < 2 }'
}

# Each name is in doc/metrics-collectd.md, in its table.
every_name_is_in_the_reference()
{
	collectd_names | sed 's!^wan[0-9]*/!WAN/!' | sort -u | while read -r name; do
		grep -q "^| \`$name\`" "$srcdir/doc/metrics-collectd.md" || {
			echo "doc/metrics-collectd.md does not have $name"
			exit 1
		}
	done
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
		END { exit bad }'
}

# collectd does not run programs as root; one of nobody's writes each notification to a file.
notifications_to_a_program()
{
	chmod 755 "$LAB_DIR"
	mkdir -p "$LAB_DIR/told"
	chmod 777 "$LAB_DIR/told"
	cat >"$LAB_DIR/tell" <<-END
		#!/bin/sh
		cd "$LAB_DIR/told" && cat >".\$\$" && {
			until ln ".\$\$" "\${n:=1}" 2>/dev/null; do n=\$((n + 1)); done
			rm ".\$\$"
		}
	END
	chmod 755 "$LAB_DIR/tell"
	cat >>"$LAB_DIR/collectd-router.more" <<-END
		LoadPlugin exec
		<Plugin exec>
			NotificationExec "nobody" "$LAB_DIR/tell"
		</Plugin>
	END
}

notified()
{
	ls "$LAB_DIR/told"
	[ "$(ls "$LAB_DIR/told" | wc -l)" -ge "$1" ]
}

scraped()
{
	lab_router bash -c 'exec 3<>/dev/tcp/127.0.0.1/9103
		printf "GET /metrics HTTP/1.0\r\nHost: router\r\n\r\n" >&3
		cat <&3' >"$LAB_DIR/scrape"
	grep -q -e "$1" "$LAB_DIR/scrape" || {
		grep '^collectd_mptcp' "$LAB_DIR/scrape"
		return 1
	}
}

# Without our plugin.
central_start()
{
	collectd_write
	sed -i '/^LoadPlugin mptcp/d' "$LAB_DIR/collectd-vps/conf"
	rm "$LAB_DIR/collectd-vps/plugins/mptcp.so"
	collectd_run
}

threads_of()
{
	local task count=0

	for task in "/proc/$(cat "$LAB_DIR/collectd-router.pid")/task"/*; do
		[ "$(cat "$task/comm")" != "$1" ] || count=$((count + 1))
	done
	echo "$count"
}

# The collectd that collectdmon has started.
monitored()
{
	pgrep -P "$(cat "$LAB_DIR/monitor.pid")"
}

another_pid()
{
	local pid

	pid=$(monitored) || return
	[ "$pid" != "$1" ]
}

no_monitor()
{
	[ ! -e "$LAB_DIR/monitor.pid" ]
}

possible()
{
	local plugin tool

	collectd_possible || return
	for plugin in exec network threshold write_prometheus; do
		collectd_has $plugin || { echo "collectd's plugin $plugin cannot be loaded"; return 1; }
	done
	for tool in snmpd valgrind setpriv bash; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
