#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Every target of tests/fuzz for ten million runs, or as many as it does in FUZZ_SECONDS (300; 0: no
# limit). Then, what the kept inputs reach: 90 of 100 lines of each file that reads what others wrote. TAP.
# srcdir: source. What was found stays in build-fuzz/long: tests/fuzz/keep.sh keeps it. doc/fuzzing.md

set -u
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) || exit 1
# shellcheck source=tests/fuzz/fuzz.sh
. "$srcdir/tests/fuzz/fuzz.sh"
RUNS=10000000
LINES_REACHED=90
COVERAGE_FLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping'
FILES="agent/mib.c cli/status_read.c lib/address.c lib/alarm_store.c lib/anonymize.c
	lib/anonymize_datagram.c lib/config.c lib/netlink.c lib/parse_diag.c lib/parse_life.c
	lib/parse_link.c lib/parse_pm.c lib/parse_proc.c lib/registry.c lib/settings.c
	lib/settings_wan.c lib/source_replay.c lib/utf8.c lib/value.c"

# One line a file, "FILE LINES REACHED", of the inputs that are kept.
reach()
{
	local target file

	rm -rf "$coverage/inputs"
	mkdir "$coverage/inputs"
	for target in $(fuzz_targets); do
		fuzz_inputs "$target" "$coverage/inputs" || return
		LLVM_PROFILE_FILE=$coverage/inputs/$target.profraw fuzz_run "$target" "$coverage/inputs" \
			-runs=0 || return
	done
	llvm-profdata merge -o "$coverage/profile" "$coverage"/inputs/*.profraw || return
	for file in $FILES; do
		echo "$srcdir/$file"
	done | xargs llvm-cov export -summary-only -instr-profile="$coverage/profile" "$FUZZ_BIN" |
		jq -r --arg top "$srcdir/" '.data[0].files[] |
			[(.filename | sub(".*/build-[a-z]*/\\.\\./|" + $top; "")),
			 .summary.lines.count, .summary.lines.covered] | @tsv'
}

tell_reach()
{
	number=$1
	for file in $FILES; do
		number=$((number + 1))
		awk -v number=$number -v file="$file" -v least=$LINES_REACHED '
			$1 == file { lines = $2; reached = $3 }
			END {
				good = lines && reached * 100 >= lines * least
				printf("%s %d - %s: %d of %d lines reached (%.1f %%)\n", good ? "ok" : "not ok", number,
					file, reached, lines, lines ? reached * 100 / lines : 0)
			}' "$coverage/reached"
	done
	echo "1..$number"
}

if ! reason=$(fuzz_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
dir=$srcdir/build-fuzz coverage=$srcdir/build-coverage
fuzz_build "$dir" || { echo "Bail out! build-fuzz does not build"; exit 1; }
mkdir -p "$dir/long" || exit 1
rm -f "$dir/long"/*.ended "$dir/long"/*.began
fuzz_all "$dir/long" -runs=$RUNS -max_total_time="${FUZZ_SECONDS:-300}"
fuzz_tell "$dir/long" | sed '/^1\.\./d'
fuzz_build "$coverage" "$COVERAGE_FLAGS" || { echo "Bail out! build-coverage does not build"; exit 1; }
reach >"$coverage/reached" || echo "# coverage could not be measured" >&2
tell_reach "$(fuzz_targets | wc -l)"
