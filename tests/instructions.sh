#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# How many instructions does a poll take for each live subflow, and a subflow that begins and ends?
# Counted by callgrind, so the answer is the same on a busy machine; who makes it more than a tenth
# worse is told here. The work is that of tests/bench/instructions.c; what a run costs in any case
# is taken off, by a second run with less work. TAP.
# builddir: where configure was run, by gcc 12 (Debian 12) with -O2 on x86_64: the bounds are of
# that. Another compiler counts otherwise, and is told so.

set -u
: "${builddir:=build}"
WORK=$builddir/tests/bench/instructions

# what	instructions at most: those of the day it was written, and a tenth more
POLL_MOST=2006	# 1824, 55 of which are the source that is polled
LIFE_MOST=2495	# 2268

SUBFLOWS=10002
LIVES=10000

temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

# The bounds say nothing of another build.
other_build()
{
	command -v valgrind >/dev/null || { echo "valgrind is not installed"; return 0; }
	[ "$(uname -m)" = x86_64 ] || { echo "the bounds are those of x86_64"; return 0; }
	[ "$(sed -n 's/^CC = //p' "$builddir/Makefile") $(gcc -dumpversion)" = "gcc 12" ] ||
		{ echo "the bounds are those of gcc 12"; return 0; }
	[ "$(sed -n 's/^CFLAGS = //p' "$builddir/Makefile")" = "-g -O2" ] ||
		{ echo "the bounds are those of CFLAGS='-g -O2'"; return 0; }
	! grep -q '^MW_CFLAGS = .*-fsanitize' "$builddir/Makefile" || { echo "the bounds are without sanitizers"; return 0; }
	return 1
}

# instructions POLLS LIVES
instructions()
{
	timeout 120 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$WORK" \
		$SUBFLOWS "$1" "$2" 2>"$temp/valgrind" || {
		sed 's/^/# /' "$temp/valgrind" >&2
		return 1
	}
	sed -n 's/.*Collected : //p' "$temp/valgrind"
}

# at_most NUMBER WHAT MORE LESS TIMES BOUND
at_most()
{
	local each

	each=$(awk -v more="$3" -v less="$4" -v times="$5" 'BEGIN { printf "%.0f", (more - less) / times }')
	if [ -n "$3" ] && [ -n "$4" ] && [ "$each" -gt 0 ] && [ "$each" -le "$6" ]; then
		echo "ok $1 - $2: $each instructions, at most $6"
	else
		echo "not ok $1 - $2: $each instructions, at most $6"
	fi
}

if reason=$(other_build); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
base=$(instructions 2 0)
polls=$(instructions 6 0)
lives=$(instructions 2 $LIVES)
at_most 1 "a poll, for each live subflow" "$polls" "$base" $((4 * SUBFLOWS)) $POLL_MOST
at_most 2 "a subflow that begins and ends" "$lives" "$base" $LIVES $LIFE_MOST
echo "1..2"
