#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2034,SC2119
#
# The agent under the thread sanitizer: net-snmp's thread, the collector's, that of the operator's program and
# the one that waits for signals. Whatever happens to them meanwhile, no race is reported. TAP on stdout.
# srcdir: source; build-tsan in it, where the agent was built; builddir, LAB_BIN: where the traffic was.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"
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
# shellcheck source=tests/threads/tsan.sh
. "$srcdir/tests/threads/tsan.sh"
LAB_AGENT=$TSAN_BUILD/agent/mptcp-wan-agent

# ---- the cases; each is named after what it shows ----

case_walks_alarms_reloads_and_a_master_that_comes_and_goes()
{
	local round

	begin wans=6 router_limits="subflows 3 add_addr_accepted 1"
	tsan_begin "$LAB_DIR"
	printf '#!/bin/sh\necho "$MPTCP_WAN_TRANSITION"\n' >"$LAB_DIR/told"
	chmod 755 "$LAB_DIR/told"
	configured_agent
	load bulk
	churn
	walker first
	walker second
	lab_eventually $((STATE_S + ALARM_S)) alarms_are "wan5 upButIdle" "wan6 upButIdle"
	for round in 1 2 3 4; do
		alarms_configure "interval = ${round}00ms" "wan wan$round { label = \"of round $round\" }" \
			"on-alarm = $LAB_DIR/told"
		lab_kill agent-router HUP
		lab_eventually 20 host_is PollInterval "${round}00"
		lab_snmpd_stop || :
		lab_snmpd_start
		lab_eventually 20 host_has Polls 1
	done
	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually $((STATE_S + ALARM_S)) alarms_are
	lab_say "$(host_get Polls) polls, $(wc -l <"$LAB_DIR/first.out") walks," \
		"$(host_get AlarmSequence) records of alarms"
	ends_clean
}

case_a_master_that_hangs_and_one_that_is_not_there()
{
	local polls

	begin wans=2
	tsan_begin "$LAB_DIR"
	lab_agent_start -i 100ms
	load bulk
	walker first
	lab_kill snmpd-router STOP
	polls=$(polls)
	lab_eventually 20 polled $((polls + 30))
	lab_kill agent-router HUP
	ends_clean
	lab_kill snmpd-router CONT
	lab_snmpd_stop || :
	lab_agent_run -i 100ms
	lab_eventually 20 polled 20
	lab_kill agent-router HUP
	lab_eventually 20 polled 30
	ends_clean
}

# Of its first poll, or of one among walks; of the first one it may be before it heeds any signal.
case_a_stop_at_any_moment()
{
	local round

	begin wans=6
	tsan_begin "$LAB_DIR"
	lab_snmpd_start
	load bulk
	walker first
	for round in 1 2 3 4 5 6; do
		lab_agent_run -i 100ms
		lab_eventually 20 polled $((round * round / 3 + 1))
		ends_clean
	done
}

# ---- what they use ----

# With the times of its configuration, and not those of options: they can be read again.
configured_agent()
{
	local dir=$LAB_DIR/snmp-router

	alarms_configure 'interval = 100ms' "on-alarm = $LAB_DIR/told"
	lab_snmpd_start
	lab_start agent-router router "$LAB_AGENT" -f -x "$dir/agentx" -s "$dir/state" --run-dir "$dir/run" \
		-c "$LAB_DIR/alarms-router.conf"
	lab_eventually 20 host_has Polls 1
}

churn()
{
	lab_start churn router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 100000 --per-second 20 \
		--up 2000 --down 5000 --close alternate --for 300
}

# A manager that walks all of it again and again.
walker()
{
	lab_start "$1" router env MIBS= SNMPCONFPATH="$LAB_DIR/snmp-router" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" sh -c "while :; do
			snmpbulkwalk -v 2c -c public -t 1 -r 0 -On $(cat "$LAB_DIR/snmp-router/address") \
				1.3.6.1.4.1.8072.9999.9999.262 >/dev/null 2>&1 && echo walked
		done"
}

polls()
{
	jq .host.polls "$LAB_DIR/snmp-router/run/status.json" 2>/dev/null || echo 0
}

polled()
{
	[ "$(polls)" -ge "$1" ]
}

# It exits with 66 where something was reported.
ends_clean()
{
	local status=0

	lab_alive agent-router
	lab_agent_stop || status=$?
	tsan_reports_none
	[ "$status" = 0 ]
	rm -f "$LAB_DIR/snmp-router/run/status.json"
}

[ -x "$LAB_AGENT" ] || {
	echo "1..0 # SKIP the agent was not built with --enable-sanitizers=thread in $TSAN_BUILD"
	exit 0
}
run_cases
