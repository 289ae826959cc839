#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015	# A && B || fail is meant so
#
# What we ship for LibreNMS, against the real agent behind Debian's snmpd: it answers every sensor, its
# record has the shape of the one that is shipped, and what Debian's snmptrapd hands over of its
# notifications becomes the right line of LibreNMS's event log. LibreNMS itself is not in Debian:
# librenms/stand_ins.php is as much of it as a trap handler sees.
# TAP on stdout; `librenms.sh --accept` writes the shipped record anew instead.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"

here=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

SHIPPED=$srcdir/integrations/librenms
RECORD=$SHIPPED/tests/snmpsim/linux_mptcp-wan.snmprec
WORDS=$srcdir/tests/nms/librenms
ROOT=.1.3.6.1.4.1.8072.9999.9999.262.1
# The first two lines of a record are who it is: not this machine.
WHO='1.3.6.1.2.1.1.1.0|4|Linux router 6.18.0 #1 SMP x86_64
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10'

number=0
failed=0

# Six lines and a limit of three: four carry, two are in alarm.
story_begins()
{
	lab_up wans=6 rate=4mbit router_limits="subflows 3 add_addr_accepted 1"
	mkdir -p "$LAB_DIR/snmp-router"
	echo 'trap2sink 127.0.0.1:162 public' >"$LAB_DIR/snmp-router/snmpd.more"
	trapd_start
	conf
	lab_agent_start -c "$LAB_DIR/conf"
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start long router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 2 \
		--up 100000000000 --down 100000000000 --for 300
}

# conf [LINE of settings]...
conf()
{
	local wan

	printf '%s\n' 'raise-after = 1s' 'clear-after = 1s' "$@" >"$LAB_DIR/conf"
	for wan in 1 2 3 4 5; do
		echo "wan wan$wan { label = \"Fibre, floor $wan\" }"
	done >>"$LAB_DIR/conf"
}

# As LibreNMS's documentation has it, with our MIB. The handler stands where its snmptrap.php does.
trapd_start()
{
	mkdir -p "$LAB_DIR/trapd/persistent"
	cat >"$LAB_DIR/trapd/snmptrapd.conf" <<-END
		disableAuthorization yes
		authCommunity log,execute,net public
		traphandle default $LAB_DIR/handle
	END
	cat >"$LAB_DIR/handle" <<-END
		#!/bin/sh
		tee -a $LAB_DIR/raw | LIBRENMS=$SHIPPED php $WORDS/traphandle.php >>$LAB_DIR/eventlog 2>&1
	END
	chmod 755 "$LAB_DIR/handle"
	: >"$LAB_DIR/eventlog"
	lab_start trapd router env MIBDIRS="$WORDS:$srcdir/tests/mibs:$srcdir/mibs" MIBS=SNMPv2-MIB:MPTCP-WAN-MIB \
		SNMPCONFPATH="$LAB_DIR/trapd" SNMP_PERSISTENT_DIR="$LAB_DIR/trapd/persistent" \
		snmptrapd -f -Lo -C -c "$LAB_DIR/trapd/snmptrapd.conf" udp:127.0.0.1:162
	lab_eventually 10 lab_binds trapd 162
}

# The record of the agent as it is now, on stdout.
record()
{
	local table

	echo "$WHO"
	for table in 1 2; do
		lab_router snmpbulkwalk -v 2c -c public -t 2 -r 2 -m '' -On -Oe -OU -Ox \
			"$(cat "$LAB_DIR/snmp-router/address")" $ROOT.$table || return
	done | "$WORDS/snmprec.py"
}

# Everything that this story can tell is told.
is_told()
{
	wan_state wan1 wan2 wan3 wan4 = carrying || return
	[ "$(wan_get Alarm wan5)" = true ] && [ "$(wan_get Alarm wan6)" = true ] || return
	[ "$(wan_get RouteIfIndex wan6)" != - ] || return
	wan_table ShareIn ShareOut Rtt MinRtt RetransRatio | awk -F '\t' '/^wan[1-4]\t/ && /\t-/ { exit 1 }'
}

