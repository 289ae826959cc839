#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2119
#
# The shipped rules and dashboards in a real Prometheus, on the real kernel: through collectd with
# our plugin and write_prometheus, and through snmpd with our agent and snmp_exporter. TAP on stdout.
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
# shellcheck source=tests/nms/prometheus_words.sh
. "$srcdir/tests/nms/prometheus_words.sh"

SEED="subflows 3 add_addr_accepted 1"
BLIND=MptcpWanMonitorBlind

# ---- the cases, the longest first; each is named after what it shows ----

# A kernel that denies an answer, one that gives none, and a collectd that does nothing more.
case_a_monitor_that_goes_blind_is_told_by_its_reason_and_sees_again()
{
	begin wans=2
	told_by_collectd
	prometheus_start mptcp-wan
	lab_eventually 20 value_is instance:mptcp_up 1

	collectd_among mount -t tmpfs none /proc/sys/net
	lab_eventually 20 alerts_are "$BLIND no answer warning"
	value_is instance:mptcp_up 0
	collectd_once 'kernel: sysctls: this kernel has none'
	collectd_among umount /proc/sys/net
	lab_eventually 20 alerts_are
	collectd_once 'kernel: all well again'

	lab_start stuck host strace -qq -p "$(collectd_threads mptcp-poll)" -e inject=sendto,sendmsg:delay_enter=600s
	lab_eventually 40 alerts_are "$BLIND no answer warning"
	value_is instance:mptcp_up 0
	lab_stop stuck || :
	lab_eventually 20 alerts_are

	lab_kill collectd-router STOP
	lab_eventually 40 alerts_are "$BLIND silent warning" "$BLIND not reached warning"
	lab_kill collectd-router CONT
	lab_eventually 40 alerts_are
	collectd_ends_well
}

case_by_collectd_the_alert_of_the_seed_fires_for_its_two_lines_and_resolves()
{
	begin wans=6 router_limits="$SEED"
	told_by_collectd
	prometheus_start mptcp-wan
	seed_fires router
	rules_have_data collectd
	boards_have_data router
	names_are_there
	seed_is_cured router
	# Its target, and the router that it told of.
	lab_kill collectd-router KILL
	lab_eventually 30 alerts_are "$BLIND silent warning" "$BLIND not reached warning"
}

case_by_snmp_the_alert_of_the_seed_fires_for_its_two_lines_and_resolves()
{
	begin wans=6 router_limits="$SEED"
	exporter_start
	prometheus_start mptcp-wan-snmp
	seed_fires snmp
	rules_have_data snmp
	exporter_tells_all 6
	seed_is_cured snmp
	# snmpd goes on, and shows no more of us.
	lab_kill agent-router KILL
	lab_eventually 30 alerts_are "$BLIND silent warning"
	value_is 'up{job="mptcp-wan-snmp"}' 1
}

case_a_night_after_a_day_is_silent()
{
	begin wans=3
	told_by_collectd
	prometheus_start mptcp-wan
	load bulk --down 1000000000000
	lab_eventually $STATE_S value_is instance:mptcp_wans_carrying 3
	unload bulk
	# Longer than an alarm would need.
	lab_eventually $((STATE_S + ALARM_S)) \
		has_data 'max_over_time(instance:mptcp_wans_carrying[10s]) == 0'
	value_is instance:mptcp_up 1
	alerts_never
}

# ---- who tells it ----

told_by_collectd()
{
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_vps sysctl -qw net.ipv4.tcp_syn_retries=1
	cat "$srcdir/integrations/collectd/prometheus.conf" >"$LAB_DIR/collectd-router.more"
	collectd_start 'Interval 1' 'Window 3' 'PressureWindow 3' 'JoinGrace 2' 'RaiseAfter 4' \
		'RaiseIdleAfter 4' 'ClearAfter 2' 'FarSilentAfter 4'
}

# Debian's, with the module as shipped. At snmpd there is the user that the file comes with.
exporter_start()
{
	mkdir -p "$LAB_DIR/snmp-router"
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		createUser noc SHA-256 "first passphrase" AES "second passphrase"
		rouser noc priv
	END
	alarms_watch
	lab_start exporter router prometheus-snmp-exporter --web.listen-address=127.0.0.1:9116 \
		--config.file="$srcdir/integrations/snmp_exporter/mptcp-wan-0.21.yml"
	lab_eventually 10 lab_listens router 9116
}

# exporter_told MODULE: the names of what it told of, once a WAN.
exporter_told()
{
	lab_router /usr/bin/python3 -c 'import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1]).read().decode())' \
		"http://127.0.0.1:9116/snmp?module=$1&target=$(cat "$LAB_DIR/snmp-router/address")" >"$LAB_DIR/told" || return
	sed -n 's/^\(mptcpWan[A-Za-z0-9]*\)[{ ].*/\1/p' "$LAB_DIR/told" | sort
}

