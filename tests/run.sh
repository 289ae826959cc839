#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015,SC2046,SC2086	# lists of words; A && B || fail is meant so
#
# Runs tests and counts: tests/run.sh [GROUP...]; without a group, all but `long`. Each test speaks TAP
# on stdout. It fails, too, when it dies, runs too long, or does not run what its plan says. The last
# line is "N passed, N failed", with ", N skipped" if any. Logs are in $builddir/test-logs.
# builddir: where configure was run (build).

set -u

# group, budget in minutes, what
GROUPS_TABLE="
build		5	unit tests, scenarios and what is told of them, the layers of the source, manual pages, completion, how binaries are hardened, what a subflow costs
mib		2	the MIB against the code, and what is shipped against the MIB
lab		8	the agent on this kernel, in network namespaces: accounting, lines, bad input
alarms		8	the same: each cause and its alarm, and silence that is no fault
nms		15	what the agent tells to other people's programs
static		10	the command line as one file, for x86_64 and aarch64
faults		8	what the agent does when the machine misbehaves
sanitizers	4	unit tests once more, the plugin in collectd, and fuzzing, under address and undefined behaviour sanitizers
threads		4	what has threads, under the thread sanitizer: unit tests, the agent, the plugin in collectd
soak		5	three minutes of churn, walks and an snmpd that begins anew: does the agent grow?
long		120	benchmarks and long runs
"
THREADED="agent/mptcp-wan-agent mptcp.la tests/test_collector tests/test_collectd_watch tests/test_hook tests/test_notify"
ALARMS='/causes_[a-z]*\.sh$\|/quiet\.sh$\|/reload\.sh$'	# of the lab's scripts

# ---- what belongs to a group ----

tests_of()
{
	case $1 in
	build)      programs "$builddir"
		    for script in completion golden hardening instructions layers man reference scenarios; do
			echo "$srcdir/tests/$script.sh"
		    done ;;
	mib)        echo "$srcdir/tests/mib.sh"; echo "$srcdir/tests/artefacts.sh" ;;
	sanitizers) scripts sanitizers | sort -r; programs "$asandir" ;;	# fuzzing takes longest
	long)       scripts bench; scripts long ;;
	lab)        scripts lab | grep -v "$ALARMS" ;;
	alarms)     scripts lab | grep "$ALARMS" ;;
	*)          scripts "$1" ;;
	esac
}

programs()
{
	find "$1/tests" -name 'test_*' -type f -perm -u+x ! -path '*/.libs/*' ! -name '*.sh' | sort
}

