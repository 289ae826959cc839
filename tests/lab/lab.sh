# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A bonded line in two network namespaces: a router with N WANs, and the VPS at their other end.
#
#	router	wanK	192.168.(10+K).2/24	2001:db8:K::2/64	default via .1 / ::1
#	VPS	lineK	192.168.(10+K).1/24	2001:db8:K::1/64
#	VPS	eth0	203.0.113.1/32		2001:db8:ff::1/128	the service
#
# Routing is OpenMPTCProuter's: table K for what leaves from wanK's address or by wanK, and a
# default of metric K in main. Source this file, then: lab_trap; lab_up wans=6 rate=40mbit; ...
# A function that fails says so in one line and ends the script; those that only ask return 1.
# The shell is dash or any POSIX sh with `local`; `set -eu` is fine. Here is what builds and ends;
# with it come commands.sh, what runs in it, and trouble.sh, what goes wrong with a line.

# A sourced file does not know where it is: beside the script, else under srcdir, the top of the
# source. Who is elsewhere sets LAB_HOME.
for LAB_HOME in "${LAB_HOME:-}" "$(dirname "$0")" "${srcdir:-.}/tests/lab"; do
	[ ! -e "$LAB_HOME/trouble.sh" ] || break
done
# shellcheck source=tests/lab/commands.sh
. "$LAB_HOME/commands.sh"
# shellcheck source=tests/lab/trouble.sh
. "$LAB_HOME/trouble.sh"

LAB_ROUTER=mw$$-router
LAB_VPS=mw$$-vps
LAB_SERVICE=203.0.113.1
LAB_SERVICE6=2001:db8:ff::1
LAB_DIR=

lab_say()
{
	printf '# %s\n' "$*" >&2
}

lab_fail()
{
	printf 'lab: %s\n' "$*" >&2
	exit 1
}

# Is a lab possible here? Says why not, and returns 1.
lab_possible()
{
	local tool

	[ "$(id -u)" = 0 ] || { echo "needs root"; return 1; }
	[ -e /proc/sys/net/mptcp/enabled ] || { echo "kernel without MPTCP"; return 1; }
	for tool in ip tc ss nft sysctl; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

# ---- building ----

# lab_up [key=value]...
#	wans=6			how many
#	rate=none		of every line and direction, or a list: 40mbit,20mbit (the last repeats)
#	queue=2mb		of a line with a rate; a short one refuses packets at the sender
#	delay=none		round trip: 60ms. The lines are TUN devices then, and rate and queue
#				(500kb) are the path's, which tells the sender nothing
#	family=4		4, 6 or 46
#	router_limits=, vps_limits=	default "subflows 8 add_addr_accepted 8"
#	router_endpoint_flags=subflow	or "subflow fullmesh", "subflow backup"; none: no endpoints
#	vps_signal=0		1: the VPS announces its service; 2: and a second address each family
#	vps_mptcp=1		0: no MPTCP at the VPS
# The kernel's table has 8 endpoints. As on a real router, those beyond are refused and the lab goes
# on: $LAB_DIR/endpoint-failures names them, one a line, and LAB_ENDPOINT_FAILURES is their number.
lab_up()
{
	local option k

	LAB_WANS=6 LAB_RATE=none LAB_QUEUE='' LAB_DELAY=none LAB_FAMILY=4 LAB_ENDPOINT_FLAGS=subflow
	LAB_VPS_SIGNAL=0 LAB_VPS_MPTCP=1
	LAB_ROUTER_LIMITS="subflows 8 add_addr_accepted 8"
	LAB_VPS_LIMITS=$LAB_ROUTER_LIMITS
	for option; do
		case $option in
		wans=*)                  LAB_WANS=${option#*=} ;;
		rate=*)                  LAB_RATE=${option#*=} ;;
		queue=*)                 LAB_QUEUE=${option#*=} ;;
		delay=*ms)               LAB_DELAY=${option#*=} ;;
		family=4|family=6|family=46) LAB_FAMILY=${option#*=} ;;
		router_limits=*)         LAB_ROUTER_LIMITS=${option#*=} ;;
		vps_limits=*)            LAB_VPS_LIMITS=${option#*=} ;;
		router_endpoint_flags=*) LAB_ENDPOINT_FLAGS=${option#*=} ;;
		vps_signal=[012])        LAB_VPS_SIGNAL=${option#*=} ;;
		vps_mptcp=[01])          LAB_VPS_MPTCP=${option#*=} ;;
		*)                       lab_fail "lab_up: cannot use '$option'" ;;
		esac
	done

	lab_down
	lab_folder
	: >"$LAB_DIR/endpoint-failures"
	lab_namespace router
	lab_namespace vps
	lab_vps sysctl -qw "net.mptcp.enabled=$LAB_VPS_MPTCP"
	lab_service
	for k in $(seq "$LAB_WANS"); do
		lab_line "$k"
	done
	lab_limits router "$LAB_ROUTER_LIMITS"
	lab_limits vps "$LAB_VPS_LIMITS"
	for k in $(seq "$LAB_WANS"); do
		[ "$LAB_ENDPOINT_FLAGS" = none ] || lab_endpoint_add "wan$k" 2>/dev/null || :
	done
	LAB_ENDPOINT_FAILURES=$(wc -l <"$LAB_DIR/endpoint-failures")
	[ "$LAB_ENDPOINT_FAILURES" = 0 ] ||
		lab_say "endpoints refused:" \
			"$(sed 's/: .*//' "$LAB_DIR/endpoint-failures" | tr '\n' ' ')"
}

