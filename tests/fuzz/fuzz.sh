# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2154	# srcdir is whose sources it
#
# To build and run the targets of tests/fuzz; for tests/sanitizers/fuzz.sh, tests/long/fuzz.sh and
# tests/fuzz/keep.sh. srcdir: the source; FUZZ_BIN: the program.

FUZZ_HOME=$srcdir/tests/fuzz
FUZZ_JOBS=2

fuzz_possible()
{
	command -v clang >/dev/null || { echo "clang is not installed"; return 1; }
}

# fuzz_build DIR [CFLAGS]: sets FUZZ_BIN. What is said goes to DIR/log, and its end to stderr if it fails.
fuzz_build()
{
	FUZZ_BIN=$1/tests/fuzz/fuzz
	mkdir -p "$1" || return
	{
		[ -e "$1/Makefile" ] ||
			env -C "$1" ../configure CC=clang ${2:+CFLAGS="$2"} --enable-werror --enable-fuzzing \
				--without-snmp --without-bpf --without-collectd
	} >"$1/log" 2>&1 && make -C "$1" -j"$(nproc)" tests/fuzz/fuzz >>"$1/log" 2>&1 && return
	tail -n 30 "$1/log" | sed 's/^/# /' >&2
	return 1
}

fuzz_targets()
{
	FUZZ='' LLVM_PROFILE_FILE=/dev/null "$FUZZ_BIN"	# built for coverage, it would leave a file
}

# fuzz_inputs TARGET DIR: what is kept for it, in DIR/TARGET: the corpus, and what once broke it.
fuzz_inputs()
{
	local scenario

	mkdir -p "$2/$1" || return
	[ ! -e "$FUZZ_HOME/corpus/$1.tar.xz" ] || tar -C "$2/$1" -xJf "$FUZZ_HOME/corpus/$1.tar.xz" || return
	[ ! -d "$FUZZ_HOME/crashes/$1" ] || cp "$FUZZ_HOME/crashes/$1"/* "$2/$1" || return
	[ "$1" = capture ] || return 0
	for scenario in "$srcdir"/tests/scenarios/*/; do
		gzip -dc "$scenario/capture.gz" >"$2/$1/$(basename "$scenario")" || return
	done
}

# fuzz_run TARGET DIR OPTION|DIR...: from the inputs in DIR/TARGET, to which new ones are added. What
# libFuzzer says is in DIR/TARGET.log, and what breaks the target in DIR/TARGET.broken-*.
# The time for one input is of the clock on the wall: long, for a machine that has other work, too.
fuzz_run()
{
	local target=$1 dir=$2

	shift 2
	FUZZ=$target ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 "$FUZZ_BIN" \
		-timeout=30 -max_len=65536 -print_final_stats=1 -artifact_prefix="$dir/$target.broken-" \
		"$dir/$target" "$@" >"$dir/$target.log" 2>&1
}

# fuzz_all DIR OPTION...: all targets, so many at a time; each leaves DIR/TARGET.ended, its status.
fuzz_all()
{
	local dir=$1 lane=0 pids=''

	shift
	while [ $lane -lt $FUZZ_JOBS ]; do
		fuzz_lane $lane "$dir" "$@" &
		pids="$pids $!"
		lane=$((lane + 1))
	done
	# shellcheck disable=SC2064,SC2086	# those of now; a list
	trap "kill $pids" HUP INT TERM
	# shellcheck disable=SC2086
	wait $pids
}

# Every second target, or third ...
fuzz_lane()
{
	local lane=$1 dir=$2 number=0 target status

	shift 2
	for target in $(fuzz_targets); do
		number=$((number + 1))
		[ $((number % FUZZ_JOBS)) = "$lane" ] || continue
		status=0
		fuzz_inputs "$target" "$dir" && find "$dir/$target" -type f | wc -l >"$dir/$target.began" &&
			fuzz_run "$target" "$dir" "$@" || status=$?
		echo $status >"$dir/$target.ended"
	done
}

# fuzz_tell DIR: a line of TAP for each target. One that began with nothing, or ran nothing, has failed.
fuzz_tell()
{
	local number=0 target began ended runs rate

	for target in $(fuzz_targets); do
		number=$((number + 1))
		began=$(cat "$1/$target.began")
		ended=$(cat "$1/$target.ended")
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1/$target.log")
		rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$1/$target.log")
		if [ "${ended:-1}" = 0 ] && [ "${began:-0}" -gt 0 ] && [ "${runs:-0}" -gt 0 ]; then
			echo "ok $number - $target: $runs runs, $rate/s, from $began inputs"
			continue
		fi
		echo "not ok $number - $target: ${runs:-0} runs from ${began:-0} inputs, ended with ${ended:-nothing}"
		grep -h 'does not hold\|ERROR: \|runtime error\|^Base64' "$1/$target.log" | sed 's/^/# /'
		echo "# all of it: $1/$target.log, $(find "$1" -name "$target.broken-*" | tr '\n' ' ')"
	done
	echo "1..$number"
}
