#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091
#
# Does the laboratory itself work? TAP on stdout, diagnostics on stderr.
# LAB_BIN: where the built traffic and truth are.

set -eu

# shellcheck source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$(dirname "$0")/cases.sh"

# ---- the cases; each is named after what it shows ----

case_a_lab_is_built_within_two_seconds()
{
	local start

	start=$(lab_clock)
	lab_up wans=6 rate=40mbit family=46
	[ $(($(lab_clock) - start)) -lt 200 ]
}

# The seed of the project: six lines, three extra subflows.
case_a_limit_of_three_lets_four_of_six_carry()
{
	lab_up wans=6 rate=10mbit router_limits="subflows 3 add_addr_accepted 1"
	stream
	lab_eventually 5 carrying wan1 wan2 wan3 wan4
}

case_eight_endpoints_are_four_wans_of_a_dual_stack()
{
	lab_up wans=6 family=46
	stream
	lab_eventually 5 carrying wan1 wan2 wan3 wan4
	[ "$LAB_ENDPOINT_FAILURES" = 4 ]
	grep -q '^wan6 2001:db8:6::2: .*-34' "$LAB_DIR/endpoint-failures"
}

case_ipv6_carries_on_all_lines()
{
	lab_up wans=3 family=6
	stream
	lab_eventually 5 carrying wan1 wan2 wan3
}

case_a_path_that_drops_or_refuses_joins_does_not_carry()
{
	lab_up wans=4
	lab_path_drop_joins wan2
	lab_path_reset_joins wan3
	stream
	lab_eventually 5 carrying wan1 wan4
	lab_stop client || :	# cut off
	lab_path_clear wan2
	lab_path_clear wan3
	client
	lab_eventually 5 carrying wan1 wan2 wan3 wan4
}

case_a_line_that_was_unplugged_returns_with_a_new_ifindex()
{
	local before

	lab_up wans=3
	before=$(ifindex wan2)
	lab_link_recreate wan2
	[ "$(ifindex wan2)" != "$before" ]
	stream
	lab_eventually 5 carrying wan1 wan2 wan3
}

case_lines_go_down_and_come_back()
{
	lab_up wans=3 family=46
	lab_link_down wan2
	lab_carrier_down wan3
	lab_eventually 2 carrier wan3 0
	lab_link_up wan2
	lab_carrier_up wan3
	lab_eventually 2 carrier wan3 1
	stream
	lab_eventually 5 carrying wan1 wan2 wan3
}

case_an_address_changes_and_the_new_one_carries()
{
	lab_up wans=3
	lab_address_change wan2 192.168.12.77
	stream
	lab_eventually 5 carrying wan1 wan2 wan3
	lab_router ss -Htn state established src 192.168.12.77 | grep -q .
}

# The kernel's own least round trip, which a queue cannot lessen; and both families over one line.
case_a_line_with_a_delay_has_it_and_its_rate()
{
	lab_up wans=3 family=46 rate=30mbit delay=60ms
	server
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --up 1000000000
	lab_start client6 router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 \
		--up 100000000 --kbit 300
	lab_eventually 10 carrying wan1 wan2 wan3
	lab_eventually 10 round_trips 6 60 66
	lab_eventually 20 carries wan1 20 30
	lab_eventually 20 carries wan3 20 30
	lab_link_recreate wan2
	lab_eventually 10 round_trips 6 60 66
}

# Short connections closed by either side, and long ones at once; a queue so short that packets are
# lost, and segments refused at the sender.
case_the_truth_agrees_with_the_applications_to_the_byte()
{
	local address

	for address in "$LAB_SERVICE" "$LAB_SERVICE6"; do
		lab_up wans=6 rate=40mbit queue=64kb family="$(lab_family_of "$address")"
		lab_start truth host "$LAB_BIN/truth" --netns "$LAB_ROUTER" --netns "$LAB_VPS" \
			--ready-file "$LAB_DIR/ready"
		lab_eventually 5 test -e "$LAB_DIR/ready"
		server
		lab_start short router "$LAB_BIN/traffic" client -a "$address" -p 5000 -n 500 \
			-j 20 --up 2000 --down 30000 --close alternate
		lab_start long router "$LAB_BIN/traffic" client -a "$address" -p 5000 -n 6 \
			--up 1000000 --down 4000000 --close alternate
		lab_wait short
		lab_wait long
		lab_eventually 20 lab_no_sockets
		lab_stop server
		lab_stop truth
		lab_say "$(grep '^total netns=.*router' "$LAB_DIR/truth.out")"
		lab_say "$(grep '^plain netns=.*vps' "$LAB_DIR/truth.out")"
		truth_agrees router vps
		truth_agrees vps router
		[ "$(written router)" = "$(sum_of wrote short long)" ]
		[ "$(written vps)" = "$(sum_of wrote server)" ]
		[ "$(seen router)" = "$(sum_of read short long)" ]
		[ "$(seen vps)" = "$(sum_of read server)" ]
	done
}

