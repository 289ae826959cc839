#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119	# words without their optional arguments; programs of sh
#
# Subflows read by our own program, which also gives its flag to those that began before it: what it
# tells is what a dump tells, and nothing is lost when another program takes flags away. TAP on stdout.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/accounts.sh
. "$here/accounts.sh"

MODES=exact

# ---- the cases; each is named after what it shows ----

# Of all kinds: first ones and joins, of both families, on both ends, full, with a receiver that does not
# read, as backups, and joins that nobody answers.
case_a_walk_tells_what_a_dump_tells()
{
	local side

	dual_stack
	lab_path_drop_joins wan6
	lab_router ip mptcp endpoint change 192.168.15.2 backup
	server
	client many4 -a "$LAB_SERVICE" -n 10 -j 10 --up 90000000 --down 90000000
	client many6 -a "$LAB_SERVICE6" -n 5 -j 5 --up 90000000 --down 90000000
	lab_eventually 30 has_sent 5000000
	for name in many4 many6 server; do lab_kill "$name" STOP; done
	lab_eventually 30 both_tell_the_same 40 rwnd-limited
	# Whether one waits at this moment is chance; while it does its time is reckoned otherwise.
	lab_eventually 15 both_tell_the_same 40 of-them-now || lab_eventually 10 both_tell_the_same 40 rwnd-limited
	for side in $SIDES; do lab_say "$side: $(tail -n 1 "$LAB_DIR/rows-$side")"; done
}

case_flags_that_are_taken_away_come_back_and_no_later_ending_is_lost()
{
	local side

	lab_up wans=3 router_limits="subflows 8 add_addr_accepted 8"
	start_truth
	server
	client long -a "$LAB_SERVICE" -n 5 -j 5 --up 1000000 --down 1000000 --kbit 1000 --close alternate
	lab_eventually 30 has_subflows 15
	for side in $SIDES; do stays_exact_when_stripped "$side"; done
	lab_wait long
	client short -a "$LAB_SERVICE" -n 40 --per-second 30 --up 2000 --down 30000 --close alternate
	lab_wait short
	end_truth
	settle 30
	for side in $SIDES; do
		[ "$(host "$side-exact" accounting) $(host "$side-exact" truncated_subflows)" = "exact 0" ]
		[ "$(host "$side-exact" subflows)" = 0 ]
		# Each that ended since the agent is there was told of: those it found, and those that came.
		[ "$(wans "$side-exact" subflows_closed)" = "$(truth total "$side" subflows)" ]
		once_said_why "$side"
		lab_stop "$side-exact" || :
		lab_say "$side: $(ways "$side" | sort | uniq -c | tr '\n' ' ')"
		[ "$(ways "$side" | grep -cx walk)" -ge 5 ]
		[ "$(ways "$side" | grep -cx all)" = 0 ]
	done
}

# What is attached at the root of a container's cgroups is not called for the sockets of others. Of a
# thousand transitions the tracepoint may miss one.
case_in_a_cgroup_namespace_of_its_own_lives_are_told_by_the_tracepoint()
{
	local dir closed

	lab_up wans=3 router_limits="subflows 8 add_addr_accepted 8"
	SIDES=router
	start_truth
	server
	dir=$LAB_DIR/router-exact
	mkdir -p "$dir"
	printf '%s\n' "interval = 300ms" "cpu-budget = 100" >"$dir/conf"
	lab_start router-exact router unshare -m sh -c "$CONTAINER" "$LAB_DIR" "$LAB_AGENT" -f -c "$dir/conf" \
		-x "$dir/nowhere" -s "$dir" --run-dir "$dir" --record "$dir/capture"
	lab_eventually 20 test -s "$dir/status.json"
	[ "$(host router-exact accounting)" = exact ]
	client short -a "$LAB_SERVICE" -n 40 --per-second 30 --up 2000 --down 30000 --close alternate
	lab_wait short
	end_truth
	settle 30
	closed=$(wans router-exact subflows_closed)
	lab_say "$closed endings of $(truth total router subflows)"
	[ $((closed * 100)) -ge $(($(truth total router subflows) * 95)) ]
	lab_stop router-exact || :
	[ "$(ways router | grep -cx walk)" = 1 ]	# it is tried once
	[ "$(ways router | grep -cx all)" -ge 5 ]
	lab_eventually 10 container_goes
}

# ---- what they use ----

# A folder, and a command that is run in a cgroup namespace whose root is a cgroup of its own.
CONTAINER='mount -t cgroup2 none "$0" && mkdir "$0/mw-${0##*.}" && echo $$ >"$0/mw-${0##*.}/cgroup.procs" &&
	umount "$0" && exec unshare -C "$@"'

# The kernel lets a cgroup go a moment after its last process.
container_goes()
{
	unshare -m sh -c 'mount -t cgroup2 none "$0" && rmdir "$0/mw-${0##*.}"' "$LAB_DIR"
}

has_sent()
{
	lab_router ss -HtniO state connected | grep -o ' bytes_sent:[0-9]*' |
		awk -F: -v least="$1" '{ sum += $2 } END { exit sum < least }'
}

has_subflows()
{
	[ "$(lab_router ss -HtnO state established | wc -l)" = "$1" ]
}

# both_tell_the_same LEAST WHAT: of so many quiet subflows at each end; some have waited for the receiver,
# or do so now, which may take a while: the kernel tries what the window does not take with one
# more octet on one of them.
both_tell_the_same()
{
	local side limited=0

	for side in $SIDES; do
		ip netns exec "$(lab_netns "$side")" "$LAB_BIN/rows" >"$LAB_DIR/rows-$side" || {
			cat "$LAB_DIR/rows-$side"
			return 1
		}
		cat "$LAB_DIR/rows-$side"
		[ "$(of_rows "$side" quiet)" -ge "$1" ] || return 1
		limited=$((limited + $(of_rows "$side" "$2")))
	done
	[ "$limited" -gt 0 ]
}

# of_rows SIDE WHAT: how many of them.
of_rows()
{
	tail -n 1 "$LAB_DIR/rows-$1" | grep -o "$2 [0-9]*" | cut -d " " -f 2
}

# An agent that comes in the middle, and another program that takes the flags of all its subflows away.
stays_exact_when_stripped()
{
	local dir=$LAB_DIR/$1-exact before

	mkdir -p "$dir"
	printf '%s\n' "interval = 300ms" "cpu-budget = 100" >"$dir/conf"
	lab_start "$1-exact" "$1" "$LAB_AGENT" -f -c "$dir/conf" -x "$dir/nowhere" -s "$dir" \
		--run-dir "$dir" --record "$dir/capture"
	lab_eventually 20 test -s "$dir/status.json"
	before=$(host "$1-exact" polls)
	lab_eventually 20 polls_over "$1-exact" $((before + 2))
	[ "$(host "$1-exact" accounting) $(host "$1-exact" events_lost)" = "exact 0" ]
	[ "$(ip netns exec "$(lab_netns "$1")" "$LAB_BIN/strip")" -ge 15 ]
	lab_eventually 20 lost_some "$1"
	lab_eventually 20 is_exact "$1"
}

lost_some()
{
	[ "$(host "$1-exact" events_lost)" -ge 1 ]
}

is_exact()
{
	[ "$(host "$1-exact" accounting)" = exact ]
}

once_said_why()
{
	[ "$(grep -c 'bpf = tracepoint' "$LAB_DIR/$1-exact.err")" = 1 ]
}

ways()
{
	python3 "$here/ways.py" "$LAB_DIR/$1-exact/capture"
}

run_cases
