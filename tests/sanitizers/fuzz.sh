#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Every target of tests/fuzz for a few seconds, from the kept corpus: nothing crashes, leaks, holds
# on for half a minute at one input, or says what must not be. TAP. FUZZ_SECONDS: each; srcdir: source.
# Built in build-fuzz. See doc/fuzzing.md.

set -u
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) || exit 1
# shellcheck source=tests/fuzz/fuzz.sh
. "$srcdir/tests/fuzz/fuzz.sh"
if ! reason=$(fuzz_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
dir=$srcdir/build-fuzz
fuzz_build "$dir" || { echo "Bail out! build-fuzz does not build"; exit 1; }
rm -rf "$dir/short"
mkdir "$dir/short" || exit 1
fuzz_all "$dir/short" -max_total_time="${FUZZ_SECONDS:-10}"
fuzz_tell "$dir/short"