# A library of functions has no #! line. One with it and without permission fails, not hides.
scripts()
{
	local script

	for script in "$srcdir/tests/$1"/*.sh; do
		! head -n 1 "$script" 2>/dev/null | grep -q '^#!' || echo "$script"
	done
}

# How many of a group at a time: more where nothing is measured, and what is waited for are other cores.
jobs_of()
{
	case $1 in
	sanitizers) echo 3 ;;
	*)          echo 1 ;;
	esac
}

budget_of()
{
	echo "$GROUPS_TABLE" | awk -v group="$1" '$1 == group { print $2 }'
}

# ---- building what they need ----

# Sanitizers see no less in what is optimized less, and it is built in two thirds of the time; but gcc then
# warns of more than there is.
prepare()
{
	local built

	case $1 in
	sanitizers)
		# If it does not build, fuzz.sh says so.
		(. "$srcdir/tests/fuzz/fuzz.sh" && fuzz_possible && fuzz_build "$srcdir/build-fuzz") &
		mkdir -p "$asandir" &&
		{ [ -e "$asandir/Makefile" ] ||
			env -C "$asandir" ../configure --enable-sanitizers CFLAGS='-g -O1'; } &&
		make -C "$asandir" -j"$(nproc)" check TESTS= && built=0 || built=1
		wait
		return $built ;;
	threads)
		make -C "$builddir" -j"$(nproc)" check TESTS= &&
		mkdir -p "$tsandir" &&
		{ [ -e "$tsandir/Makefile" ] ||
			env -C "$tsandir" ../configure --enable-werror --enable-sanitizers=thread; } &&
		make -C "$tsandir" -j"$(nproc)" $THREADED ;;
	*)
		make -C "$builddir" -j"$(nproc)" check TESTS= ;;
	esac
}

# ---- running ----

run_group()
{
	local group=$1 budget start

	budget=$(budget_of "$group")
	start=$(clock)
	echo "== $group"
	if prepare "$group" >"$logs/$group.build.log" 2>&1 </dev/null; then
		run_tests "$group" "$budget" $(tests_of "$group")
	else
		failed=$((failed + 1))
		echo "   FAIL  does not build; the end of $logs/$group.build.log:"
		tail -n 30 "$logs/$group.build.log" | sed 's/^/         /'
	fi
	start=$(($(clock) - start))
	echo "   $((start / 6000)) min $((start / 100 % 60)) s of $budget min$(
		[ $start -le $((budget * 6000)) ] || echo ": OVER ITS BUDGET")"
}

# run_tests GROUP MINUTES TEST...: as many at a time as the group may, told in this order.
run_tests()
{
	local group=$1 minutes=$2 lane test

	shift 2
	[ $# -gt 0 ] || { failed=$((failed + 1)); echo "   FAIL  there are no tests"; }
	lanes=
	[ "$(jobs_of "$group")" = 1 ] || {
		rm -rf "$logs/$group.begun"
		mkdir "$logs/$group.begun"
		for test; do
			rm -f "$logs/$group.$(basename "$test" .sh).ended"
		done
		for lane in $(seq "$(jobs_of "$group")"); do
			run_lane "$group" "$minutes" "$@" &
			lanes="$lanes $!"
		done
	}
	for test; do
		[ -n "$lanes" ] || run_test "$group" "$test" "$minutes"
		until [ -e "$logs/$group.$(basename "$test" .sh).ended" ]; do
			sleep 0.1
		done
		tell_test "$group" "$test" "$minutes"
	done
	[ -z "$lanes" ] || wait $lanes
	lanes=
}

# Whichever nobody has begun.
run_lane()
{
	local group=$1 minutes=$2 test

	shift 2
	for test; do
		! mkdir "$logs/$group.begun/$(basename "$test" .sh)" 2>/dev/null ||
			run_test "$group" "$test" "$minutes"
	done
}

# Who is interrupted ends the lanes, and what they run at the moment.
lanes_ended()
{
	local lane

	for lane in $lanes; do
		kill -TERM "$lane" $(cat "/proc/$lane/task/$lane/children") 2>/dev/null || :
	done
}

# In the foreground, so that Ctrl-C reaches it, unless it is a lane's; a test gets as long as its group.
# Leaves its status and hundredths of a second.
run_test()
{
	local group=$1 test=$2 minutes=$3 log start status=0 through=''

	[ "$group" != threads ] || through=$(near)
	log=$logs/$group.$(basename "$test" .sh)
	start=$(clock)
	timeout --foreground -k 20 "${minutes}m" $through "$test" </dev/null >"$log.tap" 2>"$log.err" || status=$?
	echo "$status $(($(clock) - start))" >"$log.ending"
	mv "$log.ending" "$log.ended"
}

tell_test()
{
	local group=$1 test=$2 minutes=$3 name log status=1 took=0 p f s

	name=$(basename "$test" .sh)
	log=$logs/$group.$name
	read -r status took <"$log.ended"
	judge "$log.tap" "$status" "$minutes" >"$log.result"
	read -r p f s <"$log.result"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	sed -n "s/^skip /$group $name: /p" "$log.result" >>"$logs/skips"
	printf '   %-5s %-34s %4d passed%s %6d.%d s\n' "$([ "$f" = 0 ] && echo ok || echo FAIL)" "$name" "$p" \
		"$([ "$f" = 0 ] || echo ", $f failed")$([ "$s" = 0 ] || echo ", $s skipped")" \
		$((took / 100)) $((took / 10 % 10))
	[ "$f" != 0 ] || return 0
	sed -n 's/^fail /         /p' "$log.result"
	tail -n 20 "$log.err" | sed 's/^/         | /'
	echo "         all of it: $log.tap, $log.err"
}

# Where addresses are chosen so far apart that the thread sanitizer has no room: the command that keeps them near.
near()
{
	[ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -le 28 ] || echo "setarch -R"
}

# Reads TAP: a line "passed failed skipped", then the reasons.
judge()
{
	awk -v status="$2" -v minutes="$3" '
		function wrong(text) { failed++; reasons = reasons "fail " text "\n" }
		function skip(text) { skipped++; reasons = reasons "skip " text "\n" }
		function reason(text) { sub(/.*# *[Ss][Kk][Ii][Pp][^ ]* */, "", text); return text }
		/^1\.\.[0-9]+/ {
			plans++
			planned = substr($1, 4) + 0
			if (!planned)
				skip(reason($0))
			next
		}
		/^Bail out!/ { wrong($0); next }
		/^not ok/ { ran++; wrong($0); about = 1; next }
		/^ok/ {
			ran++
			about = 0
			if ($0 ~ /# *[Ss][Kk][Ii][Pp]/) {
				title = $0
				sub(/^ok *[0-9]* *-? */, "", title)
				sub(/ *#.*/, "", title)
				skip(title ": " reason($0))
			} else
				passed++
			next
		}
		/^#/ && about { reasons = reasons "fail   " $0 "\n" }
		END {
			if (status == 124 || status == 137)
				wrong("did not end within " minutes " minutes")
			else if (status && !failed)
				wrong("ended with status " status)
			if (plans != 1)
				wrong(plans ? "has more than one plan" : "printed no plan")
			else if (planned != ran)
				wrong("planned " planned " tests and ran " ran + 0)
			printf("%d %d %d\n%s", passed, failed, skipped, reasons)
		}' "$1"
}

# Hundredths of a second since boot.
clock()
{
	local uptime

	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}

srcdir=$(cd "$(dirname "$0")/.." && pwd) || exit 2
: "${builddir:=$srcdir/build}"
[ -e "$builddir/Makefile" ] && builddir=$(cd "$builddir" && pwd) || {
	echo "run.sh: configure was not run in $builddir: try ./quickstart test" >&2
	exit 2
}
asandir=$srcdir/build-asan tsandir=$srcdir/build-tsan
LAB_BIN=$builddir/tests/lab
LC_ALL=C
ASAN_OPTIONS=detect_leaks=1
UBSAN_OPTIONS=print_stacktrace=1
export srcdir builddir LAB_BIN LC_ALL ASAN_OPTIONS UBSAN_OPTIONS
logs=$builddir/test-logs
mkdir -p "$logs" || exit 2
: >"$logs/skips"
passed=0 failed=0 skipped=0

[ $# -gt 0 ] || set -- $(echo "$GROUPS_TABLE" | awk '$1 != "" && $1 != "long" { print $1 }')
for group; do
	[ -n "$(budget_of "$group")" ] || {
		echo "run.sh: no group '$group'; there are:$GROUPS_TABLE" >&2
		exit 2
	}
done
lanes=
trap 'lanes_ended; exit 130' INT
trap 'lanes_ended; exit 143' TERM
for group; do
	run_group "$group"
done
[ ! -s "$logs/skips" ] || {
	echo "== skipped"
	sed 's/^/   /' "$logs/skips"
}
echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ] && [ $passed -gt 0 ]
