#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317	# cases are called by name
#
# Is the MIB sound, and does it say what the code says? Offline, TAP on stdout. From the environment: srcdir, the top of
# the source; builddir, where tests/metrics_table was built (or METRICS_TABLE, the program itself).

set -u
LC_ALL=C
export LC_ALL

top=${srcdir:-$(dirname "$0")/..}
metrics_table=${METRICS_TABLE:-${builddir:-.}/tests/metrics_table}
module=MPTCP-WAN-MIB
mib=$top/mibs/$module.txt
stubs=$top/tests/mibs

if ! command -v smilint >/dev/null || ! command -v smidump >/dev/null; then
	echo "1..0 # SKIP smilint is not installed"
	exit 0
fi

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Never the machine's own configuration or modules.
path=$stubs:$top/mibs
echo "path $path" >"$tmp/smi.conf"
mkdir -p "$tmp/persistent/cert_indexes"
SNMPCONFPATH=$tmp SNMP_PERSISTENT_DIR=$tmp/persistent
MIBDIRS=$path MIBS=$module
export SNMPCONFPATH SNMP_PERSISTENT_DIR MIBDIRS MIBS

tab=$(printf '\t')
smidump -c "$tmp/smi.conf" -f xml "$module" >"$tmp/xml" 2>"$tmp/xml.err"
awk -f "$stubs/objects.awk" "$tmp/xml" >"$tmp/objects"
root=.$(sed -n 's/.*<node name="mptcpWanMIB".* oid="\([0-9.]*\)".*/\1/p' "$tmp/xml")

# smilint ends with 0 whatever it finds: only its output counts.
lint()
{
	smilint -c "$tmp/smi.conf" -l 6 "$1" 2>&1
}

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

# ---- the cases; each is named after what it shows. A case returns 77 to be skipped, with the reason on stdout. ----

case_smilint_has_nothing_to_say()
{
	lint "$mib" | nothing
}

# The one above can fail: each copy has one mistake.
case_smilint_would_have_noticed()
{
	for mistake in 's/^    UNITS .*/    UNITZ "x"/' '/mptcpWanCounterName, mptcpWanCounterValue }/s/, [^ ]*//' \
		's/::= { mptcpWanEntry 36 }/::= { mptcpWanEntry 35 }/' 's/InterfaceIndexOrZero$/&s/'; do
		sed "$mistake" "$mib" >"$tmp/$module.txt"
		if cmp -s "$mib" "$tmp/$module.txt" || lint "$tmp/$module.txt" | nothing >"$tmp/found"; then
			echo "unnoticed: $mistake"
			return 1
		fi
	done
}

case_smidump_reads_it_in_silence()
{
	nothing <"$tmp/xml.err" && [ -s "$tmp/objects" ]
}

case_net_snmp_reads_it_in_silence()
{
	if ! command -v snmptranslate >/dev/null; then
		echo "snmptranslate is not installed"
		return 77
	fi
	snmptranslate -On "$module::mptcpWanMIB" >"$tmp/out" 2>&1
	echo "$root" | diff - "$tmp/out" || return 1
	# The whole tree, to the last object.
	snmptranslate -Tp "$module::mptcpWanMIB" >"$tmp/tree" 2>"$tmp/err"
	nothing <"$tmp/err" && grep -q 'mptcpWanCounterValue(3)' "$tmp/tree"
}

# smilint -l 6 is content with 64 characters.
case_names_are_unique_and_have_at_most_32_characters()
{
	sed -n 's/.*<[a-z]* name="\([^"]*\)".* oid=.*/\1/p; s/.*<typedef name="\([^"]*\)".*/\1/p' "$tmp/xml" >"$tmp/names"
	[ "$(wc -l <"$tmp/names")" -gt "$(wc -l <"$tmp/objects")" ] || return 1
	awk 'length($0) > 32 { print "too long: " $0 } seen[$0]++ { print "twice: " $0 }' "$tmp/names" | nothing
}

case_code_and_mib_are_equal()
{
	"$metrics_table" >"$tmp/code" 2>&1 || { cat "$tmp/code"; return 1; }
	# A moment of the code may be one that always was: there the MIB decides.
	awk -F "$tab" -v OFS="$tab" 'NR == FNR { absent[$1] = $7; next } $7 == "moment" { $7 = absent[$1] } 1' \
		"$tmp/objects" "$tmp/code" | sort >"$tmp/code.sorted"
	sort "$tmp/objects" | diff "$tmp/code.sorted" -
}

