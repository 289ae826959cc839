#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2119
#
# The plugin in a real collectd, on the real kernel: what it tells is what the agent tells, alarms
# are notifications, and it reaches whom collectd reaches. TAP on stdout.
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

case_it_exports_one_symbol_and_links_no_net_snmp()
{
	[ "$(nm -D --defined-only "$COLLECTD_OURS" | awk '{ print $3 }')" = module_register ]
	ldd "$COLLECTD_OURS" >"$CASES_DIR/linked"
	grep -q libmnl "$CASES_DIR/linked"
	[ "$(grep -c snmp "$CASES_DIR/linked")" = 0 ]
}

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
	collectd_ends_well
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
	collectd_ends_well
}

case_alarms_are_values_and_notifications_with_their_details()
{
	begin wans=6 router_limits="$SEED"
	collectd_tells_a_program
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
	collectd_ends_well
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
	lab_eventually 10 collectd_has_rows wan5/bool-alarm $((rows + 3))
	[ "$(collectd_rows wan5/bool-alarm | tail -n 3 | grep -c ',1\.')" = 3 ]
	collectd_never 'severity = FAILURE'
	collectd_ends_well
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
	collectd_ends_well
}

# The central one has the stock types, and nothing of ours.
case_a_fleet_needs_nothing_at_its_centre()
{
	begin wans=2
	echo "omr1: change me" >"$LAB_DIR/passwords"
	sed -e "s!/etc/collectd/fleet-passwords!$LAB_DIR/passwords!; s!0\.0\.0\.0!$LAB_SERVICE!" \
		-e '/^LoadPlugin csv/d; /^<Plugin csv>/,/^<.Plugin>/d' \
		"$srcdir/integrations/collectd/fleet-central.conf" >"$LAB_DIR/collectd-vps.more"
	sed "/^Hostname/d; s!192\.0\.2\.5!$LAB_SERVICE!" "$srcdir/integrations/collectd/fleet-router.conf" \
		>"$LAB_DIR/collectd-router.more"
	lab_at vps central_start
	load bulk
	collectd_start 'Interval 1'
	lab_eventually 15 lab_at vps collectd_is wan1/count-subflows 2
	lab_eventually 5 lab_at vps collectd_is wan2/bool-alarm 0
	[ -n "$(lab_at vps collectd_rows host/duration-age)" ]
	lab_at vps collectd_never 'Dataset not found'
	collectd_ends_well
	lab_at vps collectd_stop
}

case_thresholds_tell_of_an_alarm_by_its_severity()
{
	begin wans=2
	cp "$srcdir/integrations/collectd/thresholds.conf" "$LAB_DIR/collectd-router.more"
	collectd_short
	load bulk
	lab_eventually "$STATE_S" collectd_is wan2/count-state $CARRYING
	lab_router ip link set wan2 carrier off 2>/dev/null || lab_vps ip link set line2 down
	lab_eventually $((STATE_S + ALARM_S)) collectd_is wan2/bool-alarm 1
	lab_eventually 5 collectd_says \
		'severity = FAILURE.*plugin_instance = wan2.*type_instance = severity.*message = Host.*above the failure'
	collectd_ends_well
}

# ---- what they use ----

client()
{
	local name=$1

	shift
	lab_start "$name" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 "$@"
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

# Values bear the time of their snapshot: two rows of 5 s polls are never less than that apart,
# though collectd reads each second; and no poll is told twice.
# Not those of its reads, of which there are more: a late poll makes the next interval shorter.
times_are_of_the_polls()
{
	collectd_rows host/total_operations-polls | awk -F , '
		NR > 1 && ($1 - time < 2.5 || $2 <= polls) { print "too early: " $0; bad = 1 }
		{ time = $1; polls = $2 }
		END { exit bad || NR < 2 }'
}

# Each name is in doc/metrics.md.
every_name_is_in_the_reference()
{
	collectd_names | sed 's!^wan[0-9]*/!WAN/!' | sort -u | while read -r name; do
		grep -q "\`$name\`" "$srcdir/doc/metrics.md" || {
			echo "doc/metrics.md does not have $name"
			exit 1
		}
	done
}

notified()
{
	ls "$LAB_DIR/told"
	[ -e "$LAB_DIR/told/$1" ]
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

possible()
{
	local plugin

	collectd_possible || return
	for plugin in exec network threshold write_prometheus; do
		collectd_has $plugin || { echo "collectd's plugin $plugin cannot be loaded"; return 1; }
	done
	command -v snmpd >/dev/null || { echo "snmpd is not installed"; return 1; }
}

if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
