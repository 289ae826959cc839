#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2119,SC2317	# cases are called by name
#
# Do `mptcp-wan connections` and `mptcp-wan endpoints` tell of each socket what the kernel does? TAP on
# stdout, diagnostics on stderr. srcdir is the top of the source, builddir where it was built; LAB_BIN
# has traffic.

set -eu

: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$(dirname "$0")/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$(dirname "$0")/agent.sh"
# shellcheck source=tests/lab/said.sh
. "$(dirname "$0")/said.sh"
CLI=$builddir/cli/mptcp-wan

# ---- the cases; each is named after what it shows ----

# Nobody reads or writes any more: both ends, and ss, must tell the same of each subflow.
case_each_subflow_has_the_octets_that_ss_and_the_far_end_tell()
{
	lab_up wans=3 rate=10mbit family=46
	serve
	client v4 "$LAB_SERVICE" --up 500000000 --kbit 9000
	client v6 "$LAB_SERVICE6" --up 500000000 --down 500000000 --kbit 3000
	lab_eventually 5 ss_sees 6
	lab_eventually 10 has_moved 3000000
	halt v4 v6 server
	lab_eventually 10 all_three_agree
	json connections
	[ "$(jq '[.connections[].subflows | length] | add' "$LAB_DIR/out")" = 6 ]
	[ "$(jq '[.connections[].subflows[].wan] | unique | length' "$LAB_DIR/out")" = 3 ]
	[ "$(jq '.connections[] | .out_octets == ([.subflows[].out_octets] | add)' "$LAB_DIR/out" | sort -u)" = true ]
	jq -e '[.connections[].subflows[] | select(.wan == "wan2") | .local_address] |
		unique == ["192.168.12.2", "2001:db8:2::2"]' "$LAB_DIR/out" >/dev/null
	jq -e '[.connections[].subflows[] | select(.rtt_us > 0 and .min_rtt_us > 0 and .min_rtt_us <= .rtt_us)] |
		length == 6' "$LAB_DIR/out" >/dev/null
}

case_a_connection_stands_above_its_subflows()
{
	lab_up wans=3 rate=10mbit router_limits="subflows 3 add_addr_accepted 0"
	serve
	client one "$LAB_SERVICE" --up 500000000 --kbit 2000
	lab_eventually 5 ss_sees 3
	list connections
	says '^CONNECTION  *SENT  RECEIVED  *RTT/MIN  RETRANS  SUBFLOWS$'
	says '^203\.0\.113\.1:5000  [0-9a-f]\{8\}  *[0-9.]* [kM]*B  *0 .* 3 of 4$'
	says '^  wan1  192\.168\.11\.2:[0-9]* .*[0-9.]*/[0-9.]* ms  *[0-9].*  initial$'
	says '^  wan2  192\.168\.12\.2:[0-9]* .*  join$'
	says '^  wan3  192\.168\.13\.2:[0-9]* .*  join$'
	says '^1 connection, 3 subflows$'
	COLUMNS=200 list connections
	says '^  wan3  192\.168\.13\.2:[0-9]* -> 203\.0\.113\.1:5000  '
	COLUMNS=60 list connections
	[ "$(wc -L <"$LAB_DIR/out")" -le 60 ]
	lab_at vps list connections
	says '^  eth0  <- 192\.168\.13\.2:[0-9]* .*  join$'
	[ "$(ss_token)" = "$(sed -n 's/^203[^ ]*  \([0-9a-f]*\) .*/\1/p' "$LAB_DIR/once")" ]
}

