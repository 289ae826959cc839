#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What the command line tells of each scenario: replay, doctor and check, on 80 and 200 columns, with
# and without colours, at the moments that its file `moments` names (seconds after the first poll)
# and at its end, byte for byte as in its files `told` and `told-in-colour`. TAP.
#	golden.sh --accept	writes what is told now as what must be; read the diff
#
# replay is the program itself. doctor and check take no capture: tests/told shows theirs, made by
# the same functions of what the same polls have seen. What doctor tells as JSON is held against the
# schema.
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

# tell replay|doctor|check COLUMNS WHEN: at $moment, with colours or without; then how it ended
tell()
{
	local status=0 at_ms=1000000000

	printf '$ COLUMNS=%s mptcp-wan %s --color=%s\n' "$2" "$1" "$3"
	[ "$moment" = end ] || at_ms=${moment}000
	case $1 in
	replay) set -- "$2" "$CLI" replay --color="$3" --at "${at_ms}ms" "$temp/dir" ;;
	*)      set -- "$2" "$TOLD" "$1" "$temp/dir" "$at_ms" "$3" ;;
	esac
	COLUMNS=$1
	export COLUMNS
	shift
	"$@" 2>&1 || status=$?
	printf '[%s]\n\n' "$status"
}

# told WHEN
told()
{
	for moment in $moments; do
		printf '==== %s\n\n' "$moment"
		for columns in 80 200; do
			tell replay $columns "$1"
			tell doctor $columns "$1"
		done
		# Neither width nor colours matter to it.
		[ "$1" = always ] || tell check 80 never
	done
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
	[ "$moment" = end ] || set -- "${moment}000"
	"$TOLD" doctor-json "$temp/dir" "${1:-1000000000}" never >"$temp/json" &&
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
echo "1..$number"
[ "$failed" = 0 ] && [ "$number" -gt 0 ]
