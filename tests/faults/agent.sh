#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# An agent that is killed or held, a clock that jumps, a disk that is full, descriptors by the thousand, a
# manager that loses what it is told. TAP on stdout, figures on stderr. srcdir, builddir: source and build.

set -eu

: "${LAB_JOBS:=4}"	# most cases wait most of the time
home=$(dirname "$0")
here=$home/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/faults/figures.sh
. "$home/figures.sh"

# ---- the cases; each is named after what it shows ----

# wan2 is down all the time; wan3 goes and comes, so that some kills come in the middle of an alarm.
case_a_hundred_kills_end_no_alarm_and_no_snmpd()
{
	local k rss snmpd

	begin 3
	lab_agent_start -c "$LAB_DIR/conf"
	snmpd=$(cat "$LAB_DIR/snmpd-router.pid")
	walker first
	walker second
	lab_ip vps "link set line2 down"
	lab_eventually 20 active "wan2 "
	rss=$(rss_kib "$snmpd")
	for k in $(seq 100); do
		case $((k % 10)) in
		3) lab_ip vps "link set line3 down" ;;
		8) lab_ip vps "link set line3 up" ;;
		esac
		# From the first poll to the third, or in the very moment of an alarm.
		case $((k % 10)) in
		5) lab_eventually 20 active "wan2 wan3 " ;;
		0) lab_eventually 20 active "wan2 " ;;
		*) lab_eventually 20 polled $((1 + k % 3)) ;;
		esac
		lab_kill agent-router KILL
		lab_wait agent-router || :
		lab_agent_run -c "$LAB_DIR/conf"
	done
	lab_eventually 20 active "wan2 "
	lab_stop first || :
	lab_stop second || :
	lab_alive snmpd-router
	is_at_most "memory of snmpd gained in 100 kills" $(($(rss_kib "$snmpd") - rss)) 4096 KiB
	records
	is_at_most "false transitions" "$(records | false_transitions)" 0 "of $(records | wc -l)"
	[ "$(records | grep -c ' wan2 ')" = 1 ]
	[ "$(records | grep -c 'raised wan3 ')" = 10 ]
}

case_polls_that_are_held_are_seen_as_blind_within_three_intervals()
{
	local start poller

	begin 2
	lab_agent_start -c "$LAB_DIR/conf" -i 2s
	lab_eventually 10 host_has Polls 3
	check 0
	poller=$(thread mptcp-poll)
	lab_start hold host strace -qq -p "$poller" -e trace=sendto -e inject=sendto:delay_enter=600000000
	lab_eventually 10 traced "$poller"
	start=$(lab_clock)
	# It still answers, and says how old its answers are. Both clocks tell whole seconds.
	lab_eventually 20 host_has Age 7
	took_at_most "seen over SNMP, polling each 2 s: age above 6 s" $(($(lab_clock) - start)) 7
	lab_eventually 20 check 3
	took_at_most "seen by check: UNKNOWN" $(($(lab_clock) - start)) 9
	lab_say "$(head -n 1 "$LAB_DIR/check.out")"
	lab_stop hold || :
	lab_eventually 10 check 0
	host_is PollErrors 0
}

# A connection of 2 Mbit/s and a line that goes down; the wall clock goes back an hour and forth a day.
case_a_wall_clock_that_jumps_moves_no_rate_and_no_alarm()
{
	local start

	begin 2
	printf '%s\n' 'cpu-budget = 100' 'raise-after = 4s' 'clear-after = 4s' >>"$LAB_DIR/conf"
	clock +0
	faked
	stream
	lab_agent_start -c "$LAB_DIR/conf"
	lab_eventually 20 carries
	lab_start rates host sh -c "while :; do jq -r '.wans[] | select(.name == \"wan1\") | .out_kbps' \
		'$LAB_DIR/snmp-router/run/status.json'; sleep 0.25; done"
	lab_ip vps "link set line2 down"
	start=$(lab_clock)
	lab_eventually 10 wan_state wan2 = down
	clock -1h
	lab_eventually 30 active "wan2 "
	# Not at once, for the hour that was lost or won.
	[ $(($(lab_clock) - start)) -ge 350 ]
	lab_ip vps "link set line2 up"
	lab_eventually 10 back wan2
	start=$(lab_clock)
	clock +1d
	lab_eventually 30 active ""
	[ $(($(lab_clock) - start)) -ge 250 ]
	lab_stop rates || :
	records
	is_at_most "false alarms" "$(records | grep -vc ' wan2 ')" 0 "of $(records | wc -l)"
	[ "$(records | wc -l)" = 2 ]
	sort -n "$LAB_DIR/rates.out" | awk '
		{ v[NR] = $1 }
		END {
			printf("# %d rates of wan1: %d to %d kbit/s, median %d\n", NR, v[1], v[NR], v[int(NR / 2)])
			exit NR < 10 || v[NR] > 3 * v[int(NR / 2)]
		}' >&2
	host_is EventsLost 0
}

