#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2317	# cases are words, and are called by name
#
# doc/metrics-collectd.md against THE table: its part between the marks is what comes of it. TAP.
#	reference.sh --accept	writes what comes of it now; read the diff
# srcdir, builddir: source and build.
set -u
srcdir=${srcdir:-.} builddir=${builddir:-build}
DOC=$srcdir/doc/metrics-collectd.md
BEGIN='<!-- From here on: collectd_tables reference -->'
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

tables()
{
	"$builddir/tests/collectd_tables" "$@"
}

case_the_reference_is_what_the_table_says()
{
	sed "1,/^$BEGIN\$/d" "$DOC" >"$temp/doc"
	tables reference >"$temp/table" && [ -s "$temp/table" ] && diff -u "$temp/doc" "$temp/table"
}

# Two ways to the names: a walk over the table, and a snapshot in which all is known.
case_its_names_are_those_that_are_told()
{
	tables values | cut -f 1 | sort >"$temp/table"
	"$builddir/tests/nms/fleet" 0 1 0 | sed 's!^wan1/!WAN/!' | sort >"$temp/told"
	[ -s "$temp/told" ] && diff -u "$temp/table" "$temp/told"
}

case_its_series_are_the_sources_that_are_told()
{
	local most

	most=$("$builddir/tests/nms/fleet" 0 6 0 | awk '{ n += /if_octets/ ? 2 : 1 } END { print n }')
	grep -qx "| 6 | $most | ${most}00 |" "$DOC" || {
		echo "six WANs have $most series"
		return 1
	}
}

[ "${1:-}" != --accept ] || {
	sed "/^$BEGIN\$/q" "$DOC" >"$temp/new" && tables reference >>"$temp/new" && cat "$temp/new" >"$DOC"
	exit
}
number=0
failed=0
for name in $(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0"); do
	number=$((number + 1))
	title=$(echo "${name#case_}" | tr _ ' ')
	if "$name" >"$temp/says" 2>&1; then
		echo "ok $number - $title"
	else
		echo "not ok $number - $title"
		sed 's/^/# /' "$temp/says" | head -n 40
		failed=1
	fi
done
echo "1..$number"
exit $failed
