#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2013,SC2317	# cases are called by name
#
# What does it cost? Our code alone (cost.c), the agent on this kernel beside ss, and the
# instructions of a fixed replay. TAP on stdout: the figures are comments; a test is only what was
# checked, never a time. Minutes: 1, at most 5.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}"
: "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"
. "$srcdir/tests/lab/lab.sh"
. "$srcdir/tests/lab/agent.sh"
COST=$builddir/tests/bench/cost
BESIDE=$builddir/tests/bench/beside
CONNECTIONS=170
LINES=6
POLLS=10

# ---- the cases; each is named after what it shows ----

case_our_code_alone_does_its_work()
{
	local status=0

	timeout 90 "$COST" >"$temp/cost" || status=$?
	sed 's/^[^#]/#   &/' "$temp/cost"
	return "$status"
}

# Connections that are held open and say little, so that no birth and no ending is among the polls.
case_the_agent_counts_the_subflows_that_ss_sees()
{
	local subflows=$((CONNECTIONS * LINES)) reason agent ss_both ss_tcp ss_none

	{ reason=$(lab_possible) && reason=$(agent_possible); } || skip "$reason"
	lab_up wans=$LINES
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start held router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 \
		-n "$CONNECTIONS" -j "$CONNECTIONS" --per-second 50 \
		--up 100000000 --kbit 8 --for 200
	lab_eventually 30 ss_sees "$subflows"
	lab_agent_start -i 1s
	lab_eventually 10 agent_sees "$subflows"
	agent=$(agent_us_a_poll)
	agent_sees "$subflows" >&2
	ss_sees "$subflows" >&2
	lab_router timeout 60 "$BESIDE" 21 ss -tniM -- ss -tni -- ss -V >"$temp/beside"
	ss_both=$(sed -n '1s/ .*//p' "$temp/beside")
	ss_tcp=$(sed -n '2s/ .*//p' "$temp/beside")
	ss_none=$(sed -n '3s/ .*//p' "$temp/beside")
	echo "# $subflows live subflows of $CONNECTIONS connections on this kernel, accounting" \
		"$(host_get Accounting)"
	figure "$agent" "us a poll" "the agent, of $POLLS at 1 s, its status file included"
	figure "$ss_both" "us a run" "ss -tniM"
	figure "$ss_tcp" "us a run" "ss -tni"
	figure "$ss_none" "us a run" "ss -V: to start it"
	ratio "$agent" "$ss_both" "a poll of the agent, to ss -tniM"
	ratio "$agent" "$ss_tcp" "... to ss -tni"
	lab_agent_stop
}

case_a_replay_under_callgrind_tells_what_it_should()
{
	local scenario=$srcdir/tests/scenarios/subflow-limit-exact

	command -v valgrind >/dev/null || skip "valgrind is not installed"
	gzip -dc "$scenario/capture.gz" >"$temp/capture"
	# shellcheck disable=SC2046 # words
	timeout 90 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$builddir/tests/replay" "$temp/capture" $(cat "$scenario/settings") \
		>"$temp/replayed" 2>"$temp/valgrind" || {
		sed 's/^/#   /' "$temp/valgrind" >&2
		return 1
	}
	grep -v '"version":' "$temp/replayed" | diff "$scenario/expected" - >"$temp/diff" || {
		sed 's/^/#   /' "$temp/diff" | head -n 10 >&2
		return 1
	}
	figure "$(sed -n 's/.*Collected : //p' "$temp/valgrind")" instructions \
		"to replay ${scenario##*/}: $(grep -c '^ *[0-9.]* s ' "$temp/replayed") polls"
}

# ---- what they use ----

agent_possible()
{
	command -v snmpd >/dev/null || { echo "snmpd is not installed"; return 1; }
	[ -e /proc/self/schedstat ] || { echo "no CPU time in ns on this kernel"; return 1; }
}

# Ends the case.
skip()
{
	echo "$1" >"$temp/skip"
	exit 0
}

ss_sees()
{
	local seen

	seen=$(lab_router ss -HtniO state established | grep -c tcp-ulp-mptcp) || :
	echo "ss sees $seen subflows"
	[ "$seen" = "$1" ]
}

agent_sees()
{
	local seen

	seen=$(agent_says subflows)
	echo "the agent sees $seen subflows"
	[ "$seen" = "$1" ]
}

# A number of the host from the status file; to ask by SNMP would cost the agent.
agent_says()
{
	tr ',{}' '\n' <"$LAB_DIR/snmp-router/run/status.json" |
		sed -n "s/^[[:space:]]*\"$1\": *\([0-9]*\)$/\1/p" | head -n 1
}

agent_polled()
{
	[ "$(agent_says polls)" -ge "$1" ]
}

# CPU time of all its threads, in ns: the ticks of /proc/PID/stat are as long as some polls.
agent_ns()
{
	cat "/proc/$(cat "$LAB_DIR/agent-router.pid")/task"/*/schedstat |
		awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

# From just after one poll to just after the tenth that follows: what was done in between is in it.
agent_us_a_poll()
{
	local polls before

	polls=$(agent_says polls)
	lab_eventually 5 agent_polled $((polls + 1))
	polls=$(agent_says polls)
	before=$(agent_ns)
	lab_eventually $((2 * POLLS)) agent_polled $((polls + POLLS))
	echo $((($(agent_ns) - before) / ($(agent_says polls) - polls) / 1000))
}

figure()
{
	printf '# %12s %-12s %s\n' "$1" "$2" "$3"
}

ratio()
{
	figure "$(awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }')" ratio "$3"
}

# ---- running them ----

# In a subshell, so that a failed command ends its case and no more; set -e does not reach into
# functions that are part of a condition.
run_case()
{
	local status=0 title

	number=$((number + 1))
	title="$number - $(echo "${1#case_}" | tr _ ' ')"
	rm -f "$temp/skip"
	set +e
	(
		set -e
		lab_trap
		"$1"
	)
	status=$?
	set -e
	if [ "$status" = 0 ]; then
		echo "ok $title$([ ! -e "$temp/skip" ] || echo " # SKIP $(cat "$temp/skip")")"
	else
		echo "not ok $title"
		failed=$((failed + 1))
	fi
	[ "$status" -le 128 ] || exit "$status"	# interrupted
}

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
number=0
failed=0
for name in $(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0"); do
	run_case "$name"
done
echo "1..$number"
[ "$failed" = 0 ]
