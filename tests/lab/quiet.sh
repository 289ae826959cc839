#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015	# A && B || fail is meant so
#
# Not a fault, no alarm: lines that are silent for a good reason, on the real kernel, with traffic.
# At the end of each case the log of alarms is empty, or has the one row that the case is about; not
# one alarm came and went in between. TAP on stdout. srcdir, builddir: source and build.

set -eu

here=$(dirname "$0")
: "${LAB_JOBS:=3}"	# most cases wait for nothing to happen
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"

# ---- nothing to do ----

case_a_night_after_a_day()
{
	lab_up wans=3 rate=20mbit
	watch
	load day --up 1000000000
	lab_eventually 10 wans_are carrying carrying carrying
	lab_stop day || :	# cut off
	lab_eventually 10 wans_are quiet quiet quiet
	stays 8 quiet quiet quiet
	alarm_never
}

# A limit that is wrong for a month is one alarm, not one a night.
case_a_night_inside_a_standing_alarm()
{
	lab_up wans=3 rate=20mbit router_limits="subflows 1 add_addr_accepted 1"
	watch
	load day --up 1000000000 --kbit 4000
	lab_eventually 15 alarms_are "wan3 upButIdle"
	wan_cause wan3 = subflowLimit
	lab_stop day || :
	lab_eventually 10 wans_are quiet quiet quiet
	stays 8 quiet quiet quiet
	alarms_are "wan3 upButIdle"
	load morning --up 1000000000 --kbit 4000
	lab_eventually 10 wan_state wan3 = unjoined
	alarm_hushed 6
	alarms_are "wan3 upButIdle"
	alarm_log_is "raised wan3 upButIdle"
}

# ---- traffic that does not need all lines ----

case_one_flow_that_a_single_line_can_carry()
{
	lab_up wans=3 rate=30mbit
	watch
	load flow --up 1000000000 --kbit 8000
	lab_eventually 10 wan_state wan1 = carrying
	stays 10 carrying carrying,quiet carrying,quiet
	alarm_never
}

case_loads_of_less_than_a_line_at_a_round_trip_of_20_ms()
{
	loads_at 20ms
}

case_loads_of_less_than_a_line_at_a_round_trip_of_60_ms()
{
	loads_at 60ms
}

case_loads_of_less_than_a_line_at_a_round_trip_of_300_ms()
{
	loads_at 300ms
}

# Lines with much to spare, on each of which a subflow is busy nearly all the time.
loads_at()
{
	local kbit

	lab_up wans=3 rate=30mbit delay="$1"
	watch
	for kbit in 300 1000 8000; do
		lab_say "$kbit kbit/s"
		load "at$kbit" --up 1000000000 --kbit "$kbit"
		lab_eventually 10 wan_state wan1 = carrying
		stays 8 carrying,quiet carrying,quiet carrying,quiet
		lab_stop "at$kbit" || :
	done
	alarm_never
}

# Which line the far end sends on is its own business; without a rate nobody here can say that the
# others were full. The silent line is joined, and what is sent to it is lost.
case_a_download_without_configured_rates()
{
	lab_up wans=3 rate=20mbit
	lab_vps nft -f - <<-END
		table inet silent {
			chain line3 {
				type filter hook output priority 0;
				oifname "line3" meta length > 200 drop
			}
		}
	END
	watch
	load download --down 1000000000
	lab_eventually 10 wans_are carrying carrying quiet
	stays 10 carrying carrying quiet
	[ "$(wan_get Subflows wan3)" -ge 1 ]
	alarm_never
}

# Each has ended before the second line could join: nothing was refused, and nothing is missing.
case_thousands_of_short_connections_that_end_before_a_join()
{
	lab_up wans=3 rate=30mbit delay=20ms
	watch
	load short -n 3000 -j 100 --per-second 250 --up 200 --down 500 --close alternate
	lab_eventually 10 wan_state wan1 = carrying
	stays 9 carrying carrying,quiet carrying,quiet
	lab_wait short || lab_say "not all in order: $(cat "$LAB_DIR/short.out")"
	lab_say "joins attempted, established, abandoned, failed:"
	wan_table JoinsAttempted JoinsEstablished JoinsAbandoned JoinsFailed
	[ "$(wan_get JoinsFailed wan2)" = 0 ]
	alarm_never
}

