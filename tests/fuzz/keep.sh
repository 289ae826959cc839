#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2046,SC2012	# names are libFuzzer's: words
#
# keep.sh DIR [TARGET...]: the smallest set of inputs, out of those kept and those in DIR/TARGET,
# that reaches all that they reach, becomes tests/fuzz/corpus/TARGET.tar.xz. Same inputs, same bits.

set -eu
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/fuzz/fuzz.sh
. "$srcdir/tests/fuzz/fuzz.sh"
[ $# -gt 0 ] || { sed -n '5,6s/^# //p' "$0" >&2; exit 2; }
new=$1
shift
fuzz_build "$srcdir/build-fuzz"
[ $# -gt 0 ] || set -- $(fuzz_targets)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$FUZZ_HOME/corpus" "$tmp/kept"
for target; do
	mkdir -p "$tmp/kept/$target" "$new/$target" "$tmp/$target"
	fuzz_inputs "$target" "$tmp/kept"
	fuzz_run "$target" "$tmp" -merge=1 "$tmp/kept/$target" "$new/$target" || {
		tail "$tmp/$target.log" >&2
		exit 1
	}
	tar -C "$tmp/$target" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 \
		--format=ustar --no-recursion -cf - $(ls "$tmp/$target") | xz -9e -T1 >"$tmp/packed"
	mv "$tmp/packed" "$FUZZ_HOME/corpus/$target.tar.xz"
	echo "$target: $(ls "$tmp/$target" | wc -l) inputs, $(wc -c <"$FUZZ_HOME/corpus/$target.tar.xz") octets"
done
