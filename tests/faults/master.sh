#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# An snmpd that is killed, hangs, is not there or belongs to another: what the agent does meanwhile, and
# how soon it is back. TAP on stdout, figures on stderr. srcdir, builddir: source and build; LAB_BIN:
# where the built traffic is.

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

case_sixty_kills_under_two_walks_break_no_counter()
{
	local k agent since rss fds

	begin
	stream
	lab_agent_start -i 500ms
	agent=$(cat "$LAB_DIR/agent-router.pid")
	since=$(host_get mptcpWanCountersSince)
	walker first
	walker second
	: >"$LAB_DIR/back"
	for k in $(seq 60); do
		[ $((k % 2)) = 0 ] || lab_kill snmpd-router KILL
		lab_snmpd_stop || :
		lab_snmpd_start
		until_it 30 host_has Polls 1 >>"$LAB_DIR/back"
		if [ "$k" = 10 ]; then
			rss=$(rss_kib "$agent") fds=$(fds_of "$agent")
		fi
	done
	lab_stop first || :
	lab_stop second || :
	lab_say "re-registered: $(wc -l <"$LAB_DIR/back") of 60; back after $(median <"$LAB_DIR/back")0 ms (median)"
	took_at_most "OID back after snmpd, the longest" "$(sort -n "$LAB_DIR/back" | tail -n 1)" 3
	[ "$(wc -l <"$LAB_DIR/back")" = 60 ]
	[ "$(host_get mptcpWanCountersSince)" = "$since" ]
	is_at_most "memory gained in 50 restarts" $(($(rss_kib "$agent") - rss)) 256 KiB
	is_at_most "descriptors gained in 50 restarts" $(($(fds_of "$agent") - fds)) 0 descriptors
	host_get mptcpWanDiscontinuityTime
	[ "$(host_get mptcpWanDiscontinuityTime)" = 0:0:00:00.00 ]
	never_back first
	never_back second
	lab_alive agent-router
}

# While it hangs an alarm is raised, and it goes on to hang while the agent is ended.
case_a_master_that_hangs_for_two_minutes_holds_up_nothing()
{
	local polls late overslept start

	begin
	printf '%s\n' 'cpu-budget = 100' 'interval = 500ms' 'raise-after = 1s' 'clear-after = 1s' >"$LAB_DIR/conf"
	echo "trap2sink 127.0.0.1:162 public" >"$LAB_DIR/snmp-router/snmpd.more"
	lab_trapd_start
	lab_agent_start -c "$LAB_DIR/conf" -i 500ms
	host_is Accounting exact
	lab_eventually 10 host_has Polls 5
	lab_start ticks host python3 "$home/ticks.py" "$LAB_DIR/snmp-router/run/status.json" 500
	lab_kill snmpd-router STOP
	start=$(lab_clock)
	lab_ip vps "link set line2 down"
	lab_eventually 15 logged 'alarm raised (line-down, major, record 1): wan2: '
	lab_say "alarm in $(($(lab_clock) - start))0 ms while snmpd hangs"
	hold "$start" "$HANG_S"
	lab_stop ticks
	read -r polls late overslept <"$LAB_DIR/ticks.out"
	lab_say "$polls polls in $((($(lab_clock) - start) / 100)) s"
	[ "$polls" -ge $((HANG_S * 2 - 5)) ]
	lab_say "a poll was late by $late ms at most, who only sleeps by $overslept; 50 ms asked"
	[ "$late" -le $((250 + overslept)) ]
	lab_kill snmpd-router CONT
	took_at_most "answers after SIGCONT" "$(until_it 30 host_has Polls "$polls")" 3
	lab_eventually 20 told_sequences 1
	lab_ip vps "link set line2 up"
	lab_eventually 30 told_sequences 1 2
	lab_say "$(lab_told | wc -l) notifications of 2 records; the same sequence numbers"
	lab_kill snmpd-router STOP
	start=$(lab_clock)
	lab_stop agent-router
	took_at_most "ends by SIGTERM while snmpd hangs" $(($(lab_clock) - start)) 2
}

case_a_master_that_is_not_there_is_waited_for()
{
	begin_alone
	lab_agent_run -i 500ms
	lab_eventually 10 polled 10
	lab_snmpd_start
	took_at_most "attached after the start of snmpd" "$(until_it 30 host_has Polls 1)" 3
	[ "$(grep -c 'AgentX socket .*: No such file or directory; trying again' "$LAB_DIR/agent-router.err")" = 1 ]
}

