#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091
#
# Where would a join leave? Asked of the kernel's routing for lines that are unjoined. TAP on stdout.
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

case_an_unjoined_line_with_its_rules_leaves_by_itself()
{
	unjoined_wan3
	lab_eventually 10 leaves_by wan3
}

case_a_line_whose_source_rule_is_missing_leaves_by_another()
{
	unjoined_wan3
	lab_router ip rule del pref 0 from 192.168.13.2 table 3
	lab_eventually 10 leaves_by wan1
}

case_a_line_without_any_way_says_so()
{
	unjoined_wan3
	lab_router ip rule add pref 0 from 192.168.13.2 unreachable
	lab_router ip rule del pref 0 from 192.168.13.2 table 3
	lab_eventually 10 no_way
}

case_a_default_route_of_several_hops_is_a_way()
{
	unjoined_wan3
	lab_eventually 10 leaves_by wan3
	lab_router ip route replace default nexthop via 192.168.11.1 nexthop via 192.168.12.1
	lab_router ip rule del pref 0 from 192.168.13.2 table 3
	lab_eventually 10 leaves_by_some
}

case_a_joined_line_is_not_asked_about()
{
	unjoined_wan3
	[ "$(wan_get RouteIfIndex wan1)" = - ]
}

# ---- what they use ----

# Three lines, room for two; endpoints without a device, as plain Linux often has them.
unjoined_wan3()
{
	local k

	lab_up wans=3 rate=20mbit router_endpoint_flags=none \
		router_limits="subflows 1 add_addr_accepted 0"
	for k in 1 2 3; do
		lab_router ip mptcp endpoint add "192.168.1$k.2" subflow
	done
	lab_agent_start -i 500ms
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --up 100000000 --kbit 2000
	lab_eventually 30 wan_state wan3 = unjoined
}

leaves_by()
{
	[ "$(wan_get RouteIfIndex wan3)" = "$(lab_router cat "/sys/class/net/$1/ifindex")" ]
}

# There is a way, and the kernel picks its hop for each connection.
leaves_by_some()
{
	[ "$(wan_get RouteIfIndex wan3)" = - ]
}

no_way()
{
	[ "$(wan_get RouteIfIndex wan3)" = 0 ]
}

run_cases
