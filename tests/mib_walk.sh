#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317	# cases are called by name
#
# Does a running agent keep what the MIB promises? mib_walk.sh ADDRESS [COMMUNITY]: an snmpd that serves our subtree,
# asked with SNMPv2c; the community (public) must be allowed to read it. TAP on stdout. srcdir is the top of the source.

set -u
LC_ALL=C
export LC_ALL

if [ $# -lt 1 ]; then
	echo "usage: $0 ADDRESS [COMMUNITY]" >&2
	exit 2
fi
address=$1
community=${2:-public}
top=${srcdir:-$(dirname "$0")/..}
stubs=$top/tests/mibs

for program in smidump snmpget snmpset snmpwalk snmpbulkwalk; do
	if ! command -v "$program" >/dev/null; then
		echo "1..0 # SKIP $program is not installed"
		exit 0
	fi
done

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Never the machine's own configuration or modules.
mkdir -p "$tmp/persistent/cert_indexes"
SNMPCONFPATH=$tmp SNMP_PERSISTENT_DIR=$tmp/persistent
export SNMPCONFPATH SNMP_PERSISTENT_DIR
echo "path $stubs:$top/mibs" >"$tmp/smi.conf"
smidump -c "$tmp/smi.conf" -f xml MPTCP-WAN-MIB >"$tmp/xml" 2>&1
awk -f "$stubs/objects.awk" "$tmp/xml" >"$tmp/objects"
root=.$(sed -n 's/.*<node name="mptcpWanMIB".* oid="\([0-9.]*\)".*/\1/p' "$tmp/xml")
objects=$root.1

# ask PROGRAM OPTION... ADDRESS OID...: numbers only, and what is wrong is for us to find (-Cc, to the walks).
ask()
{
	program=$1
	shift
	"$program" -v 2c -c "$community" -m '' -On -Ox "$@" 2>&1
}

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

oids()
{
	sed -n '/ = No more variables/d; s/^\(\.[0-9.]*\) = .*/\1/p' "$1"
}

# What walk.awk found of one kind, at most ten of it.
found()
{
	grep "^$1: " "$tmp/found" | head -n 10 | nothing
}

# GET of what is not there.
is_not_there()
{
	ask snmpget "$address" "$objects.$1" >"$tmp/get"
	grep -q "^$objects.$1 = No Such \(Object\|Instance\) " "$tmp/get" && return
	cat "$tmp/get"
	return 1
}

# set_is_refused OID TYPE VALUE
set_is_refused()
{
	if ask snmpset "$address" "$@" >"$tmp/set"; then
		echo "$1 was set"
		return 1
	fi
	grep -q 'Reason: \(notWritable\|noAccess\)' "$tmp/set" && return
	cat "$tmp/set"
	return 1
}

# ---- the cases, in the order in which they run; each is named after what it shows ----

case_the_root_can_be_walked()
{
	ask snmpbulkwalk -Cc "$address" "$root" >"$tmp/walk"
	oids "$tmp/walk" >"$tmp/oids"
	if [ "$(wc -l <"$tmp/oids")" -lt 20 ]; then
		cat "$tmp/walk"
		echo "$address does not serve $root"
		return 99
	fi
	awk -v root="$objects" -f "$stubs/walk.awk" "$tmp/objects" "$tmp/walk" >"$tmp/found"
}

case_oids_rise()
{
	found order
}

case_every_instance_is_of_an_object()
{
	found object
}

case_every_type_is_the_mibs()
{
	found type
}

case_every_value_fits_its_type()
{
	found value
}

case_every_row_is_complete()
{
	found row
}

# Endpoints, rates and findings come and go, so the same moment is waited for, up to five times.
case_getnext_tells_of_the_same_instances_as_getbulk()
{
	for _ in 1 2 3 4 5; do
		ask snmpbulkwalk -Cc "$address" "$root" >"$tmp/bulk"
		ask snmpwalk -Cc "$address" "$root" >"$tmp/next"
		oids "$tmp/bulk" >"$tmp/bulk.oids"
		oids "$tmp/next" | diff "$tmp/bulk.oids" - >"$tmp/differ" && [ -s "$tmp/bulk.oids" ] && return
	done
	cat "$tmp/differ"
	return 1
}

# The size of an answer must not matter, as long as it fits a datagram: what does not, snmpd 5.9.3 sends not at all.
case_getbulk_of_one_and_of_fifty_tell_of_the_same_instances()
{
	for _ in 1 2 3 4 5; do
		ask snmpbulkwalk -Cc -Cr1 "$address" "$root" >"$tmp/one"
		ask snmpbulkwalk -Cc -Cr50 "$address" "$root" >"$tmp/fifty"
		oids "$tmp/one" >"$tmp/one.oids"
		oids "$tmp/fifty" | diff "$tmp/one.oids" - >"$tmp/differ" && [ -s "$tmp/one.oids" ] && return
	done
	cat "$tmp/differ"
	return 1
}

# Only what may be absent may have gone since the walk.
case_get_answers_for_every_instance_walked()
{
	# shellcheck disable=SC2086	# OIDs are words
	xargs -n 20 <"$tmp/oids" | while read -r some; do
		ask snmpget "$address" $some
	done >"$tmp/gets"
	oids "$tmp/gets" | diff "$tmp/oids" - || return 1
	awk -v root="$objects." -F '\t' '
		NR == FNR { absent[root $1] = $7 == "maybe"; next }
		!/ = No Such / { next }
		{ oid = $0; sub(/ .*/, "", oid); column = oid; sub(/\.[0-9]+$/, "", column); shorter = column }
		{ sub(/\.[0-9]+$/, "", shorter) }	# a column with two indexes
		!absent[oid] && !absent[column] && !absent[shorter]' "$tmp/objects" "$tmp/gets" | nothing
}

case_what_is_not_there_is_said_not_to_be_there()
{
	row=$(sed -n "s/^$objects\.2\.1\.2\.\([0-9]*\) = .*/\1/p" "$tmp/walk" | head -n 1)

	is_not_there 1.9999.0 &&			# a scalar that does not exist
	is_not_there 1.1.1 &&				# an instance of a scalar
	is_not_there "2.1.1.${row:-1}" &&		# an index
	is_not_there "2.1.9999.${row:-1}" &&		# a column beyond
	is_not_there 2.1.2.2147483647 &&		# a row that does not exist
	is_not_there 2.1.2 &&				# a column without a row
	is_not_there "2.1.2.${row:-1}.1" &&		# a row with one index too many
	is_not_there 3.1.2.256 &&
	is_not_there 4.1.1.1 &&				# a reserved arc
	is_not_there 5.1.4.1.2147483647 &&		# a second index that does not exist
	is_not_there 5.1.4.1 &&				# half of two indexes
	is_not_there 6.1.4.1 &&
	is_not_there 7.1.3.0 &&				# the log begins at 1
	is_not_there 7.1.1.1 &&
	is_not_there 8.1.2.2147483647 &&
	is_not_there 9999.1.1.1
}

case_nothing_can_be_set()
{
	name=$(sed -n "s/^\($objects\.2\.1\.2\.[0-9]*\) = .*/\1/p" "$tmp/walk" | head -n 1)

	set_is_refused "$objects.1.33.0" s x &&
	set_is_refused "$objects.1.25.0" u 1 &&
	set_is_refused "${name:-$objects.2.1.2.1}" s x &&
	set_is_refused "$objects.2.1.2.2147483647" s x
}

# ---- the runner ----

# shellcheck source=tests/tap_cases.sh
. "$top/tests/tap_cases.sh"
tap_cases