# Their columns are the first ones, in that order: so the code finds its rows.
case_rows_are_found_by_their_first_columns()
{
	awk -F "$tab" '$4 == "index" { print $2 }' "$tmp/objects" >"$tmp/indexes"
	sed -n '/<linkage>/,/<\/linkage>/s/.*<index module=.* name="\([^"]*\)".*/\1/p' "$tmp/xml" |
		diff "$tmp/indexes" -
}

# The variables of a notification, in their order.
variables()
{
	sed -n "/<notification name=\"$1\"/,/<\/notification>/p" "$tmp/xml" |
		sed -n 's/.*<object module=.* name="\([^"]*\)".*/\1/p'
}

notifications()
{
	sed -n 's/.*<notification name="\([^"]*\)".*/\1/p' "$tmp/xml"
}

case_the_code_sends_the_variables_that_the_mib_promises()
{
	"$metrics_table" notification >"$tmp/sent" 2>&1 || { cat "$tmp/sent"; return 1; }
	[ "$(notifications | wc -l)" = 2 ] || return 1
	for notification in $(notifications); do
		variables "$notification" | diff "$tmp/sent" - || return 1
	done
}

# A late one is told from the log, where it must have a value always.
case_what_a_notification_says_is_in_its_row_of_the_log()
{
	awk -F "$tab" '$1 ~ /^7\./ && $4 != "index" && $7 == "-" { print $2 }' "$tmp/objects" | sort >"$tmp/always"
	for notification in $(notifications); do
		variables "$notification" | sort | comm -23 - "$tmp/always" | nothing || return 1
	done
}

case_the_code_has_the_numbers_of_the_notifications()
{
	{
		echo "mptcpWanAlarmRaised $root.0.1"
		echo "mptcpWanAlarmCleared $root.0.2"
	} | sed 's/ \./ /' >"$tmp/numbers"
	sed -n 's/.*<notification name="\([^"]*\)" oid="\([^"]*\)".*/\1 \2/p' "$tmp/xml" |
		diff "$tmp/numbers" - || return 1
	grep -q 'MIB_NOTIFICATIONS = 0,' "$top/agent/mib.h" &&
		grep -q 'enum mib_notification { MIB_ALARM_RAISED = 1, MIB_ALARM_CLEARED };' "$top/agent/mib.h"
}

case_every_object_is_in_a_group()
{
	sed -n 's/.*<member module=.* name="\([^"]*\)".*/\1/p' "$tmp/xml" | sort -u >"$tmp/members"
	{
		awk -F "$tab" '$4 != "index" { print $2 }' "$tmp/objects"
		notifications
	} | sort | diff - "$tmp/members"
}

case_every_group_is_in_the_compliance()
{
	sed -n 's/.*<group name="\([^"]*\)".*/\1/p' "$tmp/xml" | sort >"$tmp/groups"
	sed -n '/<compliance /,/<\/compliance>/s/.*<\(mandatory\|option\) module=.* name="\([^"]*\)".*/\2/p' "$tmp/xml" |
		sort | diff "$tmp/groups" -
}

case_nothing_can_be_written()
{
	[ "$(grep -c '<access>' "$tmp/xml")" = "$(wc -l <"$tmp/objects")" ] || return 1
	sed -n 's/.*<access>\(.*\)<.*/\1/p' "$tmp/xml" | sort -u | grep -vx 'readonly\|noaccess' | nothing
}

case_nothing_lies_on_a_reserved_arc()
{
	grep -v '^[1235678]\.' "$tmp/objects" | nothing
}

case_the_code_answers_at_the_mibs_root()
{
	header=$top/lib/metrics.h
	if ! [ -f "$header" ]; then
		echo "there is no lib/metrics.h"
		return 77
	fi
	sed -n 's/^[[:space:]]*#[[:space:]]*define[[:space:]]*MIB_ROOT[[:space:]]*//p' "$header" |
		sed 's|/[*/].*||; s/[^0-9,]//g; s/,/./g; s/^/./' >"$tmp/code.root"
	echo "$root" | diff "$tmp/code.root" -
}

# mib_walk.sh judges a real agent by walk.awk: here it judges a walk that is right, and then that walk with one mistake.
judge()
{
	awk -v root="$root.1" -f "$stubs/walk.awk" "$tmp/objects" "$1"
}

