#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# A host with many other TCP sockets: the agent asks for each subflow by itself, and what it tells is the
# same. How it asked is in what it records. TAP on stdout.

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

case_octets_are_exact_though_each_is_asked_for_by_itself()
{
	dual_stack
	start_truth
	watched router
	watched vps
	server
	client long4 -a "$LAB_SERVICE" -n 3 -j 3 --up 2000000 --down 6000000 --kbit 8000 --close alternate
	client long6 -a "$LAB_SERVICE6" -n 3 -j 3 --up 2000000 --down 6000000 --kbit 8000 --close alternate
	client short -a "$LAB_SERVICE" -n 200 --per-second 30 --up 2000 --down 30000 --close alternate
	lab_wait long4 && lab_wait long6 && lab_wait short
	for side in $SIDES; do
		lab_eventually 60 asked_each_often "$side"
		lab_stop "$side-others" || :
	done
	end_truth
	settle 30
	for side in $SIDES; do
		figures "$side" exact >&2
		equals "$side" exact
		[ "$(host "$side-exact" truncated_subflows) $(host "$side-exact" events_lost)" = "0 0" ]
		lab_stop "$side-exact" || :
		lab_say "$side: $(ways "$side" | sort | uniq -c | tr '\n' ' ')"
		[ "$(ways "$side" | sed -n 1p)" = all ]	# and in the end, when nobody else is there
		replay_is_the_same "$side"
	done
}

# A box that lets no join pass: what waits for its answer nobody can be asked for, and is told.
case_a_join_that_waits_is_told_of_and_so_is_its_end()
{
	lab_up wans=2
	lab_path_drop_joins wan2
	watched router
	server
	client stream -a "$LAB_SERVICE" -n 1 --up 100000000 --down 0 --kbit 2000 --for 300
	lab_eventually 20 gauge wan1 subflows 1
	lab_eventually 20 gauge wan2 subflows_attempted 1
	lab_eventually 20 asked_each
	gauge wan2 subflows_attempted 1
	lab_stop stream || :
	lab_eventually 20 gauge wan2 subflows_attempted 0
	lab_eventually 20 gauge wan1 subflows 0
	lab_eventually 20 asked_each
}

# ---- what they use ----

# watched SIDE: among many other sockets, by an agent that records.
watched()
{
	local dir=$LAB_DIR/$1-exact

	mkdir -p "$dir"
	printf '%s\n' "interval = 500ms" "cpu-budget = 100" >"$dir/conf"
	lab_others "$1"
	lab_start "$1-exact" "$1" "$LAB_AGENT" -f -c "$dir/conf" -x "$dir/nowhere" -s "$dir" \
		--run-dir "$dir" --record "$dir/capture"
	lab_eventually 20 test -s "$dir/status.json"
	[ "$(host "$1-exact" accounting)" = exact ]
}

# What it has recorded says what it has said.
replay_is_the_same()
{
	local dir=$LAB_DIR/$1-exact

	"$builddir/cli/mptcp-wan" replay --json --config "$dir/conf" "$dir/capture" >"$dir/replayed"
	diff "$dir/status.json" "$dir/replayed" >&2
}

gauge()
{
	jq -e --arg wan "$1" --arg key "$2" --argjson value "$3" \
		'.wans[] | select(.name == $wan) | .[$key] == $value' "$LAB_DIR/router-exact/status.json"
}

ways()
{
	python3 "$here/ways.py" "$LAB_DIR/$1-exact/capture"
}

asked_each_often()
{
	[ "$(ways "$1" | grep -c each)" -ge 10 ]
}

# The file is written a block at a time.
asked_each()
{
	ways router | tail -n 1 | grep -qx each
}

run_cases