case_udp_beside_mptcp()
{
	local k

	lab_up wans=3 rate=20mbit
	watch
	for k in 2 3; do
		lab_start "udp$k" router "$LAB_BIN/traffic" udp -a "$(lab_gateway "$k" 4)" -p 9 \
			-b "192.168.1$k.2" --kbit 16000
	done
	load flow --up 1000000000 --kbit 4000
	lab_eventually 10 wan_state wan1 = carrying
	stays 10 carrying carrying,quiet carrying,quiet
	alarm_never
}

# ---- lines that are not alike ----

# Their router would call 1 beside 30 idle for ever, if it went by the share.
case_a_slow_line_among_fast_ones_that_carries_its_share()
{
	lab_up wans=3 rate=30mbit,30mbit,1mbit delay=20ms
	watch
	load bulk --up 1000000000
	lab_eventually 10 wans_are carrying carrying carrying
	stays 12 carrying carrying carrying
	alarm_never
}

case_a_backup_line_standing_by()
{
	lab_up wans=3 rate=10mbit
	lab_endpoint_del wan3
	lab_endpoint_add wan3 subflow backup
	watch
	load bulk --up 1000000000
	lab_eventually 10 wans_are carrying carrying standby
	stays 10 carrying carrying standby
	alarm_never
}

# ---- lines that went, and came back ----

# An LTE modem behind Ethernet keeps carrier and address while its uplink is dead; the tracker's
# pings fail, and it takes the endpoint away. That is a line down, and no idle one.
case_an_endpoint_withdrawn_from_a_line_that_is_dead()
{
	lab_up wans=3 rate=10mbit
	watch
	load bulk --up 1000000000
	lab_eventually 10 wans_are carrying carrying carrying
	lab_path_drop_all wan3
	lab_endpoint_del wan3
	lab_eventually 5 wan_state wan3 = down
	wan_cause wan3 = endpointWithdrawn
	lab_eventually 10 alarms_are "wan3 lineDown"
	stays 6 carrying carrying down
	host_is WansInAlarm 0
	alarm_log_is "raised wan3 lineDown"
	lab_path_clear wan3
	lab_endpoint_add wan3
	lab_eventually 10 alarms_are
	lab_eventually 10 wan_state wan3 = carrying
	alarm_hushed 6
	alarm_log_is "raised wan3 lineDown" "cleared wan3 lineDown"
}

# With the limit that three lines need, and the first path gone, a connection that goes on has no
# place for the line which comes back. Mail clients that wait are no reason to call it idle, neither
# beside new connections, which use it, nor alone at night.
case_a_line_dialled_anew_with_old_connections_left()
{
	lab_up wans=3 rate=20mbit router_limits="subflows 2 add_addr_accepted 2"
	watch
	load old -n 3 -j 3 --up 1000000000 --kbit 1
	lab_eventually 10 has_subflows wan1 3
	lab_link_recreate wan1
	lab_eventually 10 has_subflows wan1 0
	lab_eventually 15 wan_cause wan1 = missingOnOldConnections
	stays 6 quiet,down,absent,unknown quiet quiet
	load new --up 1000000000 --kbit 4000
	lab_eventually 10 wan_state wan1 = carrying
	stays 6 carrying carrying,quiet carrying,quiet
	lab_stop new || :
	lab_eventually 10 wans_are quiet quiet quiet
	stays 6 quiet quiet quiet
	has_subflows wan1 0
	alarm_never
}

# ---- who cannot judge ----

# The far end's view of a router that lets one line in two join: that is the router's to say.
case_an_agent_on_the_far_end_speaks_for_itself()
{
	lab_up wans=3 rate=10mbit vps_signal=1 router_limits="subflows 1 add_addr_accepted 1"
	lab_at vps watch
	load bulk --up 1000000000 --down 1000000000 --kbit 4000
	lab_eventually 10 lab_at vps wan_state eth0 = carrying
	lab_eventually 10 lab_at vps host_is Role aggregator
	lab_at vps alarm_hushed 10
	lab_at vps wan_state eth0 = carrying
	lab_at vps no_finding_of_a_line
	lab_at vps alarm_never
}

