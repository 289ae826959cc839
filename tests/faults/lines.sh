#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# Lines that get another name, another's index or another's address while they carry: no octet is counted
# on the wrong one, by the kernel's own sums for each address. tests/lab/attribution.sh has those that go
# and come back. TAP on stdout. srcdir, builddir: source and build; LAB_BIN: where the built traffic and
# truth are.

set -eu

home=$(dirname "$0")
here=$home/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/accounts.sh
. "$here/accounts.sh"
SIDES=router MODES=exact

# ---- the cases; each is named after what it shows ----

# Who is configured nowhere is known by its name: with another one it is another line, and what the one has
# carried stays where it is.
case_a_line_that_is_renamed_while_it_carries_loses_and_takes_nothing()
{
	begin
	lab_ip router "link set wan2 down
		link set wan2 name dsl
		link set dsl up
		route replace default via $(lab_gateway 2 4) dev dsl table 2"
	lab_eventually 10 wan_has dsl .up true
	restarts
	grows dsl
	all_ends
	[ "$(total "$(octets wan2)" "$(octets dsl)")" = "$(truth_at 192.168.12.2)" ]
	others_are_right wan1 wan3
}

# The kernel gives the index of the one to the other, and the dead subflows of the one still bear it.
case_an_index_that_another_line_gets_takes_no_octet_along()
{
	local index

	begin
	index=$(lab_router cat /sys/class/net/wan2/ifindex)
	lab_endpoint_del wan2
	lab_ip router "link del wan2"
	lab_eventually 10 wan_has wan2 .state absent
	LAB_WANS=4
	ip -n "$LAB_ROUTER" link add wan4 index "$index" type veth peer name line4 netns "$LAB_VPS"
	lab_ip vps "link set line4 up
		addr add $(lab_gateway 4 4)/24 dev line4"
	lab_ip router "link set wan4 up"
	lab_address_add 4 192.168.14.2
	lab_endpoint_add wan4
	lab_eventually 10 wan_has wan4 .ifindex "$index"
	restarts
	grows wan4
	all_ends
	[ "$(octets wan2)" = "$(truth_at 192.168.12.2)" ]
	[ "$(octets wan4)" = "$(truth_at 192.168.14.2)" ]
	others_are_right wan1 wan3
}

# What a subflow of wan2 carries stays wan2's until it ends; what begins from the address then is wan3's.
case_an_address_that_moves_to_another_line_takes_nothing_back()
{
	local before

	begin
	lab_endpoint_del wan2
	lab_stop stream || :
	lab_eventually 60 lab_no_sockets
	settle 20
	before=$(octets wan2)
	lab_address_del 2 192.168.12.2
	lab_ip router "addr add 192.168.12.2/32 dev wan3
		rule add pref 0 from 192.168.12.2 table 3"
	lab_router ip mptcp endpoint add 192.168.12.2 dev wan3 subflow
	stream
	grows wan3
	all_ends
	[ "$(octets wan2)" = "$before" ]
	[ "$(total "$before" "$(octets wan3)")" = "$(total "$(truth_at 192.168.12.2)" "$(truth_at 192.168.13.2)")" ]
	others_are_right wan1
}

# ---- what they use ----

begin()
{
	lab_up wans=3 rate=20mbit
	start_truth
	agent router exact 500ms
	STATUS=$LAB_DIR/router-exact/status.json
	server
	stream
	for wan in wan1 wan2 wan3; do grows "$wan"; done
}

# More than two lines can carry: each must.
stream()
{
	client stream -a "$LAB_SERVICE" -n 4 -j 4 --up 100000000000 --down 100000000000 --kbit 12000 --for 600
}

restarts()
{
	lab_stop stream || :
	stream
}

wan_has()
{
	jq -e --arg value "$3" ".wans[] | select(.name == \"$1\") | $2 | tostring == \$value" "$STATUS"
}

# octets WAN: "OUT IN"
octets()
{
	jq -r ".wans[] | select(.name == \"$1\") | \"\(.out_octets) \(.in_octets)\"" "$STATUS"
}

total()
{
	echo "$1 $2" | awk '{ printf("%.0f %.0f\n", $1 + $3, $2 + $4) }'
}

grows()
{
	lab_eventually 30 more_than "$1" "$(octets "$1")"
}

more_than()
{
	echo "$2 $(octets "$1")" | awk '{ print; exit !($3 + $4 > $1 + $2) }'
}

all_ends()
{
	lab_stop stream || :
	lab_stop server || :
	lab_eventually 5 lab_no_sockets 2>/dev/null || {
		lab_router ss -tK state connected exclude time-wait >/dev/null
		lab_vps ss -tK state connected exclude time-wait >/dev/null
	}
	end_truth
	settle 20
	figures router exact >&2
	equals router exact
	[ "$(host router-exact unattrib_out_octets)" = 0 ]
}

# What the kernel's subflows from that address sent for the first time and received: "OUT IN"
truth_at()
{
	sed -n "s/^subflows netns=$LAB_ROUTER local=//p" "$LAB_DIR/truth.out" | tr '=' ' ' |
		awk -v address="$1" '
			$1 == address {
				for (i = 2; i < NF; i += 2)
					of[$i] = $(i + 1)
				out += of["queued"] - of["unsent"]
				in_ += of["received"]
			}
			END { printf("%.0f %.0f\n", out, in_) }'
}

others_are_right()
{
	local wan

	for wan; do
		lab_say "$wan: $(octets "$wan"); the kernel: $(truth_at "192.168.$((10 + ${wan#wan})).2")"
		[ "$(octets "$wan")" = "$(truth_at "192.168.$((10 + ${wan#wan})).2")" ]
	done
}

run_cases
