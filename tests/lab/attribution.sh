#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015	# A && B || fail is meant so
#
# Is each octet counted on the WAN that carried it? The kernel's own sums for each local address
# (truth.c) against what the agent says over SNMP, to the byte: two families, interfaces that go and
# come back with another ifindex, addresses that change. TAP on stdout, figures as comments.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic and truth are.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

# ---- the cases; each is named after what it shows ----

# Four WANs of two families are the eight places of the kernel's table.
case_each_octet_is_on_the_wan_whose_address_carried_it()
{
	lab_up wans=4 rate=40mbit family=46
	[ "$LAB_ENDPOINT_FAILURES" = 0 ]
	begin
	transfer long4 "$LAB_SERVICE" 3 4000000 6000000
	transfer long6 "$LAB_SERVICE6" 3 4000000 6000000
	transfer short4 "$LAB_SERVICE" 100 2000 30000
	transfer short6 "$LAB_SERVICE6" 100 2000 30000
	lab_wait long4
	lab_wait long6
	lab_wait short4
	lab_wait short6
	finish
	every_wan_is_right wan1 wan2 wan3 wan4
}

# At rest and under load, twice each; wan1 is also the line that connections begin on.
case_a_line_that_comes_back_with_a_new_ifindex_stays_the_same_wan()
{
	local wan

	lab_up wans=4 rate=20mbit family=46
	begin
	transfer warm "$LAB_SERVICE" 4 300000 300000
	lab_wait warm
	for wan in wan2 wan2; do
		returns "$wan"
		transfer after "$LAB_SERVICE" 4 300000 300000
		lab_wait after
		lab_eventually 5 grows "$wan"
	done
	stream
	for wan in wan3 wan3 wan1; do
		lab_eventually 5 lives "$wan"
		returns "$wan"
		lab_eventually 10 grows "$wan"
	done
	stream_ends
	finish
	every_wan_is_right wan1 wan2 wan3 wan4
}

# The old address's octets and the new one's are the same line's.
case_an_address_that_changes_stays_on_its_wan()
{
	lab_up wans=3 rate=20mbit family=46
	begin
	stream
	lab_eventually 5 lives wan2
	note wan2
	lab_address_change wan2 192.168.12.77
	lab_eventually 10 grows wan2
	note wan2
	lab_address_change wan2 2001:db8:2::77
	lab_eventually 10 grows wan2
	lab_eventually 5 has_old_index wan2
	stream_ends
	finish
	every_wan_is_right wan1 wan2 wan3
	truth_of 192.168.12.77
	truth_of 2001:db8:2::77
}

# Each is created and used within a moment: an address that was told late would not be known yet.
case_addresses_that_are_used_at_once_are_known_at_once()
{
	local host

	lab_up wans=2 rate=40mbit
	begin
	for host in $(seq 20 49); do
		lab_ip router "addr add 192.168.11.$host/32 dev wan1
			rule add pref 0 from 192.168.11.$host table 1"
		lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -b "192.168.11.$host" \
			-n 2 --up 3000 --down 3000 >/dev/null
		lab_ip router "rule del pref 0 from 192.168.11.$host table 1
			addr del 192.168.11.$host/32 dev wan1"
	done
	finish
	every_wan_is_right wan1
}

# What an SNMP manager stores its graphs under.
case_the_index_survives_restarts_and_another_order_of_creation()
{
	local before k

	lab_up wans=4
	lab_agent_start
	before=$(indexes)
	[ "$(printf '%s\n' "$before" | wc -l)" = 4 ]
	lab_agent_stop
	for k in 4 3 2 1; do
		lab_link_recreate "wan$k"
	done
	[ "$(ifindex wan4)" -lt "$(ifindex wan1)" ]
	lab_agent_start
	lab_eventually 5 indexes_are "$before"

	# A line that is away keeps its row, and a new one gets an index that nobody had.
	lab_ip router "link del wan2"
	lab_eventually 5 wan_state wan2 = absent
	[ "$(wan_get IfIndex wan2)" = 0 ]
	LAB_WANS=5
	lab_line 5
	lab_endpoint_add wan5
	before="$before
wan5 5"
	lab_eventually 5 indexes_are "$before"
	lab_agent_stop
	lab_agent_start
	lab_eventually 5 indexes_are "$before"
	wan_state wan2 = absent
}

