#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119
#
# What the plugin costs in a real collectd, beside the agent on the same connections: a read, and a
# poll. TAP on stdout, figures as comments on stderr; a test is only that the work was done, never a
# time. Minutes: 2.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
LAB_HOME=$srcdir/tests/lab
LAB_JOBS=1	# one load at a time
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/bench/held.sh
. "$srcdir/tests/bench/held.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"

LINES=6
POLLS=10

# ---- the cases; each is named after what it shows ----

case_a_read_at_ten_thousand_subflows_dispatches_all_of_it()
{
	talking 1667
	collectd_timed
	lab_eventually 60 collectd_is host/count-subflows 10002
	rows=$(collectd_rows host/total_operations-polls | wc -l)
	lab_eventually 60 collectd_has_rows host/total_operations-polls $((rows + 15))
	echo "# $(wc -l <"$LAB_DIR/reads") reads, 10,002 live subflows, 6 WANs" >&2
	figure "$(median 1)" us "a read, by the clock: the median"
	figure "$(median 2)" us "... of its CPU time"
	figure "$(longest 1)" us "the longest, by the clock: whatever else the machine does is in it"
	figure "$(longest 2)" us "the longest, of its CPU time"
	collectd_ends_well
}

# Both poll each second; both write: the agent its status file, collectd its values.
case_a_poll_beside_the_agents()
{
	local agent poll all read

	talking 170
	lab_agent_start -i 1s
	lab_eventually 20 host_is Subflows 1020
	agent=$(us_a_poll "$(cat "$LAB_DIR/agent-router.pid")" '')
	lab_agent_stop
	collectd_timed
	lab_eventually 20 collectd_is host/count-subflows 1020
	poll=$(us_a_poll "$(cat "$LAB_DIR/collectd-router.pid")" mptcp-poll)
	all=$(us_a_poll "$(cat "$LAB_DIR/collectd-router.pid")" '')
	read=$(median 2)
	echo "# 1,020 live subflows, $POLLS polls at 1 s" >&2
	figure "$agent" "us a poll" "the agent"
	figure "$poll" "us a poll" "the plugin's own thread"
	figure "$read" "us a read" "... and a read, each second as well"
	figure "$(median 1)" "us a read" "... by the clock"
	figure "$all" "us a poll" "all of collectd: reads, and CSV files written, too"
	figure "$(awk -v a="$((poll + read))" -v b="$agent" 'BEGIN { printf "%.2f", a / b }')" ratio "the two, to the agent"
	figure "$(awk -v a="$all" -v b="$agent" 'BEGIN { printf "%.2f", a / b }')" ratio "all of collectd, to the agent"
	collectd_ends_well
}

# ---- what they use ----

# With a plugin that tells how long each read took. A value is handed to collectd's write threads,
# which compete for the cores that a read is timed on: one in place of five, to time the read.
collectd_timed()
{
	echo "WriteThreads 1" >"$LAB_DIR/collectd-router.more"
	COLLECTD_OURS=$builddir/tests/bench/.libs/mptcp.so
	COLLECTD_THROUGH="env READ_TIMER=$LAB_DIR/reads"
	collectd_start 'Interval 1'
}

# So many connections that are held open and say little, each with a subflow on every line.
talking()
{
	lab_up wans=$LINES
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 300
	lab_eventually 5 lab_listens vps 5000
	lab_start held router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 \
		-n "$1" -j "$1" --per-second 100 --up 100000000 --kbit 8 --for 300
	lab_eventually 60 ss_sees $(($1 * LINES))
}

median()
{
	cut -d ' ' -f "$1" "$LAB_DIR/reads" | sort -n |
		awk '{ us[NR] = $1 } END { print us[int((NR + 1) / 2)] }'
}

longest()
{
	cut -d ' ' -f "$1" "$LAB_DIR/reads" | sort -n | tail -n 1
}

# CPU time in ns of a process's threads of that name; '': of all.
cpu_ns()
{
	local task

	for task in "/proc/$1/task"/*; do
		[ -z "$2" ] || [ "$(cat "$task/comm")" = "$2" ] || continue
		cat "$task/schedstat"
	done | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

us_a_poll()
{
	local before start

	before=$(cpu_ns "$1" "$2")
	start=$(lab_clock)
	lab_eventually $((2 * POLLS)) passed $((start + POLLS * 100))
	echo $((($(cpu_ns "$1" "$2") - before) / 10 / ($(lab_clock) - start)))
}

passed()
{
	[ "$(lab_clock)" -ge "$1" ]
}

figure()
{
	printf '# %12s %-12s %s\n' "$1" "$2" "$3" >&2
}

if ! reason=$(collectd_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
