# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2034	# what lab.sh uses
#
# Runs the case_ functions of a test script, each in a subshell with a laboratory of its own, two at
# a time, and tells in TAP, in the order of the file. Source after lab.sh; then, as the last line:
# run_cases. LAB_JOBS is how many at a time; a script whose cases measure time sets it to 1 before.
# For work on a case: LAB_ONLY=idle runs those whose names fit. CASES_AFTER is a command for the end,
# however it comes: of what a script has started for all of its cases.

: "${builddir:=build}" "${LAB_BIN:=$builddir/tests/lab}" "${LAB_JOBS:=2}" "${LAB_ONLY:=}" "${CASES_AFTER:=:}"

# A subshell, so that a failed command ends its case and no more; set -e does not reach into
# functions that are part of a condition. What it says waits in a file for its turn.
case_start()
{
	local number=$1 start

	start=$(lab_clock)
	(
		LAB_ROUTER=mw$$-$number-router
		LAB_VPS=mw$$-$number-vps
		set -e
		lab_trap
		"$2"
		lab_say "$((($(lab_clock) - start + 50) / 100)) s"
	) >"$CASES_DIR/$number.said" 2>&1 &
	echo $! >"$CASES_DIR/$number.pid"
}

case_runs()
{
	local pid

	read -r pid <"$CASES_DIR/$1.pid"
	grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status"
}

cases_running()
{
	local k count=0

	for k in $(seq $((told + 1)) "$number"); do
		! case_runs "$k" || count=$((count + 1))
	done
	echo "$count"
}

# Waits until so many at most are running, and tells of those that have ended, up to the first that
# has not.
cases_wait()
{
	while :; do
		while [ "$told" -lt "$number" ] && ! case_runs $((told + 1)); do
			case_tell $((told + 1))
		done
		[ "$(cases_running)" -gt "$1" ] || return 0
		sleep 0.2
	done
}

case_tell()
{
	local pid status=0 word=ok

	read -r pid <"$CASES_DIR/$1.pid"
	wait "$pid" || status=$?
	[ "$status" = 0 ] || word="not ok" failed=$((failed + 1))
	word="$word $1 - $(echo "$case_names" | sed -n "$1{s/^case_//; y/_/ /; p}")"
	{ echo "# $word"; cat "$CASES_DIR/$1.said"; } >&2
	echo "$word"
	# Of one that failed its own last words: the last on stderr are those of another.
	[ "$status" = 0 ] || tail -n 40 "$CASES_DIR/$1.said" | sed 's/^# //; s/^/# /'
	told=$1
}

# An interrupted script ends its cases first. A subshell heeds the signal only when what it waits
# for in the foreground has ended, so that is ended, too.
cases_ended()
{
	local k pid

	trap "" HUP INT TERM
	for k in $(seq $((told + 1)) "$number"); do
		read -r pid <"$CASES_DIR/$k.pid"
		LAB_ROUTER=mw$$-$k-router LAB_VPS=mw$$-$k-vps LAB_DIR=
		# shellcheck disable=SC2046 # a list
		! case_runs "$k" || kill -TERM "$pid" $(lab_pids) 2>/dev/null || :
		wait "$pid" || :
	done
	rm -rf "$CASES_DIR"
	"$CASES_AFTER"
	exit "$1"
}

run_cases()
{
	local reason name

	if ! reason=$(lab_possible); then
		echo "1..0 # SKIP $reason"
		exit 0
	fi
	number=0 told=0 failed=0
	case_names=$(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0" | grep -e "$LAB_ONLY")
	CASES_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-cases.XXXXXX") || lab_fail "no temporary directory"
	trap 'cases_ended "$?"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	for name in $case_names; do
		cases_wait $((LAB_JOBS - 1))
		case_start $((number + 1)) "$name"
		number=$((number + 1))
	done
	cases_wait 0
	echo "1..$number"
	[ "$failed" = 0 ]
}