# For who needs no lines: a folder, and the machine itself.
lab_alone()
{
	lab_folder
	LAB_PLACE=host
}

lab_folder()
{
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-lab.XXXXXX") || lab_fail "no temporary directory"
}

# The port range and tw_reuse let a thousand short connections a second go on for over a minute;
# keep_addr_on_down keeps IPv6 addresses when a line is down, as the daemons of a real router do.
lab_namespace()
{
	local ns

	ns=$(lab_netns "$1") || exit 1
	ip netns add "$ns" || lab_fail "cannot create namespace $ns"
	ip netns exec "$ns" sysctl -qw \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.keep_addr_on_down=1 net.ipv6.conf.default.keep_addr_on_down=1 \
		net.ipv4.ip_local_port_range="1024 65535" net.ipv4.tcp_tw_reuse=1 \
		net.mptcp.enabled=1 || lab_fail "cannot set the sysctls of $ns"
	lab_ip "$1" "link set lo up"
}

# Runs ip commands, one a line: lab_ip router|vps "..." [-4|-6]. None is fine.
# Not a pipe into a function: that would be a subshell, and its failure could not end the script.
lab_ip()
{
	local ns

	ns=$(lab_netns "$1") || exit 1
	printf '%s\n' "$2" | ip -n "$ns" ${3:+"$3"} -batch - ||
		lab_fail "$1: the ip command above failed"
}

lab_has_family()
{
	case $LAB_FAMILY in *"$1"*) ;; *) return 1 ;; esac
}

lab_service()
{
	local host last=1 address addresses=

	[ "$LAB_VPS_SIGNAL" != 2 ] || last=2
	# Its addresses need an interface that is not loopback; this one carries no packet.
	lab_ip vps "link add eth0 type veth peer name uplink
		link set uplink up
		link set eth0 up"
	for host in $(seq $last); do
		! lab_has_family 4 || addresses="$addresses ${LAB_SERVICE%.*}.$host/32"
		! lab_has_family 6 || addresses="$addresses ${LAB_SERVICE6%:*}:$host/128"
	done
	for address in $addresses; do
		lab_ip vps "addr add $address dev eth0$(lab_nodad "$address")"
		[ "$LAB_VPS_SIGNAL" = 0 ] || lab_ip vps "mptcp endpoint add ${address%/*} signal"
	done
}

lab_nodad()
{
	[ "$(lab_family_of "$1")" = 4 ] || echo " nodad"
}

