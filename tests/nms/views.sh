#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119	# words without their optional arguments
#
# Who may see what over SNMP: the view of doc/security.md shows no address of the machine, and nobody
# sets anything. Debian's snmpd and its tools. TAP on stdout. srcdir, builddir: source and build;
# LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
ROOT=.1.3.6.1.4.1.8072.9999.9999.262

# ---- the cases; each is named after what it shows ----

# Endpoints of both families, a line that is down, one whose endpoint lets nobody join: texts and commands
# with addresses in them.
case_the_plain_view_shows_no_address()
{
	troubled
	walk public >"$LAB_DIR/whole"
	walk plain >"$LAB_DIR/plain"
	walk private >"$LAB_DIR/private"
	lab_say "$(wc -l <"$LAB_DIR/whole") values in all, $(wc -l <"$LAB_DIR/plain") of them plain"
	# Nothing is proved of an address that nobody would have seen.
	[ "$(addresses_in "$LAB_DIR/whole" | wc -l)" -ge 5 ]
	addresses_in "$LAB_DIR/whole" | grep -qx 192.168.12.2
	addresses_in "$LAB_DIR/whole" | grep -qx 2001:db8:1::2
	addresses_in "$LAB_DIR/plain" >"$LAB_DIR/seen"
	cat "$LAB_DIR/seen"
	[ ! -s "$LAB_DIR/seen" ]
	# The rest is all there: states, causes, counters.
	grep -q "^$ROOT.1.2.1.40.[0-9]* = " "$LAB_DIR/plain"
	[ "$(grep -c . "$LAB_DIR/plain")" -ge 100 ]
	[ ! -s "$LAB_DIR/private" ]
}

# Every kind of value, at a scalar, a column and an index that is not there; NULL too, which has brought
# down other agents.
case_nothing_can_be_set()
{
	local oid type

	troubled
	lab_at_router snmpbulkwalk -c admin -On "$ROOT" >"$LAB_DIR/before"
	for oid in "$ROOT.1.1.1.0" "$ROOT.1.2.1.2.1" "$ROOT.1.3.1.2.1" "$ROOT.1.5.1.7.1.1" "$ROOT.1.7.1.2.1" \
		"$ROOT.1.2.1.2.999" "$ROOT.2.1"; do
		for type in "i 1" "u 1" "s text" "x 00" "a 192.0.2.1" "o .1.3" "t 1" "n null"; do
			# shellcheck disable=SC2086 # type and value
			if lab_at_router snmpset -c admin "$oid" $type >"$LAB_DIR/set" 2>&1; then
				echo "$oid was set: $type"
				return 1
			fi
			grep -q -e notWritable -e noAccess -e noCreation -e wrongType -e 'Bad object type' \
				-e 'Bad variable type' "$LAB_DIR/set" || { cat "$LAB_DIR/set"; return 1; }
		done
	done
	null_sets
	lab_alive agent-router
	lab_alive snmpd-router
	lab_eventually 10 host_has Polls 3
	[ "$(grep -c AgentX "$LAB_DIR/agent-router.err")" = 1 ]
}

# ---- the words they use ----

troubled()
{
	lab_up wans=3 family=46
	mkdir -p "$LAB_DIR/snmp-router"
	{
		# The view as an operator copies it from the page.
		sed -n '/^```$/,/^```$/{ /^view /p; }' "$srcdir/doc/security.md"
		echo "rocommunity plain 127.0.0.1 -V mptcpwan-plain"
		echo "rwcommunity admin 127.0.0.1"
		echo "view nothing included .1.3.6.1.2.1.1"
		echo "rocommunity private 127.0.0.1 -V nothing"
	} >"$LAB_DIR/snmp-router/snmpd.more"
	[ "$(grep -c '^view mptcpwan-plain ' "$LAB_DIR/snmp-router/snmpd.more")" = 10 ]
	printf '%s\n' 'interval = 500ms' 'raise-after = 1s' >"$LAB_DIR/conf"
	lab_agent_start -c "$LAB_DIR/conf"
	lab_router ip mptcp endpoint delete id "$(endpoint_of 192.168.12.2)"
	lab_router ip mptcp endpoint delete id "$(endpoint_of 2001:db8:2::2)"
	lab_router ip mptcp endpoint add 192.168.12.2 dev wan2 signal
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 --up 500000000 --kbit 12000
	lab_ip vps "link set line3 down"
	lab_eventually 30 raised
}

