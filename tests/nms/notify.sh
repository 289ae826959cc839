#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2009,SC2119	# words without their optional arguments
#
# What a manager is told of alarms, by Debian's snmpd to Debian's snmptrapd: as SNMPv2c traps and as
# SNMPv3 informs, once each, in order, whoever is restarted or away meanwhile. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

# ---- the cases; each is named after what it shows ----

case_a_line_that_goes_down_and_comes_back_is_told_by_trap_and_by_inform()
{
	story_begins 'raise-after = 1s' 'clear-after = 1s'
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 10 host_has Polls 4
	lab_ip vps "link set line2 down"
	lab_eventually 10 told trapd "1 raised lineDown linkDown major wan2 down"
	told informd "1 raised lineDown linkDown major wan2 down"
	lab_told | grep -q '	mptcpWanLogText.1 = wan2: '
	[ "$(wan_get Alarm wan2)" = true ]
	lab_ip vps "link set line2 up"
	lab_eventually 10 told informd "1 raised lineDown linkDown major wan2 down" \
		"2 cleared lineDown linkDown major wan2 quiet"
	[ "$(traps)" = "$(traps informd)" ]
	[ "$(wan_get Alarm wan2)" = false ]
	logged 'alarm raised (line-down, major, record 1): wan2: '
	logged 'alarm cleared (line-down, major, record 2): wan2: '
}

case_a_notification_has_all_of_its_row_in_the_order_of_the_mib()
{
	story_begins
	state_has 0
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 5 told trapd "$ROW_1" "$ROW_2"
	lab_eventually 5 told informd "$ROW_1" "$ROW_2"
	lab_told | sed -n 1p | tr '\t' '\n' | tail -n +2 >"$LAB_DIR/varbinds"
	diff "$LAB_DIR/varbinds" - <<-END
		internet.6.3.1.1.4.1.0 = mptcpWanAlarmRaised
		mptcpWanLogEpoch.1 = 1700000000
		mptcpWanLogSequence.1 = 1
		mptcpWanLogTransition.1 = raised
		mptcpWanLogTime.1 = 2023-11-14,22:15:23.0,+0:0
		mptcpWanLogType.1 = upButIdle
		mptcpWanLogCause.1 = subflowLimit
		mptcpWanLogSeverity.1 = major
		mptcpWanLogWanName.1 = wan1
		mptcpWanLogWanLabel.1 = Fibre, 1st floor
		mptcpWanLogIfIndex.1 = 3
		mptcpWanLogState.1 = unjoined
		mptcpWanLogSubflows.1 = 0
		mptcpWanLogShareIn.1 = 10
		mptcpWanLogShareOut.1 = 0
		mptcpWanLogWansCarrying.1 = 1
		mptcpWanLogWansJoined.1 = 1
		mptcpWanLogWansConfigured.1 = 2
		mptcpWanLogText.1 = wan1: no subflow; the subflow limit 0 leaves room for 1 line of 2
	END
	# The longest text there may be, over two UDP fragments.
	[ "$(lab_told informd | sed -n 2p | tr '\t' '\n' | sed -n 's/^mptcpWanLogText.2 = //p')" = "$LONG" ]
	lab_eventually 5 host_is NotificationsPending 0
	[ "$(host_get AlarmSequence)" = 2 ]
	# What was delivered is delivered also for the next agent.
	lab_agent_stop
	lab_agent_start -c "$LAB_DIR/conf"
	marked_end
	told trapd "$ROW_1" "$ROW_2"
}

case_twenty_restarts_of_snmpd_tell_nothing_again()
{
	local i

	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	[ "$(alarms)" = "wan1 wan2 " ]
	for i in $(seq 20); do
		[ $((i % 2)) = 0 ] || lab_kill snmpd-router KILL
		lab_snmpd_stop || :
		lab_snmpd_start
		lab_eventually 10 attached_times $((i + 1))
	done
	lab_eventually 10 host_has Polls 1
	[ "$(alarms)" = "wan1 wan2 " ]
	marked_end
	told trapd
	told informd
	lab_say "told again in 20 restarts of snmpd, of 2 alarms: 0 notifications"
}

