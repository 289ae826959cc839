#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2016,SC2317	# cases are words, and are called by name; jq's $
#
# What doc/ says of the metrics, against THE table: metrics.md below its mark, the series in
# collectd.md, and of the schema of --json the part on the agent's status. TAP.
#	reference.sh --accept	writes what comes of the table now; read the diff
# srcdir, builddir: source and build.
set -u
srcdir=${srcdir:-.} builddir=${builddir:-build}
PAGE=$srcdir/doc/metrics.md
BEGIN='<!-- From here on: mptcp-wan metrics --markdown -->'
SCHEMA=$srcdir/doc/mptcp-wan.schema.json
CLI=$builddir/cli/mptcp-wan
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

# ---- the page ----

case_the_page_is_what_the_table_says()
{
	needs_cli || return
	sed "1,/^$BEGIN\$/d" "$PAGE" >"$temp/doc"
	"$CLI" metrics --markdown >"$temp/table" && [ -s "$temp/table" ] && diff -u "$temp/doc" "$temp/table"
}

case_its_objects_are_those_of_the_mib()
{
	needs_cli && needs_jq || return
	"$CLI" metrics --json >"$temp/metrics.json" || return
	jq -r '.tables[].metrics[] | "\(.oid | sub("^1\\."; "")) \(.object) \(.unit // "-")"' \
		"$temp/metrics.json" | sort >"$temp/told"
	"$builddir/tests/metrics_table" | awk -F '\t' '$4 != "index" { print $1, $2, $5 }' | sort >"$temp/objects"
	[ -s "$temp/told" ] && diff -u "$temp/objects" "$temp/told" &&
		grep -qF "\`$(jq -r .root "$temp/metrics.json")\`" "$PAGE"
}

# Two ways to collectd's names: a walk over the table, and a snapshot in which all is known.
case_its_names_are_those_that_collectd_is_told()
{
	grep -o '`[A-Za-z]*/[a-z_-]*`' "$PAGE" | tr -d '`' | sort -u >"$temp/page"
	"$builddir/tests/collectd_tables" values | cut -f 1 | sort >"$temp/table"
	told 1 | sed 's!^wan1/!WAN/!' | sort >"$temp/told"
	[ -s "$temp/told" ] && diff -u "$temp/table" "$temp/told" && diff -u "$temp/page" "$temp/told"
}

case_the_series_of_a_router_are_the_sources_that_are_told()
{
	local wans most

	for wans in 1 2 4 6 8; do
		most=$(told "$wans" | awk '{ n += /if_octets/ ? 2 : 1 } END { print n }')
		grep -qx "| $wans | $most | ${most}00 |" "$srcdir/doc/collectd.md" || {
			echo "$wans WANs have $most series"
			return 1
		}
	done
}

# ---- the schema ----

case_the_schema_of_status_is_what_the_table_says()
{
	status_part "$SCHEMA" >"$temp/doc"
	"$builddir/tests/status_schema" >"$temp/table" && diff -u "$temp/doc" "$temp/table"
}

case_what_is_recorded_is_valid()
{
	local scenario

	needs_jsonschema || return
	for scenario in "$srcdir"/tests/scenarios/*/; do
		replayed "$scenario" >"$temp/status.json" && valid status "$temp/status.json" || return 1
	done
}

case_the_reference_as_json_is_valid()
{
	needs_cli && needs_jsonschema || return
	"$CLI" metrics --json >"$temp/metrics.json" && valid metrics "$temp/metrics.json"
}

case_a_broken_document_is_refused()
{
	needs_jsonschema && needs_jq || return
	replayed "$srcdir/tests/scenarios/limit-and-cure" >"$temp/status.json" || return
	valid status "$temp/status.json" &&
		refused 'del(.wans[0].state)' "\$.wans\[0\]: 'state' is a required property" &&
		refused '.wans[0].state = "flying"' "\$.wans\[0\].state: 'flying' is not one of" &&
		refused '.host.subflows = "3"' "\$.host.subflows: '3' is not of type 'integer'" &&
		refused '.host.out_octets = -1' '$.host.out_octets: -1 is less than the minimum' &&
		refused '.wans[1].colour = "red"' "\$.wans\[1\]: .*'colour' was unexpected" &&
		refused '.endpoints[0].flags += ["subflows"]' "\$.endpoints\[0\].flags\[[0-9]\]: " &&
		refused 'del(.time)' "\$: 'time' is a required property"
}

# ---- what they use ----

# Ends a case: it cannot run, for the reason that was printed.
cannot()
{
	echo "$1"
	return 77
}

needs_cli()
{
	[ -x "$CLI" ] || cannot "the command line was not built"
}

needs_jq()
{
	command -v jq >/dev/null || cannot "jq is not installed"
}

needs_jsonschema()
{
	python3 -c 'import jsonschema' 2>/dev/null || cannot "python3-jsonschema is not installed"
}

# The names that a collectd of so many WANs is told, which know all that may be known.
told()
{
	"$builddir/tests/nms/fleet" 0 "$1" 0
}

# A scenario's last snapshot as JSON: what follows its story.
replayed()
{
	gzip -dc "$1/capture.gz" >"$temp/capture" || return
	# shellcheck disable=SC2046 # words
	"$builddir/tests/replay" "$temp/capture" $(cat "$1/settings") | sed -n '/^{/,$p'
}

# valid LISTING FILE
valid()
{
	python3 "$srcdir/tests/json_valid.py" "$SCHEMA" "$1" "$2"
}

# refused CHANGE COMPLAINT: changed so, $temp/status.json is not valid, and this is said of it.
refused()
{
	jq "$1" "$temp/status.json" >"$temp/broken.json" || return
	if valid status "$temp/broken.json" 2>"$temp/why"; then
		echo "valid all the same: $1"
		return 1
	fi
	grep -q -e "$2" "$temp/why" && return
	echo "$1 is refused for something else:"
	cat "$temp/why"
	return 1
}

# The lines of the schema on the agent's status, which begin and end at one depth.
status_part()
{
	sed -n '/^    "status": {$/,/^    }/p' "$1" | sed '$s/,$//'
}

accept()
{
	sed "/^$BEGIN\$/q" "$PAGE" >"$temp/page" && "$CLI" metrics --markdown >>"$temp/page" &&
		"$builddir/tests/status_schema" >"$temp/status" &&
		awk -v part="$temp/status" '
			/^    "status": \{$/ { inside = 1 }
			!inside { print; next }
			/^    \}/ {
				inside = 0
				for (getline line < part; (getline next_line < part) > 0; line = next_line)
					print line
				print line (/,$/ ? "," : "")
			}' "$SCHEMA" >"$temp/schema" &&
		cat "$temp/page" >"$PAGE" && cat "$temp/schema" >"$SCHEMA"
}

[ "${1:-}" != --accept ] || {
	accept
	exit
}
# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