case_filters_choose_connections()
{
	lab_up wans=3 rate=10mbit family=46 router_limits="subflows 1 add_addr_accepted 0"
	serve
	lab_start plain vps "$LAB_BIN/traffic" server --plain -p 6000
	lab_eventually 3 lab_listens vps 6000
	client much "$LAB_SERVICE" --up 500000000 --kbit 4000
	client v6 "$LAB_SERVICE6" --up 500000000 --kbit 900
	client third "$LAB_SERVICE" -b 192.168.13.2 --up 500000000 --kbit 400
	client fallen "$LAB_SERVICE" -p 6000 --up 500000000 --kbit 90
	lab_eventually 5 ss_sees 7
	lab_eventually 5 chosen 4
	chosen 1 --wan wan3
	says '^  wan3  192\.168\.13\.2:'
	chosen 2 --wan wan2 --wan wan3 --peer "$LAB_SERVICE"
	chosen 4 --wan wan1,wan3
	chosen 0 --wan -
	chosen 1 --peer 2001:db8::/32
	chosen 3 --peer 203.0.113.0/24
	chosen 1 --port 6000
	chosen 1 --state fallback
	says '^203\.0\.113\.1:6000 .*  fallback$'
	chosen 3 --state established
	chosen 0 --state opening,closing
	chosen 2 --peer "$LAB_SERVICE" --state established
	chosen 2 --top 2
	says '^2 of 4 connections, '
	chosen 4 -i 1s
	says '^CONNECTION  *OUT  *IN  .*RTT'
	says '; rates over 1\.*[0-9]* s$'
	grep -v '^  ' "$LAB_DIR/out" | sed -n 2p | grep -q '^203\.0\.113\.1:5000 .* [34][0-9.]* Mbit/s '
	json connections --top 2 -i 500ms
	jq -e '.elapsed_ms >= 500 and (.connections | length == 2) and
		.connections[0].out_kbps > .connections[1].out_kbps' "$LAB_DIR/out" >/dev/null
}

case_lines_are_called_as_by_show()
{
	lab_up wans=2 rate=10mbit
	serve
	client one "$LAB_SERVICE" --up 500000000 --kbit 500
	lab_eventually 5 ss_sees 2
	printf 'wan fibre { device = wan1 }\nwan dsl { addresses = 192.168.12.0/24 }\n' >"$LAB_DIR/conf"
	list connections --config "$LAB_DIR/conf"
	says '^  fibre  192\.168\.11\.2:'
	says '^  dsl    192\.168\.12\.2:'
	list endpoints --config "$LAB_DIR/conf"
	says '192\.168\.12\.2  dsl    wan2    subflow  *1$'
	# The agent has another configuration than the command line would read.
	printf 'wan cable { device = wan1 }\n' >"$LAB_DIR/agent.conf"
	lab_agent_start -c "$LAB_DIR/agent.conf"
	list connections --wan cable
	says '^  cable  192\.168\.11\.2:'
	list connections --no-agent
	says '^  wan1  192\.168\.11\.2:'
	fails 1 "^mptcp-wan: no WAN 'cabel' is known, did you mean 'cable'?" tell connections --wan cabel
	# An interface without a subflow is no mistake.
	list connections --wan lo
	says "^0 of 1 connection, 0 of 2 subflows$"
}

case_endpoints_tell_what_they_have()
{
	lab_up wans=3 family=46 router_endpoint_flags=none vps_signal=1 \
		vps_limits="subflows 8 add_addr_accepted 0"
	lab_ip router "mptcp endpoint add 192.168.11.2 dev wan1 subflow
		mptcp endpoint add 192.168.12.2 dev wan2 subflow backup
		mptcp endpoint add 2001:db8:3::2 dev wan3 subflow fullmesh
		mptcp endpoint add 192.168.13.9 dev wan3 subflow
		mptcp endpoint add 192.168.13.2 port 7000 signal"
	lab_ip router "link del wan2"
	lab_limits router "subflows 4 add_addr_accepted 2"
	serve
	client v4 "$LAB_SERVICE" --up 500000000 --kbit 500
	client v6 "$LAB_SERVICE6" --up 500000000 --kbit 500
	lab_eventually 5 ss_sees 4
	COLUMNS=120 list endpoints
	says '^ID  ADDRESS  *WAN  *DEVICE  FAMILY  FLAGS  *SUBFLOWS  STALE$'
	says '^ 1  192\.168\.11\.2  *wan1  *wan1  *IPv4  *subflow  *2$'
	says '^ 2  192\.168\.12\.2  *-  *#[0-9]*  *IPv4  *subflow, backup  *0  no device$'
	says '^ 3  2001:db8:3::2  *wan3  *wan3  *IPv6  *subflow, fullmesh  *1$'
	says '^ 4  192\.168\.13\.9  *wan3  *wan3  *IPv4  *subflow  *0  no address$'
	says '^ 5  192\.168\.13\.2:7000  *wan3  *-  *IPv4  *signal  *0$'
	says '^limits: 4 extra subflows, 2 announced addresses$'
	says '^table: 5 of 8 endpoints in use, 1 of them IPv6$'
	lab_at vps list endpoints
	says '^ 1  203\.0\.113\.1  *eth0  *-  *signal  *2$'
	says '^ 2  2001:db8:ff::1  *eth0  *-  *signal  *2$'
	json endpoints
	jq -e '[.endpoints[] | select(.stale) | .id] == [2, 4] and .sums.endpoints_v6 == 1 and
		.endpoints[4].port == 7000 and (.endpoints[1] | has("device") | not)' "$LAB_DIR/out" >/dev/null
	for columns in 80 40; do
		COLUMNS=$columns list endpoints
		[ "$(wc -L <"$LAB_DIR/out")" -le "$columns" ]
	done
	says '^ADDRESS  *WAN  *FLAGS  *STALE$'
}