case_with_1100_open_descriptors_it_works()
{
	begin 2
	cat >"$LAB_DIR/many" <<-END
		#!/usr/bin/env python3
		import os, resource, sys
		resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
		for _ in range(1100):
		    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
		os.execv("$LAB_AGENT", ["$LAB_AGENT"] + sys.argv[1:])
	END
	chmod 755 "$LAB_DIR/many"
	LAB_AGENT=$LAB_DIR/many lab_agent_start -c "$LAB_DIR/conf"
	lab_say "$(fds_of "$(cat "$LAB_DIR/agent-router.pid")") descriptors"
	[ "$(fds_of "$(cat "$LAB_DIR/agent-router.pid")")" -ge 1110 ]
	host_is Accounting exact
	lab_ip vps "link set line2 down"
	lab_eventually 20 active "wan2 "
	lab_snmpd_stop || :
	lab_snmpd_start
	lab_eventually 15 host_has Polls 1
	lab_agent_stop
}

# Its log goes to somebody who reads one line and is gone: each line more is a SIGPIPE.
case_whoever_reads_its_log_may_go()
{
	local lines

	begin 2
	mkfifo "$LAB_DIR/log"
	lab_start reader host head -n 1 "$LAB_DIR/log"
	agent_through sh -c "'exec \"\$0\" \"\$@\" 2>$LAB_DIR/log'" "$LAB_AGENT"
	lab_agent_start -c "$LAB_DIR/conf"
	lab_wait reader
	lab_ip vps "link set line2 down"
	lab_eventually 20 active "wan2 "
	lab_kill agent-router PIPE
	lab_ip vps "link set line2 up"
	lab_eventually 20 active ""
	lines=$(records | wc -l)
	lab_agent_stop
	[ "$lines" = 2 ]
	lab_say "deaths by SIGPIPE: 0, of $lines lines that nobody read and a signal"
}

case_a_full_disk_is_told_and_nothing_ends()
{
	begin 2
	mkdir -p "$LAB_DIR/snmp-router/state"
	agent_on_small_disk
	lab_agent_start -c "$LAB_DIR/conf"
	lab_ip vps "link set line2 down"
	lab_eventually 20 active "wan2 "
	lab_eventually 5 logged 'alarms: .*: No space left on device'
	[ "$(grep -c 'No space left on device' "$LAB_DIR/agent-router.err")" -le 2 ]
	# Room is made: what was not written is, without another alarm.
	nsenter -t "$(cat "$LAB_DIR/agent-router.pid")" -m rm "$LAB_DIR/snmp-router/state/ballast"
	lab_eventually 20 logged 'alarms: all well again'
	nsenter -t "$(cat "$LAB_DIR/agent-router.pid")" -m grep -q '"wan":"wan2"' "$LAB_DIR/snmp-router/state/alarms"
	lab_agent_stop
}

# Of ten notifications three are thrown away on their way. What is missing shows by its number, and the
# log of the MIB has it.
case_a_manager_that_loses_notifications_has_the_truth_after_one_walk()
{
	local k

	begin 3
	echo "trap2sink 127.0.0.1:162 public" >"$LAB_DIR/snmp-router/snmpd.more"
	lab_trapd_start
	lab_agent_start -c "$LAB_DIR/conf"
	lab_router nft -f - <<-END
		table inet lossy {
			chain out {
				type filter hook output priority 0;
				udp dport 162 numgen random mod 10 < 3 drop
			}
		}
	END
	for k in 1 2 3 4 5; do
		for line in 2 3; do lab_ip vps "link set line$line down"; done
		lab_eventually 30 active "wan2 wan3 "
		for line in 2 3; do lab_ip vps "link set line$line up"; done
		lab_eventually 30 active ""
	done
	lab_ip vps "link set line3 down"
	lab_eventually 20 active "wan3 "
	lab_eventually 10 host_is NotificationsPending 0
	sequences_told | sort -u >"$LAB_DIR/told"
	records | cut -d ' ' -f 1 | sort >"$LAB_DIR/walked"
	lab_say "$(wc -l <"$LAB_DIR/walked") records, $(wc -l <"$LAB_DIR/told") of them told; the rest is walked"
	[ "$(wc -l <"$LAB_DIR/told")" -lt "$(wc -l <"$LAB_DIR/walked")" ]
	# Without a gap, up to the number that a manager compares with.
	seq "$(host_get AlarmSequence)" | sort | diff - "$LAB_DIR/walked"
	[ -z "$(comm -23 "$LAB_DIR/told" "$LAB_DIR/walked")" ]
	# What the records add up to is what the table of active alarms has.
	[ "$(records | view)" = "wan3 " ]
}