case_a_walk_that_is_right_is_found_right()
{
	walk_of_two_rows >"$tmp/walk"
	judge "$tmp/walk" | nothing || return 1
	# Without those that may be absent.
	awk -F "$tab" -v root="$root.1" '
		NR == FNR { absent[root "." $1] = $7 == "maybe"; next }
		{ oid = $0; sub(/ .*/, "", oid); column = oid; sub(/\.[0-9]+$/, "", column); shorter = column }
		{ sub(/\.[0-9]+$/, "", shorter) }
		!absent[oid] && !absent[column] && !absent[shorter]' "$tmp/objects" "$tmp/walk" >"$tmp/walk.less"
	! cmp -s "$tmp/walk" "$tmp/walk.less" && judge "$tmp/walk.less" | nothing
}

case_a_walk_that_is_wrong_is_found_wrong()
{
	walk_of_two_rows >"$tmp/walk"
	finds order "/\.1\.2\.1\.2\.1 /{h;d;};/\.1\.2\.1\.2\.12 /G" &&
	finds order "/\.1\.2\.1\.2\.1 /p" &&
	finds row "/\.1\.2\.1\.11\.12 /d" &&
	finds row "/\.1\.1\.20\.0 /d" &&
	finds object "/\.1\.2\.1\.2\.1 /{p;s/\.1\.2\.1\.2\.1 /.1.2.1.2.1.1 /;}" &&
	finds row "/\.1\.5\.1\.5\.12\.12 /d" &&
	finds object "s/\.1\.5\.1\.5\.12\.12 /.1.5.1.5.12 /" &&
	finds object "s/\.1\.8\.1\.3\.12 /.1.8.1.4.12 /" &&
	finds object "s/\.1\.8\.1\.3\.12 /.2.1.8.1 /" &&
	finds type "/\.1\.2\.1\.24\.1 /s/Counter64/Gauge32/" &&
	finds type "/\.1\.2\.1\.7\.1 /s/INTEGER.*/\"\"/" &&
	finds type "/\.1\.2\.1\.7\.1 /s/INTEGER.*/No Such Instance currently exists at this OID/" &&
	finds value "/\.1\.2\.1\.7\.1 /s/: .*/: 10/" &&
	finds value "/\.1\.1\.1\.0 /s/: .*/: 0/" &&
	finds value "/\.1\.2\.1\.8\.1 /s/ 2B 01 00//;/\.1\.2\.1\.8\.1 /s/: 07/:/"
}

# Each object with the rows 1 and 12 (1.1 and 12.12 with two indexes), as `snmpbulkwalk -m "" -On -Ox` shows them.
walk_of_two_rows()
{
	awk -F "$tab" -v root="$root.1" '
		BEGIN {
			shown["INTEGER"] = "INTEGER: 1"
			shown["Gauge32"] = "Gauge32: 1"
			shown["Counter64"] = "Counter64: 1"
			shown["TimeTicks"] = "Timeticks: (0) 0:00:00.00"
			shown["BITS"] = "Hex-STRING: C0 "
		}
		$4 == "index" { indexes[int($1)]++; next }
		{ value = shown[$3] }
		$4 == "DateAndTime" { value = "Hex-STRING: 07 EA 0B 16 0A 04 01 00 2B 01 00 " }
		$4 ~ /^text/ { value = "\"\"" }
		$4 == "InetAddress" { value = "Hex-STRING: 20 01 0D B8 00 00 00 00 00 00 00 00 00 00 00 01 " }
		$1 ~ /\.0$/ { print root "." $1 " = " value; next }
		{ two = indexes[int($1)] == 2 }
		{ print root "." $1 (two ? ".1.1" : ".1") " = " value }
		{ print root "." $1 (two ? ".12.12" : ".12") " = " value }' "$tmp/objects"
}

# finds WHAT SED-SCRIPT: the walk changed by the script has a mistake of that kind.
finds()
{
	sed "$2" "$tmp/walk" >"$tmp/walk.wrong"
	judge "$tmp/walk.wrong" | grep -q "^$1: " && return
	echo "no $1 was found wrong after $2"
	return 1
}

# ---- the runner ----

# shellcheck source=tests/tap_cases.sh
. "$top/tests/tap_cases.sh"
tap_cases