case_a_socket_that_it_may_not_use_is_told_and_tried()
{
	begin_alone
	chmod 711 "$LAB_DIR"
	mkdir -p "$LAB_DIR/snmp-router"
	install -m 755 "$LAB_AGENT" "$LAB_DIR/agent"
	lab_snmpd_start
	chmod 600 "$LAB_DIR/snmp-router/agentx"
	LAB_AGENT=$LAB_DIR/agent lab_agent_run -i 500ms --user nobody
	lab_eventually 10 polled 10
	[ "$(grep -c 'AgentX socket .*: Permission denied; trying again' "$LAB_DIR/agent-router.err")" = 1 ]
	chmod 666 "$LAB_DIR/snmp-router/agentx"
	took_at_most "attached after the permission" "$(until_it 30 host_has Polls 1)" 3
}

case_a_wrong_path_is_told_once_a_minute_at_most()
{
	begin_alone
	lab_agent_run -i 500ms -x "$LAB_DIR/no/agentx"
	lab_window 65
	polled 100
	is_at_most "lines of the log in 65 s" "$(grep -c "AgentX socket $LAB_DIR/no/agentx: No such file" \
		"$LAB_DIR/agent-router.err")" 1 line
}

case_another_subagent_with_our_tree_is_told_and_followed()
{
	begin_alone
	lab_agent_start
	mkdir "$LAB_DIR/second"
	lab_start second router "$LAB_AGENT" -f -i 700ms -c "$LAB_DIR/snmp-router/none.conf" \
		-x "$LAB_DIR/snmp-router/agentx" --run-dir "$LAB_DIR/second" -s "$LAB_DIR/second"
	took_at_most "reported" "$(until_it 25 grep -q 'another subagent serves our subtree' "$LAB_DIR/second.err")" 5
	host_is PollInterval 1000
	lab_agent_stop
	took_at_most "taken over" "$(until_it 50 host_is PollInterval 700)" 10
}

case_what_happens_while_it_is_away_is_told_afterwards_5_s()
{
	away 5
}

case_what_happens_while_it_is_away_is_told_afterwards_60_s()
{
	away 60
}

# As many as there may be, and some more: of those the newest are told, and the others counted.
case_a_burst_of_500_is_told_in_order_and_what_is_over_1000_is_counted()
{
	begin
	LAB_TRAPD_BY=tcp
	echo "trap2sink tcp:127.0.0.1:162 public" >"$LAB_DIR/snmp-router/snmpd.more"
	lab_trapd_start
	undelivered 500
	lab_agent_run -i 500ms
	lab_eventually 10 polled 3
	lab_snmpd_start
	lab_eventually 60 told_range 1 500
	lab_eventually 10 host_is NotificationsPending 0
	host_is NotificationsLost 0
	lab_say "500 of 500 told, in order, each for the first time in its place"
	lab_agent_stop
	lab_snmpd_stop || :
	undelivered 1024
	printf '%s\n' 'cpu-budget = 100' 'interval = 500ms' 'wan wan1 { shelve = "all" }' 'wan wan2 { shelve = "all" }' >"$LAB_DIR/conf"
	lab_stop trapd || :
	lab_trapd_start
	lab_agent_run -c "$LAB_DIR/conf" -i 500ms
	lab_eventually 10 polled 3
	lab_snmpd_start
	# Two alarms of the file are shelved at once: rows 1025 and 1026 push out 1 and 2.
	lab_eventually 90 told_range 3 1026
	host_is NotificationsLost 2
	lab_say "of 1,026 the newest 1,024 told, 2 counted as lost"
}

# ---- the words they use ----

: "${HANG_S:=120}"

begin_alone()
{
	lab_up wans=2
}

begin()
{
	begin_alone
	mkdir -p "$LAB_DIR/snmp-router"
}

stream()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 900
	lab_eventually 5 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 2 -j 2 \
		--up 100000000000 --kbit 2000 --for 900
}

# A manager that walks all of it again and again, and writes down each counter that it is told.
walker()
{
	cat >"$LAB_DIR/walk" <<-'END'
		while :; do
			snmpbulkwalk -v 2c -c public -t 1 -r 0 -OqUs "$1" mptcpWanMIB 2>/dev/null |
				grep -e 'mptcpWan[A-Za-z]*Octets\.' -e 'mptcpWanHost[A-Za-z]*Polls\.'
		done
	END
	lab_start "$1" router env MIBDIRS="$srcdir/tests/mibs:$srcdir/mibs" MIBS=MPTCP-WAN-MIB \
		SNMPCONFPATH="$LAB_DIR/snmp-router" SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" \
		sh "$LAB_DIR/walk" "$(cat "$LAB_DIR/snmp-router/address")"
}