# Each object that always has a value is told, of each WAN, to both credentials.
exporter_tells_all()
{
	exporter_told mptcp_wan >"$LAB_DIR/told.v2"
	exporter_told mptcp_wan_v3 >"$LAB_DIR/told.v3"
	"$builddir/tests/metrics_table" | awk -F '\t' -v wans="$1" '
		$7 == "maybe" || $2 ~ /^mptcpWan(Index|Name|CauseText|LastCarried)$/ { next }
		$1 ~ /^1\./ { print $2; if ($3 == "BITS") print $2 }
		$1 ~ /^2\./ { for (i = 0; i < wans; i++) print $2 }' | sort >"$LAB_DIR/asked"
	[ "$(wc -l <"$LAB_DIR/asked")" -gt 200 ]
	for told in v2 v3; do
		comm -23 "$LAB_DIR/asked" "$LAB_DIR/told.$told" >"$LAB_DIR/missing"
		sed "s/^/by $told it does not tell: /" "$LAB_DIR/missing"
		[ ! -s "$LAB_DIR/missing" ] || return
	done
}

# ---- what is told; all of one INSTANCE ----

seed_fires()
{
	load bulk --down 1000000000000
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	lab_eventually $((STATE_S + ALARM_S)) \
		alerts_are "MptcpWanLineAlarm wan5 warning" "MptcpWanLineAlarm wan6 warning"
	value_is "instance:mptcp_wans_in_alarm{instance=\"$1\"}" 2
	value_is "instance:mptcp_up{instance=\"$1\"}" 1
	value_is "count(instance_wan:mptcp_cause{instance=\"$1\",cause=\"subflow-limit\",wan=~\"wan[56]\"})" 2
	value_is "count(instance_wan:mptcp_cause{instance=\"$1\"})" 2
}

seed_is_cured()
{
	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk --down 1000000000000
	lab_eventually $((STATE_S + ALARM_S)) alerts_are
	lab_eventually $STATE_S value_is "instance:mptcp_wans_carrying:ratio{instance=\"$1\"}" 1
}

# Each expression of the rules, but those that wait for what is not so here: another cause, an alarm
# of the host, a monitor that is blind or not exact. promtool's tests have these.
rules_have_data()
{
	rules_expressions "$PROMETHEUS_RULES/mptcp-wan-$1.rules.yml" "$PROMETHEUS_RULES/mptcp-wan.rules.yml" |
		grep -v -e 'cause_number == [^4]' -e 'cause_number == 4[^0]*$' -e '^last_over_time(instance:mptcp_worst' \
			-e '^present_over_time' -e '^up{' -e '^instance:mptcp_up == 0' -e 'accounting < 4' >"$LAB_DIR/asked"
	[ "$(wc -l <"$LAB_DIR/asked")" = 19 ]
	all_asked_have_data
}

boards_have_data()
{
	local board

	for board in "$PROMETHEUS_BOARDS"/*.json; do
		board_expressions "$board" "$1"
	done | sort -u | grep -v '^max by (instance) ((present_over_time' >"$LAB_DIR/asked"	# the blind: none
	[ "$(wc -l <"$LAB_DIR/asked")" -gt 40 ]
	all_asked_have_data
}

all_asked_have_data()
{
	local expression

	while read -r expression; do
		has_data "$expression" </dev/null
	done <"$LAB_DIR/asked"
}

# What rules and dashboards ask for is what collectd has told, to the last name.
names_are_there()
{
	collectd_names | sed 's!^wan[0-9]*/!WAN/!' | sort -u >"$LAB_DIR/told"
	{
		rules_expressions "$PROMETHEUS_RULES/mptcp-wan-collectd.rules.yml"
		for board in "$PROMETHEUS_BOARDS"/*.json; do
			board_expressions "$board" router
		done
	} | names_asked_for >"$LAB_DIR/asked"
	[ "$(wc -l <"$LAB_DIR/asked")" -gt 25 ]
	comm -23 "$LAB_DIR/asked" "$LAB_DIR/told" >"$LAB_DIR/missing"
	sed 's/^/nobody tells: /' "$LAB_DIR/missing"
	[ ! -s "$LAB_DIR/missing" ]
}

stuck_possible()
{
	local tool

	for tool in nsenter strace; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

for possible in collectd_possible prometheus_possible exporter_possible stuck_possible; do
	if ! reason=$($possible); then
		echo "1..0 # SKIP $reason"
		exit 0
	fi
done
run_cases