# ---- the words they use ----

# A router with so many lines, and short times.
begin()
{
	lab_up wans="$1"
	mkdir -p "$LAB_DIR/snmp-router"
	printf '%s\n' 'cpu-budget = 100' 'interval = 500ms' 'raise-after = 500ms' 'clear-after = 500ms' >"$LAB_DIR/conf"
}

stream()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 300
	lab_eventually 5 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 1 \
		--up 100000000000 --kbit 2000 --for 300
}

walker()
{
	lab_start "$1" router env MIBS= SNMPCONFPATH="$LAB_DIR/snmp-router" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" sh -c "while :; do
			snmpbulkwalk -v 2c -c public -t 1 -r 0 -On $(cat "$LAB_DIR/snmp-router/address") \
				1.3.6.1.4.1.8072 >/dev/null 2>&1
		done"
}

polled()
{
	[ "$(jq .host.polls "$LAB_DIR/snmp-router/run/status.json" 2>/dev/null || echo 0)" -ge "$1" ]
}

# active "wan2 wan3 ": the WANs that have an alarm, and no others.
active()
{
	local now

	now=$(lab_snmp snmpbulkwalk -Ov mptcpWanActiveWanName | lab_snmp_text | sort | tr '\n' ' ')
	echo "active: $now"
	case $now in
	*wan*) [ "$now" = "$1" ] ;;
	*)     [ -z "$1" ] ;;	# who walks an empty table is told so
	esac
}

# The log: "7 raised wan2 ", a record a line.
records()
{
	lab_snmp snmpbulkwalk mptcpWanAlarmLogTable | awk '
		{ split($1, key, "."); v = $0; sub(/^[^ ]* /, "", v); gsub(/"/, "", v); cell[key[1], key[2]] = v }
		$1 ~ /^mptcpWanLogTransition\./ { row[++rows] = key[2] }
		END {
			for (i = 1; i <= rows; i++)
				print row[i], cell["mptcpWanLogTransition", row[i]], cell["mptcpWanLogWanName", row[i]], ""
		}'
}

# Raised twice without an end between, or ended without a beginning.
false_transitions()
{
	awk '{ if (($2 == "raised") == (up[$3] + 0) && $2 != "worsened") bad++; up[$3] = $2 != "cleared" }
		END { print bad + 0 }'
}

view()
{
	awk '{ up[$3] = $2 != "cleared" } END { for (wan in up) if (up[wan]) print wan }' | sort | tr '\n' ' '
}

sequences_told()
{
	lab_told | tr '\t' '\n' | sed -n 's/^mptcpWanLogSequence\.[0-9]* = //p'
}

# The thread of the agent that has this name.
thread()
{
	local task

	for task in /proc/"$(cat "$LAB_DIR/agent-router.pid")"/task/*; do
		[ "$(cat "$task/comm")" != "$1" ] || basename "$task"
	done
}

traced()
{
	grep -q '^TracerPid:	[1-9]' "/proc/$1/status"
}

# check STATUS: the plugin for Icinga ends with that.
check()
{
	local status=0

	lab_router "$builddir/cli/mptcp-wan" check --run-dir "$LAB_DIR/snmp-router/run" >"$LAB_DIR/check.out" 2>&1 ||
		status=$?
	cat "$LAB_DIR/check.out"
	[ "$status" = "$1" ]
}

# clock -1h: the wall clock that the agent sees. The monotonic one is the kernel's.
clock()
{
	echo "$1" >"$LAB_DIR/clock.new"
	mv "$LAB_DIR/clock.new" "$LAB_DIR/clock"
}

faked()
{
	local library

	for library in /usr/lib/*/faketime/libfaketimeMT.so.1; do :; done
	[ -e "$library" ] || lab_fail "libfaketime is not installed"
	agent_through env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$LAB_DIR/clock" \
		FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 "$LAB_AGENT"
}

# Its state is on a disk that something else has filled.
agent_on_small_disk()
{
	local state=$LAB_DIR/snmp-router/state

	agent_through unshare -m sh -c "'mount -t tmpfs -o size=16k none $state &&
		dd if=/dev/zero of=$state/ballast bs=4k 2>/dev/null
		exec \"\$0\" \"\$@\"'" "$LAB_AGENT"
}

agent_through()
{
	printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$LAB_DIR/start-agent"
	chmod 755 "$LAB_DIR/start-agent"
	LAB_AGENT=$LAB_DIR/start-agent
}

carries()
{
	wan_state wan1 = carrying
}

back()
{
	[ "$(wan_get State "$1")" != down ]
}

logged()
{
	grep -q "$1" "$LAB_DIR/agent-router.err"
}

run_cases