# It has no file descriptor left for a while, and these are files: that is told, nobody is accused.
case_counters_and_settings_that_cannot_be_read_for_a_while()
{
	local pid errors

	lab_up wans=3 rate=10mbit router_limits="subflows 1 add_addr_accepted 1"
	watch
	load bulk --up 1000000000
	lab_eventually 15 alarms_are "wan3 upButIdle"
	errors=$(host_get PollErrors)
	read -r pid <"$LAB_DIR/agent-router.pid"
	prlimit --pid "$pid" --nofile=3:1024
	lab_eventually 5 host_has PollErrors $((errors + 2))
	prlimit --pid "$pid" --nofile=1024:1024
	lab_eventually 5 host_is LastError ""
	alarm_hushed 6
	alarms_are "wan3 upButIdle"
	alarm_log_is "raised wan3 upButIdle"
}

# ---- and it was awake ----

# What all of the above would be worth nothing without: the same times, and a real fault.
case_a_line_that_loses_its_payload_is_told_at_the_same_times()
{
	lab_up wans=3 rate=10mbit delay=20ms
	loses_its_payload
	lab_path_clear wan3
	lab_eventually 20 alarms_are
	alarm_log_is "raised wan3 upButIdle" "cleared wan3 upButIdle"
}

# There, a window is hardly ever full: less is in flight than it would allow, and as much waits.
case_a_line_that_loses_its_payload_at_a_round_trip_of_300_ms()
{
	lab_up wans=3 rate=30mbit delay=300ms
	loses_its_payload
	alarm_log_is "raised wan3 upButIdle"
}

loses_its_payload()
{
	watch
	load bulk --up 1000000000
	lab_eventually 15 wans_are carrying carrying carrying
	lab_path wan3 input "meta length > 200 drop"
	lab_eventually 25 wan_state wan3 = idle
	lab_eventually 20 alarms_are "wan3 upButIdle"
}

# ---- what they use ----

# The server, and the agent, which knows the lines before there is traffic.
watch()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
	alarms_watch
	lab_eventually 5 host_has Polls 3
}

# load NAME OPTION...: of traffic's client, at the router, until it is stopped.
load()
{
	local name=$1

	shift
	lab_start "$name" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --for 0 "$@"
}

# stays POLLS carrying carrying,quiet ...: the states of wan1, wan2, ... over so many polls: one
# of those named, and of all of them. Says all that it saw when it saw another.
stays()
{
	local polls=$1 last until

	shift
	last=$(($(host_get Polls) + polls))
	until=$(($(lab_clock) + (30 + polls * 5) * 100))
	until host_has Polls "$last" >/dev/null; do
		states_fit "$@" || return 1
		[ "$(lab_clock)" -lt $until ] || lab_fail "no $polls polls in $((30 + polls * 5)) s"
		sleep 0.5
	done
}

states_fit()
{
	local rows state k=0 fit=1

	rows=$(wan_table State | sort -V | tr '\t' ' ')
	[ "$(printf '%s\n' "$rows" | wc -l)" = $# ] || fit=0
	for state; do
		k=$((k + 1))
		printf '%s\n' "$rows" | grep -qxE "wan$k ($(echo "$state" | tr , '|'))" || fit=0
	done
	[ $fit = 1 ] || {
		lab_say "states: $(printf '%s\n' "$rows" | tr '\n' ' ')"
		return 1
	}
}

has_subflows()
{
	local count

	count=$(wan_get Subflows "$1")
	echo "$1: $count subflows"
	[ "$count" = "$2" ]
}

no_finding_of_a_line()
{
	local findings

	findings=$(status_rows findings wan severity cause) || return
	printf '%s\n' "$findings"
	! printf '%s\n' "$findings" | grep -v -e '^host info ' -e '^$'
}

run_cases