endpoint_of()
{
	lab_router ip mptcp endpoint | sed -n "s/^$1 id \([0-9]*\) .*/\1/p"
}

raised()
{
	lab_snmp snmpbulkwalk mptcpWanActiveText | grep -q wan3 &&
		lab_snmp snmpbulkwalk mptcpWanFindingText | grep -q 192.168.12.2
}

# lab_at_router TOOL -c COMMUNITY [OPTION]... OID...: by numbers.
lab_at_router()
{
	local tool=$1 community=$3

	shift 3
	ip netns exec "$(lab_netns router)" env MIBS= SNMPCONFPATH="$LAB_DIR/snmp-router" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" "$tool" -v 2c -c "$community" -t 2 -r 2 \
		"$(cat "$LAB_DIR/snmp-router/address")" "$@"
}

# Texts as text: one walk with -Oa, and octets as octets: one with -Ox.
walk()
{
	local as

	for as in a x; do
		ip netns exec "$(lab_netns router)" env MIBS= SNMPCONFPATH="$LAB_DIR/snmp-router" \
			SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" snmpbulkwalk -v 2c -c "$1" -On -O$as \
			"$(cat "$LAB_DIR/snmp-router/address")" "$ROOT" |
			grep -v 'No Such\|No more variables' || :
	done
}

# Of the lab's addresses those that are in a walk, in words or in octets.
addresses_in()
{
	local address

	for address in 192.168.11.2 192.168.12.2 192.168.13.2 192.168.11.1 192.168.12.1 192.168.13.1 \
		2001:db8:1::2 2001:db8:2::2 2001:db8:3::2 2001:db8:1::1 2001:db8:2::1 2001:db8:3::1; do
		if grep -q -F -e "$address" "$1" ||
			tr -d '\n' <"$1" | grep -q -i "$(python3 -c 'import ipaddress, sys
print(" ".join("%02X" % octet for octet in ipaddress.ip_address(sys.argv[1]).packed))' "$address")"; then
			echo "$address"
		fi
	done
}

# As snmpset does not send them: a SET with a NULL for each object of a walk.
null_sets()
{
	sed -n 's/^\(\.[0-9.]*\) = .*/\1/p' "$LAB_DIR/before" >"$LAB_DIR/oids"
	ip netns exec "$(lab_netns router)" python3 - "$(cat "$LAB_DIR/snmp-router/address")" "$LAB_DIR/oids" <<-'END'
		import socket, sys

		def tlv(tag, content):
		    n = len(content)
		    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x82, n >> 8, n & 255])) + content

		def integer(n):
		    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))

		def oid(text):
		    arcs = [int(arc) for arc in text.strip(".").split(".")]
		    out = bytes([arcs[0] * 40 + arcs[1]])
		    for arc in arcs[2:]:
		        part = [arc & 127]
		        while arc := arc >> 7:
		            part.append(arc & 127 | 128)
		        out += bytes(reversed(part))
		    return tlv(6, out)

		host, port = sys.argv[1].rsplit(":", 1)
		asked = refused = 0
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
		    s.settimeout(10)
		    for line in open(sys.argv[2]):
		        binding = tlv(0x30, tlv(0x30, oid(line.strip()) + tlv(5, b"")))
		        pdu = tlv(0xA3, integer(asked + 1) + integer(0) + integer(0) + binding)
		        s.sendto(tlv(0x30, integer(1) + tlv(4, b"admin") + pdu), (host.split(":")[-1], int(port)))
		        answer, asked = s.recv(65535), asked + 1
		        # error-status follows the request-id: an INTEGER that is not 0
		        body = answer[answer.index(b"\xa2"):]
		        at = body.index(b"\x02") + 1
		        at += 1 + body[at]
		        refused += body[at + 2] != 0
		print(f"# {asked} SETs of NULL, {refused} refused", file=sys.stderr)
		sys.exit(asked < 100 or refused != asked)
	END
}

run_cases