# Plain Linux often has no endpoint for its first line, and a VPS none that is its own.
case_traffic_makes_an_interface_a_wan_and_never_loopback()
{
	lab_up wans=3 rate=40mbit router_endpoint_flags=none
	lab_endpoint_add wan2 subflow
	begin
	lab_at vps lab_agent_start
	transfer long "$LAB_SERVICE" 2 2000000 2000000
	lab_wait long
	lab_start local vps "$LAB_BIN/traffic" client -a 127.0.0.1 -p 5000 -n 5 --up 9000 --down 9000
	lab_wait local
	finish
	every_wan_is_right wan1 wan2
	[ "$(indexes | sed 's/ .*//' | tr '\n' ' ')" = "wan2 wan1 " ]
	lab_at vps lab_eventually 5 counted_is eth0 "$(truth vps 203.0.113.1)"
	[ "$(lab_at vps wan_table State | sed 's/\t.*//' | tr '\n' ' ')" = "eth0 " ]
	# What went over loopback is in no WAN, and not lost.
	[ "$(lab_at vps host_get UnattribInOctets) $(lab_at vps host_get UnattribOutOctets)" = \
		"$(truth vps 127.0.0.1 | awk '{ print $2, $1 }')" ]
}

# ---- traffic ----

# The truth first, then the agent, then whoever sends: nobody misses a byte.
begin()
{
	lab_start truth host "$LAB_BIN/truth" --netns "$LAB_ROUTER" --netns "$LAB_VPS" \
		--ready-file "$LAB_DIR/truth.ready"
	lab_eventually 5 test -e "$LAB_DIR/truth.ready"
	lab_agent_start -i 500ms
	host_is Accounting exact
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
}

# transfer NAME ADDRESS COUNT UP DOWN
transfer()
{
	lab_start "$1" router "$LAB_BIN/traffic" client -a "$2" -p 5000 -n "$3" -j 10 \
		--up "$4" --down "$5" --close alternate
}

# Both families, far below the rate of the lines, until it is stopped.
stream()
{
	lab_start stream4 router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 3 \
		--up 1000000000 --down 1000000000 --kbit 6000
	lab_start stream6 router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 -n 3 \
		--up 1000000000 --down 1000000000 --kbit 6000
}

# They are cut off, and say so by their exit status.
stream_ends()
{
	lab_stop stream4 || :
	lab_stop stream6 || :
}

# Until all sockets are closed. Those whose line is gone would try for minutes: the kernel ends them.
finish()
{
	lab_stop server || :
	lab_eventually 3 lab_no_sockets 2>/dev/null || {
		lab_router ss -tK state connected exclude time-wait >/dev/null
		lab_vps ss -tK state connected exclude time-wait >/dev/null
		lab_eventually 10 lab_no_sockets
	}
	lab_stop truth
}

# ---- the truth ----

# truth router|vps ADDRESS: "OUT IN SUBFLOWS", what the kernel's subflows with that local address sent
# for the first time and received, and how many there were; the address is an awk pattern.
truth()
{
	sed -n "s/^subflows netns=$(lab_netns "$1") local=//p" "$LAB_DIR/truth.out" | tr '=' ' ' |
		awk -v address="^$2\$" '
			$1 ~ address {
				for (i = 2; i < NF; i += 2)
					of[$i] = $(i + 1)
				out += of["queued"] - of["unsent"]
				in_ += of["received"]
				subflows += of["initial"] + of["joined"]
			}
			END { printf("%.0f %.0f %d\n", out, in_, subflows) }'
}

