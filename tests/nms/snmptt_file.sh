#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016,SC2317	# a $ of snmptt; cases are called by name
#
# integrations/snmptt/mptcp-wan.snmptt against the MIB, from which it is made; what snmptt makes of it
# is shown in traps.sh. TAP on stdout.
#	snmptt_file.sh --accept		writes what comes of the MIB now; read the diff
# srcdir: the top of the source.

set -u
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(dirname "$0")/../..}
module=MPTCP-WAN-MIB
FILE=$srcdir/integrations/snmptt/mptcp-wan.snmptt
RUNBOOK=https://runbook.example/mptcp-wan.md

if ! command -v smidump >/dev/null; then
	echo "1..0 # SKIP smidump is not installed"
	exit 0
fi
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' HUP INT TERM
echo "path $srcdir/tests/mibs:$srcdir/mibs" >"$temp/smi.conf"
smidump -c "$temp/smi.conf" -f xml "$module" >"$temp/xml" 2>/dev/null

# ---- making it ----

# severity of the MIB, and what snmptt's users call it; info is that of a test notification.
SEVERITIES="critical Critical
major Major
minor Minor
warning Warning
info Informational"

made()
{
	head_comment
	echo "$SEVERITIES" | while read -r severity word; do
		event mptcpWanAlarmRaised "$word" "$severity"
	done
	event mptcpWanAlarmCleared Normal ''
}

head_comment()
{
	cat <<-END
		# SPDX-License-Identifier: MIT
		#
		# What snmptt makes of the notifications of MPTCP-WAN-MIB; README.md says how to hook it. An alarm that is
		# raised, or becomes worse, has the alarm's own severity. One that is cleared is Normal.
		#
		# Words are found in place of numbers, whether snmptrapd has the MIB or not: <cause 40> and
		# <cause subflowLimit> become subflow-limit, a heading of doc/runbook.md. Put that page where your people
		# read it, and its address into this file:
		#     sudo sed -i 's,$RUNBOOK,https://wiki.your.net/mptcp-wan,' \\
		#         /etc/snmp/mptcp-wan.snmptt
		#
		# snmptt takes ; < > | & * ? $ and all that is not ASCII out of values. The first semicolons below come back,
		# so that a command ends where it does.
		#
		# Made from the MIB by tests/nms/snmptt_file.sh --accept.
		#
		# Variables, for lines of your own:
	END
	variables mptcpWanAlarmRaised | awk '{ printf "#     $%-2d %s\n", NR, $0 }'
}

# event NOTIFICATION SEVERITY-OF-SNMPTT [SEVERITY-OF-THE-MIB]
event()
{
	local text

	printf '\nEVENT %s .%s "MPTCP WAN" %s\n' "$1" "$(oid_of "$1")" "$2"
	text="alarm <transition \$$(place_of Transition)> (<type \$$(place_of Type)>, <cause \$$(place_of Cause)>, record"
	text="$text \$$(place_of Sequence)): \$$(place_of Text)"
	echo "FORMAT $text Runbook: $RUNBOOK#<cause \$$(place_of Cause)>"
	[ -z "$3" ] || printf 'MATCH $%s: (^(%s|%s)\\b)\n' "$(place_of Severity)" \
		"$(number_of MptcpWanSeverity "$3")" "$3"
	separators
	translations transition MptcpWanAlarmTransition
	translations type MptcpWanAlarmType
	translations cause MptcpWanCauseCode
}

# Those between the parts of an advice, and its commands. See finding_tell().
separators()
{
	local word

	for word in 'for good:' 'far end:' 'restart:' 'uci commit'; do
		printf 'REGEX ( %s )(; %s )g\n' "$word" "$word"
	done
}

# A value comes as 40, as subflowLimit or as subflowLimit(40).
translations()
{
	numbers "$2" | while read -r number word; do
		printf 'REGEX (<%s (%s|%s)\\b[^>]*>)(%s)g\n' "$1" "$number" "$word" "$(slug "$word")"
	done
}

slug()
{
	echo "$1" | sed 's/[A-Z]/-&/g' | tr '[:upper:]' '[:lower:]'
}

# ---- what the MIB says ----

variables()
{
	sed -n "/<notification name=\"$1\"/,/<\/notification>/p" "$temp/xml" |
		sed -n 's/.*<object module=.* name="\([^"]*\)".*/\1/p'
}

notifications()
{
	sed -n 's/.*<notification name="\([^"]*\)".*/\1/p' "$temp/xml"
}

place_of()
{
	variables mptcpWanAlarmRaised | sed -n "/^mptcpWanLog$1\$/="
}

