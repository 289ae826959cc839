#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119
#
# Records scenarios anew, on the real kernel: record.sh NAME...; needs root. srcdir, builddir: the
# source and the build. Each is a story of the lab, polled each second with short times; afterwards
# tests/scenarios.sh --accept, name in `moments` what is worth showing (seconds after the first
# poll), run tests/golden.sh --accept, and read what came of it.

set -eu

srcdir=${srcdir:-.} builddir=${builddir:-build}
LAB_HOME=$srcdir/tests/lab LAB_BIN=$builddir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$LAB_HOME/alarms.sh"

# A limit of 1 and three lines; raised, which the connection does not notice until it begins anew.
limit_and_cure()
{
	recorded router_limits="subflows 1 add_addr_accepted 1"
	traffic
	lab_eventually 20 alarms_are "wan3 upButIdle"
	lab_limits router "subflows 2 add_addr_accepted 1"
	lab_eventually 10 wan_cause wan3 = limitsRaisedOldConnections
	lab_stop traffic || :
	traffic
	lab_eventually 20 alarms_are
}

carrier_lost_and_back()
{
	recorded
	traffic
	lab_eventually 20 wan_state wan1 wan2 wan3 = carrying
	lab_carrier_down wan2
	lab_eventually 20 alarms_are "wan2 lineDown"
	lab_carrier_up wan2
	lab_eventually 20 alarms_are
}

stripped_joins()
{
	recorded
	lab_path_strip_mptcp wan3
	traffic
	lab_eventually 20 alarms_are "wan3 upButIdle"
	lab_path_clear wan3
	lab_stop traffic || :
	traffic
	lab_eventually 20 alarms_are
}

# Both families, by netlink's events and by BPF's walks: connections that come and go, a line that cannot
# be joined, one whose address changes, and its endpoint with it, and one whose endpoint is left behind.
dual_stack_by_events()
{
	CONFIGURATION="bpf = false"
	dual_stack_by_walks
}

dual_stack_by_walks()
{
	recorded family=46 vps_signal=1
	lab_path_drop_joins wan3
	traffic
	lab_start traffic6 router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 -n 1 \
		--up 1000000000 --for 120
	lab_eventually 20 wan_state wan1 wan2 = carrying
	lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 -n 3 -j 1 --up 3000 \
		--down 3000 --close client >/dev/null
	lab_eventually 20 alarms_are "wan3 upButIdle"
	lab_address_change wan2 192.168.12.77
	lab_ip router "addr add 192.168.13.77/24 dev wan3
		addr add 2001:db8:3::77/64 dev wan3 nodad
		addr del 192.168.13.2/24 dev wan3
		addr del 2001:db8:3::2/64 dev wan3"
	lab_eventually 10 wan_cause wan3 = staleEndpoint
}

# ---- what they use ----

CONFIGURATION=

# recorded [OPTION of lab_up]...: a lab, and an agent that writes down what the kernel answers.
recorded()
{
	lab_up wans=3 rate=4mbit "$@"
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 300
	lab_eventually 5 lab_listens vps 5000
	alarms_configure ${CONFIGURATION:+"$CONFIGURATION"}
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_agent_start -c "$LAB_DIR/alarms-router.conf" --record "$LAB_DIR/capture"
}

# One long connection that sends all it can.
traffic()
{
	lab_start traffic router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 1 \
		--up 1000000000 --for 120
}

# Settings as scenarios.sh gives them to replay: the configuration, a word each.
keep()
{
	local folder=$srcdir/tests/scenarios/$1

	lab_agent_stop
	mkdir -p "$folder"
	gzip -9n <"$LAB_DIR/capture" >"$folder/capture.gz"
	sed 's/ = /=/' "$LAB_DIR/alarms-router.conf" | tr '\n' ' ' |
		sed 's/ $//' >"$folder/settings"
	lab_say "$1: $(wc -c <"$folder/capture.gz") octets"
}

lab_trap
for scenario; do
	case $scenario in
	limit-and-cure | carrier-lost-and-back | stripped-joins | dual-stack-by-events | dual-stack-by-walks)
		"$(echo "$scenario" | tr - _)" ;;
	*)
		lab_fail "no such scenario as '$scenario'" ;;
	esac
	keep "$scenario"
	lab_down
done
