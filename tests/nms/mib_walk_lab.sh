#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2119	# A && B || fail is meant so
#
# The agent keeps what the MIB promises while connections come and go: mib_walk.sh against it, then
# the walk as an operator reads it, with names and words. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

number=0
failed=0

# Two families, a line that is away, one without endpoint, an endpoint whose line is gone, and
# connections all the time: every kind of row and of value.
story_begins()
{
	lab_up wans=5 rate=20mbit family=46 router_endpoint_flags=none
	for wan in wan1 wan2 wan3; do
		lab_endpoint_add "$wan" subflow
	done
	lab_endpoint_add wan4 subflow backup
	lab_agent_start
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start long router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 4 \
		--up 1000000000 --down 1000000000 --kbit 3000
	lab_start short router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 -n 10000 \
		--per-second 50 --up 2000 --down 30000 --close alternate
	lab_eventually 20 wan_state wan1 wan2 wan3 = carrying >/dev/null
	lab_ip router "link del wan3"
	lab_eventually 5 wan_state wan3 = absent >/dev/null
}

# Its lines are ours; there is one plan in the end.
walk()
{
	lab_router "$srcdir/tests/mib_walk.sh" "$(cat "$LAB_DIR/snmp-router/address")" \
		>"$LAB_DIR/walk.tap" || :
	grep -v '^1\.\.' "$LAB_DIR/walk.tap" || :
	number=$(grep -c -E '^(not )?ok ' "$LAB_DIR/walk.tap" || :)
	failed=$(grep -c -E '^not ok ' "$LAB_DIR/walk.tap" || :)
	[ "$number" -gt 0 ] && sed -n 's/^1\.\.//p' "$LAB_DIR/walk.tap" | grep -qx "$number" || {
		number=$((number + 1)) failed=$((failed + 1))
		echo "not ok $number - mib_walk.sh ran to its end"
	}
}

check()
{
	local what=$1

	shift
	number=$((number + 1))
	if "$@" >&2; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		failed=$((failed + 1))
	fi
}

# reads OBJECT=VALUE, a regular expression: what snmpbulkwalk prints with our MIB, and nothing else.
reads()
{
	grep -qx "$1" "$LAB_DIR/words" || {
		echo "no line like: $1"
		sed 's/^/    /' "$LAB_DIR/words"
		return 1
	}
}

enums_are_words()
{
	lab_router env MIBDIRS="$srcdir/mibs:$srcdir/tests/mibs" MIBS=MPTCP-WAN-MIB \
		SNMPCONFPATH="$LAB_DIR" SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" \
		snmpbulkwalk -v 2c -c public "$(cat "$LAB_DIR/snmp-router/address")" mptcpWanMIB \
		>"$LAB_DIR/words" 2>"$LAB_DIR/words.err"
	cat "$LAB_DIR/words.err"
	[ ! -s "$LAB_DIR/words.err" ] &&
		reads 'MPTCP-WAN-MIB::mptcpWanState\.[0-9]* = INTEGER: carrying(9)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanState\.[0-9]* = INTEGER: absent(2)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanRole\.[0-9]* = INTEGER: backup(2)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanCause\.[0-9]* = INTEGER: interfaceAbsent(25)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanFindingSeverity\.[0-9]*\.interfaceAbsent = INTEGER: major(5)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanFindingText\.[0-9]*\.interfaceAbsent = STRING: ..*' &&
		reads 'MPTCP-WAN-MIB::mptcpWanSecondsAbsent\.[0-9]* = Counter64: [0-9]* seconds' &&
		reads 'MPTCP-WAN-MIB::mptcpWanHostAccounting\.0 = INTEGER: [a-z]*([2-4])' &&
		reads 'MPTCP-WAN-MIB::mptcpWanHostEnabled\.0 = INTEGER: true(1)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanEndpointAddressType\.[0-9]* = INTEGER: ipv6(2)' &&
		reads 'MPTCP-WAN-MIB::mptcpWanEndpointFlags\.[0-9]* = BITS: .* subflow(1) backup(2) *' &&
		reads 'MPTCP-WAN-MIB::mptcpWanOutOctets\.[0-9]* = Counter64: [0-9]* octets' &&
		reads 'MPTCP-WAN-MIB::mptcpWanName\.[0-9]* = STRING: wan1'
}

no_object_is_a_number()
{
	grep -v '^MPTCP-WAN-MIB::mptcpWan[A-Za-z0-9]*\.[0-9]*\(\.[a-z][A-Za-z]*\)\{0,1\} = ' "$LAB_DIR/words" |
		awk '{ print } END { exit NR > 0 }'
}

if ! reason=$(lab_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
: "${LAB_BIN:?where the built traffic is}"
export srcdir
lab_trap
story_begins
walk
check "enumerations, flags and units are words" enums_are_words
check "every object has a name in the MIB" no_object_is_a_number
check "the traffic went on" lab_alive short
check "the agent goes on, without an error" host_is LastError ""
echo "1..$number"
[ "$failed" = 0 ]