# One line, from nothing to routed and shaped; the VPS's end first, for the carrier of the other.
lab_line()
{
	local k=$1 rate

	rate=$(lab_rate "$k")
	if [ "$LAB_DELAY" = none ]; then
		ip link add "wan$k" netns "$LAB_ROUTER" type veth peer name "line$k" netns "$LAB_VPS" ||
			lab_fail "cannot create wan$k"
		[ "$rate" = none ] || lab_shape "$k" "$rate"
	else
		lab_relay "$k" "$rate"
	fi
	lab_ip vps "link set line$k up"
	lab_ip router "link set wan$k up"
	if lab_has_family 4; then
		lab_ip vps "addr add $(lab_gateway "$k" 4)/24 dev line$k"
		lab_address_add "$k" "192.168.$((10 + k)).2"
	fi
	if lab_has_family 6; then
		lab_ip vps "addr add $(lab_gateway "$k" 6)/64 dev line$k nodad"
		lab_address_add "$k" "2001:db8:$k::2"
	fi
}

# A line with a delay, by a process of its own, which ends when one of its devices is deleted. The
# devices' queues are long, for a sender's burst that comes while it waits for its turn.
lab_relay()
{
	local k=$1

	[ ! -e "$LAB_DIR/relay-wan$k.pid" ] || lab_wait "relay-wan$k" || :
	# shellcheck disable=SC2046 # two words or none
	lab_start "relay-wan$k" host "$LAB_BIN/relay" -a "$LAB_ROUTER:wan$k" -b "$LAB_VPS:line$k" \
		--delay $((${LAB_DELAY%ms} * 500))us --queue "${LAB_QUEUE:-500kb}" \
		$([ "$2" = none ] || echo "--rate $2")
	lab_eventually 5 grep -qx ready "$LAB_DIR/relay-wan$k.out" ||
		lab_fail "no relay: $(cat "$LAB_DIR/relay-wan$k.err")"
	lab_ip router "link set wan$k txqueuelen 5000"
	lab_ip vps "link set line$k txqueuelen 5000"
}

lab_rate()
{
	case $LAB_RATE in
	*,*) echo "$LAB_RATE" | awk -F, -v k="$1" '{ print k <= NF ? $k : $NF }' ;;
	*)   echo "$LAB_RATE" ;;
	esac
}

# The burst is small, that a short transfer feels the rate. The queue is long, as an operator's is;
# it hardly fills, because TCP keeps no more than it needs below itself.
lab_shape()
{
	local tbf="root tbf rate $2 burst 16kb limit ${LAB_QUEUE:-2mb}"

	# shellcheck disable=SC2086 # the words of the discipline
	tc -n "$LAB_ROUTER" qdisc replace dev "wan$1" $tbf || lab_fail "cannot shape wan$1 to $2"
	# shellcheck disable=SC2086
	tc -n "$LAB_VPS" qdisc replace dev "line$1" $tbf || lab_fail "cannot shape line$1 to $2"
}

lab_family_of()
{
	case $1 in *:*) echo 6 ;; *) echo 4 ;; esac
}

lab_gateway()
{
	case $2 in
	4) echo "192.168.$((10 + $1)).1" ;;
	6) echo "2001:db8:$1::1" ;;
	esac
}

# Gives wanK an address with its rules and routes.
lab_address_add()
{
	local k=$1 address=$2 family prefix

	family=$(lab_family_of "$address")
	prefix=$(lab_prefix "$family")
	lab_ip router "addr add $address/$prefix dev wan$k$(lab_nodad "$address")
		rule add pref 0 from $address table $k
		rule add pref 0 oif wan$k table $k
		$(lab_routes "$k" "$family")" "-$family"
}

# Takes address, rules and routes away again. With IPv4 the routes go with the address.
lab_address_del()
{
	local k=$1 address=$2 family

	family=$(lab_family_of "$address")
	lab_ip router "rule del pref 0 from $address table $k
		rule del pref 0 oif wan$k table $k
		addr del $address/$(lab_prefix "$family") dev wan$k" "-$family"
	[ "$family" = 4 ] || lab_ip router "route del default dev wan$k table $k
		route del default dev wan$k" -6
}

lab_prefix()
{
	case $1 in 4) echo 24 ;; 6) echo 64 ;; esac
}

