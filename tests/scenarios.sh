#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Replays what was recorded in the lab: each folder in scenarios/ holds a capture, the settings it
# was polled with, and what must come of it, byte for byte. TAP.
#	scenarios.sh --accept	writes what comes of it now as what must; read the diff
srcdir=${srcdir:-.} builddir=${builddir:-build}
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

# The version changes with each release, and says nothing.
replayed()
{
	gzip -dc "$1/capture.gz" >"$temp/capture" &&
		# shellcheck disable=SC2046 # words
		"$builddir/tests/replay" "$temp/capture" $(cat "$1/settings") |
		grep -v '"version":'
}

number=0
failed=0
for scenario in "$srcdir"/tests/scenarios/*/; do
	scenario=${scenario%/}
	number=$((number + 1))
	replayed "$scenario" >"$temp/got"
	[ "${1:-}" != --accept ] || cp "$temp/got" "$scenario/expected"
	if diff -u "$scenario/expected" "$temp/got" >"$temp/diff"; then
		echo "ok $number - ${scenario##*/}"
	else
		echo "not ok $number - ${scenario##*/}"
		sed 's/^/# /' "$temp/diff" | head -n 40
		failed=$((failed + 1))
	fi
done
echo "1..$number"
[ "$failed" = 0 ] && [ "$number" -gt 0 ]
