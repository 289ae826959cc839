#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What the command line tells of each scenario: replay, with and without --doctor, on 40, 80 and 200
# columns, and check, with and without colours, at the moments that its file `moments` names (seconds
# after the first poll) and at its end, byte for byte as in its files `told` and `told-in-colour`.
# Nothing is wider than it may be. TAP.
#	golden.sh --accept	writes what is told now as what must be; read the diff
#
# check takes no capture: tests/told shows what it tells, made by the same functions of what the same
# polls have seen. What doctor tells as JSON is held against the schema.
set -u
srcdir=${srcdir:-.} builddir=${builddir:-build}
CLI=$builddir/cli/mptcp-wan
TOLD=$builddir/tests/told
unset NO_COLOR
LC_ALL=C.UTF-8
export LC_ALL
[ -x "$CLI" ] || {
	echo "1..0 # SKIP the command line was not built"
	exit 0
}
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

# The scenario's capture as `mptcp-wan record` would have left it.
unpack()
{
	rm -rf "$temp/dir"
	mkdir "$temp/dir" && gzip -dc "$1/capture.gz" >"$temp/dir/capture" &&
		tr -s ' ' '\n' <"$1/settings" | sed '/./!d; s/=/ = /' >"$temp/dir/settings.conf"
}

# tell COLUMNS WHEN COMMAND...: with colours or without; then how it ended
tell()
{
	local columns=$1 when=$2 status=0

	shift 2
	printf '$ COLUMNS=%s mptcp-wan %s --color=%s\n' "$columns" "$*" "$when"
	case $1 in
	check)   set -- "$TOLD" "$temp/dir" "$at_ms" ;;
	*)       set -- "$CLI" "$@" --color="$when" --at "${at_ms}ms" "$temp/dir" ;;
	esac
	COLUMNS=$columns "$@" 2>&1 || status=$?
	printf '[%s]\n\n' "$status"
}

# told WHEN
told()
{
	for moment in $moments; do
		at_ms=1000000000
		[ "$moment" = end ] || at_ms=${moment}000
		printf '==== %s\n\n' "$moment"
		for columns in 40 80 200; do
			tell $columns "$1" replay
			tell $columns "$1" replay --doctor
		done
		# Neither width nor colours matter to it.
		[ "$1" = always ] || tell 80 never check
	done
}

# What is wider than the `$ COLUMNS=` before it says, but for a single word.
too_wide()
{
	sed 's/\xe2\x80\xa6/~/g' "$1" | awk '
		/^\$ COLUMNS=/ { split($2, is, "="); most = /mptcp-wan check/ ? 0 : is[2]; next }
		most && length > most && /[^ ] +[^ ]/ { print most ": " $0 }'
}

number=0
failed=0
# result TITLE FILE: ok, if nothing is in it
result()
{
	number=$((number + 1))
	if [ -s "$2" ]; then
		echo "not ok $number - $1"
		sed 's/^/# /' "$2" | head -n 40
		failed=$((failed + 1))
	else
		echo "ok $number - $1"
	fi
}

# is_as_accepted TITLE FILE: $temp/got
is_as_accepted()
{
	[ "$accept" = no ] || cp "$temp/got" "$2"
	diff -u "$2" "$temp/got" >"$temp/diff" 2>&1
	result "$1" "$temp/diff"
}

# What doctor tells as JSON at $moment; a word if it is not.
is_valid()
{
	[ "$moment" = end ] || set -- --at "${moment}s"
	"$CLI" replay --doctor --json "$@" "$temp/dir" >"$temp/json"
	python3 "$srcdir/tests/json_valid.py" "$srcdir/doc/mptcp-wan.schema.json" doctor \
		"$temp/json" || echo "at $moment"
}

accept=no
[ "${1:-}" != --accept ] || accept=yes
for scenario in "$srcdir"/tests/scenarios/*/; do
	scenario=${scenario%/}
	name=${scenario##*/}
	unpack "$scenario" || exit 1
	moments="$(cat "$scenario/moments") end"
	told never >"$temp/got"
	is_as_accepted "$name" "$scenario/told"
	too_wide "$scenario/told" >"$temp/why"
	result "$name, no wider than the screen" "$temp/why"
	told always >"$temp/got"
	is_as_accepted "$name, in colour" "$scenario/told-in-colour"
	if python3 -c 'import jsonschema' 2>/dev/null; then
		for moment in $moments; do is_valid; done >"$temp/why" 2>&1
		result "$name, as JSON" "$temp/why"
	else
		number=$((number + 1))
		echo "ok $number - $name, as JSON # SKIP python3-jsonschema is not installed"
	fi
done
{
	echo '$ COLUMNS=40 mptcp-wan metrics'
	COLUMNS=40 "$CLI" metrics
} >"$temp/got"
too_wide "$temp/got" >"$temp/why"
result 'metrics, no wider than the screen' "$temp/why"
echo "1..$number"
[ "$failed" = 0 ] && [ "$number" -gt 0 ]
