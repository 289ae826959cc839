#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091
#
# Managers take any change of a moment that counters began at for a reset of all of them. Is it told
# alike, by the date and in sysUpTime, however often one asks? TAP on stdout.
# srcdir, builddir: source and build.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

# ---- the cases; each is named after what it shows ----

case_the_begin_of_counters_is_told_alike_at_each_poll()
{
	lab_up wans=1
	lab_agent_start -i 100ms
	ask_until_polls 100
	told_once mptcpWanCountersSince
	told_once mptcpWanDiscontinuityTime
	[ "$(host_get mptcpWanDiscontinuityTime)" != 0:0:00:00.00 ]
}

case_a_master_that_begins_anew_moves_the_stamp_and_not_the_date()
{
	local before

	lab_up wans=1
	lab_agent_start -i 100ms
	before=$(host_get mptcpWanCountersSince)
	lab_snmpd_stop || :
	lab_snmpd_start
	lab_eventually 10 host_has Polls 1
	[ "$(host_get mptcpWanCountersSince)" = "$before" ]
	ask_until_polls 60
	told_once mptcpWanDiscontinuityTime
	[ "$(host_get mptcpWanDiscontinuityTime)" = 0:0:00:00.00 ]
}

# ---- what they use ----

# ask_until_polls N: notes both moments, again and again, until the agent has polled so often.
ask_until_polls()
{
	: >"$LAB_DIR/moments"
	until lab_snmp snmpget mptcpWanCountersSince.0 mptcpWanDiscontinuityTime.0 \
		>>"$LAB_DIR/moments" && host_has Polls "$1" >/dev/null; do
		[ "$(wc -l <"$LAB_DIR/moments")" -lt 4000 ] || lab_fail "the agent does not poll"
	done
}

told_once()
{
	grep "^$1\.0 " "$LAB_DIR/moments" | sort | uniq -c >"$LAB_DIR/told"
	[ "$(wc -l <"$LAB_DIR/told")" = 1 ] && return
	cat "$LAB_DIR/told"
	return 1
}

run_cases
