#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# A kernel that does not answer, tells faster than we read, or is given other settings: what the agent says
# meanwhile, under real traffic and against the kernel's own sums. TAP on stdout, figures on stderr.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic and truth are.

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
# shellcheck source=tests/faults/figures.sh
. "$home/figures.sh"

# ---- the cases; each is named after what it shows ----

# Each call of a poll on its netlink sockets fails once in each way, each two polls after the one before.
case_each_netlink_call_of_a_poll_fails_and_nobody_is_misled()
{
	local error call

	begin 2
	watched 100ms
	lab_eventually 10 carries wan1
	for call in recvmsg sendto; do
		position_count "$call"
		for error in ENOBUFS EINTR EBUSY ENOMEM; do
			fail_everywhere "$call" "$error"
		done
	done
	nothing_was_wrong
	all_is_counted
}

# Where other sockets are many, subflows are asked for one by one.
# A stream is drained by the same call, which may be hit in their place.
case_requests_that_fail_are_a_dump_in_the_same_poll()
{
	local try

	begin 2
	lab_others router
	watched 500ms
	lab_eventually 10 carries wan1
	for try in $(seq 10); do
		lab_start strace host strace -qq -o "$LAB_DIR/trace" -p "$(thread)" -e trace=recvmmsg \
			-e inject=recvmmsg:error=ENOBUFS:when=3
		lab_eventually 60 grep -q INJECTED "$LAB_DIR/trace"
		lab_eventually 20 polled $(($(polls) + 3))
		lab_stop strace || :
		! requests_were_hit || break
		lab_say "$try: a stream was hit"
	done
	requests_were_hit
	is_at_most "requests after one has failed" "$(requests_after_it)" 0 calls
	[ "$(jq .host.poll_errors "$STATUS")" = 0 ]
	nothing_was_wrong
	lab_stop router-others || :
	all_is_counted
}

case_an_overrun_of_netlink_events_is_flagged_and_over_within_a_second()
{
	overrun events 15000
}

case_an_overrun_of_the_ring_is_flagged_and_over_within_a_second()
{
	overrun exact 20000
}

# As if the kernel had granted no more: whoever reads every 100 ms can then keep up with nobody.
case_tiny_event_buffers_under_1000_connections_a_second_are_flagged_each_time()
{
	local flagged=0 round

	begin 2
	watched 500ms events
	lab_say "$(python3 "$home/buffers.py" "$(cat "$LAB_DIR/$AGENT.pid")" 4096 | tr '\n' ';')"
	for round in 1 2 3 4 5; do
		overwhelm "$round" 2000
		flagged=$((flagged + 1))
	done
	lab_say "flagged: $flagged of 5 times; $(host "$AGENT" truncated_subflows) subflows truncated"
	nothing_was_wrong
	[ "$(grep -c '^accounting.* sampled [1-9]' "$LAB_DIR/watch.out")" -ge 5 ]
	all_is_counted_at_most
}

case_mptcp_switched_off_and_on_is_shown_within_two_polls()
{
	begin 2
	watched 500ms
	lab_router sysctl -qw net.mptcp.enabled=0
	shown '.host.enabled == false'
	lab_router sysctl -qw net.mptcp.enabled=1
	shown '.host.enabled == true'
	nothing_was_wrong
	all_is_counted
}

case_another_path_manager_and_no_limits_are_shown_within_two_polls()
{
	begin 2
	watched 500ms
	lab_router sysctl -qw net.mptcp.pm_type=1
	shown '.host.path_manager == "userspace"'
	lab_router sysctl -qw net.mptcp.pm_type=0
	shown '.host.path_manager == "kernel"'
	lab_limits router "subflows 0 add_addr_accepted 0"
	shown '.host.subflow_limit == 0 and .host.add_addr_limit == 0'
	lab_limits router "subflows 8 add_addr_accepted 8"
	shown '.host.subflow_limit == 8 and .host.add_addr_limit == 8'
	nothing_was_wrong
	all_is_counted
}

