#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119
#
# Lines that no limit leaves room for: which limit it is, on which side, what to set it to, and what
# to restart. TAP on stdout.
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

SEED="subflows 3 add_addr_accepted 1"

# ---- the cases; each is named after what it shows ----

# The seed of the project.
case_a_limit_of_three_leaves_two_of_six_lines_without_a_subflow()
{
	begin wans=6 router_limits="$SEED"
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying unjoined unjoined
	eventually_in_trouble subflowLimit wan5 wan6
	wan_advises wan5 "3" "subflows 5" "estart"
	wan_advises wan6 "3" "subflows 5" "estart"
	host_is SubflowsNeeded 5
	host_is WansInAlarm 2

	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan5 wan6
}

# Where connections come and go, our own kernel turns joins away that it began at a time and that find
# the slots taken: that is no refusal of the far end's.
case_a_limit_is_told_from_a_far_end_that_refuses()
{
	begin wans=6 rate=20mbit router_limits="$SEED"
	alarms_watch
	load bulk -n 4 --down 1000000000000
	load short -n 2000 --per-second 20 --up 2000 --down 30000 --close alternate
	lab_eventually 10 joined wan1 wan2 wan3 wan4
	eventually_in_trouble subflowLimit wan5 wan6
	wan_advises wan5 "subflows 5"
}

# 1 + 3 = 4: the limit that is too low for six is enough for those that are left.
case_with_two_lines_turned_off_the_other_four_carry()
{
	begin wans=6 router_limits="$SEED"
	lab_link_down wan2
	lab_link_down wan3
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan4 wan5 wan6
	lab_eventually "$STATE_S" wans_are carrying down down carrying carrying carrying
	wan_cause wan2 wan3 = adminDown
	alarm_hushed 8
	alarm_never
}

# There is nobody left who could join.
case_an_alarm_ends_when_its_line_is_turned_off()
{
	begin wans=6 router_limits="$SEED"
	alarms_watch
	load bulk
	eventually_in_trouble subflowLimit wan5 wan6
	lab_link_down wan5
	lab_link_down wan6
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying down down
	eventually_cured wan5 wan6
	wan_cause wan5 wan6 = adminDown
}

case_a_limit_for_announced_addresses_of_one_does_not_bind()
{
	begin wans=6 vps_signal=1 router_limits="subflows 8 add_addr_accepted 1"
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4 wan5 wan6
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	[ "$(host_get AddAddrNeeded)" -le 1 ]
	host_is SubflowsNeeded 5
	alarm_hushed 8
	alarm_never
}