case_alarms_go_on_over_a_restart_of_the_agent()
{
	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	[ "$(alarms)" = "wan1 wan2 " ]
	lab_agent_stop
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 10 host_has Polls 4
	[ "$(alarms)" = "wan1 wan2 " ]
	lab_kill agent-router KILL
	lab_agent_stop || :
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 10 host_has Polls 4
	[ "$(alarms)" = "wan1 wan2 " ]
	marked_end
	told trapd
	[ "$(grep -c 'alarm raised' "$LAB_DIR/agent-router.err")" = 0 ]
}

case_what_happens_while_snmpd_is_away_is_told_in_order_when_it_is_back()
{
	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	lab_snmpd_stop || :
	shelve_both
	lab_eventually 5 logged 'alarm cleared (up-but-idle, major, record 4): wan2: '
	# Not even a restart of ours loses it.
	lab_agent_stop
	lab_agent_run -c "$LAB_DIR/conf"
	lab_snmpd_start
	lab_eventually 10 told trapd "3 cleared upButIdle subflowLimit major wan1 quiet" \
		"4 cleared upButIdle endpointTableFull major wan2 quiet"
	lab_eventually 5 told informd "3 cleared upButIdle subflowLimit major wan1 quiet" \
		"4 cleared upButIdle endpointTableFull major wan2 quiet"
}

case_a_master_that_hangs_gets_them_when_it_goes_on()
{
	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	lab_kill snmpd-router STOP
	shelve_both
	lab_eventually 5 logged 'alarm cleared (up-but-idle, major, record 4): wan2: '
	lab_eventually 10 logged 'the AgentX master at .* has gone'
	lab_kill snmpd-router CONT
	# At least once: what the master took and could not answer is sent again.
	lab_eventually 15 told_each 3 4
}

case_a_master_that_dies_with_one_in_its_hands_is_told_again()
{
	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	lab_kill snmpd-router STOP
	shelve_both
	lab_eventually 5 logged 'alarm cleared (up-but-idle, major, record 4): wan2: '
	lab_eventually 10 logged 'the AgentX master at .* has gone'
	lab_kill snmpd-router KILL
	lab_snmpd_stop || :
	lab_snmpd_start
	lab_eventually 10 told trapd "3 cleared upButIdle subflowLimit major wan1 quiet" \
		"4 cleared upButIdle endpointTableFull major wan2 quiet"
}

case_announce_on_attach_tells_active_alarms_to_each_new_master()
{
	story_begins 'announce-on-attach = true'
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 5 told trapd "$ROW_1" "$ROW_2"
	lab_snmpd_stop || :
	lab_snmpd_start
	lab_eventually 10 told trapd "$ROW_1" "$ROW_2" "$ROW_1" "$ROW_2"
	conf
	lab_kill agent-router HUP
	lab_eventually 5 logged "$LAB_DIR/conf: read again"
	lab_snmpd_stop || :
	lab_snmpd_start
	lab_eventually 10 attached_times 3
	marked_end
	told trapd "$ROW_1" "$ROW_2" "$ROW_1" "$ROW_2"
}

case_a_test_notification_says_that_it_is_one_beside_an_agent_and_without()
{
	story_begins
	state_has 2
	lab_agent_start -c "$LAB_DIR/conf"
	test_notification 0 'has taken the test notification'
	lab_eventually 5 tests_are informd 1
	host_has Polls 1
	lab_agent_stop
	test_notification 0 'has taken the test notification'
	lab_eventually 5 tests_are informd 2
	lab_kill snmpd-router STOP
	test_notification 1 'no test notification by the AgentX master at .*/agentx: '
	lab_kill snmpd-router CONT
	lab_snmpd_stop || :
	test_notification 1 'no test notification by the AgentX master at .*/agentx: '
}

