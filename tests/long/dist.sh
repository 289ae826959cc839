#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015	# A && B || fail is meant so
#
# The archive that is published: packed twice, by two people on two days in two folders, it has the
# same bits; and make distcheck unpacks, builds, tests, installs and removes it. TAP. srcdir: source,
# a git repository: what it does not track is not packed.

set -u
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp"
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# copy FOLDER TIME UMASK: the source, as a clone of that day.
copy()
{
	mkdir -p "$tmp/$1" && (
		umask "$3"
		git -C "$srcdir" archive HEAD | tar -C "$tmp/$1" -xf - --no-same-permissions &&
			find "$tmp/$1" -exec touch -h -d "$2" {} + &&
			cd "$tmp/$1" && autoreconf -fi && mkdir build && cd build &&
			../configure --without-snmp --without-bpf --without-collectd &&
			SOURCE_DATE_EPOCH=1700000000 make dist
	) >"$tmp/log" 2>&1 || { tail -n 20 "$tmp/log" | sed 's/^/# /'; return 1; }
}

if ! git -C "$srcdir" rev-parse --quiet --verify HEAD >/dev/null; then
	echo "1..0 # SKIP $srcdir is no git repository"
	exit 0
fi
echo 1..3
if copy one "2026-01-05 03:00" 022 && copy "another/of-a-longer-name" "2026-07-01 12:34:56.789" 077; then
	echo "ok 1 - it is packed, twice"
else
	echo "not ok 1 - it is packed, twice"
fi
sums=$(cat "$tmp"/one/build/*.tar.xz | sha256sum)
if cmp "$tmp"/one/build/*.tar.xz "$tmp"/another/*/build/*.tar.xz 2>"$tmp/differ"; then
	echo "ok 2 - to the same bits: ${sums%% *}"
else
	echo "not ok 2 - to the same bits"
	sed 's/^/# /' "$tmp/differ"
fi
if env -C "$tmp/one/build" make distcheck >"$tmp/log" 2>&1; then
	echo "ok 3 - make distcheck"
else
	echo "not ok 3 - make distcheck"
	grep '^FAIL\|^ERROR\|^not ok' "$tmp/log" | sed 's/^/# /'
	tail -n 30 "$tmp/log" | sed 's/^/# /'
fi
