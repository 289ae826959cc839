#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119
#
# What is wrong with a line itself: its endpoint, its address, its carrier. TAP on stdout.
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

case_a_line_that_loses_its_carrier_is_down_and_comes_back()
{
	watched
	lab_carrier_down wan3
	lab_eventually "$STATE_S" wans_are carrying carrying down
	wan_cause wan3 = linkDown
	eventually_alarmed "wan3 lineDown"
	host_is WansInAlarm 0

	lab_carrier_up wan3
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured "wan3 lineDown"
}

# What OpenMPTCProuter writes for a backup line: without "subflow" nobody ever joins from it.
case_an_endpoint_for_backup_and_fullmesh_alone_is_never_used()
{
	begin wans=3
	lab_endpoint_del wan3
	lab_endpoint_add wan3 backup fullmesh
	alarms_watch "$(wan_blocks)"
	load bulk
	lab_eventually 5 joined wan1 wan2
	eventually_in_trouble endpointNotSubflow wan3
	wan_advises wan3 "subflow"

	lab_endpoint_del wan3
	lab_endpoint_add wan3 subflow backup
	lab_eventually "$STATE_S" wans_are carrying carrying standby
	joined wan1 wan2 wan3
	eventually_cured wan3
}

# The kernel heals the connections that are: also the path that they began on. One that is added again
# while its subflows are still closing may not be: the join is tried once.
case_an_endpoint_that_is_deleted_and_added_heals()
{
	local wan

	watched
	for wan in wan3 wan1; do
		lab_endpoint_del "$wan"
		lab_eventually 5 gone "$wan"
		lab_endpoint_add "$wan"
		lab_eventually 5 joined wan1 wan2 wan3
		lab_eventually "$STATE_S" wans_are carrying carrying carrying
	done
	alarm_hushed 8
	alarm_never
}

# Joins are tried once, when the endpoint is added: too early, if the line was dialled again and lets
# nothing through yet. These connections are all there is: one tunnel, say.
case_a_first_line_that_comes_back_is_missing_on_old_connections()
{
	watched
	dial_again wan1
	eventually_in_trouble missingOnOldConnections wan1
	wan_advises wan1 "2 of 2" "estart"

	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan1
}

# Two old ones that carry next to nothing: worth knowing, no alarm.
case_old_connections_that_carry_little_are_no_alarm()
{
	begin wans=3
	alarms_watch
	load old --kbit 2
	lab_eventually 5 joined wan1 wan2 wan3
	dial_again wan1
	lab_eventually "$STATE_S" wan_cause wan1 = missingOnOldConnections
	found wan1 missingOnOldConnections info "2 of 2"
	alarm_hushed 8
	load new
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	alarm_hushed 4
	alarm_never
}

# The modem came back under another number, and the path manager was not told.
case_an_endpoint_on_an_interface_that_is_gone_is_stale()
{
	begin wans=3
	alarms_watch
	lab_link_replace wan3
	load bulk
	lab_eventually 5 joined wan1 wan2
	eventually_in_trouble staleEndpoint wan3
	wan_advises wan3 "ip mptcp endpoint"
	kernel_counted MPJoinSynTxConnectErr

	lab_router ip mptcp endpoint delete id 3
	lab_endpoint_add wan3
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

case_two_lines_with_one_address()
{
	begin wans=3
	lab_address_copy wan3 wan2
	alarms_watch "$(wan_blocks)"
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying detached
	eventually_in_trouble duplicateAddress wan3
	wan_advises wan3 "wan2"

	lab_ip router "addr del 192.168.12.2/24 dev wan3"
	lab_address_add 3 192.168.13.2
	lab_endpoint_add wan3
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# ---- the words they use ----

# No socket is left on that line, closing ones included.
gone()
{
	local left

	left=$(lab_router ss -HtnO state connected exclude time-wait src "$(lab_addresses "$1")")
	echo "$left"
	[ -z "$left" ]
}

# The line is gone for a moment, and what is joined from it at once gets no answer.
dial_again()
{
	lab_path_drop_joins "$1"
	lab_link_recreate "$1"
	lab_eventually 5 joins_wait
	lab_eventually 5 joins_given_up
	lab_path_clear "$1"
	joined wan2 wan3
}

joins_wait()
{
	lab_router ss -Htn state syn-sent | grep -q .
}

joins_given_up()
{
	! joins_wait
}

run_cases