# Rows, columns and types, without their values: they are of this moment. What became of joins is told
# where the kernel tells each of them, as where the shipped one was made.
shape_is_the_shipped_one()
{
	local joins='^$'

	record >"$LAB_DIR/record" || return
	[ "$(host_get Accounting)" = exact ] || joins='\.262\.1\.2\.1\.\(1[89]\|2[0-3]\|3[89]\)\.'
	for file in "$RECORD" "$LAB_DIR/record"; do
		grep -v "$joins" "$file" | cut -d '|' -f 1,2 | tr -d x >"$LAB_DIR/shape.$(basename "$file")"
	done
	diff "$LAB_DIR/shape.${RECORD##*/}" "$LAB_DIR/shape.record"
}

every_sensor_is_answered()
{
	record >"$LAB_DIR/record" && "$WORDS/judge.py" answered "$LAB_DIR/record"
}

# What a sensor that gives words would do to LibreNMS, which wants numbers: no discovery without these.
a_walk_with_the_mib_is_that_of_the_numbers()
{
	lab_router env MIBDIRS="$srcdir/tests/mibs:$srcdir/mibs" SNMPCONFPATH="$LAB_DIR" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" \
		snmpbulkwalk -v 2c -c public -m MPTCP-WAN-MIB -OQUSte "$(cat "$LAB_DIR/snmp-router/address")" \
		MPTCP-WAN-MIB::mptcpWanTable >"$LAB_DIR/walk" || return
	grep -x 'MPTCP-WAN-MIB::mptcpWanAlarmSeverity\.[0-9]* = 5' "$LAB_DIR/walk" &&
		grep -x 'MPTCP-WAN-MIB::mptcpWanName\.[0-9]* = wan5' "$LAB_DIR/walk"
}

# logged SEVERITY MESSAGE, a regular expression: a line of the event log.
logged()
{
	cat "$LAB_DIR/eventlog"
	grep -q "^$1	trap	MPTCP WAN alarm $2" "$LAB_DIR/eventlog"
}

an_idle_line_is_an_error_of_the_event_log()
{
	logged Error 'raised (upButIdle, major, record [12], Fibre, floor 5): wan5: no subflow; the subflow limit 3 ' &&
		logged Error 'raised (upButIdle, major, record [12]): wan6: no subflow; .* 4 subflows$'
}

the_cure_is_good_news()
{
	conf 'wan wan6 { shelve = "all" }'
	lab_kill agent-router HUP
	lab_eventually 10 logged Ok 'cleared (upButIdle, major, record 3): wan6: shelved'
}

a_test_notification_is_an_information()
{
	lab_router timeout 15 "$LAB_AGENT" -c "$LAB_DIR/conf" -x "$LAB_DIR/snmp-router/agentx" --test-notification
	lab_eventually 10 logged Info 'raised (.*, info, record 0.*): This is a test of '
}

# snmpd's own coldStart is not for us.
all_of_ours_were_understood()
{
	! grep -v -e '	trap	MPTCP WAN alarm ' -e '^unhandled	SNMPv2-MIB::snmpMIBObjects\.5\.[0-9]*$' "$LAB_DIR/eventlog"
}

check()
{
	local what=$1

	shift
	number=$((number + 1))
	if "$@" >"$LAB_DIR/said" 2>&1; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		sed 's/^/# /' "$LAB_DIR/said"
		failed=1
	fi
}

for tool in php snmptrapd; do
	command -v $tool >/dev/null || {
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	}
done
if ! reason=$(lab_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
lab_trap
story_begins
lab_eventually 90 is_told >/dev/null || lab_fail "the story does not come about: $(wan_table State Alarm)"
if [ "${1:-}" = --accept ]; then
	[ "$(host_get Accounting)" = exact ] || lab_fail "accounting is not exact here: such a record lacks columns"
	record >"$LAB_DIR/record"
	cp "$LAB_DIR/record" "$RECORD"
	"$WORDS/judge.py" expected "$RECORD" >"$SHIPPED/tests/data/linux_mptcp-wan.json"
	exit 0
fi
check "its record has the shape of the shipped one" lab_eventually 20 shape_is_the_shipped_one
check "every sensor is answered" every_sensor_is_answered
check "a walk with the MIB is that of the numbers" a_walk_with_the_mib_is_that_of_the_numbers
check "an idle line is an error of the event log" lab_eventually 10 an_idle_line_is_an_error_of_the_event_log
check "the cure is good news" the_cure_is_good_news
check "a test notification is an information" a_test_notification_is_an_information
check "all of our notifications were understood" all_of_ours_were_understood
echo "1..$number"
[ "$failed" = 0 ]