case_a_program_is_run_for_each_transition()
{
	story_begins
	state_has 2
	cat >"$LAB_DIR/program" <<-END
		#!/bin/sh
		echo "\$MPTCP_WAN_SEQUENCE \$MPTCP_WAN_TRANSITION \$MPTCP_WAN_WAN" >>$LAB_DIR/runs
		echo "\$MPTCP_WAN_TEXT" >>$LAB_DIR/texts
		until [ -e $LAB_DIR/go ]; do sleep 0.05; done
		exit 3
	END
	chmod 755 "$LAB_DIR/program"
	conf "on-alarm = $LAB_DIR/program"
	lab_agent_start -c "$LAB_DIR/conf"
	shelve_both "on-alarm = $LAB_DIR/program"
	lab_eventually 5 ran "3 cleared wan1"
	# Nobody waits for it: neither the polls nor the manager.
	lab_eventually 10 host_has Polls 8
	lab_eventually 5 told_each 3 4
	ran "3 cleared wan1"
	: >"$LAB_DIR/go"
	lab_eventually 5 ran "3 cleared wan1" "4 cleared wan2"
	lab_eventually 5 logged "$LAB_DIR/program: ended with status 3, for alarm record 4"
	grep -q '^wan1: shelved by configuration' "$LAB_DIR/texts"
	# What was run for is not run for again.
	lab_agent_stop
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 10 host_has Polls 4
	ran "3 cleared wan1" "4 cleared wan2"
	[ "$(ps -o stat= --ppid "$(cat "$LAB_DIR/agent-router.pid")" | grep -c Z)" = 0 ]
}

case_alarms_that_are_none_of_ours_are_kept_aside()
{
	local state

	story_begins
	state=$LAB_DIR/snmp-router/state
	mkdir -p "$state"
	head -c 10000 /dev/urandom >"$state/alarms"
	cp "$state/alarms" "$LAB_DIR/was"
	lab_agent_start -c "$LAB_DIR/conf"
	[ "$(grep -c "$state/alarms: these are no alarms of ours; .* kept it as alarms.bad" \
		"$LAB_DIR/agent-router.err")" = 1 ]
	cmp "$state/alarms.bad" "$LAB_DIR/was"
	lab_agent_stop
	lab_agent_start -c "$LAB_DIR/conf"
	! grep "$state" "$LAB_DIR/agent-router.err"
}

# ---- the words they use ----

ROW_1="1 raised upButIdle subflowLimit major wan1 unjoined"
ROW_2="2 raised upButIdle endpointTableFull major wan2 unjoined"
LONG=$(head -c 1000 /dev/zero | tr '\0' x)

# A router with two lines at rest, its snmpd, and two managers. story_begins [LINE of settings]...
story_begins()
{
	lab_up wans=2
	mkdir -p "$LAB_DIR/snmp-router"
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		trap2sink 127.0.0.1:162 public
		trapsess -Ci $LAB_V3 127.0.0.1:163
	END
	lab_trapd_start trapd 162
	lab_trapd_start informd 163
	conf "$@"
}

conf()
{
	printf '%s\n' 'interval = 500ms' "$@" >"$LAB_DIR/conf"
}

# An earlier agent has left two alarms, and told so many of them. They are of lines that are not
# needed now: nothing speaks for them or against.
state_has()
{
	local dir=$LAB_DIR/snmp-router/state row active

	mkdir -p "$dir"
	row='"transition":1,"type":1,"severity":5,"time":1700000123,"state":7,"subflows":0,'
	row=$row'"carrying":1,"joined":1,"configured":2'
	active='"type":1,"severity":5,"worst":5,"raised":1700000123,"flapping":false,"hold":0,"state":7'
	cat >"$dir/alarms" <<-END
		{"format":1,"epoch":1700000000,"sequence":2,"lost":0,"delivered":$1,"log":[
		{"sequence":1,"raised-by":1,"wan":"wan1","index":1,"ifindex":3,"cause":40,
		"label":"Fibre, 1st floor","share-in":10,"share-out":0,$row,
		"text":"wan1: no subflow; the subflow limit 0 leaves room for 1 line of 2"},
		{"sequence":2,"raised-by":2,"wan":"wan2","index":2,"ifindex":4,"cause":41,
		"label":"",$row,"text":"$LONG"}],
		"active":[
		{"wan":"wan1","index":1,"cause":40,"sequence":1,"text":"wan1: no subflow",$active},
		{"wan":"wan2","index":2,"cause":41,"sequence":2,"text":"wan2: no subflow",$active}]}
	END
	printf 'mptcp-wan-state 1\nnext 3\nwan 1 wan1 wan1 3 1700000000\nwan 2 wan2 wan2 3 1700000000\n' \
		>"$dir/wans"
}