# Has the kernel seen octets from this address?
truth_of()
{
	lab_say "$1: $(truth router "$1")"
	[ "$(truth router "$1")" != "0 0 0" ]
}

# By the plan of the lab's addresses, whatever the interfaces are called at the moment.
truth_of_wan()
{
	truth router "(192[.]168[.]$((10 + ${1#wan}))[.].*|2001:db8:${1#wan}:.*)"
}

# ---- what the agent says ----

# "wan1 3", by index
indexes()
{
	lab_snmp snmpbulkwalk mptcpWanName | sed 's/^mptcpWanName\.\([0-9]*\) "\{0,1\}\([^"]*\).*/\2 \1/'
}

index_of()
{
	indexes | sed -n "s/^$1 //p"
}

indexes_are()
{
	indexes
	[ "$(indexes)" = "$1" ]
}

ifindex()
{
	lab_router cat "/sys/class/net/$1/ifindex"
}

# counted WAN: "OUT IN SUBFLOWS"
counted()
{
	wan_table OutOctets InOctets SubflowsOpened |
		awk -F '\t' -v wan="$1" '$1 == wan { print $2, $3, $4 }'
}

counted_is()
{
	echo "$1: $(counted "$1"), the kernel: $2"
	[ "$(counted "$1")" = "$2" ]
}

lives()
{
	[ "$(wan_get Subflows "$1")" -gt 0 ]
}

# ---- a line goes and comes back ----

# note WAN: what must stay, and what must change.
note()
{
	lab_eventually 5 is_told "$1"
	noted_index=$(index_of "$1")
	noted_ifindex=$(wan_get IfIndex "$1")
	noted_octets=$(counted "$1")
}

is_told()
{
	wan_table IfIndex
	wan_get IfIndex "$1"
}

returns()
{
	local before

	note "$1"
	before=$noted_octets
	lab_link_recreate "$1"
	lab_eventually 5 has_new_ifindex "$1"
	lab_eventually 5 has_old_index "$1"
	# What its first life carried is still there; the second one's comes on top.
	note "$1"
	not_less "$before" "$noted_octets"
}

has_new_ifindex()
{
	local now

	now=$(wan_get IfIndex "$1")
	echo "ifindex $now, was $noted_ifindex"
	[ "$now" != "$noted_ifindex" ] && [ "$now" = "$(ifindex "$1")" ]
}

has_old_index()
{
	indexes
	[ "$(index_of "$1")" = "$noted_index" ]
}

not_less()
{
	echo "$1 $2" | awk '{ exit !($4 >= $1 && $5 >= $2 && $6 >= $3) }' || {
		lab_say "octets fell: from $1 to $2"
		return 1
	}
}

# Both directions, by more than a handshake.
grows()
{
	local now

	now=$(counted "$1")
	echo "$1: $now, was $noted_octets"
	echo "$noted_octets $now" | awk '{ exit !($4 > $1 + 1000 && $5 > $2 + 1000) }'
}

# ---- the result ----

# every_wan_is_right WAN...: these have carried, and all WANs are right to the byte.
every_wan_is_right()
{
	local wan

	lab_eventually 10 all_are_right || return 1
	for wan; do
		lab_say "$wan: out, in, subflows: $(counted "$wan"); the kernel's: $(truth_of_wan "$wan")"
		[ "$(counted "$wan" | tr -d ' 0')" != "" ]
	done
	host_is Accounting exact
	host_is UnattribOutOctets 0
	host_is UnattribInOctets 0
	host_is TruncatedSubflows 0
	host_is EventsLost 0
}

all_are_right()
{
	local wan wrong=0

	for wan in $(indexes | sed 's/ .*//'); do
		counted_is "$wan" "$(truth_of_wan "$wan")" || wrong=1
	done
	echo "unattributed: $(host_get UnattribOutOctets) $(host_get UnattribInOctets)"
	return $wrong
}

run_cases
