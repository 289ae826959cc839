#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317	# cases are called by name
#
# Does everything that we ship, of ours and for other people's programs, say what the MIB and the metrics
# do, and has every alarm its section of the runbook? Needs no server. TAP on stdout. How each file is
# read and judged is in shipped/check.py and shipped/runbook.py. srcdir, builddir: source and build.

set -u
LC_ALL=C.UTF-8
PYTHONDONTWRITEBYTECODE=1
export LC_ALL PYTHONDONTWRITEBYTECODE

: "${srcdir:=$(dirname "$0")/..}" "${builddir:=$srcdir/build}"
here=$srcdir/tests/shipped
cli=$builddir/cli/mptcp-wan
table=$builddir/tests/metrics_table

skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}

command -v smidump >/dev/null || skip "smidump is not installed"
python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
[ -x "$cli" ] || skip "the command line was not built"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

echo "path $srcdir/tests/mibs:$srcdir/mibs" >"$tmp/smi.conf"
smidump -c "$tmp/smi.conf" -f xml MPTCP-WAN-MIB >"$tmp/mib.xml" 2>/dev/null
"$cli" metrics --json >"$tmp/metrics.json"
"$cli" check --help >"$tmp/help"
"$table" causes >"$tmp/causes"

# words OBJECT: of its enumeration, as they are everywhere but in the MIB.
words()
{
	"$table" | awk -F '\t' -v object="$1" '$2 == object { print $6 }' | tr , '\n' | sed 's/(.*//; s/[A-Z]/-\l&/g'
}

words mptcpWanActiveType >"$tmp/words"
words mptcpWanActiveCause >>"$tmp/words"

check()
{
	python3 "$here/check.py" "$srcdir" "$tmp/mib.xml" "$tmp/metrics.json" "$tmp/help" "$@"
}

runbook()
{
	python3 "$here/runbook.py" "$srcdir" "$tmp/causes" "$tmp/words" "$@"
}

# ---- the cases; each is named after what it shows ----

case_all_that_is_shipped_says_what_the_mib_and_the_metrics_do()
{
	check
}

case_a_mistake_in_any_of_it_would_have_been_noticed()
{
	check mistakes >"$tmp/found" && grep -q '^# [0-9][0-9]* mistakes' "$tmp/found" && return
	cat "$tmp/found"
	return 1
}

case_every_alarm_has_a_section_of_the_runbook_with_urgency_confirmation_and_cure()
{
	[ "$(wc -l <"$tmp/causes")" -gt 30 ] && [ "$(wc -l <"$tmp/words")" -gt 40 ] && runbook
}

case_a_mistake_in_the_runbook_would_have_been_noticed()
{
	runbook mistakes
}

# ---- the runner ----

# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
