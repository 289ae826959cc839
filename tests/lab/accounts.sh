# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What agents count, against what the kernel counted (truth.c): functions for the lab tests of the
# accounts. Source after lab.sh. builddir is the build; LAB_BIN is where traffic and truth are.

: "${builddir:=build}" "${LAB_BIN:=$builddir/tests/lab}"
SIDES="router vps"

# ---- agents ----

# agent SIDE MODE INTERVAL: `exact`, and as on older kernels `traced`; `events`, `sampled`. Without a master; its status.json is what we read.
agent()
{
	local dir=$LAB_DIR/$1-$2

	mkdir -p "$dir"
	case $2 in
	exact)   : ;;
	traced)  echo "bpf = tracepoint" ;;
	events)  echo "bpf = false" ;;
	sampled) printf 'bpf = false\nevents = false\n' ;;
	esac >"$dir/conf"
	# As often as asked for, however slow the machine is.
	echo "cpu-budget = 100" >>"$dir/conf"
	lab_start "$1-$2" "$1" "$builddir/agent/mptcp-wan-agent" -f -c "$dir/conf" -i "$3" \
		-x "$dir/nowhere" -s "$dir" --run-dir "$dir"
	lab_eventually 20 test -s "$dir/status.json"
}

agents()
{
	local side mode

	for side in $SIDES; do
		for mode in $MODES; do
			agent "$side" "$mode" "$1"
		done
	done
}

# host SIDE-MODE KEY: a scalar of its last poll.
host()
{
	sed -n '/"host":/,/}/s/^ *"'"$2"'":"\{0,1\}\([^",]*\).*/\1/p' "$LAB_DIR/$1/status.json"
}

# wans SIDE-MODE KEY: the sum over its WANs.
wans()
{
	sed -n '/"wans":/,/"endpoints":/s/^ *"'"$2"'":\([0-9]*\).*/\1/p' "$LAB_DIR/$1/status.json" |
		awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# Octets of all WANs and those that fit none: counted SIDE-MODE in|out
counted()
{
	echo $(($(wans "$1" "${2}_octets") + $(host "$1" "unattrib_${2}_octets")))
}

polls_over()
{
	[ "$(host "$1" polls)" -ge "$2" ]
}

# Until each agent has polled twice more: all that has happened by now is entered.
settle()
{
	local side mode

	for side in $SIDES; do
		for mode in $MODES; do
			lab_eventually "$1" polls_over "$side-$mode" $(($(host "$side-$mode" polls) + 3))
		done
	done
}

# ---- the truth ----

# truth LINE SIDE KEY
truth()
{
	sed -n "s/^$1 netns=$(lab_netns "$2") .*\<$3=\([0-9]*\).*/\1/p" "$LAB_DIR/truth.out"
}

# What the subflows of a side sent for the first time, and received; see truth.c.
sent()
{
	echo $(($(truth total "$1" queued) - $(truth total "$1" unsent)))
}

received()
{
	truth total "$1" received
}

start_truth()
{
	lab_start truth host "$LAB_BIN/truth" --netns "$LAB_ROUTER" --netns "$LAB_VPS" \
		--ready-file "$LAB_DIR/truth.ready"
	lab_eventually 20 test -e "$LAB_DIR/truth.ready"
}

end_truth()
{
	lab_eventually 90 lab_no_sockets
	lab_stop truth || :
	grep -E '^(total|connections|plain)' "$LAB_DIR/truth.out" | sed 's/^/# truth: /'
}

# The kernel's messages of ended sockets, as ss shows them. Of a first subflow that the far end closed
# first, the worker has often cleared counters and ports by then: a peer without a port.
watch_endings()
{
	local side

	for side in $SIDES; do
		lab_start "$side-endings" "$side" stdbuf -oL ss -HEtn
	done
}

cleared()
{
	awk '$NF ~ /:[*0]$/ { n++ } END { print n + 0 }' "$LAB_DIR/$1-endings.out"
}

# ---- traffic ----

server()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 20 lab_listens vps 5000
}

# client NAME OPTION...
client()
{
	local name=$1

	shift
	lab_start "$name" router "$LAB_BIN/traffic" client -p 5000 "$@"
}

# Every line over IPv4, two of them over IPv6 as well: the table has eight places.
dual_stack()
{
	local k

	lab_up wans=6 rate=40mbit family=46 router_endpoint_flags=none
	for k in 1 2 3 4 5 6; do
		lab_router ip mptcp endpoint add "192.168.$((10 + k)).2" dev "wan$k" subflow
	done
	for k in 1 2; do
		lab_router ip mptcp endpoint add "2001:db8:$k::2" dev "wan$k" subflow
	done
}

# ---- results ----

number=0
failed=0

# check WHAT CONDITION...: one line of TAP.
check()
{
	local what=$1

	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		failed=$((failed + 1))
	fi
}

figures()
{
	local side=$1 mode=$2

	echo "# $side $mode: out $(counted "$side-$mode" out) of $(sent "$side"), in" \
		"$(counted "$side-$mode" in) of $(received "$side"), accounting" \
		"$(host "$side-$mode" accounting), truncated $(host "$side-$mode" truncated_subflows)," \
		"unattributed $(host "$side-$mode" unattrib_out_octets)/$(host "$side-$mode" unattrib_in_octets)," \
		"lost $(host "$side-$mode" events_lost)"
}

# equals SIDE MODE: to the byte, both directions.
equals()
{
	[ "$(counted "$1-$2" out)" = "$(sent "$1")" ] && [ "$(counted "$1-$2" in)" = "$(received "$1")" ]
}

# Never too much, and short only when it says so.
flagged()
{
	[ "$(counted "$1-$2" out)" -le "$(sent "$1")" ] && [ "$(counted "$1-$2" in)" -le "$(received "$1")" ] &&
		[ "$(host "$1-$2" accounting)" = "$2" ] &&
		{ equals "$1" "$2" || [ "$2" = sampled ] || [ "$(host "$1-$2" truncated_subflows)" -gt 0 ]; }
}