lab_routes()
{
	local gateway

	gateway=$(lab_gateway "$1" "$2")
	echo "route replace default via $gateway dev wan$1 table $1"
	echo "route replace default via $gateway dev wan$1 metric $1"
}

# The global addresses wanK has now, one a line.
lab_addresses()
{
	ip -n "$LAB_ROUTER" -o addr show dev "$1" scope global |
		awk '{ sub("/.*", "", $4); print $4 }'
}

# ---- the path manager ----

# lab_limits router|vps "subflows 3 add_addr_accepted 1"
lab_limits()
{
	local ns

	ns=$(lab_netns "$1") || exit 1
	# shellcheck disable=SC2086 # the words of the limits
	ip -n "$ns" mptcp limits set $2 || lab_fail "$1 refuses the limits '$2'"
}

# lab_endpoint_add wanK [FLAG...]: an endpoint for each address of the WAN, by default with the
# lab's flags. Returns 1 if the kernel refused one; which and why is added to endpoint-failures.
lab_endpoint_add()
{
	local wan=$1 address error status=0

	shift
	[ $# -gt 0 ] || [ "$LAB_ENDPOINT_FLAGS" = none ] || set -- "$LAB_ENDPOINT_FLAGS"
	for address in $(lab_addresses "$wan"); do
		# shellcheck disable=SC2048,SC2086 # the flags are words
		error=$(ip -n "$LAB_ROUTER" mptcp endpoint add "$address" dev "$wan" \
			${*:-subflow} 2>&1) || {
			status=1
			echo "$wan $address: $error" | tee -a "$LAB_DIR/endpoint-failures" >&2
		}
	done
	return "$status"
}

# Deletes the endpoints of a WAN; to have none is fine.
lab_endpoint_del()
{
	local id

	for id in $(ip -n "$LAB_ROUTER" mptcp endpoint show |
		    sed -n "s/.* id \([0-9]*\).* dev $1 *$/\1/p")
	do
		ip -n "$LAB_ROUTER" mptcp endpoint delete id "$id" ||
			lab_fail "cannot delete endpoint $id of $1"
	done
}

# ---- ending ----

# Takes all of it away, whatever there is; nothing there is fine. Ends only what runs in the two
# namespaces, and what lab_start started.
lab_down()
{
	local ns pids

	pids=$(lab_pids)
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -TERM $pids 2>/dev/null || :
	lab_gone || {
		# shellcheck disable=SC2046 # a list
		kill -KILL $(lab_pids) 2>/dev/null || :
		lab_gone || lab_say "still running: $(lab_pids)"
	}
	for ns in "$LAB_ROUTER" "$LAB_VPS"; do
		[ -e "/run/netns/$ns" ] || continue
		# Lingering sockets keep a namespace alive without a name: its links must not stay.
		ip -n "$ns" -o link show type veth 2>/dev/null |
			awk -F'[ :@]+' '{ print "link del " $2 }' |
			ip -n "$ns" -force -batch - 2>/dev/null || :
		ip netns delete "$ns" || lab_say "namespace $ns could not be deleted"
	done
	[ -z "$LAB_DIR" ] || rm -rf "$LAB_DIR"
	LAB_DIR=
}

# The processes of the lab that are alive, one a line.
lab_pids()
{
	local ns file pid

	for ns in "$LAB_ROUTER" "$LAB_VPS"; do
		[ ! -e "/run/netns/$ns" ] || ip netns pids "$ns" 2>/dev/null || :
	done
	[ -n "$LAB_DIR" ] || return 0
	for file in "$LAB_DIR"/*.pid; do
		{ [ -e "$file" ] && read -r pid <"$file"; } || continue
		# Ours and not waited for yet: the number cannot be another's. A zombie has ended.
		! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null || echo "$pid"
	done
}

lab_gone()
{
	local tries=0

	while [ -n "$(lab_pids)" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 1
		sleep 0.1
	done
}

lab_ended()
{
	trap "" HUP INT TERM
	lab_down
	exit "$1"
}

# Takes the lab away however the script ends. A second Ctrl-C does not disturb the clearing up.
lab_trap()
{
	trap 'lab_ended "$?"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}
