#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Nothing lost, nothing twice, on both ends, in the three modes at once, `exact` in both of its ways;
# TAP on stdout, figures as comments.
#
#	500 short connections (half closed first by the client, half by the server, IPv4 and IPv6)
#	and 6 long ones over six WANs, polled every 5 s.
set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
if ! reason=$(lab_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
# shellcheck source=tests/lab/accounts.sh
. "$here/accounts.sh"
MODES="exact traced events sampled"

short_connections()
{
	client short4 -a "$LAB_SERVICE" -n 250 --per-second 30 --up 2000 --down 30000 --close alternate
	client short6 -a "$LAB_SERVICE6" -n 250 --per-second 30 --up 2000 --down 30000 --close alternate
}

long_connections()
{
	client long4 -a "$LAB_SERVICE" -n 3 -j 3 --up 4000000 --down 12000000 --kbit 12000 --close alternate
	client long6 -a "$LAB_SERVICE6" -n 3 -j 3 --up 4000000 --down 12000000 --kbit 12000 --close alternate
}

# A join that never connected may be told of in the same way, and is no subflow.
truncated_are_cleared()
{
	local truncated cleared

	truncated=$(host "$1-events" truncated_subflows)
	cleared=$(cleared "$1")
	[ "$truncated" -le "$cleared" ] &&
		[ "$truncated" -ge $((cleared - $(truth total "$1" attempts))) ]
}

conservation()
{
	local side

	dual_stack
	start_truth
	watch_endings
	agents 5
	server
	long_connections
	short_connections
	for name in short4 short6 long4 long6; do
		lab_wait "$name" || echo "# $name did not end in order"
		sed "s/^/# $name: /" "$LAB_DIR/$name.out"
	done
	end_truth
	settle 30
	for side in $SIDES; do
		for mode in $MODES; do
			figures "$side" "$mode"
		done
		for mode in exact traced; do
			check "$side, $mode: octets equal the kernel's to the byte" equals "$side" $mode
			check "$side, $mode: nothing truncated, nothing lost" \
				test "$(host "$side-$mode" truncated_subflows) $(host "$side-$mode" events_lost)" = "0 0"
		done
		check "$side, events: never too much, short only of truncated subflows" flagged "$side" events
		check "$side, sampled: never too much, and says that it is short" flagged "$side" sampled
		check "$side: every octet has its WAN" test "$(host "$side-exact" unattrib_out_octets)" = 0
	done
	for side in $SIDES; do
		echo "# $side: $(cleared "$side") endings without counters, $(truth total "$side" attempts)" \
			"of sockets that never connected at most"
		check "$side, events: truncated are those that the kernel told without counters" \
			truncated_are_cleared "$side"
	done
}

lab_trap
conservation
echo "1..$number"
[ "$failed" = 0 ]
