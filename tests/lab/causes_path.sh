#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119
#
# Lines whose joins get lost, stripped or refused on the way, or do not find it: one line of three, and
# what the kernel's counters do not say. TAP on stdout.
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

case_a_path_that_drops_joins_leaves_them_unanswered()
{
	broken_path lab_path_drop_joins
	eventually_in_trouble joinUnanswered wan3
	wan_advises wan3 "VPN"
	mended_path
}

# Answered within a round trip, without the option, and reset by us.
case_a_path_that_strips_the_option_is_told_from_one_that_drops()
{
	broken_path lab_path_strip_mptcp
	eventually_in_trouble joinStripped wan3
	wan_advises wan3 "VPN"
	mended_path
}

case_a_path_that_refuses_joins_is_told_from_one_that_drops()
{
	broken_path lab_path_reset_joins
	eventually_in_trouble joinRefused wan3
	mended_path
}

# A SYN waits for two minutes, with the retries that everybody has, and holds a slot of a limit which is
# just high enough.
case_a_join_that_waits_is_not_blamed_on_the_limit_whose_slot_it_holds()
{
	begin wans=3 router_limits="subflows 2 add_addr_accepted 2"
	lab_path_drop_mptcp wan2
	alarms_watch
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=6
	load bulk
	lab_eventually 5 joined wan1 wan3
	lab_eventually $((STATE_S + ALARM_S)) alarms_are "wan2 upButIdle"
	status_rows alarm_log transition wan cause | head -n 1 | grep -x "raised wan2 joinUnanswered"
	lab_router ss -Htn state syn-sent | grep .	# still
	wan_cause wan1 wan3 = none

	lab_path_clear wan2
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan2
}

# Endpoints without a device, as plain Linux often has them.
case_a_line_that_has_no_route_from_its_address()
{
	local k

	begin wans=3 router_endpoint_flags=none
	for k in 1 2 3; do
		lab_router ip mptcp endpoint add "192.168.1$k.2" subflow
	done
	lab_source_cut wan3
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2
	lab_eventually "$STATE_S" wans_are carrying carrying unjoined
	eventually_in_trouble noRouteFromLine wan3
	wan_advises wan3 "ip route" "wan3"

	lab_source_mend wan3
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# ---- the words they use ----

broken_path()
{
	begin wans=3
	"$1" wan3
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2
	lab_eventually "$STATE_S" wans_are carrying carrying unjoined
}

mended_path()
{
	lab_path_clear wan3
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

run_cases