# No counter that the walker was told has ever become less, and it was told much.
never_back()
{
	awk '
		{ n++ }
		$1 in last && $2 + 0 < last[$1] { print $1, last[$1], "then", $2; bad++ }
		{ last[$1] = $2 + 0 }
		END {
			printf("# %s: %d samples of %d counters, %d went back\n", name, n, length(last), bad)
			exit bad || n < 300
		}' name="$1" "$LAB_DIR/$1.out" >&2
}

# So many seconds of all that time: hold START SECONDS. The measuring window of a hang.
hold()
{
	lab_eventually $(($2 + 10)) passed "$1" "$2"
}

passed()
{
	[ $(($(lab_clock) - $1)) -ge $(($2 * 100)) ]
}

polled()
{
	[ "$(jq .host.polls "$LAB_DIR/snmp-router/run/status.json" 2>/dev/null || echo 0)" -ge "$1" ]
}

logged()
{
	grep -q "$1" "$LAB_DIR/agent-router.err"
}

# told_sequences NUMBER...: these, each for the first time in that order, and no others.
told_sequences()
{
	lab_told | tr '\t' '\n' | sed -n 's/^mptcpWanLogSequence\.[0-9]* = //p' | awk '!seen[$1]++' |
		tr '\n' ' ' >"$LAB_DIR/sequences"
	[ "$(cat "$LAB_DIR/sequences")" = "$* " ]
}

# told_range FIRST LAST: the same for all of these.
told_range()
{
	# shellcheck disable=SC2046 # a list
	told_sequences $(seq "$1" "$2") && return
	echo "told: $(wc -w <"$LAB_DIR/sequences")"
	return 1
}

# away SECONDS: snmpd is not there, and a line goes and comes.
away()
{
	local start

	begin
	printf '%s\n' 'cpu-budget = 100' 'raise-after = 1s' 'clear-after = 1s' >"$LAB_DIR/conf"
	echo "trap2sink 127.0.0.1:162 public" >"$LAB_DIR/snmp-router/snmpd.more"
	lab_trapd_start
	lab_agent_start -c "$LAB_DIR/conf" -i 500ms
	lab_snmpd_stop || :
	start=$(lab_clock)
	lab_ip vps "link set line2 down"
	lab_eventually 20 logged 'alarm raised (line-down, major, record 1)'
	lab_ip vps "link set line2 up"
	lab_eventually 20 logged 'alarm cleared (line-down, major, record 2)'
	hold "$start" "$1"
	lab_snmpd_start
	took_at_most "told after snmpd was back" "$(until_it 30 told_sequences 1 2)" 3
	host_is NotificationsLost 0
	[ "$(lab_told | wc -l)" = 2 ]
}

# undelivered COUNT: an earlier agent has left so many rows that nobody took, of two lines by turns, and
# the last row of each is an alarm that stands.
undelivered()
{
	rm -rf "$LAB_DIR/snmp-router/state"
	mkdir -p "$LAB_DIR/snmp-router/state"
	awk -v count="$1" 'BEGIN {
		printf("{\"format\":1,\"epoch\":1700000000,\"sequence\":%d,\"lost\":0,\"delivered\":0,\"log\":[", count)
		for (i = 1; i <= count; i++)
			printf("%s{\"sequence\":%d,\"raised-by\":%d,\"wan\":\"wan%d\",\"index\":%d,\"ifindex\":3,\"cause\":40," \
				"\"label\":\"\",\"transition\":1,\"type\":1,\"severity\":5,\"time\":1700000123,\"state\":7," \
				"\"subflows\":0,\"carrying\":1,\"joined\":1,\"configured\":2,\"text\":\"row %d\"}",
				i > 1 ? "," : "", i, i, 2 - i % 2, 2 - i % 2, i)
		printf("],\"active\":[")
		for (i = 1; i <= 2; i++)
			printf("%s{\"wan\":\"wan%d\",\"index\":%d,\"cause\":40,\"sequence\":%d,\"text\":\"\",\"type\":1," \
				"\"severity\":5,\"worst\":5,\"raised\":1700000123,\"flapping\":false,\"hold\":0,\"state\":7}",
				i > 1 ? "," : "", i, i, count - 2 + i)
		print "]}"
	}' >"$LAB_DIR/snmp-router/state/alarms"
	printf 'mptcp-wan-state 1\nnext 3\nwan 1 wan1 wan1 3 1700000000\nwan 2 wan2 wan2 3 1700000000\n' \
		>"$LAB_DIR/snmp-router/state/wans"
}

run_cases
