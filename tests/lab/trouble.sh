# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What goes wrong with a WAN of the lab, at the router, on the path, at the provider; and which
# lines carry all the same. lab.sh sources this file and has what it is made of.

# The number in a WAN's name, which must be one of the lab's.
lab_number()
{
	local k=${1#wan}

	case $k in ''|*[!0-9]*) lab_fail "no such WAN as '$1'" ;; esac
	{ [ "$k" -ge 1 ] && [ "$k" -le "$LAB_WANS" ]; } ||
		lab_fail "no such WAN as '$1' of $LAB_WANS"
	echo "$k"
}

# ---- trouble ----

# Administratively down at the router: routes go, rules stay; up brings the routes back.
lab_link_down()
{
	lab_ip router "link set $1 down"
}

lab_link_up()
{
	local k address family

	k=$(lab_number "$1") || exit 1
	lab_ip router "link set $1 up"
	for address in $(lab_addresses "$1"); do
		family=$(lab_family_of "$address")
		lab_ip router "$(lab_routes "$k" "$family")" "-$family"
	done
}

# The peer's side down: the router keeps addresses and routes, and loses the carrier.
lab_carrier_down()
{
	local k

	k=$(lab_number "$1") || exit 1
	lab_ip vps "link set line$k down"
}

lab_carrier_up()
{
	local k

	k=$(lab_number "$1") || exit 1
	lab_ip vps "link set line$k up"
}

# The modem was unplugged and plugged in again: same name, same addresses, new ifindex.
lab_link_recreate()
{
	lab_endpoint_del "$1"
	lab_link_replace "$1"
	[ "$LAB_ENDPOINT_FLAGS" = none ] || lab_endpoint_add "$1"
}

# The same, but nobody tells the path manager: its endpoint stays, with the ifindex that is gone.
lab_link_replace()
{
	local k address

	k=$(lab_number "$1") || exit 1
	for address in $(lab_addresses "$1"); do
		lab_address_del "$k" "$address"
	done
	lab_ip router "link del $1"
	lab_line "$k"
}

# The provider gives another address out of the same net: lab_address_change wan1 192.168.11.9
lab_address_change()
{
	local wan=$1 new=$2 k address family

	k=$(lab_number "$wan") || exit 1
	family=$(lab_family_of "$new")
	lab_endpoint_del "$wan"
	for address in $(lab_addresses "$wan"); do
		[ "$(lab_family_of "$address")" != "$family" ] || lab_address_del "$k" "$address"
	done
	lab_address_add "$k" "$new"
	[ "$LAB_ENDPOINT_FLAGS" = none ] || lab_endpoint_add "$wan"
}

# Two modems of one make: lab_address_copy wan3 wan2, and wan3 has wan2's address in place of its own.
# The kernel takes an endpoint only once: the second one is refused.
lab_address_copy()
{
	local k from address

	k=$(lab_number "$1") || exit 1
	from=$(lab_addresses "$2")
	lab_endpoint_del "$1"
	for address in $(lab_addresses "$1"); do
		lab_address_del "$k" "$address"
	done
	for address in $from; do
		lab_ip router "addr add $address/$(lab_prefix "$(lab_family_of "$address")") dev $1"
	done
	lab_endpoint_add "$1" 2>/dev/null || :
}

# Nothing leaves from the line's address: its rule is gone, and what would come next says no. An
# endpoint with a device does not heed that; the kernel then takes all the world for a neighbour.
lab_source_cut()
{
	lab_source_rule "$1" add unreachable
	lab_source_rule "$1" del "table ${1#wan}"
}

lab_source_mend()
{
	lab_source_rule "$1" add "table ${1#wan}"
	lab_source_rule "$1" del unreachable
}

lab_source_rule()
{
	local address

	lab_number "$1" >/dev/null || exit 1
	for address in $(lab_addresses "$1"); do
		lab_ip router "rule $2 pref 0 from $address $3" "-$(lab_family_of "$address")"
	done
}

# What a path does to the router's packets, as nftables at the VPS's end of the line. One trouble a
# line; a new one replaces it. Subtype 0 of the MPTCP option is MP_CAPABLE, 1 is MP_JOIN.
LAB_SYN="tcp flags & (syn|ack) == syn tcp option mptcp"
lab_path_drop_joins()  { lab_path "$1" input "$LAB_SYN subtype 1 drop"; }
lab_path_reset_joins() { lab_path "$1" input "$LAB_SYN subtype 1 reject with tcp reset"; }
lab_path_drop_mptcp()  { lab_path "$1" input "$LAB_SYN exists drop"; }
lab_path_drop_syns()   { lab_path "$1" input "tcp flags & (syn|ack) == syn drop"; }
lab_path_drop_all()    { lab_path "$1" input "drop"; }
# Acknowledgements and handshakes pass, payload does not: a joined line which carries nothing.
lab_path_drop_long()   { lab_path "$1" input "meta length > 200 drop"; }
# A middlebox which removes the option, and lets the connection pass as plain TCP.
lab_path_strip_mptcp() { lab_path "$1" prerouting "reset tcp option mptcp"; }

# The same in the other direction, where they arrive.
lab_path_drop_long_in() { lab_path "$1" prerouting "meta length > 200 drop" router "$1"; }

# lab_path WAN HOOK RULE [router WAN]: at the line's end in the VPS, else at the router's.
lab_path()
{
	local k ns

	k=$(lab_number "$1") || exit 1
	ns=$(lab_netns "${4:-vps}") || exit 1
	lab_path_clear "$1"
	ip netns exec "$ns" nft -f - <<-END || lab_fail "nftables refuses: $3"
		table inet path$k {
			chain trouble {
				type filter hook $2 priority 0;
				iifname "${5:-line$k}" $3
			}
		}
	END
}

lab_path_clear()
{
	local k ns

	k=$(lab_number "$1") || exit 1
	for ns in "$LAB_VPS" "$LAB_ROUTER"; do
		ip netns exec "$ns" nft delete table inet "path$k" 2>/dev/null || :
	done
}

# ---- looking ----

# The router's WANs which have an established subflow, as ss sees them: "wan1 wan2 wan4".
lab_carrying()
{
	local addresses

	addresses=$(ip -n "$LAB_ROUTER" -o addr show scope global)
	lab_router ss -HtniO state established | awk -v addresses="$addresses" '
		BEGIN {
			n = split(addresses, line, "\n")
			for (i = 1; i <= n; i++) {
				split(line[i], word, " ")
				sub("/.*", "", word[4])
				wan[word[4]] = word[2]
			}
		}
		/tcp-ulp-mptcp/ {
			address = $3
			sub(":[0-9]*$", "", address)
			sub("%.*", "", address)
			gsub("[][]", "", address)
			sub("^::ffff:", "", address)
			if (address in wan)
				print wan[address]
		}' | sort -u -V | tr '\n' ' ' | sed 's/ $//'
}