# A line of the other family joins an address that the far end announces, and the limit for these is
# 0. The sockets are of both families, as a proxy's are: IPv4 is mapped.
case_a_line_of_the_other_family_needs_an_announced_address()
{
	local mapped="-a ::ffff:$LAB_SERVICE" k

	begin wans=3 family=46 vps_signal=1 router_limits="subflows 8 add_addr_accepted 0" \
		router_endpoint_flags=none
	lab_address_del 1 2001:db8:1::2
	lab_address_del 2 2001:db8:2::2
	lab_address_del 3 192.168.13.2
	for k in 1 2 3; do lab_endpoint_add "wan$k" subflow; done
	alarms_watch
	# shellcheck disable=SC2086 # two words
	load bulk $mapped
	lab_eventually 5 joined wan1 wan2
	eventually_in_trouble addAddrLimit wan3
	wan_advises wan3 "add_addr_accepted 1" "estart"
	host_is AddAddrNeeded 1

	lab_limits router "subflows 8 add_addr_accepted 1"
	# shellcheck disable=SC2086
	reload bulk $mapped
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# Six lines of two families are twelve addresses, and the kernel's table has eight places.
case_a_table_full_of_two_families_leaves_no_endpoint_for_two_lines()
{
	begin wans=6 family=46
	[ "$LAB_ENDPOINT_FAILURES" = 4 ]
	alarms_watch "$(wan_blocks)"
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying detached detached
	eventually_in_trouble endpointTableFull wan5 wan6
	wan_advises wan5 "8 of 8" "4 of them IPv6" "wan1, wan2, wan3, wan4" "endpoint delete"

	for k in 1 2 3 4; do
		lab_router ip mptcp endpoint show | grep "^2001:db8:$k:" | sed 's/.* id \([0-9]*\) .*/\1/' |
			xargs ip -n "$LAB_ROUTER" mptcp endpoint delete id
	done
	for k in 5 6; do
		lab_router ip mptcp endpoint add "192.168.1$k.2" dev "wan$k" subflow
	done
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan5 wan6
}

# The VPS was started, and its limits never set: the kernel's own are 2 and 0. One connection: each
# has two joins accepted, and these need not be the same lines.
case_a_far_end_with_limits_of_its_own_refuses_three_of_six_lines()
{
	begin wans=6 vps_limits="subflows 2 add_addr_accepted 0"
	alarms_watch
	load bulk -n 1
	lab_eventually 5 joined wan1 wan2 wan3
	lab_eventually "$STATE_S" wans_are carrying carrying carrying unjoined unjoined unjoined
	eventually_in_trouble serverRefusesJoins wan4 wan5 wan6
	wan_advises wan4 "ar end" "ip mptcp limits set" "subflows" "estart"

	lab_limits vps "subflows 8 add_addr_accepted 8"
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan4 wan5 wan6
}

# The limit would be enough for six lines, but the first takes two places: one to each address of the
# far end.
case_two_addresses_of_the_far_end_and_fullmesh_take_the_place_of_a_line()
{
	local try

	begin wans=6 vps_signal=2 router_endpoint_flags="subflow fullmesh" \
		router_limits="subflows 5 add_addr_accepted 8"
	alarms_watch
	load bulk
	# Whether the far end's second address comes before the turn of the last line is chance.
	for try in 1 2 3 4 5; do
		lab_eventually 5 joined wan1 wan2 wan3 wan4 wan5 && break
		lab_say "$try: each line has one"
		reload bulk
	done
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying unjoined
	eventually_in_trouble duplicatePaths wan6
	wan_advises wan6 "fullmesh" "2 " "estart"
	host_is FarAddresses 2

	lab_vps ip mptcp endpoint flush
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan6
}

# With limits of 8 nine subflows are enough that each line has one.
case_duplicate_paths_for_which_there_is_room_are_no_fault()
{
	begin wans=6 vps_signal=2 router_endpoint_flags="subflow fullmesh"
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4 wan5 wan6
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	alarm_hushed 8
	alarm_never
}

# One long tunnel: the limit is right by now, and two lines still carry nothing until it is restarted.
case_a_limit_that_is_raised_does_not_heal_the_connection_that_is()
{
	begin wans=6 router_limits="$SEED"
	alarms_watch
	load tunnel -n 1
	eventually_in_trouble subflowLimit wan5 wan6
	lab_limits router "subflows 5 add_addr_accepted 1"
	lab_eventually "$STATE_S" wan_cause wan5 wan6 = limitsRaisedOldConnections
	wan_advises wan5 "estart"
	joined wan1 wan2 wan3 wan4
	alarm_hushed 6
	alarms_are "wan5 upButIdle" "wan6 upButIdle"
	alarm_log_is "raised wan5 upButIdle" "raised wan6 upButIdle"

	reload tunnel -n 1
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan5 wan6
}

# The same, but nobody watched when the limit was raised: that it was cannot be told any more.
case_a_tunnel_that_is_older_than_the_limit_is_found_by_who_comes_later()
{
	begin wans=6 router_limits="$SEED"
	load tunnel -n 1
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	lab_limits router "subflows 5 add_addr_accepted 1"
	alarms_watch
	eventually_in_trouble missingOnOldConnections wan5 wan6
	wan_advises wan5 "estart"

	reload tunnel -n 1
	lab_eventually "$STATE_S" wans_are carrying carrying carrying carrying carrying carrying
	eventually_cured wan5 wan6
}

run_cases