# ---- what they use ----

# Of a trace of recvmmsg(2): a stream finds nothing more to receive, EAGAIN; requests never do.
requests_were_hit()
{
	awk '/EAGAIN/ { stream[$1] = 1 } /INJECTED/ { hit = $1 } END { exit !hit || hit in stream }' "$LAB_DIR/trace"
}

requests_after_it()
{
	awk '/EAGAIN/ { stream[$1] = 1; next } after && !($1 in stream) { n++ } /INJECTED/ { after = 1 }
		END { print n + 0 }' "$LAB_DIR/trace"
}

begin()
{
	lab_up wans="$1"
	start_truth
	server
}

# Far below what a poll could miss; it goes on all the time.
stream()
{
	client stream -a "$LAB_SERVICE" -n 2 -j 2 --up 100000000000 --down 100000000000 --kbit 2000 --for 600
}

# watched INTERVAL [events]: the agent, then a stream, and who looks at what is told of it.
watched()
{
	SIDES=router MODES=${2:-exact}
	AGENT=router-$MODES
	STATUS=$LAB_DIR/$AGENT/status.json
	agent router "$MODES" "$1"
	stream
	lab_eventually 20 subflows_of wan2
	lab_start watch host python3 "$home/watch.py" "$STATUS"
}

subflows_of()
{
	jq -e ".wans[] | select(.name == \"$1\") | .subflows > 0" "$STATUS"
}

carries()
{
	jq -e ".wans[] | select(.name == \"$1\") | .state == \"carrying\"" "$STATUS"
}

polls()
{
	jq .host.polls "$STATUS"
}

# shown FILTER: at the second poll from now at the latest; the one under way may be too early.
shown()
{
	local from shown

	from=$(polls)
	lab_eventually 20 first_with "$1" "$from"
	shown=$(($(cat "$LAB_DIR/shown") - from))
	is_at_most "polls until $1" "$shown" 2 polls
}

first_with()
{
	jq -e "$1" "$STATUS" >/dev/null && polls >"$LAB_DIR/shown"
}

nothing_was_wrong()
{
	lab_stop watch
	lab_say "$(sed -n 's/^looks //p' "$LAB_DIR/watch.out") looks at what it tells"
	grep '^accounting' "$LAB_DIR/watch.out" | sed 's/^/# /' >&2
	! grep '^wrong' "$LAB_DIR/watch.out"
}

# To the byte, once all is closed.
all_is_counted()
{
	all_ends
	equals router "$MODES"
}

# Never too much; how much is missing, nobody can know.
all_is_counted_at_most()
{
	all_ends
	[ "$(counted "$AGENT" out)" -le "$(sent router)" ]
	[ "$(counted "$AGENT" in)" -le "$(received router)" ]
}

all_ends()
{
	lab_stop stream || :
	lab_stop server || :
	end_truth
	settle 20
	figures router "$MODES" >&2
}

# ---- overruns ----

# overrun MODE CONNECTIONS: the agent is held while so many come and go.
overrun()
{
	local from start

	begin 2
	watched 500ms "$1"
	client churn -a "$LAB_SERVICE" -n 100000000 -j 300 --per-second 1000 --up 500 --down 500 \
		--close alternate --for 300
	lab_kill "$AGENT" STOP
	from=$(opens)
	lab_eventually 120 opened_since "$from" "$2"
	start=$(lab_clock)
	lab_kill "$AGENT" CONT
	lab_eventually 20 lost_some
	lab_eventually 20 accounts "$1"
	took_at_most "all read, and $1 again, after it goes on" $(($(lab_clock) - start)) 1
	lab_stop churn || :
	lab_say "$(host "$AGENT" events_lost) losses noticed, $(host "$AGENT" truncated_subflows) subflows truncated"
	nothing_was_wrong
	grep -q '^accounting.* sampled [1-9]' "$LAB_DIR/watch.out"
	all_is_counted_at_most
}