case_an_announced_port_has_the_subflows_that_came_to_it()
{
	lab_up wans=2 router_limits="subflows 2 add_addr_accepted 1"
	lab_ip vps "mptcp endpoint add 203.0.113.1 signal
		mptcp endpoint add 203.0.113.1 port 7000 signal"
	serve
	client one "$LAB_SERVICE" --up 500000000 --kbit 500
	lab_eventually 5 vps_endpoint '^ 2  203\.0\.113\.1:7000  eth0  -  *signal  *1$'
	says '^ 1  203\.0\.113\.1  *eth0  -  *signal  *[12]$'
	list connections --port 7000
	says '^  wan[12]  -> 203\.0\.113\.1:7000 .*  join$'
}

case_an_unprivileged_user_sees_what_the_kernel_grants()
{
	lab_up wans=2 rate=10mbit
	serve
	client one "$LAB_SERVICE" --up 500000000 --kbit 500
	lab_eventually 5 ss_sees 2
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	AS="setpriv --reuid 65534 --regid 65534 --clear-groups"
	list connections
	# Since Linux 6.15 it is everybody's; before, it is said once, and is not zero.
	if says '^1 connection, 2 subflows$'; then
		says '^  wan2  192\.168\.12\.2:[0-9]* .*  join$'
	else
		says '^1 connection, ? subflows$'
		[ "$(grep -c 'not permitted; root sees more$' "$LAB_DIR/out")" = 1 ]
	fi
	json connections
	json endpoints
}

# There is room for one socket of netlink only.
case_no_answer_is_a_failure_and_no_empty_list()
{
	lab_alone
	list connections
	says ' connections, '
	THROUGH="prlimit --nofile=4"
	fails 1 '^mptcp-wan: the kernel does not tell the connections: Too many open files$' tell connections
	fails 1 '^mptcp-wan: the kernel does not tell the endpoints: Too many open files$' tell endpoints --json
}

case_misuse_is_one_line_and_its_own_status()
{
	lab_alone
	fails 2 "^mptcp-wan: --peer: '203.0.113.300' is no address, " tell connections --peer 203.0.113.300
	fails 2 "^mptcp-wan: --peer: '203.0.113.1/8' is no address, " tell connections --peer 203.0.113.1/8
	fails 2 "^mptcp-wan: --port: '70000' is not between 1 and 65535" tell connections --port 70000
	fails 2 "^mptcp-wan: --state: 'open' is none of opening, established, closing, fallback" tell connections --state open
	fails 2 "^mptcp-wan: --top: '0' is not between 1 and " tell connections --top 0
	fails 2 "^mptcp-wan: --interval: 'x' is no time" tell connections -i x
	fails 2 "^mptcp-wan: unknown option '--tpo', did you mean '--top'?" tell connections --tpo
	fails 2 "^mptcp-wan: unexpected argument 'wan1'; usage: mptcp-wan endpoints " tell endpoints wan1
	fails 1 "^mptcp-wan: $LAB_DIR/none: " tell connections --config "$LAB_DIR/none"
}

case_who_listens_no_more_ends_it_in_silence()
{
	lab_up wans=1
	serve
	client many "$LAB_SERVICE" -n 300 -j 300 --up 100000000 --kbit 1
	lab_eventually 10 ss_sees 300
	{
		lab_router "$CLI" connections 2>"$LAB_DIR/err" || :
		echo ended >"$LAB_DIR/ended"
	} | head -n 1 >/dev/null
	lab_eventually 3 test -s "$LAB_DIR/ended"
	[ ! -s "$LAB_DIR/err" ]
	json connections
	[ "$(jq '.connections | length' "$LAB_DIR/out")" = 300 ]
}

