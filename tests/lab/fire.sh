#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The accounts under fire, in mode exact in both of its ways, on both ends: an agent that comes in the middle of the
# traffic; an endpoint deleted, a link down, a process killed during transfer. Nothing lost, nothing
# twice, and no counter ever falls (10,000 samples). TAP on stdout, figures as comments.
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
MODES="exact traced"
SAMPLES=10000

# ---- counters never fall ----

# Reads the status of a side's agent again and again; its counters, one a sample, must not fall.
sampler()
{
	lab_start "sampler-$1" host sh -c '
		while :; do
			cat "$1" || exit
			echo END
			sleep 0.01
		done | awk '\''
			/^ *"name":/ { name = $0 }
			/"(in|out|retrans|unattrib_in|unattrib_out)_octets":|"subflows_(opened|closed)":|"joins_/ {
				split($0, part, /[":, ]+/)
				key = name part[2]
				if (part[3] + 0 < last[key] + 0) {
					print "fell: " key " from " last[key] " to " part[3]
					fflush()
				}
				last[key] = part[3]
				samples++
			}
			/^END/ { name = "host "; print "samples " samples; fflush() }
		'\''' sh "$LAB_DIR/$1-exact/status.json"
}

samples()
{
	tail -n 1 "$LAB_DIR/sampler-$1.out" | sed -n 's/^samples //p'
}

enough_samples()
{
	[ "$(samples "$1")" -ge "$SAMPLES" ]
}

none_fell()
{
	! grep "^fell" "$LAB_DIR/sampler-$1.out"
}

# ---- an agent that comes later ----

# What the live subflows of a side have carried by now, while nothing moves: base SIDE sent|received
base()
{
	ip netns exec "$(lab_netns "$1")" ss -HtniO state connected exclude time-wait |
		awk -v what="$2" '
			function value(key) {
				if (!match($0, " " key ":[0-9]+"))
					return 0
				return substr($0, RSTART + length(key) + 2, RLENGTH - length(key) - 2)
			}
			/tcp-ulp-mptcp/ && what == "sent" { sum += value("bytes_sent") - value("bytes_retrans") }
			/tcp-ulp-mptcp/ && what != "sent" { sum += value("bytes_received") }
			END { printf "%.0f\n", sum }'
}

moves()
{
	ip netns exec "$LAB_ROUTER" ss -HtniO state connected exclude time-wait |
		grep -o 'bytes_[a-z]*:[0-9]*' | cksum
}

# Twice the same, a moment apart: what was in flight has arrived.
still()
{
	local before

	before=$(moves)
	lab_window 0.3
	[ "$(moves)" = "$before" ]
}

comes_later()
{
	local side

	dual_stack
	start_truth
	server
	client long4 -a "$LAB_SERVICE" -n 3 -j 3 --up 2000000 --down 6000000 --kbit 8000 --close alternate
	client long6 -a "$LAB_SERVICE6" -n 3 -j 3 --up 2000000 --down 6000000 --kbit 8000 --close alternate
	lab_eventually 20 carried router 2000000

	for name in long4 long6 server; do lab_kill "$name" STOP; done
	lab_eventually 30 still
	for side in $SIDES; do
		echo "$(base "$side" sent) $(base "$side" received)" >"$LAB_DIR/base-$side"
		for mode in $MODES; do
			agent "$side" "$mode" 1
			lab_eventually 20 polls_over "$side-$mode" 2
		done
	done
	for name in long4 long6 server; do lab_kill "$name" CONT; done

	short_burst
	for name in long4 long6 burst; do
		lab_wait "$name" || echo "# $name did not end in order"
	done
	end_truth
	settle 20
	for side in $SIDES; do
		read -r base_out base_in <"$LAB_DIR/base-$side"
		for mode in $MODES; do
			later "$side" "$mode" "$base_out" "$base_in"
		done
	done
}

# later SIDE MODE OUT IN: what was carried before it came
later()
{
	local by=$1-$2

	echo "# $by: out $(counted "$by" out) and $3 before it came, of $(sent "$1");" \
		"in $(counted "$by" in) and $4, of $(received "$1")"
	check "$by: an agent that comes later counts from its start on, to the byte" \
		test "$(($(counted "$by" out) + $3)) $(($(counted "$by" in) + $4))" = "$(sent "$1") $(received "$1")"
	check "$by: it is exact" test "$(host "$by" accounting)" = exact
}

carried()
{
	[ "$(base "$1" sent)" -gt "$2" ]
}

short_burst()
{
	client burst -a "$LAB_SERVICE" -n 100 --per-second 30 --up 2000 --down 30000 --close alternate
}

# ---- trouble ----

trouble()
{
	local side

	dual_stack
	start_truth
	agents 200ms
	server
	for side in $SIDES; do sampler "$side"; done
	client doomed -a "$LAB_SERVICE" -n 4 -j 4 --up 100000000 --down 100000000 --kbit 6000
	client long6 -a "$LAB_SERVICE6" -n 3 -j 3 --up 2000000 --down 6000000 --kbit 6000 --close alternate
	short_burst
	lab_eventually 30 carried router 3000000
	lab_endpoint_del wan2
	lab_link_down wan3
	lab_eventually 30 carried router 6000000
	lab_carrier_down wan4
	lab_eventually 30 carried router 8000000
	lab_kill doomed KILL
	lab_wait doomed || :
	lab_carrier_up wan4
	lab_link_up wan3
	lab_endpoint_add wan2
	for name in long6 burst; do
		lab_wait "$name" || echo "# $name did not end in order"
	done
	end_truth
	settle 20
	for side in $SIDES; do
		lab_eventually 60 enough_samples "$side"
		lab_kill "sampler-$side" TERM
		for mode in $MODES; do
			figures "$side" "$mode"
			check "$side, $mode: endpoint deleted, link down, process killed: equal to the byte" \
				equals "$side" "$mode"
			check "$side, $mode: nothing truncated, nothing lost" \
				test "$(host "$side-$mode" truncated_subflows) $(host "$side-$mode" events_lost)" = "0 0"
		done
		echo "# $side: $(samples "$side") samples of counters"
		check "$side: no counter fell in $SAMPLES samples" none_fell "$side"
	done
}

lab_trap
comes_later
lab_down
trouble
echo "1..$number"
[ "$failed" = 0 ]
