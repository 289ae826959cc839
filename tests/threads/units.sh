#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# The unit tests that have threads, under the thread sanitizer; first a race is planted, that it is
# awake. TAP. srcdir: source; build-tsan in it, where they were built.

set -u
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) || exit 1
# shellcheck source=tests/threads/tsan.sh
. "$srcdir/tests/threads/tsan.sh"
UNITS="test_collector test_collectd_watch test_hook test_notify"

tell()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		{ grep -A 5 '^not ok' "$tmp/out"; tail -n 5 "$tmp/err"; cat "$tmp"/report.*; } 2>/dev/null |
			sed 's/^# //; s/^/# /'
	fi
}

planted()
{
	${CC:-cc} -g -fsanitize=thread "$srcdir/tests/threads/planted.c" -o "$tmp/planted" -lpthread >"$tmp/out" 2>&1 ||
		return
	"$tmp/planted" >"$tmp/out" 2>"$tmp/err"
	cat "$tmp"/report.* >"$tmp/found" 2>/dev/null
	rm -f "$tmp"/report.*
	grep -q 'WARNING: ThreadSanitizer: data race' "$tmp/found" && grep -q ' count .*planted\.c' "$tmp/found"
}

unit()
{
	"$TSAN_BUILD/tests/$1" >"$tmp/out" 2>"$tmp/err" && ! grep -q '^not ok' "$tmp/out" && tsan_reports_none >/dev/null
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
tsan_begin "$tmp"
number=0
planted
tell $? "a planted race is found"
for name in $UNITS; do
	rm -f "$tmp"/report.*
	unit "$name"
	tell $? "$name: $(grep -c '^ok' "$tmp/out") tests, nothing reported"
done
echo "1..$number"