oid_of()
{
	sed -n "s/.*<notification name=\"$1\" oid=\"\([^\"]*\)\".*/\1/p" "$temp/xml"
}

# The numbers and words of a textual convention.
numbers()
{
	sed -n "/<typedef name=\"$1\"/,/<\/typedef>/s/.*<namednumber name=\"\([^\"]*\)\" number=\"\([^\"]*\)\".*/\2 \1/p" \
		"$temp/xml"
}

number_of()
{
	numbers "$1" | sed -n "s/ $2\$//p"
}

# ---- the cases; each is named after what it shows ----

case_the_file_is_what_the_mib_says()
{
	made | diff "$FILE" -
}

case_the_separators_are_those_of_the_code()
{
	for word in 'for good:' 'far end:' 'restart:'; do
		grep -qF "{ \"; $word \", " "$srcdir/lib/finding.c" || return 1
	done
	grep -qF '; uci commit ' "$srcdir"/lib/diagnose_*.c
}

case_every_notification_has_an_event()
{
	[ "$(notifications | wc -l)" = 2 ] || return 1
	for notification in $(notifications); do
		grep -q "^EVENT $notification .$(oid_of "$notification") " "$FILE" || return 1
		variables "$notification" | cmp - "$temp/raised" || return 1
	done
}

# A raised alarm is found by one event, and by no other.
case_every_severity_but_none_has_one_event()
{
	numbers MptcpWanSeverity | while read -r number word; do
		for value in "$number" "$word" "$word($number)"; do
			found=$(sed -n "s/^MATCH \$7: (\(.*\))\$/\1/p" "$FILE" | while read -r match; do
				! printf '%s\n' "$value" | grep -qP "$match" || echo "$match"
			done | wc -l)
			[ "$found" = "$([ "$word" = none ] && echo 0 || echo 1)" ] || echo "$value: $found"
		done
	done >"$temp/wrong"
	cat "$temp/wrong"
	[ ! -s "$temp/wrong" ]
}

case_every_cause_leads_to_a_heading_of_the_runbook()
{
	sed -n 's/^REGEX (<cause .*)(\(.*\))g$/\1/p' "$FILE" | sort -u | grep -vx none >"$temp/causes"
	[ "$(numbers MptcpWanCauseCode | wc -l)" = $(($(wc -l <"$temp/causes") + 1)) ] || return 1
	while read -r cause; do
		grep -qx "## $cause" "$srcdir/doc/runbook.md" || echo "$cause"
	done <"$temp/causes" >"$temp/wrong"
	cat "$temp/wrong"
	[ ! -s "$temp/wrong" ]
}

# What snmpttconvertmib makes of the MIB has names, OIDs and variables right, and all else to be done.
case_what_snmpttconvertmib_makes_has_the_same_names_and_variables()
{
	command -v snmpttconvertmib >/dev/null || {
		echo "snmptt is not installed"
		return 77
	}
	SNMP_PERSISTENT_DIR=$temp SNMPCONFPATH=$temp MIBDIRS=$srcdir/tests/mibs:$srcdir/mibs MIBS=$module \
		snmpttconvertmib --in="$srcdir/mibs/$module.txt" --out="$temp/converted" >"$temp/log" 2>&1
	grep '^EVENT' "$temp/converted" | cut -d ' ' -f 2,3 >"$temp/events"
	grep '^EVENT' "$FILE" | cut -d ' ' -f 2,3 | uniq | diff "$temp/events" - || return 1
	sed -n '/^Variables:/,/^EDESC/s/^ *\([0-9]*\): /\1 /p' "$temp/converted" >"$temp/converted.variables"
	cat "$temp/raised" "$temp/raised" | awk '{ print (NR - 1) % n + 1, $0 }' n="$(wc -l <"$temp/raised")" |
		diff "$temp/converted.variables" -
}

# ---- the runner ----

if [ "${1:-}" = --accept ]; then
	made >"$FILE"
	exit
fi
variables mptcpWanAlarmRaised >"$temp/raised"
cases=$(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0")
echo "1..$(echo "$cases" | wc -l)"
number=0
failed=0
for name in $cases; do
	number=$((number + 1))
	title=$(echo "${name#case_}" | tr _ ' ')
	"$name" >"$temp/says" 2>&1
	case $? in
	0)	echo "ok $number - $title" ;;
	77)	echo "ok $number - $title # SKIP $(cat "$temp/says")" ;;
	*)	echo "not ok $number - $title"
		sed 's/^/# /' "$temp/says"
		failed=1 ;;
	esac
done
exit $failed
