#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119
#
# What stops bonding as a whole: one alarm of the host, and none of the lines. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

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
# shellcheck source=tests/lab/causes.sh
. "$here/causes.sh"

# ---- the cases; each is named after what it shows ----

case_mptcp_disabled()
{
	watched
	lab_router sysctl -qw net.mptcp.enabled=0
	unload bulk
	load plain --plain
	eventually_alarmed "host mptcpDisabled"
	nothing_said_against_lines
	found host mptcpDisabled "net.mptcp.enabled"

	lab_router sysctl -qw net.mptcp.enabled=1
	unload plain
	recovers "host mptcpDisabled"
}

# Endpoints are listed, limits are high, and nobody uses them.
case_a_path_manager_in_userspace_that_nobody_runs()
{
	begin wans=3
	lab_router sysctl -qw net.mptcp.path_manager=userspace
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1
	eventually_alarmed "host userspacePmWithoutDaemon"
	found host userspacePmWithoutDaemon "net.mptcp"
	wans_are carrying unjoined unjoined
	wan_cause wan2 wan3 = userspacePmWithoutDaemon

	lab_router sysctl -qw net.mptcp.path_manager=kernel
	unload bulk
	recovers "host userspacePmWithoutDaemon"
}

# It spoke MPTCP before.
case_a_far_end_that_does_not_speak_mptcp_any_more()
{
	watched
	unload bulk
	lab_stop server || :
	lab_vps sysctl -qw net.mptcp.enabled=0
	server --plain
	load bulk
	lab_eventually 5 joined wan1
	eventually_alarmed "host fallback"
	nothing_said_against_lines fallback
	found host fallback "203.0.113.1"

	unload bulk
	lab_stop server || :
	lab_vps sysctl -qw net.mptcp.enabled=1
	server
	recovers "host fallback"
}

# It never did: but it is where all goes.
case_a_far_end_that_never_spoke_mptcp()
{
	lab_up wans=3 rate=2mbit queue=64kb vps_mptcp=0
	server --plain
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1
	eventually_alarmed "host fallback"
	found host fallback "203.0.113.1"
	nothing_said_against_lines fallback
}

# The kernel asks twice, goes on without MPTCP, and does not ask again for an hour.
case_a_first_path_that_drops_mptcp_makes_the_kernel_switch_it_off()
{
	watched
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=3 net.mptcp.syn_retrans_before_tcp_fallback=1
	lab_path_drop_mptcp wan1
	reload bulk
	lab_eventually 10 kernel_counted Blackhole
	eventually_alarmed "host blackhole"
	nothing_said_against_lines blackhole
	found host blackhole "blackhole_timeout" "wan1"

	lab_path_clear wan1
	lab_router sysctl -qw net.mptcp.blackhole_timeout=0
	unload bulk
	recovers "host blackhole"
}

# Every line is joined and up, and nothing is acknowledged any more.
case_a_far_end_that_is_cut_off_is_silent()
{
	local k

	watched
	for k in 1 2 3; do lab_path_drop_all "wan$k"; done
	eventually_alarmed "host farEndSilent"
	nothing_said_against_lines
	joined wan1 wan2 wan3
	alarm_hushed 6

	for k in 1 2 3; do lab_path_clear "wan$k"; done
	unload bulk
	recovers "host farEndSilent"
}

# Nothing goes on: a kernel takes in for a while what old connections send to a program that is gone,
# and beside those a closed port is no alarm.
case_a_far_end_whose_port_is_closed_refuses()
{
	watched
	unload bulk
	lab_stop server || :
	load hopeful -n 10000 --per-second 2 --up 1000
	eventually_alarmed "host connectRefused"
	nothing_said_against_lines
	found host connectRefused "wan1"

	server
	recovers "host connectRefused"
}

# The old ones go on; new ones begin on the first line.
case_new_connections_that_nobody_answers()
{
	watched
	lab_path_drop_syns wan1
	load hopeful -n 10000 --per-second 2 --up 1000
	eventually_alarmed "host connectUnanswered"
	found host connectUnanswered "wan1"
	wans_are carrying carrying carrying
	wan_cause wan1 wan2 wan3 = none

	lab_path_clear wan1
	recovers "host connectUnanswered"
}

# ---- the words they use ----

# nothing_said_against_lines [CAUSE]: nobody can tell by now, but why the first path is quiet, which
# plain TCP uses
nothing_said_against_lines()
{
	lab_eventually "$STATE_S" wans_are quiet quiet quiet
	lab_eventually 5 wan_cause wan1 = "${1:-none}"
	wan_cause wan2 wan3 = none
}

recovers()
{
	[ ! -e "$LAB_DIR/bulk.pid" ] || unload bulk
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured "$@"
}

run_cases