case_nothing_is_left_behind()
{
	local dir

	lab_up wans=2
	dir=$LAB_DIR
	lab_start sleeper vps sleep 60
	lab_down
	lab_down
	[ ! -e "$dir" ]
	[ ! -e "/run/netns/$LAB_ROUTER" ]
	[ ! -e "/run/netns/$LAB_VPS" ]
}

# ---- the words they use ----

server()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
}

# A connection that lasts as long as the case.
client()
{
	local service=$LAB_SERVICE

	lab_has_family 4 || service=$LAB_SERVICE6
	lab_start client router "$LAB_BIN/traffic" client -a "$service" -p 5000 \
		--up 100000000 --kbit 1000
}

stream()
{
	server
	client
}

carrying()
{
	local wans

	wans=$(lab_carrying)
	echo "carrying: $wans"
	[ "$wans" = "$*" ]
}

# round_trips N LEAST MOST: there are so many established subflows, with least round trips, in
# milliseconds, from LEAST to MOST.
round_trips()
{
	lab_router ss -HtniO state established | grep tcp-ulp-mptcp |
		sed 's/.* minrtt:\([0-9.]*\).*/\1/' | tr '\n' ' ' |
		awk -v n="$1" -v least="$2" -v most="$3" '
			{
				print
				for (i = 1; i <= NF; i++)
					good += $i >= least && $i <= most
			}
			END { exit NF != n || good != n }'
}

# carries WAN LEAST MOST: octets of packets that it sends within a second, in megabits.
carries()
{
	local file=/sys/class/net/$1/statistics/tx_bytes before now

	before=$(lab_router cat "$file")
	lab_window 1
	now=$(lab_router cat "$file")
	echo "$1: $(((now - before) / 125000)) Mbit/s"
	[ $((now - before)) -ge $(($2 * 125000)) ] && [ $((now - before)) -le $(($3 * 131000)) ]
}

carrier()
{
	[ "$(lab_router cat "/sys/class/net/$1/carrier")" = "$2" ]
}

ifindex()
{
	lab_router cat "/sys/class/net/$1/ifindex"
}

# truth LINE router|vps KEY: a value of what truth printed.
truth()
{
	grep "^$1 netns=$(lab_netns "$2") " "$LAB_DIR/truth.out" | tr ' ' '\n' | sed -n "s/^$3=//p"
}

# sum_of KEY NAME...: over what the traffic programs of these names printed.
sum_of()
{
	local key=$1 name

	shift
	for name; do
		tr ' ' '\n' <"$LAB_DIR/$name.out" | sed -n "s/^$key=//p"
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# What its applications wrote and read, as the kernel saw it. A connection whose handshake lost a
# packet may fall back, and is plain TCP at the server.
written()
{
	echo $(($(truth connections "$1" sent) + $(truth plain "$1" acked)))
}

seen()
{
	echo $(($(truth connections "$1" received) + $(truth plain "$1" received)))
}

# What the other side received is at least what this side's TCP was told to have arrived (the last
# word of it may be lost), and at most what it sent for the first time; see truth.c.
truth_agrees()
{
	local here=$1 there=$2 left acked arrived

	left=$(($(truth total "$here" queued) - $(truth total "$here" unsent)))
	acked=$(($(truth total "$here" acked) + $(truth plain "$here" acked)))
	arrived=$(($(truth total "$there" received) - $(truth total "$there" fins) +
		$(truth plain "$there" received)))
	[ "$acked" -le "$arrived" ]
	[ "$arrived" -le $((left + $(truth plain "$here" acked))) ]
	[ "$(truth total "$here" sent)" = $((left + $(truth total "$here" refused))) ]
	[ "$(truth total "$here" queued)" -ge \
	  $(($(truth connections "$here" sent) + $(truth connections "$here" reinjected))) ]
}

run_cases