# overwhelm ROUND CONNECTIONS: so many come and go, a thousand a second, while the agent does what it can.
overwhelm()
{
	local lost from start

	lost=$(host "$AGENT" events_lost)
	from=$(opens)
	start=$(lab_clock)
	client churn -a "$LAB_SERVICE" -n "$2" -j 300 --per-second 1000 --up 500 --down 500 --close alternate
	lab_eventually 20 accounts sampled
	took_at_most "round $1: accounting sampled, after the first connection" $(($(lab_clock) - start)) 1
	lab_wait churn
	start=$(lab_clock)
	opened_since "$from" "$2"
	lab_eventually 20 accounts events
	took_at_most "round $1: events again, after the last connection" $(($(lab_clock) - start)) 1
	lab_say "round $1: $(($(host "$AGENT" events_lost) - lost)) losses noticed"
	[ "$(host "$AGENT" events_lost)" -gt "$lost" ]
}

# By the kernel's own count: the sum over all lines.
opens()
{
	lab_router nstat -asz TcpActiveOpens | awk '$1 == "TcpActiveOpens" { print $2 }'
}

opened_since()
{
	[ $(($(opens) - $1)) -ge "$2" ]
}

lost_some()
{
	[ "$(host "$AGENT" events_lost)" -gt 0 ]
}

accounts()
{
	[ "$(host "$AGENT" accounting)" = "$1" ]
}

# ---- positions of a poll ----

thread()
{
	local task

	for task in /proc/"$(cat "$LAB_DIR/$AGENT.pid")"/task/*; do
		[ "$(cat "$task/comm")" != mptcp-poll ] || basename "$task"
	done
}

# trace POLLS OPTION...: of the thread that polls, for so many polls. Again, if it began within a poll:
# the first question of each is for the links (RTM_GETLINK, 0x12, of 32 octets).
trace()
{
	local until from=$1 try

	shift
	for try in $(seq 20); do
		until=$(($(polls) + from))
		lab_start strace host strace -qq -o "$LAB_DIR/trace" -p "$(thread)" -e trace=sendto,recvmsg "$@"
		lab_eventually 60 polled "$until"
		lab_stop strace || :
		grep -m 1 ^sendto "$LAB_DIR/trace" | grep -qE "$FIRST_QUESTION" && return
	done
	lab_fail "$try traces, and none begins between two polls"
}

FIRST_QUESTION='nlmsg_len=32, nlmsg_type=(RTM_GETLINK|0x12 )'

polled()
{
	[ "$(polls)" -ge "$1" ]
}

# position_count CALL: how many there are in a poll that nobody disturbs, the usual number.
position_count()
{
	trace 8
	COUNT=$(awk -v call="$1" -v first="$FIRST_QUESTION" '
		$0 ~ first { if (polls++) print n; n = 0 }
		index($0, call "(") == 1 { n++ }' "$LAB_DIR/trace" | sort -n | uniq -c | sort -rn |
		awk 'NR == 1 { print $2 }')
	[ "${COUNT:-0}" -ge 4 ]
}

# fail_everywhere CALL ERROR
fail_everywhere()
{
	local position turn failed=0

	for position in $(seq "$COUNT"); do
		# On a busy machine a tracer may see less than a poll of the two.
		for turn in 1 2 3; do
			trace 2 -e inject="$1:error=$2:when=$position"
			if [ "$(grep -c INJECTED "$LAB_DIR/trace")" = 1 ]; then
				failed=$((failed + 1))
				break
			fi
			lab_say "$1, $2, position $position: not reached in turn $turn"
		done
	done
	lab_say "$1, $2: failed at $failed of $COUNT positions of a poll"
	[ "$failed" = "$COUNT" ]
}

run_cases