# Both alarms end by the operator's will. shelve_both [LINE of settings]...
shelve_both()
{
	conf 'wan wan1 { shelve = "all" }' 'wan wan2 { shelve = "all" }' "$@"
	lab_kill agent-router HUP
}

# The WANs that have an active alarm, on one line.
alarms()
{
	lab_snmp snmpbulkwalk -Ov mptcpWanActiveWanName | lab_snmp_text | tr '\n' ' '
}

# traps [NAME]: sequence, transition, type, cause, severity, WAN and state of each, one a line.
traps()
{
	lab_told "${1:-trapd}" | grep -v 'mptcpWanLogSequence.0 = 0	' | awk -F '\t' '{
		line = ""
		for (i = 1; i <= NF; i++)
			if ($i ~ /^mptcpWanLog(Sequence|Transition|Type|Cause|Severity|WanName|State)\./) {
				sub(/^[^ ]* = /, "", $i)
				line = line (line ? " " : "") $i
			}
		print line
	}'
}

# told NAME [LINE]...: these, in this order, and no others. Shows what it was.
told()
{
	local name=$1

	shift
	[ $# = 0 ] || printf '%s\n' "$@" >"$LAB_DIR/wanted"
	[ $# != 0 ] || : >"$LAB_DIR/wanted"
	traps "$name" | diff "$LAB_DIR/wanted" -
}

# The test notifications that it has got so far: tests [NAME]
tests()
{
	lab_told "${1:-trapd}" | grep 'mptcpWanLogSequence.0 = 0	' |
		grep -c '	mptcpWanLogSeverity.0 = info	.*	mptcpWanLogText.0 = This is a test of ' || :
}

# told_each SEQUENCE...: each of them, once or more, each for the first time in that order.
told_each()
{
	traps
	[ "$(traps | awk '!seen[$1]++ { print $1 }' | tr '\n' ' ')" = "$* " ]
}

# tests_are NAME NUMBER
tests_are()
{
	[ "$(tests "$1")" = "$2" ]
}

# The test notification comes after all that was sent before: what is not there now never comes.
marked_end()
{
	local trapd informd

	trapd=$(tests trapd)
	informd=$(tests informd)
	test_notification 0 'has taken the test notification'
	lab_eventually 5 tests_are trapd $((trapd + 1))
	lab_eventually 5 tests_are informd $((informd + 1))
}

# test_notification STATUS LINE
test_notification()
{
	local status=0

	lab_router timeout 15 "$LAB_AGENT" -c "$LAB_DIR/conf" -x "$LAB_DIR/snmp-router/agentx" \
		--test-notification >"$LAB_DIR/test.out" 2>&1 || status=$?
	cat "$LAB_DIR/test.out"
	[ "$status" = "$1" ]
	grep -q "$2" "$LAB_DIR/test.out"
}

attached_times()
{
	[ "$(grep -c 'attached to the AgentX master' "$LAB_DIR/agent-router.err")" -ge "$1" ]
}

logged()
{
	cat "$LAB_DIR/agent-router.err"
	grep -q "$1" "$LAB_DIR/agent-router.err"
}

# ran [LINE]...: the runs of the program so far.
ran()
{
	cat "$LAB_DIR/runs"
	[ "$(cat "$LAB_DIR/runs")" = "$(printf '%s\n' "$@")" ]
}

if ! command -v snmptrapd >/dev/null; then
	echo "1..0 # SKIP snmptrapd is not installed"
	exit 0
fi
run_cases
