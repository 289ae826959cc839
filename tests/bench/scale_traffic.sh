# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What others feel of an agent that polls fifty thousand subflows each second: round trips of a plain
# TCP connection, with both of its ends and the agent on one core, and a bulk transfer over the bond.
# By pairs, with the agent held and running; every other pair the other way round. For scale.sh.

TRAFFIC_SUBFLOWS=${TRAFFIC_SUBFLOWS:-50000}
TRAFFIC_MS=2000		# a window; the agent polls each second
BULK_PAIRS=${BULK_PAIRS:-5}
BULK_SECONDS=2

traffic_measured()
{
	local pair beside=0

	lab_up wans=$LINES
	held $((TRAFFIC_SUBFLOWS / LINES))
	held_complete $((TRAFFIC_SUBFLOWS / LINES * LINES))
	SCALED_THROUGH="taskset -c 0" scaled_start poller -i 1s
	lab_eventually 60 scaled_has poller subflows $((TRAFFIC_SUBFLOWS / LINES * LINES))
	lab_start pong vps taskset -c 0 "$BENCH/pingpong" server 7000
	lab_eventually 10 lab_listens vps 7000
	lab_start bulk-server vps "$LAB_BIN/traffic" server -p 7001 --for 600
	lab_eventually 10 lab_listens vps 7001
	for pair in $(seq "$PAIRS"); do
		both_ways "$pair" round_trips
	done
	for pair in $(seq "$BULK_PAIRS"); do
		both_ways "$pair" bulk
	done
	lab_say "$beside polls were beside"
	[ $beside -ge "$PAIRS" ]
	lab_kill poller CONT
	held_signal CONT
}

both_ways()
{
	if [ $(($1 % 2)) = 0 ]; then
		without "$2"
		with "$2"
	else
		with "$2"
		without "$2"
	fi
}

without()
{
	lab_kill poller STOP
	note "$1 without $("$1")"
}

with()
{
	local polls

	lab_kill poller CONT
	polls=$(scaled_says poller polls)
	lab_eventually 30 scaled_has poller polls $((polls + 1))
	polls=$(scaled_says poller polls)
	note "$1 with $("$1")"
	beside=$((beside + $(scaled_says poller polls) - polls))
}

# Round trips, and their median, 99th and 99.9th percentile in us.
round_trips()
{
	lab_router taskset -c 0 "$BENCH/pingpong" client "$LAB_SERVICE" 7000 $TRAFFIC_MS
}

# kbit/s
bulk()
{
	lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 7001 -n 4 --up 100000000000 \
		--for $BULK_SECONDS 2>/dev/null | sed -n 's/.* wrote=\([0-9]*\) .*/\1/p' |
		awk -v s=$BULK_SECONDS '{ printf "%.0f\n", $1 * 8 / s / 1000 }'
}
