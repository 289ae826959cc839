# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What one would write today to see the lines of a bond: subflows and octets of each, by ss, ip and
# awk, without a loop of the shell. Of what is alive: octets of subflows that have ended are gone.
{
	ip -o addr show scope global | awk '{ sub("/.*", "", $4); print "address", $2, $4 }'
	ip mptcp endpoint show | awk '{
		for (i = 1; i < NF; i++)
			if ($i == "dev")
				print "endpoint", $(i + 1), $1
	}'
	ss -tniMHO
} | awk '
	$1 == "address"  { device[$3] = $2; next }
	$1 == "endpoint" { endpoints[$2]++; next }
	$1 == "mptcp"    { connections++; next }
	/tcp-ulp-mptcp/ {
		local_address = $5
		sub(/:[0-9]*$/, "", local_address)
		sub(/%.*/, "", local_address)
		wan = device[local_address]
		subflows[wan]++
		for (i = 7; i <= NF; i++) {
			if (index($i, "bytes_sent:") == 1)
				sent[wan] += substr($i, 12)
			else if (index($i, "bytes_retrans:") == 1)
				sent[wan] -= substr($i, 15)
			else if (index($i, "bytes_received:") == 1)
				received[wan] += substr($i, 16)
		}
	}
	END {
		for (wan in subflows)
			print wan, endpoints[wan] + 0, subflows[wan], sent[wan] + 0, received[wan] + 0
		print connections + 0, "connections"
	}' | sort