# ---- the words they use ----

serve()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
}

# client NAME ADDRESS [OPTION]...: connections that last as long as the case.
client()
{
	local name=$1 address=$2

	shift 2
	lab_start "$name" router "$LAB_BIN/traffic" client -a "$address" -p 5000 --for 60 "$@"
}

halt()
{
	local name

	for name; do
		lab_kill "$name" STOP
	done
}

AS='' THROUGH=''
# What it prints is kept, for says; of the first time also in once.
list()
{
	local program=$CLI subcommand=$1

	shift
	[ -z "$AS" ] || program=$LAB_DIR/mptcp-wan
	# shellcheck disable=SC2086 # words
	lab_at_place $AS "$program" "$subcommand" --run-dir "$LAB_DIR/snmp-router/run" "$@" \
		>"$LAB_DIR/out" || return
	cat "$LAB_DIR/out"
	[ -e "$LAB_DIR/once" ] || cp "$LAB_DIR/out" "$LAB_DIR/once"
}

# As it is: tell SUBCOMMAND [OPTION]...
tell()
{
	# shellcheck disable=SC2086 # words
	lab_at_place $THROUGH "$CLI" "$@" --run-dir "$LAB_DIR/snmp-router/run"
}

# The same as JSON, which is as its schema says.
json()
{
	list "$@" --json >/dev/null || return
	python3 "$srcdir/tests/json_valid.py" "$srcdir/doc/mptcp-wan.schema.json" "$1" "$LAB_DIR/out"
}

# chosen COUNT [OPTION]...: so many connections are listed.
chosen()
{
	local want=$1 got

	shift
	list connections "$@" || return
	got=$(grep -c '^[0-9[][^ ]*:[0-9]*  [0-9a-f]\{8\} ' "$LAB_DIR/out") || :
	[ "$got" = "$want" ] && return
	echo "there are $got, not $want: $*"
	return 1
}

vps_endpoint()
{
	lab_at vps list endpoints
	says "$1"
}

ss_sees()
{
	local seen

	seen=$(lab_router ss -HtniO state established | grep -c tcp-ulp-mptcp) || :
	echo "ss sees $seen subflows"
	[ "$seen" = "$1" ]
}

ss_token()
{
	printf '%08x\n' "0x$(lab_router ss -HMniO | sed -n 's/.* token:\([0-9a-f]*\).*/\1/p')"
}

# Octets of all subflows, both ways.
has_moved()
{
	list connections --json >/dev/null
	[ "$(jq '[.connections[] | .out_octets + .in_octets] | add' "$LAB_DIR/out")" -ge "$1" ]
}

# "local remote out in", a line a subflow, as the router sees it.
ours()
{
	list connections --json >/dev/null
	jq -r '.connections[].subflows[] | "\(.local_address) \(.local_port) \(.remote_address) \(.remote_port) \(.out_octets) \(.in_octets)"' "$LAB_DIR/out" | sort
}

theirs()
{
	lab_at vps list connections --json >/dev/null
	jq -r '.connections[].subflows[] | "\(.remote_address) \(.remote_port) \(.local_address) \(.local_port) \(.in_octets) \(.out_octets)"' "$LAB_DIR/out" | sort
}

of_ss()
{
	lab_router ss -HtniO state established | grep tcp-ulp-mptcp | awk '
		function end(text, port) {
			port = text
			sub(/.*:/, "", port)
			sub(/:[0-9]*$/, "", text)
			sub(/%.*/, "", text)
			gsub(/[][]/, "", text)
			return text " " port
		}
		{
			sent = again = received = 0
			for (i = 5; i <= NF; i++) {
				split($i, part, ":")
				if (part[1] == "bytes_sent") sent = part[2]
				if (part[1] == "bytes_retrans") again = part[2]
				if (part[1] == "bytes_received") received = part[2]
			}
			print end($3), end($4), sent - again, received
		}' | sort
}

all_three_agree()
{
	ours >"$LAB_DIR/ours"
	theirs >"$LAB_DIR/theirs"
	of_ss >"$LAB_DIR/of-ss"
	ours | cmp - "$LAB_DIR/ours" && diff "$LAB_DIR/of-ss" "$LAB_DIR/ours" &&
		diff "$LAB_DIR/theirs" "$LAB_DIR/ours"
}

run_cases
